"""What is attributed: the words that somebody says, thinks or judges, around a verb of attribution.

Decides by word order and quotation marks alone; see the rules in ``quotations``. Ranges are of tokens.
"""

from services.stance.grammar import phrase_after
from services.stance.page import Page, Quote, Range
from services.stance.sources import Verb
from services.stance.words import TIMES

MAX_ADVERBIAL = 15
"""Tokens between a cue and what was said: "said in an interview with the paper on Monday that"."""
_OPENERS = frozenset({"that", "whether", "how", "why", "what", "if"})
"""Words that begin what is said."""
_RELATING = frozenset({"who", "whose", "which", "when", "as", "after", "before", "while"})
"""Words behind a comma that tell more of the speaker or the occasion: said X, who; said X, when."""
_ADDRESSEES = frozenset({"him", "them", "me", "us", "it"})
_SPEECH = frozenset({"speech", "tell", "quote"})
"""Manners whose content may stand before the source: "It is over, she said"."""


def contents_of(page: Page, verb: Verb, source: Range) -> tuple[Range, ...]:
    """The content of a verb with its source before it; empty where there is none."""
    at = _behind_addressee(page, verb.after, verb.last) if "tell" in verb.manners else verb.after
    start = _start(page, at, verb)
    if start is not None:
        span = trim(page, start, verb.last)
        if span[0] < span[1]:
            return (*_interrupted(page, verb, source[0], start), span)
    joined = source[0] > verb.first and page.kinds[source[0] - 1] in ',"-'
    if not verb.manners & _SPEECH or (not joined and not verb.manners & {"speech", "quote"}):
        return ()
    before = content_before(page, verb.first, source[0])
    if at < verb.last and page.kinds[at] in ",-" and (joined or not before):
        # "Now, he said, it is over": the cue interrupts.
        rest = trim(page, at, verb.last)
        if rest[1] - rest[0] >= 3 and not page.lows[rest[0]].endswith("ing") and page.kinds[rest[0]] != "S":
            return (*before, rest)
    return before


def contents_around(page: Page, verb: Verb, source: Range) -> tuple[Range, ...]:
    """The content of an inverted verb: what stands before it, and what goes on behind its source."""
    before = content_before(page, verb.first, verb.at)
    end = source[1]
    rest = trim(page, end, verb.last)
    if end == verb.last or page.kinds[end] not in ',."' or rest[1] - rest[0] < 2:
        return before
    relates = page.kinds[end] == "," and (page.kinds[rest[0]] in "VI" or page.lows[rest[0]] in _RELATING)
    return before if relates else (*before, rest)


def is_quoted(page: Page, contents: tuple[Range, ...]) -> bool:
    """Whether a quotation stands at an end of what is attributed."""
    return any(page.quote_of[i] >= 0 for first, last in contents for i in (first + 1, last - 2) if 0 <= i < last)


def content_before(page: Page, first: int, end: int) -> tuple[Range, ...]:
    """What stands before a source or an inverted verb in its sentence, with the whole of a quotation that ends there."""
    at = end
    while at > first and page.kinds[at - 1] in ",-":
        at -= 1
    quote = _quote_closed_by(page, at - 1)
    if quote is not None:
        # Words before a quotation belong to what is said, unless they only lead up to it.
        led = quote.opened - first <= 3 or page.kinds[quote.opened - 1] in ".,"
        return ((quote.opened if led else first, at),)
    start = first
    while start < at and (page.kinds[start] in ",.-" or page.lows[start] in {"and", "but"}):
        start += 1
    return ((start, at),) if at - start >= 2 else ()


def behind_noun(page: Page, first: int, last: int) -> Range:
    """What a noun of saying takes behind it ("her claim that …", "criticism of …"): up to the next comma that ends a clause.

    With "that" it goes on to the auxiliary of the clause around it: her claim that it was over *is* false.
    """
    end = first
    clauses = 1 if first < last and page.lows[first] == "that" else 0
    while end < last and page.kinds[end] != "." and not (page.kinds[end] == "," and end > first + 2):
        clauses -= page.kinds[end] == "A"
        if clauses < 0:
            break
        end += 1
    return trim(page, first, end)


def trim(page: Page, first: int, last: int) -> Range:
    """A range without punctuation at its ends, except for quotation marks that belong to it."""
    while first < last and (page.kinds[first] in ",-" or page.words[first] in ".;:?!)"):
        first += 1
    while last > first and (page.kinds[last - 1] in ",-" or page.words[last - 1] in ".;:("):
        last -= 1
    return first, last


def _interrupted(page: Page, verb: Verb, source: int, start: int) -> tuple[Range, ...]:
    """The first part of speech that its cue interrupts: ``"We tried," he said, "and failed."``"""
    if start == verb.after or source == verb.first or page.kinds[source - 1] not in ',"':
        return ()
    if page.kinds[start - 1] != "," and page.kinds[start] != '"':
        return ()
    return content_before(page, verb.first, source)


def _behind_addressee(page: Page, at: int, last: int) -> int:
    if at >= last:
        return at
    if page.lows[at] in _ADDRESSEES or page.kinds[at] == "S":
        return at + 1
    return phrase_after(page, at, last, apposed=True) if page.kinds[at] in "DMW#" else at


def _start(page: Page, at: int, verb: Verb) -> int | None:
    """Where the content begins behind a cue, from ``at`` on; None where it does not stand there."""
    while at < verb.last and page.kinds[at] == "R":
        at += 1
    if at >= verb.last:
        return None
    kind, word = page.kinds[at], page.words[at]
    if not verb.manners & _SPEECH:
        return at if kind not in ",.-" or word in ":(" else None
    if page.lows[at] in _OPENERS or kind == '"':
        return at
    if word == ":":
        return at + 1
    if kind in "I," or page.lows[at] in TIMES:
        return _start_behind(page, at, min(verb.last, at + MAX_ADVERBIAL), verb.last)
    return at if kind not in ".-" else None


def _start_behind(page: Page, at: int, bound: int, last: int) -> int | None:
    """The same behind an adverbial ("in a statement on Monday") or a comma that begins at ``at``."""
    dated = page.lows[at] in TIMES or page.lows[at] == "on"
    for i in range(at, bound):
        kind, low = page.kinds[i], page.lows[i]
        following = page.kinds[i + 1] if i + 1 < last else ""
        if low == ":":
            return i + 1
        if low == "whether" or (low == "that" and following != "A"):
            return i
        if kind == '"' and page.quote_of[min(i + 1, last - 1)] >= 0:
            return i
        if kind in ",." and (i == at or page.kinds[at] != ","):
            if following == '"':
                return i + 1
            if i > at:
                return None
        if dated and i > at and kind in "DMSW" and low not in TIMES and page.kinds[i - 1] != "I":
            return i
    return None


def _quote_closed_by(page: Page, token: int) -> Quote | None:
    """The quotation whose closing mark is at a token, or None."""
    number = page.quote_of[token - 1] if token > 0 else -1
    if number < 0 or page.quotes[number].closed != token or not page.quotes[number].balanced:
        return None
    return page.quotes[number]
