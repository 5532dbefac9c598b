"""Whatever happens to the process, the stories are those of one undisturbed run."""

import random
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import Status, Work
from schemas.base import CANARY_PREFIX
from schemas.event import Verdict
from services.stories.settings import StoriesSettings
from tests.stories.kept import KeptKeeper, gone, work
from tests.stories.news import FERRY, OTHERS, STRIKE

TEXTS = (*FERRY, *STRIKE, *OTHERS, ("", ""))
NAMES = ((), ("Moran",), ("Ines Moran",), ("Ines Moran", "Tom Hale"), ("Hale", "Moran"), ("Ann Hale",))


@dataclass(frozen=True)
class Crash:
    """After the placement at a place, the process dies.

    Attributes:
        torn: the table got the placement's deletions, not its row. again: so many works before were not committed either, and are
            read again; nothing of them was published. seed: of the order that the rows come back in.
    """

    torn: bool
    again: int
    seed: int


messages = st.tuples(
    st.sampled_from("abcdef"),
    st.sampled_from(TEXTS),
    st.integers(1, 3),
    st.sampled_from((*["document"] * 6, "copy", "copy", "withdrawal", "canary", "rejected")),
    st.sampled_from(("near", "exact", "excerpt", "expansion", "update")),
    st.sampled_from((-1.0, 0.1, 0.5, 20.0, 100.0)),
    st.sampled_from(NAMES),
)
Sent = list[tuple[str, tuple[str, str], int, str, Verdict, float, tuple[str, ...]]]
configurations = st.builds(
    StoriesSettings,
    window_days=st.sampled_from((0.1, 1.0, 7.0)),
    window_documents=st.sampled_from((1, 3, 12, 100)),
    replay_documents=st.sampled_from((1, 4, 12, 100)),
    name_confidence=st.sampled_from((0.5, 0.8)),
)
crashes = st.dictionaries(
    st.integers(0, 40), st.builds(Crash, st.booleans(), st.integers(0, 40), st.integers(0, 9)), max_size=6
)


def made(sent: Sent) -> list[Work]:
    works, hours = [], 0.0
    for place, (name, told, revision, kind, verdict, gap, names) in enumerate(sent):
        hours += gap
        source = f"{name}.example" if place % 3 else ""
        if kind == "withdrawal":
            works.append(gone(name, hours))
        elif kind == "copy":
            of = "abcdef"["abcdef".index(name) - 1]
            works.append(work(f"{name}'", told, hours, copies=of, verdict=verdict, source=source, names=names))
        elif kind == "canary":
            works.append(work(f"{CANARY_PREFIX}1", told, hours))
        elif kind == "rejected":
            works.append(work(name, told, hours, status=Status.REJECTED))
        else:
            works.append(work(name, told, hours, revision=revision, source=source, names=names))
    return works


def revived(configuration: StoriesSettings, before: KeptKeeper, seed: int) -> KeptKeeper:
    rows = list(before.table.items())
    random.Random(seed).shuffle(rows)  # noqa: S311 - any order will do
    keeper = KeptKeeper(configuration, dict(rows))
    keeper.topic = before.topic
    return keeper


@settings(max_examples=150, deadline=None)
@given(st.lists(messages, min_size=1, max_size=40), configurations, crashes)
def test_the_same_stories_through_crashes(
    sent: Sent,
    configuration: StoriesSettings,
    crashes: dict[int, Crash],
) -> None:
    works = made(sent)
    undisturbed = KeptKeeper(configuration)
    expected = []
    for one in works:
        expected.append(undisturbed.place(one).work)
        undisturbed.publish()
        assert undisturbed.topic.keys() == undisturbed.alive().keys()

    keeper = KeptKeeper(configuration)
    published = 0  # works before this place are committed, and their records are out
    for place, one in enumerate(works):
        rows = dict(keeper.table)
        placement = keeper.place(one)
        assert placement.work == expected[place]
        unpublished = place + 1 - published
        if crash := crashes.get(place):
            if crash.torn:
                keeper.table.clear()
                keeper.table.update({key: row for key, row in rows.items() if key not in placement.delete})
            keeper = revived(configuration, keeper, crash.seed)
            again = max(unpublished, min(crash.again, configuration.replay_documents))
            for repeated in range(max(0, place + 1 - again), place + 1):
                assert keeper.place(works[repeated]).work == expected[repeated]
        if not place % 3 or unpublished >= configuration.replay_documents:
            keeper.publish()
            published = place + 1
    keeper.publish()
    assert len(keeper) == len(undisturbed)
    assert keeper.alive() == undisturbed.alive()
    assert keeper.topic.keys() == undisturbed.topic.keys()
