"""The command ``stancewire``: a thin layer that reads arguments and settings, calls the folders beside it, and prints.

Exit statuses: 0 all went well; 1 something did not, and was named; 2 the call or a setting is wrong; 130 Ctrl-C.
What each command needs is imported in it, so that ``--help`` and completion answer at once.
"""

import contextlib
import logging
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console

from services.runtime.logs import configure
from services.runtime.settings import Settings, SettingsError, load

if TYPE_CHECKING:
    from schemas import Event
    from services.canary.serve import Canaries
    from services.lists.entry import E
    from services.producer.check import Summary
    from services.producer.item import Item, Problem, Rejected, Skipped
    from services.producer.publish import Report
    from services.producer.read import Reading
    from services.runtime.topics import Found
    from services.watch.topic import Listing

app = typer.Typer(
    name="stancewire",
    help="Streaming news NLP on Kafka: who and what a story is about, who stands where, whether it was seen before.",
    epilog="Settings come from the environment (STANCEWIRE_BROKERS, …): `stancewire settings` lists them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def main() -> None:
    """Entry point: errors that a user can mend are one line, not a traceback."""
    from services.runtime.topics import TopicsError

    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # what fails reaches the user as our own error
    try:
        app()
    except (SettingsError, TopicsError, OSError) as error:
        _fail(str(error), 2 if isinstance(error, SettingsError) else 1)
    except KeyboardInterrupt:
        sys.exit(130)


def _fail(message: str, status: int = 1) -> NoReturn:
    err.print(f"[red]error:[/red] {_plain(message)}", soft_wrap=True)
    sys.exit(status)


def _plain(text: str) -> str:
    """Text from outside, safe to print: no terminal codes, no markup."""
    from rich.markup import escape

    return escape("".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text))


@contextlib.contextmanager
def _stopping() -> Iterator[Callable[[], bool]]:
    """Ctrl-C and SIGTERM end a loop instead of cutting it off; a second Ctrl-C cuts."""
    stopped = False

    def stop(number: int, frame: object) -> None:
        nonlocal stopped
        if stopped and number == signal.SIGINT:
            raise KeyboardInterrupt
        stopped = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@app.command(epilog="Example:  stancewire worker --stages dedup,entities")
def worker(
    stages: Annotated[
        str | None, typer.Option(help="Stages to run, separated by commas; all when not given. dedup brings intake.")
    ] = None,
) -> None:
    """Run the stages: one process each, restarted when it dies, drained on SIGTERM."""
    from services.runtime.supervisor import StageStoppedError, Supervisor
    from services.runtime.topology import select

    settings = load(Settings)
    try:
        selected = select(stages)
    except ValueError as error:
        _fail(f"--stages: {error}", 2)
    configure(settings.log_level, "%(asctime)s %(levelname)s worker: %(message)s")
    supervisor = Supervisor(selected, settings, settings.http_port)
    with _stopping() as stopped:
        try:
            while not stopped():
                supervisor.check()
                time.sleep(0.2)
        except StageStoppedError as error:
            supervisor.stop()
            _fail(str(error))
        if not supervisor.stop():
            _fail("a stage did not end by itself in time; what it worked on will be done again")


topics = typer.Typer(no_args_is_help=True, help="Create and check the topics.")
app.add_typer(topics, name="topics")


@topics.command("create")
def topics_create() -> None:
    """Create the topics that are missing; those that are there are only checked."""
    from services.runtime.topics import create

    _show_topics(create(load(Settings)))


@topics.command("list")
def topics_list() -> None:
    """Show the topics, what is wrong with them, and the command that mends it; status 1 where no stage would start."""
    from services.runtime.topics import look

    found = look(load(Settings))
    _show_topics(found)
    if any(fault.fatal for one in found for fault in one.faults):
        sys.exit(1)


def _show_topics(found: Sequence["Found"]) -> None:
    from rich.table import Table

    table = Table("topic", "partitions", "holds", "state")
    for one in found:
        state = "[green]ok[/green]"
        if one.faults:
            state = "[red]wrong[/red]" if any(fault.fatal for fault in one.faults) else "[yellow]warning[/yellow]"
        table.add_row(one.name, str(one.partitions), one.topic.holds, state)
    out.print(table)
    for fault in (fault for one in found for fault in one.faults):
        label = "[red]wrong:[/red]" if fault.fatal else "[yellow]warning:[/yellow]"
        out.print(f"{label} {_plain(fault.what)}\n    {_plain(fault.mend)}", soft_wrap=True)


@app.command()
def broker(
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Its port; a free one when not given.")] = None,
) -> None:
    """Run a local Kafka until Ctrl-C: for trying and developing, without Docker or Java."""
    from deploy import broker as local

    settings = load(Settings)
    with _stopping() as stopped:
        try:
            running = local.start(settings.data_dir / "broker", port, lambda text: err.print(f"[dim]{text}[/dim]"))
        except local.BrokerError as error:
            _fail(str(error))
        out.print(f"Kafka is at {running.address}", "" if running.is_ours else "(it was running already)")
        if not running.is_ours:
            return
        try:
            while not stopped():
                if running.has_ended:
                    _fail(f"Kafka ended by itself; see {running.folder / 'broker.log'}")
                time.sleep(0.2)
        finally:
            running.stop()


@app.command(epilog="Example:  stancewire enrich story.txt\n\nExample:  cat story.json | stancewire enrich --json -")
def enrich(
    file: Annotated[str, typer.Argument(help="A file, or - for standard input; its first document is taken.")],
    json: Annotated[bool, typer.Option("--json", help="The event alone, on one line.")] = False,
) -> None:
    """Run one document through all stages, without a broker, and print its event."""
    from services.consumer.show import show

    value, key = _first_document(file)
    event = _pipeline_event(value, key)
    if json:
        sys.stdout.write(event.model_dump_json() + "\n")
    else:
        show(out, event)
    if event.rejection is not None:
        sys.exit(1)


def _pipeline_event(value: bytes | None, key: bytes | None) -> "Event":
    from datetime import UTC, datetime

    from services.pipeline import Pipeline

    return Pipeline()([(key, value)], datetime.now(UTC))[0]


def _first_document(file: str) -> tuple[bytes | None, bytes | None]:
    from services.producer.item import Item, Problem
    from services.producer.read import Reading, read

    stdin = sys.stdin.buffer if file == "-" else None
    if file != "-" and not Path(file).is_file():
        _fail(f"{file}: no such file", 2)
    for found in read(file, Reading(raw=True), stdin):
        if isinstance(found, Item):
            return found.value, found.key
        if isinstance(found, Problem):
            _fail(f"{found.origin}: {found.message}")
    _fail(f"{file}: there is no document in it")


@app.command(epilog="Example:  stancewire inspect seeds/01-toll-courier.json seeds/07-toll-local-edition.json")
def inspect(
    one: Annotated[str, typer.Argument(help="A file; its first document is taken.")],
    two: Annotated[str, typer.Argument(help="The file to compare it with.")],
) -> None:
    """Compare two documents as dedup does: shingles, estimated and verified similarity, verdict and rule."""
    from rich.table import Table

    from schemas import Document
    from services.dedup.core import compare
    from services.dedup.settings import DedupSettings

    documents = []
    for file in (one, two):
        value, _ = _first_document(file)
        try:
            documents.append(Document.model_validate_json(value or b""))
        except ValueError as error:
            _fail(f"{file}: {error}")
    first, second = documents
    comparison = compare(first.text, second.text, load(DedupSettings), (first.title, second.title))
    table = Table("what", "value")
    for name, value in vars(comparison).items():
        table.add_row(name.replace("_", " "), f"{value:.4f}" if isinstance(value, float) else str(value))
    out.print(table)


@app.command("settings")
def list_settings() -> None:
    """List every setting: its environment variable, its value now, what it does."""
    from rich.table import Table

    from services.canary.settings import CanarySettings
    from services.console.settings import ConsoleSettings
    from services.dedup.settings import DedupSettings
    from services.entities.settings import EntitySettings
    from services.intake.settings import IntakeSettings
    from services.stance.settings import StanceSettings

    table = Table("variable", "value", "what it does")
    for model in (
        Settings,
        IntakeSettings,
        DedupSettings,
        EntitySettings,
        StanceSettings,
        ConsoleSettings,
        CanarySettings,
    ):
        values = load(model)
        prefix = model.model_config["env_prefix"]
        for name, field in model.model_fields.items():
            table.add_row(
                f"{prefix}{name.upper()}", _plain(str(getattr(values, name))), _plain(field.description or "")
            )
    out.print(table)


@app.command(
    epilog="Example:  stancewire produce seeds\n\n"
    "Example:  stancewire produce export.csv --check\n\n"
    "Example:  stancewire produce export.csv --map text=body --map source=outlet.name --rate 20"
)
def produce(
    paths: Annotated[
        list[str],
        typer.Argument(
            help="Files or folders: .txt .md .json .jsonl .csv .tsv .rss .atom .xml .html .warc .parquet, also .gz .bz2 .xz "
            ".zst .zip .tar; - is standard input."
        ),
    ],
    format: Annotated[
        str | None,
        typer.Option(help="What all files are, whatever they look like: a format, or a tool that wrote them."),
    ] = None,
    map: Annotated[
        list[str] | None,
        typer.Option(help="FIELD=COLUMN: where a document's field is found, such as source=source.name."),
    ] = None,
    records: Annotated[
        str | None, typer.Option(help="Where the articles are in what an interface answered, such as response.docs.")
    ] = None,
    drop: Annotated[list[str] | None, typer.Option(help="A field or column that is left out.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Of text that is not UTF-8, such as cp1252.")] = None,
    raw: Annotated[
        bool, typer.Option(help="Publish lines that are no JSON too, as they are, and what the service will reject.")
    ] = False,
    check: Annotated[bool, typer.Option(help="Publish nothing: print what would be sent. Needs no broker.")] = False,
    rate: Annotated[float | None, typer.Option(help="Documents a second; as fast as they go when not given.")] = None,
    limit: Annotated[int | None, typer.Option(min=0, help="Publish at most so many documents.")] = None,
) -> None:
    """Publish documents, check each before and that it arrived, name each that did not; status 1 where there is one."""
    from services.intake.settings import IntakeSettings
    from services.producer.check import Judge, Summary, checked
    from services.producer.publish import PublishError, publish
    from services.producer.read import STDIN, read

    reading = _reading(format, map or [], raw, records, drop or [], encoding)
    stdin = sys.stdin.buffer if STDIN in paths else None
    summary = Summary()
    try:
        found = (item for path in paths for item in read(path, reading, stdin))
        items = checked(found, Judge(load(IntakeSettings)), summary, hold=not raw)
        if check:
            _print_check(items, summary, limit)
        settings = load(Settings)
        with _Bar("documents published") as bar:
            report = publish(
                items,
                settings,
                rate=rate,
                limit=limit,
                progress=lambda now: bar.update(
                    now.delivered, f"{now.problems + now.undelivered + now.rejected} faults"
                ),
            )
    except PublishError as error:
        _fail(str(error))
    except ValueError as error:
        _fail(str(error), 2)
    _print_forms(summary)
    _report(report)


def _reading(
    format: str | None, map: list[str], raw: bool, records: str | None, drop: list[str], encoding: str | None
) -> "Reading":
    from typing import cast, get_args

    from services.producer.fields import parse_mapping
    from services.producer.files import Format
    from services.producer.read import Reading
    from services.producer.shapes import SHAPE_OPTIONS

    known = (*get_args(Format), *SHAPE_OPTIONS)
    if format is not None and format not in known:
        _fail(f"unknown format {format[:50]!r}; choose one of {', '.join(known)}", 2)
    try:
        columns = parse_mapping(map)
    except ValueError as error:
        _fail(f"--map: {error}", 2)
    return Reading(
        format=cast("Format", format) if format in get_args(Format) else None,
        tool=format if format in SHAPE_OPTIONS else None,
        raw=raw,
        columns=columns,
        records=records,
        drop=tuple(drop),
        encoding=encoding,
    )


def _print_forms(summary: "Summary") -> None:
    for form, count in summary.forms.most_common():
        err.print(f"read as: {_plain(form)}, {count} {'article' if count == 1 else 'articles'}", soft_wrap=True)


def _print_check(
    items: "Iterable[Item | Problem | Skipped | Rejected]", summary: "Summary", limit: int | None
) -> NoReturn:
    """What would be sent, on standard output; what would not and why, on the other. Ends with the status of a run."""
    import json

    from services.producer.item import Item, Problem, Rejected, Skipped
    from services.producer.publish import NAMED

    counts = {Item: 0, Problem: 0, Rejected: 0, Skipped: 0}
    for item in items if limit != 0 else ():
        counts[type(item)] += 1
        if not isinstance(item, Item) and counts[type(item)] <= NAMED:
            _name_unsent(item)
        if counts[Item] == limit:
            break
    _print_forms(summary)
    out.print(
        f"{counts[Item]} would be sent, {counts[Rejected]} would be rejected, {counts[Problem]} could not be read, "
        f"{counts[Skipped]} passed over"
    )
    if summary.accepted:
        fields = ", ".join(f"{_plain(name[:60])} {count}" for name, count in summary.fields.most_common(40))
        out.print(f"fields: {fields}", soft_wrap=True)
        languages = ", ".join(f"{_plain(name)} {count}" for name, count in summary.languages.most_common(20))
        out.print(f"languages: {languages}", soft_wrap=True)
        if summary.earliest is not None and summary.latest is not None:
            out.print(
                f"dates: {summary.earliest.isoformat()} to {summary.latest.isoformat()}, none for {summary.undated}"
            )
        else:
            out.print(f"dates: none for {summary.undated}")
        first = json.dumps(json.loads(summary.first or b"{}"), indent=2, ensure_ascii=False)
        out.print("the first document:")
        out.print(_plain(first[:_CHECK_CHARACTERS]) + ("…" if len(first) > _CHECK_CHARACTERS else ""), soft_wrap=True)
    sys.exit(1 if counts[Rejected] or counts[Problem] else 0)


_CHECK_CHARACTERS = 3_000


def _name_unsent(item: "Problem | Rejected | Skipped") -> None:
    from services.producer.item import Problem, Rejected

    if isinstance(item, Rejected):
        helps = f" ({item.hint})" if item.hint else ""
        err.print(
            f"[yellow]would be rejected:[/yellow] {_plain(f'{item.origin}: {item.message}{helps}')}", soft_wrap=True
        )
    elif isinstance(item, Problem):
        err.print(f"[yellow]not read:[/yellow] {_plain(f'{item.origin}: {item.message}')}", soft_wrap=True)
    else:
        err.print(f"passed over: {_plain(f'{item.origin}: {item.reason}')}", soft_wrap=True)


def _report(report: "Report") -> NoReturn:
    for unsent in (report.skipped, report.problems, report.rejected):
        for one in unsent:
            _name_unsent(one)
    for lost in report.undelivered:
        err.print(f"[red]not delivered:[/red] {_plain(f'{lost.origin}: {lost.reason}')}", soft_wrap=True)
    if report.stopped:
        err.print(f"[red]stopped early:[/red] {_plain(report.stopped)}", soft_wrap=True)
    rejected = f"{report.rejected_count} would be rejected and were not sent, " if report.rejected_count else ""
    err.print(
        f"{report.delivered} delivered, {report.undelivered_count} not delivered, {report.problem_count} could not be read, "
        f"{rejected}{report.skipped_count} passed over, in {report.seconds:.1f} s"
    )
    sys.exit(0 if report.ok else 1)


class _Bar:
    """Progress on a terminal; nothing where there is none."""

    def __init__(self, what: str) -> None:
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.completed} " + what),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=err,
            transient=True,
            disable=not err.is_terminal,
        )
        self._task = self._bar.add_task("", total=None)

    def __enter__(self) -> "_Bar":
        self._bar.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._bar.stop()

    def update(self, done: int, note: str) -> None:
        """Show how far it is."""
        self._bar.update(self._task, completed=done, description=note)


@app.command(epilog="Example:  stancewire withdraw nyt-2017-03-27-sanctuary")
def withdraw(ids: Annotated[list[str], typer.Argument(help="Ids of documents.")]) -> None:
    """Withdraw documents: a tombstone for each, answered by a `withdrawn` event."""
    from services.producer.publish import PublishError
    from services.producer.publish import withdraw as publish_tombstones

    try:
        report = publish_tombstones(ids, load(Settings))
    except PublishError as error:
        _fail(str(error))
    _report(report)


@app.command(
    epilog="Example:  stancewire consume --entity 'City Council' --stance against\n\n"
    "Example:  stancewire consume --from beginning --until-end --output events.parquet"
)
def consume(
    start: Annotated[
        str, typer.Option("--from", help="beginning, end, a time (2026-03-27T18:00), or 15m, 2h, 3d ago.")
    ] = "end",
    group: Annotated[str | None, typer.Option(help="A consumer group that remembers where it was.")] = None,
    source: Annotated[list[str] | None, typer.Option(help="Only these sources; * and ? stand for anything.")] = None,
    entity: Annotated[list[str] | None, typer.Option(help="Only events that name such an entity.")] = None,
    issue: Annotated[
        list[str] | None, typer.Option(help="Only events on such an issue: words of its name, or its id in your list.")
    ] = None,
    watched: Annotated[
        list[str] | None, typer.Option(help="Only events with the entity or issue that has this id in your lists.")
    ] = None,
    stance: Annotated[
        list[str] | None, typer.Option(help="favor, against or neutral; against:NAME for an entity or issue.")
    ] = None,
    verdict: Annotated[
        list[str] | None, typer.Option(help="unique, exact, near, excerpt, expansion or update.")
    ] = None,
    status: Annotated[
        list[str] | None, typer.Option(help="enriched, duplicate, rejected, withdrawn or dead_lettered.")
    ] = None,
    text: Annotated[list[str] | None, typer.Option(help="Only events whose title or text has these words.")] = None,
    output: Annotated[
        Path | None, typer.Option(help="Write to this .jsonl or .parquet file instead of the terminal.")
    ] = None,
    overwrite: Annotated[bool, typer.Option(help="Replace a Parquet file that exists.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print events as JSON, one a line.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="End after so many events.")] = None,
    until_end: Annotated[bool, typer.Option(help="End where the topic ends now.")] = False,
    idle: Annotated[float | None, typer.Option(min=0.1, help="End after so many seconds without an event.")] = None,
    repeats: Annotated[bool, typer.Option(help="Show repeats of an event too; they have the same event_id.")] = False,
) -> None:
    """Follow the enriched events: filter them, show them, or write them to a file. Ctrl-C ends."""
    from datetime import UTC, datetime

    from services.consumer.client import ConsumeError
    from services.consumer.filter import build
    from services.consumer.follow import Follower
    from services.consumer.show import show_received
    from services.consumer.start import parse_start
    from services.consumer.write import WriteError, open_writer

    settings = load(Settings)
    try:
        keep = build(
            sources=source or (),
            entities=entity or (),
            issues=issue or (),
            watched=watched or (),
            stances=stance or (),
            verdicts=verdict or (),
            statuses=status or (),
            text=text or (),
        )
        begin = parse_start(start, datetime.now(UTC))
    except ValueError as error:
        _fail(str(error), 2)
    by_hand = output is not None and output.suffix.lower() == ".parquet"  # its events are safe only when it is closed
    follower = Follower(
        settings, start=begin, group=group, idle=idle, to_end=until_end, unique=not repeats, commit_by_hand=by_hand
    )
    shown = 0
    try:
        with contextlib.ExitStack() as stack:
            file = stack.enter_context(contextlib.ExitStack())
            if output is not None:
                writer = file.enter_context(open_writer(output, overwrite=overwrite))
                bar = file.enter_context(_Bar("events written"))
            stack.enter_context(follower)
            try:
                for received in follower:
                    if received.event is not None and not keep(received.event):
                        continue
                    shown += received.event is not None
                    if received.event is None:
                        show_received(err, received)
                    elif output is not None:
                        writer.write(received.event)
                        bar.update(shown, "")
                    elif json:
                        sys.stdout.write(received.event.model_dump_json() + "\n")
                        sys.stdout.flush()
                    else:
                        show_received(out, received)
                    if shown == limit:
                        break
            except KeyboardInterrupt:
                err.print("[dim]ended by Ctrl-C[/dim]")
            file.close()
            if by_hand:
                follower.commit()
    except (ConsumeError, WriteError) as error:
        _fail(str(error))
    except BrokenPipeError:  # the reader, such as head, has enough
        sys.stderr.close()
        sys.exit(0)
    err.print(f"{shown} events")


@app.command(epilog="Example:  make run    Example:  stancewire run seeds --once")
def run(
    folder: Annotated[str, typer.Argument(help="What to publish: a file or a folder.")] = "seeds",
    once: Annotated[bool, typer.Option(help="End when every document has its event, with a summary.")] = False,
) -> None:
    """The whole pipeline on this machine: broker, stages, documents in, events out. Ctrl-C ends it and leaves nothing running."""
    from deploy.broker import BrokerError
    from services import demo
    from services.consumer.client import ConsumeError
    from services.producer.publish import PublishError
    from services.runtime.supervisor import StageStoppedError

    settings = load(Settings)
    configure(logging.WARNING, "%(levelname)s: %(message)s")
    with _stopping() as stopped:
        try:
            well = demo.run(settings, folder, once, out, lambda text: err.print(f"[dim]{_plain(text)}[/dim]"), stopped)
        except (BrokerError, ConsumeError, PublishError, StageStoppedError, demo.RunError) as error:
            _fail(str(error))
    sys.exit(0 if well or not once else 1)


@app.command(epilog="Example:  STANCEWIRE_CONSOLE_PORT=8080 stancewire console")
def console() -> None:
    """Serve the live page: the stream, each document, and who stands where. Ctrl-C ends."""
    from services.console.server import serving
    from services.console.settings import ConsoleSettings

    settings, page = load(Settings), load(ConsoleSettings)
    configure(settings.log_level, "%(asctime)s %(levelname)s console: %(message)s")
    with _stopping() as stopped, serving(settings, page) as address:
        out.print(f"live page: {address}", soft_wrap=True)
        while not stopped():
            time.sleep(0.2)


@app.command(epilog="Example:  stancewire canary --once")
def canary(
    once: Annotated[bool, typer.Option(help="One round; status 1 where a known fact was not found.")] = False,
) -> None:
    """Send documents with known answers through the pipeline every minute, and hold its events against them. Ctrl-C ends."""
    from services.canary.serve import Canaries
    from services.canary.settings import CanarySettings
    from services.runtime.kafka import ask_admission

    settings, canary = load(Settings), load(CanarySettings)
    configure(settings.log_level, "%(asctime)s %(levelname)s canary: %(message)s")
    ask_admission(settings)  # said now, where we are not let in; a broker that is away is waited for
    canaries = Canaries(settings, canary)
    if once:
        sys.exit(0 if _show_round(canaries) else 1)
    port = canaries.serve(settings.http_host, canary.port)
    out.print(f"canaries: http://{settings.http_host}:{port}/metrics /live /ready", soft_wrap=True)
    with _stopping() as stopped:
        canaries.start()
        while not stopped():
            time.sleep(0.2)
        canaries.stop()


def _show_round(canaries: "Canaries") -> bool:
    """One round as a table; whether every fact held."""
    from rich.table import Table

    done = canaries.round()
    if done.round.crossed is not None:
        _fail(f"{done.round.crossed} of an earlier round was in the way; it is withdrawn now, try again")
    table = Table("fact", "about", "outcome")
    for one in done.round.outcomes:
        how = (
            "[yellow]no event[/yellow]"
            if one.held is None
            else "[green]held[/green]"
            if one.held
            else "[red]failed[/red]"
        )
        table.add_row(one.fact.kind, _plain(one.fact.about), how)
    out.print(table)
    if done.seconds is not None:
        err.print(f"the story's event was there after {done.seconds:.1f} s")
    return all(one.held for one in done.round.outcomes)


deadletters = typer.Typer(no_args_is_help=True, help="Look at what could not be done, and put it back.")
app.add_typer(deadletters, name="deadletters")
_Reasons = Annotated[list[str] | None, typer.Option("--reason", help="Only letters with this reason, such as schema.")]
_Stages = Annotated[list[str] | None, typer.Option("--stage", help="Only letters of this stage.")]


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    """What goes wrong with letters or lists, as one line."""
    from services.consumer.client import ConsumeError
    from services.producer.publish import PublishError

    try:
        yield
    except (ConsumeError, PublishError, LookupError) as error:
        _fail(str(error.args[0] if error.args else error))
    except ValueError as error:
        _fail(str(error), 2)


@deadletters.command("list", epilog="Example:  stancewire deadletters list --reason crashed")
def deadletters_list(
    reason: _Reasons = None,
    stage: _Stages = None,
    newest: Annotated[int | None, typer.Option(min=1, help="Only so many, the last that came.")] = None,
) -> None:
    """List dead letters: when, where, which stage, why."""
    from services.deadletters.letters import letters, which
    from services.deadletters.show import show_table

    with _explained():
        take = which(reason or (), stage or ()) if reason or stage else None
        count = show_table(out, letters(load(Settings), take, newest=newest))
    err.print(f"{count} dead letters")


@deadletters.command("show", epilog="Example:  stancewire deadletters show 0:17")
def deadletters_show(
    position: Annotated[str, typer.Argument(help="partition:offset, as `list` prints it.")],
    raw: Annotated[bool, typer.Option("--raw", help="The original bytes, untouched.")] = False,
) -> None:
    """Show one dead letter: its headers and what was in it."""
    from services.deadletters.letters import find
    from services.deadletters.show import show_letter

    with _explained():
        letter = find(load(Settings), position)
    if raw:
        sys.stdout.buffer.write(letter.record.value or b"")
    else:
        show_letter(out, letter)


@deadletters.command("replay", epilog="Example:  stancewire deadletters replay --stage entities --max 100")
def deadletters_replay(
    limit: Annotated[int, typer.Option("--max", min=1, help="Put back at most so many.")],
    reason: _Reasons = None,
    stage: _Stages = None,
    dry_run: Annotated[bool, typer.Option(help="Only say what would be put back.")] = False,
) -> None:
    """Put dead letters back on the topic that they failed on, each once, and count them."""
    from services.deadletters.letters import which
    from services.deadletters.replay import replay

    with _explained():
        take = which(reason or (), stage or ()) if reason or stage else None
        report = replay(load(Settings), take, limit=limit, dry_run=dry_run)
    for failed in (*report.unusable, *report.undelivered):
        err.print(f"[yellow]{_plain(failed.position)}:[/yellow] {_plain(failed.reason)}", soft_wrap=True)
    if report.stopped:
        err.print(f"[red]stopped early:[/red] {_plain(report.stopped)}", soft_wrap=True)
    where = ", ".join(f"{count} to {topic}" for topic, count in report.by_topic.items()) or "none"
    err.print(
        f"{'would be put back' if dry_run else 'put back'}: {where}; {report.passed_over} did not match, "
        f"{report.before} were put back before"
    )
    if not report.ok:
        sys.exit(1)


@app.command(epilog="Example:  stancewire replay --from 2d --stage entities --dry-run")
def replay(
    start: Annotated[
        str, typer.Option("--from", help="beginning, a time such as 2017-03-27T18:00 (UTC), or 15m, 2h, 3d ago.")
    ],
    stage: Annotated[
        str, typer.Option(help="The stage to read again; those behind it follow. From entities on verdicts stay.")
    ] = "entities",
    judge_anew: Annotated[
        bool, typer.Option("--judge-anew", help="Take other verdicts for documents that the judge has forgotten.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be read again.")] = False,
) -> None:
    """Let a stage read again what it has read, from a time on. Stop the workers of this stage first.

    Nothing is deleted. Events that come of it have the event_id that they had, unless the version of the pipeline has changed:
    consumers that drop repeats by event_id then see nothing new. With --stage intake (or dedup) verdicts are asked for again:
    the last STANCEWIRE_DEDUP_REPLAY_DOCUMENTS works have the same, and to go further back is refused without --judge-anew.
    """
    from datetime import UTC, datetime

    from services.consumer.start import parse_start
    from services.dedup.settings import DedupSettings
    from services.replay import ReplayError, carry_out, plan

    settings, remembered = load(Settings), load(DedupSettings).replay_documents
    try:
        with _explained():
            planned = plan(settings, stage, parse_start(start, datetime.now(UTC)))
            for step in planned.steps:
                out.print(
                    f"{planned.topic} {step.partition}: from {step.committed} back to {step.to}, {step.messages} messages",
                    soft_wrap=True,
                )
            if not judge_anew:
                planned.check(remembered)
            if not dry_run:
                carry_out(settings, planned)
    except ReplayError as error:
        _fail(str(error))
    what = f"{planned.messages} messages by {planned.group}"
    err.print(
        f"would be read again: {what}" if dry_run else f"set back; start the workers to read again: {what}",
        soft_wrap=True,
    )


watch = typer.Typer(no_args_is_help=True, help="Your own lists: the entities and the issues that you watch.")
app.add_typer(watch, name="watch")
watch_entities = typer.Typer(no_args_is_help=True, help="Entities that are always found, under your own ids.")
watch.add_typer(watch_entities, name="entities")
watch_issues = typer.Typer(no_args_is_help=True, help="Issues that stances are sought toward, under your own ids.")
watch.add_typer(watch_issues, name="issues")
_Ids = Annotated[list[str], typer.Argument(help="Ids of entries. An id that is not on the list is skipped.")]
_Lines = Annotated[bool, typer.Option("--json", help="Print one entry a line as JSON, as `load` reads them.")]
_Replace = Annotated[bool, typer.Option("--replace", help="Remove every entry that the file does not name.")]


def _remove(listing: "Listing[E]", ids: list[str]) -> NoReturn:
    from services.watch.topic import remove

    with _explained():
        report = remove(listing, ids, load(Settings))
    _report(report)


def _load_list(listing: "Listing[E]", file: Path, replace: bool) -> NoReturn:
    from services.watch.topic import load_file

    with _explained():
        report = load_file(listing, file, load(Settings), replace=replace)
    _report(report)


def _show_list(listing: "Listing[E]", several: str, json: bool) -> None:
    from services.watch.show import show_entries
    from services.watch.topic import Entries

    with _explained():
        entries = Entries(listing, load(Settings))
    if json:
        sys.stdout.writelines(one.model_dump_json() + "\n" for _, one in sorted(entries.listed.items()))
    else:
        show_entries(out, entries)
    err.print(f"{len(entries.listed)} {several}")
    if entries.problems:
        sys.exit(1)


@watch_entities.command(
    "add", epilog="Example:  stancewire watch entities add ACME-17 'Acme Rocket Works' --type ORG --alias Acme"
)
def watch_entities_add(
    id: Annotated[str, typer.Argument(help="Your own id. An entry that has it is replaced.")],
    name: Annotated[str, typer.Argument(help="The name that the entity is known by.")],
    type: Annotated[str, typer.Option(help="PERSON, ORG, GPE, or another type of the event's entities.")],
    alias: Annotated[list[str] | None, typer.Option(help="Another name. Repeat the option for more.")] = None,
) -> None:
    """Watch an entity, from the next document on."""
    from services.watch.topic import WATCHED_ENTITY_LIST, add, make_entry

    fields = {"id": id, "name": name, "type": type.strip().upper(), "aliases": tuple(alias or ())}
    with _explained():
        report = add(WATCHED_ENTITY_LIST, [make_entry(WATCHED_ENTITY_LIST, fields)], load(Settings))
    _report(report)


@watch_entities.command("remove", epilog="Example:  stancewire watch entities remove ACME-17")
def watch_entities_remove(ids: _Ids) -> None:
    """Stop watching entities."""
    from services.watch.topic import WATCHED_ENTITY_LIST

    _remove(WATCHED_ENTITY_LIST, ids)


@watch_entities.command("list", epilog="Example:  stancewire watch entities list --json > entities.jsonl")
def watch_entities_list(json: _Lines = False) -> None:
    """Show the watched entities. Exits with status 1 where a message of the list's Kafka topic is not a valid entry."""
    from services.watch.topic import WATCHED_ENTITY_LIST

    _show_list(WATCHED_ENTITY_LIST, "entities", json)


@watch_entities.command("load", epilog="Example:  stancewire watch entities load companies.csv --replace")
def watch_entities_load(
    file: Annotated[Path, typer.Argument(help="JSON Lines, or CSV with the columns id,name,type,aliases.")],
    replace: _Replace = False,
) -> None:
    """Watch all entities of a file. The whole file is checked first; if an entry is wrong, nothing is changed."""
    from services.watch.topic import WATCHED_ENTITY_LIST

    _load_list(WATCHED_ENTITY_LIST, file, replace)


@watch_issues.command(
    "add",
    epilog="Example:  stancewire watch issues add sanctuary 'sanctuary cities' --phrase 'sanctuary laws'",
)
def watch_issues_add(
    id: Annotated[str, typer.Argument(help="Your own id. An entry that has it is replaced.")],
    name: Annotated[str, typer.Argument(help="The issue in words, as a document would put it.")],
    phrase: Annotated[list[str] | None, typer.Option(help="Another wording. Repeat the option for more.")] = None,
) -> None:
    """Watch an issue, from the next document on: stances are sought toward it wherever a document speaks of it."""
    from services.watch.topic import WATCHED_ISSUE_LIST, add, make_entry

    with _explained():
        entry = make_entry(WATCHED_ISSUE_LIST, {"id": id, "name": name, "phrases": tuple(phrase or ())})
        report = add(WATCHED_ISSUE_LIST, [entry], load(Settings))
    _report(report)


@watch_issues.command("remove", epilog="Example:  stancewire watch issues remove sanctuary")
def watch_issues_remove(ids: _Ids) -> None:
    """Stop watching issues."""
    from services.watch.topic import WATCHED_ISSUE_LIST

    _remove(WATCHED_ISSUE_LIST, ids)


@watch_issues.command("list", epilog="Example:  stancewire watch issues list --json > issues.jsonl")
def watch_issues_list(json: _Lines = False) -> None:
    """Show the watched issues. Exits with status 1 where a message of the list's Kafka topic is not a valid entry."""
    from services.watch.topic import WATCHED_ISSUE_LIST

    _show_list(WATCHED_ISSUE_LIST, "issues", json)


@watch_issues.command("load", epilog="Example:  stancewire watch issues load issues.csv --replace")
def watch_issues_load(
    file: Annotated[Path, typer.Argument(help="JSON Lines, or CSV with the columns id,name,phrases.")],
    replace: _Replace = False,
) -> None:
    """Watch all issues of a file. The whole file is checked first; if an entry is wrong, nothing is changed."""
    from services.watch.topic import WATCHED_ISSUE_LIST

    _load_list(WATCHED_ISSUE_LIST, file, replace)


if __name__ == "__main__":
    main()
