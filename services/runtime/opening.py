"""Opening the books: at each new generation the ledger begins where the group has committed, on a table that is whole."""

import asyncio
import logging
import time

import faust
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import OffsetAndMetadata
from faust.types import TP

from services.runtime import ending, identity
from services.runtime.deadletter import DeadLetterPolicy
from services.runtime.flight import Flight
from services.runtime.gaps import RPC_SECONDS, Gaps, plain
from services.runtime.kafka import client_options
from services.runtime.ledger import Ledger
from services.runtime.metrics import Metrics
from services.runtime.settings import Settings
from services.runtime.table import are_whole
from services.runtime.topics import TopicsError
from services.runtime.work import StageWork

log = logging.getLogger(__name__)

_TOPIC = "topic:"
"""How the topic's id begins in a commit's metadata: a commit says nothing of a topic that was made anew under the same name."""
_IDENTITY_SECONDS = 20.0
"""Between two questions for the topic's id: one that is made anew is taken again within a minute."""


class Opening:
    """Opens the ledger for the generation in force, and knows which topic it is for. ``source``: the topic's full name."""

    def __init__(
        self,
        app: faust.App,
        source: str,
        settings: Settings,
        work: StageWork,
        policy: DeadLetterPolicy,
        flight: Flight,
        ledger: Ledger,
        gaps: Gaps,
        metrics: Metrics,
    ) -> None:
        self._app = app
        self._source = source
        self._settings = settings
        self._work = work
        self._policy = policy
        self._flight = flight
        self._ledger = ledger
        self._gaps = gaps
        self._metrics = metrics
        self._once = asyncio.Lock()
        self._unsettled_at: float | None = None
        self._torn_since: float | None = None
        self._identified_at = -_IDENTITY_SECONDS
        self.topic_id: str | None = None
        self.spare = False
        """Whether others have all partitions, so that it is right to have none."""

    @property
    def note(self) -> str:
        """What is committed beside offsets: the counts of failures, and the topic that the offsets are of."""
        return f"{self._policy.counts} {_TOPIC}{self.topic_id}"

    def is_open_for(self, generation: int) -> bool:
        """Whether ``generation`` is the one in force, and nothing moves."""
        return not self.is_settling() and self._app.consumer_generation_id == generation

    def is_settling(self) -> bool:
        """Whether partitions are being handed out, or a table is being read back; since when is noted."""
        unsettled = bool(self._app.rebalancing or self._app.in_recovery)
        if unsettled and self._unsettled_at is None:
            self._unsettled_at = time.monotonic()
        return unsettled

    async def open(self) -> bool:
        """Open the books where a new generation has begun. Whether they are open for the one in force.

        What is read of the table while partitions are handed out may be half of it; and what was read before may be old by
        then. So the books are opened only where nothing has moved from the beginning to the end. Works are begun only where
        the books are open, so that none meets another generation's state.
        """
        async with self._once:
            if self.is_settling():
                return False
            generation = self._app.consumer_generation_id
            if generation == self._ledger.generation and not self._flight.dropping:
                return True
            if self._flight.documents:  # no batch of an older generation meets the state of the new one
                self._drop()
                return False
            started = self._unsettled_at or time.monotonic()
            assigned = {tp for tp in self._app.consumer.assignment() if tp.topic == self._source}
            starts = await asyncio.wait_for(self._starts(assigned), RPC_SECONDS)
            if not await asyncio.wait_for(are_whole(self._app), RPC_SECONDS):
                self._note_torn()
                return False
            self._torn_since = None
            await self._work.open()
            if self.is_settling() or generation != self._app.consumer_generation_id:
                return False
            self._ledger.open(generation, starts)
            self._flight.dropping = False
            self.spare, self._identified_at = False, -_IDENTITY_SECONDS
            self._gaps.begin()
            await self._gaps.ask_ends()
            self._metrics.partitions.set(len(starts))
            self._metrics.recovery.set(time.monotonic() - started)
            self._unsettled_at = None
            log.info("generation %s: %s", generation, {tp.partition: offset for tp, offset in sorted(starts.items())})
            return True

    def _drop(self) -> None:
        """Give up what is in flight of a generation that has ended: the broker takes none of its commits, so all of it comes again.

        All of it, so that the events of one id stay in order: none is published after one before it was dropped.
        """
        if not self._flight.dropping:
            log.info(
                "partitions were reassigned: %d unfinished documents are dropped and will be read again",
                self._flight.documents,
            )
            self._flight.dropping = True
            self._work.drop()

    def _note_torn(self) -> None:
        """A table lacks what its changelog has: not read yet, or written by another worker since. A restart reads it."""
        now = time.monotonic()
        self._torn_since = self._torn_since or now
        if now - self._torn_since > self._settings.stall_seconds:
            ending.hard_exit(
                ending.EXIT_STALLED,
                "the table still lacks rows of its changelog. The next start reads them back",
                trace=False,
            )

    async def _starts(self, assigned: set[TP]) -> dict[TP, int]:
        """Where each partition starts: at its committed offset, or at its first record where none is committed."""
        if not assigned:
            return {}
        admin = AIOKafkaAdminClient(**client_options(self._settings))
        await admin.start()
        try:
            committed = await admin.list_consumer_group_offsets(self._app.conf.id)
        finally:
            await admin.close()
        firsts = await self._app.consumer.earliest_offsets(*assigned)
        if self.topic_id is None:
            known = await asyncio.to_thread(identity.ask, self._settings, [self._source])
            self.topic_id = known.topics[self._source]
        for tp in assigned - set(self._ledger.partitions):  # of those that it had already, it knows better itself
            if (found := committed.get(plain(tp))) is not None:
                self._policy.take_up(found.metadata)
        return {tp: self._start(tp, committed.get(plain(tp)), firsts[plain(tp)]) for tp in assigned}

    def _start(self, tp: TP, found: OffsetAndMetadata | None, first: int) -> int:
        """Where to begin a partition: where it was committed, or at its first record where that says nothing of this topic."""
        if found is None or found.offset < 0:
            return first
        if _topic_of(found.metadata) in (None, self.topic_id):
            return int(found.offset)
        log.error(
            "%s/%d: the topic was deleted and created again; reading starts at offset %d", tp.topic, tp.partition, first
        )
        self._metrics.rewound()
        return first

    async def identify(self) -> None:
        """Find out, now and then, whether the topic is the one that was read, and, where no partition is ours, whether others have
        them all. A broker that is away lets it wait for long."""
        if self._ledger.generation is None or time.monotonic() - self._identified_at < _IDENTITY_SECONDS:
            return
        self._identified_at = time.monotonic()
        try:
            found = await asyncio.to_thread(identity.ask, self._settings, [self._source])
            self.topic_id = self.topic_id or found.topics[self._source]
            if found.topics[self._source] != self.topic_id:
                ending.hard_exit(
                    ending.EXIT_OTHER_LOG,
                    f"{self._source} was deleted and created again. The next start reads the new topic",
                    trace=False,
                )
            if not self._ledger.partitions:
                group = self._app.conf.id
                self.spare = await asyncio.to_thread(identity.is_taken, self._settings, group, self._source)
        except TopicsError as error:
            log.warning("%s", error)


def _topic_of(metadata: str) -> str | None:
    """The id of the topic that an offset was committed for, or None where it was not said."""
    return next((word.removeprefix(_TOPIC) for word in metadata.split() if word.startswith(_TOPIC)), None)
