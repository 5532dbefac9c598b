"""Which story a document is of: the same event told by others, and the running affair that the event is part of.

A deterministic function of the documents in the order they come. A document is compared with those of the window that share its
heaviest terms (``window``), by weights learnt from them and from a background (``weighing``). It joins the story that it is most
likely of (``decision``), or opens one. A story that opens near another one goes on with that one's saga.

A story's id is the id of its first document and stays, also when that document is too old to be compared with: it is a name,
not a pointer.
"""

import zlib
from typing import NamedTuple

import numpy as np

from services.stories.catalog import Catalog
from services.stories.decision import Decision, odds, of_story, probability, shipped
from services.stories.settings import StoriesSettings
from services.stories.terms import read_terms
from services.stories.weighing import Vector, Weighing
from services.stories.window import Window

JOINED, OPENED = "joined", "opened"
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
        rule: what decided, such as ``joined/story>=0.5``. documents, sources: how many the story has had, with this one.
    """

    story: str
    saga: str
    of: str | None
    similarity: float
    rule: str
    documents: int
    sources: int


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
        self._catalog = Catalog(settings.window_documents)
        self._weighing = Weighing()
        self._received = np.zeros(settings.window_documents, np.int64)
        self._first = 1
        self._clock = 0

    def __len__(self) -> int:
        """Documents that a new one is compared with."""
        return self._window.last - self._first + 1

    @property
    def stories(self) -> int:
        """Stories with a document in the window."""
        return len(self._catalog)

    def place(self, document: Document) -> Placed:
        """Place ``document`` in a story; the next ones are compared with it."""
        self._advance(document.received)
        vector = self._weighing.weigh(read_terms(document.title, document.text))
        nearest = self._nearest(vector, document.published)
        number = self._window.add(vector, document.published)
        row = self._window.row(number)
        self._received[row] = self._clock
        self._weighing.add(vector.hashes)
        joins = nearest is not None and nearest.log_odds >= self._join
        if nearest is not None and joins:
            story, of = nearest.story, self._catalog.ids[self._window.row(nearest.number)]
        else:
            goes_on = nearest is not None and nearest.log_odds >= self._saga
            saga = self._catalog.saga(nearest.story) if nearest is not None and goes_on else document.id
            story, of = self._catalog.open(number, document.id, saga), None
        self._catalog.join(row, document.id, zlib.crc32(document.source.encode("utf-8", "surrogatepass")), story)
        return Placed(
            story=self._catalog.name(story),
            saga=self._catalog.saga(story),
            of=of,
            similarity=round(probability(nearest.log_odds), 4) if nearest is not None else 0.0,
            rule=self._rules[JOINED if joins else OPENED],
            documents=self._catalog.documents(story),
            sources=self._catalog.sources(story),
        )

    def _advance(self, received: int) -> None:
        """Let the time pass; drop what is too old by it, and the oldest where there is no room."""
        self._clock = max(self._clock, received)
        while self._first <= self._window.last and (
            self._received[self._window.row(self._first)] < self._clock - self._span
            or len(self) >= self._window.capacity
        ):
            self._catalog.leave(self._window.row(self._first))
            self._weighing.remove(self._window.remove(self._first))
            self._first += 1

    def _nearest(self, vector: Vector, time: int) -> _Nearest | None:
        """The likeliest story; of equally likely ones the oldest. None where nothing is near."""
        numbers = self._window.candidates(vector)
        if not len(numbers):
            return None
        log_odds = self._decision.log_odds(self._window.traits(vector, time, numbers)).tolist()
        stories = self._catalog.stories(numbers % self._window.capacity).tolist()
        pairs = sorted(zip([-its for its in log_odds], numbers.tolist(), stories, strict=True))
        members: dict[int, list[float]] = {}
        nearest: dict[int, int] = {}
        for unlikely, number, story in pairs:
            nearest.setdefault(story, number)
            members.setdefault(story, []).append(-unlikely)
        best: _Nearest | None = None
        for story, its in members.items():  # those with the likeliest member come first
            if best is not None and its[0] < best.log_odds:
                break  # no story is likelier than its likeliest member
            one = _Nearest(story, of_story(its, self._catalog.live(story)), nearest[story])
            if best is None or self._rank(one) > self._rank(best):
                best = one
        return best

    def _rank(self, one: _Nearest) -> tuple[float, int]:
        return one.log_odds, -self._catalog.opened(one.story)
