"""Every metric of a worker process, in one place: its kind, its meaning, what to do about it.

Base units; label values come from closed vocabularies (stages, statuses, reasons, entity types, stance labels, verdicts):
no text of a document is ever a label.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector

from services.runtime.records import Made
from services.runtime.topology import PIPELINE, Stage

_LATENCY = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)


class Metrics:
    """The metrics of one stage's process. ``stage`` is a label of each, so that one query covers all stages."""

    def __init__(self, stage: Stage, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        self._stage = stage.name
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._taken = self._counter("documents_taken", "Documents taken from the stage's topic, repeats included.")
        self._passed = self._counter("documents_passed", "Documents handed to the next stage.")
        self._ended = self._counter("documents", "Documents that ended at this stage, by disposition.", "status")
        self._failed = self._counter(
            "dead_letters",
            "Documents put on the dead-letter topic, by reason. Read them: stancewire deadletters list.",
            "reason",
        )
        self._work = self._histogram("stage_seconds", "Seconds of work on one document in this stage.")
        self._batch = self._histogram("batch_seconds", "Seconds from taking a micro-batch to its outputs acknowledged.")
        self._size = Histogram(
            "stancewire_batch_documents",
            "Documents in a micro-batch.",
            ["stage"],
            buckets=(1, 2, 4, 8, 16, 32, 64, 128),
            registry=self.registry,
        ).labels(self._stage)
        self._age = self._histogram("end_to_end_seconds", "Seconds from a document's message to its event.")
        self._facts = {
            "entity": self._counter("entities", "Entities found, by type.", "type"),
            "stance": self._counter("stances", "Stances found, by label.", "stance"),
            "verdict": self._counter("verdicts", "Copies and originals, by verdict.", "verdict"),
        }
        self._irregular = self._counter(
            "irregular_records", "Records that came early (gap: sought back) or again (old: dropped).", "kind"
        )
        self.in_flight = self._gauge("documents_in_flight", "Documents under work now.")
        self.lag = self._gauge(
            "lag_documents", "Documents waiting in this process's partitions. Growing: add workers or NLP processes."
        )
        self.still = self._gauge(
            "still_seconds", "Longest time a partition with lag has stood still. Over 30 s the process ends itself."
        )
        self.partitions = self._gauge(
            "assigned_partitions", "Partitions of this process. 0 on every worker: nobody works."
        )
        self.recovery = self._gauge(
            "recovery_seconds",
            "Seconds of the last rebalance, its table read back: until documents were taken again, to half a second.",
        )
        self.window = self._gauge("window_documents", "Documents in the dedup window.")
        self.window_bytes = self._gauge(
            "window_bytes", "Characters of their fingerprints: see STANCEWIRE_DEDUP_WINDOW_BYTES."
        )
        self._committed = self._counter("commits", "Commits of offsets.")
        self.pool_restarts = self._gauge(
            "nlp_process_restarts", "NLP processes replaced since the start. Rising: look for crashing documents."
        )
        self.worker_restarts = self._gauge("worker_restarts", "Times that the supervisor has restarted this process.")
        info = Info("stancewire_build", "The version of the pipeline.", ["stage"], registry=self.registry)
        info.labels(self._stage).info({"pipeline": PIPELINE})

    def took(self, due: int, old: int, gaps: int) -> None:
        """A micro-batch was taken; so many of its records were due, old, or behind a gap."""
        self._taken.labels(self._stage).inc(due)
        if due:
            self._size.observe(due)
        for kind, count in (("old", old), ("gap", gaps)):
            if count:
                self._irregular.labels(self._stage, kind).inc(count)

    def made(self, made: Made) -> None:
        """A document's output was acknowledged by the broker."""
        if made.status is None:
            self._passed.labels(self._stage).inc()
        else:
            self._ended.labels(self._stage, made.status.value).inc()
            if made.age_seconds is not None:
                self._age.labels(self._stage).observe(made.age_seconds)
        if made.rejection is not None:
            self._failed.labels(self._stage, made.rejection.reason.value).inc()
        self._work.labels(self._stage).observe(made.seconds)
        for (what, label), count in made.facts.items():
            self._facts[what].labels(self._stage, label).inc(count)

    def batch_done(self, seconds: float) -> None:
        """All outputs of a micro-batch are acknowledged."""
        self._batch.labels(self._stage).observe(seconds)

    def committed(self) -> None:
        """Offsets were committed."""
        self._committed.labels(self._stage).inc()

    def _counter(self, name: str, help: str, *labels: str) -> Counter:
        return Counter(f"stancewire_{name}", help, ["stage", *labels], registry=self.registry)

    def _gauge(self, name: str, help: str) -> Gauge:
        return Gauge(f"stancewire_{name}", help, ["stage"], registry=self.registry).labels(self._stage)

    def _histogram(self, name: str, help: str) -> Histogram:
        return Histogram(f"stancewire_{name}", help, ["stage"], buckets=_LATENCY, registry=self.registry)
