"""Which story a document is of: the same event told by others, and the running affair that the event is part of.

A deterministic function of the documents in the order they come. A document is compared with those of the window that share its
heaviest terms (``window``), by weights learnt from them and from a background (``weighing``). It joins the story that it is most
likely of (``decision``), or opens one. A story that opens near another one goes on with that one's saga.

All that it goes by is of the documents in the window: whoever enters these again, in order, gets the same verdicts from there on.
What copies, revisions and withdrawals do, and in what rows all is kept, is ``keeper``'s to say.

A story's id is the id of its first document and stays, also when that document is too old to be compared with: it is a name,
not a pointer.
"""

import zlib
from itertools import islice
from typing import NamedTuple

import numpy as np

from schemas.event import PLACEMENTS
from services.stories.catalog import COMPARED, VOICE, Catalog
from services.stories.decision import Decision, odds, of_story, probability, shipped
from services.stories.settings import StoriesSettings
from services.stories.terms import read_terms
from services.stories.weighing import NOTHING, Vector, Weighing
from services.stories.window import Window

JOINED, OPENED = PLACEMENTS[:2]
DROPPED = 64
"""Documents that are dropped for their age with one that comes, at most: after a pause of a week all are due at once."""
_DAY = 86_400


class Document(NamedTuple):
    """What a document is compared by. Times are seconds since 1970; ``published`` is that of ``received`` where it is not
    known."""

    id: str
    title: str
    text: str
    received: int
    published: int
    source: str = ""


class Placed(NamedTuple):
    """Where a document was placed.

    Attributes:
        story: the story's id. saga: the affair's. of: the nearest document of the story; None where it opens it. similarity: the
            probability, 0 to 1, that the document is of its story; where it opens one, of the likeliest other one.
        rule: what decided, such as ``joined/story>=0.5``. documents, sources: how many of the story are in the window, with this
            one.
    """

    story: str
    saga: str
    of: str | None
    similarity: float
    rule: str
    documents: int
    sources: int


class Told(NamedTuple):
    """A story: its name, its saga's, and the number of the document that opened it."""

    name: str
    saga: str
    opened: int


class Judged(NamedTuple):
    """What the words of a document say: the story that it joins, or the saga that it goes on with; either may be None.

    ``of``: the nearest document of the story that it joins. ``similarity``: of the likeliest story.
    """

    joins: Told | None
    saga: str | None
    of: str | None
    similarity: float
    rule: str


class Dropped(NamedTuple):
    """A document that the window has passed: its number, and the name of the story that ended with it, if one did."""

    number: int
    ended: str


class _Nearest(NamedTuple):
    """The story that a document is most likely of, its log odds, and the nearest of its members."""

    story: int
    log_odds: float
    number: int


class Clusterer:
    """Places documents one after the other.

    Args:
        settings: how long the window is, and how sure a verdict must be.
        decision: the learnt weights; those that come with the project where left out.
    """

    def __init__(self, settings: StoriesSettings, decision: Decision | None = None) -> None:
        self._span = round(settings.window_days * _DAY)
        self._decision = decision or shipped()
        self._join, self._saga = odds(settings.join), odds(settings.saga)
        self._rules = {JOINED: f"{JOINED}/story>={settings.join:g}", OPENED: f"{OPENED}/story<{settings.join:g}"}
        self._window = Window(settings.window_documents)
        self._weighing = Weighing()
        self._received = np.zeros(settings.window_documents, np.int64)
        self.catalog = Catalog(settings.window_documents)
        self.first = 1
        """The lowest number in the window."""
        self.clock = 0
        """The greatest time of receipt, seconds."""

    def __len__(self) -> int:
        """Numbers in the window: documents, and withdrawals."""
        return self._window.last - self.first + 1

    @property
    def stories(self) -> int:
        """Stories with a document in the window."""
        return len(self.catalog)

    @property
    def last(self) -> int:
        """The number given last."""
        return self._window.last

    def place(self, document: Document) -> Placed:
        """Place ``document``, which is no copy, in a story; the next ones are compared with it."""
        self.advance(document.received)
        vector = self.weigh(document.title, document.text)
        judged = self.judge(vector, document.published)
        told = judged.joins or self.opening(document.id, "", judged.saga)
        source = source_of(document.source)
        story = self.enter(document.id, source, document.published, vector, told, VOICE | COMPARED)
        return Placed(
            story=told.name,
            saga=told.saga,
            of=judged.of,
            similarity=judged.similarity,
            rule=judged.rule,
            documents=self.catalog.documents(story),
            sources=self.catalog.sources(story),
        )

    def advance(self, received: int) -> list[Dropped]:
        """Let the time pass; drop what is too old by it, and the oldest where there is no room."""
        self.clock = max(self.clock, received)
        dropped: list[Dropped] = []
        while self.first <= self.last and (
            (self._received[self._window.row(self.first)] < self.clock - self._span and len(dropped) < DROPPED)
            or len(self) >= self._window.capacity
        ):
            ended = self.leave(self.first)
            self._weighing.remove(self._window.remove(self.first))
            dropped.append(Dropped(self.first, ended))
            self.first += 1
        return dropped

    def weigh(self, title: str, text: str) -> Vector:
        """What a document is compared by, as the window is now."""
        return self._weighing.weigh(read_terms(title, text))

    def judge(self, vector: Vector, published: int) -> Judged:
        """The story that a document of these terms joins, if any."""
        nearest = self._nearest(vector, published)
        if nearest is None:
            return Judged(None, None, None, 0.0, self._rules[OPENED])
        told, similarity = self.told(nearest.story), round(probability(nearest.log_odds), 4)
        if nearest.log_odds >= self._join:
            of = self.catalog.ids[self._window.row(nearest.number)]
            return Judged(told, told.saga, of, similarity, self._rules[JOINED])
        saga = told.saga if nearest.log_odds >= self._saga else None
        return Judged(None, saga, None, similarity, self._rules[OPENED])

    def told(self, story: int) -> Told:
        """A living story of the catalog."""
        return Told(self.catalog.name(story), self.catalog.saga(story), self.catalog.opened(story))

    def opening(self, id: str, event: str, saga: str | None) -> Told:
        """The story that the next document opens; ``event`` tells it from another story that its id has named."""
        name = self.catalog.free_name(id, event)
        return Told(name, saga or name, self.last + 1)

    def enter(self, id: str, source: int, published: int, vector: Vector, told: Told, part: int) -> int:
        """Put a document into the window and into a story, which is opened where it does not live; the story in the catalog.

        ``part``: of ``VOICE`` and ``COMPARED``. What is not compared is given ``NOTHING`` as its vector.
        """
        row = self._window.row(self._enter(vector, published))
        story = self.catalog.named(told.name)
        if story < 0:
            story = self.catalog.open(told.opened, told.name, told.saga)
        self.catalog.join(row, id, source, part, story)
        return story

    def skip(self) -> None:
        """Give a number to what is no document of the window."""
        self._window.leave(self._enter(NOTHING, 0))

    def leave(self, number: int) -> str:
        """Take a document out of its story; the name of the story where it ends with it, else nothing."""
        if not self._window.holds(number):
            return ""
        row = self._window.row(number)
        name = self.catalog.name(self.catalog.story(row))
        self._window.leave(number)
        return name if self.catalog.leave(row) else ""

    def story_of(self, number: int) -> int:
        """The story of a document in the window."""
        return self.catalog.story(self._window.row(number))

    def id_of(self, number: int) -> str:
        """The id of a document in the window."""
        return self.catalog.ids[self._window.row(number)]

    def newest(self, story: int, most: int) -> list[int]:
        """The numbers of a story's documents in the window, the newest first."""
        return [self._window.number(row) for row in islice(self.catalog.members(story), most)]

    def head(self, story: int) -> int:
        """The number of a story's first document in the window."""
        return self._window.number(self.catalog.oldest(story))

    def resume(self, first: int) -> None:
        """Begin at the number ``first``; only where nothing was entered."""
        self.first, self._window.last = first, first - 1

    def reach(self, number: int, clock: int) -> None:
        """Let the next number be ``number``, and the time be ``clock``: what was between was lost, or is no document."""
        self._window.last, self.clock = number - 1, clock

    def _enter(self, vector: Vector, published: int) -> int:
        number = self._window.add(vector, published)
        self._received[self._window.row(number)] = self.clock
        self._weighing.add(vector.hashes)
        return number

    def _nearest(self, vector: Vector, time: int) -> _Nearest | None:
        """The likeliest story; of equally likely ones the oldest. None where nothing is near."""
        numbers = self._window.candidates(vector)
        if not len(numbers):
            return None
        log_odds = self._decision.log_odds(self._window.traits(vector, time, numbers)).tolist()
        stories = self.catalog.stories(numbers % self._window.capacity).tolist()
        pairs = sorted(zip([-its for its in log_odds], numbers.tolist(), stories, strict=True))
        members: dict[int, list[float]] = {}
        nearest: dict[int, int] = {}
        for unlikely, number, story in pairs:
            if story in members:
                members[story].append(-unlikely)
            else:
                members[story], nearest[story] = [-unlikely], number
        best: _Nearest | None = None
        for story, its in members.items():  # those with the likeliest member come first
            if best is not None and its[0] < best.log_odds:
                break  # no story is likelier than its likeliest member
            one = _Nearest(story, of_story(its, self.catalog.compared(story)), nearest[story])
            if best is None or self._rank(one) > self._rank(best):
                best = one
        return best

    def _rank(self, one: _Nearest) -> tuple[float, int]:
        return one.log_odds, -self.catalog.opened(one.story)


def source_of(name: str) -> int:
    """A hash of a source's name; 0 where it has none."""
    return zlib.crc32(name.encode("utf-8", "surrogatepass"))
