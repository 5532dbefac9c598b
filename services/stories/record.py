"""The record of a story, made of what is kept of each of its documents.

A document is kept as a ``Member``, which is small and bounded: a table can hold a row of it for each document. The record is a
function of the members in the order that they came, and of nothing else: whoever has the same members writes the same bytes.

Entities are the same where their keys are (``schemas.Entity.key``). Where a document gives no key, and for issues and speakers,
names are the same where they differ in case alone.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple, TypeVar

from schemas.base import MAX_SOURCE, Model
from schemas.event import Basis, EntityType, Event, Stance
from schemas.story import (
    MAX_BUCKETS,
    MAX_QUOTES,
    MAX_SHOWN,
    MAX_SIDES,
    MAX_STORY_BYTES,
    MAX_STORY_SOURCES,
    MAX_STORY_SUBJECTS,
    MAX_STORY_TITLES,
    Bucket,
    Outlet,
    Quote,
    Side,
    StoryEntity,
    StoryIssue,
    StoryRecord,
    Told,
)

COPIES = frozenset({"exact", "near", "excerpt"})
"""Verdicts of documents that say nothing that the other one does not. An expansion says more, and is a voice of its own."""
DETAILED = 100
"""Members, the newest, that a record's lists are made of: a bound on the work on one story, and on what is read for it."""
_KEPT_SIDES = 6
"""Sides that are kept of a document, the surest: 600 bytes each in its row at most, and few documents have more."""
_Name = TypeVar("_Name")
_Key = TypeVar("_Key")
_KEPT_URL = 500
"""Code points of an address that is kept; of a longer one a part would lead nowhere, so it is left out."""


class Taken(Model):
    """A side that a holder takes in one document, in its surest words."""

    holder: str
    holder_kind: Literal["author", "entity", "speaker"]
    holder_key: str = ""
    target: str
    target_kind: Literal["entity", "issue"]
    target_key: str = ""
    stance: Literal["favor", "against"]
    basis: Basis
    confidence: float
    words: str


class Member(Model):
    """What is kept of a document of a story."""

    id: str
    title: str
    source: str = ""
    url: str = ""
    received_at: datetime
    published_at: datetime | None = None
    copy_of: str | None = None
    entities: tuple[tuple[str, EntityType, str], ...] = ()
    """Name, type and key of each."""
    issues: tuple[str, ...] = ()
    sides: tuple[Taken, ...] = ()


def member(event: Event) -> Member:
    """What is kept of ``event``: its most salient entities and issues, and its surest sides. Of a copy no sides are kept."""
    copied = event.duplicate.of if event.duplicate is not None and event.duplicate.verdict in COPIES else None
    entities = sorted(event.entities, key=lambda one: -one.salience)[:MAX_STORY_SUBJECTS]
    issues = sorted(event.issues, key=lambda one: -one.salience)[:MAX_STORY_SUBJECTS]
    return Member(
        id=event.id,
        title=cut(event.title),
        source=event.source,
        url=event.url if len(event.url) <= _KEPT_URL else "",
        received_at=event.processing.received_at,
        published_at=event.published_at,
        copy_of=copied,
        entities=() if copied else tuple((cut(one.name), one.type, one.key or "") for one in entities),
        issues=() if copied else tuple(cut(one.name) for one in issues),
        sides=() if copied else tuple(_sides(event)),
    )


class Whole(NamedTuple):
    """What a record says of all documents of the story, also of those that its lists have no room for."""

    head: Member
    documents: int
    copies: int
    sources: int


def whole(members: Sequence[Member]) -> Whole:
    """What is said of a story that has these members and no others."""
    voices = [one for one in members if one.copy_of is None]
    return Whole(
        members[0], len(voices), len(members) - len(voices), len({one.source for one in members if one.source})
    )


def record(id: str, saga: str, members: Sequence[Member], of_all: Whole | None = None) -> StoryRecord:
    """The record of a story of ``members``, in the order that they came. Where it is too large, every list is cut to half.

    Args:
        of_all: what is said of all documents, where ``members`` are the newest ``DETAILED`` of more.

    Raises:
        ValueError: there are no members.
    """
    if not members:
        raise ValueError("a story without documents has no record")
    halved = 0
    while True:
        made = _record(id, saga, members, of_all or whole(members), halved)
        if len(made.model_dump_json().encode()) <= MAX_STORY_BYTES:
            return made
        halved += 1


def cut(text: str) -> str:
    """``text`` in ``MAX_SHOWN`` code points."""
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1]}…"


def _sides(event: Event) -> list[Taken]:
    sure = sorted(event.stances, key=lambda one: -one.confidence)
    return [taken for one in sure if (taken := _taken(event, one)) is not None][:_KEPT_SIDES]


def _taken(event: Event, stance: Stance) -> Taken | None:
    """What is kept of a stance; None where it takes no side."""
    if stance.stance == "neutral":
        return None
    named = {one.id: (one.name, one.key or "") for one in event.entities} | {
        one.id: (one.name, "") for one in event.issues
    }
    holder, target = stance.holder, stance.target
    told, holder_key = (holder.name, "") if holder.name else named.get(holder.entity or "", ("", ""))
    name = told if holder.kind != "author" else event.source or event.id
    toward, target_key = named.get(target.issue or target.entity or "", ("", ""))
    said = [one for one in stance.evidence if one.stance == stance.stance] or stance.evidence
    surest = max(said, key=lambda one: one.confidence or 0.0)
    text = event.title if surest.field == "title" else event.text
    return Taken(
        holder=cut(name),
        holder_kind=holder.kind,
        holder_key=holder_key,
        target=cut(toward),
        target_kind=target.kind,
        target_key=target_key,
        stance=stance.stance,
        basis=stance.basis,
        confidence=stance.confidence,
        words=cut(text[surest.start : surest.end]),
    )


def _record(id: str, saga: str, members: Sequence[Member], of_all: Whole, halved: int) -> StoryRecord:
    voices = [one for one in members if one.copy_of is None]
    step, timeline = _timeline(members, MAX_BUCKETS >> halved)
    top = MAX_STORY_SUBJECTS >> halved
    named = _counted(
        (((name, kind), key or (name.casefold(), kind)) for name, kind, key in one.entities) for one in voices
    )
    argued = _counted(((issue, issue.casefold()) for issue in one.issues) for one in voices)
    return StoryRecord(
        id=id,
        saga=saga,
        head=_told(of_all.head),
        first_seen=min(of_all.head.received_at, *(one.received_at for one in members)),
        last_seen=max(one.received_at for one in members),
        documents=of_all.documents,
        copies=of_all.copies,
        source_count=of_all.sources,
        sources=_outlets(members)[: MAX_STORY_SOURCES >> halved],
        titles=tuple(_told(one) for one in members[::-1][: MAX_STORY_TITLES >> halved]),
        step=step,
        timeline=timeline,
        entities=tuple(StoryEntity(name=name, type=kind, documents=count) for (name, kind), count in named[:top]),
        issues=tuple(StoryIssue(name=name, documents=count) for name, count in argued[:top]),
        sides=_stands(voices, MAX_QUOTES >> halved)[: MAX_SIDES >> halved],
    )


def _told(one: Member) -> Told:
    return Told(
        id=one.id,
        title=one.title,
        source=one.source,
        url=one.url,
        published_at=one.published_at,
        copy_of=one.copy_of,
    )


def _outlets(members: Sequence[Member]) -> tuple[Outlet, ...]:
    documents = Counter(one.source for one in members if one.copy_of is None)
    copies = Counter(one.source for one in members if one.copy_of is not None)
    names = sorted({*documents, *copies} - {""}, key=lambda name: (-documents[name], -copies[name], name))
    return tuple(Outlet(name=name[:MAX_SOURCE], documents=documents[name], copies=copies[name]) for name in names)


def _timeline(members: Sequence[Member], most: int) -> tuple[Literal["hour", "day"], tuple[Bucket, ...]]:
    """Documents an hour where that makes ``most`` buckets or less, else a day; of more than these the newest."""
    hours = _buckets(members, lambda time: time.replace(minute=0, second=0, microsecond=0))
    if len(hours) <= MAX_BUCKETS and hours[-1].start - hours[0].start < timedelta(hours=MAX_BUCKETS):
        return "hour", hours[max(0, len(hours) - most) :]
    days = _buckets(members, lambda time: time.replace(hour=0, minute=0, second=0, microsecond=0))
    return "day", days[max(0, len(days) - most) :]


def _buckets(members: Sequence[Member], start: Callable[[datetime], datetime]) -> tuple[Bucket, ...]:
    starts = [(start(one.received_at.astimezone(UTC)), one.copy_of is not None) for one in members]
    count = Counter(starts)
    return tuple(
        Bucket(start=time, documents=count[time, False], copies=count[time, True])
        for time in sorted({time for time, _ in starts})
    )


def _counted(documents: Iterable[Iterable[tuple[_Name, _Key]]]) -> list[tuple[_Name, int]]:
    """What documents name, in the form that most of them give, and how many do; of equal ones the first. Most documents first."""
    forms: dict[_Key, Counter[_Name]] = {}
    count: Counter[_Key] = Counter()
    for pairs in documents:
        named = {key: name for name, key in reversed(list(pairs))}  # the first form of each counts
        for key, name in reversed(list(named.items())):
            count[key] += 1
            forms.setdefault(key, Counter())[name] += 1
    return [(forms[key].most_common(1)[0][0], number) for key, number in count.most_common()]


def _stands(voices: Sequence[Member], quotes: int) -> tuple[Side, ...]:
    """Who stands where, those that the most documents tell of first; of equal ones the first."""
    found: dict[tuple[str, ...], list[tuple[Member, Taken]]] = {}
    for one in voices:
        for taken in one.sides:
            holder = taken.holder_key or taken.holder.casefold()
            key = (taken.holder_kind, holder, taken.target_kind, taken.target_key or taken.target.casefold())
            found.setdefault(key, []).append((one, taken))
    ranked = sorted(found.values(), key=lambda pairs: -len({one.id for one, _ in pairs}))
    return tuple(_side(pairs, quotes) for pairs in ranked)


def _side(pairs: Sequence[tuple[Member, Taken]], quotes: int) -> Side:
    favor, against = ([pair for pair in pairs if pair[1].stance == side] for side in ("favor", "against"))
    first = pairs[0][1]
    return Side(
        holder=first.holder,
        holder_kind=first.holder_kind,
        target=first.target,
        target_kind=first.target_kind,
        favor=len({one.id for one, _ in favor}),
        against=len({one.id for one, _ in against}),
        quotes=tuple(
            Quote(
                document=one.id,
                source=one.source,
                stance=taken.stance,
                words=taken.words,
                basis=taken.basis,
                confidence=taken.confidence,
            )
            for side in (favor, against)
            for one, taken in sorted(side, key=lambda pair: -pair[1].confidence)[:quotes]
        ),
    )
