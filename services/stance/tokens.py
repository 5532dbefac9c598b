"""From a text to its tokens, and what is known of each word.

Offsets count code points. One pass over the text, linear.
"""

import re
from array import array
from dataclasses import dataclass
from typing import TypeVar

from services.stance.kinds import kind_of, number_of, shape_of, uses_of
from services.stance.stems import MAX_CACHED_WORD

TOKEN = re.compile(
    r"""
    [^\W_]++(?=[ ,])
    | \n+
    | n['’]t\b | ['’](?:s|re|ve|ll|d|m)\b
    | (?:Mr|Mrs|Ms|Dr|Sen|Rep|Gov|Gen|Col|Lt|Sgt|Rev|Prof|St|Jr|Sr|No|vs|Inc|Corp|Co)\.
    | (?:[A-Za-z]\.){2,12}
    | (?<![A-Za-z0-9])[A-Z]\.(?=\s?[A-Z])
    | [ODL]['’][A-Z][a-z]+
    | [^\W_]+?(?=n['’]t\b)
    | [^\W_]+(?:[-/&.@_][^\W_]+)*
    | \.{2,} | --+ | ''(?!') | ``
    | [^\w\s] | _
    """,
    re.VERBOSE,
)
_CACHED = 1 << 14
"""Words that are kept, a newspaper's everyday words: some 4 MB when full."""

T = TypeVar("T", bound="Tokens")
_Word = tuple[str, str, int, int]
"""A word in lower case with straight apostrophes; its shape (see ``kinds``); a number for the first, the same in every process, and
as good as never that of another word; what it may be, as bits."""


@dataclass(slots=True)
class Tokens:
    """A text, cut into tokens. The lists run in parallel.

    ``lows`` are the words in lower case with straight apostrophes, ``shapes`` their shapes (see the module ``kinds``), ``numbers``
    a number for each of them, ``uses`` what each may be, as bits. ``breaks`` are the first tokens of the paragraphs.
    """

    text: str
    starts: list[int]
    ends: list[int]
    words: list[str]
    lows: list[str]
    shapes: str
    numbers: "array[int]"
    uses: bytes
    breaks: list[int]


class _Words(dict[str, _Word]):
    """Words that were looked up before. A full one begins anew: cheaper for every word than to know which was used last."""

    def __missing__(self, word: str) -> _Word:
        low = word.lower().replace("’", "'")
        found = low, shape_of(kind_of(word, low), low), number_of(low), uses_of(low)
        if len(word) <= MAX_CACHED_WORD:
            if len(self) >= _CACHED:
                self.clear()
            self[word] = found
        return found


_WORDS = _Words()


def forget_words() -> None:
    """Look up every word anew: the lists that they are looked up in have changed."""
    _WORDS.clear()


def tokens_of(text: str, kind: type[T]) -> T:
    """The tokens of a text, as the ``kind`` of them that adds something to the columns."""
    starts: list[int] = []
    ends: list[int] = []
    words: list[str] = []
    breaks = [0]
    at = 0
    for piece in text.split(" "):
        end = at + len(piece)
        if piece.isalnum():  # a word by itself, as most are
            starts.append(at)
            ends.append(end)
            words.append(piece)
        elif _is_word_and_mark(piece):
            starts += at, end - 1
            ends += end - 1, end
            words += piece[:-1], piece[-1]
        elif piece:
            for match in TOKEN.finditer(text, at):
                first, last = match.span()
                if first >= end:
                    break
                word = match.group()
                if word[0] == "\n":
                    if len(starts) > breaks[-1]:
                        breaks.append(len(starts))
                    continue
                starts.append(first)
                ends.append(last)
                words.append(word)
        at = end + 1
    known = map(_WORDS.__getitem__, words)
    lows, shapes, numbers, uses = zip(*known, strict=True) if words else ((), (), (), ())
    return kind(text, starts, ends, words, list(lows), "".join(shapes), array("I", numbers), bytes(uses), breaks)


def _is_word_and_mark(piece: str) -> bool:
    """Whether what stands between spaces is a word with a comma, or one in small letters with a full stop, as half of it is."""
    word = piece[:-1]
    return word.isalnum() and (piece[-1] == "," or (piece[-1] == "." and word.islower() and word != "vs"))
