"""The targets of ``make fuzz`` fed by hypothesis, and each input that broke one once."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.fuzz.__main__ import _NAMES
from evaluation.fuzz.targets import SEEDS, TARGETS

BROKE: list[tuple[str, bytes]] = [
    ("listed", b'\x01\x01a{"\\n": 1}'),  # a log line was written that looked like two
    (
        "event",
        b"\x03a\x010{}",
    ),  # an attempt of 0, of which no dead letter could be made: it would have stopped its stage for ever
]
"""Target and input. What is here failed before it was mended."""


def test_the_runner_knows_every_target() -> None:
    assert set(_NAMES) == set(TARGETS) == set(SEEDS)


@pytest.mark.parametrize(("target", "data"), [*BROKE, *((name, seed) for name in SEEDS for seed in SEEDS[name])])
def test_seeds_and_what_broke_it_once(target: str, data: bytes) -> None:
    TARGETS[target](data)


@st.composite
def near(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    """A seed with a stretch replaced, or two joined: what gets further than bytes by chance."""
    one, other = draw(st.sampled_from(seeds)), draw(st.sampled_from(seeds))
    first = draw(st.integers(0, len(one)))
    last = draw(st.integers(first, min(len(one), first + 20)))
    return one[:first] + draw(st.binary(max_size=12) | st.just(other[first:])) + one[last:]


@pytest.mark.parametrize("target", [name for name in TARGETS if name != "feed"])
def test_whatever_arrives(target: str) -> None:
    @given(st.binary(max_size=300) | near(list(SEEDS[target])) | st.text(max_size=100).map(str.encode))
    @settings(max_examples=40 if target == "call" else 150)
    def fed(data: bytes) -> None:
        TARGETS[target](data)

    fed()


@given(near(list(SEEDS["feed"])))
@settings(max_examples=150)
def test_whatever_feed_arrives(data: bytes) -> None:
    TARGETS["feed"](data)
