"""The command that lets a stage process again what it has processed: ``replay``."""

from typing import Annotated

import typer

from services.cli.terminal import out, tell, usage
from services.runtime.settings import Settings, load

commands = typer.Typer()


@commands.command(epilog="Example:  stancewire replay --from 2d --stage entities --dry-run")
def replay(
    start: Annotated[
        str,
        typer.Option(
            "--from", help="Where to start: beginning, a time such as 2017-03-27T18:00 (UTC), or 15m, 2h, 3d ago."
        ),
    ],
    stage: Annotated[
        str,
        typer.Option(
            help="Stage that processes its input again; later stages follow. Duplicate verdicts stay the same with entities "
            "and stance."
        ),
    ] = "entities",
    judge_anew: Annotated[
        bool,
        typer.Option("--judge-anew", help="Accept that old documents get new duplicate verdicts (intake and dedup)."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Change nothing: only say what would be processed again.")
    ] = False,
) -> None:
    """Let a stage process its input again from a point in time. Stop the workers of this stage first.

    Nothing is deleted. Repeated events have the same event_id as before, unless the version of the pipeline has changed, so
    consumers that drop repeats see nothing new. With --stage intake or dedup, duplicate verdicts are made again: the last
    STANCEWIRE_DEDUP_REPLAY_DOCUMENTS documents get the same verdict; going further back needs --judge-anew.
    """
    from datetime import UTC, datetime

    from services.consumer.start import parse_start
    from services.dedup.settings import DedupSettings
    from services.replay import carry_out, plan

    settings, remembered = load(Settings), load(DedupSettings).replay_documents
    with usage("--from"):
        begin = parse_start(start, datetime.now(UTC))
    with usage():
        planned = plan(settings, stage, begin)
    for step in planned.steps:
        out.print(
            f"{planned.topic} {step.partition}: from {step.committed} back to {step.to}, {step.messages} messages",
            soft_wrap=True,
        )
    if not judge_anew:
        planned.check(remembered)
    if not dry_run:
        carry_out(settings, planned)
    what = f"{planned.messages} messages of {planned.group}"
    tell(
        f"would be processed again: {what}"
        if dry_run
        else f"offsets set back; start the workers to process again: {what}"
    )
