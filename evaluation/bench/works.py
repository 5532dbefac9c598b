"""What benchmarks feed the stages with, and the clock that they read."""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from faust.stores.rocksdb import RocksDBOptions

from evaluation.data import Article
from schemas import Event, Processing, Status, Work
from services.runtime.table import OPTIONS

RECEIVED = datetime(2024, 1, 1, tzinfo=UTC)


def make_work(id: str, article: Article, received_at: datetime = RECEIVED) -> Work:
    """The article as the stage before hands it on."""
    processing = Processing(pipeline="bench", received_at=received_at)
    event = Event(
        event_id=id, id=id, status=Status.ENRICHED, title=article.title, text=article.text, processing=processing
    )
    return Work(event=event)


def cpu_seconds(call: Callable[[], object]) -> float:
    """The CPU seconds, of all threads of this process, that ``call`` takes."""
    started = time.process_time()
    call()
    return time.process_time() - started


@contextmanager
def repeating(seconds: float, call: Callable[[], object]) -> Iterator[None]:
    """Call again and again for as long as the context lasts, beside it, after so many seconds each time."""
    over = threading.Event()

    def repeat() -> None:
        while not over.wait(seconds):
            call()

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def resident_bytes(pid: int | str = "self") -> int:
    """Bytes of this process, or of another one, in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Table(MutableMapping[str, str]):
    """A table as Faust keeps it: the same database, JSON for keys and values."""

    def __init__(self, folder: Path) -> None:
        self._database = RocksDBOptions(**OPTIONS, use_rocksdict=True).open(folder / "table.db")
        self.written = 0

    def __getitem__(self, key: str) -> str:
        value = self._database.get(json.dumps(key).encode())
        if value is None:
            raise KeyError(key)
        return str(json.loads(value))

    def __setitem__(self, key: str, value: str) -> None:
        encoded = json.dumps(value).encode()
        self.written += len(encoded)
        self._database.put(json.dumps(key).encode(), encoded)

    def __delitem__(self, key: str) -> None:
        self._database.delete(json.dumps(key).encode())

    def __iter__(self) -> Iterator[str]:
        return (str(json.loads(key)) for key in self._database.keys())  # noqa: SIM118 - it is no dict

    def __len__(self) -> int:
        return sum(1 for _ in self)
