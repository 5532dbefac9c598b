"""``python -m evaluation.bench.peers.loop BROKERS SOURCE TARGET``: a loop on aiokafka, with a pool of two processes."""

import asyncio
import sys
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from evaluation.bench.peers.enrich import enrich, pool


async def run(brokers: str, source: str, target: str) -> None:
    """Enrich for ever. Offsets are committed when the broker has the events."""
    loop = asyncio.get_running_loop()
    with pool(2) as processes:
        consumer = AIOKafkaConsumer(
            source,
            bootstrap_servers=brokers,
            group_id=f"{source}-loop",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        producer = AIOKafkaProducer(bootstrap_servers=brokers, acks="all")

        async def pass_on(message: Any) -> None:
            event = await loop.run_in_executor(processes, enrich, message.value)
            await producer.send_and_wait(target, event, message.key)

        async with consumer, producer:
            while True:
                batches = await consumer.getmany(timeout_ms=1000, max_records=16)
                messages = [message for batch in batches.values() for message in batch]
                await asyncio.gather(*map(pass_on, messages))
                if messages:
                    await consumer.commit()


if __name__ == "__main__":
    asyncio.run(run(*sys.argv[1:]))
