"""Which story each document of the window is in, and what is counted of a story.

A story lives as long as one of its documents is in the window. It is known inside by the row of a table, which is given to
another story when it has ended; outside by its id, that of its first document. All is in arrays, but for the ids.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
UInt32s = npt.NDArray[np.uint32]

_SOURCES = 256
"""Members, the newest, whose sources are looked through for one that is new to the story: a bound on the work on one document."""


class Catalog:
    """The stories of a window of ``capacity`` documents; a document is known by its row there."""

    def __init__(self, capacity: int) -> None:
        self._story: Int32s = np.full(capacity, -1, np.int32)  # of each document
        self._before: Int32s = np.full(capacity, -1, np.int32)  # the member before it, and the one after
        self._after: Int32s = np.full(capacity, -1, np.int32)
        self._source: UInt32s = np.zeros(capacity, np.uint32)
        self.ids: list[str] = [""] * capacity
        """Of each document."""
        self._newest: Int32s = np.full(capacity, -1, np.int32)  # of each story, as are the next
        self._live: Int32s = np.zeros(capacity, np.int32)
        self._documents: Int32s = np.zeros(capacity, np.int32)
        self._sources: Int32s = np.zeros(capacity, np.int32)
        self._opened: Int64s = np.zeros(capacity, np.int64)
        self._names: list[str] = [""] * capacity
        self._sagas: list[str] = [""] * capacity
        self._free: list[int] = []
        self._used = 0

    def __len__(self) -> int:
        """Stories that live."""
        return self._used - len(self._free)

    def story(self, row: int) -> int:
        """The story of a document."""
        return int(self._story[row])

    def stories(self, rows: Int64s) -> Int32s:
        """The story of each document."""
        return self._story[rows]

    def live(self, story: int) -> int:
        """Documents of a story in the window."""
        return int(self._live[story])

    def documents(self, story: int) -> int:
        """Documents that a story has had."""
        return int(self._documents[story])

    def sources(self, story: int) -> int:
        """Different sources that a story has had; one that comes again after the last ``_SOURCES`` members counts again."""
        return int(self._sources[story])

    def opened(self, story: int) -> int:
        """The number of the document that opened it."""
        return int(self._opened[story])

    def name(self, story: int) -> str:
        """The story's id."""
        return self._names[story]

    def saga(self, story: int) -> str:
        """The id of the affair that it is part of."""
        return self._sagas[story]

    def members(self, story: int) -> Iterator[int]:
        """The rows of its documents in the window, the newest first."""
        row = int(self._newest[story])
        while row >= 0:
            yield row
            row = int(self._before[row])

    def open(self, number: int, name: str, saga: str) -> int:
        """A new story, opened by the document ``number``; it has no members yet."""
        if self._free:
            story = self._free.pop()
        else:
            story = self._used
            self._used += 1
        self._newest[story] = -1
        self._live[story] = self._documents[story] = self._sources[story] = 0
        self._opened[story], self._names[story], self._sagas[story] = number, name, saga
        return story

    def join(self, row: int, id: str, source: int, story: int) -> None:
        """Make a document a member; ``source`` is a hash of its source, 0 for none."""
        known = any(
            self._source[member] == source for member, _ in zip(self.members(story), range(_SOURCES), strict=False)
        )
        self._sources[story] += bool(source) and not known
        self._documents[story] += 1
        self._live[story] += 1
        self._story[row], self._source[row], self.ids[row] = story, source, id
        newest = int(self._newest[story])
        self._before[row], self._after[row], self._newest[story] = newest, -1, row
        if newest >= 0:
            self._after[newest] = row

    def leave(self, row: int) -> None:
        """Take a document out of its story, which ends with its last one."""
        story, before, after = self.story(row), int(self._before[row]), int(self._after[row])
        if before >= 0:
            self._after[before] = after
        if after >= 0:
            self._before[after] = before
        else:
            self._newest[story] = before
        self._story[row], self.ids[row] = -1, ""
        self._live[story] -= 1
        if not self._live[story]:
            self._names[story] = self._sagas[story] = ""
            self._free.append(story)
