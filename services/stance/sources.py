"""The source of a verb of attribution: the words that name who says, thinks or does it.

Decides by word order alone; see the rules in ``quotations``. Ranges are of tokens.
"""

from collections.abc import Sequence
from typing import NamedTuple

from services.stance.grammar import (
    HEADLESS,
    NOMINAL,
    apposed_subject,
    clause_subject,
    phrase_after,
    phrase_before,
)
from services.stance.page import Page, Range
from services.stance.words import BE, DOCUMENT_NOUNS, PREPOSITIONS

MAX_BY = 6
"""Tokens between a passive verb and its "by": "was denounced on Monday in the Senate by"."""
_NO_SPEAKERS = frozenset({"that", "who", "it", "which", "this"})
"""Words behind a verb of speech that begin what is said, not who says it."""
_BARE = frozenset({"speech", "tell", "call"})
"""Manners whose -ing form attributes wherever it stands; of the others it must follow a comma."""


class Verb(NamedTuple):
    """A verb of attribution in its sentence, the tokens ``first`` to ``last``.

    The verb stands at ``at``, what follows it and its particles begins at ``after``, its auxiliaries and adverbs begin at
    ``start``. ``form`` and ``manners`` are the cue's.
    """

    at: int
    after: int
    start: int
    first: int
    last: int
    form: str
    manners: frozenset[str]


def inverted_source(page: Page, verb: Verb) -> Range | None:
    """``…, said X, the mayor``: the source behind its verb, or None where the verb is not inverted."""
    after, last = verb.after, verb.last
    if verb.at == verb.first or after >= last or verb.form == "ing" or page.words[verb.at][0].isupper():
        return None
    if page.kinds[verb.at - 1] not in '",-' and page.words[verb.at - 1] not in "?!":
        return None
    # "said retired judge Lee"
    described = page.kinds[after] == "V" and page.lows[after].endswith("ed") and after + 1 < last
    begin = after + 1 if described else after
    if page.kinds[begin] not in ("MW" if described else "DMWS#") or page.lows[begin] in _NO_SPEAKERS:
        return None
    end = phrase_after(page, begin, last, apposed=True)
    if end == begin or (page.kinds[after] in "VW#" and not _may_speak(page, after, end)):
        return None
    return None if end < last and _is_content(page, verb, end) else (after, end)


def _may_speak(page: Page, first: int, last: int) -> bool:
    """Whether a phrase without an article names somebody: it has a name, or is short ("said officials in Rome")."""
    return any(page.kinds[i] == "M" for i in range(first, last)) or last - first <= 5


def _is_content(page: Page, verb: Verb, end: int) -> bool:
    """Whether the phrase behind the verb, which ends at ``end``, rather begins what is said."""
    opener, kind = page.kinds[verb.at - 1], page.kinds[end]
    if kind in "AVN":
        return True
    if kind == '"' and page.quote_of[min(end + 1, verb.last - 1)] >= 0 and opener != '"':
        return True
    if opener == '"' or verb.at - 1 <= verb.first or page.kinds[verb.at - 2] == '"':
        return False
    # "Mr. Smith, the mayor, said the plan was …" is an apposition before its verb.
    return (
        page.kinds[verb.after] == "S"
        or kind == "R"
        or (kind not in ',."' and apposed_subject(page, verb.at - 1, verb.first) is not None)
    )


def passive_source(page: Page, verb: Verb) -> Range | None:
    """``B was denounced by A``: the source behind "by"."""
    for by in range(verb.after, min(verb.last, verb.after + MAX_BY)):
        if page.lows[by] == "by":
            end = phrase_after(page, by + 1, verb.last, apposed=True)
            return (by + 1, end) if end > by + 1 and page.kinds[end - 1] != "#" else None
        if page.kinds[by] in '",.-CV':
            return None
    return None


def subject(page: Page, verb: Verb, earlier: Sequence[Range]) -> Range | None:
    """The source before its verb, or None where none is found. ``earlier`` are the sources of the sentence so far."""
    before = verb.start - 1
    if verb.form == "ing" and not any(low in BE for low in page.lows[verb.start : verb.start + 3]):
        return _of_participle(page, verb, earlier)
    if before < verb.first:
        return None
    kind, low = page.kinds[before], page.lows[before]
    joined = low in {"and", "but", "or", "then"} or (kind == "V" and page.lows[verb.start] == "nor")
    if joined:
        return _main_subject(page, verb, earlier)
    if kind == "S" or low in HEADLESS:
        return (before, verb.start) if low != "it" else None
    if kind in NOMINAL:
        return _unprefixed(page, phrase_before(page, verb.start, verb.first), verb.start, verb.first)
    if kind in ",-" or page.words[before] == ")":
        apposed = apposed_subject(page, before, verb.first)
        if apposed is None and low == "," and earlier:
            return _main_subject(page, verb, earlier)
        return apposed
    return None


def _of_participle(page: Page, verb: Verb, earlier: Sequence[Range]) -> Range | None:
    """``…, saying that``: the subject of its sentence; ``a sign saying``: the sign."""
    before = verb.start - 1
    if not verb.manners & _BARE and (before < verb.first or page.kinds[before] != ","):
        return None
    if before >= verb.first and page.lows[before] in DOCUMENT_NOUNS:
        return phrase_before(page, verb.start, verb.first), verb.start
    return _main_subject(page, verb, earlier)


def _main_subject(page: Page, verb: Verb, earlier: Sequence[Range]) -> Range | None:
    """The last source before the verb in its sentence, or the subject that the sentence begins with."""
    return earlier[-1] if earlier else clause_subject(page, verb.first, verb.start)


def _unprefixed(page: Page, begin: int, end: int, first: int) -> Range | None:
    """Without what belongs to a phrase in front: in "In talks with the paper Mr. Smith" only the last name is the source."""
    if begin == first or page.kinds[begin - 1] != "I" or page.lows[begin - 1] not in PREPOSITIONS:
        return (begin, end) if begin < end else None
    marks = [i for i in range(begin, end) if page.marks_of[i] >= 0 and page.marks_of[i] != page.marks_of[i - 1]]
    if not marks or marks[-1] == begin:
        return None
    start = marks[-1]
    while start - 1 > begin and page.kinds[start - 1] in "MW" and page.marks_of[start - 1] < 0:
        start -= 1
    return start, end
