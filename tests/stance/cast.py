"""A cast of invented people and bodies, and documents about them as the entities stage would hand them on."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from schemas import Entity, Event, Mention, Processing, Status, Work
from schemas.base import FieldName
from schemas.event import EntityType

CAST: dict[str, tuple[EntityType, tuple[str, ...]]] = {
    "Brandt": ("PERSON", ("Ana Brandt", "Ms. Brandt", "Brandt")),
    "Novak": ("PERSON", ("Carl Novak", "Mr. Novak", "Novak")),
    "Ellery": ("PERSON", ("Ruth Ellery", "Mrs. Ellery", "Ellery")),
    "Okafor": ("PERSON", ("Sam Okafor", "Mr. Okafor", "Okafor")),
    "Union": ("ORG", ("Harbor Union",)),
    "Delmar": ("ORG", ("Delmar Corp.", "Delmar")),
    "Senate": ("ORG", ("Senate",)),
    "Westland": ("GPE", ("Westland",)),
    "Eastmark": ("GPE", ("Eastmark",)),
    "Greens": ("NORP", ("Greens",)),
    "Liberals": ("NORP", ("Liberals",)),
    "Water Act": ("LAW", ("Clean Water Act",)),
    "Marathon": ("EVENT", ("Northport Marathon",)),
    "Novak administration": ("ORG", ("Novak administration",)),
}


def work_of(text: str, title: str = "", sentences: Sequence[tuple[int, int]] = ()) -> Work:
    """A document with every name of the cast that stands in it as an entity; entity ids are the cast's names."""
    taken: dict[str, list[tuple[int, int]]] = {"title": [], "text": []}
    found: dict[str, list[Mention]] = {}
    forms = [(form, name) for name, (_, all_forms) in CAST.items() for form in all_forms]
    fields: tuple[tuple[FieldName, str], ...] = (("title", title), ("text", text))
    for form, name in sorted(forms, key=lambda pair: -len(pair[0])):
        for field, words in fields:
            for match in re.finditer(rf"(?<!\w){re.escape(form)}(?!\w)", words):
                start, end = match.span()
                if all(end <= a or b <= start for a, b in taken[field]):
                    taken[field].append((start, end))
                    found.setdefault(name, []).append(Mention(field=field, start=start, end=end, text=match.group()))
    entities = tuple(
        Entity(
            id=name,
            name=CAST[name][1][0],
            type=CAST[name][0],
            salience=1 / len(found),
            mentions=tuple(sorted(mentions, key=lambda m: (m.field == "text", m.start))),
        )
        for name, mentions in sorted(found.items())
    )
    event = Event(
        event_id="event",
        id="document",
        status=Status.ENRICHED,
        title=title,
        text=text,
        entities=entities,
        processing=Processing(pipeline="0", received_at=datetime(2024, 5, 1, tzinfo=UTC)),
    )
    return Work(event=event, sentences=tuple(sentences))
