"""What kind of word a token is, by its form alone: one letter each, which the rules of ``grammar`` read.

``"`` quotation mark, ``,`` comma, ``.`` other punctuation, ``-`` dash, ``D`` determiner or possessive, ``S`` subject pronoun,
``A`` auxiliary, ``N`` negation, ``I`` preposition, ``C`` conjunction or subordinator, ``R`` adverb, ``V`` form of a known verb
or a past form, ``P`` possessive 's, ``M`` capitalised word, ``#`` number, ``W`` any other word.
"""

from zlib import crc32

from services.stance.cues import attribution_cues
from services.stance.lexicon import ACTS, lexicon
from services.stance.stems import cue_stems, stem
from services.stance.words import (
    ADVERBS,
    AUXILIARIES,
    CLAUSE_WORDS,
    DETERMINERS,
    INNER_PREPOSITIONS,
    NEGATIONS,
    NOT_ADVERBS,
    NOT_PAST,
    POSSESSIVES,
    PREPOSITIONS,
    SUBJECT_PRONOUNS,
    TIMES,
    VERB_FORMS,
)
from services.text.words import word_set

DASHES = frozenset({"—", "–", "--", "---", "-", "―"})
QUOTE_MARKS = frozenset(["''", "``", *"\"“”«»„‘’'‹›「」『』"])
_CUE_FORMS = frozenset(
    form for form, cues in attribution_cues().items() if any(c.kind != "base" and not c.particles for c in cues)
)

CUE, JUDGES, ACT, VERDICT, SAYING, PERSON, ACCORDING = 1, 2, 4, 8, 16, 32, 64
"""What a word may be, as bits: a cue of an attribution; the first word of an entry of the lexicon, of an act, of a verdict; one of
``SAYING_WORDS``, "he" or "she", "according"."""
SAYING_WORDS = word_set("said says say told tells saying stated wrote added")
"""Where one of these stands, a sentence has its speaker, and other cues are rather part of what is said."""


def uses_of(low: str) -> int:
    """What a word in lower case may be, as bits."""
    entries = lexicon().get(low, ())
    return (
        CUE * (low == ":" or stem(low) in cue_stems())
        | JUDGES * bool(entries)
        | ACT * any(entry.slot in ACTS for entry in entries)
        | VERDICT * any(entry.verdict for entry in entries)
        | SAYING * (low in SAYING_WORDS)
        | PERSON * (low in {"he", "she"})
        | ACCORDING * (low == "according")
    )


def number_of(low: str) -> int:
    """The number of a word, or of words, in lower case; any string at all has one."""
    return crc32(low.encode(errors="surrogatepass"))


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


def shape_of(kind: str, low: str, *, named: bool = False) -> str:
    """The kind of a word, told apart further where noun phrases ask for it; ``named``: the word belongs to a name.

    Of capitalised words ``t`` is a time (``n`` in a name), ``m`` one of ``_BEFORE_DETERMINER``, ``O`` "one". Of other words
    ``w`` is a time, ``h`` "half", ``1`` "one". Of prepositions ``i`` is "in", "on", "at" or "with", ``f`` another one that a noun
    phrase goes on behind; ``a`` is "and", ``c`` "or" and "&", ``T`` "that"; ``v`` a verb in "ed" or "ing".
    """
    if kind == "M":
        if low in TIMES:
            return "n" if named else "t"
        return "m" if low in _BEFORE_DETERMINER else "O" if low == "one" else "M"
    if kind == "W":
        return "w" if low in TIMES else {"half": "h", "one": "1"}.get(low, "W")
    if kind == "I" and low in INNER_PREPOSITIONS:
        return "i" if low in {"in", "on", "at", "with"} else "f"
    if kind == "C":
        return {"and": "a", "or": "c", "&": "c", "that": "T"}.get(low, "C")
    return "v" if kind == "V" and low.endswith(("ed", "ing")) else kind


_BEFORE_DETERMINER = INNER_PREPOSITIONS | {"all", "both", "half", "and"}
_KIND_OF = str.maketrans("tnmOwh1ifacTv", "MMMMWWWIICCCV")


def kinds_of(shapes: str) -> str:
    """The letters of words by their shapes."""
    return shapes.translate(_KIND_OF)


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
