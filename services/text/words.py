"""Words: lists of them as the code has them, and how a word is compared."""

import unicodedata


def word_set(words: str) -> frozenset[str]:
    """The words of a text, separated by white space."""
    return frozenset(words.split())


def without_accents(text: str) -> str:
    """``text`` with its letters alone: ``é`` and ``ﬁ`` become ``e`` and ``fi`` (Unicode NFKD, combining marks gone)."""
    if text.isascii():
        return text
    return "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
