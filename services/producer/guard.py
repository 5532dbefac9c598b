"""Runs the parsers of feeds and pages in child processes with a limit on time and memory, because hostile ones can hold them
for hours, and because a page takes 20 ms: the pages of a web archive are read by as many children as there are processors.

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
"""Address space of a child: some fifty times the largest feed, and its entries twice."""
MOST_CHILDREN = 8
"""Each takes some 150 MB; one that hands pages to more has enough to do with that."""


class FeedReader:
    """Reads feeds and pages in child processes, each of which starts with the first one that it gets. Close it.

    ``children``: how many there may be; so many pages can be read at a time.
    """

    def __init__(
        self, cpu_seconds: int = CPU_SECONDS, page_seconds: int = PAGE_SECONDS, children: int | None = None
    ) -> None:
        self._cpu_seconds = cpu_seconds
        self._page_seconds = page_seconds
        self.children = children or min(MOST_CHILDREN, len(os.sched_getaffinity(0)))
        self._executors: list[ProcessPoolExecutor | None] = [None] * self.children
        self._next = 0

    def read(self, content: bytes) -> Sequence[Entry]:
        """The entries of a feed.

        Raises:
            NotAFeedError: it is none, or it took more time or memory than a feed may.
        """
        try:
            found: Sequence[Entry] = self._call(entries, self._cpu_seconds, content)()
        except _TooMuchError as error:
            raise NotAFeedError(f"the feed {error}") from None
        return found

    def page(self, content: bytes, url: str) -> Callable[[], Page]:
        """Begin to read a web page; what is returned waits for its article, and gives it.

        Args:
            url: where it was found; empty where that is not known.

        Raises:
            NotAPageError: (what is returned does) there is none, or it took more time or memory than a page may.
        """
        answer = self._call(article, self._page_seconds, content, url)

        def wait() -> Page:
            try:
                found: Page = answer()
            except _TooMuchError as error:
                raise NotAPageError(f"the page {error}") from None
            return found

        return wait

    def _call(self, function: Callable[..., Any], seconds: int, *arguments: Any) -> Callable[[], Any]:
        """Have the next child call ``function``. One call at a time is a child's: where it ends the child, no other is lost."""
        place = self._next
        self._next = (place + 1) % self.children
        executor = self._executors[place]
        if executor is None:
            context = multiprocessing.get_context("spawn")
            executor = self._executors[place] = ProcessPoolExecutor(1, context, _start, (os.getpid(),))
        future = executor.submit(_limited, function, seconds, *arguments)

        def wait() -> Any:
            try:
                return future.result()
            except BrokenProcessPool:
                executor.shutdown()
                self._executors[place] = None
                raise _TooMuchError(f"takes more than {seconds} s or too much memory to read") from None

        return wait

    def close(self) -> None:
        """End the children."""
        for executor in filter(None, self._executors):
            executor.shutdown(cancel_futures=True)
        self._executors = [None] * self.children


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
