"""Untrusted text made fit for a terminal: one line of printable characters, of a bounded length.

Left out are control characters, escape sequences with all that belongs to them, and marks that turn the direction of what
follows, which can make a line say something else than its text. ``rich`` gets it as ``Text``, never as markup.
"""

import re
import unicodedata

from services.text.clean import clean

# ECMA-48: CSI and OSC sequences, in their 7-bit and 8-bit forms; possessive, so that long ones are read once.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*+[ -/]*+[@-~]?"
    r"|(?:\x1b\]|\x9d)[^\x07\x1b\x9c]{0,2000}(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*+[0-~]?"
)
_JOINERS = "\u200c\u200d"
"""Format characters that are part of how some scripts and emoji are written."""


def printed(text: str, limit: int) -> str:
    """News as it was printed: ``safe``, and without markup and what else ``clean`` mends."""
    head = _ESCAPES.sub(
        "", _head(text, limit)
    )  # first: ``clean`` leaves of an escape sequence what follows its first character
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
