"""Text from outside made fit to show, on a terminal, on a page or in a message: nothing in it acts, nothing in it is hidden.

What acts are control characters, escape sequences with all that belongs to them, and marks that turn the direction of what
follows, which can make a line say something else than its text. ``rich`` gets the result as ``Text``, never as markup.
"""

import re
import unicodedata

_ACTING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Controls except the tab and the line end, further line ends, marks of direction, and halves of characters."""
# ECMA-48: CSI and OSC sequences, in their 7-bit and 8-bit forms; possessive, so that long ones are read once.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*+[ -/]*+[@-~]?"
    r"|(?:\x1b\]|\x9d)[^\x07\x1b\x9c]{0,2000}(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*+[0-~]?"
)
_JOINERS = "\u200c\u200d"
"""Format characters that are part of how some scripts and emoji are written."""


def visible(text: str) -> str:
    """``text`` with U+FFFD in the place of each character that acts: the same length and the same lines."""
    return _ACTING.sub("\ufffd", text)


def printed(text: str, limit: int) -> str:
    """News as it was printed: ``safe``, and without markup and what else ``clean`` mends."""
    from services.text.clean import clean  # here: the commands need ``visible`` at once, and this takes its time

    head = _ESCAPES.sub("", _head(text, limit))  # first: ``clean`` would leave the end of an escape sequence
    return safe(clean(head).text, limit)


def safe(text: str, limit: int = 500) -> str:
    """``text`` in one line of at most ``limit`` code points; a cut is shown by an ellipsis.

    White space of any kind becomes one space. Work is bounded by ``limit``, not by the length of ``text``.
    """
    head = _head(text, limit)
    words = " ".join("".join(map(_printable, _ESCAPES.sub("", head))).split())
    return words if len(words) <= limit and len(head) == len(text) else words[: limit - 1].rstrip() + "…"


def _head(text: str, limit: int) -> str:
    return text[: limit * 4 + 64]


def _printable(character: str) -> str:
    if character.isprintable():
        return character
    if character.isspace():
        return " "
    category = unicodedata.category(character)
    if category == "Cs":
        return "\ufffd"
    return character if character in _JOINERS or category in ("Cn", "Co") else ""
