"""Stories with their entities marked by hand: ``tests/entities/aliases.txt``, written for this project.

A story begins with a line ``== name``, then come an optional line ``title: …`` and paragraphs; lines that begin with ``#``
before the first story are remarks. A mention is ``[[1:PERSON|Jeff Sessions]]``: the number of its entity in the story, the
entity's type, and the mention as it stands in the text. The type is needed once for each entity.

What is marked is each name as the event has it: without its title (``Mr. [[1|Sessions]]``), ``the`` and a possessive ending,
never one within another (``[[2:ORG|New York Police Department]]`` names no New York).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from evaluation.data import lines
from schemas.base import FieldName
from schemas.event import EntityType

_MARK = re.compile(r"\[\[(\d+)(?::([A-Z_]+))?\|([^\[\]|]+)\]\]")


@dataclass(frozen=True, slots=True)
class Marked:
    """A mention: half-open offsets in code points of its field, and its entity's number."""

    field: FieldName
    start: int
    end: int
    entity: int


@dataclass(frozen=True, slots=True)
class Story:
    """A story without its marks, its mentions in order, and the type of each entity."""

    name: str
    title: str
    text: str
    mentions: tuple[Marked, ...]
    types: dict[int, EntityType]


def read(path: Path) -> list[Story]:
    """The stories of a file.

    Raises:
        ValueError: a mark is damaged, an entity has no type or two, a name is given twice, a story has no text or no mention;
            the message names the story. OSError: the file cannot be read.
    """
    stories = [_story(name, content) for name, content in _parts(path)]
    names = [story.name for story in stories]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"story {name!r}: the name is given twice")
    return stories


def _parts(path: Path) -> Iterator[tuple[str, list[str]]]:
    name, content = "", list[str]()
    for line in lines(path):
        if line.startswith("== "):
            if name:
                yield name, content
            name, content = line[3:].strip(), []
        elif name:
            content.append(line)
        elif line.strip() and not line.startswith("#"):
            raise ValueError(f"{line[:50]!r} stands before the first story")
    if name:
        yield name, content


def _story(name: str, content: list[str]) -> Story:
    title = content.pop(0).removeprefix("title: ") if content and content[0].startswith("title: ") else ""
    text = "\n".join(content).strip("\n")
    types: dict[int, EntityType] = {}
    plain_title, mentions = _plain(name, "title", title, types)
    plain, more = _plain(name, "text", text, types)
    if not plain.strip() or not more:
        raise ValueError(f"story {name!r}: no text, or no mention in it")
    for mention in mentions + more:
        if mention.entity not in types:
            raise ValueError(f"story {name!r}: entity {mention.entity} has no type")
    return Story(name, plain_title, plain, tuple(mentions + more), types)


def _plain(name: str, field: FieldName, text: str, types: dict[int, EntityType]) -> tuple[str, list[Marked]]:
    """The text without its marks, and the mentions; adds to ``types``."""
    plain, at = "", 0
    mentions: list[Marked] = []
    for match in _MARK.finditer(text):
        plain += text[at : match.start()]
        entity, at = int(match[1]), match.end()
        if match[2] is not None:
            kind = next((kind for kind in get_args(EntityType) if kind == match[2]), None)
            if kind is None or types.setdefault(entity, kind) != kind:
                raise ValueError(
                    f"story {name!r}: {match[2]!r} is no type, or another than before, in {match.group()!r}"
                )
        mentions.append(Marked(field, len(plain), len(plain) + len(match[3]), entity))
        plain += match[3]
    plain += text[at:]
    if "[[" in plain or "]]" in plain:
        where = plain.find("[[") if "[[" in plain else plain.find("]]")
        raise ValueError(f"story {name!r}: a damaged mark at {plain[where : where + 30]!r}")
    return plain, mentions
