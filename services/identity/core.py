"""What one document says of who its entities are: their links to the knowledge base, and their keys.

It decides the order: the id of the watch list, then a link, then the name. A bare surname gets no key here; what other documents
say of it is ``register``'s to tell.
"""

from collections.abc import Sequence

from schemas.event import Entity
from services.entities.settings import EntitySettings
from services.identity.kb import PLACES, KnowledgeBase
from services.identity.linking import Link, Linker
from services.identity.names import name_key, regnal_key

_SCHEMES = ("wikidata", "geonames", "bioguide", "partyfacts")
"""The ids that a key is made of, the first that there is; else the first of the entry's in order of their names."""


class Identifier:
    """Gives entities their links and keys. It may be used by many documents, one at a time.

    Raises:
        KnowledgeBaseError: the file of the settings is no knowledge base.
    """

    def __init__(self, settings: EntitySettings) -> None:
        self._base = KnowledgeBase(settings.kb_file or PLACES)
        self._linker = Linker(self._base, settings.link_confidence)

    @property
    def digest(self) -> str:
        """Of the knowledge base."""
        return self._base.digest

    def __call__(self, entities: Sequence[Entity], title: str, text: str) -> tuple[Entity, ...]:
        """``entities`` of a document with ``links`` and ``key``, where they are known."""
        return tuple(
            _identified(entity, link)
            for entity, link in zip(entities, self._linker.link(entities, title, text), strict=True)
        )


def key_of(entity: Entity, link: Link | None) -> str | None:
    """The key that a document gives an entity by itself; None where its name names nobody."""
    if entity.watched:
        return f"watched:{entity.watched}"
    if link:
        ids = link.entry.ids
        scheme = next((one for one in _SCHEMES if one in ids), min(ids))
        return f"{scheme}:{ids[scheme]}"
    key = name_key(entity.name, entity.type)
    return regnal_key(entity.name, entity.aliases) if key is None and entity.type == "PERSON" else key


def _identified(entity: Entity, link: Link | None) -> Entity:
    update: dict[str, object] = {"key": key_of(entity, link)}
    if link:
        update |= {"links": dict(link.entry.ids), "link_confidence": link.confidence}
    return entity.model_copy(update=update)
