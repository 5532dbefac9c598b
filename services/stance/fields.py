"""The fields of a document as the stance stage reads them: clean, cut into tokens, with the mentions of its entities."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from schemas import Entity, Work
from schemas.base import FieldName
from services.stance.page import Mark, Page, make_page
from services.text.clean import Cleaned, clean_story


class Field(NamedTuple):
    """A title or text as received, clean, and cut into tokens."""

    name: FieldName
    raw: str
    cleaned: Cleaned
    page: Page


def fields_of(work: Work) -> list[Field]:
    """Title and text of a document, where they are not empty."""
    event = work.event
    fields: tuple[tuple[FieldName, str, Sequence[tuple[int, int]]], ...] = (
        ("title", event.title, ((0, len(event.title)),)),
        ("text", event.text, work.sentences),
    )
    found = []
    for name, raw, sentences in fields:
        if raw:
            cleaned = clean_story(raw)
            inner = [span for span in to_clean(cleaned, sentences) if span is not None]
            page = make_page(cleaned.text, inner, clean_marks(event.entities, name, cleaned))
            found.append(Field(name, raw, cleaned, page))
    return found


def clean_marks(entities: Sequence[Entity], field: FieldName, cleaned: Cleaned) -> list[Mark]:
    """The mentions of a field where they stand in its clean text; those of which nothing is left are dropped."""
    named = [
        (entity, (mention.start, mention.end))
        for entity in entities
        for mention in entity.mentions
        if mention.field == field
    ]
    placed = zip(named, to_clean(cleaned, [span for _, span in named]), strict=True)
    return [Mark(span[0], span[1], entity.id, entity.type) for (entity, _), span in placed if span is not None]


def to_clean(cleaned: Cleaned, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int] | None]:
    """For each raw span the clean span of what it became, or None where nothing of it is left."""
    if isinstance(cleaned.starts, range):  # nothing was mended
        size = len(cleaned.text)
        bounds = [(start, min(end, size)) for start, end in spans]
    else:
        bounds = [(bisect_right(cleaned.ends, start), bisect_left(cleaned.starts, end)) for start, end in spans]
    return [span if span[0] < span[1] else None for span in bounds]
