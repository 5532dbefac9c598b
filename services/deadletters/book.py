"""Which letters of a partition were replayed, in a form that fits into the note of a Kafka commit.

A committed offset alone says "all before this". A replay that takes only some letters leaves others before them for a later
one, so the commit is the first letter that is left, and its note lists the runs of replayed letters after it.
"""

from dataclasses import dataclass, field

_LONGEST_NOTE = 4_000
"""Bytes. Brokers refuse more than 4,096 by default (offset.metadata.max.bytes); some 600 runs fit."""


@dataclass
class Book:
    """The replayed letters of one partition. ``next``: the first offset that was not; ``after``: those beyond it that were."""

    next: int
    after: set[int] = field(default_factory=set)

    def __contains__(self, offset: int) -> bool:
        return offset < self.next or offset in self.after

    def add(self, offset: int) -> None:
        """Note that the letter at ``offset`` was replayed."""
        if offset < self.next:
            return
        self.after.add(offset)
        while self.next in self.after:
            self.after.remove(self.next)
            self.next += 1

    def note(self) -> str | None:
        """``after`` as runs: ``start+length``, each start counted from the end of the run before. None: too many."""
        runs: list[list[int]] = []
        for offset in sorted(self.after):
            if runs and offset == runs[-1][1]:
                runs[-1][1] += 1
            else:
                runs.append([offset, offset + 1])
        ends = [0, *(end for _, end in runs)]
        text = ",".join(f"{start - before}+{end - start}" for (start, end), before in zip(runs, ends, strict=False))
        return text if len(text) <= _LONGEST_NOTE else None


def read_book(offset: int, note: str) -> Book:
    """The book that was committed as ``offset`` and ``note``.

    A note that is not ours is ignored: then letters after ``offset`` are replayed again, which loses nothing.
    """
    book = Book(offset)
    end = 0
    try:
        for part in filter(None, note.split(",")):
            start, length = (int(number) for number in part.split("+"))
            if start < 0 or not 0 < length <= _MOST - len(book.after):
                raise ValueError(part)
            book.after.update(range(end + start, end + start + length))
            end += start + length
    except ValueError:
        return Book(offset)
    book.after = {offset for offset in book.after if offset > book.next}
    return book


_MOST = 1_000_000
"""Letters: more than anybody replays around a gap; a damaged note must not fill the memory."""
