"""The ledger: which offset of each partition is due, which are finished, and so what may be committed.

Faust's own commits lose data (an exception, an out-of-order ack, a rebalance with a table: each was measured), so source
topics are kept out of them and this is the only thing that commits. It is pure: the loop tells it what came and what was
acknowledged, and asks what to do.

For each partition: ``due`` is the offset that must come next; ``finished`` is where everything before it has its outputs
acknowledged by the broker. Only ``finished`` is ever committed, and ``committed <= finished <= due`` always holds, but for a
partition whose log lost its end: it is read again from an earlier place, which the next commit tells the group.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from faust.types import TP


class Place(Enum):
    """Where a record stands against the offset that is due."""

    DUE = "due"
    OLD = "old"
    GAP = "gap"


@dataclass
class _Partition:
    due: int
    finished: int
    committed: int
    gap_seen: bool = False
    still_at: int = -1  # the due offset that it has stood at …
    still_since: float | None = None  # … since then
    sought_at: float | None = None


@dataclass
class Ledger:
    """The books of one consumer. Times are seconds of any monotonic clock."""

    generation: int | None = None
    _partitions: dict[TP, _Partition] = field(default_factory=dict)

    def open(self, generation: int, starts: Mapping[TP, int]) -> None:
        """Begin a new generation: every partition of ours starts at its committed offset, whatever was in flight."""
        self.generation = generation
        self._partitions = {tp: _Partition(offset, offset, offset) for tp, offset in starts.items()}

    def take(self, tp: TP, offset: int) -> Place:
        """Judge a record that arrived. DUE: work on it now. OLD: drop it. GAP: drop it; its partition is to be sought back."""
        partition = self._partitions.get(tp)
        if partition is None or offset < partition.due:
            return Place.OLD
        if offset > partition.due:
            partition.gap_seen = True
            return Place.GAP
        partition.due = offset + 1
        partition.gap_seen = False
        return Place.DUE

    def finish(self, generation: int, ends: Mapping[TP, int]) -> None:
        """The outputs of every record before ``ends`` are acknowledged. News of an older generation is ignored."""
        if generation != self.generation:
            return
        for tp, end in ends.items():
            partition = self._partitions[tp]
            if end > partition.due:
                raise ValueError(f"{tp}: finished to {end}, but only {partition.due} is due")
            partition.finished = max(partition.finished, end)

    def to_commit(self) -> dict[TP, int]:
        """What may be committed now: the offset after the last finished record, where that is news."""
        return {tp: p.finished for tp, p in self._partitions.items() if p.finished != p.committed}

    def note_committed(self, generation: int, offsets: Mapping[TP, int]) -> None:
        """The broker took these commits."""
        if generation == self.generation:
            for tp, offset in offsets.items():
                self._partitions[tp].committed = offset

    def pass_over(self, tp: TP, behind: Callable[[int], int]) -> None:
        """Step over offsets that hold nothing: ``behind`` gives the first one, from an offset on, that may hold a record."""
        partition = self._partitions[tp]
        due = behind(partition.due)
        if due > partition.due:
            partition.gap_seen = False
        partition.finished, partition.due = min(behind(partition.finished), due), due

    def go_on_at(self, tp: TP, offset: int) -> None:
        """Make ``offset`` due. A later one than is due: the records up to it are gone, since retention took them. An earlier one:
        the log lost its end, and what it has is read again.

        Raises:
            ValueError: records before them are still under work.
        """
        partition = self._partitions[tp]
        if self.is_under_work(tp):
            raise ValueError(f"{tp}: {partition.finished} to {partition.due} are under work")
        partition.due = partition.finished = offset
        partition.gap_seen = False

    def is_under_work(self, tp: TP) -> bool:
        """Whether records of the partition are taken and not finished."""
        partition = self._partitions[tp]
        return partition.finished != partition.due

    def due(self, tp: TP) -> int | None:
        """The offset that must come next, or None where the partition is not ours."""
        partition = self._partitions.get(tp)
        return partition.due if partition else None

    def finished(self, tp: TP) -> int:
        """The offset before which everything is finished."""
        return self._partitions[tp].finished

    @property
    def partitions(self) -> Iterable[TP]:
        """The partitions that the books are open for."""
        return tuple(self._partitions)

    def lag(self, highwaters: Mapping[TP, int]) -> dict[TP, int]:
        """Records that are not finished, of each partition."""
        return {tp: max(0, highwaters.get(tp, 0) - p.finished) for tp, p in self._partitions.items()}

    def uncommitted(self, highwaters: Mapping[TP, int]) -> int:
        """Records that are not committed."""
        return sum(max(0, highwaters.get(tp, 0) - p.committed) for tp, p in self._partitions.items())

    @property
    def places(self) -> tuple[int, int, int]:
        """The sums of what is due, finished and committed: they differ where anything has moved."""
        all_ = self._partitions.values()
        return sum(p.due for p in all_), sum(p.finished for p in all_), sum(p.committed for p in all_)

    def still(self, tp: TP, highwater: int, now: float) -> float:
        """Seconds for which the partition has had records due and none came; call it often, with ``now``."""
        partition = self._partitions[tp]
        if highwater <= partition.due:
            partition.still_since = None
            return 0.0
        if partition.still_since is None or partition.still_at != partition.due:
            partition.still_at, partition.still_since, partition.sought_at = partition.due, now, None
        return now - partition.still_since

    def wants_seek(self, tp: TP, now: float) -> bool:
        """Whether to seek the partition back to its due offset: a gap was seen, or it is still; once a second, then every five."""
        partition = self._partitions[tp]
        if partition.still_since is None:
            return False
        since = partition.sought_at if partition.sought_at is not None else partition.still_since
        return now - since > (_SEEK_AFTER_GAP if partition.gap_seen else _SEEK_WHEN_STILL)

    def note_sought(self, tp: TP, now: float) -> None:
        """A seek back to the due offset was made."""
        self._partitions[tp].sought_at = now


_SEEK_AFTER_GAP = 1.0
"""A seek made just before the flow resumes is lost, so it is repeated; a second is far longer than one fetch."""
_SEEK_WHEN_STILL = 5.0
"""Without a gap the records may just be on their way; five seconds is longer than any fetch waits."""
