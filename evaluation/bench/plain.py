"""``python -m evaluation.bench.plain FILE BROKERS TOPIC``: what a short script sends, for comparison with ``stancewire produce``.

Lines of JSON go out as they are; of a web archive, the article that trafilatura finds in each page. No document is checked, none is
named, no answer is looked at. The client's options are those of ``services.producer.client``, which it must be measured with.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from kafka import KafkaProducer

from services.producer.client import BATCH_BYTES, LINGER_MS


def send(path: str, brokers: str, topic: str) -> None:
    """Send all that is in the file at ``path``."""
    producer = KafkaProducer(
        bootstrap_servers=brokers.split(","),
        acks="all",
        enable_idempotence=True,
        batch_size=BATCH_BYTES,
        linger_ms=LINGER_MS,
    )
    with Path(path).open("rb") as stream:
        for value in _articles(stream) if path.endswith(".warc") else stream:
            producer.send(topic, value)
    producer.close()


def _articles(stream: BinaryIO) -> Iterator[bytes]:
    import trafilatura
    from warcio.archiveiterator import ArchiveIterator

    for record in ArchiveIterator(stream):
        found = trafilatura.extract(
            record.content_stream().read(), output_format="json", with_metadata=True, include_comments=False
        )
        yield (found or "{}").encode()


if __name__ == "__main__":
    send(*sys.argv[1:])
