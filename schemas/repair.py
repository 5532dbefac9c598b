"""JSON that our reader refuses for the sake of an optional field, made readable to it.

Decides what of a message's bytes is replaced, by their place alone: half a surrogate pair, a number of thousands of digits, what is
nested far deeper than any document. What is no JSON stays none.
"""

import re
from collections.abc import Iterator

MAX_DEPTH = 64
"""Objects and arrays in each other. The reader goes to 200, metadata to 8, envelopes add four."""
MAX_DIGITS = 4_000
"""Digits of a number. The reader takes 4,300, as Python does."""

SURROGATES = "message: halves of characters were replaced by U+FFFD"
DEPTH = "message: what is nested too deep was left out"
DIGITS = "message: a number with too many digits was left out"

_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[{]|[\]}]|[-+.0-9eE]{%d,}+' % (MAX_DIGITS + 1), re.DOTALL)
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)


_OURS = ("surrogate", "hex escape", "recursion limit", "number out of range")
"""In what the reader says of each of these."""


def may_help(complaint: str) -> bool:
    """Whether what the reader said of a message may be one of these; else there is no need to look for them."""
    return any(words in complaint for words in _OURS)


def repair(message: bytes) -> tuple[bytes, tuple[str, ...]]:
    """``message`` with all of that replaced, and notes that say what was. Linear in its length."""
    notes: dict[str, None] = {}
    return b"".join(_pieces(message, notes)), tuple(notes)


def _pieces(message: bytes, notes: dict[str, None]) -> Iterator[bytes]:
    written, depth = 0, 0
    for token in _TOKEN.finditer(message):
        start, end = token.span()
        match message[start]:
            case 0x22:  # a string
                if depth > MAX_DEPTH or not _HALF.search(message, start, end):
                    continue
                whole = _ESCAPE.sub(lambda found: rb"\ufffd" if found[1] else found[0], token[0])
                if whole != token[0]:
                    notes[SURROGATES] = None
                    yield message[written:start] + whole
                    written = end
            case 0x5B | 0x7B:
                depth += 1
                if depth == MAX_DEPTH + 1:
                    yield message[written:start] + b"null"
                    written = end
                    notes[DEPTH] = None
            case 0x5D | 0x7D:
                if depth == MAX_DEPTH + 1:
                    written = end
                depth -= 1
            case _:
                if depth <= MAX_DEPTH:
                    yield message[written:start] + b"null"
                    written = end
                    notes[DIGITS] = None
    if depth <= MAX_DEPTH:
        yield message[written:]
