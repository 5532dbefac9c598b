"""Writes ``docs/sizing.md``: cores, memory, partitions and disk for so many documents a second.

The figures that were measured are the constants of this file, each beside the command that prints it. Everything else on the page
is computed from them here. ``make reference`` writes the page.
"""

from collections.abc import Callable, Sequence
from math import ceil

RATES = (1, 10, 40, 100, 300, 1_000)
BUSY = 0.7
"""How busy a core is to be: the rest is for hours with more news, and for what waits after a restart."""
DAYS = 7
"""Retention of the topics, ``retention.ms`` of the topology."""
REPLICAS = 3
WINDOW_HOURS, WINDOW_MOST = 72, 10_000_000
"""``STANCEWIRE_DEDUP_WINDOW_HOURS``, and the most that ``STANCEWIRE_DEDUP_WINDOW_DOCUMENTS`` takes."""
STORIES_DAYS = 7
"""``STANCEWIRE_STORIES_WINDOW_DAYS``. Its documents have the same most."""
NLP = 2
"""NLP processes in a pod of a heavy stage, which keep as many cores busy."""

# make bench TASK=partitions: processor time a document, of documents that come as fast as they can be taken, on one partition
INTAKE_MS, JUDGE_MS = 4.3, 3.1
# the same, of all its runs: workers, partitions, documents a second, ms of intake, ms of the judge
RUNS = (
    (1, 1, 154, 4.3, 3.1),
    (1, 4, 192, 3.9, 2.9),
    (2, 4, 97, 4.5, 3.2),
    (4, 4, 135, 4.5, 3.1),
    (1, 8, 71, 5.0, 3.4),
    (2, 8, 64, 5.1, 3.5),
    (4, 8, 24, 5.6, 3.5),
)
# the same: partitions, workers before the change, the longest wait: calm, joined, left, killed
WAITS = ((1, 1, 0.1, 0.9, 0.9, 12.5), (4, 4, 0.1, 1.3, 2.0, 11.6), (8, 4, 0.3, 10.1, 4.2, 14.4))
# make bench TASK=pipeline DOCUMENTS=40: processor time an article, of all processes of the stage
ENTITIES_MS, STANCE_MS = 193.0, 172.0
# the same: memory of all processes of a pod, MB
INTAKE_MB, DEDUP_MB, ENTITIES_MB, STANCE_MB, STORIES_MB = 292, 184, 589, 485, 182
# the same: bytes of an article on the broker's disk in one copy: on the topics that keep it for a week (documents 5.7, fingerprints
# 11.0, unique 6.0, entities 14.2, stances 18.4, enriched 19.8), and on the largest that has one partition (stances)
KEPT_KB, LARGEST_KB = 75.0, 18.4
# make bench TASK=dedup, TASK=takeover: of a document in the window, in memory, and on the judge's disk and in the changelog
WINDOW_BYTES, ROW_BYTES = 760, 2_700
# make bench TASK=stories, 200,000 documents, other programs on both cores: a verdict with its row, and a record, of which a batch
# makes at most one for each of its documents; memory and disk of a document in the window
VERDICT_MS, RECORD_MS = 1.3, 3.3
STORIES_MS = VERDICT_MS + RECORD_MS
STORIES_BYTES, STORIES_ROW_BYTES = 1_200, 2_700
# make bench TASK=sinks
SINK_MS = 3.8


def render() -> str:
    """The page."""
    return "\n".join([_HEAD, _measured(), _moving(), _ARITHMETIC, _sizes(), _limits()])


_HEAD = f"""# Sizing

This page says how many cores, how much memory, how many partitions and how much disk a number of documents a second needs, up
to 1,000. The documents are English news articles of 5,755 characters on average (AllSides).

It is arithmetic with figures that commands print. No run had 1,000 documents a second: the most that one machine of two cores
passed through intake and dedup was {max(run[2] for run in RUNS)}. So begin with the figures below, and measure your own with
`make bench TASK=pipeline` on a machine like yours. The page is written by `make reference` from `docs/sizing.py`, which has the
figures.

News is not even: {BUSY:.0%} is how busy cores are in the tables, so that an hour with {1 / BUSY - 1:.0%} more is taken at once.
What comes on top waits in Kafka, and nothing is lost.
"""


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, ("---",) * len(head), *rows)) + "\n"


def _measured() -> str:
    pipeline, partitions = "`make bench TASK=pipeline`", "`make bench TASK=partitions`"
    rows = [
        (
            "processor time a document: intake, dedup",
            f"{INTAKE_MS:g} ms, {JUDGE_MS:g} ms",
            f"{partitions}: `intake_ms`, `judge_ms`",
        ),
        (
            "the same: entities, stance",
            f"{ENTITIES_MS:g} ms, {STANCE_MS:g} ms",
            f"{pipeline} `DOCUMENTS=40`: `cpu_ms`",
        ),
        (
            "the same: stories, a verdict; a record, at most one for each document",
            f"{VERDICT_MS:g} ms; {RECORD_MS:g} ms",
            "`make bench TASK=stories`: 1 / `documents_per_second`, 1 / `records_per_second`",
        ),
        (
            "memory of a pod: intake, dedup, entities, stance, stories",
            f"{INTAKE_MB}, {DEDUP_MB}, {ENTITIES_MB}, {STANCE_MB}, {STORIES_MB} MB",
            f"{pipeline}: `memory_mb`, two NLP processes for each heavy stage",
        ),
        (
            "a document on the brokers' disks, in one copy: all topics that keep it for a week",
            f"{KEPT_KB:g} kB",
            f"{pipeline}: `kafka_bytes`",
        ),
        (
            "the same: the largest topic that has one partition, `news.stances`",
            f"{LARGEST_KB:g} kB",
            f"{pipeline}: `kafka_bytes`",
        ),
        (
            "a document in the window of dedup: memory; disk",
            f"{WINDOW_BYTES:,}; {ROW_BYTES:,} bytes",
            "`make bench TASK=dedup`, `TASK=takeover` ([more](dedup/scale.md))",
        ),
        (
            "a document in the window of stories: memory; disk",
            f"{STORIES_BYTES:,}; {STORIES_ROW_BYTES:,} bytes",
            "`make bench TASK=stories`",
        ),
        ("processor time an event: `sink postgres`", f"{SINK_MS:g} ms", "`make bench TASK=sinks`: `cpu_ms`"),
    ]
    return "## What was measured\n\n" + _table(("what", "figure", "command"), rows)


def _moving() -> str:
    runs = [
        (f"{workers}", f"{on}", f"{rate}", f"{intake:.1f}", f"{judge:.1f}") for workers, on, rate, intake, judge in RUNS
    ]
    waits = [(f"{on}", f"{workers}", *(f"{one:.1f}" for one in seconds)) for on, workers, *seconds in WAITS]
    more_intake, more_judge = (RUNS[-1][at] / RUNS[0][at] - 1 for at in (3, 4))
    return f"""All are of a machine of two cores that other programs used, too. Those of `pipeline` are of few documents a
second, where the loops that wait count with them; so for intake and dedup those of `partitions` are taken, which are of full
batches. In `pipeline` dedup took 13 ms for its {JUDGE_MS:g}. Those of stories are without Kafka, and as
if each document changed a record of its own: in a full batch several of one story make one.

## Workers and partitions

`make bench TASK=partitions` runs intake and dedup on a real Kafka with 1, 2 and 4 workers on 1, 4 and 8 partitions, 1,000
documents in each run; it takes eight minutes. A worker that would have no partition is left out. Milliseconds are processor time
a document: of intake in all workers, and of the one process that judges.

{_table(("workers", "partitions", "documents a second", "intake, ms", "dedup, ms"), runs)}
From one worker on one partition to four on eight, intake takes {more_intake:.0%} more for a document, and dedup {more_judge:.0%}.
Documents a second do not grow: a worker is at least two processes, and there were two cores, which other programs used, too.

**When a worker comes or goes**, its partitions are given to others, and documents wait meanwhile. The longest that one waited for
intake, in seconds, with a document for each partition every quarter of a second:

{_table(("partitions", "workers", "nothing changes", "one joins", "one ends (SIGTERM)", "one is killed (-9)"), waits)}
A worker that was killed is missed after `STANCEWIRE_SESSION_SECONDS`, 10 here. With 8 partitions and five workers, ten processes
shared the two cores. No verdict was another one than that of one judge alone.
"""


_ARITHMETIC = f"""## The arithmetic

With R documents a second, and cores that are {BUSY:.0%} busy:

```text
cores of a stage      R x its ms / 1000 / {BUSY:g}
pods of a heavy stage its cores / {NLP}, rounded up: a pod has {NLP} NLP processes
partitions            the most pods that a stage has: a partition is read by one pod
memory                the pods' and the windows' memory, a standby of dedup and of stories included
windows               R x 3600 x {WINDOW_HOURS} documents of dedup, R x 86400 x {STORIES_DAYS} of stories; {WINDOW_MOST:,} at most
disk of the brokers   R x 86400 x {DAYS} x {KEPT_KB:g} kB x {REPLICAS} replicas
written to brokers    R x {KEPT_KB:g} kB x {REPLICAS}; read from them: R x {KEPT_KB:g} kB, and once more for each consumer of events
```

Settings: `STANCEWIRE_PARTITIONS` for new topics, or `stancewire topics grow` for those that are there;
`STANCEWIRE_REPLICATION={REPLICAS}`; `STANCEWIRE_PROCESSES={NLP}`; `STANCEWIRE_DEDUP_WINDOW_DOCUMENTS` and
`STANCEWIRE_STORIES_WINDOW_DOCUMENTS` for the windows.
"""


def cores(rate: float, milliseconds: float) -> float:
    """Cores of a stage that takes so long for a document."""
    return rate * milliseconds / 1000 / BUSY


def pods(rate: float, milliseconds: float) -> int:
    """Pods of a heavy stage."""
    return ceil(cores(rate, milliseconds) / NLP)


def windows(rate: float) -> tuple[float, float]:
    """Documents in the windows of dedup and of stories."""
    return min(rate * 3600 * WINDOW_HOURS, WINDOW_MOST), min(rate * 86_400 * STORIES_DAYS, WINDOW_MOST)


def memory_gb(rate: float) -> float:
    """Memory of all pods, with a standby each of dedup and stories, which holds a table and no window."""
    seen, told = windows(rate)
    light = ceil(cores(rate, INTAKE_MS)) * INTAKE_MB + 2 * DEDUP_MB + 2 * STORIES_MB
    heavy = pods(rate, ENTITIES_MS) * ENTITIES_MB + pods(rate, STANCE_MS) * STANCE_MB
    return (light + heavy) / 1000 + (seen * WINDOW_BYTES + told * STORIES_BYTES) / 1e9


def disk_tb(rate: float) -> float:
    """Disk of all brokers together."""
    return rate * 86_400 * DAYS * KEPT_KB * 1000 * REPLICAS / 1e12


def _sizes() -> str:
    heads = ("documents a second", *(f"{rate:,}" for rate in RATES))

    def row(what: str, figure: Callable[[float], float], form: str) -> tuple[str, ...]:
        return (what, *(form.format(figure(rate)) for rate in RATES))

    rows = [
        row("documents a day", lambda rate: rate * 86_400, "{:,.0f}"),
        row("cores: intake", lambda rate: cores(rate, INTAKE_MS), "{:,.2f}"),
        row("cores: dedup, one process", lambda rate: cores(rate, JUDGE_MS), "{:,.2f}"),
        row("cores: entities", lambda rate: cores(rate, ENTITIES_MS), "{:,.1f}"),
        row("cores: stance", lambda rate: cores(rate, STANCE_MS), "{:,.1f}"),
        row("cores: stories, one process", lambda rate: cores(rate, STORIES_MS), "{:,.2f}"),
        row(
            "**cores, all stages**",
            lambda rate: cores(rate, INTAKE_MS + JUDGE_MS + ENTITIES_MS + STANCE_MS + STORIES_MS),
            "**{:,.0f}**",
        ),
        row("pods of entities", lambda rate: pods(rate, ENTITIES_MS), "{:,}"),
        row("pods of stance", lambda rate: pods(rate, STANCE_MS), "{:,}"),
        row("**partitions**, at least", lambda rate: max(pods(rate, ENTITIES_MS), pods(rate, STANCE_MS)), "**{:,}**"),
        row("**memory**, GB", memory_gb, "**{:,.0f}**"),
        row("hours that dedup looks back", lambda rate: windows(rate)[0] / rate / 3600, "{:,.1f}"),
        row("hours that stories look back", lambda rate: windows(rate)[1] / rate / 3600, "{:,.1f}"),
        row(
            "tables of dedup and stories, on each disk that has them, GB",
            lambda rate: (windows(rate)[0] * ROW_BYTES + windows(rate)[1] * STORIES_ROW_BYTES) / 1e9,
            "{:,.0f}",
        ),
        row("**disk of the brokers**, TB", disk_tb, "**{:,.1f}**"),
        row("written to the brokers' disks, MB a second", lambda rate: rate * KEPT_KB * REPLICAS / 1000, "{:,.1f}"),
        row("cores of a PostgreSQL sink", lambda rate: cores(rate, SINK_MS), "{:,.2f}"),
    ]
    return "## From 1 to 1,000\n\n" + _table(heads, rows) + _ONE_PROCESS


_ONE_PROCESS = f"""
Dedup and stories are one process each. Where the table says more than 1 core for one of them, it is busier than {BUSY:.0%};
where it says more than {1 / BUSY:.1f}, it cannot do it.
"""


def _limits() -> str:
    judge, told = 1000 / JUDGE_MS, 1000 / STORIES_MS
    alone = 2 / (INTAKE_MS + JUDGE_MS + ENTITIES_MS + STANCE_MS + STORIES_MS) * 1000
    full, weeks = WINDOW_MOST / 3600 / WINDOW_HOURS, WINDOW_MOST / 86_400 / STORIES_DAYS
    pod = (INTAKE_MB + DEDUP_MB + ENTITIES_MB + STANCE_MB + STORIES_MB) / 1000
    brokers = ceil(disk_tb(1000) / 10 / 0.67)
    return f"""**Brokers.** Three, for three replicas, wherever their disks and network take what the table says. Divide the disk
of the brokers by the disk of one, with a third of it left free: at 1,000 documents a second and 10 TB for each,
{disk_tb(1000):,.0f} / 10 / 0.67 = {brokers} brokers. A shorter `retention.ms` on the topics between stages saves most of it: what
they keep is for [reading again](operations.md#read-again). We did not measure how much a broker takes.

**One worker with everything** (`stancewire worker`, without Kafka): {pod:.1f} GB, and on two cores {alone:.1f} documents a
second with nothing left over: {alone * 86_400:,.0f} a day.

## What ends first

* **Stories.** One process places all documents, in one order: {told:,.0f} a second on one core, if each makes a record;
  with fewer records up to {1000 / VERDICT_MS:,.0f}.
* **Dedup.** One process judges all: at most {judge:,.0f} a second on one core.
* **The windows.** They hold {WINDOW_MOST:,} documents at most. So up to {full:.0f} documents a second dedup looks back over all
  {WINDOW_HOURS} hours, and up to {weeks:.0f} the stories over all {STORIES_DAYS} days. Beyond that they look back less: the table
  has the hours.
  [What could be done](dedup/scale.md#a-hundred-million-documents) is written down, and not built.
* **Topics with one partition.** `news.fingerprints`, `news.stances` and the changelogs of the tables pass through one broker each:
  {LARGEST_KB:g} kB x 1,000 = {LARGEST_KB:.0f} MB a second for the largest. That was not tried.
* Entities and stance have no such limit: they scale with partitions.
"""
