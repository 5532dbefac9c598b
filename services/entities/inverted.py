"""Names that are written with the surname first: ``DORSEY, Helen; PRATT, Daniel J.``, ``VOGEL Karin (Germany)``.

It decides where a list, a register or a record of a meeting has turned a person's name round. Such a name is compared and
called as it is spoken (``Helen Dorsey``); its mention is as written. A town before its state (``LONDON, Ontario``) is none.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from schemas.base import FieldName
from schemas.event import EntityType
from services.entities.boundaries import Name, Span, make_name, tokens_of
from services.entities.vocabulary import (
    CALENDAR,
    COMPANY_SUFFIXES,
    FIRST_NAMES,
    FUNCTION_WORDS,
    NAME_SUFFIXES,
    PARTICLES,
    STATES,
    TITLES,
)
from services.entities.words import fold

_PARTICLES = rf"(?:(?:{'|'.join(sorted({*PARTICLES, *(particle.title() for particle in PARTICLES)}))}) ){{0,3}}"
_SHOUTED = r"(?:Mc|Mac|De|Di|La|Le|Van)?[^\W\d_a-z](?:['’]?[^\W\d_a-z]|-(?=[^\W\d_a-z])){1,30}"
_WORD = r"(?-i:[^\W\d_a-z][^\W\d_A-Z]{1,30}(?:-[^\W\d_a-z][^\W\d_A-Z]{1,30})?)"
_GIVEN = rf"{_WORD}(?: (?:{_WORD}|[A-Z]\b\.?)){{0,2}}"
_TURNED = re.compile(
    rf"(?<![\w.-])(?P<last>{_SHOUTED}(?: {_SHOUTED}){{0,2}})(?P<comma>,?) (?P<first>{_GIVEN})(?![\w-])"
)
_END = re.compile(r"\.?\s*(?:[;,()\n]|$|\.\s|[–—-]\s|and\s|[a-z])")
"""What follows a name with a comma: never another name."""
_BEFORE = re.compile(rf"(?<![\w.-]){_PARTICLES}$")
_BEFORE_REACH = 24
_LISTED = re.compile(
    rf"(?:^|[;:\n] ?)(?P<last>{_PARTICLES}{_WORD}(?:[ -]{_WORD})?), (?P<first>{_GIVEN})(?=\.?(?:;|\n|$| ?\())"
)
_LEAST_LISTED = 2
"""Items of a list from which names in title case are taken for turned round: ``Dorsey, Helen; Pratt, Daniel``."""
_SHORTEST, _SHORTEST_LISTED = 4, 2
"""Capitals of a surname; of fewer it is rather an acronym or an office (``MP``), but in a list (``LI, Wei;``)."""
_NO_GIVEN = CALENDAR | FUNCTION_WORDS | COMPANY_SUFFIXES | NAME_SUFFIXES | TITLES | STATES.keys() | set(STATES.values())
_PLACES = frozenset({"GPE", "LOC", "FAC", "NORP"})


def put_inverted(field: FieldName, text: str, names: Sequence[Name], spans: Sequence[Span]) -> list[Name]:
    """``names`` of a field, with those that are turned round in place of what they overlap; in order, without overlaps."""
    found = list(_find(field, text, spans))
    if not found:
        return list(names)
    starts = [name.start for name in found]
    kept = [name for name in names if not _overlaps(name, found, starts)]
    return sorted([*kept, *found], key=lambda name: name.start)


def _overlaps(name: Name, found: Sequence[Name], starts: Sequence[int]) -> bool:
    at = bisect_left(starts, name.end) - 1
    return at >= 0 and found[at].end > name.start


def _find(field: FieldName, text: str, spans: Sequence[Span]) -> Iterator[Name]:
    listed = list(_LISTED.finditer(text))
    likely = sum(fold(match["first"].split()[0]) in FIRST_NAMES or _is_person(match, spans) for match in listed)
    if len(listed) < _LEAST_LISTED or 2 * likely < len(listed):
        listed = []
    sure = set(listed)
    reached = 0
    matches = [*listed, *_TURNED.finditer(text)]
    for match in sorted(matches, key=lambda match: (match.start("last"), -match.end())):
        start, end = match.start("last"), match.end("first")
        if start < reached or not (match in sure or _is_turned(match, spans)):
            continue
        if match not in sure:
            before = _BEFORE.search(text[max(0, start - _BEFORE_REACH) : start])
            start -= len(before[0]) if before else 0
        if len(match["first"].rpartition(" ")[2]) == 1 and text[end : end + 1] == ".":
            end += 1
        spoken = f"{match['first']} {_cased(text[start : match.end('last')])}"
        reached = end
        yield replace(
            make_name(field, text, start, end, "PERSON"), spoken=spoken, tokens=tokens_of(spoken), acronym=False
        )


def _is_turned(match: re.Match[str], spans: Sequence[Span]) -> bool:
    first, last = fold(match["first"].split()[0]), match["last"].split()[-1]
    if first in _NO_GIVEN or fold(last) in COMPANY_SUFFIXES | NAME_SUFFIXES | TITLES:
        return False
    if match["comma"]:
        end = _END.match(match.string, match.end())
        if not end or len(last) < (_SHORTEST_LISTED if end[0][-1:] in ";(\n" else _SHORTEST):
            return False
    elif len(last) < _SHORTEST:
        return False
    return first in FIRST_NAMES or _is_person(match, spans)


def _is_person(match: re.Match[str], spans: Sequence[Span]) -> bool:
    """Whether the model took both parts for a person's, or the whole."""
    labels = [_labels(match.start(part), match.end(part), spans) for part in ("last", "first")]
    return all("PERSON" in found for found in labels) and not any(_PLACES & found for found in labels)


def _labels(start: int, end: int, spans: Sequence[Span]) -> set[EntityType]:
    """The types of the spans (in order, without overlaps) that ``start`` to ``end`` overlaps."""
    at = bisect_right(spans, start, key=lambda span: span.end)
    found: set[EntityType] = set()
    while at < len(spans) and spans[at].start < end:
        found.add(spans[at].label)
        at += 1
    return found


def _cased(surname: str) -> str:
    """``van der Heide`` for ``van der HEIDE``, ``O'Neil`` for ``O'NEIL``."""
    return " ".join(
        re.sub(r"(?<=^Mc)[A-Z]+", lambda rest: rest[0].capitalize(), word)
        if word.startswith("Mc")
        else word.title()
        if word.isupper() and len(word) > 1
        else word
        for word in surname.split()
    ).replace("’S ", "’s ")
