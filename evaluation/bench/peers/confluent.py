"""``python -m evaluation.bench.peers.confluent BROKERS SOURCE TARGET``: a loop on confluent-kafka, with a pool of two processes."""

import sys

from confluent_kafka import Consumer, KafkaException, Producer

from evaluation.bench.peers.enrich import enrich, pool


def run(brokers: str, source: str, target: str) -> None:
    """Enrich for ever. Offsets are committed when the broker has the events.

    Raises:
        KafkaException: what the client cannot mend by itself.
    """
    with pool(2) as processes:
        consumer = Consumer(
            {
                "bootstrap.servers": brokers,
                "group.id": f"{source}-confluent",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
            }
        )
        producer = Producer({"bootstrap.servers": brokers, "acks": "all"})
        consumer.subscribe([source])
        while True:
            messages = consumer.consume(16, 0.1)
            for message in messages:
                if (error := message.error()) is not None:
                    raise KafkaException(error)
            events = processes.map(enrich, [message.value() for message in messages])
            for message, event in zip(messages, events, strict=True):
                producer.produce(target, event, message.key())
                producer.poll(0)
            if messages:
                producer.flush()
                consumer.commit(asynchronous=False)


if __name__ == "__main__":
    run(*sys.argv[1:])
