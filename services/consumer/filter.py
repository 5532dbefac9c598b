"""Which events to show: a pure predicate. Within one option any value does, all options must hold."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TypeVar, get_args

from schemas import Entity, Event, Issue, Stance, Status
from schemas.event import Label, Verdict


@dataclass(frozen=True)
class Wanted:
    """A stance to look for: its label, and words of the name of what it is toward (None: anything)."""

    label: Label
    target: str | None = None


@dataclass(frozen=True)
class Filter:
    """What an event must be; an empty option asks for nothing. Names and words match whatever their case.

    ``watched`` are whole ids of the user's lists, of entities and of issues; ``stories`` are whole ids of stories; ``sources``
    are patterns with ``*`` and ``?``; ``entities`` match a part of a name or of an alias, ``issues`` a part of a name or the whole
    id of the user's list, and a stance's target both; ``text`` matches a part of the title or the text.
    """

    sources: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()
    watched: tuple[str, ...] = ()
    stories: tuple[str, ...] = ()
    stances: tuple[Wanted, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    statuses: tuple[Status, ...] = ()
    text: tuple[str, ...] = ()

    def __call__(self, event: Event) -> bool:
        """Whether ``event`` matches."""
        return (
            _any(self.statuses, lambda status: event.status is status)
            and _any(self.verdicts, lambda verdict: event.duplicate is not None and event.duplicate.verdict == verdict)
            and _any(self.sources, lambda pattern: fnmatchcase(event.source.casefold(), pattern.casefold()))
            and _any(self.entities, lambda name: any(_is_called(entity, name.casefold()) for entity in event.entities))
            and _any(self.issues, lambda name: any(_is_worded(issue, name.casefold()) for issue in event.issues))
            and _any(self.watched, lambda wanted: any(one.watched == wanted for one in event.subjects))
            and _any(self.stories, lambda wanted: event.story is not None and event.story.id == wanted)
            and _any(self.stances, lambda wanted: any(_takes(event, stance, wanted) for stance in event.stances))
            and self._says(event)
        )

    def _says(self, event: Event) -> bool:
        if not self.text:
            return True
        folded = f"{event.title}\n{event.text}".casefold()
        return any(words.casefold() in folded for words in self.text)


def build(
    *,
    sources: Iterable[str] = (),
    entities: Iterable[str] = (),
    issues: Iterable[str] = (),
    watched: Iterable[str] = (),
    stories: Iterable[str] = (),
    stances: Iterable[str] = (),
    verdicts: Iterable[str] = (),
    statuses: Iterable[str] = (),
    text: Iterable[str] = (),
) -> Filter:
    """A filter from what a user typed. A stance is ``against``, or with its target ``against:city council``.

    Raises:
        ValueError: an unknown stance, verdict or status, or an empty value; the message lists the known ones.
    """
    return Filter(
        sources=_words(sources, "source"),
        entities=_words(entities, "entity"),
        issues=_words(issues, "issue"),
        watched=_words(watched, "watched id"),
        stories=_words(stories, "story"),
        stances=tuple(_wanted(stance) for stance in stances),
        verdicts=tuple(_one_of(verdict, get_args(Verdict), "verdict") for verdict in verdicts),
        statuses=tuple(Status(_one_of(status, [status.value for status in Status], "status")) for status in statuses),
        text=_words(text, "text"),
    )


_T = TypeVar("_T")


def _any(options: tuple[_T, ...], holds: Callable[[_T], bool]) -> bool:
    return not options or any(holds(option) for option in options)


def _is_called(entity: Entity, folded: str) -> bool:
    return any(folded in name.casefold() for name in (entity.name, *entity.aliases))


def _is_worded(issue: Issue, folded: str) -> bool:
    return folded in issue.name.casefold() or (issue.watched is not None and folded == issue.watched.casefold())


def _takes(event: Event, stance: Stance, wanted: Wanted) -> bool:
    if stance.stance != wanted.label:
        return False
    if wanted.target is None:
        return True
    folded = wanted.target.casefold()
    if stance.target.kind == "issue":
        return any(issue.id == stance.target.issue and _is_worded(issue, folded) for issue in event.issues)
    return any(entity.id == stance.target.entity and _is_called(entity, folded) for entity in event.entities)


def _wanted(words: str) -> Wanted:
    label, separator, target = words.partition(":")
    if separator and not target.strip():
        raise ValueError(
            f"the stance {words[:50]!r} has no name after the colon; write {label[:50]}:NAME, or only {label[:50]}"
        )
    return Wanted(_one_of(label, get_args(Label), "stance"), target.strip() or None)


def _one_of(words: str, known: Iterable[_T], what: str) -> _T:
    folded = words.strip().casefold().replace("-", "_")
    for value in known:
        if value == folded:
            return value
    raise ValueError(f"unknown {what} {words[:50]!r}; choose one of {', '.join(map(str, known))}")


def _words(values: Iterable[str], what: str) -> tuple[str, ...]:
    found = tuple(value.strip() for value in values)
    if not all(found):
        raise ValueError(f"the {what} is empty; give a value or leave the option out")
    return found
