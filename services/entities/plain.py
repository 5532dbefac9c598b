"""The entities of a document that is not English: only the rules that hold in any language.

Decides where a name begins and ends (within one line, at its first and last word) and which names are one entity's: equal but
for case and full stops, an acronym in brackets and the name before it, a full name and its surname. Titles, demonyms, trimmed
words, spreading over words with a capital and the case of headlines are left out: their words and their sense are English, and
German gives every noun a capital.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from schemas.base import FieldName
from services.entities.boundaries import MAX_WORDS, Name, Span, make_name
from services.entities.clusters import Cluster, Field, make_cluster
from services.entities.persons import link_persons
from services.entities.spread import find_acronyms
from services.entities.types import Form, vote
from services.entities.watching import join_watched, overlay
from services.entities.words import LONGEST_WORD, find_words
from services.text.language import primary

PLAIN_RULES = "plain-1"
"""Version of these rules: raised when the same model's spans give other entities."""
_GENITIVE = frozenset({"da", "de", "nb", "nn", "no", "sv"})
"""Languages that add an s to a name, without an apostrophe: ``Merkels``."""
_LINE = re.compile(r"[^\n]+")
_LINK = re.compile(r"https?:|www\.|\w@\w")


def find_plain_clusters(fields: Sequence[Field], language: str) -> list[Cluster]:
    """The entities of a document, by first mention. ``fields``: the title first, then the text."""
    names: list[Name] = []
    meanings: dict[str, tuple[str, ...]] = {}
    for field in fields:
        own = [name for span in field.spans for name in _names(field.field, field.text, span)]
        own = overlay(field.field, field.text, own, field.matches)
        more, defined = find_acronyms(field.text, own)
        names += sorted(own + more, key=lambda name: name.start)
        meanings |= defined
    forms = _forms(names, meanings, language)
    groups = link_persons([form for form in forms if form.label == "PERSON"], names)
    groups += [list(form.names) for form in forms if form.label != "PERSON"]
    labels = {index: form.label for form in forms for index in form.names}
    return [
        make_cluster([names[index] for index in group], labels[group[0]])
        for group in sorted(join_watched(groups, names), key=lambda group: group[0])
    ]


def _names(field: FieldName, text: str, span: Span) -> Iterator[Name]:
    for line in _LINE.finditer(text, span.start, span.end):
        words = find_words(text, line.start(), line.end())
        if not 0 < len(words) <= MAX_WORDS or _LINK.search(line.group()):
            continue
        if text[max(0, words[0].start - 1) : words[0].start] == "@":
            continue
        if any(map(str.isalpha, line.group())) and max(len(word.text) for word in words) <= LONGEST_WORD:
            yield make_name(field, text, words[0].start, words[-1].end, span.label)


def _forms(names: Sequence[Name], meanings: Mapping[str, tuple[str, ...]], language: str) -> list[Form]:
    """The names that are written alike, each with the type that most of them have."""
    known = {name.tokens[at:] for name in names for at in range(len(name.tokens))}
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for index, name in enumerate(names):
        tokens = _nominative(name.tokens, known) if primary(language) in _GENITIVE else name.tokens
        groups[meanings.get(tokens[0], tokens) if len(tokens) == 1 else tokens].append(index)
    return [
        Form(tokens, vote(names[index].label for index in members), tuple(members), False)
        for tokens, members in groups.items()
    ]


def _nominative(tokens: tuple[str, ...], known: set[tuple[str, ...]]) -> tuple[str, ...]:
    """``tokens`` without the s of a genitive, where the document has the name without it, by itself or at the end of another."""
    bare = (*tokens[:-1], tokens[-1].removesuffix("s"))
    return bare if bare in known else tokens
