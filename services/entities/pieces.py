"""A long text in pieces, and the stretches in it that no model should read.

It decides where a text may be cut, so that no name is cut in two, and what is blanked before reading: runs without spaces that
no language has. The tokenizer's time grows with the square of such a run: 20,000 quotation marks took 33 s.
"""

import re
from collections.abc import Sequence

_LONGEST_RUN = 128
"""Characters between two spaces; the longest in English news are compounds of some 50. Links and encoded data are longer."""
_LONGEST_MARKS = 16
"""Punctuation in a row; rulers and rows of dots are longer."""
_UNSPACED = frozenset({"ja", "km", "lo", "my", "th", "zh"})
"""Languages written without spaces. Their tokenizers are not spaCy's own, and their runs are sentences."""

_MARKS = re.compile(rf"(?<![^\w\s])[^\w\s]{{{_LONGEST_MARKS + 1},}}")
_BLANKED = re.compile(rf"(?<!\S)\S{{{_LONGEST_RUN + 1},}}|{_MARKS.pattern}")

_SENTENCE_END = re.compile(r"(?<![^\W_])([^\W\d_]{4,})[.!?][\"'”’)\]]*\s+(?=[^\s])|[。！？][”’」』]*")
"""After a word of four small letters a full stop is no abbreviation's, as after ``Mr.``, ``St.``, ``J.`` or ``Yahoo!`` it may
be."""
_OVERLAP = 1_000
"""Characters that are read twice where no sentence ends, in a short piece a quarter of it: the longest span that can be a name
has as many."""


def blank(text: str, language: str = "en") -> str:
    """``text``, as long as before, with spaces for the runs that hold no names."""
    pattern = _MARKS if language in _UNSPACED else _BLANKED
    return pattern.sub(lambda match: " " * len(match.group()), text)


def find_end(text: str, start: int, size: int) -> tuple[int, bool]:
    """Where the piece that begins at ``start``, of at most ``size`` characters, ends; and whether no name can reach over it.

    It ends after the last paragraph in its second half, else after the last sentence there. No name reaches over these; else
    it has the full size, and ``step_back`` says what counts of it.
    """
    high = start + size
    if high >= len(text):
        return len(text), True
    low = start + size // 2
    paragraph = text.rfind("\n", low, high)
    if paragraph >= 0:
        return paragraph + 1, True
    ends = [end for match in _SENTENCE_END.finditer(text, low, high) if (end := _sure_end(match, text))]
    return (ends[-1], True) if ends else (high, False)


def _sure_end(match: re.Match[str], text: str) -> int:
    """The end of a sentence, or 0 where it may be none."""
    word = match[1]
    return match.end() if word is None or (word.islower() and not text[match.end()].islower()) else 0


def step_back(text: str, start: int, end: int, spans: Sequence[tuple[int, int]]) -> int:
    """Where the next piece begins, after one that was cut at ``end`` with no regard to names, and up to where that one counts.

    ``spans`` are what was found in it, in order. The place is at a space some way before the cut, in none of them: what stands
    before was read with what follows it. It is always behind ``start``.
    """
    earliest = start + (end - start) // 2
    place = end - min(_OVERLAP, (end - start) // 4)
    for first, last in reversed(spans):
        space = text.rfind(" ", earliest, place)
        if space >= last:
            break
        if first < place and (space >= 0 or place < last):
            place = first
    space = text.rfind(" ", earliest, max(earliest, place))
    if space >= 0:
        return space + 1
    return place if place > earliest else end
