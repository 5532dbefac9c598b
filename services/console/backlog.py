"""What waits before each stage: messages on the topic that it reads, less what its group has committed. On a thread."""

import logging
import threading
from collections.abc import Callable
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from services.runtime.kafka import admitted, client_options
from services.runtime.settings import Settings
from services.runtime.topology import STAGES, Stage, group

log = logging.getLogger(__name__)

_EVERY_SECONDS = 5.0
"""Two questions to the broker for each stage: seldom enough to cost nothing, often enough to see a stage stand still."""


class Backlog:
    """Asks from time to time and calls ``tell`` with stage -> messages, empty where the broker does not say."""

    def __init__(self, settings: Settings, tell: Callable[[dict[str, int]], None]) -> None:
        self._settings = settings
        self._tell = tell
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="console-backlog", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; the thread ends when its question is answered."""
        self._stopped.set()
        self._thread.join(5)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._ask()
            except (KafkaError, OSError, ValueError, TypeError) as error:
                log.info("the console cannot ask the broker how much waits before each stage: %s", error)
                self._tell({})
            self._stopped.wait(_EVERY_SECONDS)

    def _ask(self) -> None:
        options = client_options(self._settings)
        with admitted(self._settings):
            admin: Any = KafkaAdminClient(**options)
        consumer: Any = KafkaConsumer(**options)
        try:
            while not self._stopped.is_set():
                self._tell({stage.name: self._waiting(admin, consumer, stage) for stage in STAGES})
                self._stopped.wait(_EVERY_SECONDS)
        finally:
            consumer.close()
            admin.close()

    def _waiting(self, admin: Any, consumer: Any, stage: Stage) -> int:
        topic, name = self._settings.prefix + stage.reads.name, group(self._settings.prefix, stage)
        partitions = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]
        first, ends = consumer.beginning_offsets(partitions), consumer.end_offsets(partitions)
        found = admin.list_group_offsets(name)
        found = found.get(name, found)
        done = {at: max(first[at], found[at].offset if at in found else 0) for at in partitions}
        return sum(max(0, ends[at] - done[at]) for at in partitions)
