"""Entities: exact spans and types, on the sets below or on a file in their formats.

Each document goes in as its raw text, without a title, and mentions are compared at their offsets in it. A mention is right
where start, end and type are those of gold. Types are PERSON, ORG, NORP and LOCATION (GPE, LOC, FAC; of gold Location and
Facility), of these the ones that the file annotates; what has another type is left out on both sides. A leading ``the`` is
taken off all spans, since the annotations differ on it. Beside the stage stand its model without the naming rules, and
spaCy's ``en_core_web_sm`` and, where it is installed, ``en_core_web_md``.

What the model was trained on is not scored: of an archive, the articles named in the model's ``trained_on.txt`` are left out.

Text of columns is the tokens with spaces between, a sentence a line, a document from ``-DOCSTART-`` on (where there is
none, each sentence is one). Labels are B-/I- or BIOES; an I- that continues nothing begins a mention.
"""

import importlib.util
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from evaluation.bench.works import make_work
from evaluation.data import DATA, Article, DataError, lines, members, reading
from evaluation.scores import Score, compare
from evaluation.stock import MEDIUM, SMALL, find_entities
from services.entities import agent
from services.entities.core import EntityTagger
from services.entities.reading import load_pipeline
from services.entities.settings import OWN_FOLDER, EntitySettings
from services.runtime.settings import load

DEFAULTS = {
    "worldwide": DATA / "worldwide_newswire" / "dev.tar.gz",
    "wnut17": DATA / "wnut17" / "emerging.dev.conll",
    "conll2003": DATA / "conll2003" / "valid.txt.gz",
}
TRAINED_ON = "trained_on.txt"
COARSE = {"PERSON": "PERSON", "ORG": "ORG", "NORP": "NORP", "GPE": "LOCATION", "LOC": "LOCATION", "FAC": "LOCATION"}
"""What is scored of the types of an event."""
_GOLD = {
    "person": "PERSON",
    "per": "PERSON",
    "organization": "ORG",
    "org": "ORG",
    "corporation": "ORG",
    "group": "ORG",
    "norp": "NORP",
    "location": "LOCATION",
    "loc": "LOCATION",
    "gpe": "LOCATION",
    "facility": "LOCATION",
    "fac": "LOCATION",
}
"""Gold's names in lower case, of Worldwide, CoNLL-2003, OntoNotes and WNUT-17 (where groups are bands and teams)."""
_LABEL = re.compile(r"O|[BIES]-[A-Za-z][A-Za-z_-]*")
_REACH = 50
"""Characters within which a token must stand after the one before; a further one is damaged in the file (38 of 166,174)."""
_THE = re.compile(r"the\s+", re.IGNORECASE)

Mention = tuple[int, int, str]
"""Start and end in code points of the text, half open, and the type."""
System = Callable[[str], list[Mention]]
"""Finds the mentions in a text."""


@dataclass
class Gold:
    """A text and its mentions, types as in the file, in lower case."""

    text: str
    mentions: list[Mention] = field(default_factory=list)
    name: str = ""
    """Of the document in its archive; empty in a file of columns."""


def evaluate(path: Path | None) -> dict[str, Any]:
    """The figures of ``path``: an archive (``.tar.gz``) or columns (``.conll``, ``.txt``, also with ``.gz``).

    Without a path those of Worldwide newswire's held-out articles, and under ``sets`` the same for WNUT-17's development part
    and CoNLL-2003's validation part.

    Raises:
        DataError: it is missing or not in the format, or all of it was trained on. SettingsError: the model is not there.
    """
    agent.check()
    settings = load(EntitySettings)
    tagger = EntityTagger(settings)
    systems: dict[str, System] = {"ours": partial(tag, tagger), **_stock(settings.model)}
    if path:
        return _figures(path, tagger.version, systems)
    sets = {name: _figures(file, tagger.version, systems) for name, file in DEFAULTS.items()}
    return sets[next(iter(DEFAULTS))] | {"sets": sets}


def _figures(path: Path, version: str, systems: Mapping[str, System]) -> dict[str, Any]:
    with reading(path):
        documents = list(read(path))
    if not any(document.mentions for document in documents):
        raise DataError(f"{path}: no annotated entity in it")
    known = trained_on()
    unseen = [document for document in documents if document.name not in known]
    if not unseen:
        raise DataError(f"{path}: the model was trained on all of it")
    found = {name: score(unseen, [find(one.text) for one in unseen]) for name, find in systems.items()}
    ours = found.pop("ours")
    return {
        "data": str(path),
        "model": version,
        "documents": len(unseen),
        "left_out": len(documents) - len(unseen),
        **_summary(ours),
        **{name: _summary(scores) for name, scores in found.items()},
    }


def _stock(model: str) -> dict[str, System]:
    pipelines = {"model_alone": load_pipeline(model), "en_core_web_sm": load_pipeline(SMALL)}
    if importlib.util.find_spec(MEDIUM):
        pipelines["en_core_web_md"] = load_pipeline(MEDIUM)
    return {name: partial(find_entities, pipeline) for name, pipeline in pipelines.items()}


def _summary(scores: Mapping[str, Score]) -> dict[str, Any]:
    types = {name: one.figures() | {"gold": one.gold} for name, one in scores.items()}
    return sum(scores.values(), Score()).figures() | {"types": types}


def trained_on() -> frozenset[str]:
    """The names of the articles that the shipped model was trained on."""
    return frozenset((OWN_FOLDER / TRAINED_ON).read_text(encoding="utf-8").split())


def score(documents: Sequence[Gold], found: Sequence[Iterable[Mention]]) -> dict[str, Score]:
    """The scores of the mentions ``found`` in each document, for each type that gold has."""
    gold = [_coarse(document.text, document.mentions, _GOLD) for document in documents]
    own = [_coarse(document.text, mentions, COARSE) for document, mentions in zip(documents, found, strict=True)]
    names = sorted({kind for mentions in gold for _, _, kind in mentions})
    return {
        name: sum(
            (
                compare([one for one in a if one[2] == name], [one for one in b if one[2] == name])
                for a, b in zip(own, gold, strict=True)
            ),
            Score(),
        )
        for name in names
    }


def tag(tagger: EntityTagger, text: str) -> list[Mention]:
    """The mentions that the entities stage finds in ``text``."""
    [work] = tagger([make_work("evaluation", Article(title="", text=text))])
    return [(one.start, one.end, entity.type) for entity in work.event.entities for one in entity.mentions]


def read(path: Path) -> Iterator[Gold]:
    """The documents of a file of columns; or of an archive of texts with annotation (``.txt``, ``.txt.tsv``) or of columns."""
    if not path.name.endswith((".tar.gz", ".tgz", ".tar")):
        yield from _columns(lines(path))
        return
    files = members(path)
    texts = {file.name: text for file, text in files.items() if file.suffix == ".txt"}
    for file, annotation in files.items():
        if file.suffix == ".conll":
            yield from _columns(annotation.splitlines())
        elif file.suffix == ".tsv":
            document = Gold(texts[file.stem], name=file.stem)
            at = 0
            places = []
            for line in annotation.split("\n"):
                token, label = _row(line.rstrip("\r").split("\t")[:2])
                start = document.text.find(token, at, at + _REACH + len(token)) if token else -1
                if start >= 0:
                    at = start + len(token)
                places.append((start if start >= 0 else at, at, label))
            document.mentions = list(chunks(places))
            yield document


def _columns(rows: Iterable[str]) -> Iterator[Gold]:
    documents: list[list[list[tuple[str, str]]]] = []
    sentence: list[tuple[str, str]] = []
    marked = False
    for line in [*rows, ""]:
        if line.startswith("-DOCSTART-"):
            marked = True
            documents.append([])
        elif line.strip():
            cells = line.split("\t") if "\t" in line else line.split()
            sentence.append(_row([cells[0], cells[-1]] if len(cells) > 1 else cells))
        elif sentence:
            if not marked:
                documents.append([])
            documents[-1].append(sentence)
            sentence = []
    return (_joined(document) for document in documents if document)


def _joined(sentences: Sequence[Sequence[tuple[str, str]]]) -> Gold:
    text = ""
    places = []
    for sentence in sentences:
        for token, label in sentence:
            places.append((len(text), len(text) + len(token), label))
            text += token + " "
        text = text[:-1] + "\n"
        places.append((len(text), len(text), "O"))
    return Gold(text, list(chunks(places)))


def _row(cells: Sequence[str]) -> tuple[str, str]:
    """Token and label; both are empty between sentences."""
    if not any(cells):
        return "", "O"
    token, label = cells
    if not _LABEL.fullmatch(label):
        raise ValueError(f"{label[:50]!r} is no label such as O, B-PER, I-PER")
    return token, label


def chunks(places: Iterable[tuple[int, int, str]]) -> Iterator[Mention]:
    """The mentions in labelled tokens, given as start, end and label; types in lower case."""
    open_: Mention | None = None
    for start, end, label in places:
        place, _, kind = label.lower().partition("-")
        if open_ is not None and place in ("i", "e") and kind == open_[2]:
            open_ = (open_[0], end, kind)
        else:
            if open_ is not None:
                yield open_
            open_ = (start, end, kind) if kind else None
        if open_ is not None and place in ("e", "s"):
            yield open_
            open_ = None
    if open_ is not None:
        yield open_


def _coarse(text: str, mentions: Iterable[Mention], names: Mapping[str, str]) -> set[Mention]:
    """The mentions that are scored, with the types that they are scored by."""
    return {(_after_the(text, start, end), end, names[kind]) for start, end, kind in mentions if kind in names}


def _after_the(text: str, start: int, end: int) -> int:
    match = _THE.match(text, start, end)
    return match.end() if match and match.end() < end else start
