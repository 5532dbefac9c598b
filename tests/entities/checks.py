"""What holds for the entities of every document, and a way to write down what a model would have found."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import cast

from schemas import Work
from schemas.base import FieldName
from schemas.event import EntityType
from services.entities.boundaries import Span
from services.entities.clusters import Cluster, Field, find_clusters
from services.entities.words import find_capitals, find_small

_MARK = re.compile(r"\[([A-Z_]+) ([^\[\]]+)\]")


def check_offsets(work: Work) -> int:
    """Assert what the event's contract says of mentions, sentences and salience; the number of mentions."""
    raw = {"title": work.event.title, "text": work.event.text}
    places: list[tuple[bool, int, int]] = []
    for number, entity in enumerate(work.event.entities, start=1):
        assert entity.id == f"e{number}"
        assert entity.name
        assert entity.name not in entity.aliases
        own = [(mention.field != "title", mention.start, mention.end) for mention in entity.mentions]
        assert own == sorted(own)
        places += own
        for mention in entity.mentions:
            assert mention.text
            assert raw[mention.field][mention.start : mention.end] == mention.text
    firsts = [(entity.mentions[0].field != "title", entity.mentions[0].start) for entity in work.event.entities]
    assert firsts == sorted(firsts)
    places.sort()
    for (field, _, end), (next_field, start, _) in pairwise(places):
        assert field != next_field or end <= start
    reached = 0
    for start, end in work.sentences:
        assert reached <= start < end <= len(work.event.text)
        reached = end
    if work.event.entities:
        assert abs(sum(entity.salience for entity in work.event.entities) - 1) < 1e-9
    return len(places)


def marked(text: str) -> tuple[str, list[Span]]:
    """``I saw [PERSON Ann Lee].`` -> the text without the marks, and the spans."""
    spans: list[Span] = []
    plain = ""
    at = 0
    for match in _MARK.finditer(text):
        plain += text[at : match.start()]
        spans.append(Span(len(plain), len(plain) + len(match[2]), cast(EntityType, match[1])))
        plain += match[2]
        at = match.end()
    return plain + text[at:], spans


def read_field(name: FieldName, text: str) -> Field:
    """A field whose text has marks as ``marked`` reads them."""
    plain, spans = marked(text)
    return Field(name, plain, find_capitals(plain), find_small(plain), spans)


def cluster(text: str, title: str = "") -> list[Cluster]:
    """The entities of a document with marks."""
    return find_clusters([read_field("title", title), read_field("text", text)])


def summary(clusters: Sequence[Cluster]) -> dict[str, tuple[str, list[str]]]:
    """Name -> type and the mentions as written."""
    return {cluster.name: (cluster.label, [name.text for name in cluster.names]) for cluster in clusters}
