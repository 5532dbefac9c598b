"""From the words that name a source to a holder: an entity of the document, a speaker that is none, or nobody.

The rules:

* The source's head (before "of", "for" and commas) is a mention: that entity, if its type can hold a stance. A title or an
  office before the name belongs to it. Sources joined by "and" are each a holder.
* The head is another noun for people ("City Hall officials"), or a name that is no entity: a speaker, by its words.
* "he", "she": the last person who was a source or a subject, in this sentence or the two before, whose known gender fits;
  else the only person whom the sentence before names. "they": the last source that is more than one person. "who", "which": what
  stands right before. "I" and "we": the speaker of the words around them, see ``candidates``; in the article's voice, nobody.
* A role without a name ("the senator") is the person whom the document calls so, if it is one: in an apposition ("The senator,
  Reid Coleman,"), or by a title. Somebody new ("one widow") is who is named so in the next sentences ("The woman, Jane Roe,").
* Documents ("a report", "the poll") and everything else hold nothing. Where the rules do not tell, there is no holder, and so
  no stance: none is invented.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from schemas import Holder
from services.stance.grammar import clause_subject, head_of, phrase_after, phrase_before
from services.stance.page import Page, Range
from services.stance.quotations import Attribution
from services.stance.words import (
    DETERMINERS,
    DOCUMENT_NOUNS,
    FEMALE_NAMES,
    FEMALE_WORDS,
    MALE_NAMES,
    MALE_WORDS,
    NEGATIONS,
    SELF_PRONOUNS,
    SPEAKER_NOUNS,
    TIMES,
)
from services.text.words import word_set

HOLDER_TYPES = frozenset({"PERSON", "ORG", "NORP", "GPE", "FAC"})
"""Entity types that can hold a stance; FAC for the White House and its like."""
LOOK_BACK = 2
"""Sentences before its own in which a pronoun's person is looked for: further back another one mostly came between."""
MAX_NAME = 120
"""Code points of a speaker's name; longer noun phrases are cut at a word."""
Gender = Literal["male", "female", ""]


_MEANT = frozenset({"he", "she", "they", "his", "her", "their"})
"""Pronouns that stand for somebody who spoke or was spoken of before."""


class Source(NamedTuple):
    """A holder before it is one: ``entity`` is an id, or ``name`` the words of a speaker that is none."""

    entity: str = ""
    name: str = ""


MAX_ROLE = 6
"""Tokens of a role without a name: "the newly elected senator"."""
NAMED_WITHIN = 3
"""Sentences behind its own in which somebody new is named: further on it is mostly another one."""
_DEFINITE = frozenset({"the", "this", "that"})
_INDEFINITE = frozenset({"a", "an", "one", "another"})
_GENERIC = (
    "woman",
    "man",
    "resident",
    "victim",
    "official",
    "driver",
    "witness",
    "survivor",
    "boy",
    "girl",
    "mother",
    "father",
)
"""What somebody is called who was spoken of as something else: "one widow", "the woman"."""
_WOMEN = FEMALE_WORDS | frozenset(
    {"woman", "girl", "mother", "widow", "nun", "waitress", "actress", "heiress", "grandmother"}
)
_MEN = MALE_WORDS | frozenset({"man", "boy", "father", "widower", "monk", "waiter", "grandfather", "fisherman"})
_PERSONS = (
    _WOMEN
    | _MEN
    | word_set(
        "nurse teacher doctor farmer driver shopkeeper student worker pensioner veteran survivor victim neighbor neighbour "
        "passenger tourist engineer employee patient parent juror caller demonstrator refugee migrant immigrant settler "
        "villager soldier"
    )
)


class _Role(NamedTuple):
    """What a person is called at one place: where, the noun's token, whose, and whether as somebody known (``the``)."""

    token: int
    head: int
    entity: str
    definite: bool


def holder_of(source: Source | None) -> Holder:
    """The holder of an event: None, or a source without entity and name, is the article's own voice."""
    if source is None or not (source.entity or source.name):
        return Holder(kind="author")
    if source.entity:
        return Holder(kind="entity", entity=source.entity)
    return Holder(kind="speaker", name=source.name)


class Resolver:
    """Resolves the sources of one page."""

    def __init__(self, page: Page, attributions: Sequence[Attribution]) -> None:
        self._page = page
        self._genders = _genders(page)
        self._types = {mark.entity: mark.type for mark in page.marks}
        self._subjects: list[int] = []
        self._people: list[str] = []
        self._resolved: dict[Range, tuple[Source, ...]] = {}
        self._groups: list[tuple[int, tuple[Source, ...]]] = []
        self._attributions = attributions
        self._walked = False
        self._calling: dict[str, list[_Role]] | None = None

    def __call__(self, source: Range | None) -> tuple[Source, ...]:
        """The holders that a source's tokens stand for; empty where it is not safe to say."""
        if source is None:
            return ()
        if not self._walked and self._page.lows[source[0]] in _MEANT:
            self._walk()
        if source not in self._resolved:
            self._resolved[source] = self._resolve(source)
        return self._resolved[source]

    def person_meant(self, token: int, excluded: frozenset[str]) -> str:
        """The person whom a pronoun at ``token`` other than a subject means: the only one that fits in its sentence before it, or,
        where there is none, in the sentence before; empty where there is no or more than one. ``excluded`` are entities
        that it cannot mean."""
        first = self._page.sentence_at(token)[0]
        low = self._page.lows[token]
        for begin, end in ((first, token), (self._before(first), first)):
            people = self._people_between(begin, end, low) - excluded
            if people:
                return next(iter(people)) if len(people) == 1 else ""
        return ""

    def _before(self, first: int) -> int:
        return self._page.sentence_at(first - 1)[0] if first > 0 else 0

    def _people_between(self, begin: int, end: int, low: str) -> frozenset[str]:
        page = self._page
        marks = page.marks
        if begin >= end:
            return frozenset()
        at = bisect_left(marks, page.starts[begin], key=lambda m: m.start)
        found = set()
        while at < len(marks) and marks[at].start < page.ends[end - 1]:
            if marks[at].type == "PERSON" and self._fits(marks[at].entity, low):
                found.add(marks[at].entity)
            at += 1
        return frozenset(found)

    def _fits(self, entity: str, low: str) -> bool:
        gender = self._genders.get(entity, "")
        return not gender or gender == ("female" if low in FEMALE_WORDS or low in {"hers", "herself"} else "male")

    def _walk(self) -> None:
        """Resolve all sources in order, so that a pronoun finds who spoke before it; once, and only where there is one."""
        self._walked = True
        page, attributions = self._page, self._attributions
        events: list[tuple[int, Range]] = [
            (attribution.source[0], attribution.source)
            for attribution in attributions
            if attribution.source is not None
        ]
        for first, last in page.sentences:
            subject = clause_subject(page, first, last)
            if subject is not None:
                events.append((subject[0], subject))
        sources = {attribution.source for attribution in attributions}
        for _, span in sorted(set(events)):
            resolved = self._resolve(span)
            if span in sources:
                self._resolved[span] = resolved
                self._groups.append((span[0], resolved))
            for source in resolved:
                if self._types.get(source.entity) == "PERSON":
                    self._subjects.append(span[0])
                    self._people.append(source.entity)

    def _resolve(self, span: Range) -> tuple[Source, ...]:
        page = self._page
        low = page.lows[span[0]]
        single = span[1] - span[0] == 1
        if single and low in {"he", "she"}:
            return self._pronoun(span[0], low)
        if single and low == "they":
            return self._plural(span[0])
        if low in {"who", "which", "that"} and single:
            return self._relative(span[0])
        if low in SELF_PRONOUNS or low in {"it", "you", "they", "he", "she"}:
            return ()
        if low in {"his", "her", "their"} and single:
            return self._pronoun(span[0], "she" if low == "her" else "he") if low != "their" else self._plural(span[0])
        return self._named(*span)

    def _pronoun(self, token: int, low: str) -> tuple[Source, ...]:
        page = self._page
        first = page.sentence_at(token)[0]
        floor = first
        for _ in range(LOOK_BACK):
            floor = self._before(floor)
        at = bisect_left(self._subjects, token) - 1
        while at >= 0 and self._subjects[at] >= floor:
            if self._fits(self._people[at], low):
                return (Source(entity=self._people[at]),)
            at -= 1
        people = self._people_between(self._before(first), first, low)
        return (Source(entity=next(iter(people))),) if len(people) == 1 else ()

    def _plural(self, token: int) -> tuple[Source, ...]:
        first = self._page.sentence_at(token)[0]
        floor = self._before(first)
        at = bisect_right(self._groups, token, key=lambda g: g[0]) - 1
        while at >= 0 and self._groups[at][0] >= floor:
            sources = self._groups[at][1]
            if len(sources) > 1 or any(
                self._types.get(s.entity) in {"ORG", "NORP"} or s.name.endswith("s") for s in sources
            ):
                return sources
            at -= 1
        return ()

    def _relative(self, token: int) -> tuple[Source, ...]:
        end = token
        while end > 0 and self._page.kinds[end - 1] == ",":
            end -= 1
        begin = phrase_before(self._page, end, self._page.sentence_at(token)[0])
        return self._named(begin, end) if begin < end else ()

    def _named(self, first: int, last: int) -> tuple[Source, ...]:
        """The holders of a noun phrase: each of the names that "and" joins, or the phrase as a speaker."""
        page = self._page
        parts = _conjuncts(page, first, last)
        found: list[Source] = []
        for begin, end in parts:
            source = self._one(begin, end, alone=len(parts) == 1)
            if source is not None and source not in found:
                found.append(source)
        return tuple(found)

    def _one(self, first: int, last: int, *, alone: bool) -> Source | None:
        page = self._page
        head = head_of(page, first, last)
        mark = page.marks_of[head]
        if mark < 0 and page.words[head] == ")" and first < head:
            head = max(
                (i for i in range(first, head) if page.marks_of[i] >= 0 or self._page.kinds[i] == "M"), default=head
            )
            mark = page.marks_of[head]
        if mark >= 0:
            held = page.marks[mark]
            return Source(entity=held.entity) if held.type in HOLDER_TYPES else None
        apposed = self._apposed(first, head + 1, last)
        if apposed is not None:
            return apposed
        low = page.lows[head]
        if page.lows[first] in NEGATIONS:
            return None
        called = self._called(first, head, last)
        if called:
            return Source(entity=called)
        if self._is_speaker(first, head, last):
            return Source(name=_name(page, first, last, head))
        if low in DOCUMENT_NOUNS or low in TIMES or not page.words[head][0].isalpha():
            return None
        if low in SPEAKER_NOUNS or (
            self._page.kinds[head] == "M" and alone and head > first and self._page.kinds[first] == "M"
        ):
            return Source(name=_name(page, first, last, head))
        return None

    def _is_speaker(self, first: int, head: int, last: int) -> bool:
        """Whether a lone name that is no entity labels a speech: ``ROE: …``, ``ROE (voice-over): …``."""
        page = self._page
        if head != first or page.kinds[first] != "M" or last >= len(page.words) or page.words[last] not in (":", "("):
            return False
        return page.breaks[bisect_right(page.breaks, first) - 1] == first

    def _called(self, first: int, head: int, last: int) -> str:
        """The person who is meant by ``the senator`` or ``one widow``, where the document names one; else empty."""
        page = self._page
        noun = page.lows[head]
        if last - first > MAX_ROLE or page.kinds[head] != "W" or any(page.marks_of[i] >= 0 for i in range(first, last)):
            return ""
        if page.lows[first] in _DEFINITE:
            roles = self._roles().get(noun, ())
            entities = {role.entity for role in roles}
            if len(entities) == 1:
                return next(iter(entities))
            before = [role.entity for role in roles if role.token < first]
            return before[-1] if before else next((role.entity for role in roles if role.token > first), "")
        if page.lows[first] not in _INDEFINITE:
            return ""
        end = self._sentence_after(first, NAMED_WITHIN)
        nouns = (
            noun,
            *(_GENERIC if noun in SPEAKER_NOUNS or noun in MALE_WORDS | FEMALE_WORDS or noun in _PERSONS else ()),
        )
        named = [
            role for one in dict.fromkeys(nouns) for role in self._roles().get(one, ()) if last <= role.token < end
        ]
        fitting = [role for role in named if role.definite and _may_be(noun, page.lows[role.head])]
        return min(fitting, key=lambda role: role.token).entity if fitting else ""

    def _sentence_after(self, token: int, count: int) -> int:
        sentences = self._page.sentences
        at = bisect_right(sentences, token, key=lambda s: s[0]) - 1 + count
        return sentences[min(at, len(sentences) - 1)][1]

    def _roles(self) -> Mapping[str, Sequence["_Role"]]:
        """What persons are called, by the noun, in order: ``the senator, Reid Coleman``, ``Reid Coleman, a senator``, ``Senator
        Coleman``; found once."""
        if self._calling is None:
            self._calling = {}
            for first, last, mark in self._page.named:
                if self._page.marks[mark].type == "PERSON":
                    for role in _roles_at(self._page, first, last, self._page.marks[mark].entity):
                        self._calling.setdefault(self._page.lows[role.head], []).append(role)
            for found in self._calling.values():
                found.sort()
        return self._calling

    def _apposed(self, first: int, after: int, last: int) -> Source | None:
        """``The mayor, Bill Smith, said``: the name is the apposition."""
        page = self._page
        if after >= last or self._page.kinds[after] != "," or after + 1 >= last:
            return None
        mark = page.marks_of[after + 1]
        if mark >= 0 and page.marks[mark].type == "PERSON":
            return Source(entity=page.marks[mark].entity)
        return None


def _may_be(noun: str, generic: str) -> bool:
    """Whether who was ``noun`` can be called ``generic``, by the gender of both words."""
    return not ((noun in _WOMEN and generic in _MEN) or (noun in _MEN and generic in _WOMEN))


def _roles_at(page: Page, first: int, last: int, entity: str) -> Iterator[_Role]:
    """What the person is called whose name are the tokens ``first`` to ``last``."""
    sentence, end = page.sentence_at(first)
    if first - 2 >= sentence and page.kinds[first - 1] == ",":
        begin = phrase_before(page, first - 1, sentence)
        if (
            begin < first - 1
            and page.lows[begin] in _DEFINITE
            and all(page.marks_of[i] < 0 for i in range(begin, first - 1))
        ):
            yield _Role(begin, head_of(page, begin, first - 1), entity, definite=True)
    if last + 2 < end and page.kinds[last] == "," and page.lows[last + 1] in _DEFINITE | _INDEFINITE:
        after = phrase_after(page, last + 1, end)
        head = head_of(page, last + 1, after)
        if head > last + 1:
            yield _Role(last + 1, head, entity, definite=False)
    if first > sentence and page.kinds[first - 1] in "MW" and page.lows[first - 1] in SPEAKER_NOUNS:
        yield _Role(first, first - 1, entity, definite=False)


def _conjuncts(page: Page, first: int, last: int) -> list[Range]:
    """The parts of "A, B and C" where each is a name or a group; else the phrase itself."""
    for at in range(first + 1, last - 1):
        if page.lows[at] in {"and", "&"} and page.marks_of[at] < 0:
            left, right = (first, at), (at + 1, last)
            heads = head_of(page, *left), head_of(page, *right)
            comma = any(page.kinds[i] == "," for i in range(first, at - 1))
            if all(page.marks_of[h] >= 0 or page.lows[h] in SPEAKER_NOUNS for h in heads) and not comma:
                return [left, right]
            return [(first, last)]
        if page.kinds[at] == ",":
            break
    return [(first, last)]


def _name(page: Page, first: int, last: int, head: int) -> str:
    """A speaker's words: the noun phrase up to its first comma, without a leading article, cut at ``MAX_NAME``."""
    end = next(
        (i for i in range(head, last) if page.kinds[i] in ',-"' or page.lows[i] in {"who", "which", "that"}), last
    )
    begin = first
    while begin < head and page.lows[begin] in DETERMINERS:
        begin += 1
    name = page.text[page.starts[begin] : page.ends[end - 1]]
    return name if len(name) <= MAX_NAME else name[:MAX_NAME].rsplit(" ", 1)[0]


def _genders(page: Page) -> Mapping[str, Gender]:
    """What the titles and given names at an entity's mentions tell of its gender; nothing where they disagree."""
    votes: dict[str, set[Gender]] = {}
    for token, _, mark in page.named:
        if page.marks[mark].type != "PERSON":
            continue
        entity = page.marks[mark].entity
        near = [page.lows[token].rstrip("."), page.lows[token - 1].rstrip(".") if token > 0 else ""]
        if near[0] in {"mr", "mrs", "ms", "dr", "sen", "rep", "gov"} and token + 1 < len(page.lows):
            near.append(page.lows[token + 1])
        for low in near:
            if low in MALE_WORDS or (low in MALE_NAMES and low is not near[1]):
                votes.setdefault(entity, set()).add("male")
            elif low in FEMALE_WORDS or (low in FEMALE_NAMES and low is not near[1]):
                votes.setdefault(entity, set()).add("female")
    return {entity: next(iter(found)) for entity, found in votes.items() if len(found) == 1}
