"""``stancewire sink postgres`` on a real PostgreSQL and a real Kafka, killed with -9 again and again, and left alone.

A hundred AllSides articles are enriched once, and stand on the topic again and again under ids of their own. Every twentieth
document comes again as a second revision, every fiftieth is withdrawn at the end. The first run is killed when a fifth, two, three
and four fifths of the documents have their rows, and started again each time. The second one writes the same into another schema
and is left alone.

* ``rows``: by table, after the first run. ``missing`` and ``repeated``: keys that should be there and are not, and those that are
  there and should not be, or twice, in all tables and both runs; of documents the event is a part of the key.
* ``events_per_second``, ``cpu_ms``: of the second run, by its own clock, and the processor time of its process, its start included.
* ``killed_cpu_ms``: the same of the five processes of the first run, which each start anew.
"""

import os
import re
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import psycopg
from kafka import KafkaProducer

from evaluation.bench import BenchError
from evaluation.bench.stages import kafka
from evaluation.data import ARTICLES, articles
from evaluation.postgres import PASSWORD, Server, running
from schemas import Document, Event, Processing, Status
from services.pipeline import Pipeline
from services.runtime import topics
from services.runtime.settings import Settings
from services.runtime.topology import ENRICHED
from services.sinks.tables import TABLES, Rows, add_rows

DOCUMENTS = 2_000
_DIFFERENT = 100
_REVISED, _WITHDRAWN = 20, 50
"""Every so many documents one comes again, or is withdrawn."""
_KILLS = 4
_PATIENCE = 180.0
_COMMAND = [str(Path(sys.executable).with_name("stancewire")), "sink", "postgres"]
_RECEIVED = datetime(2026, 3, 11, 7, 30, tzinfo=UTC)


def measure(documents: int) -> dict[str, Any]:
    """What is in the tables after both runs, and what it took.

    Raises:
        DataError: the articles are not there. BenchError: the sink or the broker failed.
    """
    events = list(_events(documents))
    current = _current(events)
    with kafka() as settings, running(fsync=True) as server, server.connect() as database:
        topics.create(settings)
        _send(settings, events)
        killed_cpu = _killed(settings, server, database, len(current))
        rows = {table.name: _count(database, "killed", table.name) for table in TABLES}
        seconds, cpu = _alone(settings, server)
        missing, repeated = 0, 0
        for schema in ("killed", "alone"):
            lacks, has = _compare(database, schema, current)
            missing, repeated = missing + lacks, repeated + has
    return {
        "data": str(ARTICLES),
        "events": len(events),
        "documents": documents,
        "kills": _KILLS,
        "rows": rows,
        "missing": missing,
        "repeated": repeated,
        "events_per_second": len(events) / seconds,
        "cpu_ms": 1000 * cpu / len(events),
        "killed_cpu_ms": 1000 * killed_cpu / len(events),
    }


def _events(documents: int) -> Iterator[Event]:
    sent = [Document(id=f"a-{number}", **one.model_dump()) for number, one in enumerate(articles(_DIFFERENT))]
    made = Pipeline()([(None, one.model_dump_json().encode()) for one in sent], _RECEIVED)
    firsts = [_received(one, f"{one.id}/{number}", 1, 0) for number, one in enumerate(islice(cycle(made), documents))]
    yield from firsts
    yield from (_received(one, one.id, 2, 1) for one in firsts[::_REVISED])
    for one in firsts[::_WITHDRAWN]:
        at = _RECEIVED + timedelta(hours=2)
        processing = Processing(pipeline="bench", received_at=at, enriched_at=at)
        yield Event(event_id=f"w/{one.id}", id=one.id, status=Status.WITHDRAWN, processing=processing)


def _received(one: Event, id: str, revision: int, hours: int) -> Event:
    at = _RECEIVED + timedelta(hours=hours)
    processing = one.processing.model_copy(update={"received_at": at, "enriched_at": at})
    changes = {"id": id, "revision": revision, "event_id": f"{id}/{revision}", "processing": processing}
    return one.model_copy(update=changes)


def _current(events: Sequence[Event]) -> list[Event]:
    """The events whose documents should be there at the end."""
    last = {one.id: one for one in events}
    return [one for one in last.values() if one.status is not Status.WITHDRAWN]


def _send(settings: Settings, events: Sequence[Event]) -> None:
    producer = KafkaProducer(bootstrap_servers=settings.brokers, acks="all")
    for one in events:
        producer.send(settings.prefix + ENRICHED.name, one.model_dump_json().encode(), key=one.id.encode())
    producer.flush()
    producer.close()


def _start(settings: Settings, server: Server, schema: str, *words: str) -> "subprocess.Popen[str]":
    variables = {
        "STANCEWIRE_BROKERS": str(settings.brokers),
        "STANCEWIRE_PREFIX": settings.prefix,
        "STANCEWIRE_SINK_PORT": "0",
        "STANCEWIRE_POSTGRES_URL": server.url,
        "STANCEWIRE_POSTGRES_PASSWORD": PASSWORD,
        "STANCEWIRE_POSTGRES_NAMESPACE": schema,
        "STANCEWIRE_LOG_LEVEL": "ERROR",
    }
    command = [*_COMMAND, "--group", f"sink-{schema}", *words]
    return subprocess.Popen(
        command, env=os.environ | variables, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def _killed(settings: Settings, server: Server, database: Any, documents: int) -> float:
    """Run it to the end, killed in between. Returns its processor time."""
    before = _cpu_of_ended()
    for part in range(1, _KILLS + 1):
        process = _start(settings, server, "killed")
        try:
            _await_rows(database, documents * part // (_KILLS + 1), process)
        finally:
            process.kill()
            process.communicate()
    _finish(_start(settings, server, "killed", "--until-end"))
    return _cpu_of_ended() - before


def _alone(settings: Settings, server: Server) -> tuple[float, float]:
    """Seconds by its own clock, and processor time, of a run that nobody disturbs."""
    before = _cpu_of_ended()
    said = _finish(_start(settings, server, "alone", "--until-end"))
    found = re.search(r"events in ([0-9.]+) s", said)
    if found is None:
        raise BenchError(f"the sink does not say how long it took: {said[-300:]}")
    return float(found[1]), _cpu_of_ended() - before


def _finish(process: "subprocess.Popen[str]") -> str:
    """Wait for its end; returns what it said."""
    try:
        _, said = process.communicate(timeout=_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        _, said = process.communicate()
    if process.returncode:
        raise BenchError(f"the sink ended with status {process.returncode}: {said[-300:]}")
    return said


def _await_rows(database: Any, wanted: int, process: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + _PATIENCE
    while _count(database, "killed", "documents") < wanted:
        if process.poll() is not None or time.monotonic() > deadline:
            raise BenchError(f"the sink does not write {wanted} documents")
        time.sleep(0.02)


def _count(database: Any, schema: str, table: str) -> int:
    try:
        [[found]] = database.execute(f"SELECT count(*) FROM {schema}.{table}")  # noqa: S608 - both are ours
    except psycopg.errors.UndefinedTable:
        return 0
    return int(found)


def _compare(database: Any, schema: str, current: Sequence[Event]) -> tuple[int, int]:
    """How many keys are missing, and how many are there that should not be, or twice."""
    wanted: Rows = {}
    for one in current:
        add_rows(one, wanted)
    missing = repeated = 0
    for table in TABLES:
        keys = (*table.keys, *(("event_id",) if table.name == "documents" else ()))
        places = [table.names.index(key) for key in keys]
        should = Counter(tuple(row[place] for place in places) for row in wanted.get(table.name, ()))
        found = database.execute(f"SELECT {', '.join(keys)} FROM {schema}.{table.name}")  # noqa: S608 - all are ours
        there = Counter(map(tuple, found))
        missing += (should - there).total()
        repeated += (there - should).total()
    return missing, repeated


def _cpu_of_ended() -> float:
    """Processor time of all child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
