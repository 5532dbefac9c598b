"""All stages in a row, in this process, without a broker: one document in, its event out.

It runs the very functions that the workers run, and goes the way of the table of stages. What it leaves to them: Kafka, batches,
child processes, the kept window, lists that change while they run.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from schemas import Event
from services.runtime.agent import agent
from services.runtime.deadletter import Maker, failure_event
from services.runtime.records import Failure, Made, Record, work_on
from services.runtime.topology import DOCUMENTS, STAGES, Stage


class Step:
    """One stage in this process, its models loaded.

    Raises:
        SettingsError: a setting of the stage is wrong.
    """

    def __init__(self, stage: Stage) -> None:
        code = agent(stage)
        code.check()
        self.stage = stage
        self.version = code.basis().version()
        self.core = code.setup(self.version, {})

    def __call__(self, records: Sequence[Record]) -> list[Made | Failure]:
        """What a worker would make of the records of the topic that the stage reads: one result for each, in order."""
        return work_on(self.stage, "", self.core.run, records)


class Pipeline:
    """The stages with their models loaded; the window of documents seen is this object's own.

    Raises:
        SettingsError: a setting of a stage is wrong.
    """

    def __init__(self) -> None:
        self._steps = [Step(stage) for stage in STAGES]

    def __call__(self, documents: Sequence[tuple[bytes | None, bytes | None]], received_at: datetime) -> list[Event]:
        """The events of ``documents``, each a message's key and value, in order, all received at ``received_at`` (UTC).

        A document on which a stage fails has an event, too: it is ``dead_lettered``.
        """
        at = received_at.timestamp()
        waiting = {
            DOCUMENTS.name: [Record(DOCUMENTS.name, 0, number, *one, at) for number, one in enumerate(documents)]
        }
        events: dict[int, Event] = {}
        for step in self._steps:
            records = waiting.pop(step.stage.reads.name, [])
            for record, result in zip(records, step(records), strict=True):
                made = result
                if isinstance(made, Failure):
                    made = failure_event(Maker(step.stage, step.version), record, made, "", datetime.now(UTC))
                if made.status is not None:
                    events[record.offset] = Event.model_validate_json(made.value)
                else:
                    on = Record(made.topic, 0, record.offset, made.key, made.value, at, made.headers)
                    waiting.setdefault(on.topic, []).append(on)
        return [events[number] for number in range(len(documents))]
