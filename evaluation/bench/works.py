"""What benchmarks feed the stages with, and the clock that they read."""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from evaluation.data import Article
from schemas import Event, Processing, Status, Work

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


def resident_bytes(pid: int | str = "self") -> int:
    """Bytes of this process, or of another one, in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
