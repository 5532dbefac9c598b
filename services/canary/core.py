"""Holds the events of canaries against what is known of their story. Pure: no I/O, no clock.

A round sends the story, then the same text under another id and the text without its end, and last withdraws all three. From the
id of an event alone one can tell its round and its part, so that whoever reads the topic can hold every event to account.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, get_args

from schemas import Event, Status
from schemas.base import CANARY_PREFIX
from schemas.event import Entity
from services.canary.story import KnownEntity, KnownStance, Story

Part = Literal["story", "copy", "shortened"]
Kind = Literal["language", "unique", "entity", "alias", "offsets", "stance", "exact", "near", "withdrawn"]
PARTS: tuple[Part, ...] = get_args(Part)
KINDS: tuple[Kind, ...] = get_args(Kind)

_ID = re.compile(re.escape(CANARY_PREFIX) + r"([0-9]{1,18}):(story|copy|shortened)")


@dataclass(frozen=True)
class CanaryId:
    """The parts of a canary's id: the number of its round, and which of the round's documents it is."""

    round: int
    part: Part

    def __str__(self) -> str:
        """The document's id."""
        return f"{CANARY_PREFIX}{self.round}:{self.part}"


def parse_id(id: str) -> CanaryId | None:
    """The parts of a document's ``id``; None if it does not belong to a canary."""
    found = _ID.fullmatch(id)
    return next(CanaryId(int(found[1]), part) for part in PARTS if part == found[2]) if found else None


@dataclass(frozen=True)
class Fact:
    """Something that is known of an event. ``about`` says what, in words of the story."""

    kind: Kind
    about: str
    holds: Callable[[Event], bool]


def facts(story: Story, at: CanaryId, withdrawn: bool) -> list[Fact]:
    """What must be true of the event of the document at ``at``, or of the event of its withdrawal."""
    if withdrawn:
        return [Fact("withdrawn", at.part, lambda event: event.status is Status.WITHDRAWN)]
    original = str(CanaryId(at.round, "story"))
    if at.part == "copy":
        return [Fact("exact", at.part, lambda event: _copies(event, "exact", {original}))]
    if at.part == "shortened":
        either = {original, str(CanaryId(at.round, "copy"))}
        return [Fact("near", at.part, lambda event: _copies(event, "near", either))]
    return [
        Fact("language", story.language, lambda event: event.language == story.language),
        Fact("unique", at.part, lambda event: event.duplicate is not None and event.duplicate.verdict == "unique"),
        Fact("offsets", at.part, _offsets_hold),
        *(fact for known in story.entities for fact in _of_entity(known)),
        *(_of_stance(known) for known in story.stances),
    ]


def left_over(at: CanaryId, event: Event) -> str | None:
    """The canary of another round that ``event`` was found to copy: one that was never withdrawn. No fault of the pipeline's."""
    of = event.duplicate.of if event.duplicate else None
    other = parse_id(of) if of else None
    return of if other is not None and other.round != at.round else None


def _copies(event: Event, verdict: str, of: set[str]) -> bool:
    return event.duplicate is not None and event.duplicate.verdict == verdict and event.duplicate.of in of


def _offsets_hold(event: Event) -> bool:
    mentions = [mention for entity in event.entities for mention in entity.mentions]
    spans = [span for stance in event.stances for span in stance.evidence]
    return (
        bool(mentions)
        and all(getattr(event, one.field)[one.start : one.end] == one.text for one in mentions)
        and all(getattr(event, one.field)[one.start : one.end].strip() for one in spans)
    )


def _of_entity(known: KnownEntity) -> Iterator[Fact]:
    def has(event: Event, alias: str | None = None) -> bool:
        return any(
            entity.name == known.name and entity.type == known.type and (alias is None or alias in entity.aliases)
            for entity in event.entities
        )

    yield Fact("entity", f"{known.name}, {known.type}", has)
    for alias in known.aliases:
        yield Fact("alias", f"{alias} is {known.name}", partial(has, alias=alias))


def _of_stance(known: KnownStance) -> Fact:
    def has(event: Event) -> bool:
        named: dict[str, Entity] = {entity.id: entity for entity in event.entities}
        return any(
            stance.stance == known.stance
            and _is(named, stance.target.entity, known.target)
            and (
                stance.holder.kind == "author"
                if known.holder is None
                else _is(named, stance.holder.entity, known.holder)
            )
            for stance in event.stances
        )

    return Fact("stance", f"{known.holder or 'the author'} {known.stance} {known.target}", has)


def _is(named: dict[str, Entity], id: str | None, name: str) -> bool:
    return id is not None and id in named and named[id].name == name


@dataclass(frozen=True)
class Outcome:
    """What came of one fact: whether it holds; ``held`` is None while the event that would tell has not come."""

    fact: Fact
    held: bool | None

    @property
    def word(self) -> Literal["found", "wrong", "late"]:
        """The outcome in one word. Late: its event did not come in time."""
        return "late" if self.held is None else "found" if self.held else "wrong"

    def __str__(self) -> str:
        return f"{self.word}: {self.fact.kind} ({self.fact.about})"


def summary(outcomes: Sequence[Outcome]) -> str:
    """How many facts were found, and by name those that were missed: wrong ones and late ones."""
    missed = [str(one) for one in outcomes if not one.held]
    return "; ".join([f"{len(outcomes) - len(missed)} of {len(outcomes)} known facts were found", *missed])


class Round:
    """The events of one round as they come.

    ``crossed`` is the id of a canary that an earlier round left behind, where this one met it: then nothing can be said.
    """

    def __init__(self, story: Story, number: int) -> None:
        self.number = number
        self.crossed: str | None = None
        self._story = story
        self._events: dict[tuple[Part, bool], Event] = {}

    def add(self, event: Event) -> Part | None:
        """Take in an event; returns its part where it is one of this round's. A repeat changes nothing."""
        at = parse_id(event.id)
        if at is None or at.round != self.number:
            return None
        self._events.setdefault((at.part, event.status is Status.WITHDRAWN), event)
        self.crossed = self.crossed or left_over(at, event)
        return at.part

    def has(self, *parts: Part, withdrawn: bool = False) -> bool:
        """Whether the events of all ``parts`` came, or those of their withdrawals."""
        return all((part, withdrawn) in self._events for part in parts)

    @property
    def outcomes(self) -> list[Outcome]:
        """What came of every fact of the round."""
        return [
            Outcome(fact, fact.holds(event) if event is not None else None)
            for withdrawn in (False, True)
            for part in PARTS
            for event in [self._events.get((part, withdrawn))]
            for fact in facts(self._story, CanaryId(self.number, part), withdrawn)
        ]
