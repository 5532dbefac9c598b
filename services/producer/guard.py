"""Runs the feed parser in a child process with a limit on time and memory, because hostile feeds can hold it for hours.

Measured on feedparser 6.0.14: 20 kB of ``<?xml encoding='encoding='…`` take it 14 s of regular expression, and eight times
as much for twice the length; a long author name is quadratic. The limits are on processor time, not on the clock, so that a
busy machine fails no feed.
"""

import multiprocessing
import os
import resource
import signal
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from services.producer.feed import Entry, NotAFeedError, entries
from services.runtime.parent import die_with_parent

CPU_SECONDS = 60
"""Processor time of one feed: honest ones take 1 to 5 s a megabyte."""
MEMORY_BYTES = 2 * 1024**3
"""Address space of the child: some fifty times the largest feed, and its entries twice."""


class FeedReader:
    """Reads feeds in a child process, which starts with the first one. Close it."""

    def __init__(self, cpu_seconds: int = CPU_SECONDS) -> None:
        self._cpu_seconds = cpu_seconds
        self._executor: ProcessPoolExecutor | None = None

    def read(self, content: bytes) -> Sequence[Entry]:
        """The entries of a feed.

        Raises:
            NotAFeedError: it is none, or it took more time or memory than a feed may.
        """
        if self._executor is None:
            context = multiprocessing.get_context("spawn")
            self._executor = ProcessPoolExecutor(1, context, _start, (os.getpid(),))
        try:
            return self._executor.submit(_read, content, self._cpu_seconds).result()
        except BrokenProcessPool:
            self.close()
            raise NotAFeedError(f"the feed takes more than {self._cpu_seconds} s or too much memory to read") from None

    def close(self) -> None:
        """End the child."""
        if self._executor is not None:
            self._executor.shutdown()
            self._executor = None


def _start(parent: int) -> None:
    die_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _read(content: bytes, cpu_seconds: int) -> Sequence[Entry]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + cpu_seconds + 1, most))
    try:
        return entries(content)
    except (MemoryError, RecursionError) as error:
        raise NotAFeedError(f"the feed cannot be read: {type(error).__name__}") from None
