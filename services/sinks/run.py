"""Moves events into a sink: follows ``news.enriched`` in the sink's own consumer group, writes, and then commits.

Decides when to write, to flush and to commit, what becomes a dead letter, and when to begin again. A sink or a broker that goes
away ends a round: both are let go, and opened again after a pause, so that an outage of any length is one case. What was not
committed is read again.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from typing import Any

from kafka.errors import KafkaError

from schemas import Event, Reason
from services.consumer.client import ConsumeError
from services.consumer.follow import read_event
from services.consumer.start import Start
from services.consumer.tail import GroupOffset, Tail
from services.deadletters.letters import letters, which
from services.producer.client import PublishError
from services.runtime.deadletter import DeadLetterLimitError, DeadLetterPolicy
from services.runtime.metrics import SinkMetrics
from services.runtime.records import Record, about
from services.runtime.settings import Settings
from services.runtime.spans import spans_of_sink
from services.runtime.topology import ENRICHED
from services.sinks.letters import Letterbox
from services.sinks.sink import Arrival, AwayError, PartlyRefusedError, RefusedError, Row, Sink

log = logging.getLogger(__name__)

_CHUNK_SECONDS = 0.5
_CHUNK_BYTES = 8 * 1024 * 1024
"""A chunk is handed over when it is so old or so large, whatever it holds: its events are some ten times as large in memory."""
_IDLE_SECONDS = 0.5
_PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds before the sink is opened again; the last one from then on."""
_SILENT_SECONDS = 180.0
"""A loop that has not beaten for so long hangs: a webhook's event may take 100 s, with all that is tried again."""


class SinkStoppedError(RuntimeError):
    """The sink refuses too much: somebody must look. The message says what was refused last."""


@dataclass(frozen=True)
class _Refused:
    record: Record
    event: Event | None
    reason: Reason
    why: str


class Runner:
    """One sink at work.

    Args:
        row: which sink.
        settings: where the brokers are, and how many refusals are too many.
        group: the consumer group, without the settings' prefix.
        start: where to start where the group has been nowhere.
        to_end: end at the message that is the last one when reading begins, and raise what goes wrong.
        clock: seconds of a monotonic clock.

    Raises:
        SettingsError: spans are asked for, and OpenTelemetry is not installed.
    """

    def __init__(
        self,
        row: Row,
        settings: Settings,
        *,
        group: str,
        start: Start = "beginning",
        to_end: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.metrics = SinkMetrics(row.name)
        self._row = row
        self._settings = settings
        self._group = settings.prefix + group
        self._start = start
        self._to_end = to_end
        self._clock = clock
        self._policy = DeadLetterPolicy(settings.dead_letter_run, settings.dead_letter_ratio)
        self._letterbox = Letterbox(row, settings)
        self._spans = spans_of_sink(row.name, self._group, settings)
        self._beaten = clock()
        self._open = False
        self._failures = 0
        self._refused: list[_Refused] = []

    def live(self) -> tuple[bool, dict[str, Any]]:
        """Whether the loop runs."""
        silent = self._clock() - self._beaten
        return silent < _SILENT_SECONDS, {"loop_silent_seconds": round(silent, 1)}

    def ready(self) -> tuple[bool, dict[str, Any]]:
        """Whether the sink is open and has partitions."""
        return self._open, {"open": self._open}

    def run(self, stopped: Callable[[], bool]) -> None:
        """Move events until ``stopped``, or the end.

        Raises:
            SettingsError: a setting is wrong. SinkStoppedError: too many events are refused. AwayError, ConsumeError, PublishError:
            with ``to_end`` only.
        """
        try:
            while not stopped():
                self._refused = []
                try:
                    self._round(stopped)
                    return
                except (AwayError, ConsumeError, PublishError, KafkaError) as error:
                    if self._to_end:
                        raise
                    self._note(error)
                finally:
                    self._set_open(False)
                pause = _PAUSES[min(self._failures, len(_PAUSES)) - 1]
                end = self._clock() + pause
                while self._clock() < end and not stopped():
                    self._beaten = self._clock()
                    time.sleep(0.1)
        except DeadLetterLimitError as error:
            raise SinkStoppedError(f"{error}; the last one: {self._refused[-1].why}") from error
        finally:
            self._letterbox.close()
            self._spans.close()

    def again(self) -> int:
        """Write the events that became dead letters of this sink before. Returns how many there were.

        The letters stay; as an event that comes again changes nothing, neither does this.

        Raises:
            AwayError, ConsumeError, SettingsError; SinkStoppedError: an event is still refused.
        """
        done = 0
        with closing(self._row.open()) as sink:
            for letter in letters(self._settings, which(stages=[self._row.stage])):
                event, said = read_event(letter.record).event, letter.letter
                if event is None or said is None:
                    continue
                record = replace(letter.record, topic=said.topic, partition=said.partition, offset=said.offset)
                try:
                    sink.write([Arrival(record, event)])
                except RefusedError as error:
                    raise SinkStoppedError(f"the dead letter {letter.position} is refused again: {error}") from error
                done += 1
            sink.flush()
        return done

    def _round(self, stopped: Callable[[], bool]) -> None:
        with ExitStack() as stack:
            sink = stack.enter_context(closing(self._row.open()))
            idle = None if self._to_end else _IDLE_SECONDS
            tail = Tail(self._settings, ENRICHED, start=self._start, group=self._group, idle=idle, to_end=self._to_end)
            stack.enter_context(tail)
            self._set_open(True)
            for place in tail.placed.values():
                self._policy.take_up(place.note)
            _Round(self, sink, tail, self._to_end).follow(stopped)

    def _note(self, error: Exception) -> None:
        self._failures += 1
        self.metrics.failed("sink" if isinstance(error, AwayError) else "broker")
        log.warning("the sink %s stops and tries again: %s", self._row.name, error)

    def _set_open(self, is_open: bool) -> None:
        self._open = is_open
        self.metrics.open.set(is_open)

    @property
    def counts(self) -> str:
        """What was refused lately: it is committed with the offsets, so that a start does not begin from nothing."""
        return self._policy.counts

    def write(self, sink: Sink, records: Sequence[Record]) -> None:
        """Have the sink take what is in these messages; what it refuses becomes a dead letter.

        Letters are sent when all is tried, so that too many refusals end the process before anything is sent, and a restart before
        somebody has looked sends nothing either.
        """
        self._beaten = started = self._clock()
        arrivals = []
        for record in self._spans.begin(records):
            received = read_event(record)
            if received.event is None:
                self._refuse(record, None, Reason.SCHEMA, received.problem or "")
            else:
                arrivals.append(Arrival(record, received.event))
        if arrivals:
            self._offer(sink, arrivals)
            self.metrics.batch.observe(self._clock() - started)
        refused, self._refused = self._refused, []
        for one in refused:
            self._letterbox.send(one.record, one.event, one.reason, one.why)
            self._spans.end(one.record, one.event.id if one.event else None, "refused", one.reason.value)
            self.metrics.refused(unreadable=one.event is None)
        self._failures = 0

    def _offer(self, sink: Sink, arrivals: Sequence[Arrival]) -> None:
        refused: Mapping[str, str] = {}
        try:
            changed = sink.write(arrivals)
        except PartlyRefusedError as partly:
            changed, refused = partly.changed, partly.refused
        except RefusedError as refusal:
            if len(arrivals) == 1:
                self._refuse(arrivals[0].record, arrivals[0].event, Reason.ERROR, str(refusal))
                return
            half = len(arrivals) // 2  # one of them is at fault: it is found in as many steps as its number has bits
            self._offer(sink, arrivals[:half])
            self._offer(sink, arrivals[half:])
            return
        self.metrics.took(changed, len(arrivals) - len(refused))
        for one in arrivals:
            if (why := refused.get(one.record.position)) is not None:
                self._refuse(one.record, one.event, Reason.ERROR, why)
            else:
                self._policy.note(failed=False)
                self._spans.end(one.record, one.event.id, "written")

    def _refuse(self, record: Record, event: Event | None, reason: Reason, why: str) -> None:
        with about(record, event.id if event is not None else None):
            log.error("%s: event dead-lettered: %s", record.position, why)
        self._refused.append(_Refused(record, event, reason, why))
        self._policy.note(failed=True)

    def beat(self, behind: int, newest: float) -> None:
        """The loop runs; so many messages wait, the newest that was written is of this time."""
        self._beaten = self._clock()
        self.metrics.lag.set(behind)
        self.metrics.lag_seconds.set(max(0.0, time.time() - newest) if behind and newest else 0.0)


class _Round:
    """From an open sink and an open topic to the end of one of them."""

    def __init__(self, runner: Runner, sink: Sink, tail: Tail, to_end: bool) -> None:
        self._runner = runner
        self._sink = sink
        self._tail = tail
        self._to_end = to_end
        self._chunk: list[Record] = []
        self._size = 0
        self._since = self._flushed = time.monotonic()
        self._written = 0
        self._newest = 0.0
        self._places: dict[int, GroupOffset] = {}

    def follow(self, stopped: Callable[[], bool]) -> None:
        """Write until ``stopped``, or the end."""
        ended = False
        while not ended:
            for record in self._tail:
                self._add(record)
                if self._is_due and self._hand_over(stopped()):
                    return
            ended = stopped() or self._to_end
            self._hand_over(ended)

    def _add(self, record: Record) -> None:
        if not self._chunk:
            self._since = time.monotonic()
        self._chunk.append(record)
        self._size += len(record.value or b"")

    @property
    def _is_due(self) -> bool:
        return (
            len(self._chunk) >= self._sink.most
            or self._size >= min(_CHUNK_BYTES, self._sink.size)
            or time.monotonic() - self._since >= _CHUNK_SECONDS
        )

    def _hand_over(self, last: bool) -> bool:
        """Write what waits, and commit where it is time to; returns ``last``."""
        chunk, size, self._chunk, self._size = self._chunk, self._size, [], 0
        if chunk:
            self._runner.write(self._sink, chunk)
            self._places |= {record.partition: GroupOffset(record.offset + 1, self._runner.counts) for record in chunk}
            self._written += size
            self._newest = max(record.timestamp for record in chunk)
        now = time.monotonic()
        if self._places and (last or self._written >= self._sink.size or now - self._flushed >= self._sink.seconds):
            self._sink.flush()
            if self._tail.commit(self._places):  # else it is tried again with the next ones
                self._places = {}
            self._flushed, self._written = now, 0
        self._runner.beat(self._tail.behind(), self._newest)
        return last
