"""Words of a cleaned text: where they are, how they are written, how they are compared.

It decides what one word is (``N.Y.P.D.``, ``T.``, ``Mr.``, ``O’Brien``, ``AT&T`` and ``Al-Sabah`` are) and leaves to others
what a word means. All patterns are linear: each character is tried at most a fixed number of times.
"""

import re
from functools import lru_cache
from typing import NamedTuple

LONGEST_WORD = 64
"""Characters; what is longer is a link, a key or dirt, never a name. (The longest place name in use, in Wales, has 58.)"""
_CACHED = 8192
"""Words and short texts whose analysis is kept: a document names the same few hundred again and again. Under 4 MB."""
_SHORT = 256
"""Characters of a stretch whose analysis is kept."""

_ABBREVIATIONS = (
    "Mr Mrs Ms Messrs Dr Prof Sen Sens Rep Reps Gov Govs Rev Hon Lt Col Gen Adm Maj Capt Cmdr Sgt Cpl Pvt Brig Jr Sr St Ste Mt Ft "
    "Inc Corp Co Ltd Bros Assn Dept Univ"
)
"""Abbreviations that keep their full stop, so that it does not end a name."""

_ANY = (
    r"(?:[^\W\d_]\.)+[^\W\d_](?!\w)\.?"  # N.Y.P.D. and U.S
    r"|[^\W\d_]\.(?=\s)"  # T.
    rf"|(?:{_ABBREVIATIONS.replace(' ', '|')})\.(?!\w)"
    r"|\w+(?:(?:[&‐‑-]|['’](?!s\b)|\.(?=[a-z0-9]))\w+)*"
)
_WORD = re.compile(_ANY)
_CAPITAL = re.compile(rf"(?<!\w)(?=[^\Wa-z])(?:{_ANY})")
_PART = re.compile(r"(?<!\w)[^\Wa-z]\w+")
_LETTERS = re.compile(r"[^\W\d_]+")


class Word(NamedTuple):
    """A word of a text: ``text[start:end]``, without the possessive ending."""

    start: int
    end: int
    text: str

    @property
    def lower(self) -> bool:
        """Whether it is written in lower case throughout. Digits and scripts without case are not."""
        return self.text.islower()


def find_words(text: str, start: int = 0, end: int | None = None) -> list[Word]:
    """The words of ``text[start:end]``, read by itself, in order. A possessive ``s`` is no word."""
    end = len(text) if end is None else end
    if end - start > _SHORT:
        return _find(text[start:end], start)
    return [Word(begin + start, stop + start, word) for begin, stop, word in _find_short(text[start:end])]


def find_capitals(text: str) -> list[Word]:
    """The words of ``text`` that begin with a capital, a digit or a letter without case, in order.

    After a word with one hyphen (links have more) come its parts that begin so: ``Putin-Macron``, ``Putin``, ``Macron``.
    """
    found: list[Word] = []
    for match in _CAPITAL.finditer(text):
        start, word = match.start(), match.group()
        if not word.islower():
            found.append(Word(start, match.end(), word))
            if word.count("-") == 1:
                found += [Word(start + part.start(), start + part.end(), part.group()) for part in _PART.finditer(word)]
    return found


def find_small(text: str) -> frozenset[str]:
    """The runs of letters of ``text`` that are written in lower case."""
    return frozenset(word for word in set(_LETTERS.findall(text)) if word.islower())


@lru_cache(maxsize=_CACHED)
def fold(word: str) -> str:
    """A word as it is compared: case folded, full stops gone, one kind of apostrophe and of hyphen."""
    return word.casefold().replace(".", "").replace("’", "'").replace("‑", "-").replace("‐", "-")


@lru_cache(maxsize=_CACHED)
def is_acronym(word: str) -> bool:
    """Whether a word is a sequence of capitals such as ``ICE``, ``N.Y.P.D.`` or ``G20``; undotted, six at most (``UNESCO``)."""
    letters = word.replace(".", "").replace("&", "")
    return (
        len(letters) >= 2
        and letters.isalnum()
        and letters.isupper()
        and (len(word) > len(letters) or len(letters) <= 6)
    )


def starts_sentence(text: str, start: int) -> bool:
    """Whether a capital at ``start`` says nothing, because a sentence, a line or a quotation begins there."""
    before = text[max(0, start - 8) : start]
    stripped = before.rstrip(" \t\"'“”‘’«»([—–-•*")
    return not stripped or stripped[-1] in ".!?:;\n…" or "\n" in before[len(stripped) :]


def word_before(text: str, start: int) -> str:
    """The word that stands directly before ``start`` with one space between, up to the space before it; empty where none does."""
    if start < 2 or text[start - 1] != " ":
        return ""
    reach = max(0, start - 1 - LONGEST_WORD)
    word = text[reach : start - 1].rpartition(" ")[2].rpartition("\n")[2]
    return word if word[-1:].isalnum() or word[-1:] == "." else ""


@lru_cache(maxsize=_CACHED)
def _find_short(text: str) -> tuple[Word, ...]:
    return tuple(_find(text, 0))


def _find(text: str, offset: int) -> list[Word]:
    found: list[Word] = []
    for match in _WORD.finditer(text):
        begin, stop = match.span()
        if (
            stop - begin == 1
            and text[begin] in "sS"
            and found
            and begin == found[-1].end - offset + 1
            and text[begin - 1] in "'’"
        ):
            continue
        found.append(Word(begin + offset, stop + offset, match.group()))
    return found
