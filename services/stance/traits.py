"""What speaks for or against an attribution: the traits of a cue in its place and of a source beside it, as numbers.

Decides only what is looked at (words, their kinds, their order); what a trait weighs was learnt, see ``likelihood``. All places
of some pages are looked at together: a *column* has a number for each of them, that of a word (``Page.numbers``), of its kind (its
letter), or of what is counted here. A trait is what one, two or three columns say together.
"""

from array import array
from collections.abc import Mapping, Sequence
from functools import lru_cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from services.stance.grammar import head_of
from services.stance.kinds import SAYING, number_of
from services.stance.likelihood import BITS
from services.stance.page import Page, Range
from services.stance.proposals import SPEECH_WORDS, Place, is_speech
from services.stance.stems import stem
from services.stance.words import BE, DOCUMENT_NOUNS, POSSESSIVES, SPEAKER_NOUNS, TIMES

_LOOK_AHEAD = 9
"""Tokens behind a cue in which "that", "to" and a quotation tell what follows: "told the paper on Monday that"."""
_GROUP = 4
"""Tokens of a cue's auxiliaries and adverbs that are looked at; more are rare."""
_BETWEEN = 6
"""Tokens between a source and its cue whose kinds are looked at; beyond, there is as good as never the same again."""
_ENDINGS = ("ing", "ed", "s")
_STEPS = np.array([4, 6, 10, 20])
"""From three on, counts are told apart at these alone."""

Numbers = NDArray[np.uint32]
Columns = Mapping[str, Numbers]


class Traits:
    """Traits, each the names of its columns; hashed together with their place in the list, so that each has weights of its own."""

    def __init__(self, first: int, *traits: str) -> None:
        """``first`` is the number of the first of them."""
        self._names = sorted({name for trait in traits for name in trait.split()})
        places = {name: place for place, name in enumerate(self._names)}
        parts = [[places[name] for name in trait.split()] for trait in traits]
        self._parts = np.array([[*part, *[len(places)] * (3 - len(part))] for part in parts]).T
        self._salts = (np.arange(first + 1, first + 1 + len(traits), dtype=np.uint32) * np.uint32(0x9E3779B1))[:, None]

    def __call__(self, columns: Columns) -> Numbers:
        """The buckets (traits, places) of ``likelihood.Weights``."""
        table = np.stack([columns[name] for name in self._names] + [np.zeros_like(columns[self._names[0]])])
        one, two, three = (table[part] for part in self._parts)
        mixed: Numbers = self._salts + one * np.uint32(0x85EBCA77)
        mixed ^= mixed >> np.uint32(15)
        mixed = (mixed + two) * np.uint32(0xC2B2AE3D)
        mixed ^= mixed >> np.uint32(13)
        mixed = (mixed + three) * np.uint32(0x27D4EB2F)
        mixed ^= mixed >> np.uint32(16)
        mixed *= np.uint32(0x165667B1)
        mixed >>= np.uint32(32 - BITS)
        return mixed


CUE = Traits(
    0,
    "low", "root", "root one", "one", "one_kind two_kind", "root follows", "two", "before", "form group", "ahead", "root ahead",
    "opener before_kind form", "root passive form", "quotes opener ahead", "said", "root said", "one two", "before root",
    "kind form follows", "before root one", "last_root", "next_root", "root last_root", "root next_root",
)  # fmt: skip
SOURCE = Traits(
    100,
    "order", "order root", "head", "head_kind order", "head_kind root", "between", "order between", "before",
    "before_kind order", "order gap", "size head_kind", "begins", "ends", "order passive form", "order follows",
    "order passive root", "head_kind follows order", "head_kind named leads", "order group", "before order head_kind",
    "head_kind ahead", "begins order", "head order", "order crossed", "order crossed_root", "root crossed_root",
    "crossed order root",
)  # fmt: skip
_SHARED = ("root", "passive", "form", "follows", "group", "ahead")
"""Columns of a cue that its sources' traits look at too."""


_FROM, _TO = np.uint32(number_of("^")), np.uint32(number_of("$"))
"""In place of a word before the sentence, and behind it."""
_BEHIND = array("I", [int(_TO), int(_TO)])
_FOLLOWERS = _, _THAT_WORD, _TO_WORD, _BY_WORD = [np.uint32(number_of(word)) for word in (":", "that", "to", "by")]
"""What may follow a cue and is looked at as a word; of others their kind is."""
_STOP, _QUOTE, _THAT, _VERB = 1, 2, 3, 4
_TELLS = np.zeros(128, np.int64)
_TELLS[[ord(","), ord("."), ord("$")]] = _STOP
_TELLS[ord('"')] = _QUOTE
_ACTION = np.zeros(128, bool)
_ACTION[[ord("W"), ord("V")]] = True


class Beside:
    """The traits of all places of some pages, and of sources beside them.

    The pages stand one behind the other: token i of a page is token ``shift`` + i here, and two that are outside of every sentence
    part it from the next page. What is found for a place depends on its own page alone.
    """

    def __init__(self, pages: Sequence[Page], found: Sequence[Sequence[Place]]) -> None:
        """``found`` are the places of each page, in order."""
        self._all = [(page, place) for page, own in zip(pages, found, strict=True) for place in own]
        self._number = np.frombuffer(b"".join(page.numbers + _BEHIND for page in pages), np.uint32)
        self._kinds = "".join(page.kinds + "$$" for page in pages).encode()
        self._kind = np.frombuffer(self._kinds, np.uint8)
        shifts = np.cumsum([0, *(len(page.words) + len(_BEHIND) for page in pages)])
        self._shift = np.repeat(shifts[:-1], [len(own) for own in found])
        self._places = np.array([place for _, place in self._all], np.int64).reshape(-1, 4).T + self._shift
        saying = [
            shift + token
            for page, shift in zip(pages, shifts.tolist(), strict=False)
            for token in page.having(SAYING)
            if not is_speech(page, token)
        ]
        self.cues = self._of_cues(np.array(saying, np.int64))

    def _of_cues(self, saying: NDArray[np.int64]) -> Columns:
        """What speaks for or against words as cues, whatever their sources; ``saying`` are the tokens that speak of a speaker."""
        kind = self._kind
        at, start, first, last = self._places
        one, one_kind = self._at(at + 1, at + 1 >= last, _TO, "$")
        two, two_kind = self._at(at + 2, at + 2 >= last, _TO, "$")
        before, before_kind = self._at(at - 1, at <= first, _FROM, "^")
        _, opener = self._at(start - 1, start <= first, _FROM, "^")
        follows = np.where(np.logical_or.reduce([one == number for number in _FOLLOWERS]), one, one_kind)
        earlier = np.minimum(2, np.searchsorted(saying, at) - np.searchsorted(saying, first))
        later = np.searchsorted(saying, last) > np.searchsorted(saying, at, "right")
        root, form = np.array([_word(page.lows[place.at]) for page, place in self._all], np.uint32).reshape(-1, 2).T
        group, passive = np.array([_group(page, place) for page, place in self._all], np.uint32).reshape(-1, 2).T
        neighbour = np.concatenate([[0], root, [0]])
        apart = np.concatenate([[True], first[1:] != first[:-1], [True]])
        columns = {
            "low": self._number[at], "kind": kind[at], "root": root, "form": form, "group": group, "passive": passive,
            "one": one, "one_kind": one_kind, "two": two, "two_kind": two_kind, "before": before, "before_kind": before_kind,
            "opener": opener, "follows": follows, "said": 2 * earlier + later, "ahead": self._ahead(),
            "quotes": self._quotes(), "last_root": np.where(apart[:-1], 0, neighbour[:-2]),
            "next_root": np.where(apart[1:], 0, neighbour[2:]),
        }  # fmt: skip
        return {name: np.asarray(column, np.uint32) for name, column in columns.items()}

    def _quotes(self) -> list[int]:
        """For each place what ``_quoted`` says of its sentence."""
        known: dict[int, int] = {}
        found = []
        for (page, place), first in zip(self._all, self._places[2].tolist(), strict=True):
            if first not in known:
                known[first] = _quoted(page, place.first, place.last)
            found.append(known[first])
        return found

    def _at(
        self, tokens: NDArray[np.int64], outside: NDArray[np.bool_], number: np.uint32, kind: str
    ) -> tuple[Numbers, NDArray[np.uint8]]:
        """The words at ``tokens`` and their kinds; ``number`` and ``kind`` where these are ``outside`` of their sentence."""
        words, kinds = self._number[tokens], self._kind[tokens]
        words[outside], kinds[outside] = number, ord(kind)
        return words, kinds

    def _ahead(self) -> NDArray[np.int64]:
        """The first thing behind each cue that tells a content ("that", a quotation, "to" before a verb), and how far it is."""
        at, _, _, last = self._places
        number, kind = self._number, self._kind
        told = _TELLS[kind]
        told[number == _THAT_WORD] = _THAT
        told[:-1][(number[:-1] == _TO_WORD) & _ACTION[kind[1:]]] = _VERB
        telling = np.flatnonzero(told)
        where = telling[np.searchsorted(telling, at + 1)]
        what = told[where]
        far = np.where(what > _STOP, np.minimum(where - at, 3), 0)
        return np.where(where < np.minimum(last, at + 1 + _LOOK_AHEAD), 4 * what + far, 0)

    def has_agent(self) -> NDArray[np.bool_]:
        """Which places are passive with "by" behind them."""
        told: NDArray[np.bool_] = (self.cues["passive"] > 0) & (self.cues["one"] == _BY_WORD)
        return told

    def of_sources(self, owners: Sequence[int], sources: Sequence[Range], orders: Sequence[str]) -> Columns:
        """What speaks for or against sources; ``owners`` are the numbers of their cues' places, ``orders`` how they stand."""
        number = self._number
        owner = np.array(owners, np.int64)
        at, start, first, _ = self._places[:, owner]
        begin, end = np.array(sources, np.int64).reshape(-1, 2).T + self._shift[owner]
        head_kind, head = np.array(self._heads(owners, sources, begin.tolist()), np.uint32).reshape(-1, 2).T
        before, before_kind = self._at(begin - 1, begin <= first, _FROM, "^")
        crossed = np.maximum(0, np.searchsorted(self._places[0], at) - np.searchsorted(self._places[0], end))
        gap = np.where(end <= start, start - end, np.where(begin > at, begin - at, 0))
        names = np.concatenate([[0], np.cumsum(self._kind == ord("M"))])
        columns = {
            "order": [_order(one) for one in orders], "head_kind": head_kind, "head": head,
            "before": before, "before_kind": before_kind, "leads": begin == first,
            "between": self._between(begin, end, at, start),
            "gap": _rough(gap), "size": _rough(end - begin), "begins": number[begin], "ends": number[end - 1],
            "crossed": np.minimum(crossed, 3), "crossed_root": np.where(crossed > 0, self.cues["root"][owner - 1], 0),
            "named": names[end] > names[begin],
        }  # fmt: skip
        own = {name: np.asarray(column, np.uint32) for name, column in columns.items()}
        return own | {name: self.cues[name][owner] for name in _SHARED}

    def _heads(self, owners: Sequence[int], sources: Sequence[Range], begins: Sequence[int]) -> list[tuple[int, int]]:
        """What ``_head`` says of each source, which several cues of a sentence may have."""
        known: dict[Range, tuple[int, int]] = {}
        found = []
        for owner, source, begin in zip(owners, sources, begins, strict=True):
            key = begin, source[1]
            if key not in known:
                known[key] = _head(self._all[owner][0], source)
            found.append(known[key])
        return found

    def _between(self, *places: NDArray[np.int64]) -> list[int]:
        """The kinds of the words between sources and their cues."""
        return [
            crc32(self._kinds[end : min(start, end + _BETWEEN)])
            if end <= start
            else (crc32(self._kinds[at + 1 : min(begin, at + 4)], 1) if begin > at else 1)
            for begin, end, at, start in zip(*(place.tolist() for place in places), strict=True)
        ]


@lru_cache(1 << 14)
def _word(low: str) -> tuple[int, int]:
    """The number of a word's stem, and its ending."""
    return number_of(stem(low)), next((place for place, end in enumerate(_ENDINGS, 1) if low.endswith(end)), 0)


_order = lru_cache(64)(number_of)


def _group(page: Page, place: Place) -> tuple[int, int]:
    """The auxiliaries and adverbs before a cue, and whether it is passive."""
    at, start, _, _ = place
    if start == at:
        return 0, 0
    lows = page.lows[start:at]
    return number_of(" ".join(lows[:_GROUP])), not BE.isdisjoint(lows)


def _quoted(page: Page, first: int, last: int) -> int:
    """How many quotations a sentence has, up to two, whether they are speech, and whether one ends it."""
    shape, before = 1, -1
    for number in page.quote_of[first:last] if page.quotes else ():
        if number >= 0 and number != before and shape < 4:
            shape = 2 * shape + (page.quotes[number].words >= SPEECH_WORDS)
        before = number
    ends = page.quote_of[last - 1] >= 0 or page.kinds[last - 1] == '"'
    return 2 * shape + ends


def _rough(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Counts, the more roughly the larger they are."""
    return np.where(counts < 4, counts, 3 + np.searchsorted(_STEPS, counts, "right"))


def _head(page: Page, source: Range) -> tuple[int, int]:
    """What kind of source it is, and the word that it is about; of a name only that it is one."""
    at = head_of(page, *source)
    low, kind, number = page.lows[at], page.kinds[at], page.numbers[at]
    if kind == "S" or low in POSSESSIVES:
        return number, number
    if low in SPEAKER_NOUNS:
        return 1, number
    if low in DOCUMENT_NOUNS or low.rstrip("s") in DOCUMENT_NOUNS:
        return 2, number
    if kind in "M#":
        return ord(kind), ord(kind)
    if low in TIMES:
        return 3, number
    return (4 if low.endswith("s") else 5), number
