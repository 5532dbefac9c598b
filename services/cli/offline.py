"""Commands that need no broker: one document through all stages, and two documents compared."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from services.cli.terminal import fail, out
from services.runtime.settings import load

commands = typer.Typer()


@commands.command(
    epilog="Example:  stancewire enrich story.txt\n\nExample:  cat story.json | stancewire enrich --json -"
)
def enrich(
    file: Annotated[str, typer.Argument(help="A file, or - for standard input. Its first document is used.")],
    json: Annotated[bool, typer.Option("--json", help="Print the event as JSON on one line.")] = False,
) -> None:
    """Run one document through all stages, without a broker, and print its event. Status 1 if it is rejected."""
    from datetime import UTC, datetime

    from services.consumer.show import show
    from services.pipeline import Pipeline

    value, key = _first_document(file)
    event = Pipeline()([(key, value)], datetime.now(UTC))[0]
    if json:
        sys.stdout.write(event.model_dump_json() + "\n")
    else:
        show(out, event)
    if event.rejection is not None:
        sys.exit(1)


@commands.command(epilog="Example:  stancewire inspect seeds/01-toll-courier.json seeds/07-toll-local-edition.json")
def inspect(
    one: Annotated[str, typer.Argument(help="A file. Its first document is used.")],
    two: Annotated[str, typer.Argument(help="The file to compare it with. Its first document is used.")],
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
            fail(f"{file}: {error}")
    first, second = documents
    comparison = compare(first.text, second.text, load(DedupSettings), (first.title, second.title))
    table = Table("what", "value")
    for name, value in vars(comparison).items():
        table.add_row(name.replace("_", " "), f"{value:.4f}" if isinstance(value, float) else str(value))
    out.print(table)


def _first_document(file: str) -> tuple[bytes | None, bytes | None]:
    """The value and the key of the first document in ``file``. Ends the command where there is none."""
    from services.producer.item import Item, Problem
    from services.producer.read import Reading, read

    stdin = sys.stdin.buffer if file == "-" else None
    if file != "-" and not Path(file).is_file():
        fail(f"{file}: no such file", 2)
    found = next((one for one in read(file, Reading(raw=True), stdin) if isinstance(one, Item | Problem)), None)
    if isinstance(found, Problem):
        fail(f"{found.origin}: {found.message}")
    if found is None:
        fail(f"{file}: contains no document")
    return found.value, found.key
