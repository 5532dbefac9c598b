"""Everything in a sentence that could be an attribution: a word that may be its cue, and the words that may be its source.

Decides by word order alone, and rather too much than too little: which of these are attributions is for ``likelihood`` to
say, what is attributed for ``contents``. Ranges are of tokens.
"""

from bisect import bisect_right
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from services.stance.cues import attribution_cues
from services.stance.grammar import clause_subject, phrase_after, phrase_before, verb_group_start
from services.stance.kinds import MAX_CACHED_WORD
from services.stance.page import Page, Range
from services.stance.sources import Verb, inverted_source, passive_source, subject
from services.stance.words import BE

SPEECH_WORDS = 4
"""A quotation of fewer words is a name, a title or a word held at arm's length, not speech."""
CUE_KINDS = "VWM"
"""Kinds of words that a cue is known by: "called for" is by its verb."""
MAX_PHRASES = 4
"""Noun phrases before a cue that may be its source: further ones are subjects of other clauses."""
MAX_LABEL = 6
"""Tokens before the colon of a speaker's label: "Sen. Ana Brandt (G):"."""
MAX_OWNED = 3
"""Tokens between a possessor and the noun of saying: "his oft-repeated public claim"."""
_REACH = 4
"""Tokens behind a cue in which "from", "by" and the like may name its source: "praise last week from"."""
_STEMS = Path(__file__).with_name("stems.txt")
_POSSESSORS = frozenset({"his", "her", "their", "its", "my", "our", "your"})
_SENDERS = frozenset({"by", "from", "among", "with"})
"""Prepositions that name the source of a noun or participle: criticism from, support among."""
_SPEECH = frozenset({"speech"})
_DOUBLED = frozenset("bdgmnprt")
"""Consonants that are doubled before an ending; l and s are as often double in the stem itself."""


class Place(NamedTuple):
    """A word that may be a cue, in its sentence, the tokens ``first`` to ``last``.

    Its auxiliaries and adverbs begin at ``start``.
    """

    at: int
    start: int
    first: int
    last: int


class Proposal(NamedTuple):
    """A source that a cue may have, and how they stand to each other.

    ``order`` is ``inverted`` (said X), ``by`` (was denounced by X), ``owner`` (X's claim), ``subject`` (right before),
    ``relative`` (before a relative clause), ``cut`` (the end of a phrase), ``phrase1`` to ``phrase4`` (the n-th noun phrase
    before), ``main`` (the sentence's subject), ``after_from`` and its like, or ``label`` (X: …).
    """

    source: Range
    order: str


@cache
def cue_stems() -> frozenset[str]:
    """The stems of words that are cues now and then, of ``stems.txt``."""
    lines = _STEMS.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def stem(low: str) -> str:
    """A word without its ending, roughly: what "claims", "claimed" and "claiming" have in common."""
    return _stem(low) if len(low) <= MAX_CACHED_WORD else low


@lru_cache(maxsize=1 << 14)
def _stem(low: str) -> str:
    if len(low) > 4 and low.endswith(("ied", "ies")):
        return low[:-3] + "y"
    short = low
    if len(low) > 5 and low.endswith("ing"):
        short = low[:-3]
    elif len(low) > 4 and low.endswith(("ed", "es")):
        short = low[:-2]
    elif len(low) > 3 and low.endswith("s") and not low.endswith("ss"):
        short = low[:-1]
    if len(short) > 3 and short != low and short[-1] == short[-2] and short[-1] in _DOUBLED:
        short = short[:-1]
    return short[:-1] if short.endswith("e") and len(short) > 3 else short


def is_speech(page: Page, token: int) -> bool:
    """Whether a token stands in direct speech."""
    number = page.quote_of[token]
    return number >= 0 and page.quotes[number].words >= SPEECH_WORDS


def places(page: Page) -> list[Place]:
    """The words of a page that may be cues, in order; none within direct speech."""
    found: list[Place] = []
    sentences = iter(page.sentences)
    first = last = 0
    for at in [at for at, low in enumerate(page.lows) if _may_be_cue(low)]:
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


@lru_cache(maxsize=1 << 14)
def _may_be_cue(low: str) -> bool:
    return low == ":" or stem(low) in cue_stems()


def _is_label(page: Page, first: int, colon: int) -> bool:
    """Whether a colon ends a speaker's label: nothing but a name stands before it, at the beginning of a paragraph."""
    if not 0 < colon - first <= MAX_LABEL or page.breaks[bisect_right(page.breaks, first) - 1] != first:
        return False
    return page.kinds[first] == "M" and all(
        page.kinds[i] in "M,-" or page.words[i] in "()" for i in range(first, colon)
    )


def noun_phrases(page: Page, first: int, last: int) -> list[Range]:
    """The noun phrases and pronouns of a sentence, left to right, without overlaps."""
    found: list[Range] = []
    at = first
    while at < last:
        end = at + 1
        if page.kinds[at] in "DMW#S":
            end = max(phrase_after(page, at, last), end)
            found.append((at, end))
        elif page.lows[at] == "that":
            found.append((at, end))
        at = end
    return found


def proposals(page: Page, place: Place, phrases: list[Range]) -> list[Proposal]:
    """The sources that a cue may have; each once, by the first order that finds it. ``phrases`` are its sentence's."""
    if page.words[place.at] == ":":
        return [Proposal((place.first, place.at), "label")]
    found: dict[Range, str] = {}
    for source, order in _sources(page, place, phrases):
        if source is not None and source[0] < source[1] and not source[0] <= place.at < source[1]:
            found.setdefault(source, order)
    return [Proposal(source, order) for source, order in found.items()]


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
    count = 0
    for phrase in reversed(phrases):
        if phrase[1] <= place.start:
            count += 1
            yield phrase, f"phrase{count}"
            if count == MAX_PHRASES:
                return
        elif phrase[0] < place.start and page.lows[place.start - 1] not in _POSSESSORS:
            yield (phrase_before(page, place.start, place.first), place.start), "cut"
