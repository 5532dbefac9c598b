"""Noun phrases and subjects, found by the kinds of words alone: no parser, one look along a sentence for each question.

Token ranges are half open. What the letters of ``Page.kinds`` mean is written in ``kinds``.
"""

import re

from services.stance.page import Page, Range
from services.stance.words import (
    ALSO_NOUNS,
    CATENATIVES,
    DAYS,
    INNER_PREPOSITIONS,
    MODALS,
    POSSESSIVES,
    PREPOSITIONS,
    TIMES,
)

MAX_PHRASE = 40
"""Tokens that a noun phrase with its apposition may have. Longer ones are lists and broken text."""
MAX_APPOSITION = 30
"""Tokens between a source and its verb that an apposition or a relative clause may take."""
NOMINAL = frozenset("MW#P")
_INSIDE = """
    (?:
        [MnmOWh1#P]                                              # no time: the mayor | Monday
        | (?<=[Difamh])D                                         # all the, the mayor of the
        | f(?=[DMmOWh1#])                                        # the mayor of Rome
        | i(?=[MmO]) | (?<![MtnmO])i(?=[DWh1#])                  # the man in the street; Brandt | in the street
        | (?<=[MtnmOWwh1])[ac](?=[DMtnmO])                       # Brandt and the mayor
        | (?<=[D#1O])v                                           # the elected mayor
    )*
"""
_PHRASE = re.compile(f"S | [DMtnmOWwh1#P] {_INSIDE}", re.VERBOSE)
"""A noun phrase in ``Page.shapes``, where all that is in it is within reach."""
_PHRASES = re.compile(f"[ST] | [DMtnmOWwh1#] {_INSIDE}", re.VERBOSE)


def phrase_before(page: Page, last: int, floor: int) -> int:
    """Where the noun phrase that ends before token ``last`` begins; ``last`` itself where there is none.

    Looks back no further than ``floor``.
    """
    floor = max(floor, last - MAX_PHRASE)
    at = last - 1
    if at < floor:
        return last
    if page.kinds[at] == "S":
        return at
    start = last
    while at >= floor:
        kind = page.kinds[at]
        if page.lows[at] in TIMES and page.kinds[at + 1 : at + 2] != "P" and page.marks_of[at] < 0 and at != last - 1:
            break
        if kind in NOMINAL:
            start = at
        elif kind == '"':
            # A nickname or a scare quote inside of a phrase.
            quote = page.quotes[page.quote_of[at - 1]] if at > floor and page.quote_of[at - 1] >= 0 else None
            if quote is None or not quote.balanced or quote.closed != at or quote.words > 3 or quote.opened <= floor:
                break
            if page.kinds[quote.opened - 1] not in "MWD#":
                break
            at = start = quote.opened
        elif kind == "D":
            start = at
            if page.lows[at] in POSSESSIVES or at == floor or page.lows[at - 1] not in INNER_PREPOSITIONS:
                if (
                    at > floor
                    and page.lows[at] in {"the", "these", "those"}
                    and page.lows[at - 1] in {"all", "both", "of", "half"}
                ):
                    at -= 1
                    continue
                if at - 1 > floor and page.lows[at - 1] == "and" and page.kinds[at - 2] in "MW":
                    at -= 1
                    continue
                break
        elif page.lows[at] in INNER_PREPOSITIONS and at > floor and page.kinds[at - 1] in "MW#":
            if start == last:
                break
        elif page.lows[at] in {"and", "&", "or"} and at > floor and page.kinds[at - 1] in "MW" and start < last:
            before = phrase_before(page, at, max(floor, at - 12))
            return before if before < at and _opens(page, before, floor) else start
        elif (
            kind == "V"
            and start < last
            and at > floor
            and page.kinds[at - 1] in "DMP#"
            and page.lows[at].endswith(("ed", "ing"))
        ):
            # "the elected officials": between a determiner and a noun it describes.
            if page.kinds[at - 1] == "M" and page.marks_of[at - 1] >= 0:
                break
        elif kind == "R" and start < last and at > floor and page.kinds[at - 1] == "D":
            pass
        else:
            break
        at -= 1
    return start


def _opens(page: Page, at: int, floor: int) -> bool:
    """Whether a clause may begin at a token: the sentence, a quotation, a comma, a conjunction is right before it."""
    return at <= floor or page.kinds[at - 1] in '",.-C' or page.lows[at - 1] == ":"


def phrase_after(page: Page, first: int, ceiling: int, *, apposed: bool = False) -> int:
    """Where the noun phrase that begins at token ``first`` ends; ``first`` itself where there is none.

    With ``apposed``, a following apposition between commas (", the mayor of Rome,") belongs to it.
    """
    ceiling = min(ceiling, first + MAX_PHRASE)
    found = _PHRASE.match(page.shapes, first, ceiling)
    at = found.end() if found else first
    if apposed and first < at < ceiling and page.kinds[at] == ",":
        return _apposition(page, at, ceiling)
    return at


def noun_phrases(page: Page, first: int, last: int) -> list[Range]:
    """The noun phrases and pronouns of a sentence, left to right, without overlaps."""
    return [found.span() for found in _PHRASES.finditer(page.shapes, first, last)]


def _apposition(page: Page, comma: int, ceiling: int) -> int:
    """The end of the apposition that a comma opens, or the comma itself where none follows."""
    at = comma + 1
    if at >= ceiling or (page.kinds[at] not in "D#WM" and page.lows[at] not in {"who", "whose", "a", "an", "the"}):
        return comma
    if page.lows[at] in {"adding", "saying", "calling", "referring"}:
        return comma
    while at < ceiling:
        if page.kinds[at] in '".-' and page.words[at] not in "()&$%":
            return at
        if (
            page.kinds[at] == ","
            and at + 1 < ceiling
            and (page.kinds[at + 1] in 'SC"RVA' or page.lows[at + 1].endswith("ing"))
        ):
            return at
        at += 1
    return at


def head_of(page: Page, first: int, last: int) -> int:
    """The token that a noun phrase is about: the last one before its first inner preposition or comma."""
    for at in range(first + 1, last):
        if (
            page.kinds[at] == ","
            or (page.lows[at] in INNER_PREPOSITIONS and page.marks_of[at] < 0)
            or page.kinds[at] in "S.-"
        ):
            return at - 1
    return last - 1


def clause_subject(page: Page, first: int, last: int) -> Range | None:
    """The subject of the clause that begins at ``first``, where it stands at the beginning or behind an opening phrase."""
    at = first
    while at < last and (page.kinds[at] in '".-R,' or page.lows[at] in {"and", "but", "or", "yet", "however"}):
        at += 1
    for _ in range(2):
        if at >= last:
            return None
        if page.kinds[at] in "DMW#S":
            end = phrase_after(page, at, last)
            return (at, end) if end > at else None
        comma = next((i for i in range(at, min(last, at + MAX_PHRASE)) if page.kinds[i] == ","), None)
        if comma is None:
            return None
        at = comma + 1
    return None


def verb_group_start(page: Page, verb: int, floor: int) -> int:
    """Where the verb group that ends in ``verb`` begins: "has repeatedly declined to say" begins at "has"."""
    at = verb
    while at - 1 >= floor:
        kind, low = page.kinds[at - 1], page.lows[at - 1]
        if kind in "ANR" or (low in {"'s"} and page.kinds[verb] == "V" and page.lows[verb].endswith("ing")):
            at -= 1
        elif low in DAYS and at - 2 >= floor and page.marks_of[at - 1] < 0:
            at -= 2 if page.lows[at - 2] in {"on", "last", "late", "early", "this", "earlier"} else 1
        elif low == "to" and at - 2 >= floor and page.lows[at - 2] in CATENATIVES:
            at -= 2
        elif (
            low == "to"
            and at - 3 >= floor
            and page.lows[at - 2] == "on"
            and page.lows[at - 3] in {"went", "go", "goes", "going"}
        ):
            at -= 3
        else:
            break
    return at


def is_noun_use(page: Page, at: int, start: int, first: int, form: str) -> bool:
    """Whether the word is rather a noun or an adjective here: "the claims", "his reported gains", "a plan"."""
    if at == first:
        return form != "ing"
    before, low = page.kinds[at - 1], page.lows[at - 1]
    if start < at:
        # An auxiliary or an adverb before it: "the widely praised" has a determiner before the adverb.
        if (
            page.kinds[start] in "R"
            and start > first
            and page.kinds[start - 1] == "D"
            and page.lows[start - 1] not in HEADLESS
        ):
            return True
        if form == "base":
            return not any(
                w in MODALS or w in {"to", "do", "does", "did", "n't", "not", "never"} for w in page.lows[start:at]
            ) and (page.lows[at] in ALSO_NOUNS and (start == first or not _plural(page, start - 1)))
        return False
    if before == "D":
        return low not in HEADLESS or (form == "s") == (low not in {"this", "that", "each"})
    if form == "base":
        return low != "to" and page.lows[at] in ALSO_NOUNS and not _plural(page, at - 1)
    if form == "s":
        if (
            page.lows[at].rstrip("s") in ALSO_NOUNS
            and before == "W"
            and at + 1 < len(page.kinds)
            and page.kinds[at + 1] not in 'DSM"'
        ):
            return page.lows[at + 1] != "that"
        return before == "P" or (before == "W" and low.endswith("s") and not low.endswith("ss")) or before == "I"
    if form == "past":
        return before == "I" or (before == "P" and page.lows[at - 1] == "'s")
    return before == "P"


HEADLESS = frozenset(
    {"some", "many", "others", "all", "most", "few", "several", "both", "that", "this", "those", "each"}
)
"""Determiners that can stand for a noun: many say."""


def _plural(page: Page, at: int) -> bool:
    """Whether a base form may follow as a verb: after I, we, you, they, who, that, a plural, a conjunction of verbs, a comma."""
    low = page.lows[at]
    if low in {
        "i",
        "we",
        "you",
        "they",
        "who",
        "which",
        "that",
        "people",
        "others",
        "many",
        "some",
        "most",
        "police",
        "men",
        "women",
    }:
        return True
    return page.kinds[at] in "WM" and low.endswith("s") and not low.endswith(("ss", "us", "is"))


def apposed_subject(page: Page, at: int, first: int) -> Range | None:
    """``X, the mayor of Rome, said``: ``at`` is the comma, dash or bracket before the verb."""
    closer = page.words[at]
    floor = max(first, at - MAX_APPOSITION)
    opener = "(" if closer == ")" else closer
    for comma in range(at - 1, floor, -1):
        if page.words[comma] != opener and not (page.kinds[comma] == "-" and page.kinds[at] == "-"):
            continue
        begin = phrase_before(page, comma, first)
        if begin >= comma:
            continue
        opens = begin == first or page.kinds[begin - 1] in '",.-CV'
        named = any(page.kinds[i] in "MS" for i in range(begin, comma)) or page.kinds[begin] == "D"
        if (
            opens
            and named
            and page.lows[begin] not in TIMES
            and not (begin > first and page.lows[begin - 1] in PREPOSITIONS)
        ):
            return begin, at + (1 if closer == ")" else 0)
    return None
