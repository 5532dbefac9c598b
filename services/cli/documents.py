"""Commands that bring documents in and take them back: ``produce`` and ``withdraw``."""

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from services.cli.reports import end_with, name_unsent
from services.cli.terminal import Bar, fail, out, tell, usage
from services.runtime.settings import Settings, load

if TYPE_CHECKING:
    from services.producer.check import Summary
    from services.producer.item import Item, Problem, Rejected, Skipped
    from services.producer.read import Reading

commands = typer.Typer()
_FIRST_CHARACTERS = 3_000
"""Of the first document that ``--check`` prints: about a screen."""


@commands.command(
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
        typer.Option(help="Read all files as this format, or as written by this tool, whatever they are called."),
    ] = None,
    map: Annotated[
        list[str] | None,
        typer.Option(
            help="FIELD=COLUMN: where to find a field of the document, such as source=source.name. Repeatable."
        ),
    ] = None,
    records: Annotated[
        str | None, typer.Option(help="Path to the list of articles in a JSON response, such as response.docs.")
    ] = None,
    drop: Annotated[list[str] | None, typer.Option(help="A field or column to leave out. Repeatable.")] = None,
    encoding: Annotated[
        str | None, typer.Option(help="Encoding of text files, such as cp1252. UTF-8 when not given.")
    ] = None,
    raw: Annotated[
        bool,
        typer.Option(
            "--raw", help="Send everything as it is, also lines that are not JSON and documents that will be rejected."
        ),
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Send nothing: print what would be sent and what is wrong. Needs no broker.")
    ] = False,
    rate: Annotated[
        float | None, typer.Option(help="Documents per second. As fast as possible when not given.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=0, help="Send at most this many documents.")] = None,
) -> None:
    """Publish documents. Each is checked first, and its arrival is confirmed. Status 1 if any could not be sent."""
    from services.intake.settings import IntakeSettings
    from services.producer.check import Judge, Summary, checked
    from services.producer.publish import publish
    from services.producer.read import STDIN, read

    reading = _reading(format, map or [], raw, records, drop or [], encoding)
    stdin = sys.stdin.buffer if STDIN in paths else None
    summary = Summary()
    with usage():
        found = (item for path in paths for item in read(path, reading, stdin))
        items = checked(found, Judge(load(IntakeSettings)), summary, hold=not raw)
        if check:
            _print_check(items, summary, limit)
        with Bar("documents published") as bar:
            report = publish(
                items,
                load(Settings),
                rate=rate,
                limit=limit,
                progress=lambda now: bar.update(
                    now.delivered, f"{now.problems + now.undelivered + now.rejected} errors"
                ),
            )
    _print_forms(summary)
    end_with(report)


@commands.command(epilog="Example:  stancewire withdraw nyt-2017-03-27-sanctuary")
def withdraw(ids: Annotated[list[str], typer.Argument(help="Ids of the documents to withdraw.")]) -> None:
    """Withdraw documents: send a tombstone for each id. A `withdrawn` event follows for each."""
    from services.producer.publish import withdraw as publish_tombstones

    end_with(publish_tombstones(ids, load(Settings)))


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
        fail(f"--format: unknown format {format[:50]!r}; choose one of {', '.join(known)}", 2)
    with usage("--map"):
        columns = parse_mapping(map)
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
        tell(f"read as: {form}, {count} {'article' if count == 1 else 'articles'}")


def _print_check(
    items: "Iterable[Item | Problem | Skipped | Rejected]", summary: "Summary", limit: int | None
) -> NoReturn:
    """Print what would be sent on standard output, what would not and why on standard error. Ends as a real run would."""
    from services.producer.item import Item, Problem, Rejected, Skipped
    from services.producer.publish import NAMED

    counts = {Item: 0, Problem: 0, Rejected: 0, Skipped: 0}
    for item in items if limit != 0 else ():
        counts[type(item)] += 1
        if not isinstance(item, Item) and counts[type(item)] <= NAMED:
            name_unsent(item)
        if counts[Item] == limit:
            break
    _print_forms(summary)
    out.print(
        f"{counts[Item]} would be sent, {counts[Rejected]} would be rejected, {counts[Problem]} could not be read, "
        f"{counts[Skipped]} skipped"
    )
    if summary.accepted:
        _print_accepted(summary)
    sys.exit(1 if counts[Rejected] or counts[Problem] else 0)


def _print_accepted(summary: "Summary") -> None:
    import json

    from services.text.safe import safe, visible

    def show(text: str) -> None:
        out.print(visible(text), soft_wrap=True, markup=False)

    show(f"fields: {', '.join(f'{safe(name, 60)} {count}' for name, count in summary.fields.most_common(40))}")
    show(f"languages: {', '.join(f'{name} {count}' for name, count in summary.languages.most_common(20))}")
    span = ""
    if summary.earliest is not None and summary.latest is not None:
        span = f"{summary.earliest.isoformat()} to {summary.latest.isoformat()}, "
    show(f"dates: {span}no date in {summary.undated}")
    first = json.dumps(json.loads(summary.first or b"{}"), indent=2, ensure_ascii=False)
    show("the first document:")
    show(first[:_FIRST_CHARACTERS] + ("…" if len(first) > _FIRST_CHARACTERS else ""))
