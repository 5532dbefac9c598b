"""Keys and links: what the entities stage takes for them, and what the register takes to resolve bare names, on one core.

The entities are found before the clock runs. ``linking_ms`` is the time of ``services.identity.core`` for one document,
``register_ms`` that of ``services.identity.register`` and the note for it, with all documents remembered; CPU time, the median of
portions.
"""

from functools import partial
from statistics import median
from typing import Any

from evaluation.bench.works import cpu_seconds, make_work
from evaluation.data import ARTICLES, articles
from schemas.event import Event
from services.entities import agent
from services.entities.core import EntityTagger
from services.entities.settings import EntitySettings
from services.identity.core import Identifier
from services.identity.notes import note
from services.identity.register import Register
from services.runtime.settings import load

DOCUMENTS = 100
_PORTION = 10


def measure(documents: int) -> dict[str, Any]:
    """Milliseconds a document.

    Raises:
        DataError: the articles are not there. SettingsError: the model or the knowledge base is not.
    """
    agent.check()
    tagger = EntityTagger(load(EntitySettings))
    events = [tagger([make_work(f"{number}", one)])[0].event for number, one in enumerate(articles(documents))]
    identifier, register = Identifier(load(EntitySettings)), Register()
    identified = [identifier(event.entities, event.title, event.text) for event in events]
    for number, entities in enumerate(identified):
        register.add(number, note(entities))

    def link(these: list[Event]) -> None:
        for event in these:
            identifier(event.entities, event.title, event.text)

    def resolve(first: int) -> None:
        for number, entities in enumerate(identified[first : first + _PORTION], len(events) + first):
            noted = note(entities)
            register.meant(number, entities, noted)
            register.add(number, noted)

    starts = range(0, len(events), _PORTION)
    portions = [events[at : at + _PORTION] for at in starts]
    found = [entity for entities in identified for entity in entities]
    return {
        "data": str(ARTICLES),
        "kb": identifier.digest,
        "documents": len(events),
        "entities_per_document": len(found) / len(events),
        "linked": sum(bool(entity.links) for entity in found) / len(found) if found else 0.0,
        "keyed": sum(entity.key is not None for entity in found) / len(found) if found else 0.0,
        "linking_ms": 1000 * median(cpu_seconds(partial(link, one)) / len(one) for one in portions),
        "register_ms": 1000
        * median(cpu_seconds(partial(resolve, at)) / len(events[at : at + _PORTION]) for at in starts),
    }
