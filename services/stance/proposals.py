"""Everything in a sentence that could be an attribution: a word that may be its cue, and the words that may be its source.

Decides by word order alone, and rather too much than too little: which of these are attributions is for ``likelihood`` to
say, what is attributed for ``contents``. Ranges are of tokens.
"""

from bisect import bisect_right
from collections.abc import Iterator
from operator import itemgetter
from typing import NamedTuple

from services.stance.cues import attribution_cues
from services.stance.grammar import clause_subject, phrase_after, phrase_before, verb_group_start
from services.stance.kinds import CUE
from services.stance.page import Page, Range
from services.stance.sources import Verb, inverted_source, passive_source, subject
from services.stance.words import BE

SPEECH_WORDS = 4
"""A quotation of fewer words is a name, a title or a word held at arm's length, not speech."""
CUE_KINDS = "VWM"
"""Kinds of words that a cue is known by: "called for" is by its verb."""
_PHRASES = tuple(f"phrase{count}" for count in range(1, 5))
"""Noun phrases before a cue that may be its source: further ones are subjects of other clauses."""
MAX_LABEL = 6
"""Tokens before the colon of a speaker's label: "Sen. Ana Brandt (G):"."""
MAX_OWNED = 3
"""Tokens between a possessor and the noun of saying: "his oft-repeated public claim"."""
_REACH = 4
"""Tokens behind a cue in which "from", "by" and the like may name its source: "praise last week from"."""
_POSSESSORS = frozenset({"his", "her", "their", "its", "my", "our", "your"})
_SENDERS = frozenset({"by", "from", "among", "with"})
"""Prepositions that name the source of a noun or participle: criticism from, support among."""
_SPEECH = frozenset({"speech"})


class Place(NamedTuple):
    """A word that may be a cue, in its sentence, the tokens ``first`` to ``last``.

    Its auxiliaries and adverbs begin at ``start``.
    """

    at: int
    start: int
    first: int
    last: int


def is_speech(page: Page, token: int) -> bool:
    """Whether a token stands in direct speech."""
    number = page.quote_of[token]
    return number >= 0 and page.quotes[number].words >= SPEECH_WORDS


def places(page: Page) -> list[Place]:
    """The words of a page that may be cues, in order; none within direct speech."""
    found: list[Place] = []
    sentences = iter(page.sentences)
    first = last = 0
    for at in page.having(CUE):
        while at >= last:
            first, last = next(sentences)
        kind = page.kinds[at]
        if kind in CUE_KINDS:
            named = kind == "M" and page.marks_of[at] >= 0
            if not named and not is_speech(page, at):
                found.append(Place(at, verb_group_start(page, at, first), first, last))
        elif page.words[at] == ":" and _is_label(page, first, at):
            found.append(Place(at, at, first, last))
    return found


def _is_label(page: Page, first: int, colon: int) -> bool:
    """Whether a colon ends a speaker's label: nothing but a name stands before it, at the beginning of a paragraph."""
    if not 0 < colon - first <= MAX_LABEL or page.breaks[bisect_right(page.breaks, first) - 1] != first:
        return False
    if page.words[first:colon].count("(") != page.words[first:colon].count(")"):
        return False
    return page.kinds[first] == "M" and all(
        page.kinds[i] in "M,-" or page.words[i] in "()" for i in range(first, colon)
    )


def proposals(page: Page, place: Place, phrases: list[Range]) -> dict[Range, str]:
    """The sources that a cue may have, each with how they stand to each other; ``phrases`` are the noun phrases of the sentence.

    That is ``inverted`` (said X), ``by`` (was denounced by X), ``owner`` (X's claim), ``subject`` (right before), ``relative``
    (before a relative clause), ``cut`` (the end of a phrase), ``phrase1`` to ``phrase4`` (the n-th noun phrase before), ``main``
    (the sentence's subject), ``after_from`` and its like, or ``label`` (X: …); of several that find a source the first.
    """
    if page.words[place.at] == ":":
        return {(place.first, place.at): "label"}
    found: dict[Range, str] = {}
    for source, order in _sources(page, place, phrases):
        if source is not None and source[0] < source[1] and not source[0] <= place.at < source[1]:
            found.setdefault(source, order)
    return found


def _sources(page: Page, place: Place, phrases: list[Range]) -> Iterator[tuple[Range | None, str]]:
    at, start, first, last = place.at, place.start, place.first, place.last
    form = _form(page.lows[at])
    verb = Verb(at, at + 1, start, first, last, form, _SPEECH)
    if page.kinds[at] == "V":
        yield inverted_source(page, verb), "inverted"
    if form == "past" and any(low in BE for low in page.lows[start:at]):
        yield passive_source(page, verb), "by"
    yield owner(page, at, first), "owner"
    yield subject(page, verb, ()), "subject"
    yield _related(page, start, first), "relative"
    yield from _before(page, place, phrases)
    yield clause_subject(page, first, start), "main"
    for i in range(at + 1, min(last, at + 1 + _REACH)):
        if page.lows[i] in _SENDERS:
            yield (i + 1, phrase_after(page, i + 1, last, apposed=True)), f"after_{page.lows[i]}"
            return
        if page.kinds[i] in ',."':
            return


def _form(low: str) -> str:
    cues = attribution_cues().get(low)
    if cues:
        return cues[0].kind
    return next((kind for end, kind in (("ing", "ing"), ("ed", "past"), ("s", "s")) if low.endswith(end)), "base")


def owner(page: Page, at: int, first: int) -> Range | None:
    """``her claim``, ``the mayor's oft-repeated claim``: who owns the noun at a token."""
    if page.lows[at].endswith("ed"):
        return None  # "his reported gains" are no report of his.
    begin = at
    while begin > first and begin > at - MAX_OWNED and page.kinds[begin - 1] in "WMV":
        begin -= 1
    if begin > first and page.lows[begin - 1] in _POSSESSORS:
        return begin - 1, begin
    if begin > first and page.kinds[begin - 1] == "P":
        return phrase_before(page, begin, first), begin
    return None


def _related(page: Page, start: int, first: int) -> Range | None:
    """``X, who runs the harbor, which is large, said``: the phrase before the last relative clause or apposition."""
    if start - 1 <= first or page.kinds[start - 1] not in ",-":
        return None
    for i in range(start - 2, first, -1):
        if page.kinds[i - 1] == "," and page.lows[i] in {"who", "which", "whose", "a", "the"}:
            return phrase_before(page, i - 1, first), start
    return None


def _before(page: Page, place: Place, phrases: list[Range]) -> Iterator[tuple[Range | None, str]]:
    """The last noun phrases before a cue, the nearest first."""
    count = bisect_right(phrases, place.start, key=itemgetter(1))
    reached = count < len(phrases) and phrases[count][0] < place.start
    if reached and page.lows[place.start - 1] not in _POSSESSORS:
        yield (phrase_before(page, place.start, place.first), place.start), "cut"
    yield from zip(phrases[count - 1 :: -1] if count else (), _PHRASES, strict=False)
