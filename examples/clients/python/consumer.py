"""Prints who stands where: python consumer.py BROKERS TOPIC [EVENTS].

It reads from the beginning, and ends after so many events; without a number it goes on.
"""

import sys
from itertools import islice

from events import Event, Evidence, Holder, HolderKind, Target
from kafka import KafkaConsumer


def quote(event: Event, evidence: Evidence) -> str:
    """The words: offsets count code points, as a string of Python does."""
    return getattr(event, evidence.field.value)[evidence.start : evidence.end]


def holder_of(event: Event, holder: Holder) -> str:
    """Who holds the stance."""
    if holder.kind is HolderKind.author:
        return "the article"
    return holder.name or next(one.name for one in event.entities if one.id == holder.entity)


def target_of(event: Event, target: Target) -> str:
    """What it is toward."""
    return next(one.name for one in (*event.issues, *event.entities) if one.id in (target.issue, target.entity))


def main() -> None:
    brokers, topic, *most = sys.argv[1:]
    # Messages have up to 16 MiB.
    consumer = KafkaConsumer(
        topic,
        bootstrap_servers=brokers.split(","),
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=16 * 1024**2,
    )
    events = (Event.model_validate_json(record.value) for record in consumer)
    seen = set()  # delivery is at least once: a repeat has the same event_id. In production: a key of your table
    new = (event for event in events if not (event.event_id in seen or seen.add(event.event_id)))
    for event in islice(new, int(most[0]) if most else None):
        for stance in event.stances:
            words = (holder_of(event, stance.holder), stance.stance.value, target_of(event, stance.target))
            print(event.id, *words, quote(event, stance.evidence[0]), sep="\t", flush=True)


if __name__ == "__main__":
    main()
