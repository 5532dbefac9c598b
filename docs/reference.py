"""Writes the reference pages of ``docs/`` from the code: settings, commands, stages and topics, the event; the chart's stages; and
the packages that ``NOTICE`` names.

``make reference`` runs it; a test holds that the pages are current. What a page says of a thing is what the code says of it: the
description of a setting, the help of a command, a stage's row in the topology. So a text is mended there, not here.
"""

import importlib
import inspect
import json
import re
from collections.abc import Callable, Iterable, Iterator
from email.message import Message
from importlib.metadata import metadata
from pathlib import Path
from typing import Any, cast

import annotated_types
import typer
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings, NoDecode

from docs import sizing
from schemas import reference as event
from services.canary.settings import CanarySettings
from services.cli import make_parser
from services.console.settings import ConsoleSettings
from services.rights import EVERY, Rights, rights
from services.runtime.demands import demands
from services.runtime.settings import FILE, Settings, secrets
from services.runtime.topics import every_topic
from services.runtime.topology import CANARIES, DEAD_LETTERS, ENRICHED, STAGES, Counted, Measured, Told, group
from services.serve.settings import ServeSettings
from services.sinks.settings import SinkSettings
from services.sinks.sink import SINKS

DOCS = Path(__file__).parent
_KAFKA = ("cleanup.policy", "retention.ms", "max.message.bytes", "message.timestamp.type", "compression.type")
"""Settings of a topic that differ from topic to topic, or from Kafka's defaults."""
_UNITS = {
    "seconds": "seconds",
    "hours": "hours",
    "bytes": "bytes",
    "mb": "MiB",
    "megabytes": "MiB",
    "characters": "characters",
}
"""The last word of a setting's name -> the unit of its value."""


def settings() -> str:
    """``docs/settings.md``: every ``services/*/settings.py``, a section each, the runtime's first."""
    parts = [
        "# Settings\n",
        "Every setting is an environment variable. `stancewire settings` prints them with their values now.",
        "A wrong value stops the command, and the message names the variable. Of a secret's two variables, the one that ends with",
        "`_FILE` names a file that holds it, such as `/run/secrets/kafka`. Written from the code by `make reference`.\n",
    ]
    for name, models in _models():
        parts.append(f"## {name.capitalize()}\n")
        for model in models:
            rows = [_setting(model, *field) for field in model.model_fields.items()]
            parts.append(table(("variable", "value", "unit", "default", "what it does"), rows))
    return "\n".join(parts)


def _models() -> Iterator[tuple[str, list[type[BaseSettings]]]]:
    folders = [path.parent.name for path in DOCS.parent.glob("services/*/settings.py")]
    stages = [stage.name for stage in STAGES]
    for name in ["runtime", *stages, *sorted({*folders} - {"runtime", *stages})]:
        module = importlib.import_module(f"services.{name}.settings")
        own = [one for _, one in inspect.getmembers(module, inspect.isclass) if one.__module__ == module.__name__]
        yield name, [one for one in own if issubclass(one, BaseSettings) and one.model_fields]


def _setting(model: type[BaseSettings], name: str, field: Any) -> tuple[str, ...]:
    default = field.default
    if isinstance(default, Path):
        inside = default.is_relative_to(DOCS.parent)
        default = default.relative_to(DOCS.parent) if inside else default
    if isinstance(default, bool):
        default = str(default).lower()
    elif isinstance(default, tuple):
        default = ",".join(map(str, default))
    unset = default is PydanticUndefined or default is None or default in ("", {})
    variable = f"{model.model_config['env_prefix']}{name.upper()}"
    return (
        f"`{variable}`, or `{variable}{FILE}`" if name in secrets(model) else f"`{variable}`",
        "text"
        if NoDecode in field.metadata
        else event.kind(field.annotation).removesuffix("?") + _bounds(field.metadata),
        _UNITS.get(name.rpartition("_")[2], ""),
        "not set" if unset else f"`{default}`",
        event.line(field.description or ""),
    )


def _bounds(metadata: Iterable[Any]) -> str:
    said = {}
    for one in metadata:
        for bound, words in (("ge", "at least"), ("gt", "over"), ("le", "at most"), ("lt", "under")):
            if isinstance(one, annotated_types.BaseMetadata) and hasattr(one, bound):
                said[words] = getattr(one, bound)
    if {"at least", "at most"} <= said.keys():
        return f", {said['at least']:,} to {said['at most']:,}"
    return "".join(f", {words} {value:,}" for words, value in said.items())


def commands() -> str:
    """``docs/commands.md``: every command of ``stancewire``, in the order of ``--help``."""
    root = typer.main.get_command(make_parser())
    parts = [
        "# Commands\n",
        f"{root.help}\n",
        "`stancewire COMMAND --help` prints the same. To give an option a list, repeat the option. Exit statuses: 0, all went",
        "well; 1, something did not, and the message names it; 2, the call or a setting is wrong; 130, Ctrl-C. Written from",
        "the code by `make reference`. `stancewire --version` prints the version.\n",
    ]
    parts += [_command(path, one) for path, one in walk(("stancewire",), root)]
    return "\n".join(parts)


def walk(path: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The commands below ``command``, each with the words that call it; groups are gone into."""
    for name, one in command.commands.items():
        if hasattr(one, "commands"):
            yield from walk((*path, name), one)
        else:
            yield (*path, name), one


def _command(path: tuple[str, ...], command: Any) -> str:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option"]
    words = [one.name.upper() + (" ..." if one.nargs < 0 else "") for one in arguments]
    usage = " ".join([*path, *(["[OPTIONS]"] if options else []), *words])
    examples = [part.split("Example:")[-1].strip() for part in (command.epilog or "").split("Example:")[1:]]
    parts = [f"## {' '.join(path)}\n", inspect.cleandoc(command.help or "") + "\n"]
    parts.append("\n".join(["```", usage, *examples, "```", ""]))
    if arguments:
        parts.append(
            table(("argument", "meaning"), [(f"`{one.name.upper()}`", event.line(one.help or "")) for one in arguments])
        )
    if options:
        parts.append(table(("option", "value", "default", "meaning"), [_option(one) for one in options]))
    return "\n".join(parts)


def _option(option: Any) -> tuple[str, ...]:
    value = "" if option.is_flag else event.kind(option.type_descriptor.annotation)
    default = option.default if option.default not in (None, False, ()) and not callable(option.default) else ""
    return (
        ", ".join(f"`{name}`" for name in option.opts),
        value,
        "required" if option.required else f"`{default}`" if default != "" else "",
        event.line(option.help or ""),
    )


def stages() -> str:
    """``docs/stages.md``: the topology as a picture in characters, its stages, what they find, its topics."""
    base = Settings.model_fields["http_port"].default
    rows = [
        (
            f"**{stage.name}**",
            stage.does,
            f"`{stage.reads.name}`",
            ", ".join(f"`{topic.name}`" for topic in (stage.writes[0], *stage.beside)),
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
                *(wanted.get(name, "any") for name in _KAFKA),
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
            table(("topic", "holds", "partitions", *(f"`{name}`" for name in _KAFKA)), topics),
            "`STANCEWIRE_PREFIX` is put before each name. [Operations](operations.md#the-topics) says what comes of other",
            "settings, and the [architecture](architecture.md) why the stages are cut like this.\n",
            "## Rights\n",
            "Where Kafka has an authorizer, each process needs these operations; Read and Write imply Describe. A test gives each",
            "stage, a sink and the commands, but for `serve`, `console` and `canary`, users with these rights and no other",
            "(`tests/security/test_rights_broker.py`). None needs a right on the cluster. `STANCEWIRE_PREFIX` is put before each",
            "name.\n",
            table(("process", "Read topics", "Write topics", "Read groups", "others"), map(_rights, rights())),
            "`DescribeConfigs` can be left out: then the settings of topics are not checked, and a warning says so.\n",
        ]
    )


def _rights(one: Rights) -> tuple[str, ...]:
    others = [f"{operation}: {'all topics' if topics == EVERY else _names(topics)}" for operation, topics in one.others]
    others += [f"Describe: groups {_names(one.watches)}"] if one.watches else []
    return f"`{one.process}`", _names(one.reads), _names(one.writes), _names(one.groups), "; ".join(others)


def _names(names: Iterable[str]) -> str:
    return ", ".join(name if " " in name else f"`{name}`" for name in names)


def picture() -> str:
    """The way of a document from top to bottom; what leaves it goes to the right, what a stage follows comes from there."""
    wide = max(len(stage.name) for stage in STAGES) + 2
    lines = ["files, feeds, other programs", "  │"]
    for stage in STAGES:
        onward = stage.writes[0]
        sides = [f"───▶  {topic.name}" for topic in stage.beside] + (
            [f"◀───  {stage.guide.name}"] if stage.guide else []
        )
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


def chart() -> str:
    """``stages.json`` of the Helm chart: what it runs, from the table of stages, with what runs beside them."""
    base = Settings.model_fields["http_port"].default
    runs = [
        {
            "name": stage.name,
            "port": base + stage.port,
            "topic": stage.reads.name,
            "group": group("", stage),
            "table": stage.table is not None,
            "heavy": stage.heavy,
        }
        for stage in STAGES
    ]
    others = [
        {"name": "console", "port": ConsoleSettings.model_fields["port"].default, "metrics": False, "ready": "/ready"},
        {
            "name": "canary",
            "port": CanarySettings.model_fields["port"].default,
            "metrics": True,
            "live": "/live",
            "ready": "/ready",
        },
    ]
    serve = ServeSettings.model_fields
    beside: list[dict[str, Any]] = [
        {
            "name": "serve",
            "command": ["serve"],
            "sink": "",
            "port": serve["metrics_port"].default,
            "documents": serve["port"].default,
            "needs": ["STANCEWIRE_SERVE_TOKEN"],
        }
    ]
    beside += [
        {
            "name": f"sink-{row.name}",
            "command": ["sink", row.name],
            "sink": row.name,
            "port": SinkSettings.model_fields["port"].default + row.port,
            "needs": _SINKS_NEED.get(row.name, []),
            **_SINKS_KEEP.get(row.name, {}),
        }
        for row in SINKS
    ]
    return json.dumps({"stages": runs, "others": others, "beside": beside}, indent=2) + "\n"


_SINKS_NEED: dict[str, list[str]] = {
    "postgres": ["STANCEWIRE_POSTGRES_URL"],
    "webhook": ["STANCEWIRE_WEBHOOK_URL", "STANCEWIRE_WEBHOOK_SECRET"],
    "opensearch": ["STANCEWIRE_OPENSEARCH_URL"],
}
"""Secrets without which a sink does not start."""
_SINKS_KEEP: dict[str, dict[str, Any]] = {
    "parquet": {"keeps": "its files are there", "settings": {"STANCEWIRE_PARQUET_FOLDER": "/data/events"}},
    "webhook": {"keeps": "it remembers there what it has told"},
}
"""Sinks that have something in /data, and what they are told of it."""


def notices() -> str:
    """``NOTICE``: what is written there by hand, and a table of the packages of the lock, as their metadata has them."""
    head, heading, text = (DOCS.parent / "NOTICE").read_text().partition("## Packages\n")
    words = text.partition("| package |")[0]
    pinned = re.findall(r"^([\w.-]+)==(\S+)", (DOCS.parent / "requirements.txt").read_text(), re.MULTILINE)
    return (
        head + heading + words + table(("package", "version", "licence"), [(*one, _licence(one[0])) for one in pinned])
    )


def _licence(package: str) -> str:
    about = cast(Message, metadata(package))
    if said := about["License-Expression"]:
        return str(said)
    classes = [one for one in about.get_all("Classifier", []) if one.startswith("License :: OSI Approved :: ")]
    if classes:
        return "; ".join(one.rpartition(" :: ")[2] for one in classes)
    return str(about["License"] or "see the package").strip().partition("\n")[0]


PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings,
    "commands.md": commands,
    "stages.md": stages,
    "event.md": event.render,
    "../deploy/helm/stancewire/stages.json": chart,
    "story.md": event.render_story,
    "../NOTICE": notices,
    "sizing.md": sizing.render,
}
"""By their paths in ``docs/``."""


def main() -> None:
    for name, render in PAGES.items():
        (DOCS / name).write_text(render())


if __name__ == "__main__":
    main()
