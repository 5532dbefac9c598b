"""From the spans that a model found to the spans of names: cut, split and trimmed.

It decides where one name begins and ends: a model's span may hold two names, a verb, a title, half a bracket. What belongs
to the same entity is decided in ``clusters``, what the model missed in ``spread``. Offsets here count code points of one
cleaned field.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from schemas.base import FieldName
from schemas.event import EntityType
from services.entities.titles import count_title_words, find_age, find_title, is_honorific, is_title
from services.entities.vocabulary import (
    ATTACHED,
    CALENDAR,
    COMPANY_SUFFIXES,
    CONNECTORS,
    DEPARTMENTS,
    FIRST_NAMES,
    FUNCTION_WORDS,
    GEOGRAPHY,
    GROUP_NOUNS,
    MONTHS_TOO,
    NAME_SUFFIXES,
    NOT_NAMES,
    PARTICLES,
    PLAIN_ADJECTIVES,
    PREFIXES,
    SENTENCE_WORDS,
    SHOPS,
    STATES,
)
from services.entities.words import LONGEST_WORD, Word, find_words, fold, is_acronym, starts_sentence, word_before

MAX_WORDS = 14
"""Words of a name; the longest in OntoNotes' news has 13. What is longer is a sentence that the model took for a name."""
MAX_PERSON_WORDS = 7
_MOST_GIVEN = 2
"""Given names that may stand before a particle at which a model cut a name short."""
_UNION = "State of the "
_SMALL_TYPES = frozenset({"PERSON", "GPE", "ORG"})
_MOST_SMALL = 3
_SURE_OF_SMALL = 0.9
"""Of names in lower case: their types (peoples and places in lower case are mostly words), most words, the least share of their
type. They gave 5 points of F1 on WNUT-17 and cost none on news."""
_LONGEST_SPAN = 1_000
"""Characters; more than any ``MAX_WORDS`` words."""
_AROUND = 24
"""Characters on each side in which lower case tells that capitals are an acronym's and not a headline's."""

_PHRASES = frozenset({"WORK_OF_ART", "LAW", "EVENT"})
"""Types whose names are phrases, with any word in lower case inside."""
_SPACIOUS = frozenset({"GPE", "LOC", "FAC", "NORP"})
"""Types that keep a point of the compass: ``east Jerusalem``, ``southern Chinese``."""
_DETERMINERS = frozenset(
    {"the", "a", "an", "and", "but", "this", "that", "these", "those", "its", "his", "her", "their", "our"}
)

_HARD = re.compile(r"[\n\r\t;:!?()\[\]{}<>|\\/•…=@#*_~^]|[.,]\s*[.,]|\s[-–—]+\s|—|--|\.\s|\s\s")
_QUOTE = re.compile(r"[\"“”«»„]|\s['‘’]|['‘’]\s")
_DOUBLE_QUOTE = re.compile(r"[\"“”«»„]")
_NICKNAME = re.compile(r"\s(?:[\"“][^\s\"”]+(?:\s[^\s\"”]+)?[\"”]|['‘][^\s'’]+(?:\s[^\s'’]+)?['’]|\([^\s()]+\))(?=\s)")
_LINK = re.compile(r"https?|www\.|\w@\w|\.(?:com|org|net|html?|gov|co)/", re.IGNORECASE)
_DIRECTION = re.compile(r"[(\[][A-Z]+(?:[ ,'’-]+[A-Z]+)+[)\]]")
"""What a transcript says of its sound and pictures, alone on its line: ``(BEGIN VIDEO CLIP)``."""
_ROLES = frozenset(
    {
        "anchor",
        "announcer",
        "caller",
        "correspondent",
        "host",
        "interviewer",
        "moderator",
        "narrator",
        "question",
        "unidentified",
    }
)
"""Who speaks in a transcript, in capitals like the names beside them: ``JANE ROE, CNN ANCHOR:``."""
_NEVER_NAMES = COMPANY_SUFFIXES | NOT_NAMES
_NO_NAMES = FUNCTION_WORDS | CALENDAR | _NEVER_NAMES
"""Words that are no name by themselves unless they are an acronym, as in ``US``."""
_REST = re.compile(r"[-‐‑]([a-z]+)\b")
_OFFICE_BEFORE = re.compile(r"(?:Secretary|Minister|Chief) of (?:the )?$")
_OFFICE_AFTER = re.compile(r" (?:Secretary|Minister|Undersecretary|Under Secretary)\b")
_DATELINE = re.compile(r"[^a-z\n]{3,40}(?:, \w+\.?)?(?: \([^()\n]{2,40}\))? ?[—–-]")
_PARTY = re.compile(r"[RDI]-$")
_GROUP = re.compile(rf"(['’]s)? (?:{'|'.join(sorted(GROUP_NOUNS))})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """What a model found: half-open offsets in a cleaned field, and the type that it gave.

    ``shares``: how probable each of the event's types is (``EntityType``, in its order), where the model says so.
    """

    start: int
    end: int
    label: EntityType
    shares: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Name:
    """A name at its place. ``start`` and ``end`` cover the name alone; ``title`` is what stands before it, such as ``Mr.``;
    ``acronym`` tells that it is written in capitals where the words around are not; ``watched`` is its id in the watch list;
    ``shares`` are the model's, empty where the type is a rule's."""

    field: FieldName
    start: int
    end: int
    text: str
    label: EntityType
    title: str
    tokens: tuple[str, ...]
    acronym: bool
    watched: str | None = None
    shares: tuple[float, ...] = ()
    age: str = ""
    """``elder`` or ``younger`` of a family, where the words around a person's name say so."""
    spoken: str = ""
    """How a name is said that is written with the surname first."""

    @property
    def said(self) -> str:
        """The name in the order in which it is said."""
        return self.spoken or self.text

    @property
    def form(self) -> str:
        """The name as written, with its title."""
        return f"{self.title} {self.text}" if self.title else self.text


def repair(field: FieldName, text: str, spans: Sequence[Span]) -> list[Name]:
    """The names in ``spans`` (in order, without overlaps), in order and without overlaps."""
    names: list[Name] = []
    reached = 0
    for span in _joined(text, spans):
        for name in _names(field, text, span):
            if names and name.tokens == ("dc",) and text[reached : name.start] == ", ":
                name = make_name(field, text, names.pop().start, name.end, "GPE")
            elif name.start < reached:
                continue
            name = _with_given(field, text, name, reached)
            names.append(name)
            reached = name.end
    return names


def _with_given(field: FieldName, text: str, name: Name, reached: int) -> Name:
    """``Marine Le Goff`` for a ``Le Goff`` that a model cut short: with the given name that stands before the particle."""
    if name.label != "PERSON" or name.title or fold(name.text.split(" ")[0]) not in PARTICLES:
        return name
    start = name.start
    for _ in range(_MOST_GIVEN):
        word = word_before(text, start)
        begin = start - 1 - len(word)
        if not word or begin < reached or not _may_be_given(text, begin, word):
            break
        start = begin
    return make_person(field, text, start, name.end, find_title(text, start)) if start < name.start else name


def _may_be_given(text: str, start: int, word: str) -> bool:
    """Whether a word before a particle is a given name rather than what a sentence begins with, or what somebody is."""
    folded = fold(word)
    if not word[0].isupper() or folded in _NO_NAMES or folded in PLAIN_ADJECTIVES or is_honorific(word):
        return False
    if is_title([word]) or (word.isupper() and len(folded) > 1) or (word.endswith(".") and len(folded) > 1):
        return False
    return not (starts_sentence(text, start) and folded.endswith(("ing", "ed", "ly")))


def _joined(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    """``spans`` with persons joined that only a space parts (``de`` and ``Blasio``): of two persons one would say more."""
    last: Span | None = None
    for span in spans:
        if last and last.label == span.label == "PERSON" and text[last.end : span.start] == " ":
            last = replace(last, end=span.end)
            continue
        if last:
            yield last
        last = span
    if last:
        yield last


def make_name(field: FieldName, text: str, start: int, end: int, label: EntityType, title: str = "") -> Name:
    """The name ``text[start:end]``, with its words folded for comparison."""
    surface = text[start:end]
    acronym = (
        is_acronym(surface)
        and not text[max(0, start - _AROUND) : start].isupper()
        and not text[end : end + _AROUND].isupper()
    )
    return Name(field, start, end, surface, label, title, tokens_of(surface), acronym)


def make_person(field: FieldName, text: str, start: int, end: int, title: str) -> Name:
    """The person ``text[start:end]``, or the body called after one, as in ``Trump administration``, ``Trump’s administration``."""
    group = _GROUP.match(text, end)
    if group and (group[1] is None or group.group().endswith("administration")):
        return make_name(field, text, start, group.end(), "ORG")
    name = make_name(field, text, start, end, "PERSON", title)
    age = find_age(text, start - len(title) - 1 if title else start, end)
    return replace(name, age=age) if age else name


@lru_cache(maxsize=8192)
def tokens_of(surface: str) -> tuple[str, ...]:
    """The folded words of a name, without a nickname in quotes."""
    return tuple(fold(word.text) for word in find_words(_NICKNAME.sub("", surface)))


def _names(field: FieldName, text: str, span: Span) -> Iterator[Name]:
    if span.end - span.start > _LONGEST_SPAN or _LINK.search(text, span.start, span.end):
        return
    label: EntityType = "PERSON" if is_honorific(text[span.start : span.end].split(" ")[0] or " ") else span.label
    if _is_direction(text, span):
        return
    words = [word for word in find_words(text, span.start, span.end) if not _is_address(text, word)]
    if _is_small(words, span):
        yield replace(make_name(field, text, words[0].start, words[-1].end, label), shares=span.shares)
        return
    for run in _runs(text, words, label):
        name = _name(field, text, run, "PERSON" if _begins_person(text, run, label) else label)
        if name:
            yield replace(name, shares=span.shares) if name.label == span.label else name


def _is_small(words: Sequence[Word], span: Span) -> bool:
    """Whether a span is a name in lower case, as they are in tweets: only a model that says how sure it is can tell."""
    return (
        span.label in _SMALL_TYPES
        and 0 < len(words) <= _MOST_SMALL
        and max(span.shares, default=0) >= _SURE_OF_SMALL
        and all(word.lower and fold(word.text) not in _NO_NAMES for word in words)
    )


def _is_direction(text: str, span: Span) -> bool:
    """Whether a span in capitals is in a line that is a direction."""
    if not text[span.start : span.end].isupper():
        return False
    start = text.rfind("\n", max(0, span.start - _LONGEST_SPAN), span.start) + 1
    end = text.find("\n", span.end, span.end + _LONGEST_SPAN)
    return bool(_DIRECTION.fullmatch(text, start, end if end >= 0 else min(len(text), span.end + _LONGEST_SPAN)))


def _is_address(text: str, word: Word) -> bool:
    """Whether a word is an account's handle (``@JaneRoe``), or a role in a transcript."""
    return text[max(0, word.start - 1) : word.start] == "@" or (word.text.isupper() and fold(word.text) in _ROLES)


def _begins_person(text: str, run: Sequence[Word], label: EntityType) -> bool:
    """Whether a stretch is a person's whatever the model says: ``Dr. Lee``, or ``Mary Doe`` in ``Utopia’s Mary Doe``."""
    if len(run) < 2:
        return False
    start = run[0].start
    after_possessive = text[max(0, start - 3) : start] in ("'s ", "’s ")
    return is_honorific(run[0].text) or (
        label == "ORG" and len(run) == 2 and after_possessive and fold(run[0].text) in FIRST_NAMES
    )


def _name(field: FieldName, text: str, run: list[Word], label: EntityType) -> Name | None:
    begin = run[0].start
    if label == "PERSON" and not is_title([word.text for word in run]):
        run = run[count_title_words([word.text for word in run]) :]
    if _is_junk(text, run, label) or text[max(0, run[0].start - len(_UNION)) : run[-1].end] == _UNION + "Union":
        return None
    start, end = run[0].start, run[-1].end
    if label == "PERSON" and len(run) > 1:
        end = _completed(text, end)
    title = find_title(text, start)
    if start > begin and not title:
        title = text[begin : start - 1]
    if len(run) == 1 and fold(run[0].text) in STATES and _PARTY.search(text, max(0, start - 2), start):
        label, title = "GPE", ""
    if label == "PERSON":
        return make_person(field, text, start, end, title)
    if _is_office(text, run):
        return None
    if field == "text" and start == 0 and text[:end].isupper() and _DATELINE.match(text):
        label = "GPE"
    if title and is_honorific(title.split(" ")[-1]):
        return make_name(field, text, start, end, "PERSON", title)
    if label == "GPE" and text[end : end + 1] == "." and fold(run[-1].text) in STATES:
        end += 1
    if text[end : end + 2] in ("'s", "’s") and fold(run[-1].text) + "'s" in SHOPS:
        end += 2
    return make_name(field, text, start, end, label)


def _completed(text: str, end: int) -> int:
    """Where a full name ends whose last hyphen the model took for its end: ``Moon Jae-in``, but ``Saudi Arabia-led``."""
    rest = _REST.match(text, end)
    return rest.end() if rest and not (rest[1] in ATTACHED or rest[1].endswith("ed")) else end


def _is_office(text: str, run: Sequence[Word]) -> bool:
    """Whether a span is only what a secretary is of: ``State`` in ``Secretary of State``."""
    if len(run) > 1 or fold(run[0].text) not in DEPARTMENTS:
        return False
    start, end = run[0].start, run[0].end
    return bool(_OFFICE_BEFORE.search(text, max(0, start - 24), start) or _OFFICE_AFTER.match(text, end))


def _runs(text: str, words: Sequence[Word], label: EntityType) -> Iterator[list[Word]]:
    """The stretches of a span that may each be a name, trimmed."""
    nickname = _NICKNAME.search(text, words[0].end, words[-1].start) if words and label == "PERSON" else None
    run: list[Word] = []
    for word in words:
        within = nickname and nickname.start() < word.start <= nickname.end() + 1
        if run and not within and _breaks(text, run, word, words, label):
            yield from _trimmed(text, run, label)
            run = []
        run.append(word)
    yield from _trimmed(text, run, label)


def _breaks(text: str, run: Sequence[Word], word: Word, words: Sequence[Word], label: EntityType) -> bool:
    """Whether ``word`` begins another name than ``run``, or is no part of any."""
    last = run[-1]
    gap = text[last.end : word.start]
    if _HARD.search(gap) or (is_honorific(word.text) and not is_title([other.text for other in run])):
        return True
    if label in _PHRASES:
        return bool(_DOUBLE_QUOTE.search(gap))
    if label == "ORG" and gap in ("'s ", "’s ") and fold(word.text) in FIRST_NAMES:
        return True
    if _QUOTE.search(gap) and not (gap in ("' ", "’ ") and last.text.endswith("s")):
        return True
    if "," in gap and not _comma_holds(word, words, label):
        return True
    if (
        label == "PERSON"
        and len(run) > 1
        and any(other.text == word.text for other in run[:-1])
        and word.text[0].isupper()
    ):
        return True
    return _is_foreign(word, label) or _is_foreign(last, label)


def _is_foreign(word: Word, label: EntityType) -> bool:
    """Whether ``word`` can be no part of a name of type ``label``, at its end or inside."""
    folded = fold(word.text)
    if label == "PERSON":
        return folded not in PARTICLES if word.lower else folded in SENTENCE_WORDS
    return word.lower and folded in FUNCTION_WORDS and folded not in CONNECTORS


def _comma_holds(word: Word, words: Sequence[Word], label: EntityType) -> bool:
    """Whether a comma before ``word`` is part of the name: ``, Inc.``, ``, Jr.``, or a list that ends with ``and``."""
    folded = fold(word.text)
    if folded in NAME_SUFFIXES or folded in COMPANY_SUFFIXES:
        return True
    return label == "ORG" and any(other.text in ("and", "&") for other in words if other.start > word.start)


def _trimmed(text: str, run: list[Word], label: EntityType) -> Iterator[list[Word]]:
    first, last = 0, len(run)
    while first < last and _trims_left(text, run[first], label):
        first += 1
    while last > first and _trims_right(run[last - 1], label):
        last -= 1
    if first < last:
        run = [_without_prefix(run[first], label), *run[first + 1 : last]]
        yield [*run[:-1], _without_tail(run[-1])]


def _trims_left(text: str, word: Word, label: EntityType) -> bool:
    folded = fold(word.text)
    if label == "PERSON":
        return _is_foreign(word, label) or (
            folded in FUNCTION_WORDS and len(folded) > 3 and starts_sentence(text, word.start)
        )
    if word.lower:
        return not (folded in PARTICLES or (label in _SPACIOUS and folded in GEOGRAPHY))
    return folded in _DETERMINERS and label != "WORK_OF_ART"


def _trims_right(word: Word, label: EntityType) -> bool:
    folded = fold(word.text)
    if label in ("PERSON", "GPE", "NORP") and word.text.isdigit():
        return True
    if label == "PERSON":
        return word.lower or _is_foreign(word, label) or is_honorific(word.text)
    if label in _PHRASES:
        return word.lower and folded in CONNECTORS
    if label == "ORG" and folded in GROUP_NOUNS:
        return False
    return word.lower and not (label in _SPACIOUS and folded in GEOGRAPHY)


def _without_prefix(word: Word, label: EntityType) -> Word:
    """``pro-Trump`` without ``pro-``, and ``D-Mass.`` without the party. ``non-Jewish`` is a people's name as it stands."""
    before, hyphen, after = word.text.partition("-")
    strip = (
        before in ("pro", "anti")
        or (before in PREFIXES and label != "NORP")
        or (before in "RDI" and after[:1].isupper())
    )
    return Word(word.start + len(before) + 1, word.end, after) if hyphen and after and strip else word


def _without_tail(word: Word) -> Word:
    """``Saudi-led`` without ``-led``."""
    before, _, after = word.text.rpartition("-")
    if before and after.islower() and (after in ATTACHED or (after.endswith("ed") and len(after) > 4)):
        return Word(word.start, word.start + len(before), before)
    return word


def _is_junk(text: str, run: Sequence[Word], label: EntityType) -> bool:
    """Whether a stretch is no name: a verb phrase, a title alone, a day, half a list."""
    folded = [fold(word.text) for word in run]
    if len(run) > (MAX_PERSON_WORDS if label == "PERSON" else MAX_WORDS) or any(
        len(word.text) > LONGEST_WORD for word in run
    ):
        return True
    if label in _PHRASES and folded[0] in SENTENCE_WORDS and text[run[0].end : run[0].end + 1] in ("'", "’"):
        return True
    if not any(any(map(str.isalpha, word.text)) and not word.lower for word in run):
        return True
    if len(run) == 1 and folded[0] in _NEVER_NAMES:
        return True
    if len(run) == 1 and not is_acronym(run[0].text):
        named = label == "PERSON" and folded[0] in MONTHS_TOO
        return len(folded[0]) < 2 or (folded[0] in _NO_NAMES and not named)
    plain = sum(word in NOT_NAMES or word in COMPANY_SUFFIXES for word in folded)
    if plain > 1 and 2 * plain >= len(folded):
        return True
    if label in ("ORG", "PERSON") and all(word in PLAIN_ADJECTIVES for word in folded):
        return True
    return label in ("ORG", "PERSON") and len(run) > 1 and is_title([word.text for word in run])
