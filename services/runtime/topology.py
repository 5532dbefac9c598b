"""The topology: every topic and every stage, in one table. ``docs/stages.md`` is written from it.

``intake`` runs in every partition and does the costly part of finding copies; ``dedup`` is one partition that sees all
fingerprints in one order, so that a copy is found whichever partition it came in on. ``--stages dedup`` starts both.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import get_args

from schemas import Status, Work
from schemas.base import CANARY_PREFIX, MAX_MESSAGE_BYTES
from schemas.document import NOTED
from schemas.event import PLACEMENTS, EntityType, Label, Verdict


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
class Counted:
    """What a stage finds, counted: ``stancewire_<name>_total``, one series for each of the ``values`` of ``label``.

    ``of``: the values found in a work that leaves the stage, each as often as it was found. ``advice``: when to look, and
    what to do, for ``docs/stages.md``.
    """

    name: str
    help: str
    label: str
    values: tuple[str, ...]
    of: Callable[[Work], Iterable[str]]
    advice: str


@dataclass(frozen=True)
class Measured:
    """What a stage finds, as a number: the histogram ``stancewire_<name>``.

    ``of``: the number in a work that leaves the stage, or None where there is none. ``advice``: as of ``Counted``.
    """

    name: str
    help: str
    buckets: tuple[float, ...]
    of: Callable[[Work], float | None]
    advice: str


@dataclass(frozen=True)
class Told:
    """A figure that a stage's core tells of itself: the gauge ``stancewire_<name>``, the largest of the stage's processes.

    ``counts``: it counts up since the process began, and is the counter ``stancewire_<name>_total``. ``advice``: as of ``Counted``.
    """

    name: str
    help: str
    advice: str
    counts: bool = False


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One Faust app: reads one topic in one consumer group. Its code is ``services/<name>``, as ``agent.Agent`` says.

    Attributes:
        name: a Python identifier in lower case; it names the folder, the metrics' label and the settings' prefix.
        reads, writes: ``writes[0]`` is what the next stage reads; the last stage's is ``ENRICHED``.
        does: what it does, in a few words.
        port: added to ``STANCEWIRE_HTTP_PORT``: where its metrics and health are served. It stays when stages come and go.
        findings: what it adds to documents, for the metrics. Empty: nothing that can be counted.
        tells: what its core tells of itself, for the metrics.
        keeps: a compacted topic that its core keeps up to date, beside what it makes of documents. Only of a stage with a table.
        table: the name of its changelogged table. It then works in the stage's own process, one document after the other.
        brings: the stages that starting this one starts too.
        heavy: it runs models, and so gets as many NLP processes as there are cores; others have one.
        guide: a compacted topic with a user's list, which each of its processes reads to the end before its first document,
            and then follows.
    """

    name: str
    reads: Topic
    writes: tuple[Topic, ...]
    does: str
    port: int
    findings: tuple[Counted | Measured, ...]
    tells: tuple[Told, ...] = ()
    keeps: Topic | None = None
    table: str | None = None
    brings: tuple[str, ...] = ()
    heavy: bool = False
    guide: Topic | None = None

    def leaves(self, work: Work) -> bool:
        """Whether a work goes from this stage straight to the output topic, and not on to the next stage.

        What is rejected leaves at once.
        """
        return self.writes[0] == ENRICHED or work.event.status is Status.REJECTED

    @property
    def beside(self) -> tuple[Topic, ...]:
        """What it writes beside the topic that the next stage reads."""
        return (*self.writes[1:], *((self.keeps,) if self.keeps else ()))


DOCUMENTS = Topic("news.documents", "documents as sent", unpacked=True)
FINGERPRINTS = Topic("news.fingerprints", "checked documents with what makes copies alike", partitions=1)
UNIQUE = Topic("news.unique", "documents with their verdicts")
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
STANCES = Topic("news.stances", "documents with their stances", partitions=1)
ENRICHED = Topic("news.enriched", "one event for each document")
STORIES = Topic("news.stories", "the stories as they are now, by their ids", compacted=True)
CANARIES = Topic("news.canaries", "one event for each canary", partitions=1, retention_hours=24)
DEAD_LETTERS = Topic(
    "news.deadletter", "the original bytes of what could not be done, with the reason", retention_hours=720,
    max_bytes=4 * MAX_MESSAGE_BYTES + 64 * 1024,
)  # fmt: skip
"""A letter is the largest message that any topic takes, and its headers, some 2 KB: were there no room for them, one message could
stop its stage for ever."""

_LIST = Told(
    "list_entries",
    "Entries in force of the list that the stage follows: watched entities, watched issues.",
    "If it is not what you loaded, see `stancewire watch entities list` or `stancewire watch issues list`.",
)

STAGES = (
    Stage(
        name="intake",
        reads=DOCUMENTS,
        writes=(FINGERPRINTS, ENRICHED),
        does="validates, cleans, identifies, fingerprints",
        port=0,
        findings=(
            Counted(
                "notes",
                "What was not taken as it was sent, by field of the document.",
                "field",
                NOTED,
                lambda work: [
                    field for note in work.event.processing.notes if (field := note.partition(":")[0]) in NOTED
                ],
                "A sender writes this field in a way that cannot be read (message: an envelope, damaged JSON). "
                "`processing.notes` of its events says what is wrong. Correct the sender, or map the field.",
            ),
        ),
    ),
    Stage(
        name="dedup",
        reads=FINGERPRINTS,
        writes=(UNIQUE,),
        does="compares with the window",
        port=1,
        findings=(
            Counted(
                "verdicts",
                "Documents judged, by verdict.",
                "verdict",
                get_args(Verdict),
                lambda work: [work.event.duplicate.verdict] if work.event.duplicate else [],
                "If there are many copies at once, a sender sends again.",
            ),
            Measured(
                "copy_similarity",
                "Jaccard similarity of copies with what they copy.",
                tuple(tenth / 10 for tenth in range(1, 11)),
                lambda work: (
                    work.event.duplicate.similarity
                    if work.event.duplicate and work.event.duplicate.verdict != "unique"
                    else None
                ),
                "If many are just above the rule's threshold, look at some with `stancewire inspect`.",
            ),
        ),
        tells=(
            Told(
                "window_documents",
                "Documents in the dedup window.",
                "If it is at `STANCEWIRE_DEDUP_WINDOW_DOCUMENTS`, copies are found over fewer hours than you asked for.",
            ),
            Told(
                "window_bytes",
                "Bytes of the fingerprints in the dedup window.",
                "If it is at `STANCEWIRE_DEDUP_WINDOW_BYTES`: as for window_documents.",
            ),
            Told(
                "shared_ids",
                "Documents under the id and revision of another one that they have nothing in common with.",
                "The sender's ids are counters or file names. Both documents stay, but consumers that keep one event for each "
                "id lose one. Ask the sender to put the source or the file before the id.",
                counts=True,
            ),
        ),
        table="window",
        brings=("intake",),
    ),
    Stage(
        name="entities",
        reads=UNIQUE,
        writes=(ENTITIES,),
        does="finds mentions, types, merges aliases, weighs",
        port=2,
        findings=(
            Counted(
                "entities",
                "Entities found, by type.",
                "type",
                get_args(EntityType),
                lambda work: [] if work.done else [entity.type for entity in work.event.entities],
                "If a type disappears, compare `stancewire_model_info` with the day before.",
            ),
        ),
        tells=(
            Told(
                "spacy_strings",
                "Strings that spaCy holds, in the NLP process with the most.",
                "[StringStoreGrows](operations.md#stringstoregrows).",
            ),
            _LIST,
        ),
        heavy=True,
        guide=WATCHED_ENTITIES,
    ),
    Stage(
        name="stance",
        reads=ENTITIES,
        writes=(STANCES,),
        does="finds holders, targets, stances, evidence",
        port=3,
        findings=(
            Counted(
                "stances",
                "Stances found, by label.",
                "stance",
                get_args(Label),
                lambda work: (
                    [stance.stance for stance in work.event.stances] if "stance" in work.event.processing.models else []
                ),
                "As for entities.",
            ),
        ),
        tells=(_LIST,),
        heavy=True,
        guide=WATCHED_ISSUES,
    ),
    Stage(
        name="stories",
        reads=STANCES,
        writes=(ENRICHED,),
        does="joins documents that tell of the same event",
        port=6,
        findings=(
            Counted(
                "placements",
                "Documents placed in a story, by how: joined by their words, opened one, copy of a document of it, copied by one, "
                "revision older than one.",
                "how",
                PLACEMENTS,
                lambda work: [work.event.story.rule.partition("/")[0]] if work.event.story else [],
                "If nothing is joined while many outlets are sent, look at `STANCEWIRE_STORIES_JOIN`, and at the times of the "
                "documents: what is days apart is hardly joined.",
            ),
            Measured(
                "story_documents",
                "Documents in the story, without copies, when a document came.",
                (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000),
                lambda work: float(work.event.story.documents) if work.event.story else None,
                "If many are in the hundreds, read some: a sender's text that is in all its documents may join them.",
            ),
        ),
        tells=(
            Told(
                "stories",
                "Stories with a document in the window.",
                "As for stories_window_documents.",
            ),
            Told(
                "stories_window_documents",
                "Documents in the window of the stories.",
                "If it is at `STANCEWIRE_STORIES_WINDOW_DOCUMENTS`, stories are joined over fewer days than you asked for.",
            ),
        ),
        table="window",
        keeps=STORIES,
    ),
)

CANARY_PORT = 4
"""Added to the default of ``STANCEWIRE_HTTP_PORT``: the default port of the canaries."""
PORTS = range(14)
"""What ``Stage.port`` may be: 6066 to 6079 by default; the console's is 6080."""

TOPICS = tuple(
    dict.fromkeys(
        (
            *(topic for stage in STAGES for topic in (stage.reads, stage.guide, stage.writes[0]) if topic),
            ENRICHED,
            *(stage.keeps for stage in STAGES if stage.keeps),
            CANARIES,
            DEAD_LETTERS,
        )
    )
)


def faults(stages: tuple[Stage, ...]) -> list[str]:
    """What is wrong with a table of stages, and what to do, in sentences."""
    wrong = []
    written = {DOCUMENTS}
    ports = {CANARY_PORT: "the canaries"}
    for stage in stages:
        if not stage.name.isidentifier() or stage.name != stage.name.lower():
            wrong.append(f"The stage {stage.name!r} must be a Python identifier in lower case.")
        if stage.reads not in written:
            wrong.append(f"{stage.name} reads {stage.reads.name}: write it in a stage above {stage.name}.")
        if stage.port not in PORTS:
            wrong.append(f"{stage.name} has the port {stage.port}: choose one from 0 to {PORTS[-1]}.")
        if stage.port in ports:
            wrong.append(f"{stage.name} has the port {stage.port} of {ports[stage.port]}: choose another one.")
        ports[stage.port] = stage.name
        if stage.table and (stage.guide or stage.heavy):
            wrong.append(f"{stage.name} has a table and works in its own process: it cannot be heavy or have a guide.")
        if stage.keeps and not (stage.table and stage.keeps.compacted):
            wrong.append(
                f"{stage.name} keeps {stage.keeps.name}: only a stage with a table can, and the topic must be compacted."
            )
        if not stage.table and any(one.counts for one in stage.tells):
            wrong.append(f"{stage.name} tells of a count: only a stage with a table, which has one process, can.")
        if set(stage.writes[1:]) - {ENRICHED}:
            wrong.append(f"{stage.name} may write one topic, and {ENRICHED.name} beside it.")
        written |= set(stage.writes)
    for what, used in (("name", [one.name for one in stages]), ("topic to read", [one.reads.name for one in stages])):
        wrong += [f"Two stages have the {what} {one!r}." for one in sorted(set(used)) if used.count(one) > 1]
    unread = written - {ENRICHED} - {stage.reads for stage in stages}
    wrong += [f"No stage reads {topic.name}." for topic in sorted(unread, key=lambda topic: topic.name)]
    if stages[-1].writes != (ENRICHED,):
        wrong.append(f"{stages[-1].name} is the last stage: it must write {ENRICHED.name}, and nothing else.")
    return wrong


if _FAULTS := faults(STAGES):
    raise ValueError(f"services/runtime/topology.py: {' '.join(_FAULTS)}")


def named(name: str) -> Stage:
    """The stage ``name``.

    Raises:
        ValueError: there is none.
    """
    for stage in STAGES:
        if stage.name == name:
            return stage
    raise ValueError(f"unknown stage {name[:50]!r}; choose from {', '.join(stage.name for stage in STAGES)}")


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
    wanted: set[str] = set()
    for name in filter(None, (part.strip() for part in names.split(","))):
        wanted |= {name, *named(name).brings}
    if not wanted:
        raise ValueError(f"no stage is named; choose from {', '.join(stage.name for stage in STAGES)}")
    return tuple(stage for stage in STAGES if stage.name in wanted)
