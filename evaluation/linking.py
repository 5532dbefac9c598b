"""Linking: which entry of a knowledge base an entity is, against the links of GUM's news to Wikipedia.

The knowledge base is the one that comes with the project with the samples of ``../shared/data/linking`` (the Congress of the US,
its presidents, parties, countries), or that of ``STANCEWIRE_ENTITIES_KB_FILE``. GUM names pages of Wikipedia. A page is an entry
that has it as its ``wikipedia``; else the best known entry of the right kind with the page's title as its usual name, of places as
any name; a title with a comma is a place in another (``Springfield,_Illinois``). A page without an entry is
nobody: no link is right.

The entities are GUM's own mentions: names and phrases are given, so that only the linking is scored. For each kind:

* ``known``: entities whose page has an entry. ``right``: the share of these with the right link. ``nobody``: entities that have no
  entry. ``none_right``: the share of these without a link. ``accuracy``: of all.
* ``prior_alone``: the best known candidate, whatever the document says.
"""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from evaluation import gum
from evaluation.data import DATA
from schemas.event import Entity, EntityType, Mention
from services.entities.settings import EntitySettings
from services.entities.titles import count_title_words
from services.identity.build import build
from services.identity.kb import PLACES, Entry, KnowledgeBase, KnowledgeBaseError, forms_of
from services.identity.linking import Linker
from services.identity.names import kind_of, normalise
from services.runtime.settings import SettingsError, load

DEFAULT = DATA / "gum_news" / "gum_news.tar.gz"
SAMPLES = tuple(
    DATA / "linking" / name
    for name in ("country-codes.csv", "legislators-current.yaml.gz", "executive.yaml", "parties.csv")
)
_TYPES: Mapping[str, EntityType] = {"person": "PERSON", "organization": "ORG", "place": "GPE"}


def evaluate(path: Path | None) -> dict[str, Any]:
    """The figures of the archive ``path`` in GUM's format.

    Raises:
        DataError: it is missing or not in the format. SettingsError: a knowledge base or a sample cannot be read.
    """
    archive = path or DEFAULT
    documents = gum.read(archive)
    settings = load(EntitySettings)
    with tempfile.TemporaryDirectory() as folder:
        built = Path(folder) / "samples.kb"
        try:
            if settings.kb_file is None:
                build(built, [sample for sample in SAMPLES if sample.exists()], PLACES)
            base = KnowledgeBase(settings.kb_file or built)
        except KnowledgeBaseError as error:
            raise SettingsError(str(error)) from None
        pages = {entry.ids["wikipedia"]: entry for entry in base.entries() if "wikipedia" in entry.ids}
        return {
            "data": str(archive),
            "kb": base.digest,
            "entries": len(base),
            "documents": len(documents),
            "kinds": score(documents, base, pages, Linker(base, settings.link_confidence)),
            "prior_alone": score(documents, base, pages, Linker(base, 0, prior_alone=True)),
        }


def score(
    documents: Sequence[gum.Document], base: KnowledgeBase, pages: Mapping[str, Entry], linker: Linker
) -> dict[str, dict[str, float]]:
    """For each kind, and for all, the shares of right links."""
    counts = {name: [0, 0, 0, 0] for name in (*_TYPES, "all")}
    for document in documents:
        found = _entities(document)
        links = linker.link([entity for entity, _, _ in found], document.title, document.text)
        for (entity, kind, page), link in zip(found, links, strict=True):
            gold = _entry(base, pages, page, kind_of(entity.type))
            for name in (kind, "all"):
                if gold:
                    counts[name][0] += 1
                    counts[name][1] += link is not None and link.entry.own[0] == gold.own[0]
                else:
                    counts[name][2] += 1
                    counts[name][3] += link is None
    return {
        name: {
            "known": known,
            "right": right / known if known else 0.0,
            "nobody": nobody,
            "none_right": none_right / nobody if nobody else 0.0,
            "accuracy": (right + none_right) / (known + nobody) if known + nobody else 0.0,
        }
        for name, (known, right, nobody, none_right) in counts.items()
    }


def _entities(document: gum.Document) -> list[tuple[Entity, str, str]]:
    """GUM's named entities with a link, or that are named without one: the entity, its kind and its page (empty: none)."""
    texts = {"title": document.title, "text": document.text}
    mentions: dict[int, list[gum.Gold]] = {}
    for mention in document.mentions:
        mentions.setdefault(mention.entity, []).append(mention)
    found = []
    for number, own in mentions.items():
        kind, page = document.pages.get(number, ("", ""))
        if kind not in _TYPES:
            continue
        names = list(dict.fromkeys(_name(texts[one.field], one) for one in own))
        name = max(names, key=lambda one: (len(one.split()), -names.index(one)))
        places = tuple(
            Mention.model_validate(
                {"field": one.field, "start": one.start, "end": one.end, "text": texts[one.field][one.start : one.end]}
            )
            for one in own
        )
        entity = Entity(
            id=f"e{number}",
            name=name,
            type=_TYPES[kind],
            salience=0,
            aliases=tuple(one for one in names if one != name),
            mentions=places,
        )
        found.append((entity, kind, page))
    return found


def _name(text: str, mention: gum.Gold) -> str:
    """The capitalised words that end at the head of a phrase: ``Donald Trump`` of ``US President Donald Trump``."""
    words = text[mention.start : mention.head + 1].split()
    start = len(words) - 1
    while start and (words[start - 1][:1].isupper() or words[start - 1] in ("of", "the", "and", "de")):
        start -= 1
    while words[start][:1].islower() and start < len(words) - 1:
        start += 1
    words = words[start:]
    return " ".join(words[count_title_words(words) :])


def _entry(base: KnowledgeBase, pages: Mapping[str, Entry], page: str, kind: str) -> Entry | None:
    """The entry that a page of Wikipedia is about."""
    title = unquote(page).replace("_", " ").partition(" (")[0]
    if not title:
        return None
    if title in pages:
        return pages[title]
    named = [entry for form in forms_of(title, kind) for entry in base.candidates(form)]
    if named and (kind == "place" or normalise(named[0].name) == normalise(title)):
        return named[0]
    if kind != "place":
        return None
    name, _, within = title.partition(", ")
    for form in forms_of(name, kind):
        for entry in base.candidates(form):
            inside = (
                {other.own[0] for one in forms_of(within, "place") for other in base.candidates(one)}
                if within
                else None
            )
            if entry.kind == kind and (inside is None or not inside.isdisjoint(entry.within)):
                return entry
    return None
