"""Commands on the dead-letter topic: ``deadletters list``, ``show`` and ``replay``."""

import sys
from typing import Annotated

import typer

from services.cli.terminal import err, fail, out, tell, usage
from services.runtime.settings import Settings, load

commands = typer.Typer(
    name="deadletters",
    no_args_is_help=True,
    help="Look at documents that could not be processed, and process them again.",
)
_Reasons = Annotated[
    list[str] | None, typer.Option("--reason", help="Only letters with this reason, such as schema. Repeatable.")
]
_Stages = Annotated[list[str] | None, typer.Option("--stage", help="Only letters of this stage. Repeatable.")]


@commands.command("list", epilog="Example:  stancewire deadletters list --reason crashed")
def list_letters(
    reason: _Reasons = None,
    stage: _Stages = None,
    newest: Annotated[int | None, typer.Option(min=1, help="Only the newest letters, this many.")] = None,
) -> None:
    """List dead letters: when, where, which stage, why."""
    from services.deadletters.letters import letters, which
    from services.deadletters.show import show_table

    with usage():
        take = which(reason or (), stage or ()) if reason or stage else None
    count = show_table(out, letters(load(Settings), take, newest=newest))
    err.print(f"{count} dead letters")


@commands.command("show", epilog="Example:  stancewire deadletters show 0:17")
def show_letter(
    position: Annotated[str, typer.Argument(help="partition:offset, as `deadletters list` prints it.")],
    raw: Annotated[bool, typer.Option("--raw", help="Write only the original message, byte by byte.")] = False,
) -> None:
    """Show one dead letter: its headers and the message that failed."""
    from services.deadletters import show
    from services.deadletters.letters import find

    with usage():
        try:
            letter = find(load(Settings), position)
        except LookupError as error:
            fail(str(error))
    if raw:
        sys.stdout.buffer.write(letter.record.value or b"")
    else:
        show.show_letter(out, letter)


@commands.command("replay", epilog="Example:  stancewire deadletters replay --stage entities --max 100")
def replay_letters(
    limit: Annotated[int, typer.Option("--max", min=1, help="Put back at most this many letters.")],
    reason: _Reasons = None,
    stage: _Stages = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Change nothing: only say what would be put back.")
    ] = False,
) -> None:
    """Put dead letters back on the topic where they failed, each once, so that they are processed again."""
    from services.deadletters.letters import which
    from services.deadletters.replay import replay

    with usage():
        take = which(reason or (), stage or ()) if reason or stage else None
    report = replay(load(Settings), take, limit=limit, dry_run=dry_run)
    for failed in (*report.unusable, *report.undelivered):
        tell(failed.reason, failed.position, "yellow")
    if report.stopped:
        tell(report.stopped, "stopped early", "red")
    where = ", ".join(f"{count} to {topic}" for topic, count in report.by_topic.items()) or "none"
    tell(
        f"{where}; {report.passed_over} did not match, {report.before} were put back before",
        "would be put back" if dry_run else "put back",
    )
    if not report.ok:
        sys.exit(1)
