"""One field of a document as this stage reads it: tokens, sentences, quotation marks and mentions over one clean text.

Offsets here count code points of the *clean* text unless a name says token. What a mention is was decided by the entities
stage, what clean is by ``services.text``; here the two are only laid over each other. One pass over the text, linear.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from services.stance.kinds import QUOTE_MARKS, is_participle, kind_of, kinds_of, shape_of
from services.stance.tokens import Tokens, tokens_of

MAX_SENTENCE_TOKENS = 200
"""A longer sentence is read in pieces of this many tokens, so that rules that look along a sentence stay linear in the text.
The longest of 99.9 % of news sentences has under 120."""
MAX_QUOTE_CHARACTERS = 4_000
"""A quotation that is longer within one paragraph is taken for an unbalanced mark: some 700 words, a page of speech."""

Range = tuple[int, int]
"""A half-open range: of tokens, or of code points where it says so."""

_OPENERS = frozenset(["``", *"“«„‹「『"])
_CLOSERS = frozenset("”»›」』")
_CLOSED_BY = {"„": "“”", "‚": "‘’", "»": "«", "›": "‹", "「": "」", "『": "』"}
"""Marks that others close than their like in English: „so“, »so«."""
_SINGLE = frozenset("'‘’")
_MARK = re.compile('"')


class Mark(NamedTuple):
    """A mention of an entity: where it stands, in clean offsets, and of whom."""

    start: int
    end: int
    entity: str
    type: str


class Quote(NamedTuple):
    """A quotation: the tokens between its marks, half open; ``opened`` and ``closed`` are the tokens of the marks themselves.

    ``balanced`` tells whether a mark closes it: without one, ``closed`` is the token after its last. ``continues`` is true
    where it goes on with a speech that an earlier paragraph left open. ``words`` counts the words in it.
    """

    first: int
    last: int
    opened: int
    closed: int
    words: int
    balanced: bool
    continues: bool

    @property
    def after(self) -> int:
        """The first token behind it and its mark."""
        return self.closed + 1 if self.balanced else self.closed


@dataclass(slots=True)
class Page(Tokens):
    """A field, cut into tokens, with what is laid over them.

    ``kinds`` are the letters of the words, ``shapes`` these in more detail (see the module ``kinds``); both know of ``marks``.
    ``marks_of[i]`` is the index in ``marks`` of the mention that covers token i, or -1; ``named`` are the tokens of each mention,
    half open, with its index. ``quote_of[i]`` is the index of a token's quotation in ``quotes``. ``sentences`` are half-open
    token ranges, in order, that cover all tokens.
    """

    marks: list[Mark] = field(default_factory=list)
    kinds: str = ""
    sentences: list[tuple[int, int]] = field(default_factory=list)
    quotes: list[Quote] = field(default_factory=list)
    marks_of: list[int] = field(default_factory=list)
    named: list[tuple[int, int, int]] = field(default_factory=list)
    quote_of: list[int] = field(default_factory=list)

    def sentence_at(self, token: int) -> tuple[int, int]:
        """The sentence that holds a token, as a token range."""
        index = bisect_right(self.sentences, token, key=lambda s: s[0]) - 1
        return self.sentences[max(index, 0)]

    def having(self, use: int) -> list[int]:
        """The tokens whose words have a bit of ``uses``, in order."""
        tokens: list[int] = (np.frombuffer(self.uses, np.uint8) & use).nonzero()[0].tolist()
        return tokens

    def tokens_of(self, start: int, end: int) -> Range:
        """The tokens that a clean span touches, half open."""
        return bisect_left(self.ends, start + 1), bisect_left(self.starts, end)

    def span(self, first: int, last: int) -> tuple[int, int]:
        """The clean offsets of the tokens ``first`` to ``last``, half open."""
        return self.starts[first], self.ends[last - 1]


def make_page(text: str, sentences: Sequence[tuple[int, int]] = (), marks: Sequence[Mark] = ()) -> Page:
    """Cut a clean text into tokens, sentences and quotations.

    ``sentences`` are clean offsets; where there are none, each paragraph is cut at full stops. Tokens outside of every
    sentence join the sentence before them. Overlapping marks are dropped, the earlier and longer one is kept.
    """
    kept: list[Mark] = []
    for mark in sorted(marks, key=lambda m: (m.start, -m.end)):
        if mark.end > mark.start and (not kept or mark.start >= kept[-1].end):
            kept.append(mark)
    page = tokens_of(text, Page)
    page.marks = kept
    page.kinds = kinds_of(page.shapes)
    page.quotes = _find_quotes(page)
    page.quote_of, _ = _cover([(q.first, q.last) for q in page.quotes], len(page.starts))
    page.sentences = _cut_sentences(page, sentences)
    page.marks_of, page.named = _cover(_token_ranges(page), len(page.starts))
    _settle_kinds(page)
    return page


def _settle_kinds(page: Page) -> None:
    """A mention counts as a capitalised word, and a headline's capitals as none."""
    shapes = list(page.shapes)
    for first, last, _ in page.named:
        for at in range(first, last):
            if page.kinds[at] not in '".,-P':
                shapes[at] = shape_of("M", page.lows[at], named=True)
    for first, last in page.sentences:
        at = first
        while at < last and page.kinds[at] in '"-':
            at += 1
        if at < last and page.marks_of[at] < 0 and is_participle(page.lows[at]):
            shapes[at] = "v"
    page.kinds = kinds_of("".join(shapes))
    for first, last in page.sentences:
        if _is_headline(page, first, last):
            for at in range(first, last):
                if page.kinds[at] == "M" and page.marks_of[at] < 0:
                    low = page.lows[at]
                    shapes[at] = shape_of(kind_of(low, low).replace("W", "M"), low)
    page.shapes = "".join(shapes)
    page.kinds = kinds_of(page.shapes)


def _is_headline(page: Page, first: int, last: int) -> bool:
    """Whether Most of the Words Are Capitalised: there a capital says nothing of names."""
    if page.kinds.count("M", first, last) < 4:
        return False
    words = [word for word in page.words[first:last] if word[0].isalpha() and len(word) > 3]
    return len(words) >= 4 and sum(word[0].isupper() for word in words) >= 0.75 * len(words)


def _token_ranges(page: Page) -> list[tuple[int, int]]:
    return [page.tokens_of(mark.start, mark.end) for mark in page.marks]


def _cover(ranges: Sequence[Range], size: int) -> tuple[list[int], list[tuple[int, int, int]]]:
    """For each token the index of the first range that covers it, or -1; and for each range that covers some its first one, the
    one behind its last, and its index. Ranges are in order of their first tokens."""
    covered = [-1] * size
    covering = []
    reached = 0
    for index, (first, last) in enumerate(ranges):
        begin, end = max(first, reached), min(last, size)
        if begin < end:
            covered[begin:end] = [index] * (end - begin)
            covering.append((begin, end, index))
            reached = end
    return covered, covering


def _cut_sentences(page: Page, given: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    size = len(page.starts)
    cuts = set(page.breaks)
    if given:
        cuts.update(bisect_left(page.starts, start) for start, _ in given)
    else:
        cuts.update(i + 1 for i in range(size - 1) if page.words[i] in ".!?" and not page.words[i + 1][0].islower())
    # A bracket belongs to the sentence that it closes, which may go on behind it: "Sen. Ana Brandt (R-Tex.) said".
    for cut in sorted(cuts.difference(page.breaks)):
        if cut < size and page.words[cut] in ")]":
            cuts.discard(cut)
            cut += 1
            cuts.add(cut)
        begins = cut < size and (page.words[cut][0].isupper() or page.kinds[cut] in '"#')
        if page.words[cut - 1] in ")]" and not begins:
            cuts.discard(cut)
    # A closing mark belongs to the sentence that it closes, and two quotations side by side are two sentences.
    for quote in page.quotes:
        after = quote.after
        if not quote.balanced:
            continue
        closed_a_sentence = quote.closed in cuts
        cuts.discard(quote.closed)
        if after >= size:
            continue
        if closed_a_sentence and page.words[after][0].isupper():
            cuts.add(after)
        if page.words[quote.last - 1] in ".!?" and page.words[after] in QUOTE_MARKS:
            cuts.add(after)
    ordered = sorted(c for c in cuts if 0 <= c < size)
    sentences: list[tuple[int, int]] = []
    for first, last in pairwise([*ordered, size]):
        sentences += [(at, min(at + MAX_SENTENCE_TOKENS, last)) for at in range(first, last, MAX_SENTENCE_TOKENS)]
    return sentences


def _find_quotes(page: Page) -> list[Quote]:
    """Pair the quotation marks, each paragraph by itself; single marks count only outside of double ones."""
    quotes: list[Quote] = []
    pending = False
    size = len(page.starts)
    marks = [match.start() for match in _MARK.finditer(page.kinds)]
    for first, last in pairwise([*page.breaks, size]):
        own = marks[bisect_left(marks, first) : bisect_left(marks, last)]
        found, pending = _pair(page, first, last, own, pending) if own else ([], False)
        quotes += found
    return quotes


def _pair(page: Page, first: int, last: int, marks: Sequence[int], pending: bool) -> tuple[list[Quote], bool]:
    """The quotations of the tokens ``first`` to ``last``, with these ``marks``, and whether the last one is left open at their end.

    A quotation left open ends with its paragraph if it began where a sentence began, or else with its sentence.
    """
    quotes: list[Quote] = []
    opened, kind = -1, ""
    closes = ""
    for token in marks:
        word = page.words[token]
        role = _role(page, token, first, last, opened >= 0, kind, closes if opened >= 0 else "")
        if role == "open":
            if opened >= 0:
                quotes.append(_quote(page, opened, _sentence_end(page, opened + 1, token), balanced=False))
            opened, kind = token, "single" if word in _SINGLE else "double"
            closes = _CLOSED_BY.get(word, "")
        elif role == "close":
            quotes.append(_quote(page, opened, token, balanced=True, continues=pending and opened == first))
            opened = -1
    open_at_end = opened >= 0 and kind == "double"
    if opened >= 0 and kind == "double":
        whole = opened == first or page.words[opened - 1] in ",:."
        close = last if whole else _sentence_end(page, opened + 1, last)
        quotes.append(_quote(page, opened, close, balanced=False, continues=pending and opened == first))
    return [q for q in quotes if q.last > q.first], open_at_end


def _quote(page: Page, opened: int, closed: int, *, balanced: bool, continues: bool = False) -> Quote:
    if page.starts[min(closed, len(page.starts)) - 1] - page.starts[opened] > MAX_QUOTE_CHARACTERS:
        closed, balanced = _sentence_end(page, opened + 1, closed), False
    count = sum(1 for word in page.words[opened + 1 : closed] if word[0].isalnum())
    return Quote(opened + 1, closed, opened, closed, count, balanced, continues)


def _sentence_end(page: Page, first: int, last: int) -> int:
    """The token after the first full stop from ``first`` on, or ``last``; a quotation that never closes ends here."""
    for token in range(first, min(last, first + MAX_SENTENCE_TOKENS)):
        if page.words[token] in ".!?":
            return token + 1
    return min(last, first + MAX_SENTENCE_TOKENS)


def _role(page: Page, token: int, first: int, last: int, inside: bool, kind: str, closes: str) -> str:
    """Whether a mark opens, closes or does nothing, by its shape, the spaces around it, and what is open.

    ``closes`` are the marks that close what is open, where not those of English.
    """
    word = page.words[token]
    if closes:
        return "close" if word in closes else ""
    if word in "»›" and not inside and (token == first or page.ends[token - 1] < page.starts[token]):
        return "open"
    if word in _SINGLE:
        return _single_role(page, token, first, last, inside, kind)
    if inside and kind == "single":
        return "open"
    if word in _OPENERS:
        return "open"
    if word in _CLOSERS:
        return "close" if inside else ""
    spaced_before = token == first or page.ends[token - 1] < page.starts[token] or page.words[token - 1] in "([—–-"
    spaced_after = token + 1 >= last or page.starts[token + 1] > page.ends[token]
    if spaced_before == spaced_after:
        return "close" if inside else "open"
    if spaced_before:
        return "open"
    return "close" if inside else ""


def _single_role(page: Page, token: int, first: int, last: int, inside: bool, kind: str) -> str:
    if inside and kind == "double":
        return ""
    spaced_before = token == first or page.ends[token - 1] < page.starts[token]
    spaced_after = token + 1 >= last or page.starts[token + 1] > page.ends[token] or page.words[token + 1] in ",.;:!?)"
    if not inside:
        starts_word = token + 1 < last and not spaced_after and page.words[token + 1][0].isalnum()
        return "open" if page.words[token] in "‘'" and spaced_before and starts_word else ""
    return "close" if not spaced_before and spaced_after and page.words[token] in "’'" else ""
