"""Documents from hand to hand, with processes that know no Kafka (``alone``)."""

import json
import queue
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from evaluation.bench import BenchError
from evaluation.bench.peers.programs import Processes, started
from evaluation.data import Article

_PORTION = 4
"""Documents that a process is given at once: ``nlp.pipe`` reads several together, and at the end few wait for the last."""


class Hands:
    """Processes that take documents as they become free."""

    def __init__(self, processes: Processes) -> None:
        self.processes = processes

    def __call__(self, documents: Sequence[Article]) -> float:
        """Have all read; returns the seconds it took.

        Raises:
            BenchError: a process ended.
        """
        waiting: queue.SimpleQueue[Sequence[Article]] = queue.SimpleQueue()
        for start in range(0, len(documents), _PORTION):
            waiting.put(documents[start : start + _PORTION])
        threads = [
            threading.Thread(target=self._deal, args=(number, waiting)) for number in range(len(self.processes.started))
        ]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.monotonic() - began
        self.processes.check()
        if not waiting.empty():
            raise BenchError("the processes did not read all documents")
        return seconds

    def warm(self, documents: Sequence[Article]) -> None:
        """Have each process read all of these, so that its models are loaded and its caches full."""
        for number in range(len(self.processes.started)):
            alone: queue.SimpleQueue[Sequence[Article]] = queue.SimpleQueue()
            alone.put(documents)
            self._deal(number, alone)
        self.processes.check()

    def _deal(self, number: int, waiting: "queue.SimpleQueue[Sequence[Article]]") -> None:
        process = self.processes.started[number]
        assert process.stdin is not None
        assert process.stdout is not None
        while not waiting.empty():
            try:
                portion = waiting.get_nowait()
            except queue.Empty:
                return
            numbered = [{"id": f"{at}", "title": one.title, "text": one.text} for at, one in enumerate(portion)]
            try:
                process.stdin.write(json.dumps(numbered).encode() + b"\n")
                process.stdin.flush()
            except BrokenPipeError:
                return
            if not process.stdout.readline():
                return  # it ended, which is said by who looks at it next


@contextmanager
def hands(arguments: Sequence[str], count: int, folder: Path) -> Iterator[Hands]:
    """So many processes of ``alone``, which load their models at once."""
    command = [sys.executable, "-m", "evaluation.bench.peers.alone", *arguments]
    with started([command] * count, {}, folder / "alone.log", pipes=True) as processes:
        yield Hands(processes)
