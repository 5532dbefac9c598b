"""A long text in pieces, and the stretches in it that no model should read.

It decides where a text may be cut (a paragraph, else a sentence, else a space) and what is blanked before reading: runs
without spaces that no language has. The tokenizer's time grows with the square of such a run: 20,000 quotation marks took
33 s.
"""

import re
from collections.abc import Iterator

_LONGEST_RUN = 128
"""Characters between two spaces; the longest in English news are compounds of some 50. Links and encoded data are longer."""
_LONGEST_MARKS = 16
"""Punctuation in a row; rulers and rows of dots are longer."""

_BLANKED = re.compile(rf"(?<!\S)\S{{{_LONGEST_RUN + 1},}}|(?<![^\w\s])[^\w\s]{{{_LONGEST_MARKS + 1},}}")
_SENTENCE_END = re.compile(r"[.!?][\"'”’)\]]*\s")


def blank(text: str) -> str:
    """``text``, as long as before, with spaces for the runs that hold no names."""
    return _BLANKED.sub(lambda match: " " * len(match.group()), text)


def cut(text: str, size: int) -> Iterator[tuple[int, int]]:
    """Half-open offsets of pieces of at most ``size`` characters that together are ``text``.

    A piece ends after the last paragraph in its second half, else after the last sentence, else after the last space there,
    else at ``size``.
    """
    start = 0
    while len(text) - start > size:
        end = _border(text, start + size // 2, start + size)
        yield start, end
        start = end
    if start < len(text):
        yield start, len(text)


def _border(text: str, low: int, high: int) -> int:
    paragraph = text.rfind("\n", low, high)
    if paragraph >= 0:
        return paragraph + 1
    ends = [match.end() for match in _SENTENCE_END.finditer(text, low, high)]
    if ends:
        return ends[-1]
    space = text.rfind(" ", low, high)
    return space + 1 if space >= 0 else high
