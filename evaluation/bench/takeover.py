"""The judge dies with its window full, and another worker with nothing on its disk takes its place: how long, and what it reads.

The dedup stage alone, on a real Kafka, fed with works as intake writes them: made-up documents, no copies. The judge is
killed with -9 and a document sent at once: ``takeover_seconds`` is until its verdict. The dead one's session has to end
first (``session_seconds``, less the time since its last heartbeat); ``recovery_seconds`` is what comes then, as the worker
tells it, to half a second. Both also with ten documents in the window (``_empty``); what is between the two is reading, from which
``rows_per_second``. A part of it is the judge's own, measured in this process: ``load_rows_per_second``.

Bytes a document: ``row_bytes`` is key and value as the judge makes them, ``changelog_bytes`` what stands in the broker's log,
``table_bytes`` what RocksDB takes on the worker's disk.
"""

import os
import random
import signal
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from evaluation.bench import BenchError
from evaluation.bench.stages import await_out, cpu_of_stages, kafka, read_gauge, send_works, workers
from evaluation.bench.works import RECEIVED, cpu_seconds, make_work
from evaluation.data import Article
from evaluation.recorded import judge_alone, reloaded
from schemas import Work
from services.consumer.tail import Tail
from services.dedup.fingerprint import Fingerprinter
from services.dedup.settings import DedupSettings
from services.runtime.settings import Settings, load
from services.runtime.topology import FINGERPRINTS, UNIQUE, changelog, named

DOCUMENTS = 20_000
_WORDS = 400
"""Of a document, as in ``make bench TASK=dedup``: the row is as long as the text has shingles."""
_FEW = 10
_STAGE = named("dedup")


def measure(documents: int) -> dict[str, Any]:
    """Seconds until the first verdict of the next judge, rows a second, bytes a document.

    Raises:
        BenchError: the stages did not get the documents done.
    """
    made = list(_works(documents))
    table: dict[str, str] = {}
    judge = judge_alone(load(DedupSettings), table)
    for work in made:
        judge(work)
    loading = cpu_seconds(lambda: reloaded(load(DedupSettings), table))
    with kafka() as settings:
        empty = _takeover(settings.model_copy(update={"prefix": "bench-few-"}), made[:_FEW], made[-1])
        full = _takeover(settings.model_copy(update={"prefix": "bench-"}), made[:-1], made[-1])
        log = next((settings.data_dir / "broker" / "data").glob(f"bench-{_changelog()}-0"))
        disk = settings.data_dir / "first-bench-" / "tables"
        sizes = {"changelog_bytes": _bytes(log, "*.log"), "table_bytes": _bytes(disk, "**/*")}
    return {
        "data": f"made up: {_WORDS} words each",
        "documents": documents,
        "session_seconds": settings.session_seconds,
        "takeover_seconds": full.takeover,
        "takeover_seconds_empty": empty.takeover,
        "recovery_seconds": full.recovery,
        "recovery_seconds_empty": empty.recovery,
        "rows_per_second": documents / max(full.recovery - empty.recovery, 0.001),
        "load_rows_per_second": documents / loading,
        "row_bytes": sum(len(key) + len(value) for key, value in table.items()) / len(table),
        **{name: size / documents for name, size in sizes.items()},
    }


class _Seconds(NamedTuple):
    """From the judge's death to the verdict on what is sent then, and of that, from the rebalance to where works are taken."""

    takeover: float
    recovery: float


def _takeover(settings: Settings, before: Sequence[Work], after: Work) -> _Seconds:
    """Let a judge judge ``before``, kill it, and have another judge ``after``."""
    first, second = (
        settings.model_copy(update={"data_dir": settings.data_dir / f"{name}-{settings.prefix}"})
        for name in ("first", "second")
    )
    with workers([_STAGE], first) as its:
        send_works(settings, FINGERPRINTS, before)
        await_out(settings, its, [UNIQUE], len(before))
        (victim,) = (pid for _, pid in cpu_of_stages())
        with workers([_STAGE], second) as others:
            os.kill(victim, signal.SIGKILL)
            killed = time.time()
            send_works(settings, FINGERPRINTS, [after])
            await_out(settings, others, [UNIQUE], len(before) + 1)
            recovery = read_gauge(others[0].port(_STAGE), "recovery_seconds")
    with Tail(settings, UNIQUE, to_end=True) as tail:
        return _Seconds(max(record.timestamp for record in tail) - killed, recovery)


def _works(count: int) -> Iterator[Work]:
    choice = random.Random(1)  # noqa: S311 - the same documents each time
    vocabulary = [f"{choice.getrandbits(24):06x}" for _ in range(50_000)]
    fingerprinter = Fingerprinter(load(DedupSettings))
    for number in range(count):
        text = " ".join(choice.choices(vocabulary, k=_WORDS))
        work = make_work(f"{number}", Article(title="", text=""), RECEIVED + timedelta(seconds=number))
        yield work.model_copy(update={"fingerprint": fingerprinter(text)})


def _changelog() -> str:
    topic = changelog("", _STAGE)
    if topic is None:
        raise BenchError("the judge has no table")
    return topic.name


def _bytes(folder: Path, pattern: str) -> int:
    return sum(path.stat().st_size for path in folder.glob(pattern) if path.is_file())
