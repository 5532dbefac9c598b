"""Events on a real topic, and a sink as a process of its own that can be killed."""

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from kafka import KafkaProducer

from evaluation.faults.worker import COMMAND, environment
from schemas import Event
from services.runtime.settings import Settings
from services.runtime.topology import ENRICHED


def put(settings: Settings, events: Iterable[Event], *others: bytes, headers: Sequence[tuple[str, bytes]] = ()) -> None:
    """Put events on the topic, each under its id, and then ``others``, which are none; all with ``headers``."""
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap)
    topic = settings.prefix + ENRICHED.name
    for one in events:
        producer.send(topic, one.model_dump_json().encode(), key=one.id.encode(), headers=list(headers))
    for value in others:
        producer.send(topic, value, key=b"other", headers=list(headers))
    producer.flush()
    producer.close()


def copies(events: Sequence[Event], times: int) -> list[Event]:
    """Each event so often, under ids of its own."""
    return [
        one.model_copy(update={"id": f"{one.id}/{time}", "event_id": f"{one.event_id}/{time}"})
        for time in range(times)
        for one in events
    ]


class Process:
    """``stancewire`` with these words, and what it says in ``log``."""

    def __init__(self, settings: Settings, log: Path, *words: str, **variables: str) -> None:
        self.log = log
        with log.open("ab") as to:
            self.process = subprocess.Popen(
                [COMMAND, *words], env=os.environ | environment(settings) | variables, stdout=to, stderr=to
            )

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until ``holds``; the process must live meanwhile."""
        deadline = time.monotonic() + 120
        while not holds():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, f"{what}: {self.log.read_text()}"
            time.sleep(0.05)

    @property
    def address(self) -> str:
        """Where its metrics are, once it has said so."""
        self.until(lambda: "/metrics" in self.log.read_text(), "no address")
        return self.log.read_text().partition("/metrics")[0].rpartition("http://")[2]

    def ask(self, path: str) -> tuple[int, str]:
        """The status and body of an answer of its own."""
        try:
            with urllib.request.urlopen(f"http://{self.address}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def end(self) -> int:
        """SIGTERM; returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def kill(self) -> None:
        """SIGKILL."""
        self.process.kill()
        self.process.wait(60)
