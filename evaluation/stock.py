"""What a user would get from spaCy alone: the same model with the same components, none of our rules."""

from collections.abc import Iterable

import spacy
from spacy.language import Language


def load_stock(model: str) -> Language:
    """The pipeline ``model`` with its entities and its quickest sentence splitter alone, as the entities stage runs it."""
    nlp = spacy.load(model)
    splitter = "senter" if "senter" in nlp.component_names else "parser"
    needed = {"ner", splitter}
    needed |= {name for name, part in nlp.components if needed & set(getattr(part, "listening_components", ()))}
    for name in nlp.component_names:
        if name not in needed:
            nlp.remove_pipe(name)
    if splitter in nlp.disabled:
        nlp.enable_pipe(splitter)
    return nlp


def find_entities(nlp: Language, text: str) -> list[tuple[int, int, str]]:
    """Start, end and type of each entity that the model finds in ``text``, in code points, half open."""
    with nlp.memory_zone():
        return [(entity.start_char, entity.end_char, entity.label_) for entity in nlp(text).ents]


def exhaust(nlp: Language, texts: Iterable[str]) -> int:
    """Run ``nlp.pipe`` over ``texts``, as a user would; returns how many entities there are."""
    return sum(len(doc.ents) for doc in nlp.pipe(texts))
