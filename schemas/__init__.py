"""The contracts: frozen pydantic models of what crosses a topic, with no I/O. Everything else depends on these.

``document`` comes in, ``event`` goes out, ``deadletter`` is what could not be done, ``watched`` and
``issue`` are entries of the user's lists, ``work`` passes between stages, ``story`` is what ``news.stories`` holds.
``python -m schemas.export`` writes the JSON Schemas in ``schemas/json``.
"""

from schemas.base import Reason, Span, Status
from schemas.deadletter import DeadLetter
from schemas.document import Document
from schemas.event import (
    Duplicate,
    Entity,
    Event,
    Evidence,
    Holder,
    Issue,
    Mention,
    Probabilities,
    Processing,
    Rejection,
    Stance,
    Story,
    Target,
)
from schemas.issue import WatchedIssue
from schemas.story import StoryRecord
from schemas.watched import WatchedEntity
from schemas.work import Fingerprint, Work

__all__ = [
    "DeadLetter",
    "Document",
    "Duplicate",
    "Entity",
    "Event",
    "Evidence",
    "Fingerprint",
    "Holder",
    "Issue",
    "Mention",
    "Probabilities",
    "Processing",
    "Reason",
    "Rejection",
    "Span",
    "Stance",
    "Status",
    "Story",
    "StoryRecord",
    "Target",
    "WatchedEntity",
    "WatchedIssue",
    "Work",
]
