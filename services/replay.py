"""Lets a stage process its input again from a point in time: its consumer group's offsets are set back, and the stages behind it
get what it then publishes.

From ``entities`` on every event keeps its verdict, since what is read carries it. Its story it keeps while it is in the window of
the stories, or among the last that were judged there. From ``intake`` or ``dedup`` on the judge is asked again, and gives the
verdict that it gave where it remembers the work: the last ``replay_documents`` for certain. Further back it would judge old
documents by newer ones, so that is refused unless it is asked for.
The broker takes offsets only for a group without members: so nothing is set back under a worker that runs.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from kafka import TopicPartition
from kafka.errors import CommitFailedError, KafkaError
from kafka.structs import OffsetAndMetadata

from services.consumer.client import ConsumeError, connect, partitions_of
from services.consumer.start import Start
from services.runtime.settings import Settings
from services.runtime.topology import STAGES, Stage, group

_CALL_MS = 15_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CLOCKS = timedelta(minutes=1)
"""Brokers' clocks may differ by so much: what was received at a time may be on the next topic with an earlier one."""


class ReplayError(RuntimeError):
    """Nothing was set back; the message says why and what to do."""


@dataclass(frozen=True)
class Step:
    """How a partition is set back: the group's offset now, where it is to be, and the messages between the two."""

    partition: int
    committed: int
    to: int

    @property
    def messages(self) -> int:
        """How many are read again, at most: transactions' markers count as well."""
        return self.committed - self.to


@dataclass(frozen=True)
class Plan:
    """What a replay is to set back.

    Attributes:
        stage, topic, group: which stage, and the full names of the topic that it reads and of its consumer group.
        steps: one for each partition that the group has been in.
        judged: works that the judge would have to remember for all of them to keep their verdicts, at most; 0 where it
            is not asked.
    """

    stage: str
    topic: str
    group: str
    steps: tuple[Step, ...]
    judged: int

    @property
    def messages(self) -> int:
        """How many messages are read again."""
        return sum(step.messages for step in self.steps)

    def check(self, replay_documents: int) -> None:
        """Raise ReplayError where the judge, which remembers ``replay_documents``, may judge some of them anew.

        Half of what it remembers is left for documents that are judged for the first time meanwhile.
        """
        if self.judged > replay_documents // 2:
            raise ReplayError(
                f"up to {self.judged} duplicate verdicts would be made again, but only {replay_documents // 2} are certain to stay "
                f"the same: half of STANCEWIRE_DEDUP_REPLAY_DOCUMENTS ({replay_documents}). Older documents could become copies of "
                "newer ones. Give a later --from; or use --stage entities, which keeps all verdicts; or accept new verdicts with "
                "--judge-anew"
            )


def plan(settings: Settings, name: str, start: Start) -> Plan:
    """Where the group of the stage ``name`` is, and where it would be set back to.

    Raises:
        ReplayError: it has read nothing since. ConsumeError: no broker or no topic. ValueError: no such stage.
    """
    if start == "end":
        raise ValueError("--from end: there is nothing to process again after the end; give an earlier point in time")
    stages = {stage.name: stage for stage in STAGES}
    if name not in stages:
        raise ValueError(f"--stage: unknown stage {name[:50]!r}; choose one of {', '.join(stages)}")
    stage = stages[name]
    reader = _Reader(settings, stage)
    try:
        steps, waiting = reader.steps(start)
        judged = 0
        if name == "dedup":
            judged = sum(step.messages for step in steps) + waiting
        elif name == "intake":
            judged = _written_since(settings, stages["dedup"], start) + waiting
    except KafkaError as error:
        raise ConsumeError(
            f"the broker did not give the offsets of the consumer group {reader.group}: {error}"
        ) from error
    finally:
        reader.close()
    found = Plan(name, reader.topic, reader.group, steps, judged)
    if not found.messages:
        raise ReplayError(
            f"nothing to process again: {found.group} has read no message of {found.topic} since then. Give an earlier --from"
        )
    return found


def carry_out(settings: Settings, plan: Plan) -> None:
    """Set the group's offsets back, all of them or none.

    Raises:
        ReplayError: the group has members. ConsumeError: no broker, or it refuses.
    """
    consumer = connect(settings, plan.group)
    try:
        offsets = {
            TopicPartition(plan.topic, step.partition): OffsetAndMetadata(step.to, "", -1) for step in plan.steps
        }
        consumer.assign(list(offsets))
        consumer.commit(offsets, timeout_ms=_CALL_MS)
    except CommitFailedError:
        raise ReplayError(
            f"a worker still runs the stage {plan.stage} (the consumer group {plan.group} has members). Stop all workers of this "
            f"stage and try again; if one was killed, wait {settings.session_seconds:.0f} s first"
        ) from None
    except KafkaError as error:
        raise ConsumeError(f"the broker refused to set the offsets of {plan.group} back: {error!r}") from error
    finally:
        consumer.close(autocommit=False, timeout_ms=_CALL_MS)


class _Reader:
    """Asks where a stage's group is in its topic."""

    def __init__(self, settings: Settings, stage: Stage) -> None:
        self.topic = settings.prefix + stage.reads.name
        self.group = group(settings.prefix, stage)
        self._consumer: Any = connect(settings, self.group)

    def steps(self, start: Start) -> tuple[tuple[Step, ...], int]:
        """How each partition is set back; and how many messages the group has still to read."""
        at = self._partitions()
        starts, ends = self.starts(start), self._consumer.end_offsets(at, timeout_ms=_CALL_MS)
        first = self._consumer.beginning_offsets(at, timeout_ms=_CALL_MS)
        steps, waiting = [], 0
        for one in at:
            committed = self._consumer.committed(one, timeout_ms=_CALL_MS)
            waiting += max(0, ends[one] - max(committed or 0, first[one]))
            if committed is not None:
                steps.append(Step(one.partition, committed, min(committed, starts[one])))
        return tuple(steps), waiting

    def starts(self, start: Start) -> dict[TopicPartition, int]:
        """The offset of the first message from ``start`` on, or the end if there is no such message."""
        at = self._partitions()
        if not isinstance(start, datetime):
            return dict(self._consumer.beginning_offsets(at, timeout_ms=_CALL_MS))
        milliseconds = -((_EPOCH - start) // timedelta(milliseconds=1))  # rounded up
        found = self._consumer.offsets_for_times(dict.fromkeys(at, milliseconds), timeout_ms=_CALL_MS)
        ends: dict[TopicPartition, int] = dict(self._consumer.end_offsets(at, timeout_ms=_CALL_MS))
        return ends | {one: place.offset for one, place in found.items() if place is not None}

    def written_since(self, start: Start) -> int:
        """Messages on the topic from ``start`` on."""
        ends = self._consumer.end_offsets(self._partitions(), timeout_ms=_CALL_MS)
        return sum(ends[one] - offset for one, offset in self.starts(start).items())

    def close(self) -> None:
        self._consumer.close(autocommit=False, timeout_ms=_CALL_MS)

    def _partitions(self) -> list[TopicPartition]:
        return [TopicPartition(self.topic, number) for number in partitions_of(self._consumer, self.topic)]


def _written_since(settings: Settings, stage: Stage, start: Start) -> int:
    reader = _Reader(settings, stage)
    try:
        return reader.written_since(start - _CLOCKS if isinstance(start, datetime) else start)
    finally:
        reader.close()
