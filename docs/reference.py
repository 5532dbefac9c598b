"""Writes the reference pages of ``docs/`` from the code: stages, what they find, topics.

``make reference`` runs it; a test holds that the pages are current. What a page says of a thing is what the code says of it,
a stage's row in the topology: so a text is mended there, not here.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

from services.runtime.demands import demands
from services.runtime.settings import Settings
from services.runtime.topics import every_topic
from services.runtime.topology import CANARIES, DEAD_LETTERS, ENRICHED, STAGES, Counted, Measured, Told

DOCS = Path(__file__).parent
_SETTINGS = ("cleanup.policy", "retention.ms", "max.message.bytes", "message.timestamp.type", "compression.type")
"""Of a topic: what differs from topic to topic, or from Kafka's defaults."""


def stages() -> str:
    """``docs/stages.md``: the topology as a picture in characters, its stages, what they find, its topics."""
    base = Settings.model_fields["http_port"].default
    rows = [
        (
            f"**{stage.name}**",
            stage.does,
            f"`{stage.reads.name}`",
            ", ".join(f"`{topic.name}`" for topic in stage.writes),
            str(base + stage.port),
        )
        for stage in STAGES
    ]
    found = [
        f"### {stage.name}\n\n"
        + table(
            ("name", "kind", "labels", "meaning", "what to do"),
            [_metric(one) for one in (*stage.findings, *stage.tells)],
        )
        for stage in STAGES
        if stage.findings or stage.tells
    ]
    lists = {stage.guide.name: stage.name for stage in STAGES if stage.guide}
    topics = []
    for topic in every_topic(""):
        wanted = demands(topic, 3)
        topics.append(
            (
                f"`{topic.name}`",
                topic.holds + (f"; `{lists[topic.name]}` follows it" if topic.name in lists else ""),
                str(topic.partitions or "`STANCEWIRE_PARTITIONS`"),
                *(wanted.get(name, "any") for name in _SETTINGS),
            )
        )
    return "\n".join(
        [
            "# Stages and topics\n",
            "A document passes the stages from top to bottom. Between them are Kafka topics, so that each stage runs, scales",
            "and fails alone. Written from `services/runtime/topology.py` by `make reference`; how to add a stage:",
            "[adding-a-stage.md](adding-a-stage.md).\n",
            f"```text\n{picture()}```\n",
            "## Stages\n",
            table(("stage", "what it does", "reads", "writes", "port"), rows),
            "The port is that of `/metrics`, `/live` and `/ready` where `STANCEWIRE_HTTP_PORT` is not set.",
            f"Any stage can write to `{DEAD_LETTERS.name}`: what was rejected or failed, with its original bytes.",
            f"The events of canaries go to `{CANARIES.name}` in place of `{ENRICHED.name}`.\n",
            "## What each stage counts\n",
            "Beside the [metrics of all stages](metrics.md). Each has the label `stage`, too.\n",
            *found,
            "## Topics\n",
            table(("topic", "holds", "partitions", *(f"`{name}`" for name in _SETTINGS)), topics),
            "`STANCEWIRE_PREFIX` is put before each name. [Operations](operations.md#the-topics) says what comes of other",
            "settings, and the [architecture](architecture.md) why the stages are cut like this.\n",
        ]
    )


def picture() -> str:
    """The way of a document from top to bottom; what leaves it goes to the right, what a stage follows comes from there."""
    wide = max(len(stage.name) for stage in STAGES) + 2
    lines = ["files, feeds, other programs", "  │"]
    for stage in STAGES:
        onward, *aside = stage.writes
        sides = [f"───▶  {topic.name}" for topic in aside] + ([f"◀───  {stage.guide.name}"] if stage.guide else [])
        lines += [f"  │  {stage.reads.name}", "  ▼", f"{stage.name.upper():<{wide}}{'  '.join(sides)}".rstrip(), "  │"]
    lines += [f"  │  {onward.name}", "  ▼", "consumers, the live page"]
    return "\n".join(lines) + "\n"


def _metric(one: Counted | Measured | Told) -> tuple[str, ...]:
    kind = (
        "histogram" if isinstance(one, Measured) else "counter" if isinstance(one, Counted) or one.counts else "gauge"
    )
    label = f"`{one.label}`" if isinstance(one, Counted) else ""
    return f"`stancewire_{one.name}{'_total' if kind == 'counter' else ''}`", kind, label, one.help, one.advice


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


PAGES: dict[str, Callable[[], str]] = {"stages.md": stages}


def main() -> None:
    for name, render in PAGES.items():
        (DOCS / name).write_text(render())


if __name__ == "__main__":
    main()
