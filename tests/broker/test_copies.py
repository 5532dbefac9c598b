"""Copies on a real Kafka: the judge dies, moves to workers with nothing on their disks, and says what one that lived would."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from evaluation.made_copies import Copies, document
from evaluation.recorded import Answer, expected, given
from services.consumer.tail import Tail
from services.runtime.settings import Settings
from services.runtime.topology import DOCUMENTS, ENRICHED, UNIQUE
from tests.broker.cluster import judges, put

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]
PORTION = 120


def check(settings: Settings, origins: Sequence[str]) -> dict[str, Answer]:
    """Every document has the answer of a judge that lived through it all, and went the way that this one sent it."""
    said, right = given(settings), expected(settings)
    wrong = [
        f"{origin}: {said.get(origin)} and not {answer}"
        for origin, answer in right.items()
        if said.get(origin) != answer
    ]
    assert not wrong, f"{len(wrong)} of {len(right)}, such as {wrong[:3]}"
    assert said.keys() == set(origins)
    return said


def test_the_judge_dies_and_moves_and_the_verdicts_are_those_of_one_undisturbed_run(
    fresh: Callable[..., Settings], tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    settings = fresh(partitions=4, session_seconds=6, batch_documents=8)
    copies = Copies(1)
    with judges(settings, tmp_path, "dedup", UNIQUE, ENRICHED) as (workers, arrivals):
        workers.start("one")
        workers.judge()
        workers.start("two")
        origins = put(settings, copies.take(PORTION))
        arrivals.until(origins, 0.4)

        killed = workers.judge()
        workers.kill(killed)
        after_kill = put(settings, copies.take(PORTION))
        workers.start(killed)  # on the table that it died with
        arrivals.until(after_kill, 0.4)

        workers.start("three")  # with nothing on its disk
        after_join = put(settings, copies.take(PORTION))
        arrivals.until(after_join, 0.4)
        left = workers.judge()
        workers.stop(left)
        after_leave = put(settings, copies.take(PORTION))
        arrivals.until(after_leave, 0.4)
        workers.stop(workers.judge())
        origins += after_kill + after_join + after_leave + put(settings, copies.take(PORTION))
        arrivals.until(origins)
    said = check(settings, origins)
    verdicts = Counter(
        answer.duplicate.verdict if answer.duplicate else answer.status.value for answer in said.values()
    )
    record_property("verdicts", dict(verdicts))
    assert min(verdicts["exact"], verdicts["near"], verdicts["withdrawn"]) > 10


def test_a_judge_that_sleeps_through_its_replacement_knows_what_was_judged_meanwhile(
    fresh: Callable[..., Settings], tmp_path: Path
) -> None:
    """It wakes with works in hand, writes them to the table's changelog behind its successor's, and is needed once more."""
    settings = fresh(partitions=4, session_seconds=6, batch_documents=8)
    copies = Copies(2)
    with judges(settings, tmp_path, "dedup", UNIQUE, ENRICHED) as (workers, arrivals):
        workers.start("one")
        workers.judge()
        workers.start("two")
        origins = put(settings, copies.take(PORTION))
        arrivals.until(origins)
        sleeper = workers.judge()
        with workers.sleeping(sleeper):
            waiting = put(settings, copies.take(3 * PORTION))
            time.sleep(3)  # under the session's 6 s: they pile up before it
        arrivals.until(waiting, 0.05)
        with workers.sleeping(sleeper):
            arrivals.until(waiting)
            origins += waiting + put(settings, copies.take(PORTION))
            arrivals.until(origins)
        time.sleep(3)  # it wakes, and does what it had in hand
        origins += put(settings, copies.take(PORTION))
        arrivals.until(origins)
        workers.kill(workers.judge())
        origins += put(settings, copies.take(2 * PORTION))
        arrivals.until(origins)
    check(settings, origins)


def test_a_judge_that_moved_has_the_whole_window_before_its_first_judgement(
    fresh: Callable[..., Settings], tmp_path: Path
) -> None:
    """Each successor has nothing on its disk, and what it must know is waiting for it when it comes."""
    settings = fresh(partitions=4, session_seconds=6)
    copies = Copies(3)
    first, second, third = (f"{copies.text()} This is story number {number}." for number in range(3))
    opening = [document("first", first), document("second", second), document("third", third)]
    with judges(settings, tmp_path, "dedup", UNIQUE, ENRICHED) as (workers, arrivals):
        workers.start("one")
        origins = put(settings, opening + copies.take(3 * PORTION))
        arrivals.until(origins)

        workers.stop("one")
        late = put(settings, [document("first-copy", first), (b"second", None)])
        workers.start("two")
        arrivals.until(late)
        after = put(settings, [document("second-copy", second), document("third-copy", third)])
        arrivals.until(after)

        workers.kill("two")
        later = put(settings, [document("first-copy-again", first), (b"third", None)])
        workers.start("three")
        arrivals.until(later)
        last = put(settings, [document("third-copy-again", third), document("first", first)])
        arrivals.until(last)
    said = check(settings, origins + late + after + later + last)
    received = received_by(settings)
    for copy in (late[0], later[0]):
        found = said[copy].duplicate
        assert found is not None
        assert (found.verdict, found.of, found.cluster) == ("exact", "first", "first")
        assert found.seconds_after == pytest.approx(received[copy] - received[origins[0]], abs=0.001)
    found = said[after[0]].duplicate
    assert found is not None, "its original was withdrawn while nobody judged"
    assert (found.verdict, found.of) == ("unique", None)
    found = said[last[0]].duplicate
    assert found is not None, "its original was withdrawn; the copy of it was not, and keeps the cluster's name"
    assert (found.of, found.cluster) == ("third-copy", "third")
    assert said[last[1]] == said[origins[0]], "it was sent again: the same work"


def received_by(settings: Settings) -> dict[str, float]:
    """When the broker received each document, in seconds, by its position."""
    with Tail(settings, DOCUMENTS, to_end=True) as tail:
        return {record.position: record.timestamp for record in tail}
