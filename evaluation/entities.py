"""Entities: exact spans and types against Worldwide newswire (Shan et al., EMNLP 2023) or a file of CoNLL columns.

Each document goes in as its raw text, without a title, and mentions are compared at their offsets in it. A mention is right
where start, end and type are those of gold. Types are PERSON, ORG, NORP and LOCATION (GPE, LOC, FAC; of gold Location and
Facility), of these the ones that the file annotates; what has another type is left out on both sides. A leading ``the`` is
taken off all spans, gold, ours and stock, since the annotations differ on it. Beside it, ``stock``: the model alone.

Text of columns is the tokens with spaces between, a sentence a line, a document from ``-DOCSTART-`` on (where there is
none, each sentence is one). Labels are B-/I- or BIOES; an I- that continues nothing begins a mention.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evaluation.data import DATA, DataError, lines, members, reading
from evaluation.scores import Score, compare
from evaluation.stock import find_entities, load_stock
from schemas import Event, Processing, Status, Work
from services.entities import agent
from services.entities.core import EntityTagger
from services.entities.settings import EntitySettings
from services.runtime.settings import load

DEFAULT = DATA / "worldwide_newswire" / "dev.tar.gz"
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


@dataclass
class Gold:
    """A text and its mentions, types as in the file, in lower case."""

    text: str
    mentions: list[Mention] = field(default_factory=list)


def evaluate(path: Path | None) -> dict[str, Any]:
    """The figures of ``path``: an archive (``.tar.gz``) or columns (``.conll``, ``.txt``, also with ``.gz``).

    Raises:
        DataError: it is missing or not in the format. SettingsError: the model is not there.
    """
    source = path or DEFAULT
    with reading(source):
        documents = list(read(source))
    if not any(document.mentions for document in documents):
        raise DataError(f"{source}: no annotated entity in it")
    agent.check()
    settings = load(EntitySettings)
    tagger, stock = EntityTagger(settings), load_stock(settings.model)
    ours, base = (
        score(documents, found)
        for found in (
            [tag(tagger, document.text) for document in documents],
            [find_entities(stock, document.text) for document in documents],
        )
    )
    return {
        "data": str(source),
        "model": tagger.version,
        "documents": len(documents),
        **sum(ours.values(), Score()).figures(),
        "types": {name: one.figures() | {"gold": one.gold} for name, one in ours.items()},
        **{f"stock_{name}": value for name, value in sum(base.values(), Score()).figures().items()},
        "stock_types": {name: one.figures() for name, one in base.items()},
    }


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
    event = Event(
        event_id="",
        id="evaluation",
        status=Status.ENRICHED,
        text=text,
        processing=Processing(pipeline="evaluation", received_at=datetime(2000, 1, 1, tzinfo=UTC)),
    )
    [work] = tagger([Work(event=event)])
    return [(one.start, one.end, entity.type) for entity in work.event.entities for one in entity.mentions]


def read(path: Path) -> Iterator[Gold]:
    """The documents of an archive, or of a file of columns."""
    return _archive(path) if path.name.endswith((".tar.gz", ".tgz", ".tar")) else _columns(path)


def _archive(path: Path) -> Iterator[Gold]:
    files = members(path)
    texts = {file.name: text for file, text in files.items() if file.suffix == ".txt"}
    for file, annotation in files.items():
        if file.suffix == ".tsv":
            document = Gold(texts[file.stem])
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


def _columns(path: Path) -> Iterator[Gold]:
    documents: list[list[list[tuple[str, str]]]] = []
    sentence: list[tuple[str, str]] = []
    marked = False
    for line in [*lines(path), ""]:
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
