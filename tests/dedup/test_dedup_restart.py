"""Whatever happens to the process, the verdicts are those of one undisturbed run."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import Status, Work
from services.dedup.core import Judge, Judgement
from services.dedup.settings import DedupSettings
from tests.dedup.kept import KeptJudge

# Partitions are ahead of or behind each other, by hours; works of one id come from one partition, in the order of their times.
IDS = {"a": 0.0, "b": 0.0, "c": 1.5, "d": -2.5, "e": 0.4}
KINDS = (Status.ENRICHED,) * 8 + (Status.WITHDRAWN, Status.WITHDRAWN, Status.REJECTED)
TEXTS = (
    ("one", 40, ()),
    ("one", 40, (30,)),
    ("one", 40, (10, 20)),
    ("two", 40, ()),
    ("two", 40, (5,)),
    ("one", 250, ()),
    ("short", 9, ()),
    ("brief", 9, ()),
)


@dataclass(frozen=True)
class Crash:
    """After the judgement at a place, the process dies.

    Attributes:
        torn: the table got the judgement's deletions, not its row, so that it is judged again.
        again: so many works before were not committed either, and are read again.
        seed: of the order that the rows come back in.
    """

    torn: bool
    again: int
    seed: int


messages = st.tuples(
    st.sampled_from(sorted(IDS)),
    st.sampled_from(TEXTS),
    st.integers(1, 3),
    st.sampled_from(KINDS),
    st.sampled_from((0.01, 0.1, 0.5, 3.0)),
)
configurations = st.builds(
    DedupSettings,
    window_hours=st.sampled_from((0.5, 4.0)),
    window_documents=st.sampled_from((1, 3, 12, 100)),
    replay_documents=st.sampled_from((1, 4, 12, 100)),
    window_bytes=st.sampled_from((1_000_000, 10**9)),
    policy=st.sampled_from(("tag", "drop", "enrich_all")),
)
crashes = st.dictionaries(
    st.integers(0, 40), st.builds(Crash, st.booleans(), st.integers(0, 40), st.integers(0, 9)), max_size=6
)


def outcome(judgement: Judgement) -> tuple[Work, bool | None]:
    """What must be the same. A rejected document leaves no row, and may find its id known when it is read again."""
    work = judgement.work
    return work, None if work.event.status is Status.REJECTED else judgement.overtaken


def write(table: dict[str, str], judgement: Judgement, torn: bool = False) -> None:
    for key in judgement.delete:
        del table[key]
    if not torn:
        assert not set(judgement.put) & set(table)
        table.update(judgement.put)


def revived(configuration: DedupSettings, table: dict[str, str], seed: int) -> Judge:
    rows = list(table.items())
    random.Random(seed).shuffle(rows)  # noqa: S311 - any order will do
    table.clear()
    table.update(rows)
    judge = Judge(configuration, table)
    judge.load()
    return judge


@settings(max_examples=300, deadline=None)
@given(st.lists(messages, min_size=1, max_size=40), configurations, crashes)
def test_the_same_verdicts_through_crashes(
    make_work: Callable[..., Work],
    make_text: Callable[..., str],
    sent: list[tuple[str, tuple[str, int, tuple[int, ...]], int, Status, float]],
    configuration: DedupSettings,
    crashes: dict[int, Crash],
) -> None:
    works, time = [], 10.0
    for key, (name, words, changed), revision, status, gap in sent:
        time += gap
        text = "" if status is Status.WITHDRAWN else make_text(name, words, changed)
        works.append(make_work(key, text, time + IDS[key], revision, status))

    undisturbed = KeptJudge(configuration)
    expected = [outcome(undisturbed.judge(work)) for work in works]

    table = dict[str, str]()
    judge = Judge(configuration, table)
    rows: list[str] = []  # the events that left a row, in order
    for place, work in enumerate(works):
        judgement = judge.judge(work)
        assert outcome(judgement) == expected[place]
        rows += [work.event.event_id] * len(judgement.put)
        crash = crashes.get(place)
        write(table, judgement, torn=crash is not None and crash.torn)
        if crash is None:
            continue
        judge = revived(configuration, table, crash.seed)
        first = max(0, place + 1 - min(crash.again, configuration.replay_documents))
        before = dict(table)
        remembered = rows[-configuration.replay_documents :]
        for earlier in range(first, place):
            if works[earlier].event.event_id not in remembered and works[earlier].event.status is not Status.REJECTED:
                continue  # it was itself sent again, long after the judgement that it repeats
            again = judge.judge(works[earlier])
            assert outcome(again) == expected[earlier]
            assert not again.put
        assert table == before
        if crash.torn:
            judgement = judge.judge(work)
            assert outcome(judgement) == expected[place]
            write(table, judgement)
    assert len(judge) == len(undisturbed)
    bound = configuration.window_documents + configuration.replay_documents
    assert len(table) <= bound + configuration.window_documents
    assert len(judge) <= configuration.window_documents


@settings(max_examples=100, deadline=None)
@given(st.lists(messages, min_size=1, max_size=30), configurations)
def test_outcomes_hold_together(
    make_work: Callable[..., Work],
    make_text: Callable[..., str],
    sent: list[tuple[str, tuple[str, int, tuple[int, ...]], int, Status, float]],
    configuration: DedupSettings,
) -> None:
    """No document copies itself or a copy of itself, and only copies end as duplicates."""
    judge, time = KeptJudge(configuration), 10.0
    for key, (name, words, changed), revision, status, gap in sent:
        time += gap
        work = make_work(key, make_text(name, words, changed), time + IDS[key], revision, status)
        made = judge.judge(work).work
        found = made.event.duplicate
        assert made.fingerprint is None
        if status is not Status.ENRICHED:
            assert made == work
            continue
        assert found is not None
        assert (found.verdict in ("unique", "update")) == (found.of is None)
        assert (found.of is None) == (found.cluster.partition("#")[0] == key)
        assert found.verdict != "update" or found.updates is not None
        assert found.of != key
        assert made.done == (made.event.status is Status.DUPLICATE)
        if configuration.policy == "drop":
            assert not made.done or found.verdict in ("exact", "near", "excerpt")
        else:
            assert not made.done or (found.similarity or 0) >= configuration.skip_similarity
        assert (found.seconds_after or 0) >= 0
