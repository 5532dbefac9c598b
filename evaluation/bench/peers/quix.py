"""``python -m evaluation.bench.peers.quix BROKERS SOURCE TARGET``: an application of quixstreams. It uses one core."""

import sys

from quixstreams import Application

from evaluation.bench.peers.enrich import Enricher


def run(brokers: str, source: str, target: str) -> None:
    """Enrich for ever. Offsets are committed every five seconds, when the broker has the events: both as it comes."""
    app = Application(
        brokers,
        consumer_group=f"{source}-quix",
        auto_offset_reset="earliest",
        auto_create_topics=False,
        loglevel="WARNING",
    )
    documents = app.topic(source, key_deserializer="bytes", value_deserializer="bytes")
    events = app.topic(target, key_serializer="bytes", value_serializer="bytes")
    app.dataframe(documents).apply(Enricher()).to_topic(events)
    app.run()


if __name__ == "__main__":
    run(*sys.argv[1:])
