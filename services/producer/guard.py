"""Runs the parsers of feeds and pages in a child process with a limit on time and memory, because hostile ones can hold them
for hours.

Measured on feedparser 6.0.14: 20 kB of ``<?xml encoding='encoding='…`` take it 14 s of regular expression, and eight times
as much for twice the length; a long author name is quadratic. The limits are on processor time, not on the clock, so that a
busy machine fails no feed.
"""

import multiprocessing
import os
import resource
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from services.producer.feed import Entry, NotAFeedError, entries
from services.producer.page import NotAPageError, Page, article
from services.runtime.parent import die_with_parent

CPU_SECONDS = 60
"""Processor time of one feed: honest ones take 1 to 5 s a megabyte."""
PAGE_SECONDS = 30
"""Processor time of one page: honest ones take 0.01 to 1 s."""
MEMORY_BYTES = 2 * 1024**3
"""Address space of the child: some fifty times the largest feed, and its entries twice."""


class FeedReader:
    """Reads feeds and pages in a child process, which starts with the first one. Close it."""

    def __init__(self, cpu_seconds: int = CPU_SECONDS, page_seconds: int = PAGE_SECONDS) -> None:
        self._cpu_seconds = cpu_seconds
        self._page_seconds = page_seconds
        self._executor: ProcessPoolExecutor | None = None

    def read(self, content: bytes) -> Sequence[Entry]:
        """The entries of a feed.

        Raises:
            NotAFeedError: it is none, or it took more time or memory than a feed may.
        """
        try:
            found: Sequence[Entry] = self._call(entries, self._cpu_seconds, content)
        except _TooMuchError as error:
            raise NotAFeedError(f"the feed {error}") from None
        return found

    def page(self, content: bytes, url: str) -> Page:
        """The article of a web page. ``url``: where it was found; empty where that is not known.

        Raises:
            NotAPageError: there is none, or it took more time or memory than a page may.
        """
        try:
            found: Page = self._call(article, self._page_seconds, content, url)
        except _TooMuchError as error:
            raise NotAPageError(f"the page {error}") from None
        return found

    def _call(self, function: Callable[..., Any], seconds: int, *arguments: Any) -> Any:
        if self._executor is None:
            context = multiprocessing.get_context("spawn")
            self._executor = ProcessPoolExecutor(1, context, _start, (os.getpid(),))
        try:
            return self._executor.submit(_limited, function, seconds, *arguments).result()
        except BrokenProcessPool:
            self.close()
            raise _TooMuchError(f"takes more than {seconds} s or too much memory to read") from None

    def close(self) -> None:
        """End the child."""
        if self._executor is not None:
            self._executor.shutdown()
            self._executor = None


class _TooMuchError(Exception):
    pass


def _start(parent: int) -> None:
    die_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limited(function: Callable[..., Any], cpu_seconds: int, *arguments: Any) -> Any:
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + cpu_seconds + 1, most))
    try:
        return function(*arguments)
    except (MemoryError, RecursionError) as error:
        raise _TooMuchError(f"cannot be read: {type(error).__name__}") from None
