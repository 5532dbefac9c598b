"""What each process must be allowed on a Kafka that has an authorizer, from the tables of stages and of sinks. Pure.

A test gives processes these and nothing else, and has them do their work.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from services.runtime.topics import every_topic
from services.runtime.topology import (
    CANARIES,
    DEAD_LETTERS,
    DOCUMENTS,
    ENRICHED,
    STAGES,
    STORIES,
    Stage,
    changelog,
    group,
)
from services.sinks.sink import SINKS

EVERY = tuple(topic.name for topic in every_topic(""))
"""All our topics. A process that checks them must see them, or they count as missing."""


@dataclass(frozen=True)
class Rights:
    """What one process needs. Names are without the settings' prefix.

    Attributes:
        process: its command.
        reads, writes: topics with the operation Read, Write; both imply Describe.
        groups: consumer groups with the operation Read.
        others: further operations, as Kafka writes them, and the topics that each is on.
        watches: groups with the operation Describe.
    """

    process: str
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    others: tuple[tuple[str, tuple[str, ...]], ...] = ()
    watches: tuple[str, ...] = ()


_CHECKS = (("Describe", EVERY), ("DescribeConfigs", EVERY))
_LISTS = tuple(stage.guide.name for stage in STAGES if stage.guide)
_READ = tuple(stage.reads.name for stage in STAGES)
_GROUPS = tuple(group("", stage) for stage in STAGES)


def rights() -> Iterator[Rights]:
    """Of each process, in the order in which one sets them up."""
    yield Rights("topics create", others=(("Create", EVERY), *_CHECKS))
    yield Rights("topics grow", others=(("Alter", EVERY), *_CHECKS), watches=_GROUPS)
    yield from map(_of_stage, STAGES)
    for process in ("produce", "serve"):
        yield Rights(process, writes=(DOCUMENTS.name,), others=(("DescribeConfigs", (DOCUMENTS.name,)),))
    yield Rights("watch", reads=_LISTS, writes=_LISTS)
    yield Rights("consume", reads=(ENRICHED.name,), groups=("that of --group",))
    yield Rights("stories", reads=(STORIES.name,))
    shown = (ENRICHED.name, CANARIES.name, STORIES.name)
    yield Rights("console", reads=shown, others=(("Describe", _READ),), watches=_GROUPS)
    yield Rights("canary", reads=(CANARIES.name,), writes=(DOCUMENTS.name,))
    for row in SINKS:
        topics = (ENRICHED.name, DEAD_LETTERS.name)
        yield Rights(f"sink {row.name}", topics, (DEAD_LETTERS.name,), (f"stancewire-sink-{row.name}",))
    yield Rights("deadletters list", reads=(DEAD_LETTERS.name,))
    yield Rights("deadletters replay", (DEAD_LETTERS.name,), (*_READ, *_LISTS), ("stancewire-replay",))
    yield Rights("replay", reads=_READ, groups=_GROUPS)


def _of_stage(stage: Stage) -> Rights:
    kept = changelog("", stage)
    table = (kept.name,) if kept else ()
    guide = (stage.guide.name,) if stage.guide else ()
    # what was rejected or failed leaves from any stage
    written = (
        *(topic.name for topic in (*stage.writes, *stage.beside)),
        ENRICHED.name,
        CANARIES.name,
        DEAD_LETTERS.name,
    )
    return Rights(
        f"worker --stages {stage.name}",
        reads=(stage.reads.name, *guide, *table),
        writes=(*dict.fromkeys(written), *table),
        groups=(group("", stage),),
        others=_CHECKS,
    )
