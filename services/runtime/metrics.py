"""Every metric of a stage's process, of the canaries', the sinks' and of the HTTP service, in one place: its kind and its meaning.

What to do about each is in ``docs/metrics.md``.

Base units; label values come from closed vocabularies (stages, statuses, reasons, entity types, stance labels, verdicts, numbers
of NLP processes): no text of a document is ever a label. Each value is there from the start, at 0, so that no query is empty.
"""

import threading
from collections.abc import Mapping, Sequence
from typing import Literal, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector

from schemas import Reason, Status
from schemas.base import CANARY_PREFIX
from services.runtime.records import Made, Record
from services.runtime.topology import Measured, Stage
from services.runtime.vitals import Vitals

_LATENCY = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)
"""Seconds. The judge takes under 5 ms, a long article in the models some seconds, a backlog half an hour."""
Outcome = Literal["accepted", "invalid", "unauthorized", "too_large", "too_slow", "busy", "unavailable", "failed"]
"""How a request to the HTTP service ended. ``unavailable``: the broker did not acknowledge all of it."""
SetAside = Literal["foreign", "unmarked", "damaged", "ahead"]
"""Why tables are set aside: they are of another cluster or changelog; nothing says whose they are; they cannot be read; they
have what the changelog has not."""
_CANARY = CANARY_PREFIX.encode()


class Metrics:
    """The metrics of one stage's process. ``stage`` is a label of each, so that one query covers all stages."""

    def __init__(self, stage: Stage, version: str = "", registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        self._stage = stage.name
        self._counts = threading.Lock()  # scrapes come from another thread
        self._begun = self._done = self._open = self._restarts = self._retries = 0
        self._works_with = ""
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._declare_documents()
        self._declare_findings(stage)
        self._declare_flow()
        self._declare_processes(version)
        self._start_at_zero()

    def _declare_documents(self) -> None:
        self._taken = self._counter("documents_taken", "Documents that work was begun on, repeats included.")
        self._canaries = self._counter("canary_documents_taken", "Of the documents that work was begun on, canaries.")
        self._passed = self._counter("documents_passed", "Documents handed to the next stage.")
        self._ended = self._counter("documents", "Documents that ended at this stage, by disposition.", "status")
        self._failed = self._counter("dead_letters", "Documents put on the dead-letter topic, by reason.", "reason")
        self._work = self._histogram("stage_seconds", "Seconds of work on one document in this stage.")
        self._age = self._histogram("end_to_end_seconds", "Seconds from a document's message to its event.")
        self._batch = self._histogram("batch_seconds", "Seconds from taking a micro-batch to its outputs acknowledged.")
        self._size = self._histogram("batch_documents", "Documents in a micro-batch.", (1, 2, 4, 8, 16, 32, 64, 128))
        self._in_flight = self._gauge("documents_in_flight", "Documents under work now.")
        unaccounted = self._gauge(
            "documents_unaccounted", "Documents begun, less those with an outcome, dropped or in flight. Never but 0."
        )
        unaccounted.set_function(self._unaccounted)

    def _declare_findings(self, stage: Stage) -> None:
        self._facts: dict[str, Counter] = {}
        self._measures: dict[str, Histogram] = {}
        for one in stage.findings:
            if isinstance(one, Measured):
                self._measures[one.name] = self._histogram(one.name, one.help, one.buckets)
                continue
            self._facts[one.name] = self._counter(one.name, one.help, one.label)
            for value in one.values:
                self._facts[one.name].labels(self._stage, value)
        self._gauges = {one.name: self._gauge(one.name, one.help) for one in stage.tells if not one.counts}
        self._totals = {one.name: self._counter(one.name, one.help) for one in stage.tells if one.counts}
        for counter in self._totals.values():
            counter.labels(self._stage)
        self._told = dict.fromkeys(self._totals, 0.0)
        self._model = Gauge(
            "stancewire_model_info",
            "What the stage works with; the value is 1.",
            ["stage", "model"],
            registry=self.registry,
        )

    def _declare_flow(self) -> None:
        self.ready = self._gauge("ready", "Whether the stage takes documents: 1, or 0 where it does not.")
        self.partitions = self._gauge("assigned_partitions", "Partitions of this process.")
        self.lag = self._gauge("lag_documents", "Documents not finished in this process's partitions.")
        self.lag_seconds = self._gauge("lag_seconds", "Age of the oldest of them, at most.")
        self.still = self._gauge("still_seconds", "Longest time that a partition with lag has stood still.")
        self.recovery = self._gauge(
            "recovery_seconds", "Seconds of the last rebalance, its table read back, until documents were taken again."
        )
        self._aside = Gauge(
            "stancewire_tables_set_aside_timestamp_seconds",
            "When tables of this process's folder were last set aside, in seconds since 1970, by cause; 0: never, or not kept.",
            ["stage", "cause"],
            registry=self.registry,
        )
        self._irregular = self._counter(
            "irregular_records", "Records that came early (gap: sought back) or again (old: dropped).", "kind"
        )
        self._committed = self._counter("commits", "Commits of offsets.")
        self._expired = self._counter("documents_expired", "Offsets that were deleted before they were read, at most.")
        self._rewound = self._counter(
            "offsets_rewound", "Times that a partition's log ended before what was due, and was read again."
        )
        self.unstable = self._gauge(
            "open_transaction_documents",
            "Records behind the first transaction that is still open; they wait for its end.",
        )

    def _declare_processes(self, version: str) -> None:
        self.worker_restarts = self._gauge("worker_restarts", "Times that the supervisor has restarted this process.")
        self._again = self._counter(
            "retries",
            "Documents worked on again: after an NLP process failed (process), from dead letters (replay).",
            "cause",
        )
        self._replaced = self._counter("nlp_process_restarts", "NLP processes replaced since the start.")
        self._processes = self._gauge("nlp_processes", "NLP processes alive.")
        self._resident = self._counted("nlp_resident_bytes", "Memory of an NLP process.")
        self._space = self._counted("nlp_address_space_bytes", "Address space of an NLP process.")
        self._space_limit = self._gauge("nlp_address_space_limit_bytes", "What an NLP process may have of it.")
        info = Info("stancewire_build", "The version of the stage's results.", ["stage"], registry=self.registry)
        info.labels(self._stage).info({"pipeline": version})

    def _start_at_zero(self) -> None:
        for counter in (
            self._taken, self._canaries, self._passed, self._committed, self._replaced, self._expired, self._rewound,
        ):  # fmt: skip
            counter.labels(self._stage)
        for status in Status:
            self._ended.labels(self._stage, status.value)
        for reason in Reason:
            self._failed.labels(self._stage, reason.value)
        self.set_aside(dict.fromkeys(get_args(SetAside), 0.0))
        for kind in ("old", "gap"):
            self._irregular.labels(self._stage, kind)
        for cause in ("process", "replay"):
            self._again.labels(self._stage, cause)

    def set_aside(self, last: Mapping[SetAside, float]) -> None:
        """When tables were last set aside, for each cause."""
        for cause, when in last.items():
            self._aside.labels(self._stage, cause).set(when)

    def irregular(self, old: int, gaps: int) -> None:
        """So many records that arrived were old, or behind a gap."""
        self._irregular.labels(self._stage, "old").inc(old)
        self._irregular.labels(self._stage, "gap").inc(gaps)

    def expired(self, offsets: int) -> None:
        """So many offsets were deleted before they were read."""
        self._expired.labels(self._stage).inc(offsets)

    def told(self, figures: Mapping[str, float]) -> None:
        """What the stage's core tells of itself, by name; what is not there is 0."""
        for name, gauge in self._gauges.items():
            gauge.set(figures.get(name, 0))
        for name, counter in self._totals.items():
            now = figures.get(name, 0)
            counter.labels(self._stage).inc(max(0, now - self._told[name]))
            self._told[name] = now

    def rewound(self) -> None:
        """A partition's log ended before what was due."""
        self._rewound.labels(self._stage).inc()

    def began(self, records: Sequence[Record], in_flight: int) -> None:
        """Work on a micro-batch began; so many documents are now in flight."""
        with self._counts:
            self._begun += len(records)
            self._open = in_flight
        self._taken.labels(self._stage).inc(len(records))
        self._canaries.labels(self._stage).inc(sum((record.key or b"").startswith(_CANARY) for record in records))
        self._size.labels(self._stage).observe(len(records))
        self._in_flight.set(in_flight)
        self._again.labels(self._stage, "replay").inc(sum(record.attempt > 1 for record in records))

    def dropped(self, documents: int, in_flight: int) -> None:
        """A micro-batch was dropped, because partitions moved; its documents come again."""
        with self._counts:
            self._begun -= documents
            self._open = in_flight
        self._in_flight.set(in_flight)

    def finished(self, batch: Sequence[Made], seconds: float, in_flight: int) -> None:
        """The outputs of a micro-batch were acknowledged by the broker, ``seconds`` after it was taken."""
        with self._counts:
            self._done += len(batch)
            self._open = in_flight
        for made in batch:
            self._made(made)
        self._batch.labels(self._stage).observe(seconds)
        self._in_flight.set(in_flight)

    def _made(self, made: Made) -> None:
        if made.status is None:
            self._passed.labels(self._stage).inc()
        else:
            self._ended.labels(self._stage, made.status.value).inc()
            if made.age_seconds is not None:
                self._age.labels(self._stage).observe(made.age_seconds)
        if made.rejection is not None:
            self._failed.labels(self._stage, made.rejection.reason.value).inc()
        for name, value in made.measures.items():
            self._measures[name].labels(self._stage).observe(value)
        self._work.labels(self._stage).observe(made.seconds)
        for (name, label), count in made.facts.items():
            self._facts[name].labels(self._stage, label).inc(count)

    def committed(self) -> None:
        """Offsets were committed."""
        self._committed.labels(self._stage).inc()

    def works_with(self, model: str) -> None:
        """The stage's model or method, in place of the one before."""
        if model != self._works_with:
            self._works_with = model
            self._model.clear()
            self._model.labels(self._stage, model).set(1)

    def children(self, vitals: Sequence[Vitals | None], limit_bytes: int, restarts: int, retries: int) -> None:
        """How the NLP processes are (None: not alive), and counts since the start."""
        alive = [one for one in vitals if one is not None]
        self._processes.set(len(alive))
        self._space_limit.set(limit_bytes)
        for number, one in enumerate(vitals):
            self._resident.labels(self._stage, str(number)).set(one.resident_bytes if one else 0)
            self._space.labels(self._stage, str(number)).set(one.address_space_bytes if one else 0)
        self.told({name: max((one.figures.get(name, 0) for one in alive), default=0) for name in self._gauges})
        if alive and alive[0].model:
            self.works_with(alive[0].model)
        self._replaced.labels(self._stage).inc(restarts - self._restarts)
        self._again.labels(self._stage, "process").inc(retries - self._retries)
        self._restarts, self._retries = restarts, retries

    def _unaccounted(self) -> float:
        with self._counts:
            return self._begun - self._done - self._open

    def _counter(self, name: str, help: str, *labels: str) -> Counter:
        return Counter(f"stancewire_{name}", help, ["stage", *labels], registry=self.registry)

    def _gauge(self, name: str, help: str) -> Gauge:
        return Gauge(f"stancewire_{name}", help, ["stage"], registry=self.registry).labels(self._stage)

    def _counted(self, name: str, help: str) -> Gauge:
        return Gauge(f"stancewire_{name}", help, ["stage", "process"], registry=self.registry)

    def _histogram(self, name: str, help: str, buckets: Sequence[float] = _LATENCY) -> Histogram:
        made = Histogram(f"stancewire_{name}", help, ["stage"], buckets=buckets, registry=self.registry)
        made.labels(self._stage)
        return made


class CanaryMetrics:
    """The metrics of the process that sends canaries. ``kinds``: of the facts that it knows."""

    def __init__(self, kinds: Sequence[str], registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._rounds = Counter(
            "stancewire_canary_rounds",
            "Rounds of canaries: all facts held (agreed), some did not (differed), events were missing (missing), "
            "or an earlier round was in the way (crossed).",
            ["outcome"],
            registry=self.registry,
        )
        self._facts = Counter(
            "stancewire_canary_facts",
            "Known facts of canaries that were found (held), were not (failed), or whose event did not come (missing).",
            ["fact", "outcome"],
            registry=self.registry,
        )
        self._agreement = Gauge(
            "stancewire_canary_agreement",
            "Share of the known facts that held in the last round; 0 before the first.",
            registry=self.registry,
        )
        self._seconds = Histogram(
            "stancewire_canary_seconds",
            "Seconds from the delivery of a canary's story to its event.",
            buckets=_LATENCY,
            registry=self.registry,
        )
        for outcome in ("agreed", "differed", "missing", "crossed"):
            self._rounds.labels(outcome)
        for kind in kinds:
            for outcome in ("held", "failed", "missing"):
                self._facts.labels(kind, outcome)

    def crossed(self) -> None:
        """A round met an earlier one's canaries: nothing can be said of it."""
        self._rounds.labels("crossed").inc()

    def ended(self, outcomes: Sequence[tuple[str, bool | None]], seconds: float | None) -> None:
        """A round ended: each fact's kind, and whether it held (None: its event is missing). ``seconds`` of its story."""
        held = [outcome for _, outcome in outcomes]
        missing, failed = held.count(None), held.count(False)
        self._rounds.labels("missing" if missing else "differed" if failed else "agreed").inc()
        for kind, one in outcomes:
            self._facts.labels(kind, "missing" if one is None else "held" if one else "failed").inc()
        self._agreement.set(held.count(True) / len(held))
        if seconds is not None:
            self._seconds.observe(seconds)


class SinkMetrics:
    """The metrics of a sink's process. ``sink`` is a label of each, as ``stage`` is of a stage's."""

    def __init__(self, sink: str, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        self._sink = sink
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self.open = self._gauge("open", "Whether the sink takes events: 1, or 0 while it or the broker is away.")
        self.lag = self._gauge("lag_events", "Events that wait for the sink in this process's partitions.")
        self.lag_seconds = self._gauge("lag_seconds", "Age of the newest event that was written, while events wait.")
        self.batch = Histogram(
            "stancewire_sink_batch_seconds",
            "Seconds of writing a batch of events.",
            ["sink"],
            buckets=_LATENCY,
            registry=self.registry,
        ).labels(sink)
        self._events = Counter(
            "stancewire_sink_events",
            "Events taken: they changed something (written), were repeats, older or not wanted (unchanged), or became dead letters "
            "(refused, unreadable).",
            ["sink", "outcome"],
            registry=self.registry,
        )
        self._failures = Counter(
            "stancewire_sink_failures",
            "Times that the sink had to be opened again, by what was away: where it writes (sink), or Kafka (broker).",
            ["sink", "cause"],
            registry=self.registry,
        )
        for outcome in ("written", "unchanged", "refused", "unreadable"):
            self._events.labels(sink, outcome)
        for cause in ("sink", "broker"):
            self._failures.labels(sink, cause)

    @property
    def total(self) -> float:
        """Events taken."""
        [family] = self._events.collect()
        return sum(sample.value for sample in family.samples if sample.name.endswith("_total"))

    def took(self, changed: int, events: int) -> None:
        """So many events were taken, and so many of them changed something."""
        self._events.labels(self._sink, "written").inc(changed)
        self._events.labels(self._sink, "unchanged").inc(events - changed)

    def refused(self, *, unreadable: bool) -> None:
        """A message became a dead letter: it is no event, or was refused."""
        self._events.labels(self._sink, "unreadable" if unreadable else "refused").inc()

    def failed(self, cause: Literal["sink", "broker"]) -> None:
        """The sink is opened again."""
        self._failures.labels(self._sink, cause).inc()

    def _gauge(self, name: str, help: str) -> Gauge:
        return Gauge(f"stancewire_sink_{name}", help, ["sink"], registry=self.registry).labels(self._sink)


class ServeMetrics:
    """The metrics of the HTTP service."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._requests = Counter(
            "stancewire_serve_requests", "Requests answered, by outcome.", ["outcome"], registry=self.registry
        )
        self._documents = Counter(
            "stancewire_serve_documents", "Documents that the broker has acknowledged.", registry=self.registry
        )
        self._seconds = Histogram(
            "stancewire_serve_seconds",
            "Seconds from the head of a request that is accepted to its answer.",
            buckets=_LATENCY,
            registry=self.registry,
        )
        for outcome in get_args(Outcome):
            self._requests.labels(outcome)

    def answered(self, outcome: Outcome, seconds: float | None = None) -> None:
        """A request was answered, after so many ``seconds`` where it was accepted."""
        self._requests.labels(outcome).inc()
        if seconds is not None:
            self._seconds.observe(seconds)

    def acknowledged(self, documents: int) -> None:
        """The broker has acknowledged so many documents."""
        self._documents.inc(documents)
