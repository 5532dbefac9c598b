"""Singular and plural of an English noun, by its ending alone.

Decides which words count as the other number of a word. Where an ending leaves two open (``taxes``: ``tax`` or ``taxe``;
``hero``: ``heros`` or ``heroes``) both are given: one that is no word is found in no text.
"""

_IRREGULAR = {
    "child": "children",
    "person": "people",
    "foot": "feet",
    "tooth": "teeth",
    "goose": "geese",
    "mouse": "mice",
}
_SINGULARS = {plural: singular for singular, plural in _IRREGULAR.items()}
_NEITHER = ("ics", "ss", "us", "is", "news", "series", "species", "means")
"""Endings, and whole words, of an s that makes no plural: politics, class, virus, crisis."""
_SIBILANTS = ("s", "x", "z", "ch", "sh")
_SHORTEST = 3
"""Letters of a word that has another number; of two there are ``us`` and ``is``."""


def numbers(word: str) -> tuple[str, ...]:
    """``word`` (in lower case) and what may be its other number, each once, itself first."""
    if not word.isascii() or not word.isalpha() or len(word) < _SHORTEST:
        return (word,)
    if word in _IRREGULAR:
        return word, _IRREGULAR[word]
    if word in _SINGULARS:
        return word, _SINGULARS[word]
    if word.endswith("men") and len(word) > _SHORTEST:
        return word, word[:-3] + "man"
    if word.endswith("man"):
        return word, word[:-3] + "men"
    if word.endswith("s") and not word.endswith(_NEITHER):
        return (word, *_singulars(word))
    return (word,) if word.endswith(("ics", "news", "series", "species", "means")) else (word, *_plurals(word))


def _singulars(word: str) -> tuple[str, ...]:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y", word[:-1]
    if word.endswith("ves"):
        return word[:-3] + "f", word[:-3] + "fe", word[:-1]
    if word.endswith(tuple(f"{ending}es" for ending in (*_SIBILANTS, "o"))):
        return word[:-2], word[:-1]
    return (word[:-1],)


def _plurals(word: str) -> tuple[str, ...]:
    if word.endswith("is"):
        return (word[:-2] + "es",)
    if word.endswith(_SIBILANTS):
        return (word + "es",)
    if word.endswith("y") and word[-2] not in "aeiou":
        return (word[:-1] + "ies",)
    if word.endswith("o"):
        return word + "s", word + "es"
    if word.endswith(("f", "fe")):
        return word + "s", word.removesuffix("e")[:-1] + "ves"
    return (word + "s",)
