"""Texts judged one after the other as the service would: what the evaluations of duplicate detection have in common.

A text is cleaned as ``intake`` cleans it, fingerprinted and judged. The window is as long as it can be: what it forgets is
not measured here.
"""

from datetime import UTC, datetime
from typing import Any

from schemas import Event, Processing, Status, Work
from schemas.event import Duplicate
from services.dedup.core import Judge
from services.dedup.fingerprint import Fingerprinter
from services.dedup.settings import DedupSettings
from services.text.clean import clean

RECEIVED = datetime(2024, 1, 1, tzinfo=UTC)
"""When texts without a time come; the judge goes by the order alone."""
_HOURS = 24 * 366
"""The longest window that there is."""


class Stream:
    """A judge, and what it has read."""

    def __init__(self) -> None:
        self.settings = DedupSettings(window_hours=_HOURS)
        self._fingerprinter = Fingerprinter(self.settings)
        self._table: dict[str, str] = {}
        self._judge = Judge(self.settings, self._table)

    def read(self, id: str, text: str, at: datetime = RECEIVED, title: str = "") -> Duplicate:
        """The verdict on a document that comes next. An id can be read once."""
        duplicate = self.event(id, text, at, title=title).duplicate
        assert duplicate is not None
        return duplicate

    def event(self, id: str, text: str, at: datetime = RECEIVED, **fields: str) -> Event:
        """The event of a document that comes next, with ``fields`` of its own: its status says whether it is read on."""
        work = _work(id, id, Status.ENRICHED, at, text=text, **fields)
        fingerprint = self._fingerprinter(clean(text).text, fields.get("title", ""))
        return self._judged(work.model_copy(update={"fingerprint": fingerprint})).event

    def withdraw(self, id: str, at: datetime = RECEIVED) -> None:
        """Take a document out of the window: what comes later is not compared with it."""
        self._judged(_work(f"{id} withdrawn", id, Status.WITHDRAWN, at))

    def _judged(self, work: Work) -> Work:
        judgement = self._judge.judge(work)
        judgement.write(self._table)
        return judgement.work


def _work(event: str, id: str, status: Status, at: datetime, **fields: Any) -> Work:
    processing = Processing(pipeline="evaluation", received_at=at)
    return Work(event=Event(event_id=event, id=id, status=status, processing=processing, **fields))
