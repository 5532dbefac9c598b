"""Names that are two, or one and a word: cut where the document shows a part to be a name by itself.

It decides only by the other names of the same document; what one span shows alone is decided in ``boundaries``.
"""

from collections.abc import Mapping, Sequence, Set
from itertools import pairwise

from schemas.event import EntityType
from services.entities.boundaries import Name, make_name, make_person, tokens_of
from services.entities.types import Form
from services.entities.vocabulary import FIRST_NAMES, NAME_SUFFIXES
from services.entities.words import find_words

_HYPHENS = ("-", "‐", "‑", "–")
_AND = ("and", "&")
Forms = Mapping[tuple[str, ...], Form]
"""The forms of names in a document, by their folded words."""


def split_glued(text: str, names: Sequence[Name], forms: Forms) -> list[Name]:
    """``names`` of one field, those in two that are two. A part is known if it is a name elsewhere in the document.

    Cut are ``Labor Department’s Office of Inspector General`` (one side of the possessive is known, here as ``Department of
    Labor``), ``Fannie Mae and Freddie Mac`` (both are), ``Trump-Putin`` (both are surnames), ``Ann Lee Justice Department`` (a
    person and a name of two words). Of ``Comedian Nick Ray`` and ``Ann Lee Speaks`` the known full name is kept, of a work called
    ``The Lee`` the person. What is a person by its other mentions is made one (in ``Lee campaign`` a body).
    """
    cut: list[Name] = []
    surnames = {tokens[-1] for tokens, form in forms.items() if form.label == "PERSON"}
    for name in names:
        if cut and name.start < cut[-1].end:
            continue
        if name.label != "PERSON" and _label(name.tokens, forms) == "PERSON":
            name = make_person(name.field, text, name.start, name.end, name.title)
        cut += _split(text, name, forms, surnames) or [name]
    return cut


def _split(text: str, name: Name, forms: Forms, surnames: Set[str]) -> list[Name]:
    for left_end, right_start in _seams(text, name):
        left, right = tokens_of(text[name.start : left_end]), tokens_of(text[right_start : name.end])
        gap = text[left_end:right_start]
        paired = gap in _HYPHENS and len(name.tokens) == 1 and {*left, *right} <= surnames
        if paired or (left and right and _is_seam(gap, left, right, name.label, forms)):
            return [
                make_name(name.field, text, name.start, left_end, _label(left, forms) or name.label, name.title),
                make_name(name.field, text, right_start, name.end, _label(right, forms) or name.label),
            ]
    if name.tokens[0] == "the" and name.tokens[1:] in forms:
        start = name.start + len("the ")
        return [make_name(name.field, text, start, name.end, forms[name.tokens[1:]].label)]
    kept = _stripped(text, name, forms)
    return [kept] if kept else []


def _seams(text: str, name: Name) -> list[tuple[int, int]]:
    """Where a name may be cut: the end of the left part and the start of the right one."""
    words = find_words(text, name.start, name.end)
    seams = [(one.end, other.start) for one, other in pairwise(words) if one.end < other.start]
    seams += [
        (one.end, third.start)
        for one, other, third in zip(words, words[1:], words[2:], strict=False)
        if other.text in _AND
    ]
    seams += [
        (at, at + 1) for at in range(name.start + 1, name.end - 1) if text[at] in _HYPHENS and text[at - 1] != " "
    ]
    return seams


def _is_seam(gap: str, left: tuple[str, ...], right: tuple[str, ...], label: EntityType, forms: Forms) -> bool:
    """Whether two names meet: at a possessive one side must be known, else both."""
    known = _label(left, forms)
    if gap[0] in "'’" and (known or (right in forms and len(right) > 1)):
        return not (known == "PERSON" and label in ("LOC", "FAC", "GPE"))
    if not known or right not in forms:
        return False
    if gap in _HYPHENS or gap.strip() in _AND:
        return True
    return known == "PERSON" and (len(left) > 1 or (len(right) > 1 and _label(right, forms) != "PERSON"))


def _stripped(text: str, name: Name, forms: Forms) -> Name | None:
    """The full name that is known elsewhere and is all of ``name`` but its first word, or all but its last."""
    words = find_words(text, name.start, name.end)
    if name.label not in ("ORG", "PERSON") or len(words) < 3 or len(words) != len(name.tokens):
        return None
    rest, body, last = name.tokens[1:], name.tokens[:-1], name.tokens[-1]
    if name.tokens[0] not in FIRST_NAMES and rest[0] in FIRST_NAMES and _label(rest, forms) == "PERSON":
        return make_person(name.field, text, words[1].start, name.end, "")
    if _label(body, forms) != "PERSON" or last in NAME_SUFFIXES:
        return None
    if any(last in tokens for tokens in forms if tokens != name.tokens):
        return None
    own = forms.get(name.tokens)
    if own and len(own.names) > len(forms[body].names):
        return None
    return make_person(name.field, text, name.start, words[-2].end, name.title)


def _label(tokens: tuple[str, ...], forms: Forms) -> EntityType | None:
    form = forms.get(tokens) or forms.get((tokens[-1], "of", *tokens[:-1]) if len(tokens) > 1 else ())
    return form.label if form else None
