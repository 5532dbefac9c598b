import numpy as np
import pytest

from services.dedup.index import DEPTH, SignatureIndex

BANDS, ROWS, PERMUTATIONS = 4, 2, 9


def signature(rng: np.random.Generator) -> np.typing.NDArray[np.uint32]:
    """Few different values, so that bands agree often."""
    return rng.integers(0, 4, PERMUTATIONS, dtype=np.uint32)


def agree(a: np.typing.NDArray[np.uint32], b: np.typing.NDArray[np.uint32]) -> bool:
    return any((a[at : at + ROWS] == b[at : at + ROWS]).all() for at in range(0, BANDS * ROWS, ROWS))


@pytest.mark.parametrize("seed", range(8))
def test_the_same_as_looking_at_all(seed: int) -> None:
    """Adding, discarding, dropping and places used again: candidates are those that a plain search finds."""
    rng = np.random.default_rng(seed)
    capacity = 30
    index = SignatureIndex(capacity, PERMUTATIONS, BANDS, ROWS)
    held: dict[int, np.typing.NDArray[np.uint32]] = {}
    first = 1
    for number in range(1, 400):
        if number - first >= capacity:
            first += int(rng.integers(1, 12))
            index.drop_before(first)
            held = {other: values for other, values in held.items() if other >= first}
        if rng.random() < 0.8:
            held[number] = signature(rng)
            index.add(number, held[number])
        if rng.random() < 0.5:
            gone = int(rng.integers(1, number + 5))
            held.pop(gone, None)
            index.discard(gone)
        asked = signature(rng)
        expected = [(n, float((s == asked).mean())) for n, s in sorted(held.items()) if agree(s, asked)]
        assert index.candidates(asked) == expected
        assert index.candidates(asked, 0.5) == [one for one in expected if one[1] >= 0.5]


def test_the_newest_of_a_bucket_are_looked_at() -> None:
    index = SignatureIndex(1000, PERMUTATIONS, BANDS, ROWS)
    same = np.zeros(PERMUTATIONS, np.uint32)
    for number in range(1, 201):
        index.add(number, same)
    assert [number for number, _ in index.candidates(same)] == list(range(201 - DEPTH, 201))
    for number in range(150, 201, 2):
        index.discard(number)
    rest = [number for number in range(1, 201) if number < 150 or number % 2]
    assert [number for number, _ in index.candidates(same)] == rest[-DEPTH:]
    rebuilt = SignatureIndex(1000, PERMUTATIONS, BANDS, ROWS)
    for number in rest:
        rebuilt.add(number, same)
    assert rebuilt.candidates(same) == index.candidates(same)
