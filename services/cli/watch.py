"""Commands on the user's own lists: ``watch entities`` and ``watch issues``, each with add, remove, list and load."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer

from services.cli.reports import end_with
from services.cli.terminal import err, out, usage
from services.runtime.settings import Settings, load

if TYPE_CHECKING:
    from services.watch.topic import Listing

commands = typer.Typer(
    name="watch", no_args_is_help=True, help="Your own lists: the entities and issues that you watch."
)
_List = Literal["entities", "issues"]
_Id = Annotated[str, typer.Argument(help="Your own id. An entry that has this id is replaced.")]


def _listing(name: _List) -> "Listing[Any]":
    from services.watch.topic import WATCHED_ENTITY_LIST, WATCHED_ISSUE_LIST

    return WATCHED_ENTITY_LIST if name == "entities" else WATCHED_ISSUE_LIST


def _add(name: _List, fields: Mapping[str, object]) -> NoReturn:
    from services.watch.topic import add, make_entry

    listing = _listing(name)
    with usage():
        entry = make_entry(listing, fields)
    end_with(add(listing, [entry], load(Settings)))


def _make_group(name: _List, columns: str, help: str) -> typer.Typer:
    """The commands that both lists have; ``columns`` are those of a CSV file."""
    group = typer.Typer(name=name, no_args_is_help=True, help=help)

    @group.command("remove", help=f"Stop watching {name}.", epilog=f"Example:  stancewire watch {name} remove ID-17")
    def remove_entries(
        ids: Annotated[list[str], typer.Argument(help="Ids of entries to remove. Unknown ids are ignored.")],
    ) -> None:
        from services.watch.topic import remove

        end_with(remove(_listing(name), ids, load(Settings)))

    @group.command(
        "list",
        help=f"Show the watched {name}. Status 1 if a message on the list's Kafka topic is not a valid entry.",
        epilog=f"Example:  stancewire watch {name} list --json > {name}.jsonl",
    )
    def list_entries(
        json: Annotated[bool, typer.Option("--json", help="Print each entry as JSON on one line, for `load`.")] = False,
    ) -> None:
        from services.watch.show import show_entries
        from services.watch.topic import Entries

        entries = Entries(_listing(name), load(Settings))
        if json:
            sys.stdout.writelines(one.model_dump_json() + "\n" for _, one in sorted(entries.listed.items()))
        else:
            show_entries(out, entries)
        err.print(f"{len(entries.listed)} {name}")
        if entries.problems:
            sys.exit(1)

    @group.command(
        "load",
        help=f"Watch all {name} in a file: JSON Lines, or CSV with the columns {columns}. The whole file is checked first; if "
        "an entry is wrong, nothing is changed.",
        epilog=f"Example:  stancewire watch {name} load {name}.csv --replace",
    )
    def load_entries(
        file: Annotated[Path, typer.Argument(help=f"JSON Lines, or CSV with the columns {columns}.")],
        replace: Annotated[
            bool, typer.Option("--replace", help="Remove all entries that are not in the file.")
        ] = False,
    ) -> None:
        from services.watch.topic import load_file

        with usage():
            report = load_file(_listing(name), file, load(Settings), replace=replace)
        end_with(report)

    commands.add_typer(group)
    return group


_entities = _make_group("entities", "id,name,type,aliases", "Entities that are always found, with your own ids.")
_issues = _make_group("issues", "id,name,phrases", "Issues for which stances are looked for, with your own ids.")


@_entities.command(
    "add", epilog="Example:  stancewire watch entities add ACME-17 'Acme Rocket Works' --type ORG --alias Acme"
)
def add_entity(
    id: _Id,
    name: Annotated[str, typer.Argument(help="Name of the entity.")],
    type: Annotated[str, typer.Option(help="PERSON, ORG, GPE, or another type of the event's entities.")],
    alias: Annotated[list[str] | None, typer.Option(help="Another name. Repeatable.")] = None,
) -> None:
    """Watch an entity, from the next document on."""
    _add("entities", {"id": id, "name": name, "type": type.strip().upper(), "aliases": tuple(alias or ())})


@_issues.command(
    "add", epilog="Example:  stancewire watch issues add sanctuary 'sanctuary cities' --phrase 'sanctuary laws'"
)
def add_issue(
    id: _Id,
    name: Annotated[str, typer.Argument(help="The issue in words, as a document would put it.")],
    phrase: Annotated[list[str] | None, typer.Option(help="Another wording. Repeatable.")] = None,
) -> None:
    """Watch an issue, from the next document on: stances toward it are looked for in each document that mentions it."""
    _add("issues", {"id": id, "name": name, "phrases": tuple(phrase or ())})
