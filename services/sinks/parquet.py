"""Events as Parquet files, a folder for each day on which their documents were received: ``date=2026-03-11/…-p0-17-254.parquet``.

The columns are those of ``stancewire consume --output``. A file has its name when it is whole. The name says which messages are in
it: of which topic, partition and offsets. So the files are their own books: what comes again is left out, whatever was committed,
and whenever the process was killed. One process writes to a folder; a lock holds this.

Files are never changed. A document that comes again, or is withdrawn, has another row in a later file; the reader takes the newest.
"""

import fcntl
import os
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from schemas import Event
from schemas.event import digest
from services.consumer.table import SCHEMA, to_batch
from services.runtime.identity import ask
from services.runtime.settings import Settings, SettingsError, load
from services.runtime.topics import TopicsError
from services.runtime.topology import ENRICHED
from services.sinks.settings import ParquetSettings
from services.sinks.sink import Arrival, AwayError, RefusedError

_NAME = re.compile(r"(?P<topic>[0-9a-f]{8})-p(?P<partition>[0-9]+)-(?P<first>[0-9]+)-(?P<last>[0-9]+)\.parquet")
_PART = ".part"
_CHUNK = 200
"""Events of a row group: 4 MB with those of 20 kB each."""
_MOST_OPEN = 64
"""Files that are written at once: eight days of eight partitions, where a backlog is read."""

Place = tuple[str, int]
"""A day, as 2026-03-11, and a partition."""


@dataclass
class _File:
    """A file that is being written."""

    part: Path
    first: int
    last: int
    writer: Any


class Parquet:
    """A folder of Parquet files, locked.

    Args:
        folder: it is made if it is missing.
        topic: what the topic is called in the files' names: another one where it was made anew, as its offsets begin anew.
        seconds: longest time that an event waits for its file to be whole.
        size: bytes of events as JSON in the files that are written at once.

    Raises:
        AwayError: the folder cannot be written to, or another process has it.
    """

    most = _CHUNK

    def __init__(self, folder: Path, topic: str, seconds: float, size: int) -> None:
        self.seconds = seconds
        self.size = size
        self._folder = folder
        self._topic = topic
        self._open: dict[Place, _File] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise AwayError(f"{folder} cannot be written to: {_reason(error)}") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._last = self._look()
        except OSError as error:
            os.close(self._lock)
            locked = isinstance(error, BlockingIOError)
            why = "another process writes to it; end one of them" if locked else _reason(error)
            raise AwayError(f"{folder}: {why}") from error

    def write(self, arrivals: Sequence[Arrival]) -> int:
        """Add the events that no file has. Returns how many they were."""
        fresh: dict[Place, list[Arrival]] = defaultdict(list)
        for arrival in arrivals:
            place = (_day(arrival.event), arrival.record.partition)
            if arrival.record.offset > self._last.get(place, -1):
                self._last[place] = arrival.record.offset
                fresh[place].append(arrival)
        try:
            batches = {place: to_batch([one.event for one in found]) for place, found in fresh.items()}
        except (pa.ArrowException, OverflowError, ValueError) as error:
            for place, found in fresh.items():
                self._last[place] = found[0].record.offset - 1  # none of them was taken
            raise RefusedError(f"it does not fit into the columns: {str(error)[:200]}") from error
        try:
            for place, batch in batches.items():
                self._file(place, fresh[place]).writer.write_batch(batch)
            if len(self._open) > _MOST_OPEN:
                self.flush()
        except (OSError, pa.ArrowException) as error:
            raise AwayError(f"{self._folder} cannot be written to: {_reason(error)}") from error
        return sum(map(len, fresh.values()))

    def flush(self) -> None:
        """Make the open files whole, and give them their names."""
        try:
            for (day, partition), file in self._open.items():
                file.writer.close()
                with file.part.open("rb") as written:
                    os.fsync(written.fileno())
                name = f"{self._topic}-p{partition}-{file.first:012}-{file.last:012}.parquet"
                file.part.replace(self._day_folder(day) / name)
                _sync(self._day_folder(day))
        except (OSError, pa.ArrowException) as error:
            raise AwayError(f"{self._folder} cannot be written to: {_reason(error)}") from error
        self._open = {}

    def close(self) -> None:
        """Let go of the folder. What is not whole is removed at the next start."""
        os.close(self._lock)

    def _file(self, place: Place, arrivals: Sequence[Arrival]) -> _File:
        file = self._open.get(place)
        first, last = arrivals[0].record.offset, arrivals[-1].record.offset
        if file is None:
            day, partition = place
            folder = self._day_folder(day)
            if not folder.exists():
                folder.mkdir()
                _sync(self._folder)
            part = folder / f".{self._topic}-p{partition}{_PART}"
            file = self._open[place] = _File(part, first, last, pq.ParquetWriter(part, SCHEMA, compression="zstd"))
        file.last = last
        return file

    def _look(self) -> dict[Place, int]:
        """The last offset that the files of each place have. What a process has left unfinished goes."""
        last: dict[Place, int] = {}
        for folder in self._folder.glob("date=*"):
            for path in folder.iterdir():
                found = _NAME.fullmatch(path.name)
                if path.name.endswith(_PART):
                    path.unlink()
                elif found is not None and found["topic"] == self._topic:
                    place = (folder.name.removeprefix("date="), int(found["partition"]))
                    last[place] = max(last.get(place, -1), int(found["last"]))
        return last

    def _day_folder(self, day: str) -> Path:
        return self._folder / f"date={day}"


def _day(event: Event) -> str:
    return event.processing.received_at.astimezone(UTC).date().isoformat()


def _sync(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)[:300]


def open_sink() -> Parquet:
    """The sink that the settings describe. Raises AwayError, SettingsError."""
    parquet, settings = load(ParquetSettings), load(Settings)
    if parquet.folder is None:
        raise SettingsError("STANCEWIRE_PARQUET_FOLDER is not set; name the folder that the files go to")
    topic = settings.prefix + ENRICHED.name
    try:
        found = ask(settings, [topic])
    except TopicsError as error:
        raise AwayError(str(error)) from error
    mark = digest(found.cluster, topic, found.topics[topic])[:8]
    return Parquet(parquet.folder, mark, parquet.seconds, parquet.megabytes * 1024 * 1024)
