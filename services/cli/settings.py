"""The command that lists all settings, and the warning about environment variables that are none of them."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from services.cli.terminal import out, tell
from services.runtime.settings import FILE, Settings, load, secrets

if TYPE_CHECKING:
    from pydantic_settings import BaseSettings

commands = typer.Typer()
_PREFIX = "STANCEWIRE_"
_INTERNAL = ("STANCEWIRE_PARENT", "STANCEWIRE_RESTARTS")
"""What a supervisor tells the processes that it starts."""


@commands.command("settings")
def list_settings() -> None:
    """List every setting: its environment variable, its value now, what it does, and its default."""
    from rich.padding import Padding
    from rich.text import Text

    from services.text.safe import visible

    for model in _models():
        values = load(model)
        for variable, name, field in _variables(model):
            out.print(Text.assemble((variable, "bold"), f" = {visible(_shown(getattr(values, name)))}"), soft_wrap=True)
            described = f"{field.description or ''} Default: {_shown(field.get_default(call_default_factory=True))}."
            out.print(Padding(Text(described.strip(), "dim"), (0, 0, 0, 4)))


def warn_of_unknown_variables() -> None:
    """Warn of each ``STANCEWIRE_`` variable that is no setting, mostly a misspelt one, and name the nearest that is."""
    from difflib import get_close_matches

    given = sorted(one for one in os.environ if one.upper().startswith(_PREFIX) and one not in _INTERNAL)
    known = [variable for model in _models() for variable in _known(model)] if given else []
    for variable in given:
        if variable.upper() not in known:
            own = variable.upper().removeprefix(_PREFIX)
            nearest = get_close_matches(own, [one.removeprefix(_PREFIX) for one in known], 1)
            hint = f"did you mean {_PREFIX}{nearest[0]}?" if nearest else "`stancewire settings` lists all of them"
            tell(f"{variable} is not a setting and has no effect; {hint}", "warning", "yellow")


def _models() -> "tuple[type[BaseSettings], ...]":
    from services.canary.settings import CanarySettings
    from services.console.settings import ConsoleSettings
    from services.runtime.agent import stages_settings
    from services.serve.settings import ServeSettings
    from services.sinks.settings import (
        OpensearchSettings,
        ParquetSettings,
        PostgresSettings,
        SinkSettings,
        WebhookSettings,
    )

    sinks = SinkSettings, PostgresSettings, ParquetSettings, WebhookSettings, OpensearchSettings
    return Settings, *stages_settings(), ConsoleSettings, CanarySettings, ServeSettings, *sinks


def _known(model: "type[BaseSettings]") -> Iterator[str]:
    """The environment variables that a model reads."""
    for variable, name, _ in _variables(model):
        yield variable
        if name in secrets(model):
            yield variable + FILE


def _variables(model: "type[BaseSettings]") -> Iterator[tuple[str, str, Any]]:
    """Each setting's environment variable, its name in the model, and the field."""
    for name, field in model.model_fields.items():
        yield f"{model.model_config['env_prefix']}{name.upper()}", name, field


def _shown(value: object) -> str:
    """A value as it would be written in the environment."""
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    if isinstance(value, dict):
        return ",".join(f"{key}={inner}" for key, inner in value.items()) or "not set"
    return str(value) or "not set"
