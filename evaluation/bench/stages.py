"""The stages as a worker runs them, on a real Kafka that lasts as long as the benchmark, and the CPU that they take.

Reads /proc, so Linux only. What is published and what is made of it is each benchmark's to say.
"""

import os
import re
import tempfile
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from kafka import TopicPartition

from deploy import broker
from evaluation.bench import BenchError
from schemas import Work
from services.consumer.client import ConsumeError, connect, partitions_of
from services.producer import client as sending
from services.producer.publish import PublishError
from services.runtime import topics
from services.runtime.settings import Settings, load
from services.runtime.supervisor import StageStoppedError, Supervisor, free_base
from services.runtime.topics import TopicsError
from services.runtime.topology import Stage, Topic

PATIENCE = 180.0
"""Seconds without an event, or until the stages are ready, after which a run has failed."""


@contextmanager
def kafka() -> Iterator[Settings]:
    """Settings for a broker of our own; its data folder, which workers may use too, goes with it.

    Raises:
        BenchError: anything about the broker or the stages went wrong inside.
    """
    with tempfile.TemporaryDirectory(prefix="stancewire-bench-") as folder:
        try:
            with broker.running(Path(folder) / "broker") as running:
                ours = {"brokers": running.address, "data_dir": Path(folder), "prefix": "bench-"}
                yield load(Settings).model_copy(update=ours)
        except (broker.BrokerError, TopicsError, StageStoppedError, PublishError, ConsumeError) as error:
            raise BenchError(str(error)) from error


@contextmanager
def workers(stages: Sequence[Stage], settings: Settings, count: int = 1) -> Iterator[list[Supervisor]]:
    """So many workers with these stages, ready. Their topics are made where they are missing.

    Raises:
        BenchError: they did not become ready.
    """
    with hiring(stages, settings) as hire:
        yield [hire() for _ in range(count)]


@contextmanager
def hiring(stages: Sequence[Stage], settings: Settings) -> Iterator[Callable[[], Supervisor]]:
    """Gives what starts one more worker with these stages, and waits until it is ready; all are stopped at the end.

    Raises:
        BenchError: one did not become ready.
    """
    topics.create(settings)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    log = settings.data_dir / "worker.log"
    os.environ |= {
        "STANCEWIRE_DATA_DIR": str(settings.data_dir),
        "STANCEWIRE_PREFIX": settings.prefix,
        "STANCEWIRE_PARTITIONS": str(settings.partitions),
    }
    with log.open("ab") as to, ExitStack() as stopping:

        def hire() -> Supervisor:
            one = Supervisor(stages, settings, free_base(settings.http_host, settings.http_port), to)
            stopping.callback(one.stop)
            _await_ready(one, log)
            return one

        yield hire


def _await_ready(supervisor: Supervisor, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not supervisor.ready():
        supervisor.check()
        if time.monotonic() > deadline:
            raise BenchError(
                f"the stages are not ready; the end of their log: {log.read_text(errors='replace')[-1000:]}"
            )
        time.sleep(0.2)


def send_works(settings: Settings, topic: Topic, works: Iterable[Work]) -> list[str]:
    """Put works on a topic between two stages; returns their positions, topic/partition/offset."""
    producer = sending.connect(settings)
    try:
        name = settings.prefix + topic.name
        sent = [producer.send(name, work.model_dump_json().encode(), work.event.id.encode(), []) for work in works]
        places = [future.get(60) for future in sent]
    finally:
        producer.close(10)
    return [f"{one.topic}/{one.partition}/{one.offset}" for one in places]


def await_out(settings: Settings, running: Sequence[Supervisor], outputs: Sequence[Topic], count: int) -> None:
    """Wait until ``outputs`` hold so many messages. Nothing is read, so that nothing is taken from the stages.

    Raises:
        BenchError: nothing came for too long.
    """
    consumer = connect(settings, None)
    names = [settings.prefix + topic.name for topic in outputs]
    places = [TopicPartition(name, number) for name in names for number in partitions_of(consumer, name)]
    out, since = 0, time.monotonic()
    try:
        while out < count:
            time.sleep(0.2)
            for one in running:
                one.check()
            now = sum(consumer.end_offsets(places).values())
            if now > out:
                out, since = now, time.monotonic()
            if time.monotonic() - since > PATIENCE:
                raise BenchError(f"{out} of {count} documents have come out")
    finally:
        consumer.close(autocommit=False)


def read_gauge(port: int, name: str) -> float:
    """What a stage's process on this machine says of the gauge ``stancewire_<name>``.

    Raises:
        OSError: it does not answer. LookupError: it has no such gauge.
    """
    return read_gauges(port, [name])[name]


def read_gauges(port: int, names: Sequence[str]) -> dict[str, float]:
    """The same of several gauges, or counters with one value, in one question."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=2) as answer:
        said = answer.read().decode()
    found = {name: re.search(rf"^stancewire_{name}{{.*}} (\S+)$", said, re.MULTILINE) for name in names}
    for name, value in found.items():
        if value is None:
            raise LookupError(f"port {port} has no gauge {name}")
    return {name: float(value[1]) for name, value in found.items() if value is not None}


class Cpu(NamedTuple):
    """CPU seconds of a stage's main process, and of the processes that it started."""

    main: float
    children: float


def cpu_of_stages() -> dict[tuple[str, int], Cpu]:
    """What each stage's processes have used so far, by the stage's name and its main process."""
    used, _ = _processes()
    return {
        stage: Cpu(used.get(stage[1], 0.0), sum(used.get(one, 0.0) for one in children))
        for stage, children in processes_of_stages().items()
    }


def processes_of_stages() -> dict[tuple[str, int], list[int]]:
    """The processes that each stage has started, by the stage's name and its main process; only of our own stages."""
    _, children = _processes()
    found: dict[tuple[str, int], list[int]] = {}
    for pid in children[os.getpid()]:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
        if "services.runtime.process" in words:
            name = words[words.index("services.runtime.process") + 1]
            found[name, pid] = _descendants(pid, children)
    return found


def _processes() -> tuple[dict[int, float], dict[int, list[int]]]:
    """The CPU seconds of each process of the machine, and the children of each."""
    ticks = os.sysconf("SC_CLK_TCK")
    used: dict[int, float] = {}
    children: dict[int, list[int]] = defaultdict(list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        used[int(stat.parent.name)] = (int(fields[11]) + int(fields[12])) / ticks
        children[int(fields[1])].append(int(stat.parent.name))
    return used, children


def descendants(pid: int) -> list[int]:
    """The processes that a process has started, and those that these have."""
    return _descendants(pid, _processes()[1])


def _descendants(pid: int, children: dict[int, list[int]]) -> list[int]:
    found = list(children[pid])
    for one in found:
        found += children[one]
    return found
