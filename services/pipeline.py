"""All stages in a row, in this process, without a broker: one document in, its event out.

It runs the very functions that the workers run. What it leaves to them: Kafka, batches, child processes, the kept window.
"""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from schemas import Event, Work
from services.dedup import agent as dedup_agent
from services.dedup.core import Judge
from services.dedup.fingerprint import Fingerprinter
from services.dedup.settings import DedupSettings
from services.entities import agent as entities_agent
from services.entities.core import EntityTagger
from services.entities.settings import EntitySettings
from services.intake import agent as intake_agent
from services.intake.core import Incoming, Intake
from services.intake.settings import IntakeSettings
from services.runtime.settings import load
from services.stance import agent as stance_agent
from services.stance.core import StanceTagger
from services.stance.settings import StanceSettings


class Pipeline:
    """The stages with their models loaded; the window of documents seen is this object's own.

    Raises:
        SettingsError: a setting of a stage is wrong.
    """

    def __init__(self) -> None:
        entities_agent.check()
        stance_agent.check()
        agents = {"intake": intake_agent, "dedup": dedup_agent, "entities": entities_agent, "stance": stance_agent}
        self._versions = {stage: agent.basis().version() for stage, agent in agents.items()}
        dedup = load(DedupSettings)
        self._intake = Intake(load(IntakeSettings), f"intake={self._versions['intake']}", Fingerprinter(dedup))
        self._table: dict[str, str] = {}
        self._judge = Judge(dedup, self._table)
        self._entities = EntityTagger(load(EntitySettings))
        self._stance = StanceTagger(load(StanceSettings))

    def __call__(self, documents: Sequence[tuple[bytes | None, bytes | None]], received_at: datetime) -> list[Event]:
        """The events of ``documents``, each a message's key and value, in order, all received at ``received_at`` (UTC)."""
        messages = [Incoming(key, value, received_at, f"{number}") for number, (key, value) in enumerate(documents)]
        works = self._timed("intake", self._intake, messages)
        for stage, core in (("dedup", self._judged), ("entities", self._entities), ("stance", self._stance)):
            works = self._timed(stage, core, [work.entering(stage, self._versions[stage]) for work in works])
        now = datetime.now(UTC)
        return [_with_processing(work, enriched_at=now).event.settled() for work in works]

    def _judged(self, works: Sequence[Work]) -> list[Work]:
        judged = []
        for work in works:
            judgement = self._judge.judge(work)
            judgement.write(self._table)
            judged.append(judgement.work)
        return judged

    def _timed(self, stage: str, core: Callable[[Sequence[Any]], list[Work]], inputs: Sequence[Any]) -> list[Work]:
        started = time.perf_counter()
        works = core(inputs)
        seconds = round((time.perf_counter() - started) / max(1, len(inputs)), 6)
        return [
            _with_processing(work, stage_seconds=work.event.processing.stage_seconds | {stage: seconds})
            for work in works
        ]


def _with_processing(work: Work, **changes: object) -> Work:
    processing = work.event.processing.model_copy(update=changes)
    return work.model_copy(update={"event": work.event.model_copy(update={"processing": processing})})
