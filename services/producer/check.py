"""Whether the service would take a document, before it is sent, and a summary of what would be sent.

The service's own intake judges, with the settings of the environment: what it would reject is named here with the field,
the reason, and the option that helps.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from schemas import Document, Event
from schemas.base import MAX_TEXT
from schemas.event import Rejection
from schemas.work import Fingerprint
from services.intake.core import Incoming, Intake
from services.intake.settings import IntakeSettings
from services.producer.item import Item, Problem, Rejected, Skipped
from services.text.safe import safe

_NONE = Fingerprint(stamp="", exact="", shingles="")
"""Nobody compares it: a fingerprint takes longer than all of the intake's checks."""
_BEGINNING = 2_000
"""Characters: twice what the language is detected from, as markup is among them. Documents of 6,200 take 1.2 ms in place of 3.2."""
_LONGEST_QUICK = MAX_TEXT // 4
"""A text that is longer may be too long when it is cleaned: a ligature becomes up to three letters."""
_MAX_NAMED = 10
_LONG = 80
"""Characters from which a field may be the text: headlines and names are shorter."""
_DEEPEST = 3
_TOLD_FORMS = 50


class Judge:
    """Says what the service would make of a message.

    A document whose beginning alone would be accepted is: cleaning all of a text takes most of the intake's time. Whatever else
    comes of the beginning, all of the text is judged, so that nothing is called rejected which is not.
    """

    def __init__(self, settings: IntakeSettings) -> None:
        self._intake = Intake(settings, "check", lambda text, title: _NONE)
        self._quick = Intake(settings, "check", lambda text, title: _NONE, _BEGINNING)

    def __call__(self, item: Item) -> Event:
        """The event as the intake leaves it: with a rejection where it would reject the document."""
        message = Incoming(item.key, item.value, datetime.now(UTC), "check/0/0")
        (work,) = self._quick([message])
        if work.event.rejection is None and work.event.language and len(work.event.text) <= _LONGEST_QUICK:
            return work.event
        (work,) = self._intake([message])
        return work.event


@dataclass
class Summary:
    """What was read, and what would be sent. ``forms``: as what it was read -> documents."""

    forms: Counter[str] = field(default_factory=Counter)
    accepted: int = 0
    rejected: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    undated: int = 0
    earliest: datetime | None = None
    latest: datetime | None = None
    first: bytes | None = None

    def add_form(self, form: str | None) -> None:
        """Count a document, as what it was read."""
        name = form or "one message, to the byte"
        self.forms[name if name in self.forms or len(self.forms) < _TOLD_FORMS else "other kinds"] += 1

    def add(self, item: Item, event: Event) -> None:
        """Count a document that the service would take."""
        self.accepted += 1
        self.first = self.first or item.value
        given = json.loads(item.value or b"{}")
        names = [name for name, value in given.items() if value not in (None, "", [], {})]
        self.fields.update(names[:_TOLD_FORMS])
        self.languages[event.language or "not told and not detected"] += 1
        date = event.published_at
        if date is None:
            self.undated += 1
            return
        self.earliest = min(self.earliest or date, date)
        self.latest = max(self.latest or date, date)


def checked(
    read: Iterable[Item | Problem | Skipped], judge: Judge, summary: Summary, hold: bool = True
) -> Iterator[Item | Problem | Skipped | Rejected]:
    """What was read, with a ``Rejected`` in place of each document that the service would reject.

    Args:
        summary: counts on the way.
        hold: False: such documents are let through all the same. What is sent to the byte always is.
    """
    for one in read:
        if not isinstance(one, Item):
            yield one
            continue
        summary.add_form(one.form)
        if one.form is None or not hold:
            yield one
            continue
        event = judge(one)
        if event.rejection is None:
            summary.add(one, event)
            yield one
        else:
            summary.rejected += 1
            yield Rejected(one.origin, event.rejection.message, hint(one.value or b"", event.rejection))


def hint(value: bytes, rejection: Rejection) -> str:
    """The option that helps a document that was rejected; empty where none does."""
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(found, dict):
        return ""
    match rejection.field:
        case "text":
            return _text_hint(found)
        case "language":
            return (
                "STANCEWIRE_INTAKE_LANGUAGES says which languages are taken; --drop language where the field is wrong"
            )
        case "metadata":
            others = {name: inner for name, inner in found.items() if name not in Document.model_fields}
            inside = found.get("metadata")
            size = {
                name: len(json.dumps(inner))
                for name, inner in {**others, **(inside if isinstance(inside, dict) else {})}.items()
            }
            return f"--drop {_shown(max(size, key=lambda name: size[name]))}" if size else "--drop metadata"
        case str(name) if name.partition(".")[0] in Document.model_fields:
            top = name.partition(".")[0]
            inner = _inside(found.get(top))
            return f"--map {top}={top}.{_shown(inner)}, or --drop {top}" if inner else f"--drop {top}"
    return ""


def _inside(value: Any) -> str | None:
    """Of an object where a string should be, the field that may be meant."""
    return (
        next((str(name) for name, inner in value.items() if isinstance(inner, str)), None)
        if isinstance(value, dict)
        else None
    )


def _text_hint(found: dict[str, Any]) -> str:
    lists = [
        path for path, inner in _paths(found, "", 0) if isinstance(inner, list) and inner and isinstance(inner[0], dict)
    ]
    strings = {path: inner for path, inner in _paths(found, "", 0) if isinstance(inner, str) and path != "text"}
    longest = max(strings, key=lambda path: len(strings[path]), default="")
    if longest and len(strings[longest]) >= _LONG:
        return f"--map text={_shown(longest)}"
    if lists:
        return f"--records {_shown(lists[0])}"
    names = [_shown(path) for path in strings][:_MAX_NAMED]
    return f"--map text=FIELD says which field holds the text; the fields are {', '.join(names)}" if names else ""


def _paths(found: dict[str, Any], path: str, depth: int) -> Iterator[tuple[str, Any]]:
    for name, inner in found.items():
        where = f"{path}.{name}" if path else str(name)
        if isinstance(inner, dict) and depth < _DEEPEST:
            # a table's other columns and unknown fields are under metadata only in the message
            yield from _paths(inner, path if where == "metadata" else where, depth + 1)
        else:
            yield where, inner


def _shown(name: str) -> str:
    return safe(name, 60)
