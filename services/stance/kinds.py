"""What kind of word a token is, by its form alone: one letter each, which the rules of ``grammar`` read.

``"`` quotation mark, ``,`` comma, ``.`` other punctuation, ``-`` dash, ``D`` determiner or possessive, ``S`` subject pronoun,
``A`` auxiliary, ``N`` negation, ``I`` preposition, ``C`` conjunction or subordinator, ``R`` adverb, ``V`` form of a known verb
or a past form, ``P`` possessive 's, ``M`` capitalised word, ``#`` number, ``W`` any other word.
"""

from collections.abc import Iterable, Iterator
from zlib import crc32

from services.stance.cues import attribution_cues
from services.stance.words import (
    ADVERBS,
    AUXILIARIES,
    CLAUSE_WORDS,
    DETERMINERS,
    NEGATIONS,
    NOT_ADVERBS,
    NOT_PAST,
    POSSESSIVES,
    PREPOSITIONS,
    SUBJECT_PRONOUNS,
    VERB_FORMS,
)

DASHES = frozenset({"—", "–", "--", "---", "-", "―"})
QUOTE_MARKS = frozenset(["''", "``", *"\"“”«»„‘’'"])
_CUE_FORMS = frozenset(
    form for form, cues in attribution_cues().items() if any(c.kind != "base" and not c.particles for c in cues)
)


MAX_CACHED_WORD = 40
"""Code points of a word that is kept with its letter: longer ones are no words, and would fill the memory."""
_CACHED = 1 << 15
"""Words that are kept, a newspaper's everyday words: some 6 MB when full."""

Word = tuple[str, str, int]
"""A word in lower case with straight apostrophes, its letter, and a number for the first: the same in every process, and as good as
never that of another word."""


class _Words(dict[str, Word]):
    """Words that were looked up before. A full one begins anew: cheaper for every word than to know which was used last."""

    def __missing__(self, word: str) -> Word:
        low = word.lower().replace("’", "'")
        found = low, kind_of(word, low), number_of(low)
        if len(word) <= MAX_CACHED_WORD:
            if len(self) >= _CACHED:
                self.clear()
            self[word] = found
        return found


_WORDS = _Words()


def number_of(low: str) -> int:
    """The number of a word, or of words, in lower case; any string at all has one."""
    return crc32(low.encode(errors="surrogatepass"))


def look_up(words: Iterable[str]) -> Iterator[Word]:
    """The words, each with its letter and its number."""
    return map(_WORDS.__getitem__, words)


def kind_of(word: str, low: str) -> str:
    """The letter of a word; ``low`` is the word in lower case with straight apostrophes. Both are not empty."""
    found = _CLOSED.get(low)
    if found is not None:
        return found
    first = word[0]
    if not first.isalnum():
        return "."
    if first.isdigit():
        return "#"
    if first.isupper():
        return "M"
    if low.endswith("ly") and low not in NOT_ADVERBS:
        return "R"
    if low in _CUE_FORMS or VERB_FORMS.get(low, "base") != "base" or (low.endswith("ed") and low not in NOT_PAST):
        return "V"
    return "W"


def is_participle(low: str) -> bool:
    """Whether a word is the -ing form of a verb of attribution."""
    return low.endswith("ing") and low in _CUE_FORMS


def _closed_words() -> dict[str, str]:
    table: dict[str, str] = {}
    for words, letter in (
        (QUOTE_MARKS, '"'),
        (DASHES, "-"),
        ({","}, ","),
        ({"'s"}, "P"),
        (DETERMINERS | POSSESSIVES, "D"),
        (NEGATIONS, "N"),
        (AUXILIARIES, "A"),
        (CLAUSE_WORDS, "C"),
        (SUBJECT_PRONOUNS, "S"),
        (ADVERBS, "R"),
        (PREPOSITIONS, "I"),
    ):
        for word in words:
            table.setdefault(word, letter)
    # Relative pronouns act as subjects, "that" mostly opens a clause, "no" is a determiner that also negates.
    return table | {"who": "S", "which": "S", "that": "C", "no": "D", "neither": "D", "mr.": "M"}


_CLOSED = _closed_words()
