from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from kafka import errors

from services.producer.client import PublishError
from services.producer.item import Item, Origin, Problem, Skipped
from services.producer.publish import NAMED, Progress, Report, publish, withdraw
from services.runtime.settings import Settings

SETTINGS = Settings(brokers="127.0.0.1:1", prefix="x-")


@dataclass
class Answer:
    """A future that is answered when it is asked for."""

    error: BaseException | None
    place: Any
    done: bool

    @property
    def is_done(self) -> bool:
        return self.done

    def get(self, timeout: float) -> Any:
        assert timeout >= 0
        if isinstance(self.error, KeyboardInterrupt):
            error, self.error = self.error, None  # the user presses it once
            raise error
        if self.error is not None:
            raise self.error
        return self.place


@dataclass
class Fake:
    """Stands for Kafka: ``answers`` and ``refusals`` are the errors of the n-th message, from 0."""

    answers: dict[int, BaseException] = field(default_factory=dict)
    refusals: dict[int, BaseException] = field(default_factory=dict)
    missing: BaseException | None = None
    at_once: bool = True
    sent: list[tuple[str, bytes | None, bytes | None]] = field(default_factory=list)

    def send(self, topic: str, value: bytes | None, key: bytes | None, headers: list[tuple[str, bytes]]) -> Answer:
        number = len(self.sent)
        self.sent.append((topic, value, key))
        if number in self.refusals:
            raise self.refusals[number]
        return Answer(self.answers.get(number), SimpleNamespace(partition=number % 2, offset=number), self.at_once)

    def partitions_for(self, topic: str) -> set[int]:
        if self.missing is not None:
            raise self.missing
        return {0, 1}

    def close(self, timeout: float) -> None:
        raise AssertionError("whoever opened a producer closes it")


def items(count: int, size: int = 1) -> Iterator[Item]:
    for number in range(count):
        yield Item(Origin("f", "line", number + 1), b"x" * size, b"%d" % number)


def run(fake: Fake, count: int = 10, **options: Any) -> Report:
    return publish(items(count), SETTINGS, producer=fake, **options)


def test_every_message_is_sent_and_its_place_reported() -> None:
    fake = Fake()
    report = run(fake, 4)
    assert fake.sent == [("x-news.documents", b"x", b"%d" % number) for number in range(4)]
    assert report.positions == [
        ("x-news.documents", partition, offset) for partition, offset in [(0, 0), (0, 2), (1, 1), (1, 3)]
    ]
    assert (report.read, report.delivered, report.ok, report.stopped) == (4, 4, True, None)


def test_a_message_that_cannot_be_sent_is_named_and_the_rest_goes_on() -> None:
    fake = Fake(refusals={3: errors.MessageSizeTooLargeError("big"), 5: ValueError("odd")})
    report = run(fake)
    assert (report.read, report.delivered, report.undelivered_count, report.stopped) == (10, 8, 2, None)
    named = [(str(lost.origin), lost.reason.split(":")[0]) for lost in report.undelivered]
    assert named == [("f, line 4", "MessageSizeTooLarge"), ("f, line 6", "Value")]
    assert not report.ok


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize(
    "error", [errors.KafkaTimeoutError("late"), errors.TopicAuthorizationFailedError("no"), errors.InvalidRecordError()]
)
def test_when_a_delivery_fails_reading_stops_as_all_others_would(error: Exception, at_once: bool) -> None:
    report = run(Fake(answers=dict.fromkeys(range(3, 50_000), error), at_once=at_once), 50_000)
    assert report.delivered == 3
    assert report.read == report.delivered + report.undelivered_count < 50_000
    assert report.stopped is not None
    assert report.stopped.startswith("deliveries fail: ")


def test_problems_and_skipped_files_are_counted_and_the_first_named() -> None:
    few: list[Item | Problem | Skipped] = [Problem(Origin("p"), "bad"), Skipped(Origin("s"), "hidden")]
    many = [Problem(Origin("q"), "bad")] * 500
    report = publish([*few, *items(2), *many], SETTINGS, producer=Fake())
    assert (report.delivered, report.problem_count, len(report.problems), report.skipped_count) == (2, 501, NAMED, 1)
    assert not report.ok


def test_undelivered_messages_are_all_counted_and_the_first_named() -> None:
    fake = Fake(refusals={number: errors.MessageSizeTooLargeError() for number in range(300)})
    report = run(fake, 300)
    assert (report.undelivered_count, len(report.undelivered), report.delivered) == (300, NAMED, 0)


def test_the_limit_counts_documents_and_reads_no_further() -> None:
    source = items(100)
    report = publish(source, SETTINGS, producer=Fake(), limit=7)
    assert (report.read, report.delivered, report.ok) == (7, 7, True)
    assert next(source).origin.number == 8
    assert publish(items(3), SETTINGS, producer=Fake(), limit=0).read == 0


def test_what_is_in_flight_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = Fake(at_once=False)
    most = asked = 0
    original = Answer.get

    def counted(self: Answer, timeout: float) -> Any:
        nonlocal asked
        asked += 1
        return original(self, timeout)

    def watched() -> Iterator[Item]:
        nonlocal most
        for item in items(100, size=1024 * 1024):
            most = max(most, len(fake.sent) - asked)
            yield item

    monkeypatch.setattr(Answer, "get", counted)
    report = publish(watched(), SETTINGS, producer=fake)
    assert report.delivered == 100
    assert 10 <= most <= 17


@pytest.mark.parametrize(
    ("fake", "delivered"),
    [(Fake(answers={5: KeyboardInterrupt()}), 6), (Fake(refusals={5: KeyboardInterrupt()}, at_once=False), 5)],
    ids=["while an answer is awaited", "while a message is sent"],
)
def test_after_ctrl_c_every_document_is_in_the_report(fake: Fake, delivered: int) -> None:
    report = run(fake, 100)
    assert report.stopped == "interrupted"
    assert (report.read, report.delivered, report.undelivered_count) == (6, delivered, 6 - delivered)


def test_progress_is_told_and_ends_with_the_totals() -> None:
    told: list[Progress] = []
    ticks = iter(range(10_000))
    run(Fake(), 5, progress=told.append, clock=lambda: float(next(ticks)))
    assert len(told) >= 5
    assert told[-1] == Progress(read=5, delivered=5, problems=0, undelivered=0)


def test_the_rate_is_kept() -> None:
    now = 0.0

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    report = run(Fake(), 101, rate=20, clock=lambda: now, sleep=sleep)
    assert report.seconds == pytest.approx(5.0)


def test_without_a_topic_nothing_is_read() -> None:
    source = items(3)
    with pytest.raises(PublishError, match="`stancewire topics create`"):
        publish(source, SETTINGS, producer=Fake(missing=errors.KafkaTimeoutError()))
    assert next(source).origin.number == 1


def test_withdrawing_sends_tombstones() -> None:
    fake = Fake()
    report = withdraw(["a b", " bad", "", "é"], SETTINGS, producer=fake)
    assert [(value, key) for _, value, key in fake.sent] == [(None, b"a b"), (None, "é".encode())]
    assert [str(problem.origin) for problem in report.problems] == ["ids, entry 2", "ids, entry 3"]
    assert "not an id" in report.problems[0].message
