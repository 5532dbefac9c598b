"""Words as the encoder reads them: word pieces of BERT's uncased vocabulary, and the shape that the lower case hides.

The tokenizer is the one of Devlin et al., BERT (2019): lower case, accents off, punctuation by itself, then the longest
known piece first. It is ours because it works word by word: each of spaCy's words keeps its place, and a word seen before
costs one look-up. A test compares it with the library that the encoder was trained with.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

MAX_PIECES = 16
"""Pieces of one word that are read; of 1.2 million words of AllSides, 12 had more, all of them links."""
_CACHED = 16384
"""Words whose pieces are kept, and twice the number of parts of words that are: 8 MB."""
_LONGEST_PART = 100
"""Characters from which a part of a word is unknown, as in BERT."""

SHAPES = ("none", "other", "digits", "lower", "title", "upper", "mixed", "letter")
"""How a word is written. ``none`` is no word, ``other`` has no letter and no digit, ``letter`` is one capital."""


class WordPieces:
    """The pieces of words. ``vocabulary`` are the pieces by id; those that go on inside a word begin with ``##``."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self._vocabulary = vocabulary
        self._ids = {piece: number for number, piece in enumerate(vocabulary)}
        self.unknown, self.first, self.last = (self._ids[name] for name in ("[UNK]", "[CLS]", "[SEP]"))
        self.pieces = lru_cache(_CACHED)(self._spell)
        self._part = lru_cache(_CACHED // 2)(self._longest_first)

    @classmethod
    def load(cls, path: Path) -> "WordPieces":
        """From a file with one piece a line."""
        return cls(path.read_text(encoding="utf-8").rstrip("\n").split("\n"))

    def save(self, path: Path) -> None:
        """Write what ``load`` reads."""
        path.write_text("\n".join(self._vocabulary) + "\n", encoding="utf-8")

    def _spell(self, word: str) -> tuple[int, ...]:
        """The ids of a word's pieces: at least one, unless it is white space, and at most ``MAX_PIECES``."""
        found: list[int] = []
        for part in _parts(word):
            found += self._part(part)
        return tuple(found[:MAX_PIECES])

    def _longest_first(self, part: str) -> tuple[int, ...]:
        if len(part) > _LONGEST_PART:
            return (self.unknown,)
        found: list[int] = []
        start = 0
        while start < len(part):
            end = len(part)
            while end > start:
                number = self._ids.get(part[start:end] if start == 0 else f"##{part[start:end]}")
                if number is not None:
                    break
                end -= 1
            else:
                return (self.unknown,)
            found.append(number)
            start = end
        return tuple(found)


@lru_cache(_CACHED)
def shape(word: str) -> int:
    """The index in ``SHAPES`` of how ``word`` is written."""
    letters = [character for character in word if character.isalpha()]
    if not letters:
        name = "digits" if any(character.isdigit() for character in word) else "other"
    elif all(character.islower() for character in letters):
        name = "lower"
    elif len(letters) == 1:
        name = "letter"
    elif all(character.isupper() for character in letters):
        name = "upper"
    elif letters[0].isupper() and all(character.islower() for character in letters[1:]):
        name = "title"
    else:
        name = "mixed" if any(character.isupper() for character in letters) else "lower"
    return SHAPES.index(name)


_PRINTED = re.compile("[a-z0-9]+|[^a-z0-9 ]")
"""A part of an ASCII word without control characters."""


def _parts(word: str) -> list[str]:
    """A word in lower case without accents, cut at white space and around each punctuation mark and Chinese character."""
    if word.isascii():
        if word.isalnum():
            return [word.lower()]
        plain = word.lower()
        if word.isprintable():
            return _PRINTED.findall(plain)
    else:
        decomposed = unicodedata.normalize("NFD", word.lower())
        plain = "".join(character for character in decomposed if unicodedata.category(character) != "Mn")
    parts: list[str] = []
    joined = False
    for character in plain:
        if character.isspace() or _is_control(character):
            joined = joined and not character.isspace()
        elif _is_alone(character):
            parts.append(character)
            joined = False
        elif joined:
            parts[-1] += character
        else:
            parts.append(character)
            joined = True
    return parts


def _is_control(character: str) -> bool:
    return character in "\x00\ufffd" or unicodedata.category(character).startswith("C")


def _is_alone(character: str) -> bool:
    code = ord(character)
    if code < 128:
        return not character.isalnum()
    return unicodedata.category(character).startswith("P") or any(low <= code <= high for low, high in _CHINESE)


_CHINESE = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)
"""Blocks of Chinese characters, as in BERT."""
