"""Commands that bring events to other systems: ``sink postgres``, …, one for each row of the table of sinks."""

import time
from typing import Annotated

import typer

from services.cli.terminal import err, out, stopping, usage
from services.runtime.logs import configure
from services.runtime.settings import Settings, load
from services.sinks.sink import SINKS, Row

commands = typer.Typer(
    name="sink", no_args_is_help=True, help="Bring the enriched events to another system, each at least once."
)


def _make_command(row: Row) -> None:
    @commands.command(
        row.name,
        help=f"{row.does} SIGTERM or Ctrl-C ends.",
        epilog=f"Example:  stancewire sink {row.name}\n\nExample:  stancewire sink {row.name} --until-end",
    )
    def sink(
        start: Annotated[
            str,
            typer.Option(
                "--from",
                help="Where to start the first time: beginning, end, a time (2026-03-27T18:00), or 15m, 2h, 3d ago.",
            ),
        ] = "beginning",
        group: Annotated[
            str, typer.Option(help="Consumer group: the next call with the same name goes on where this one ended.")
        ] = f"stancewire-sink-{row.name}",
        until_end: Annotated[
            bool, typer.Option("--until-end", help="End at the message that is the last one now.")
        ] = False,
        again: Annotated[
            bool, typer.Option("--again", help="Only write the events that became dead letters of this sink, and end.")
        ] = False,
    ) -> None:
        from datetime import UTC, datetime

        from services.consumer.start import parse_start
        from services.runtime.health import serve
        from services.runtime.kafka import ask_admission
        from services.sinks.run import Runner
        from services.sinks.settings import SinkSettings

        settings = load(Settings)
        with usage("--from"):
            begin = parse_start(start, datetime.now(UTC))
        configure(settings.log_level, f"sink {row.name}", settings.log_format)
        runner = Runner(row, settings, group=group, start=begin, to_end=until_end)
        if again:
            err.print(f"{runner.again()} events written again")
            return
        ask_admission(settings)  # said now, where we are not let in; a broker that is away is waited for
        base = load(SinkSettings).port
        port = serve(runner, runner.metrics.registry, settings.http_host, base + row.port if base else 0)
        out.print(f"sink {row.name}: http://{settings.http_host}:{port}/metrics /live /ready", soft_wrap=True)
        started = time.monotonic()
        with stopping() as stopped:
            runner.run(stopped)
        err.print(f"{runner.metrics.total:.0f} events in {time.monotonic() - started:.1f} s")


for _row in SINKS:
    _make_command(_row)
