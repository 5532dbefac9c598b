"""A steady pace that does not drift: the n-th document is due n/rate seconds after the first, however long each took."""

from collections.abc import Callable

_CATCH_UP_SECONDS = 1.0
"""After a stall at most so much of the schedule is caught up at once; the rest of the stall is added to the schedule."""


class Pace:
    """Says when the next document is due.

    Args:
        rate: documents a second.
        clock: seconds of a monotonic clock.
        sleep: waits for so many seconds.
    """

    def __init__(self, rate: float, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        if not rate > 0:
            raise ValueError(f"--rate must be greater than 0 documents a second (got {rate:g})")
        self._interval = 1 / rate
        self._clock = clock
        self._sleep = sleep
        self._start: float | None = None
        self._count = 0

    def wait(self) -> None:
        """Wait until the next document is due."""
        now = self._clock()
        if self._start is None:
            self._start = now
        due = self._start + self._count * self._interval
        self._count += 1
        if now - due > _CATCH_UP_SECONDS:
            self._start += now - due - _CATCH_UP_SECONDS
        elif due > now:
            self._sleep(due - now)
