"""A second worker joins while the first has a backlog: who stands still for how long, and what is done twice?

The entities stage alone, on a real Kafka, with articles as the judge hands them on; made-up ones where those are missing. All are
there before the first worker has taken its share of them; then the second starts, and both go on to the end. What they say of
themselves is read a few times a second.

* ``rebalance_seconds``: from when a worker saw that partitions move to when it took documents again, as it tells it itself.
* ``still_seconds``: the longest time in which a worker took no document, or a gauge did not move, ``before`` and ``after`` the
  second's start. Batches are taken as earlier ones end, so it is not 0 before either: on a machine that does one document a second,
  one is taken every half a minute. A gauge that stands much longer after than before tells an operator nothing.
* ``new_ready_seconds``: until the second had started, loaded its model and had its partitions.
* ``dropped``: documents that a worker had begun and gave up when partitions moved. ``done_again``: documents that came out twice.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import pairwise
from typing import Any

from evaluation.bench import BenchError
from evaluation.bench.stages import PATIENCE, await_out, kafka, read_gauges, send_works, workers
from evaluation.bench.works import make_work, repeating
from evaluation.data import ARTICLES, Article, DataError, articles
from services.consumer.tail import Tail
from services.runtime.topology import ENTITIES, UNIQUE, select

DOCUMENTS = 1_500
_WARM = 0.05
"""Share of the documents that is out when the clock starts: the first ones find cold caches …"""
_BEFORE = 0.2
"""… and when the second worker is started: the others must last until it has its partitions."""
_EVERY = 0.1
"""Seconds between two readings. One takes some milliseconds of a worker."""
_TAKEN, _LAG, _IN_FLIGHT = "documents_taken_total", "lag_documents", "documents_in_flight"
_REBALANCE = "recovery_seconds"
_STORY = (
    "The harbor board of {town} voted on Monday to close the old pier. Mayor Ana {town} praised the vote. “The board has failed "
    "us,” said Leon Katz of {town} Boats, who employs forty people, before he left for Lisbon with Senator Maria Lopez. "
) * 6

Readings = Sequence[tuple[float, float]]
"""When it was read, and what."""


def measure(documents: int) -> dict[str, Any]:
    """The longest pauses before and after the second worker's start, what was dropped, and what was done again.

    Raises:
        BenchError: the stage did not get the documents done, lost some, or had done them before the second worker was there.
    """
    data, read = _articles(documents)
    stage = select("entities")
    with kafka() as settings:
        with workers(stage, settings) as old, _watched(old[0].port(stage[0])) as first:
            send_works(settings, UNIQUE, (make_work(f"{number}", one) for number, one in enumerate(read)))
            await_out(settings, old, [ENTITIES], round(_WARM * len(read)))
            warm = time.monotonic()
            await_out(settings, old, [ENTITIES], round(_BEFORE * len(read)))
            started = time.monotonic()
            with workers(stage, settings) as new, _watched(new[0].port(stage[0])) as second:
                ready = time.monotonic()
                await_out(settings, [*old, *new], [ENTITIES], len(read))
                _await_done(first, second)
                end = time.monotonic()
        with Tail(settings, ENTITIES, to_end=True) as tail:
            out = [record.origin for record in tail]
    done = len(set(out))
    begun = first.last(_TAKEN) + second.last(_TAKEN)
    if done < len(read):
        raise BenchError(f"{len(read) - done} of {len(read)} documents were lost")
    if not second.last(_TAKEN):
        raise BenchError("the backlog was done before the second worker took a document of it; give more --documents")
    series = {
        "old_taken": first.readings(_TAKEN),
        "either_taken": together(first.readings(_TAKEN), second.readings(_TAKEN)),
        "old_lag": first.readings(_LAG),
        "old_in_flight": first.readings(_IN_FLIGHT),
    }
    return {
        "data": data,
        "documents": len(read),
        "still_seconds": {
            name: {"before": longest_still(one, warm, started), "after": longest_still(one, started, end)}
            for name, one in series.items()
        },
        "new_ready_seconds": ready - started,
        "rebalance_seconds": {"old": first.last(_REBALANCE), "new": second.last(_REBALANCE)},
        "new_taken": second.last(_TAKEN),
        "dropped": begun - len(out),
        "done_again": len(out) - done,
    }


def longest_still(readings: Readings, start: float, end: float) -> float:
    """Seconds of the longest time without a change, from ``start`` to the last change before ``end``; all where there is none."""
    changes = [at for (_, before), (at, value) in pairwise(readings) if value != before and start <= at <= end]
    return max((later - earlier for earlier, later in pairwise([start, *changes])), default=end - start)


def together(one: Readings, other: Readings) -> Readings:
    """The sum of two that were read at different times: at each reading of either, with the last of the other, at first 0."""
    last = [0.0, 0.0]
    summed = []
    for at, which, value in sorted([(at, 0, value) for at, value in one] + [(at, 1, value) for at, value in other]):
        last[which] = value
        summed.append((at, sum(last)))
    return summed


class _Watch:
    """What one worker has said of itself."""

    def __init__(self) -> None:
        self._read: list[tuple[float, dict[str, float]]] = []

    def note(self, port: int) -> None:
        """Read once; a worker that does not answer in time has said nothing."""
        with suppress(OSError):
            values = read_gauges(port, [_TAKEN, _LAG, _IN_FLIGHT, _REBALANCE])
            self._read.append((time.monotonic(), values))

    def readings(self, name: str) -> Readings:
        """All of one gauge."""
        return [(at, values[name]) for at, values in self._read]

    def last(self, name: str) -> float:
        """The last of one gauge."""
        return self._read[-1][1][name] if self._read else 0.0


@contextmanager
def _watched(port: int) -> Iterator[_Watch]:
    """Read a worker for as long as the context lasts."""
    watch = _Watch()
    with repeating(_EVERY, lambda: watch.note(port)):
        yield watch


def _await_done(*watches: _Watch) -> None:
    """Wait until nobody has anything left to do, so that all that was begun is out or was dropped."""
    deadline = time.monotonic() + PATIENCE
    while any(watch.last(_LAG) or watch.last(_IN_FLIGHT) for watch in watches):
        if time.monotonic() > deadline:
            raise BenchError("all documents came out, and yet the workers say that some are not done")
        time.sleep(_EVERY)


def _articles(count: int) -> tuple[str, Sequence[Article]]:
    """Articles, and where they are from."""
    with suppress(DataError):
        return str(ARTICLES), articles(count)
    return "made up", [Article(title="", text=_STORY.format(town=f"Port{number}")) for number in range(count)]
