"""Dead letters on a real Kafka."""

from collections.abc import Callable
from typing import Any

import pytest
from kafka import KafkaProducer

from schemas import DeadLetter, Reason
from services.consumer.tail import Tail
from services.deadletters import replay as module
from services.deadletters.letters import find, letters, which
from services.deadletters.replay import ReplayReport, replay
from services.producer import client
from services.runtime.records import Record
from services.runtime.settings import Settings
from services.runtime.topology import DEAD_LETTERS, DOCUMENTS, UNIQUE, Topic
from tests.deadletters.made_letters import letter

pytestmark = pytest.mark.broker


def put(settings: Settings, *made: tuple[DeadLetter | None, bytes | None, bytes | None]) -> None:
    """Put letters, each with key and value, on one partition."""
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap, max_request_size=16_000_000)
    for said, key, value in made:
        headers = [("other", b"1"), *(said.to_headers() if said else [])]
        producer.send(settings.prefix + DEAD_LETTERS.name, value, key=key, headers=headers, partition=0)
    producer.flush()
    producer.close()


def on(settings: Settings, topic: Topic) -> list[Record]:
    with Tail(settings, topic, to_end=True) as tail:
        return list(tail)


def from_documents(settings: Settings, **changes: Any) -> DeadLetter:
    return letter(topic=settings.prefix + DOCUMENTS.name, **changes)


def counts(report: ReplayReport) -> tuple[int, int, int, int]:
    return report.replayed, report.passed_over, report.before, report.unusable_count


def test_letters_are_listed_and_found(fresh: Callable[..., Settings]) -> None:
    settings = fresh()
    assert list(letters(settings)) == []
    said = from_documents(settings)
    put(settings, (said, b"a", b"1"), (None, b"b", b"2"), (from_documents(settings, reason=Reason.CRASHED), b"c", b"3"))
    assert [found.position for found in letters(settings)] == ["0:0", "0:1", "0:2"]
    assert [found.position for found in letters(settings, which(["crashed"]))] == ["0:2"]
    assert [found.position for found in letters(settings, newest=2)] == ["0:1", "0:2"]
    assert find(settings, "0:2").record.value == b"3"
    with pytest.raises(LookupError, match="it has 0 to 2"):
        find(settings, "0:3")


def test_each_letter_is_put_back_once_to_the_byte(fresh: Callable[..., Settings]) -> None:
    settings = fresh()
    said = from_documents(settings)
    unique = letter(topic=settings.prefix + UNIQUE.name, attempt=4)
    put(settings, (said, b"a", b"\xff\x00"), (said, b"b", None), (said, None, b"c"), (unique, b"d", b"4"))
    report = replay(settings, dry_run=True)
    assert (report.replayed, report.dry_run, on(settings, DOCUMENTS)) == (4, True, [])
    report = replay(settings)
    assert (counts(report), report.ok) == ((4, 0, 0, 0), True)
    assert report.by_topic == {settings.prefix + DOCUMENTS.name: 3, settings.prefix + UNIQUE.name: 1}
    back = {(record.key, record.value): record for record in on(settings, DOCUMENTS)}
    assert set(back) == {(b"a", b"\xff\x00"), (b"b", None), (None, b"c")}
    first = back[b"a", b"\xff\x00"]
    assert (first.attempt, first.origin, first.header("other")) == (2, "news.documents/1/42", "1")
    assert [record.attempt for record in on(settings, UNIQUE)] == [5]
    assert counts(replay(settings)) == (0, 0, 0, 0)
    put(settings, (said, b"e", b"5"))
    assert counts(replay(settings)) == (1, 0, 0, 0)
    assert len(on(settings, DOCUMENTS)) == 4


def test_letters_that_a_replay_passed_over_stay_for_another(fresh: Callable[..., Settings]) -> None:
    settings = fresh()
    reasons = [Reason.TIMED_OUT, Reason.CRASHED] * 3
    put(settings, *((from_documents(settings, reason=reason), b"%d" % n, b"x") for n, reason in enumerate(reasons)))
    assert counts(replay(settings, which(["crashed"]), limit=2)) == (2, 2, 0, 0)
    assert counts(replay(settings, which(["crashed"]))) == (1, 3, 2, 0)
    assert counts(replay(settings, limit=1)) == (1, 0, 0, 0)
    assert counts(replay(settings)) == (2, 0, 2, 0)
    assert sorted(record.key or b"" for record in on(settings, DOCUMENTS)) == [b"%d" % n for n in range(6)]
    assert counts(replay(settings)) == (0, 0, 0, 0)


def test_a_message_that_failed_twice_is_put_back_once(fresh: Callable[..., Settings]) -> None:
    settings = fresh()
    said = from_documents(settings)
    again = from_documents(settings, exception="CrashedError")
    put(
        settings,
        (said, b"a", b"1"),
        (again, b"a", b"1"),
        (said, b"a", b"2"),
        (from_documents(settings, offset=43), b"a", b"1"),
    )
    assert replay(settings, dry_run=True).replayed == 3
    assert counts(replay(settings)) == (3, 0, 1, 0)
    assert [record.value for record in on(settings, DOCUMENTS)] == [b"1", b"2", b"1"]
    assert counts(replay(settings)) == (0, 0, 0, 0)


def test_what_cannot_be_put_back_is_named_and_left(fresh: Callable[..., Settings]) -> None:
    settings = fresh()
    put(
        settings,
        (None, b"a", b"1"),
        (letter(topic="__consumer_offsets"), b"b", b"2"),
        (letter(topic=settings.prefix + DEAD_LETTERS.name), b"c", b"3"),
        (from_documents(settings), b"d", b"4"),
    )
    report = replay(settings)
    assert (counts(report), report.ok) == ((1, 0, 0, 3), False)
    assert [failed.position for failed in report.unusable] == ["0:0", "0:1", "0:2"]
    assert "which no stage reads" in report.unusable[1].reason
    assert counts(replay(settings)) == (0, 0, 0, 0)


def test_a_letter_that_was_not_delivered_is_tried_again(
    fresh: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = fresh()
    monkeypatch.setattr(module, "_BATCH", 2)
    monkeypatch.setattr(client, "_REQUEST_BYTES", 1_000_000)
    said = from_documents(settings)
    put(settings, *((said, b"%d" % n, b"x" * (2_000_000 if n == 2 else 1)) for n in range(5)))
    report = replay(settings)
    assert counts(report) == (4, 0, 0, 0)
    named = [(failed.position, failed.reason.split(":")[0]) for failed in report.undelivered]
    assert named == [("0:2", "MessageSizeTooLarge")]
    assert not report.ok
    again = replay(settings)
    assert (counts(again), again.undelivered_count) == ((0, 0, 2, 0), 1)
    assert len(on(settings, DOCUMENTS)) == 4
