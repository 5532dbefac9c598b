"""Dead letters: how one is made, and the policy that stops the worker rather than drain the topic into them."""

import re
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from schemas import DeadLetter, Event, Processing, Rejection, Status
from schemas.base import MAX_EXPLANATION
from schemas.event import derive_event_id, digest
from services.runtime.records import ORIGIN, Failure, Made, Record, cloud_event_headers, decode
from services.runtime.topology import DOCUMENTS, Stage, output

_WINDOW = 1_000
"""Documents that the ratio is taken over: minutes of a busy stream."""
_LEAST = 100
"""Documents before the ratio counts: of the first ten, one is not a trend."""

_COUNTS = "failures:"
"""How the counts begin in a commit's metadata; Kafka keeps 4,096 bytes of it, they have at most 280."""


class DeadLetterLimitError(RuntimeError):
    """Too much is failing: the worker must stop, and somebody must look."""


class DeadLetterPolicy:
    """Counts our own failures among the last documents. What senders did wrong is rejected, and does not count."""

    def __init__(self, longest_run: int, largest_ratio: float) -> None:
        self._longest_run = longest_run
        self._largest_ratio = largest_ratio
        self._run = 0
        self._recent: deque[bool] = deque(maxlen=_WINDOW)

    @property
    def counts(self) -> str:
        """What was counted, for ``take_up``: it is committed with the offsets, so that a start does not begin from nothing."""
        bits = sum(failed << place for place, failed in enumerate(self._recent))
        return f"{_COUNTS}{self._run}:{len(self._recent)}:{bits:x}"

    def take_up(self, counts: str | None) -> None:
        """Go on from what another has counted, this one's last start or who had the partition before, where that is worse.

        Nobody commits past its own limits. So what is past ours was allowed by higher ones, and its ratio does not count.
        """
        found = re.match(_COUNTS + r"([0-9]{1,9}):([0-9]{1,4}):([0-9a-f]{1,250})(?: |$)", counts or "")
        if found is None:
            return  # committed by an earlier release, or by hand
        run, length, bits = int(found[1]), min(int(found[2]), _WINDOW), int(found[3], 16)
        self._run = max(self._run, min(run, self._longest_run))
        recent = deque((bool(bits >> place & 1) for place in range(length)), _WINDOW)
        if sum(recent) > sum(self._recent) and not self._is_past_ratio(recent):
            self._recent = recent

    def _is_past_ratio(self, recent: Collection[bool]) -> bool:
        return len(recent) >= _LEAST and sum(recent) > self._largest_ratio * len(recent)

    def note(self, failed: bool) -> None:
        """Count one document.

        Raises:
            DeadLetterLimitError: past the longest run of failures, or past the largest share of the last 1,000 documents.
        """
        self._recent.append(failed)
        self._run = self._run + 1 if failed else 0
        if self._run > self._longest_run:
            raise DeadLetterLimitError(
                f"{self._run} documents in a row failed, {self._longest_run} are allowed (STANCEWIRE_DEAD_LETTER_RUN)"
            )
        if self._is_past_ratio(self._recent):
            raise DeadLetterLimitError(
                f"{sum(self._recent)} of the last {len(self._recent)} documents failed, a share of "
                f"{self._largest_ratio:g} is allowed (STANCEWIRE_DEAD_LETTER_RATIO)"
            )


@dataclass(frozen=True)
class Maker:
    """A stage, and the version of its results."""

    stage: Stage
    version: str

    def __str__(self) -> str:
        return f"{self.stage.name}={self.version}"


def rejection_letter(
    maker: Maker, record: Record, rejection: Rejection, document: str, configuration: str, now: datetime
) -> DeadLetter:
    """The letter for a document that its sender can mend."""
    return _letter(maker, record, rejection, document, None, record.attempt, configuration, now)


def failure_letter(
    maker: Maker, record: Record, failure: Failure, document: str, configuration: str, now: datetime
) -> DeadLetter:
    """The letter for a document that we failed on."""
    rejection = Rejection(reason=failure.reason, message=failure.message[:MAX_EXPLANATION])
    attempt = record.attempt + failure.attempts - 1
    return _letter(maker, record, rejection, document, failure.exception, attempt, configuration, now)


def failure_event(
    maker: Maker, record: Record, failure: Failure, prefix: str, now: datetime, bare: bool = False
) -> Made:
    """The event that tells consumers that this document was dead-lettered: each input has one.

    ``bare``: without the document, where the broker takes nothing as large.
    """
    rejection = Rejection(reason=failure.reason, message=failure.message[:MAX_EXPLANATION])
    event = _event_so_far(maker, record, prefix)
    if bare:
        event = Event(
            event_id=event.event_id,
            id=event.id,
            revision=event.revision,
            status=Status.DEAD_LETTERED,
            processing=event.processing,
        )
    processing = event.processing.model_copy(update={"enriched_at": now})
    event = event.model_copy(update={"status": Status.DEAD_LETTERED, "rejection": rejection, "processing": processing})
    event = event.settled()
    return Made(
        topic=prefix + output(event.id).name,
        key=event.id.encode(),
        value=event.model_dump_json().encode(),
        headers=(
            (ORIGIN, record.origin.encode()),
            *record.trace,
            *cloud_event_headers(event.event_id, event.status, now),
        ),
        status=event.status,
        rejection=rejection,
        age_seconds=max(0.0, (now - event.processing.received_at).total_seconds()),
    )


def _event_so_far(maker: Maker, record: Record, prefix: str) -> Event:
    """The event that the record carries, with the stage that failed among its makers; if it can't be read, a bare one."""
    if record.topic != prefix + DOCUMENTS.name:
        try:
            return decode(record).entering(maker.stage.name, maker.version).event
        except ValueError:
            pass
    content = digest((record.value or b"").hex())
    identity = _usable_key(record) or f"sw-{content}"
    return Event(
        event_id=derive_event_id(identity, 1, content),
        id=identity,
        status=Status.DEAD_LETTERED,
        processing=Processing(pipeline=str(maker), received_at=record.received_at),
    )


def _usable_key(record: Record) -> str | None:
    try:
        key = (record.key or b"").decode()
    except UnicodeDecodeError:
        return None
    return key if 0 < len(key) <= 256 and key == key.strip() and key.isprintable() else None


def _letter(
    maker: Maker,
    record: Record,
    rejection: Rejection,
    document: str,
    exception: str | None,
    attempt: int,
    configuration: str,
    now: datetime,
) -> DeadLetter:
    return DeadLetter(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        origin=record.origin,
        stage=maker.stage.name,
        status=rejection.reason.status,
        reason=rejection.reason,
        document=document,
        field=rejection.field,
        exception=exception,
        message=rejection.message,
        attempt=attempt,
        pipeline=str(maker),
        configuration=configuration,
        failed_at=now,
    )
