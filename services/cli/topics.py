"""Commands that create, check and grow the Kafka topics: ``topics create``, ``topics list`` and ``topics grow``."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.terminal import fail, out, tell
from services.runtime.settings import Settings, load

if TYPE_CHECKING:
    from services.runtime.topics import Found

commands = typer.Typer(name="topics", no_args_is_help=True, help="Create, check and grow the Kafka topics.")


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


@commands.command("grow", epilog="Example:  stancewire topics grow 8 --dry-run")
def grow_topics(
    partitions: Annotated[int, typer.Argument(min=2, max=1024, help="How many partitions each topic is to have.")],
    topic: Annotated[
        list[str] | None,
        typer.Option(help="Full name of a topic. All that may have several partitions when not given."),
    ] = None,
    now: Annotated[
        bool,
        typer.Option("--now", help="Also while messages wait: newer revisions of a document may overtake older ones."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print what would be done.")] = False,
) -> None:
    """Give topics more partitions, so that more workers can share them. Never fewer: Kafka cannot take partitions away.

    The documents of one key go to another partition from then on. Running stages read the new partitions within half a minute.
    Topics that must have one partition, such as the fingerprints, stay as they are.
    """
    from services.runtime.growing import grow, plan

    settings = load(Settings)
    growths = plan(settings, partitions, topic or ())
    for one in growths:
        waiting = f", {one.waiting} messages wait" if one.waiting else ""
        out.print(f"{one.name}: {one.before} -> {one.after} partitions{waiting}", soft_wrap=True)
    if not growths:
        tell(f"nothing to do: no topic that may grow has fewer than {partitions} partitions")
    elif not dry_run:
        if any(one.waiting for one in growths) and not now:
            fail(
                "messages wait, so nothing was changed: newer revisions of the same documents could overtake them. Stop the "
                "producers until nothing waits and run this again. Or give --now: then the events of such a document may come in "
                "another order, and `revision` says which is the newest"
            )
        grow(settings, growths)
        tell(f"done. Set STANCEWIRE_PARTITIONS={partitions}, so that topics that are created later have as many")


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
