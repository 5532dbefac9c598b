"""Commands that create and check the Kafka topics: ``topics create`` and ``topics list``."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from services.cli.terminal import out
from services.runtime.settings import Settings, load

if TYPE_CHECKING:
    from services.runtime.topics import Found

commands = typer.Typer(name="topics", no_args_is_help=True, help="Create and check the Kafka topics.")


@commands.command("create")
def create_topics() -> None:
    """Create the topics that are missing. Topics that exist are only checked, never changed."""
    from services.runtime.topics import create

    _show(create(load(Settings)))


@commands.command("list")
def list_topics() -> None:
    """Show the topics, what is wrong with them, and the command that mends it. Status 1 if a stage could not start."""
    from services.runtime.topics import look

    found = look(load(Settings))
    _show(found)
    if any(fault.fatal for one in found for fault in one.faults):
        sys.exit(1)


def _show(found: Sequence["Found"]) -> None:
    from rich.table import Table
    from rich.text import Text

    from services.text.safe import visible

    table = Table("topic", "partitions", "holds", "state")
    for one in found:
        state = "[green]ok[/green]"
        if one.faults:
            state = "[red]wrong[/red]" if any(fault.fatal for fault in one.faults) else "[yellow]warning[/yellow]"
        table.add_row(one.name, str(one.partitions), one.topic.holds, state)
    out.print(table)
    for fault in (fault for one in found for fault in one.faults):
        label = ("wrong", "red") if fault.fatal else ("warning", "yellow")
        out.print(Text.assemble(label, f": {visible(fault.what)}\n    {visible(fault.mend)}"), soft_wrap=True)
