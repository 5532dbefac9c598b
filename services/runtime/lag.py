"""How far behind a stage is, in seconds: the age of the oldest document that is not finished. Pure; times are the wall clock's.

Kafka says only how many records wait, not how old they are. But a document that waits is not older than the last finished
one of its partition, and came after the moment at which nothing waited there: the later of the two is the bound that is reported.
"""

from collections.abc import Iterable

from faust.types import TP


class Lag:
    """One generation's. ``opened_at``: seconds since 1970, as everywhere here; nothing is known of what came before it."""

    def __init__(self, opened_at: float) -> None:
        self._opened_at = opened_at
        self._since: dict[TP, float] = {}

    def note(self, tp: TP, at: float) -> None:
        """What waits in the partition came at ``at`` or later: the time of the last finished record, or when none waited."""
        self._since[tp] = max(at, self._since.get(tp, at))

    def seconds(self, waiting: Iterable[TP], now: float) -> float:
        """The age of the oldest record in the partitions where some wait, or 0."""
        return max((max(0.0, now - self._since.get(tp, self._opened_at)) for tp in waiting), default=0.0)
