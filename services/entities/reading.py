"""spaCy: the spans and sentences of a cleaned text.

It decides which components of a pipeline run and in what portions, and that nothing of spaCy outlives a reading; what the
spans mean is left to the naming rules. Texts are read one by one: on 200 articles ``nlp.pipe`` was not faster (the model
batches inside a text already), and one by one a result cannot depend on the neighbours in a batch.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast, get_args

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from schemas.event import EntityType
from services.entities.boundaries import Span
from services.entities.pieces import blank, cut

_TYPES = frozenset(get_args(EntityType))
_SPLITTERS = ("senter", "parser", "sentencizer")
"""Components that find sentences, the best for its time first: ``senter`` costs a hundredth of ``ner``, ``parser`` three
quarters."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in a text, in order: spans of the event's types, and sentences. Offsets count its code points, half open."""

    spans: tuple[Span, ...]
    sentences: tuple[tuple[int, int], ...]


class Reader:
    """A spaCy pipeline cut down to what is needed. Not safe for threads: one reader for each process."""

    def __init__(self, model: str, piece_characters: int) -> None:
        """Load the installed pipeline ``model``.

        Raises:
            ValueError: there is no such pipeline, or it does not find entities.
        """
        try:
            self._nlp = spacy.load(model)
        except OSError as error:
            raise ValueError(f"STANCEWIRE_ENTITIES_MODEL: there is no spaCy pipeline {model!r}") from error
        if "ner" not in self._nlp.component_names:
            raise ValueError(
                f"STANCEWIRE_ENTITIES_MODEL: the pipeline {model!r} has no component that finds entities (ner)"
            )
        _strip(self._nlp)
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
        spans: list[Span] = []
        sentences: list[tuple[int, int]] = []
        text = blank(text)
        for start, end in cut(text, self._piece_characters):
            piece = text[start:end]
            if not any(map(str.isalpha, piece)):
                continue
            with self._nlp.memory_zone():
                doc = self._nlp(piece)
                spans += _spans(doc, start)
                sentences += _sentences(doc, start)
        return Reading(tuple(spans), tuple(sentences))


def _strip(nlp: Language) -> None:
    """Leave ``ner``, one component that splits sentences, and what these listen to; add a splitter by punctuation if there
    is none."""
    splitter = next((name for name in _SPLITTERS if name in nlp.component_names), None)
    if splitter is None:
        splitter = "sentencizer"
        nlp.add_pipe(splitter)
    needed = {"ner", splitter}
    for name, component in nlp.components:
        if needed & set(getattr(component, "listening_components", ())):
            needed.add(name)
    for name in nlp.component_names:
        if name not in needed:
            nlp.remove_pipe(name)
    if splitter in nlp.disabled:
        nlp.enable_pipe(splitter)


def _spans(doc: Doc, offset: int) -> Iterator[Span]:
    for entity in doc.ents:
        if entity.label_ in _TYPES:
            yield Span(offset + entity.start_char, offset + entity.end_char, cast(EntityType, entity.label_))


def _sentences(doc: Doc, offset: int) -> Iterator[tuple[int, int]]:
    """The sentences without the white space around them; a paragraph's end ends a sentence."""
    for sentence in doc.sents:
        start = sentence.start_char
        for line in doc.text[start : sentence.end_char].split("\n"):
            stripped = line.strip()
            if stripped:
                begin = start + line.index(stripped[0])
                yield offset + begin, offset + begin + len(stripped)
            start += len(line) + 1
