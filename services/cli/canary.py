"""The command that sends documents with known answers through the live pipeline: ``canary``."""

import time
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.terminal import err, fail, out, stopping, tell
from services.runtime.logs import configure
from services.runtime.settings import Settings, load

if TYPE_CHECKING:
    from services.canary.serve import Canaries

commands = typer.Typer()


@commands.command(epilog="Example:  stancewire canary --once")
def canary(
    once: Annotated[
        bool, typer.Option("--once", help="Run one round and end. Status 1 if a known fact was not found.")
    ] = False,
) -> None:
    """Send documents with known answers through the pipeline every minute, and check its events. Ctrl-C ends."""
    from services.canary.serve import Canaries
    from services.canary.settings import CanarySettings
    from services.runtime.kafka import ask_admission

    settings, canary = load(Settings), load(CanarySettings)
    configure(settings.log_level, "canary", settings.log_format)
    ask_admission(settings)  # said now, where we are not let in; a broker that is away is waited for
    canaries = Canaries(settings, canary)
    if once:
        raise typer.Exit(0 if _show_round(canaries) else 1)
    port = canaries.serve(settings.http_host, canary.port)
    out.print(f"canaries: http://{settings.http_host}:{port}/metrics /live /ready", soft_wrap=True)
    with stopping() as stopped:
        canaries.start()
        while not stopped():
            time.sleep(0.2)
        canaries.stop()


def _show_round(canaries: "Canaries") -> bool:
    """Run one round and print each fact. Returns whether all were found."""
    from rich.table import Table
    from rich.text import Text

    from services.canary.core import summary
    from services.text.safe import visible

    done = canaries.round()
    if done.round.crossed is not None:
        fail(
            "documents of an earlier canary run were still in the pipeline. They have been withdrawn; run the command again"
        )
    table = Table("fact", "about", "outcome")
    styles = {"found": "green", "wrong": "red", "late": "yellow"}
    for one in done.round.outcomes:
        table.add_row(one.fact.kind, visible(one.fact.about), Text(one.word, styles[one.word]))
    out.print(table)
    tell(summary(done.round.outcomes))
    if done.seconds is not None:
        err.print(f"the story's event came after {done.seconds:.1f} s")
    return all(one.held for one in done.round.outcomes)
