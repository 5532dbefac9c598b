"""What is kept of the stream, and who stands where in it. Pure: no I/O, no clock; the same events give the same answers.

For one id the newest revision stands. Events of one id come in order, and a worker that starts again repeats the last of them, in
order too; so a later event takes the place of an earlier one of the same revision, a lower revision and the event that stands
already change nothing, and after any such repetition the same stands as before it.
"""

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from schemas import Entity, Event, Issue, Stance, Status
from schemas.event import Basis, Label, Verdict
from services.text.safe import printed, safe

_NAMES = 200
_SIDES = 200
"""Most entities and stances of one document that are kept apart from its event. A long story has 60 and 40; what a hostile
one has more is still on its own page."""
_QUOTE = 400
"""Code points: a long sentence. Quotations are cut there."""
_NAME = 120
_TITLE = 300
_CARD_SIDES = 3
_CARD_ISSUES = 3
_FAILED = (Status.REJECTED, Status.DEAD_LETTERED)

Kind = Literal["entity", "issue"]


def fold(name: str) -> str:
    """The form in which names are compared: case folded, one space between words, no article before it."""
    words = name.casefold().split()
    return " ".join(words[1:] if len(words) > 1 and words[0] == "the" else words)


@dataclass(frozen=True, slots=True)
class Named:
    """An entity or an issue of a document.

    ``keys`` are the folded forms by which it is found: its name, aliases and id of the user's list. Under ``key`` it is the same
    in other documents: an entity by its name, an issue by its id of the list and, without one, by its name. ``ref`` is a form of
    that for links.
    """

    kind: Kind
    name: str
    ref: str
    key: str
    keys: frozenset[str]
    type: str
    salience: float
    mentions: int


@dataclass(frozen=True, slots=True)
class Side:
    """Somebody's stance toward something in a document. ``by`` None: the article's own voice."""

    holder: str
    by: Named | None
    author: bool
    toward: Named
    stance: Label
    basis: Basis
    confidence: float
    mixed: bool
    quote: str

    @property
    def holder_key(self) -> str:
        """Who counts as the same holder in other documents; an article's voice is its source's."""
        return self.by.key if self.by is not None else fold(self.holder)


@dataclass(frozen=True, slots=True)
class Kept:
    """A document that is kept. Times are seconds since 1970; ``raw`` is its event as JSON."""

    id: str
    revision: int
    event_id: str
    status: Status
    verdict: Verdict | None
    of: str | None
    cluster: str
    title: str
    lead: str
    source: str
    at: float
    received: float
    published: bool
    reason: str | None
    names: tuple[Named, ...]
    issues: tuple[Named, ...]
    sides: tuple[Side, ...]
    more_sides: int
    raw: bytes

    @property
    def place(self) -> tuple[float, str]:
        """Where it stands in the order of the stream, oldest first."""
        return (self.received, self.id)


@dataclass(frozen=True, slots=True)
class Change:
    """What an event did: a document came or took the place of its former self, or (``kept`` None) ``id`` went."""

    id: str
    kept: Kept | None


class State:
    """The newest documents, at most ``documents`` of them and ``size`` bytes of their events; one at least is kept."""

    def __init__(self, documents: int, size: int) -> None:
        self._most = documents
        self._most_bytes = size
        self._kept: dict[str, Kept] = {}
        self._order: list[tuple[float, str]] = []
        self._by_name: dict[str, dict[str, None]] = defaultdict(dict)
        self._by_cluster: dict[str, dict[str, None]] = defaultdict(dict)
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Kept]:
        """Newest first, by the time of receipt."""
        return (self._kept[one] for _, one in reversed(self._order))

    def get(self, id: str) -> Kept | None:
        """The document ``id``."""
        return self._kept.get(id)

    def add(self, event: Event, raw: bytes) -> list[Change]:
        """Take in an event; returns what changed by it, in order."""
        if event.status is Status.WITHDRAWN:
            return [self._remove(event.id)] if event.id in self._kept else []
        before = self._kept.get(event.id)
        if before is not None and not _replaces(event, before):
            return []
        kept = keep(event, raw)
        if before is not None:
            self._remove(event.id)
        self._insert(kept)
        gone = []
        while len(self._kept) > self._most or (self.bytes > self._most_bytes and len(self._kept) > 1):
            gone.append(self._remove(self._order[0][1]))
        if self._kept.get(event.id) is kept:
            return [Change(kept.id, kept), *gone]
        return gone if before is not None else [change for change in gone if change.id != event.id]

    def cluster(self, kept: Kept) -> list[Kept]:
        """All kept documents of its cluster, itself included, oldest first."""
        return sorted((self._kept[one] for one in self._by_cluster.get(kept.cluster, ())), key=lambda kept: kept.place)

    def named(self, keys: Iterable[str]) -> list[Kept]:
        """The kept documents that have one of the names, as an entity's or an issue's, oldest first."""
        found = {one for key in keys for one in self._by_name.get(key, ())}
        return sorted((self._kept[one] for one in found), key=lambda kept: kept.place)

    def _insert(self, kept: Kept) -> None:
        self._kept[kept.id] = kept
        insort(self._order, kept.place)
        self.bytes += len(kept.raw)
        self._by_cluster[kept.cluster][kept.id] = None
        for key in _keys(kept):
            self._by_name[key][kept.id] = None

    def _remove(self, id: str) -> Change:
        kept = self._kept.pop(id)
        del self._order[bisect_left(self._order, kept.place)]
        self.bytes -= len(kept.raw)
        _drop(self._by_cluster, kept.cluster, id)
        for key in _keys(kept):
            _drop(self._by_name, key, id)
        return Change(id, None)


def _replaces(event: Event, before: Kept) -> bool:
    """Whether ``event`` takes the place of what stands. What failed takes the place of nothing but another failure."""
    if event.event_id == before.event_id:
        return False
    if (event.status in _FAILED) != (before.status in _FAILED):
        return before.status in _FAILED
    return event.revision >= before.revision


def _drop(index: dict[str, dict[str, None]], key: str, id: str) -> None:
    index[key].pop(id, None)
    if not index[key]:
        del index[key]


def _keys(kept: Kept) -> set[str]:
    return {key for named in (*kept.names, *kept.issues) for key in named.keys}


def keep(event: Event, raw: bytes) -> Kept:
    """What is kept of an event."""
    entities = sorted(event.entities, key=lambda entity: (-entity.salience, entity.id))[:_NAMES]
    names = {entity.id: _named(entity) for entity in entities}
    issues = {issue.id: _issue(issue) for issue in sorted(event.issues, key=lambda issue: (-issue.salience, issue.id))}
    stances = strongest(event.stances)
    received = seconds(event.processing.received_at)
    found = event.duplicate
    return Kept(
        id=event.id,
        revision=event.revision,
        event_id=event.event_id,
        status=event.status,
        verdict=found.verdict if found else None,
        of=found.of if found else None,
        cluster=found.cluster if found else event.id,
        title=safe(event.title, _TITLE),
        lead=printed(event.text, 160),
        source=safe(event.source, _NAME),
        at=seconds(event.published_at) if event.published_at else received,
        received=received,
        published=event.published_at is not None,
        reason=event.rejection.reason.value if event.rejection else None,
        names=tuple(names.values()),
        issues=tuple(issues.values()),
        sides=tuple(_side(event, stance, names, issues) for stance in stances[:_SIDES]),
        more_sides=max(0, len(stances) - _SIDES),
        raw=raw,
    )


def seconds(moment: datetime) -> float:
    """Seconds since 1970; a time without a zone is UTC."""
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()


def strongest(stances: Iterable[Stance]) -> list[Stance]:
    """For and against before neutral, toward issues before entities, the surer first."""
    return sorted(
        stances, key=lambda stance: (stance.stance == "neutral", stance.target.kind != "issue", -stance.confidence)
    )


def _named(entity: Entity) -> Named:
    names = (entity.name, *entity.aliases[:20], *([entity.watched] if entity.watched else []))
    return Named(
        kind="entity",
        name=safe(entity.name, _NAME),
        ref=safe(entity.name, _NAME),
        key=fold(entity.name)[:_NAME],
        keys=frozenset(fold(name)[:_NAME] for name in names) - {""},
        type=entity.type,
        salience=entity.salience,
        mentions=len(entity.mentions),
    )


def _issue(issue: Issue) -> Named:
    return Named(
        kind="issue",
        name=safe(issue.name, _NAME),
        ref=safe(issue.watched or issue.name, _NAME),
        key=fold(issue.watched or issue.name)[:_NAME],
        keys=frozenset(fold(name)[:_NAME] for name in (issue.name, issue.watched or issue.name)) - {""},
        type="issue",
        salience=issue.salience,
        mentions=len(issue.mentions),
    )


def _side(event: Event, stance: Stance, names: dict[str, Named], issues: dict[str, Named]) -> Side:
    by = names.get(stance.holder.entity or "")
    author = stance.holder.kind == "author"
    unnamed = {entity.id: entity.name for entity in event.entities} if by is None else {}
    holder = (
        event.source or "the article" if author else stance.holder.name or unnamed.get(stance.holder.entity or "", "?")
    )
    spans = [
        span for span in stance.evidence if stance.mixed or span.stance in {None, stance.stance}
    ] or stance.evidence
    quote = " … ".join(
        str(getattr(event, span.field))[span.start : min(span.end, span.start + 4 * _QUOTE)] for span in spans[:5]
    )
    return Side(
        holder=by.name if by is not None else safe(holder, _NAME),
        by=by,
        author=author,
        toward=_toward(event, stance, names, issues),
        stance=stance.stance,
        basis=stance.basis,
        confidence=stance.confidence,
        mixed=stance.mixed,
        quote=printed(quote, _QUOTE),
    )


def _toward(event: Event, stance: Stance, names: dict[str, Named], issues: dict[str, Named]) -> Named:
    kind, identity = stance.target.kind, stance.target.issue or stance.target.entity or ""
    found = (issues if kind == "issue" else names).get(identity)
    if found is None and kind == "entity":  # one beyond those that are kept apart
        found = next((_named(one) for one in event.entities if one.id == identity), None)
    return found or Named(kind, "?", "?", "?", frozenset(), kind, 0.0, 0)


def keys_of(state: State, kind: Kind, name: str) -> frozenset[str]:
    """The keys under which ``name`` is looked up: its own, and for an issue also its ids of the user's list in the documents that
    call it so, since others may call it something else."""
    key = fold(name)[:_NAME]
    if kind == "entity":
        return frozenset({key})
    return frozenset({key, *(one.key for kept in state.named([key]) for one in kept.issues if key in one.keys)})


@dataclass(frozen=True, slots=True)
class Said:
    """A side in the document that it was found in."""

    kept: Kept
    side: Side


@dataclass(frozen=True, slots=True)
class Stand:
    """One holder's stance, told once: where it was said first, and in which copies of that it is also found."""

    said: Said
    copies: tuple[Kept, ...]


def stands(
    state: State, kind: Kind, name: str, wanted: Callable[[Kept, Side], bool] = lambda kept, side: True
) -> tuple[list[Stand], list[Stand]]:
    """Who stands where toward ``name``, and (for an entity) where it stands itself, oldest first; of the sides that are ``wanted``.

    Copies of one cluster count once: the same holder's same stance is told from the oldest document of the cluster.
    """
    keys = keys_of(state, kind, name)
    toward: list[Said] = []
    own: list[Said] = []
    for kept in state.named(keys):
        for side in kept.sides:
            if not wanted(kept, side):
                continue
            if side.toward.kind == kind and keys & side.toward.keys:
                toward.append(Said(kept, side))
            elif kind == "entity" and side.by is not None and keys & side.by.keys:
                own.append(Said(kept, side))
    return _once(state, toward), _once(state, own)


def _once(state: State, told: Iterable[Said]) -> list[Stand]:
    first: dict[tuple[str, str, tuple[str, str], str], Said] = {}
    for said in sorted(told, key=lambda one: (one.kept.at, one.kept.place)):
        side = said.side
        target = (side.toward.kind, side.toward.key)
        first.setdefault((said.kept.cluster, side.holder_key, target, side.stance), said)
    return [
        Stand(said, tuple(one for one in state.cluster(said.kept) if one.id != said.kept.id)) for said in first.values()
    ]


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody or something that may be looked up: in how many documents it is, and how many stand where toward it."""

    kind: Kind
    name: str
    ref: str
    type: str
    documents: int
    sides: dict[Label, int]

    @property
    def count(self) -> int:
        """All that stand for it or against it."""
        return self.sides.get("favor", 0) + self.sides.get("against", 0)


def subjects(state: State, typed: str, most: int, kind: Kind | None = None) -> list[Subject]:
    """The subjects of a ``kind`` whose name, alias or id has what was ``typed``, those that most is said of first; all where it is
    blank.

    A name that begins with it comes before one that has it inside.
    """
    wanted = fold(typed)[:_NAME]
    documents: Counter[tuple[Kind, str]] = Counter()
    shown: dict[tuple[Kind, str], Counter[tuple[str, str, str]]] = defaultdict(Counter)
    begins: set[tuple[Kind, str]] = set()
    sides: dict[tuple[Kind, str], set[tuple[str, str, Label]]] = defaultdict(set)
    for kept in state:
        here: set[tuple[Kind, str]] = set()
        for named in (*kept.issues, *kept.names):
            if kind in (None, named.kind) and (not wanted or any(wanted in key for key in named.keys)):
                at = (named.kind, named.key)
                here.add(at)
                shown[at][named.name, named.ref, named.type] += 1
                if any(key.startswith(wanted) for key in named.keys):
                    begins.add(at)
        for side in kept.sides:
            at = (side.toward.kind, side.toward.key)
            if at in here:
                sides[at].add((kept.cluster, side.holder_key, side.stance))
        documents.update(here)
    found = [
        Subject(at[0], *shown[at].most_common(1)[0][0], count, dict(Counter(label for _, _, label in sides[at])))
        for at, count in documents.items()
    ]
    found.sort(
        key=lambda one: (
            (one.kind, fold(one.ref)[:_NAME]) not in begins,
            -one.count,
            -one.documents,
            one.name,
            one.kind,
        )
    )
    return found[:most]


def card(kept: Kept) -> dict[str, Any]:
    """What the stream shows of a document."""
    told = [side for side in kept.sides if side.stance != "neutral"] or list(kept.sides)
    return {
        "id": kept.id,
        "revision": kept.revision,
        "status": kept.status.value,
        "verdict": kept.verdict,
        "of": kept.of,
        "title": kept.title,
        "lead": kept.lead,
        "source": kept.source,
        "at": kept.at,
        "published": kept.published,
        "received": kept.received,
        "reason": kept.reason,
        "issues": [{"name": one.name, "ref": one.ref} for one in kept.issues[:_CARD_ISSUES]],
        "names": [{"name": one.name, "type": one.type} for one in kept.names[:5]],
        "sides": [line(side) for side in told[:_CARD_SIDES]],
        "more": max(0, len(kept.sides) + kept.more_sides - _CARD_SIDES),
    }


def line(side: Side) -> dict[str, Any]:
    """A side as the page draws it: holder -> target."""
    return {
        "holder": side.holder,
        "author": side.author,
        "known": side.by is not None,
        "target": side.toward.name,
        "ref": side.toward.ref,
        "kind": side.toward.kind,
        "basis": side.basis,
        "stance": side.stance,
        "confidence": round(side.confidence, 3),
        "mixed": side.mixed,
        "quote": side.quote,
    }
