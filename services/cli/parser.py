"""All commands as one parser, and the entry point.

Exit statuses: 0 all went well; 1 something did not, and was named; 2 the call or a setting is wrong; 130 Ctrl-C.
"""

import logging
import sys
from importlib.metadata import version
from typing import Annotated

import typer

from services.cli import (
    canary,
    deadletters,
    documents,
    events,
    kb,
    offline,
    replay,
    running,
    settings,
    sinks,
    stories,
    topics,
    watch,
)
from services.cli.terminal import fail, out
from services.runtime.settings import SettingsError

_GROUPS = (
    running,
    offline,
    documents,
    events,
    stories,
    sinks,
    watch,
    kb,
    topics,
    deadletters,
    replay,
    canary,
    settings,
)
"""In the order in which ``stancewire --help`` lists their commands."""
MENDABLE = frozenset(
    {
        "deploy.broker.BrokerError",
        "services.consumer.client.ConsumeError",
        "services.consumer.write.WriteError",
        "services.demo.RunError",
        "services.producer.client.PublishError",
        "services.replay.ReplayError",
        "services.runtime.supervisor.StageStoppedError",
        "services.runtime.topics.TopicsError",
        "services.sinks.run.SinkStoppedError",
        "services.sinks.sink.AwayError",
    }
)
"""Errors whose message says what to do. By name, since most commands need few of these modules, and some are slow to import."""


def make_parser() -> typer.Typer:
    """All commands with their options. Nothing is run and no setting is read until it is called.

    For ``main``, tests and the reference in the docs: ``typer.main.get_command(make_parser())`` is the tree of commands.
    """
    parser = typer.Typer(
        name="stancewire",
        help="Streaming news NLP on Kafka: who and what a story is about, who stands where, whether it was seen before.",
        epilog="Settings are environment variables (STANCEWIRE_BROKERS, …). `stancewire settings` lists all of them.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
        callback=_begin,
    )
    for group in _GROUPS:
        parser.add_typer(group.commands)
    return parser


def _tell_version(wanted: bool) -> None:
    if wanted:
        out.print(f"stancewire {version('stancewire')}")
        raise typer.Exit


def _begin(
    _: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Print the version, and end.")
    ] = False,
) -> None:
    settings.warn_of_unknown_variables()


def main() -> None:
    """Run the command that was called. An error that a user can mend is one line, not a traceback."""
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # what fails reaches the user as our own error
    try:
        make_parser()()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        status = _status(error)
        if status is None:
            raise
        fail(str(error), status)


def _status(error: Exception) -> int | None:
    """The exit status after an error that a user can mend; None for one that is a fault of ours."""
    if isinstance(error, SettingsError):
        return 2
    names = {f"{kind.__module__}.{kind.__name__}" for kind in type(error).__mro__}
    return 1 if isinstance(error, OSError) or names & MENDABLE else None
