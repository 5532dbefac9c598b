"""The figures of the strip: how much passes, how it ends and how long it takes, over the last minutes. Pure; times are given.

An event counts at the broker's time of its message, so that a page that was started again shows the same; repeats count once.
"""

from collections import Counter, deque
from statistics import median
from typing import Any

from schemas import Event
from services.console.core import seconds
from services.consumer.seen import Seen
from services.text.safe import safe

WINDOW = 300
"""Seconds: long enough to see a trend, short enough to be now."""
_STEP = 5
_RATE_OVER = 10
_TIMED = 5_000
_FAILURES = 30


class Strip:
    """What passed in the last five minutes."""

    def __init__(self) -> None:
        self._seen = Seen(100_000)  # as the consumer command does: repeats follow closely
        self._by_second: dict[int, Counter[str]] = {}
        self._reasons: dict[int, Counter[str]] = {}
        self._latencies: deque[tuple[float, float]] = deque(maxlen=_TIMED)
        self._failures: deque[dict[str, Any]] = deque(maxlen=_FAILURES)
        self.total: Counter[str] = Counter()
        self.repeats = 0

    def add(self, event: Event, at: float) -> bool:
        """Count ``event``, whose message the broker has stamped ``at``; False where it is a repeat."""
        if not self._seen.add(event.event_id):
            self.repeats += 1
            return False
        status = event.status.value
        self.total[status] += 1
        self._by_second.setdefault(int(at), Counter())[status] += 1
        if len(self._by_second) > 2 * WINDOW:
            self._forget(max(self._by_second))
        if event.processing.enriched_at is not None:
            taken = seconds(event.processing.enriched_at) - seconds(event.processing.received_at)
            self._latencies.append((at, max(0.0, taken)))
        if event.rejection is not None:
            self._reasons.setdefault(int(at), Counter())[event.rejection.reason.value] += 1
            self._failures.append(
                {
                    "id": event.id,
                    "status": status,
                    "reason": event.rejection.reason.value,
                    "field": safe(event.rejection.field or "", 80),
                    "message": safe(event.rejection.message, 200),
                    "at": at,
                }
            )
        return True

    def figures(self, now: float) -> dict[str, Any]:
        """The strip at ``now``, seconds since 1970."""
        self._forget(now)
        recent: Counter[str] = Counter()
        series = [0] * (WINDOW // _STEP)
        passed = 0
        for second, counts in self._by_second.items():
            if now - WINDOW < second <= now + 1:
                count = counts.total()
                recent += counts
                passed += count if second > now - _RATE_OVER else 0
                series[min(len(series) - 1, int((second - (now - WINDOW)) // _STEP))] += count
        timed = [taken for at, taken in self._latencies if at > now - WINDOW]
        reasons: Counter[str] = Counter()
        for counts in self._reasons.values():
            reasons += counts
        return {
            "now": now,
            "window": WINDOW,
            "step": _STEP,
            "rate": round(passed / _RATE_OVER, 1),
            "series": [count / _STEP for count in series],
            "latency": round(median(timed), 3) if timed else None,
            "recent": dict(recent),
            "total": dict(self.total),
            "repeats": self.repeats,
            "reasons": dict(reasons),
            "failures": list(reversed(self._failures)),
        }

    def _forget(self, now: float) -> None:
        for book in (self._by_second, self._reasons):
            for second in [second for second in book if second <= now - WINDOW]:
                del book[second]
