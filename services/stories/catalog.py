"""Which story each document of the window is in, and what is counted of a story.

A story lives as long as one of its documents is in the window. It is known inside by the row of a table, which is given to
another story when it has ended; outside by its name, which no other living story has. All is in arrays, but for names and sources.
"""

from collections.abc import Iterator
from itertools import count

import numpy as np
import numpy.typing as npt

from services.kept.places import Groups
from services.kept.rows import key_of

Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
UInt32s = npt.NDArray[np.uint32]
UInt8s = npt.NDArray[np.uint8]

VOICE, COMPARED = 1, 2
"""What a document is to its story: a voice, which is no copy; compared with new documents."""
_VOICE = 1 << 31
_MARKED = 8
"""Characters of an event's id that make a name unlike the same one of another story."""


class Catalog:
    """The stories of a window of ``capacity`` documents; a document is known by its row there."""

    def __init__(self, capacity: int) -> None:
        self._story: Int32s = np.full(capacity, -1, np.int32)  # of each document
        self._before: Int32s = np.full(capacity, -1, np.int32)  # the member before it, and the one after
        self._after: Int32s = np.full(capacity, -1, np.int32)
        self._source: UInt32s = np.zeros(capacity, np.uint32)
        self._part: UInt8s = np.zeros(capacity, np.uint8)
        self.ids: list[str] = [""] * capacity
        """Of each document."""
        self._newest: Int32s = np.full(capacity, -1, np.int32)  # of each story, as are the next
        self._oldest: Int32s = np.full(capacity, -1, np.int32)
        self._voices: Int32s = np.zeros(capacity, np.int32)
        self._compared: Int32s = np.zeros(capacity, np.int32)
        self._members: Int32s = np.zeros(capacity, np.int32)
        self._sources: Int32s = np.zeros(capacity, np.int32)
        self._outlets: Int32s = np.zeros(capacity, np.int32)
        self._opened: Int64s = np.zeros(capacity, np.int64)
        self._names: list[str] = [""] * capacity
        self._sagas: list[str] = [""] * capacity
        self._named = Groups(capacity)
        self._told: dict[int, int] = {}
        """Of each source of a story, by story and hash of the source: its copies, and ``_VOICE`` times its other documents."""
        self._free: list[int] = []
        self._used = 0

    def __len__(self) -> int:
        """Stories that live."""
        return self._used - len(self._free)

    def story(self, row: int) -> int:
        """The story of a document, or -1."""
        return int(self._story[row])

    def stories(self, rows: Int64s) -> Int32s:
        """The story of each document."""
        return self._story[rows]

    def compared(self, story: int) -> int:
        """Documents of a story that new ones are compared with."""
        return int(self._compared[story])

    def documents(self, story: int) -> int:
        """Documents of a story that are no copies."""
        return int(self._voices[story])

    def copies(self, story: int) -> int:
        """Documents of a story that are copies."""
        return int(self._members[story] - self._voices[story])

    def sources(self, story: int) -> int:
        """Different sources of the documents that are no copies."""
        return int(self._sources[story])

    def outlets(self, story: int) -> int:
        """Different sources of all its documents."""
        return int(self._outlets[story])

    def opened(self, story: int) -> int:
        """The number of the document that opened it."""
        return int(self._opened[story])

    def name(self, story: int) -> str:
        """The story's id."""
        return self._names[story]

    def saga(self, story: int) -> str:
        """The id of the affair that it is part of."""
        return self._sagas[story]

    def named(self, name: str) -> int:
        """The living story of that name, or -1."""
        return self._named.first(key_of(name)) - 1

    def free_name(self, id: str, event: str) -> str:
        """A name for a story that the document ``id`` opens: its id, made unlike where a living story has that."""
        marked = f"{id}#{event[:_MARKED]}"
        names = (id if not number else marked if number == 1 else f"{marked}-{number}" for number in count())
        return next(name for name in names if self.named(name) < 0)

    def members(self, story: int) -> Iterator[int]:
        """The rows of its documents in the window, the newest first."""
        row = int(self._newest[story])
        while row >= 0:
            yield row
            row = int(self._before[row])

    def oldest(self, story: int) -> int:
        """The row of its first document in the window."""
        return int(self._oldest[story])

    def open(self, number: int, name: str, saga: str) -> int:
        """A new story, opened by the document ``number``; it has no members yet."""
        if self._free:
            story = self._free.pop()
        else:
            story = self._used
            self._used += 1
        self._newest[story] = self._oldest[story] = -1
        self._members[story] = self._voices[story] = self._compared[story] = 0
        self._sources[story] = self._outlets[story] = 0
        self._opened[story], self._names[story], self._sagas[story] = number, name, saga
        self._named.add(story + 1, key_of(name))
        return story

    def join(self, row: int, id: str, source: int, part: int, story: int) -> None:
        """Make a document a member; ``source`` is a hash of its source, 0 for none. ``part``: of ``VOICE`` and ``COMPARED``."""
        self._story[row], self._source[row], self._part[row], self.ids[row] = story, source, part, id
        self._count(row, story, 1)
        newest = int(self._newest[story])
        self._before[row], self._after[row], self._newest[story] = newest, -1, row
        if newest >= 0:
            self._after[newest] = row
        else:
            self._oldest[story] = row

    def leave(self, row: int) -> bool:
        """Take a document out of its story; whether it was the last one, with which the story ends."""
        story, before, after = self.story(row), int(self._before[row]), int(self._after[row])
        if before >= 0:
            self._after[before] = after
        else:
            self._oldest[story] = after
        if after >= 0:
            self._before[after] = before
        else:
            self._newest[story] = before
        self._count(row, story, -1)
        self._story[row], self.ids[row] = -1, ""
        if self._members[story]:
            return False
        self._named.remove(story + 1)
        self._names[story] = self._sagas[story] = ""
        self._free.append(story)
        return True

    def _count(self, row: int, story: int, by: int) -> None:
        part, source = int(self._part[row]), int(self._source[row])
        voice = bool(part & VOICE)
        self._members[story] += by
        self._voices[story] += by if voice else 0
        self._compared[story] += by if part & COMPARED else 0
        if not source:
            return
        key = story << 32 | source
        was = self._told.get(key, 0)
        now = was + by * (_VOICE if voice else 1)
        if now:
            self._told[key] = now
        else:
            del self._told[key]
        self._outlets[story] += (now > 0) - (was > 0)
        self._sources[story] += (now >= _VOICE) - (was >= _VOICE)
