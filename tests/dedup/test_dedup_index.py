import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dedup.index import ASKED, DEPTH, SketchIndex
from services.dedup.settings import DedupSettings
from services.kept.places import Groups, Places, UInt32s

CAPACITY = 30


def enter(places: Places, number: int) -> int:
    place = places.take(number)
    places.live[place] = True
    return place


def shingles(rng: np.random.Generator, count: int) -> UInt32s:
    """Few different values, so that texts have many in common."""
    return np.unique(rng.integers(0, 40, count, dtype=np.uint32))


@pytest.mark.parametrize("seed", range(8))
def test_the_same_as_looking_at_all(seed: int) -> None:
    """Adding, taking out, dropping and places used again: candidates are those that a plain search finds."""
    rng = np.random.default_rng(seed)
    places = Places(CAPACITY)
    index = SketchIndex(places, 4)
    held: dict[int, UInt32s] = {}
    for number in range(1, 400):
        if number - places.first >= CAPACITY:
            places.first += int(rng.integers(1, 12))
            held = {other: values for other, values in held.items() if other >= places.first}
        place = places.take(number)
        if rng.random() < 0.8:
            held[number] = shingles(rng, 12)
            places.live[place] = True
            index.add(place, held[number])
        if rng.random() < 0.5:
            gone = int(rng.integers(1, number + 1))
            if held.pop(gone, None) is not None:
                places.live[places.of(gone)] = False
        part = shingles(rng, 6)
        sketches = {places.of(n): values[:4] for n, values in held.items()}
        expected = {place: contained(part, one) for place, one in sketches.items() if np.isin(one, part).any()}
        assert index.candidates(part, 0.01) == pytest.approx(expected)
        assert index.candidates(part, 1.0).keys() == {place for place, share in expected.items() if share == 1}
        for place, one in sketches.items():
            union = np.union1d(one, part[:4])[:4]
            assert index.estimate(place, part) == (np.isin(union, one) & np.isin(union, part)).mean()


def contained(text: UInt32s, sketch: UInt32s) -> float:
    """The greater of the shares of the sketch that the text has, and of what the text has up to the sketch's last."""
    comparable = text[text <= sketch[-1]]
    return float(max(np.isin(sketch, text).mean(), np.isin(comparable, sketch).mean() if len(comparable) else 0))


def test_only_as_many_hashes_are_looked_up_as_near_copies_need() -> None:
    places = Places(10)
    index = SketchIndex(places, 4)
    index.add(enter(places, 1), np.arange(1000, 1004, dtype=np.uint32))
    for before, found in ((ASKED - 1, True), (ASKED, False)):
        asked = np.concatenate((np.arange(before, dtype=np.uint32), np.arange(1000, 1004, dtype=np.uint32)))
        assert bool(index.candidates(asked, 0.5)) == found


def test_the_newest_of_a_bucket_are_looked_at() -> None:
    places = Places(1000)
    index, same = SketchIndex(places, 2), np.array([5, 6, 7], np.uint32)
    for number in range(1, 201):
        index.add(enter(places, number), same)
    assert index.candidates(same, 0.8).keys() == {places.of(number) for number in range(201 - DEPTH, 201)}
    for number in range(150, 201, 2):
        places.live[places.of(number)] = False
    rest = [places.of(number) for number in range(1, 201) if number < 150 or number % 2]
    assert index.candidates(same, 0.8).keys() == set(rest[-DEPTH:])
    assert index.candidates(same, 0.8).keys() == set(rest[-DEPTH:])  # after those taken out were cut out


def test_the_hash_that_stands_for_none_is_found_with_nothing() -> None:
    places = Places(10)
    index, last = SketchIndex(places, 4), np.array([2**32 - 1], np.uint32)
    index.add(enter(places, 1), last)
    index.add(enter(places, 2), np.array([7], np.uint32))
    assert index.candidates(last, 0.5) == {}
    assert index.candidates(np.array([7, 2**32 - 1], np.uint32), 0.5).keys() == {places.of(2)}


@pytest.mark.parametrize("similarity", [0.2, 0.3, 0.5])
def test_texts_are_compared_as_often_as_the_formula_says(similarity: float) -> None:
    """Or more often, as each of two estimates is enough; but four standard errors, of 300 pairs of 800 shingles each."""
    settings, rng, found = DedupSettings(), np.random.default_rng(4), 0
    for number in range(1, 301):
        places = Places(2)
        index = SketchIndex(places, settings.sketch)
        common = round(800 * 2 * similarity / (1 + similarity))
        values = rng.choice(2**31, 1600 - common, replace=False).astype(np.uint32)
        index.add(enter(places, number), np.sort(values[:800]))
        found += bool(index.candidates(np.sort(values[800 - common :]), settings.least))
    expected = settings.candidate_probability(similarity)
    assert found / 300 >= expected - 4 * (expected * (1 - expected) / 300) ** 0.5
    assert found / 300 <= 2 * expected


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 3), st.booleans()), max_size=120))
def test_groups_keep_the_order_that_their_places_came_in(steps: list[tuple[int, int, bool]]) -> None:
    groups, held = Groups(21), dict[int, list[int]]()
    keys = {0: 0, 1: 2**64 - 1, 2: 1 << 63, 3: 12345}
    of: dict[int, int] = {}
    for place, key, adding in steps:
        place += 1
        if adding and place not in of:
            groups.add(place, keys[key])
            held.setdefault(key, []).append(place)
            of[place] = key
        elif not adding and place in of:
            groups.remove(place)
            held[of.pop(place)].remove(place)
        for each, value in keys.items():
            assert list(groups.members(value)) == held.get(each, [])
            assert groups.first(value) == next(iter(held.get(each, [])), 0)
            assert groups.last(value) == next(reversed(held.get(each, [])), 0)
        assert [one for one in range(1, 22) if one in groups] == sorted(of)
