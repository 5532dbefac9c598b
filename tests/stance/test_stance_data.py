"""How well sources and stances are found in the shared development data, which is read from beside the project."""

import pytest

from evaluation import holders, stance


def test_sources_and_contents_of_polnear() -> None:
    if not holders.DEFAULT.exists():
        pytest.skip("the PolNeAR development data is not beside the project")
    scores = holders.measure(list(holders.read(holders.DEFAULT)))
    assert scores["source"].f1 > 0.70
    assert scores["content"].f1 > 0.74


@pytest.mark.parametrize(("name", "floor"), [("dev_rw", 0.496), ("dev_mt", 0.447)])
def test_tone_toward_the_targets_of_newsmtsc(name: str, floor: float) -> None:
    """Above the word list that was published with the data set, by more than chance would give."""
    path = stance.SETS[name]
    if not path.exists():
        pytest.skip("the NewsMTSC development data is not beside the project")
    assert stance.measure(stance.read(path)).macro_f1 > floor + 0.05
