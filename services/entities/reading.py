"""spaCy: the spans and sentences of a cleaned text.

It decides which components of a pipeline run and in what portions, and that nothing of spaCy outlives a reading; what the
spans mean is left to the naming rules. Texts are read one by one: on 200 articles ``nlp.pipe`` was not faster (the model
batches inside a text already), and one by one a result cannot depend on the neighbours in a batch.
"""

import gc
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from schemas.event import EntityType
from services.entities.boundaries import Span
from services.entities.pieces import blank, find_end, step_back
from services.entities.settings import OWN, OWN_FOLDER
from services.entities.tagger import SHARES

_TYPES: dict[str, EntityType] = {label: label for label in get_args(EntityType)}
_OTHER_SCHEMES: dict[str, EntityType] = {
    "PER": "PERSON", "PRS": "PERSON", "PERSNAME": "PERSON", "PS": "PERSON",
    "ORGANIZATION": "ORG", "ORGNAME": "ORG", "GPE_ORG": "ORG", "OG": "ORG",
    "GPE_LOC": "GPE", "PLACENAME": "GPE", "LC": "GPE", "GEOGNAME": "LOC",
    "FACILITY": "FAC", "NAT_REL_POL": "NORP", "EVN": "EVENT", "EVT": "EVENT", "PROD": "PRODUCT", "WRK": "WORK_OF_ART",
}  # fmt: skip
"""The labels of spaCy's pipelines outside OntoNotes, in capitals. What is not here is no entity of an event: dates, numbers,
and MISC, which mixes adjectives, works, events and makes, so that no type would be right."""

_READINGS = 2_000
"""Texts after which a pipeline is loaded anew (0.3 s). spaCy's hash maps of strings and words forget what a memory zone added, but
keep its room: over 100,000 documents with a dozen new words each a process grew by 38 MB, in steps that double."""

_RULED = "entity_ruler"
"""A finder whose patterns may read lemmas and tags."""
_SPLITTERS = ("senter", "parser", "sentencizer")
"""Components that find sentences, the best for its time first: ``senter`` costs a hundredth of ``ner``, ``parser`` three
quarters."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in a text, in order: spans of the event's types, and sentences. Offsets count its code points, half open."""

    spans: tuple[Span, ...]
    sentences: tuple[tuple[int, int], ...]


class PipelineReader:
    """A spaCy pipeline cut down to what is needed. Not safe for threads: one reader for each process."""

    def __init__(self, model: str, piece_characters: int, setting: str = "STANCEWIRE_ENTITIES_MODEL") -> None:
        """Load the installed pipeline ``model``, or the one in the folder of that name.

        Raises:
            ValueError: there is no such pipeline, or it does not find entities; ``setting`` is the variable that named it.
        """
        self._source = (model, setting)
        self._nlp = load_pipeline(model, setting)
        self._readings = 0
        self._types = _types(self._nlp, _finders(self._nlp))
        self._piece_characters = piece_characters

    @property
    def version(self) -> str:
        """The pipeline's name and version."""
        meta = self._nlp.meta
        return f"{meta['lang']}_{meta['name']} {meta['version']}"

    @property
    def string_store_size(self) -> int:
        """Strings that spaCy holds: does not grow with what was read."""
        return len(self._nlp.vocab.strings)

    def read(self, text: str) -> Reading:
        """The spans and sentences of ``text``."""
        self._renew()
        spans: list[Span] = []
        sentences: list[tuple[int, int]] = []
        text = blank(text, self._nlp.meta["lang"])
        start = 0
        while start < len(text):
            end, is_whole = find_end(text, start, self._piece_characters)
            found, ends = self._read_piece(text[start:end], start)
            if not is_whole:
                end = step_back(text, start, end, [(span.start, span.end) for span in found])
            spans += [span for span in found if span.end <= end]
            sentences += [
                (first, first + len(text[first : min(last, end)].rstrip())) for first, last in ends if first < end
            ]
            start = end
        return Reading(tuple(spans), tuple(sentences))

    def _renew(self) -> None:
        """Load the pipeline anew where it is due; the old one goes first, so that its room is used again."""
        self._readings += 1
        if self._readings % _READINGS == 0:
            del self._nlp
            gc.collect()
            self._nlp = load_pipeline(*self._source)

    def _read_piece(self, piece: str, offset: int) -> tuple[list[Span], list[tuple[int, int]]]:
        if not any(map(str.isalpha, piece)):
            return [], []
        with self._nlp.memory_zone():
            doc = self._nlp(piece)
            return list(_spans(doc, offset, self._types)), list(_sentences(doc, offset))


def load_pipeline(model: str, setting: str = "STANCEWIRE_ENTITIES_MODEL") -> Language:
    """The pipeline ``model`` with nothing but what finds entities and sentences.

    Raises:
        ValueError: there is no such pipeline, or it does not find entities; ``setting`` is the variable that named it.
    """
    try:
        nlp = spacy.load(OWN_FOLDER if model == OWN else model)
    except OSError as error:
        raise ValueError(f"{setting}: no spaCy pipeline {model!r} is installed, and no folder has this name") from error
    finders = _finders(nlp)
    if not finders:
        raise ValueError(f"{setting}: the pipeline {model!r} has no component that finds entities (such as ner)")
    _strip(nlp, finders)
    return nlp


def _finders(nlp: Language) -> list[str]:
    """The components that set ``doc.ents``, by what their factories declare."""
    return [name for name in nlp.pipe_names if name == "ner" or "doc.ents" in nlp.get_pipe_meta(name).assigns]


def _types(nlp: Language, finders: Sequence[str]) -> dict[str, EntityType]:
    """The event's type of each label. A scheme without GPE has countries and towns, most places in news, under LOC."""
    labels = {label for name in finders for label in getattr(nlp.get_pipe(name), "labels", ())}
    types = {label: kind for label in labels if (kind := _OTHER_SCHEMES.get(label.upper()))} | _TYPES
    if "LOC" in labels and not any(types.get(label) == "GPE" for label in labels):
        types["LOC"] = "GPE"
    return types


def _strip(nlp: Language, finders: Sequence[str]) -> None:
    """Leave ``finders``, one component that splits sentences, and what these listen to; add a splitter by punctuation if
    there is none. Beside a ruler all components stay."""
    splitter = next((name for name in _SPLITTERS if name in nlp.component_names), None)
    if splitter is None:
        splitter = "sentencizer"
        nlp.add_pipe(splitter)
    needed = {*finders, splitter}
    for name, component in nlp.components:
        if needed & set(getattr(component, "listening_components", ())):
            needed.add(name)
    ruled = any(nlp.get_pipe_meta(name).factory == _RULED for name in finders)
    for name in nlp.component_names:
        if name not in needed and not ruled:
            nlp.remove_pipe(name)
    if splitter in nlp.disabled:
        nlp.enable_pipe(splitter)


def _spans(doc: Doc, offset: int, types: Mapping[str, EntityType]) -> Iterator[Span]:
    shares = doc.user_data.get(SHARES) or [()] * len(doc.ents)
    for entity, own in zip(doc.ents, shares, strict=True):
        if entity.label_ in types:
            yield Span(offset + entity.start_char, offset + entity.end_char, types[entity.label_], own)


def _sentences(doc: Doc, offset: int) -> Iterator[tuple[int, int]]:
    """The sentences without the white space around them; a paragraph's end ends a sentence."""
    text = doc.text  # spaCy puts it together from all tokens each time
    for sentence in doc.sents:
        start = sentence.start_char
        for line in text[start : sentence.end_char].split("\n"):
            stripped = line.strip()
            if stripped:
                begin = start + line.index(stripped[0])
                yield offset + begin, offset + begin + len(stripped)
            start += len(line) + 1
