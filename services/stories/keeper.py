"""The stage's judge: says of each work which story it is of, and what to write to the table that its memory survives in.

It is a deterministic function of the works in the order they come: time is the works' own ``received_at``. What the words of a
document say is ``core``'s to decide. This decides on everything else:

* A copy (``record.COPIES``) is of the story of the document that it copies, and is not compared with later ones, since the same
  words say nothing new of the story. Where that one is not there, its cluster's is meant, and where nothing of this is there, the
  copy's own words count. A document that comes after its copy follows that one.
* A new revision takes the place of the one before, and is placed by its own words. One that comes too late counts nowhere, and is
  given the story of the newer one.
* A withdrawal takes out all documents of its id. A story that has lost its last document ends.
* A work that was judged before, by its ``event_id``, gets the verdict that it got, and changes nothing.
* Canaries, and what was rejected, are of no story.
* A bare surname gets the key of whom it means by the notes of the last ``replay_documents`` judgements (``identity.register``).

Works judged are numbered, and there is a row for each. The window is ``core``'s; rows are kept longer: as long as one of the last
``replay_documents`` judgements had them in its window. So works that are read again after a crash get the same verdict, and a story
that ended unnoticed, as the process died, is found when the rows are read again.
"""

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

import numpy as np

from schemas import Event, Status, StoryRecord, Work
from schemas.base import CANARY_PREFIX
from schemas.event import PLACEMENTS, Story
from services.identity.notes import note, read_note
from services.identity.register import Register
from services.kept.places import MIX, Groups
from services.kept.rows import key_of, microseconds, write_rows
from services.stories.catalog import COMPARED, VOICE
from services.stories.core import Clusterer, Judged, Told, source_of
from services.stories.decision import Decision
from services.stories.record import COPIES, DETAILED, Member, Whole, member, record
from services.stories.row import VERSION, Row
from services.stories.settings import StoriesSettings
from services.stories.terms import LONGEST
from services.stories.weighing import KEPT, NOTHING, Vector, packed, unpacked
from services.text.clean import clean

COPY, COPIED, REVISED = PLACEMENTS[2:]
"""Rules beside ``core``'s: it copies a document of the story; a document of the story copies it; a newer revision is there."""
_FOLLOWED = COPIES | {"unique"}
"""Verdicts of documents that have the same words as the others of their cluster. What adds to these may be a roundup."""
DELETED = 128
"""Most rows deleted with one judgement; twice as many as can fall due with one."""
_TOUCHED = 100
"""Stories that the row of a withdrawal names: a sender may call thousands of documents "unknown", and take them all back."""
_NAMESAKES = 8
"""Documents of one id, the newest, that are looked at."""
_READ = 2_048
"""Members that were read last are kept, some 3 KB each: those of the stories that are being told."""
_PREFIX = hashlib.sha256(f"stories/{VERSION}".encode()).hexdigest()[:8]


@dataclass(frozen=True)
class Placement:
    """What became of one work, and what to write for it.

    Attributes:
        work: the work with its story and the keys of its bare names. put: rows to write to the table; none for a work that was
            judged before. delete: keys to delete from the table, in this order.
    """

    work: Work
    put: Mapping[str, str]
    delete: tuple[str, ...]

    def write(self, table: MutableMapping[str, str]) -> None:
        """Do to ``table``, which holds what was written for all works before, what is to be done before the next."""
        write_rows(table, self.put, self.delete)


class Keeper:
    """Places works one after the other; it holds the window and says how to keep it in a table.

    Args:
        settings: how long the window is, how sure a verdict must be, how long it is remembered.
        table: where ``Placement.write`` has put the rows of all placements so far. The keeper only reads it.
        decision: the learnt weights; those that come with the project where left out.
    """

    def __init__(self, settings: StoriesSettings, table: Mapping[str, str], decision: Decision | None = None) -> None:
        self._settings = settings
        self._table = table
        self._decision = decision
        self._begin()

    def _begin(self) -> None:
        settings = self._settings
        self.clusterer = Clusterer(settings, self._decision)
        self._replay = settings.replay_documents
        self._capacity = settings.window_documents + settings.replay_documents
        self._horizon = 1
        """The lowest number that is remembered."""
        self._number = np.zeros(self._capacity + 1, np.int64).data  # of each place, as are the next
        self._firsts = np.zeros(self._capacity + 1, np.int64).data
        self._revisions = np.zeros(self._capacity + 1, np.int64).data
        self._keys = np.zeros(self._capacity + 1, np.uint64).data
        self._received = np.zeros(self._capacity + 1, np.int64).data
        self._ids = Groups(self._capacity)  # of what is in the window, as are the clusters
        self._clusters = Groups(self._capacity)
        self._works = Groups(self._capacity)  # documents by event, of all that is remembered, as are the next
        self._arrivals = Groups(self._capacity)  # by event and time
        self._recalls = Groups(self._capacity)  # withdrawals by id
        self._changed: dict[str, None] = {}
        self._due: deque[str] = deque()
        self._member = lru_cache(_READ)(self._read_member)
        self._register = Register(self._replay, settings.name_confidence)

    def __len__(self) -> int:
        """Documents, and withdrawals, in the window."""
        return len(self.clusterer)

    @property
    def stories(self) -> int:
        """Stories with a document in the window."""
        return self.clusterer.stories

    @property
    def version(self) -> str:
        """How stories are made, such as ``tfidf-64/logistic>=0.3``."""
        return f"tfidf-{KEPT}/logistic>={self._settings.join:g}"

    def place(self, work: Work) -> Placement:
        """Say which story ``work`` is of. What is of none passes unchanged."""
        event = work.event
        withdrawal = event.status is Status.WITHDRAWN
        if event.id.startswith(CANARY_PREFIX) or event.status in (Status.REJECTED, Status.DEAD_LETTERED):
            return Placement(work, {}, ())
        received = microseconds(event.processing.received_at)
        if (known := self._find(event, received, withdrawal)) is not None:
            self._change(known.touched)
            if known.story is not None:
                self._change((known.story.id,))
            return Placement(_answered(work, known), {}, ())
        noted = note(event.entities)
        keys = self._register.meant(self.clusterer.last + 1, event.entities, noted)
        told = member(_keyed(event, keys)) if not withdrawal else None  # before anything changes: it may raise
        delete = self._fall_due()
        for number, ended in self.clusterer.advance(received // 1_000_000):
            self._drop(number)
            if ended:
                self._change((ended,))
        row = self._withdrawn(event, received) if told is None else self._placed(event, received, told)
        row = row.model_copy(update={"keys": keys, "note": noted.write()})
        self._remember(row)
        self._register.add(row.number, noted)
        self._forget()
        return Placement(_answered(work, row), {_key(row.number): row.write()}, delete)

    def changes(self) -> list[tuple[str, StoryRecord | None]]:
        """The stories that have changed since this was asked: the id of each, and its record; none where it has ended."""
        changed, self._changed = self._changed, {}
        return [(name, self._record(name)) for name in changed]

    def load(self) -> None:
        """Take up the state that the table's rows were written in. Rows that cannot be read are left out, and deleted."""
        self._begin()
        stale: list[str] = []
        numbers: list[int] = []
        for key in self._table:
            number = _number(key)
            if number is None:
                stale.append(key)
            else:
                numbers.append(number)
        numbers.sort()
        newest = None
        while numbers and (newest := self._read(numbers[-1])) is None:
            stale.append(_key(numbers.pop()))
        self._due.extend(sorted(stale))
        if newest is not None:
            self._restore(numbers, newest)

    def _restore(self, numbers: list[int], newest: Row) -> None:
        first = max(newest.first, newest.number - self._settings.window_documents + 1)
        self._horizon = max(1, newest.number - self._capacity + 1)
        self.clusterer.resume(first)
        names: dict[str, None] = {}
        for number in numbers:
            row = newest if number == newest.number else self._read(number)
            if row is None or number < self._horizon:
                self._due.append(_key(number))
                continue
            names.update(dict.fromkeys((*row.touched, *((row.story.id,) if row.story else ()))))
            if number >= first:
                self.clusterer.reach(number, row.clock)
                self._leave(self._standing(row.id) if row.withdrawal else row.left)
                self._enter(row, unpacked(row.terms))
            self._remember(row)
            if number > newest.number - self._replay:
                self._register.add(number, read_note(row.note))
        self._forget()
        # What ended as the process died may not have been told.
        self._changed = {}
        self._change(name for name in names if self.clusterer.catalog.named(name) < 0)

    def _find(self, event: Event, received: int, withdrawal: bool) -> Row | None:
        """The judgement of this very work, if it is remembered.

        A document that is sent again is the same work at whatever time it comes; only what comes after a withdrawal of its id is
        judged again. A withdrawal says nothing of what it withdraws, so it is the same only when it came at the same time.
        """
        work = _work_key(event.event_id, event.id)
        at = self._arrivals.first(_arrival_key(work, received))
        if not at and not withdrawal:
            at = self._works.last(work)
            recall = self._recalls.last(key_of(event.id))
            if self._number[recall] > self._number[at] and self._received[recall] < received:
                return None
        row = self._read(self._number[at]) if at else None
        return row if row is not None and (row.event, row.id) == (event.event_id, event.id) else None

    def _withdrawn(self, event: Event, received: int) -> Row:
        touched = self._leave(self._standing(event.id))
        row = self._row(event, received, withdrawal=True, touched=touched[:_TOUCHED])
        self._enter(row, NOTHING)
        return row

    def _placed(self, event: Event, received: int, told: Member) -> Row:
        """The verdict on a document, which is put into the window, as a row."""
        duplicate = event.duplicate
        cluster = duplicate.cluster if duplicate is not None else event.id
        copies = told.copy_of is not None
        # Where a sender has given one id to several documents, the judge has told them apart by their clusters.
        key = cluster if cluster.startswith(f"{event.id}#") else event.id
        before = next((place for place in self._namesakes(event.id) if self._keys[place] == key_of(key)), 0)
        if before and self._revisions[before] > event.revision:
            return self._late(event, received, before)
        left = (self._number[before],) if before else ()
        touched = self._leave(left)
        other = self._copied(event, cluster)
        vector = NOTHING if other and copies else self.clusterer.weigh(event.title, _readable(event.text))
        published = microseconds(event.published_at) if event.published_at is not None else received
        published //= 1_000_000
        if other:
            number = self._number[other]
            its = self.clusterer.told(self.clusterer.story_of(number))
            judged = Judged(its, its.saga, self.clusterer.id_of(number), 1.0, COPY if copies else COPIED)
        else:
            judged = self.clusterer.judge(vector, published)
            its = judged.joins or self.clusterer.opening(event.id, event.event_id, judged.saga)
        row = self._row(
            event,
            received,
            story=Story(
                id=its.name,
                saga=its.saga,
                of=judged.of,
                similarity=judged.similarity,
                rule=judged.rule,
                documents=0,
                sources=0,
            ),
            opened=its.opened,
            enters=True,
            part=(0 if copies else VOICE) | (COMPARED if vector is not NOTHING else 0),
            key=key,
            cluster=cluster if duplicate is None or duplicate.verdict in _FOLLOWED else "",
            source=source_of(event.source),
            published=published,
            terms=packed(vector),
            left=left,
            touched=touched,
            member=told.model_dump_json(exclude_defaults=True),
        )
        self._enter(row, vector)
        self._change((its.name,))
        return row.model_copy(update={"story": self._counted(row.story, its.name)})

    def _late(self, event: Event, received: int, newer: int) -> Row:
        """The verdict on a revision that comes after a newer one."""
        its = self.clusterer.told(self.clusterer.story_of(self._number[newer]))
        story = Story(id=its.name, saga=its.saga, of=event.id, similarity=1.0, rule=REVISED, documents=0, sources=0)
        row = self._row(event, received, story=self._counted(story, its.name), opened=its.opened)
        self._enter(row, NOTHING)
        return row

    def _copied(self, event: Event, cluster: str) -> int:
        """Where the document stands that ``event`` copies, or that copies it; 0 without one."""
        duplicate = event.duplicate
        if duplicate is None or duplicate.verdict not in _FOLLOWED:
            return 0
        by_id = next(self._namesakes(duplicate.of), 0) if duplicate.of is not None else 0
        return by_id or self._clusters.first(key_of(cluster))

    def _counted(self, story: Story | None, name: str) -> Story | None:
        """A verdict with the counts as they are now."""
        catalog = self.clusterer.catalog
        its = catalog.named(name)
        counts = {"documents": catalog.documents(its), "sources": catalog.sources(its)}
        return story.model_copy(update=counts) if story is not None else None

    def _row(self, event: Event, received: int, **found: object) -> Row:
        values = {
            "version": VERSION,
            "number": self.clusterer.last + 1,
            "clock": self.clusterer.clock,
            "first": self.clusterer.first,
            "event": event.event_id,
            "id": event.id,
            "revision": event.revision,
            "received": received,
        }
        return Row.model_validate(values | found)

    def _standing(self, id: str) -> tuple[int, ...]:
        """The numbers of all documents of ``id`` that are in the window."""
        return tuple(self._number[place] for place in self._ids.newest(key_of(id)))

    def _namesakes(self, id: str) -> Iterator[int]:
        """Where the documents of ``id`` stand that are in the window, the newest first."""
        return islice(self._ids.newest(key_of(id)), _NAMESAKES)

    def _enter(self, row: Row, vector: Vector) -> None:
        """Give a row its number, and put its document into the window."""
        place = self._place(row.number)
        if not row.enters or row.story is None:
            self.clusterer.skip()
            return
        told = Told(row.story.id, row.story.saga, row.opened)
        self.clusterer.enter(row.id, row.source, row.published, vector, told, row.part)
        self._revisions[place], self._keys[place] = row.revision, key_of(row.key)
        self._ids.add(place, key_of(row.id))
        if row.cluster:
            self._clusters.add(place, key_of(row.cluster))

    def _leave(self, numbers: tuple[int, ...]) -> tuple[str, ...]:
        """Take documents out of the window before their time; the names of the stories that they were in."""
        touched: dict[str, None] = {}
        for number in numbers:
            place = self._place(number)
            if place not in self._ids:
                continue
            touched[self.clusterer.told(self.clusterer.story_of(number)).name] = None
            self.clusterer.leave(number)
            self._drop(number)
        self._change(touched)
        return tuple(touched)

    def _drop(self, number: int) -> None:
        """Forget that a document is in the window."""
        place = self._place(number)
        for group in (self._ids, self._clusters):
            if place in group:
                group.remove(place)

    def _remember(self, row: Row) -> None:
        """Let a judgement be found again."""
        place = self._place(row.number)
        self._number[place], self._firsts[place], self._received[place] = row.number, row.first, row.received
        work = _work_key(row.event, row.id)
        self._arrivals.add(place, _arrival_key(work, row.received))
        if row.withdrawal:
            self._recalls.add(place, key_of(row.id))
        else:
            self._works.add(place, work)

    def _forget(self) -> None:
        """Forget what none of the last ``replay`` judgements had in its window."""
        back = self.clusterer.last - self._replay
        place = self._place(back)
        horizon = self._firsts[place] if back > 0 and self._number[place] == back else 0
        horizon = max(horizon, self.clusterer.last - self._capacity + 2)  # the next one needs a place
        for number in range(self._horizon, horizon):
            place = self._place(number)
            if self._number[place] != number:
                continue
            for group in (self._arrivals, self._works, self._recalls):
                if place in group:
                    group.remove(place)
            self._due.append(_key(number))
        self._horizon = max(self._horizon, horizon)

    def _fall_due(self) -> tuple[str, ...]:
        """Keys of rows that fell due at earlier judgements, to be deleted: the table is whole wherever a crash comes between."""
        return tuple(self._due.popleft() for _ in range(min(DELETED, len(self._due))))

    def _change(self, names: Iterable[str]) -> None:
        self._changed.update(dict.fromkeys(names))

    def _record(self, name: str) -> StoryRecord | None:
        """The record of a story as it is now; None where it does not live."""
        catalog = self.clusterer.catalog
        story = catalog.named(name)
        if story < 0:
            return None
        newest = [self._member(number) for number in self.clusterer.newest(story, DETAILED)]
        head = self._member(self.clusterer.head(story))
        of_all = Whole(head, catalog.documents(story), catalog.copies(story), catalog.outlets(story))
        return record(name, catalog.saga(story), newest[::-1], of_all)

    def _read_member(self, number: int) -> Member:
        row = self._read(number)
        if row is None:
            raise LookupError(f"the table has no row of judgement {number}, which is remembered")
        return Member.model_validate_json(row.member)

    def _read(self, number: int) -> Row | None:
        """The row of a judgement; None without a readable one."""
        try:
            row = Row.read(self._table.get(_key(number)) or "")
        except ValueError:  # pydantic's errors are of this kind too
            return None
        return row if (row.version, row.number) == (VERSION, number) else None

    def _place(self, number: int) -> int:
        """Where a number stands in the arrays."""
        return number % self._capacity + 1


def _answered(work: Work, row: Row) -> Work:
    if row.story is None:
        return work
    event = _keyed(work.event, row.keys)
    return work.model_copy(update={"event": event.model_copy(update={"story": row.story})})


def _keyed(event: Event, keys: Mapping[str, str]) -> Event:
    """``event`` with the keys of its bare names."""
    if not keys:
        return event
    entities = tuple(
        one.model_copy(update={"key": keys[one.id]}) if one.key is None and one.id in keys else one
        for one in event.entities
    )
    return event.model_copy(update={"entities": entities})


def _readable(text: str) -> str:
    """The beginning of a text, without the markup that it may have."""
    lead = text[:LONGEST]
    return clean(lead).text if "<" in lead or "&" in lead else lead


def _work_key(event: str, id: str) -> int:
    return key_of(event) ^ (key_of(id) * MIX & 0xFFFFFFFFFFFFFFFF)


def _arrival_key(work: int, received: int) -> int:
    return work ^ (received * MIX & 0xFFFFFFFFFFFFFFFF)


def _key(number: int) -> str:
    """The key of a row. Rows of different versions never share one."""
    return f"{_PREFIX}-{number:016d}"


def _number(key: str) -> int | None:
    """The number in ``key``; None where it is no key of this version."""
    prefix, _, digits = key.partition("-")
    if prefix != _PREFIX or not digits.isdecimal() or key != _key(int(digits)):
        return None
    return int(digits)
