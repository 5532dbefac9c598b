"""The command that follows the enriched events: ``consume``."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.terminal import Bar, err, out, usage
from services.runtime.settings import Settings, load

if TYPE_CHECKING:
    from schemas import Event

commands = typer.Typer()


@commands.command(
    epilog="Example:  stancewire consume --entity 'City Council' --stance against\n\n"
    "Example:  stancewire consume --from beginning --until-end --output events.parquet"
)
def consume(
    start: Annotated[
        str,
        typer.Option("--from", help="Where to start: beginning, end, a time (2026-03-27T18:00), or 15m, 2h, 3d ago."),
    ] = "end",
    group: Annotated[
        str | None, typer.Option(help="Consumer group: the next call with the same name goes on where this one ended.")
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option(help="Only events of this source; * and ? match anything. Repeatable.")
    ] = None,
    entity: Annotated[list[str] | None, typer.Option(help="Only events that name this entity. Repeatable.")] = None,
    issue: Annotated[
        list[str] | None,
        typer.Option(help="Only events on this issue: words of its name, or its id in your list. Repeatable."),
    ] = None,
    watched: Annotated[
        list[str] | None,
        typer.Option(help="Only events with the entity or issue that has this id in your lists. Repeatable."),
    ] = None,
    story: Annotated[
        list[str] | None, typer.Option(help="Only events of the story that has this id. Repeatable.")
    ] = None,
    stance: Annotated[
        list[str] | None,
        typer.Option(help="favor, against or neutral; against:NAME for an entity or issue. Repeatable."),
    ] = None,
    verdict: Annotated[
        list[str] | None, typer.Option(help="unique, exact, near, excerpt, expansion or update. Repeatable.")
    ] = None,
    status: Annotated[
        list[str] | None, typer.Option(help="enriched, duplicate, rejected, withdrawn or dead_lettered. Repeatable.")
    ] = None,
    text: Annotated[
        list[str] | None, typer.Option(help="Only events whose title or text contains these words. Repeatable.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Write to this .jsonl or .parquet file instead of the terminal.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the Parquet file if it exists.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print each event as JSON on one line.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="End after this many events.")] = None,
    until_end: Annotated[
        bool, typer.Option("--until-end", help="End at the message that is the last one now.")
    ] = False,
    idle: Annotated[float | None, typer.Option(min=0.1, help="End after this many seconds without a message.")] = None,
    repeats: Annotated[
        bool, typer.Option("--repeats", help="Show events again that a restart repeats (same event_id).")
    ] = False,
) -> None:
    """Follow the enriched events: filter them, show them, or write them to a file. Ctrl-C ends.

    Values of one option are alternatives; different options must all hold.
    """
    from datetime import UTC, datetime

    from services.consumer.filter import build
    from services.consumer.follow import Follower
    from services.consumer.show import show_received
    from services.consumer.start import parse_start

    settings = load(Settings)
    with usage():
        keep = build(
            sources=source or (),
            entities=entity or (),
            issues=issue or (),
            watched=watched or (),
            stories=story or (),
            stances=stance or (),
            verdicts=verdict or (),
            statuses=status or (),
            text=text or (),
        )
    with usage("--from"):
        begin = parse_start(start, datetime.now(UTC))
    by_hand = output is not None and output.suffix.lower() == ".parquet"  # its events are safe only when it is closed
    follower = Follower(
        settings, start=begin, group=group, idle=idle, to_end=until_end, unique=not repeats, commit_by_hand=by_hand
    )
    shown = 0
    try:
        with contextlib.ExitStack() as stack:
            destination = stack.enter_context(contextlib.ExitStack())
            take = destination.enter_context(_destination(output, overwrite, json))
            stack.enter_context(follower)
            try:
                for received in follower:
                    if received.event is None:
                        show_received(err, received)
                    elif keep(received.event):
                        take(received.event)
                        shown += 1
                    if shown == limit:
                        break
            except KeyboardInterrupt:
                err.print("[dim]ended by Ctrl-C[/dim]")
            destination.close()
            if by_hand:
                follower.commit()
    except BrokenPipeError:  # the reader, such as head, has enough
        sys.stderr.close()
        sys.exit(0)
    err.print(f"{shown} events")


@contextlib.contextmanager
def _destination(output: Path | None, overwrite: bool, json: bool) -> "Iterator[Callable[[Event], None]]":
    """What to do with each event: write it to ``output``, print it as JSON, or show it. Closes the file at the end."""
    from services.consumer.show import show
    from services.consumer.write import open_writer

    if output is not None:
        with open_writer(output, overwrite=overwrite) as writer, Bar("events written") as bar:
            written = 0

            def write(event: "Event") -> None:
                nonlocal written
                writer.write(event)
                written += 1
                bar.update(written, "")

            yield write
    elif json:
        yield _print_json
    else:
        yield lambda event: show(out, event)


def _print_json(event: "Event") -> None:
    sys.stdout.write(event.model_dump_json() + "\n")
    sys.stdout.flush()
