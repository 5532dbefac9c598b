"""``python -m evaluation.bench.peers.naive BROKERS SOURCE TARGET``: a Faust app whose agent runs the models, on one core."""

import sys
from typing import Any

import faust

from evaluation.bench.peers.enrich import Enricher


def run(brokers: str, source: str, target: str) -> None:
    """Enrich for ever. Faust commits a document when the next one is asked for: the broker has its event then."""
    app = faust.App(
        f"{source}-naive",
        broker=[f"kafka://{broker}" for broker in brokers.split(",")],
        store="memory://",
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        producer_acks=-1,
        stream_buffer_maxsize=64,
        producer_max_request_size=4_000_000,
    )
    enrich = Enricher()
    documents = app.topic(source, key_type=bytes, key_serializer="raw", value_type=bytes, value_serializer="raw")
    events = app.topic(target, key_type=bytes, key_serializer="raw", value_type=bytes, value_serializer="raw")

    @app.agent(documents)
    async def work(stream: Any) -> None:
        async for document in stream.events():
            await (await events.send(key=document.key, value=enrich(document.value)))

    faust.Worker(app, loglevel="WARNING").execute_from_commandline()


if __name__ == "__main__":
    run(*sys.argv[1:])
