"""What is on each dashboard: few panels, each one question. The place on the grid and the JSON are ``write``'s.

Units are Grafana's names. A legend is the label that tells the lines apart. Descriptions say what is well and what to do.
"""

from dataclasses import dataclass
from typing import Literal

_STEADY = "$__rate_interval"
_NONE = " or on () vector(0)"
"""Behind a query of what need not run: a line at 0 where it does not."""


@dataclass(frozen=True)
class Line:
    """A query, and how its lines are called: ``{{label}}`` or a word."""

    query: str
    legend: str


@dataclass(frozen=True)
class Panel:
    """``width`` of 24 columns. ``stacked``: the lines are parts of a whole. ``limit``: red from there on. ``format``: as in
    Grafana; ``heatmap`` orders the buckets of a histogram and makes them counts of their own."""

    title: str
    description: str
    unit: str
    lines: tuple[Line, ...]
    kind: Literal["timeseries", "stat", "bargauge", "table"] = "timeseries"
    width: int = 12
    height: int = 8
    format: Literal["time_series", "table", "heatmap"] = "time_series"
    stacked: bool = False
    limit: float | None = None


@dataclass(frozen=True)
class Dashboard:
    """``uid`` is also the file's name."""

    uid: str
    title: str
    panels: tuple[Panel, ...]


def _by(label: str, query: str) -> tuple[Line, ...]:
    return (Line(query, "{{" + label + "}}"),)


OVERVIEW = Dashboard(
    "overview",
    "Overview",
    (
        Panel(
            "Stages ready",
            "Stages of which a process takes documents: all four. Fewer: alerts StageDown, StageNotReady.",
            "none",
            (Line("count(max by (stage) (stancewire_ready) == 1)", "ready"),),
            "stat",
            3,
            4,
        ),
        Panel(
            "Events a second",
            "Documents that got their event. Each document gets one, whatever came of it.",
            "ops",
            (Line("sum(status:stancewire_documents:rate1m)", "events"),),
            "stat",
            3,
            4,
        ),
        Panel(
            "Behind",
            "Age of the oldest document that is not finished, in the stage that is furthest behind. Over a minute: Behind.",
            "s",
            (Line("max(stage:stancewire_lag_seconds:max)", "behind"),),
            "stat",
            3,
            4,
            limit=60,
        ),
        Panel(
            "To event, 95 %",
            "So long takes a document from its message to its event, or less. Over a minute: Slow.",
            "s",
            (Line("job:stancewire_end_to_end_seconds:p95_5m", "95 %"),),
            "stat",
            3,
            4,
            limit=60,
        ),
        Panel(
            "Failed on, an hour",
            "Documents on which our own code failed. Any: DeadLettered; read them with stancewire deadletters list.",
            "none",
            (Line('sum(increase(stancewire_documents_total{status="dead_lettered"}[1h]))', "dead-lettered"),),
            "stat",
            3,
            4,
            limit=1,
        ),
        Panel(
            "Unaccounted",
            "Documents begun, less those with an outcome, less those in flight. Anything but 0 is a bug: Unaccounted.",
            "none",
            (Line("sum(abs(stancewire_documents_unaccounted))", "unaccounted"),),
            "stat",
            3,
            4,
            limit=1,
        ),
        Panel(
            "Canaries agree",
            "Share of the known facts that the last canary found. Under 100 %: CanaryDisagrees, or CanaryLost.",
            "percentunit",
            (Line("min(stancewire_canary_agreement)", "agreement"),),
            "stat",
            3,
            4,
        ),
        Panel(
            "A canary's event",
            "Half of the canaries had their event after so long. It goes through all stages and both models.",
            "s",
            (
                Line(
                    "histogram_quantile(0.5, sum by (le) (rate(stancewire_canary_seconds_bucket[10m])))",
                    "50 %",
                ),
            ),
            "stat",
            3,
            4,
            limit=60,
        ),
        Panel(
            "Events by outcome",
            "What came of the documents. Red ones are ours to mend, rejected ones their senders'.",
            "ops",
            _by("status", "status:stancewire_documents:rate1m"),
            stacked=True,
        ),
        Panel(
            "Lag",
            "Documents that wait for or are under work, by stage. The one that grows is the one to scale.",
            "short",
            _by("stage", "stage:stancewire_lag_documents:sum"),
        ),
        Panel(
            "From message to event",
            "Half of the documents, and 95 of 100, take so long or less.",
            "s",
            (
                Line("job:stancewire_end_to_end_seconds:p50_5m", "50 %"),
                Line("job:stancewire_end_to_end_seconds:p95_5m", "95 %"),
            ),
        ),
        Panel(
            "Conservation",
            "Documents of each stage that have neither an outcome nor are in flight: a line at 0. Else: Unaccounted.",
            "short",
            _by("stage", "sum by (stage) (stancewire_documents_unaccounted)"),
        ),
    ),
)

STAGES = Dashboard(
    "stages",
    "Stages",
    (
        Panel(
            "Documents taken",
            "Work begun, a second. Dedup ends copies, so later stages take fewer.",
            "ops",
            _by("stage", "stage:stancewire_documents_taken:rate1m"),
        ),
        Panel(
            "Work on one document, 95 of 100",
            "So long or less in each stage, waiting not counted. A stage that jumps: long documents, or a busy machine.",
            "s",
            _by("stage", "stage:stancewire_stage_seconds:p95_5m"),
        ),
        Panel(
            "Behind",
            "Age of the oldest document that is not finished, by stage. Over a minute: Behind.",
            "s",
            _by("stage", "stage:stancewire_lag_seconds:max"),
        ),
        Panel(
            "In flight",
            "Documents under work now. At batches in flight times batch size a stage is as busy as it may be.",
            "short",
            _by("stage", "sum by (stage) (stancewire_documents_in_flight)"),
        ),
        Panel(
            "Documents in a micro-batch",
            "On average. Near 1 the stream is slow and batching costs nothing; near the limit the stage is behind.",
            "short",
            _by(
                "stage",
                f"sum by (stage) (rate(stancewire_batch_documents_sum[{_STEADY}]))"
                f" / sum by (stage) (rate(stancewire_batch_documents_count[{_STEADY}]))",
            ),
        ),
        Panel(
            "A micro-batch, 95 of 100",
            "From taking it to its outputs acknowledged. Far over the work on its documents: the broker is slow.",
            "s",
            _by(
                "stage",
                f"histogram_quantile(0.95, sum by (stage, le) (rate(stancewire_batch_seconds_bucket[{_STEADY}])))",
            ),
        ),
        Panel(
            "Partitions",
            "By stage, over all workers: as many as its topic has, dedup 1. 0: NobodyWorks.",
            "short",
            _by("stage", "sum by (stage) (stancewire_assigned_partitions)"),
        ),
        Panel(
            "Commits, and records out of order",
            "Commits go on while documents come. Records that came again or early are normal after a rebalance only.",
            "ops",
            (
                Line(f"sum(rate(stancewire_commits_total[{_STEADY}]))", "commits"),
                Line(f"sum by (kind) (rate(stancewire_irregular_records_total[{_STEADY}]))", "{{kind}}"),
            ),
        ),
        Panel(
            "Offsets that the broker does not have",
            "Deleted before they were read: DocumentsExpired. Behind the log's end, so read again: OffsetsRewound. 0 each.",
            "short",
            (
                Line("sum(stancewire_documents_expired_total)", "expired"),
                Line("sum(stancewire_offsets_rewound_total)", "rewound"),
                Line("sum(stancewire_open_transaction_documents)", "behind an open transaction"),
            ),
        ),
    ),
)

CONTENT = Dashboard(
    "content",
    "Content",
    (
        Panel(
            "Entities by type",
            "Found a second. A type that vanishes while documents come: another model, or other senders.",
            "ops",
            _by("type", f"sum by (type) (rate(stancewire_entities_total[{_STEADY}]))"),
            stacked=True,
        ),
        Panel(
            "Stances by label",
            "Found a second.",
            "ops",
            _by("stance", f"sum by (stance) (rate(stancewire_stances_total[{_STEADY}]))"),
            stacked=True,
        ),
        Panel(
            "Verdicts",
            "Documents judged a second: unique, or which kind of copy.",
            "ops",
            _by("verdict", f"sum by (verdict) (rate(stancewire_verdicts_total[{_STEADY}]))"),
            stacked=True,
        ),
        Panel(
            "How similar copies are",
            "Copies since the workers started, by Jaccard similarity up to the figure. Low ones are excerpts and updates.",
            "none",
            (Line('sum by (le) (stancewire_copy_similarity_bucket{le!="+Inf"})', "{{le}}"),),
            "bargauge",
            format="heatmap",
        ),
        Panel(
            "Stories",
            "Documents a second: joined a story by their words, opened one, copies of a document of one.",
            "ops",
            _by("how", f"sum by (how) (rate(stancewire_placements_total[{_STEADY}]))"),
            stacked=True,
        ),
        Panel(
            "Window of the stories",
            "Documents that new ones are compared with (STANCEWIRE_STORIES_WINDOW_DOCUMENTS bounds them), and their stories.",
            "short",
            (
                Line("max(stancewire_stories_window_documents)", "documents"),
                Line("max(stancewire_stories)", "stories"),
            ),
        ),
        Panel(
            "Dead letters by reason",
            "On the dead-letter topic in the last hour, rejected ones with them.",
            "none",
            (Line("sum by (reason) (increase(stancewire_dead_letters_total[1h]))", "{{reason}}"),),
            "bargauge",
        ),
        Panel(
            "Lists in force",
            "Entries of the watch list (entities) and of the list of issues (stance).",
            "short",
            _by("stage", 'max by (stage) (stancewire_list_entries{stage=~"entities|stance"})'),
        ),
        Panel(
            "What canaries tell",
            "Known facts by kind, an hour: found (held), not found (failed), or without an event (missing).",
            "none",
            (
                Line(
                    "sum by (fact, outcome) (increase(stancewire_canary_facts_total[1h])) > 0", "{{fact}}: {{outcome}}"
                ),
            ),
            "bargauge",
            24,
        ),
    ),
)

EDGES = Dashboard(
    "edges",
    "In and out",
    (
        Panel(
            "Requests by outcome",
            "To the HTTP service, a second. Where Kafka did not acknowledge documents: HttpUnavailable. Others are the senders'.",
            "ops",
            (
                Line(f"sum by (outcome) (rate(stancewire_serve_requests_total[{_STEADY}])){_NONE}", "{{outcome}}"),
                Line(f"sum(rate(stancewire_serve_documents_total[{_STEADY}])){_NONE}", "documents"),
            ),
        ),
        Panel(
            "An accepted request, 95 of 100",
            "From its head to its answer, or less. The broker's acknowledgement is in it.",
            "s",
            (
                Line(
                    f"histogram_quantile(0.95, sum by (le) (rate(stancewire_serve_seconds_bucket[{_STEADY}]))){_NONE}",
                    "95 %",
                ),
            ),
        ),
        Panel(
            "Sinks open",
            "1 while a sink takes events, 0 while it or the broker is away: SinkAway. 0 in all: no sink runs.",
            "none",
            _by("sink", f"max by (sink) (stancewire_sink_open){_NONE}"),
        ),
        Panel(
            "Events that wait",
            "On the topic, for each sink. After an outage it falls; if it grows all day: SinkBehind.",
            "short",
            _by("sink", f"sum by (sink) (stancewire_sink_lag_events){_NONE}"),
        ),
        Panel(
            "Events by outcome",
            "Taken a second. Unchanged: repeats, older or not wanted. Refused and unreadable ones are dead letters: SinkRefuses.",
            "ops",
            (
                Line(
                    f"sum by (sink, outcome) (rate(stancewire_sink_events_total[{_STEADY}])){_NONE}",
                    "{{sink}}: {{outcome}}",
                ),
            ),
        ),
        Panel(
            "A batch, 95 of 100",
            "Seconds of writing a batch, or less. If it rises, what the sink writes to is busy.",
            "s",
            _by(
                "sink",
                f"histogram_quantile(0.95, sum by (sink, le) (rate(stancewire_sink_batch_seconds_bucket[{_STEADY}]))){_NONE}",
            ),
        ),
        Panel(
            "Behind",
            "Age of the newest event that was written, while events wait. Over ten minutes: SinkBehind.",
            "s",
            _by("sink", f"max by (sink) (stancewire_sink_lag_seconds){_NONE}"),
            limit=600,
        ),
        Panel(
            "Sinks opened again, an hour",
            "After what a sink writes to (sink) or Kafka (broker) was away. Again and again: its log says why.",
            "short",
            (
                Line(
                    f"sum by (sink, cause) (increase(stancewire_sink_failures_total[1h])){_NONE}", "{{sink}}: {{cause}}"
                ),
            ),
        ),
    ),
)

HEALTH = Dashboard(
    "health",
    "Health",
    (
        Panel(
            "Memory of the NLP processes",
            "Resident, the largest of each stage. Flat over any number of documents.",
            "bytes",
            _by("stage", "max by (stage) (stancewire_nlp_resident_bytes)"),
        ),
        Panel(
            "Address space, of what is allowed",
            "The largest NLP process. At 1 a document that asks for more is dead-lettered: NlpMemoryNearLimit.",
            "percentunit",
            _by(
                "stage",
                "max by (stage) (stancewire_nlp_address_space_bytes)"
                " / max by (stage) (stancewire_nlp_address_space_limit_bytes > 0)",
            ),
            limit=0.9,
        ),
        Panel(
            "Memory of the stages' own processes",
            "Without their NLP processes. Dedup's holds the window.",
            "bytes",
            _by(
                "stage",
                "max by (stage) (process_resident_memory_bytes * on (instance) group_left (stage) stancewire_build_info)",
            ),
        ),
        Panel(
            "spaCy's strings",
            "In the NLP process with the most. Flat; if it grows: StringStoreGrows.",
            "short",
            _by("stage", 'max by (stage) (stancewire_spacy_strings{stage="entities"})'),
        ),
        Panel(
            "Restarts and retries, an hour",
            "Stages started again, NLP processes replaced, documents worked on again. Rising: RestartsOften, NlpProcessesDie.",
            "short",
            (
                Line("sum(changes(process_start_time_seconds[1h]))", "stages"),
                Line("sum(increase(stancewire_nlp_process_restarts_total[1h]))", "NLP processes"),
                Line("sum by (cause) (increase(stancewire_retries_total[1h]))", "retries: {{cause}}"),
            ),
        ),
        Panel(
            "Standstill",
            "Longest time that a partition with lag has not moved. At 30 s the process ends itself: StandsStill.",
            "s",
            _by("stage", "max by (stage) (stancewire_still_seconds)"),
            limit=20,
        ),
        Panel(
            "Recovery",
            "Seconds that the last rebalance took, dedup's table read back in them.",
            "s",
            _by("stage", "max by (stage) (stancewire_recovery_seconds)"),
        ),
        Panel(
            "Dedup's window",
            "Bytes of the fingerprints in it, bounded by STANCEWIRE_DEDUP_WINDOW_BYTES.",
            "bytes",
            (Line('max(stancewire_window_bytes{stage="dedup"})', "window"),),
        ),
        Panel(
            "Models at work",
            "One row a stage. Two of one stage: ModelsDiffer.",
            "none",
            (Line("max by (stage, model) (stancewire_model_info)", "{{stage}}"),),
            "table",
            24,
            format="table",
        ),
    ),
)

DASHBOARDS = (OVERVIEW, STAGES, CONTENT, EDGES, HEALTH)
