"""Text that was decoded with the wrong encoding (``donâ€™t``): ftfy repairs it, here one short stretch at a time.

Decides which stretches to show to ftfy, so that offsets stay exact around them. ftfy decides whether they are mojibake.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import ftfy

from services.text.offsets import Edit

_SUSPECT = re.compile(r"[^\x00-\x7f\xa0“”‘’–—…£€•·°«»œ][^\x00-\x7f]{1,59}")
"""Bytes of UTF-8 above ASCII that were read one by one are two or more characters in a row. Cut at 60, which two, three
and four divide: a run's cost stays bounded. Punctuation begins none in Windows-1252, where ``”£`` and ``»é`` are as they
should be; ftfy, which knows Mac encodings too, would make them Cyrillic."""
_LOST_SPACE = re.compile(r"Â(?<![A-Z]Â)(?= |$)|Ã(?<![A-Z]Ã)(?= [a-z])")
"""The first byte of a no-break space, or of ``à``, whose second byte was folded into a plain space."""
_FRACTION = re.compile(r"Ã(?:1⁄4|1⁄2|3⁄4)")
_FRACTIONS = {"Ã1⁄4": "ü", "Ã1⁄2": "ý", "Ã3⁄4": "þ"}
"""A second byte that passed for a fraction and was taken apart by NFKC, as in ``GÃ1⁄4len``."""
_LOST_QUOTE = re.compile(r"â€(?![^\x00-\x7f])")
"""A closing quotation mark whose third byte, 9D, is no character in Windows-1252 and was dropped on the way."""
_MAX_REPAIRS = 5_000
"""Different stretches of one text that are shown to ftfy, at some 20 microseconds each. The rest of a text with more
stays as it is: it is no mojibake of anything that people write."""
_ACCENTED = re.compile(r"\w?[\u0300-\u036f]{1,4}")
"""A letter with accents as characters of their own, as file systems and PDFs write them."""


@lru_cache(maxsize=4096)  # a feed makes the same few errors again and again
def _repair(stretch: str) -> str:
    return ftfy.fix_encoding(stretch)


def repairs(text: str) -> list[Edit]:
    """Edits that undo wrong decodings, each trimmed to the characters that change."""
    if text.isascii():
        return []
    edits = list(_runs(text))
    if "â€" in text:
        edits += [(found.start(), found.end(), "”") for found in _LOST_QUOTE.finditer(text)]
    if "⁄" in text:
        edits += [(found.start(), found.end(), _FRACTIONS[found[0]]) for found in _FRACTION.finditer(text)]
    if "Â" in text or "Ã" in text:
        edits += [(found.start(), found.end(), "" if found[0] == "Â" else "à") for found in _LOST_SPACE.finditer(text)]
    return sorted(edits)


def compositions(text: str) -> list[Edit]:
    """Edits that put one character in place of a letter and its separate accents, where Unicode has it (NFC)."""
    if text.isascii() or unicodedata.is_normalized("NFC", text):
        return []
    return [
        (found.start(), found.end(), composed)
        for found in _ACCENTED.finditer(text)
        if (composed := unicodedata.normalize("NFC", found[0])) != found[0]
    ]


def _runs(text: str) -> Iterator[Edit]:
    seen: set[str] = set()
    for found in _SUSPECT.finditer(text):
        stretch = found[0]
        if stretch not in seen:
            if len(seen) == _MAX_REPAIRS:
                return
            seen.add(stretch)
        repaired = _repair(stretch)
        if repaired != stretch:
            yield _trim(found.start(), stretch, repaired)


def _trim(at: int, old: str, new: str) -> Edit:
    """The edit without the common ends of ``old`` and ``new``; never with an empty stretch of the text."""
    shorter = min(len(old), len(new))
    head = 0
    while head < shorter - 1 and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < shorter - head - 1 and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return at + head, at + len(old) - tail, new[head : len(new) - tail]
