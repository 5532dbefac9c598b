"""The topology: every topic and every stage, in one table. ``docs/stages.md`` is written from it.

``intake`` runs in every partition and does the costly part of finding copies; ``dedup`` is one partition that sees all
fingerprints in one order, so that a copy is found whichever partition it came in on. ``--stages dedup`` starts both.
"""

from dataclasses import dataclass

from schemas import Status, Work
from schemas.base import CANARY_PREFIX, MAX_MESSAGE_BYTES


@dataclass(frozen=True)
class Topic:
    """A Kafka topic. ``partitions`` None: as many as the settings say. Sizes in bytes, times in hours."""

    name: str
    holds: str
    partitions: int | None = None
    compacted: bool = False
    retention_hours: int = 168
    max_bytes: int = 4 * MAX_MESSAGE_BYTES
    """An event repeats its document and adds entities and stances: bounded, and well under this."""
    unpacked: bool = False
    """The broker unpacks what is sent compressed, so that ``max_bytes`` bounds what a message is, not what it was packed to:
    100 MB of spaces have 100 KB."""


@dataclass(frozen=True)
class Stage:
    """One Faust app: reads one topic in one consumer group.

    ``table``: the name of its changelogged table. ``brings``: the stages that starting this one starts too.
    ``heavy``: it runs models, and so gets as many NLP processes as there are cores; others have one.
    ``guide``: a compacted topic that each of its processes reads to the end before its first document, and then follows.
    """

    name: str
    reads: Topic
    writes: tuple[Topic, ...]
    does: str
    table: str | None = None
    brings: tuple[str, ...] = ()
    heavy: bool = False
    guide: Topic | None = None

    def leaves(self, work: Work) -> bool:
        """Whether a work goes from this stage straight to the output topic, and not on to the next stage.

        What is rejected leaves at once. A copy leaves at dedup, unless an event of the same id went the long way before
        it (``follows``): then it takes the same way, so that the events of one id keep their order.
        """
        if self.writes[0] == ENRICHED:
            return True
        if self.name == "intake":
            return work.event.status is Status.REJECTED
        return self.name == "dedup" and work.done and not work.follows


DOCUMENTS = Topic("news.documents", "documents as sent", unpacked=True)
FINGERPRINTS = Topic("news.fingerprints", "checked documents with what makes copies alike", partitions=1)
UNIQUE = Topic("news.unique", "documents that are not to be skipped as copies")
ENTITIES = Topic("news.entities", "documents with their entities")
WATCHED_ENTITIES = Topic(
    "news.watched.entities",
    "the entities that are watched, by their ids",
    partitions=1,
    compacted=True,
    max_bytes=256 * 1024,
)
"""One partition, since each process reads all of it. An entry of 101 names of 200 characters, all escaped as ``\\uXXXX``, has
120 KB; the Kafka batch around it little more."""
WATCHED_ISSUES = Topic(
    "news.watched.issues", "the issues that stances are sought toward, by their ids", partitions=1, compacted=True,
    max_bytes=WATCHED_ENTITIES.max_bytes,
)  # fmt: skip
"""As ``WATCHED_ENTITIES``: an entry has as many phrases as one of that has names."""
ENRICHED = Topic("news.enriched", "one event for each document")
CANARIES = Topic("news.canaries", "one event for each canary", partitions=1, retention_hours=24)
DEAD_LETTERS = Topic(
    "news.deadletter", "the original bytes of what could not be done, with the reason", retention_hours=720,
    max_bytes=4 * MAX_MESSAGE_BYTES + 64 * 1024,
)  # fmt: skip
"""A letter is the largest message that any topic takes, and its headers, some 2 KB: were there no room for them, one message could
stop its stage for ever."""

STAGES = (
    Stage("intake", DOCUMENTS, (FINGERPRINTS, ENRICHED), "validates, cleans, identifies, fingerprints"),
    Stage("dedup", FINGERPRINTS, (UNIQUE, ENRICHED), "compares with the window", table="window", brings=("intake",)),
    Stage(
        "entities",
        UNIQUE,
        (ENTITIES,),
        "finds mentions, types, merges aliases, weighs",
        heavy=True,
        guide=WATCHED_ENTITIES,
    ),
    Stage(
        "stance", ENTITIES, (ENRICHED,), "finds holders, targets, stances, evidence", heavy=True, guide=WATCHED_ISSUES
    ),
)

TOPICS = (DOCUMENTS, FINGERPRINTS, UNIQUE, ENTITIES, WATCHED_ENTITIES, WATCHED_ISSUES, ENRICHED, CANARIES, DEAD_LETTERS)


def is_canary(id: str) -> bool:
    """Whether the document ``id`` is a canary, whose event is kept out of the users' topic."""
    return id.startswith(CANARY_PREFIX)


def output(id: str) -> Topic:
    """The topic that the event of the document ``id`` goes to."""
    return CANARIES if is_canary(id) else ENRICHED


def group(prefix: str, stage: Stage) -> str:
    """The consumer group of ``stage``, and the id of its Faust app."""
    return f"{prefix}stancewire-{stage.name}"


def changelog(prefix: str, stage: Stage) -> Topic | None:
    """The changelog topic of the stage's table; its partitions match the topic that the stage reads."""
    if stage.table is None:
        return None
    name = f"{group('', stage)}-{stage.table}-changelog"
    return Topic(name, f"the table of {stage.name}", partitions=stage.reads.partitions, compacted=True)


def select(names: str | None) -> tuple[Stage, ...]:
    """The stages named in a comma-separated list, with those that they bring along, in the topology's order; None: all.

    Raises:
        ValueError: a name is not a stage's.
    """
    if names is None:
        return STAGES
    known = {stage.name: stage for stage in STAGES}
    wanted: set[str] = set()
    for name in filter(None, (part.strip() for part in names.split(","))):
        if name not in known:
            raise ValueError(f"unknown stage {name[:50]!r}; choose from {', '.join(known)}")
        wanted |= {name, *known[name].brings}
    if not wanted:
        raise ValueError(f"no stage is named; choose from {', '.join(known)}")
    return tuple(stage for stage in STAGES if stage.name in wanted)
