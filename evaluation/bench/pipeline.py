"""The whole pipeline through a real Kafka, from publishing to reading the last event, beside plain ``nlp.pipe``.

The broker, the stages and the baseline run on this machine, one after the other. The baseline is the entity model with its
sentence splitter in as many processes as each heavy stage has, which take the same articles as they become free; the pipeline
finds copies and stances beside. Both have their models loaded and have read some articles when the clock starts.
``memory_mb`` is what all processes of a stage have in memory at the end, what they share counted in each: the limit of a container.
``kafka_bytes`` is what each topic has on the broker's disk, a document, in one copy; of a compacted topic, before it is compacted.
``overhead_ms`` is the CPU a document of everything but the children of the heavy stages: the stages' main processes and
the children of intake and dedup, not the broker. Reads /proc, so Linux only.
"""

import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from evaluation.bench import BenchError
from evaluation.bench.peers.hands import hands
from evaluation.bench.stages import PATIENCE, cpu_of_stages, kafka, processes_of_stages, workers
from evaluation.bench.works import resident_bytes
from evaluation.data import ARTICLES, Article, DataError, articles
from services.consumer.follow import Follower
from services.entities.settings import EntitySettings
from services.producer.item import Item, Origin
from services.producer.publish import publish
from services.runtime.settings import Settings, load
from services.runtime.supervisor import Supervisor
from services.runtime.topology import STAGES

DOCUMENTS = 300
_WARM = 16
"""Articles read before the clock starts, by each side: the first ones find cold caches."""


def measure(documents: int) -> dict[str, Any]:
    """Documents a second of both, their ratio, and the pipeline's own CPU a document.

    Raises:
        DataError: the articles are not there. BenchError: the broker or the stages did not start, or events did not come.
    """
    read = articles(_WARM + documents)
    warm, timed = read[:_WARM], read[_WARM:]
    if not timed:
        raise DataError(f"{ARTICLES}: {len(read)} articles are too few")
    seconds, cpu, memory, kept, processes = _through_kafka(warm, timed)
    plain = _plain(warm, timed, processes)
    own = {name: value for name, value in cpu.items() if name not in ("entities nlp", "stance nlp")}
    return {
        "data": str(ARTICLES),
        "documents": len(timed),
        "processes": processes,
        "documents_per_second": len(timed) / seconds,
        "stock_documents_per_second": len(timed) / plain,
        "ratio": plain / seconds,
        "overhead_ms": 1000 * sum(own.values()) / len(timed),
        "cpu_ms": {name: 1000 * value / len(timed) for name, value in sorted(cpu.items())},
        "memory_mb": memory,
        "kafka_bytes": {topic: size / len(read) for topic, size in sorted(kept.items())},
    }


def _through_kafka(
    warm: Sequence[Article], timed: Sequence[Article]
) -> tuple[float, dict[str, float], dict[str, float], dict[str, int], int]:
    """Seconds, CPU seconds by part, megabytes by stage, bytes by topic, and NLP processes of a heavy stage."""
    with kafka() as settings, workers(STAGES, settings) as (supervisor,):
        _run(settings, supervisor, warm, "warm")
        before = _cpu()
        seconds = _run(settings, supervisor, timed, "timed")
        after = _cpu()
        memory = {
            name: sum(map(resident_bytes, (pid, *children))) / 1e6
            for (name, pid), children in processes_of_stages().items()
        }
        kept = _kept(settings)
    return seconds, {name: after[name] - before[name] for name in after}, memory, kept, settings.process_count


def _kept(settings: Settings) -> dict[str, int]:
    """Bytes of the logs of our topics on the disk of the broker, by topic."""
    found: dict[str, int] = defaultdict(int)
    for log in settings.data_dir.glob("broker/data/*/*.log"):
        topic = log.parent.name.rpartition("-")[0]
        if topic.startswith(settings.prefix):
            found[topic.removeprefix(settings.prefix)] += log.stat().st_size
    return found


def _run(settings: Settings, supervisor: Supervisor, read: Sequence[Article], name: str) -> float:
    """Seconds from the first article sent to the last event read."""
    with Follower(settings, start="end", idle=1.0, unique=True) as follower:
        started = last = time.monotonic()
        report = publish(_items(read, name), settings)
        wanted = {f"{topic}/{partition}/{offset}" for topic, partition, offset in report.positions}
        if len(wanted) != len(read):
            raise BenchError(f"{len(wanted)} of {len(read)} articles were delivered")
        while wanted:
            supervisor.check()
            for received in follower:
                wanted.discard(received.record.origin or "")
                last = time.monotonic()
                if not wanted:
                    break
            if time.monotonic() - last > PATIENCE:
                raise BenchError(f"{len(wanted)} of {len(read)} articles have no event")
        return last - started


def _items(read: Iterable[Article], name: str) -> list[Item]:
    return [
        Item(
            Origin(name, "line", number),
            json.dumps({"id": f"{name}-{number}", "title": one.title, "text": one.text}).encode(),
            f"{name}-{number}".encode(),
        )
        for number, one in enumerate(read, start=1)
    ]


def _cpu() -> dict[str, float]:
    """CPU seconds so far of each stage's main process and, under ``<stage> nlp``, of the processes that it started."""
    found: dict[str, float] = {}
    for (name, _), used in cpu_of_stages().items():
        found |= {name: used.main, f"{name} nlp": used.children}
    return found


def _plain(warm: Sequence[Article], timed: Sequence[Article], processes: int) -> float:
    """Seconds that as many processes take for ``nlp.pipe`` over the articles."""
    arguments = [load(EntitySettings).model, "names"]
    with tempfile.TemporaryDirectory() as folder, hands(arguments, processes, Path(folder)) as run:
        run.warm(warm)
        return run(timed)
