"""Entities and knowledge bases for the tests of identity."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from schemas.event import Entity, EntityType, Mention
from services.identity.build import Builder
from services.identity.kb import Entry, KnowledgeBase


def make_entity(
    name: str,
    type: EntityType = "PERSON",
    aliases: tuple[str, ...] = (),
    key: str | None = None,
    watched: str | None = None,
) -> Entity:
    """An entity as the stage makes it, mentioned once."""
    mention = Mention(field="text", start=0, end=len(name), text=name)
    return Entity(
        id="e1", name=name, type=type, salience=0.1, aliases=aliases, mentions=(mention,), key=key, watched=watched
    )


MakeBase = Callable[[Iterable[Entry]], KnowledgeBase]


@pytest.fixture
def make_base(tmp_path: Path) -> MakeBase:
    """Builds a knowledge base of entries and opens it."""

    def make(entries: Iterable[Entry]) -> KnowledgeBase:
        builder = Builder()
        for entry in entries:
            builder.add(entry)
        builder.write(tmp_path / "test.kb")
        return KnowledgeBase(tmp_path / "test.kb")

    return make
