"""What every stage gives to the runtime: the Protocol of ``services/<name>/agent.py``, and how the module is found.

The other half of a stage's declaration is its row in ``topology``.
"""

import importlib
import inspect
from collections.abc import MutableMapping
from typing import Protocol, cast

from pydantic_settings import BaseSettings

from services.runtime.records import Core
from services.runtime.topology import STAGES, Stage
from services.runtime.versions import Basis


class Agent(Protocol):
    """The module ``services/<name>/agent.py`` of a stage: glue between the runtime and the stage's core."""

    SETTINGS: tuple[type[BaseSettings], ...]
    """The settings that the stage reads."""

    def check(self) -> None:
        """Check what the stage needs, before anything is loaded.

        Raises:
            SettingsError: a setting is wrong, or what it names is not there.
        """

    def basis(self) -> Basis:
        """What the results of the stage depend on."""

    def setup(self, version: str, rows: MutableMapping[str, str]) -> Core:
        """Load what the stage needs. Called once in each process that does the stage's work.

        Args:
            version: of the stage's results, as ``basis`` gives it; events name it.
            rows: the rows of the stage's table; empty, and not kept, where it has none.
        """


def agent(stage: Stage) -> Agent:
    """The agent of a stage.

    Raises:
        TypeError: its module lacks something that every stage has; the message says what.
    """
    module = importlib.import_module(f"services.{stage.name}.agent")
    for name, declared in (("SETTINGS", None), *inspect.getmembers(Agent, inspect.isfunction)):
        if name.startswith("_"):
            continue
        given = getattr(module, name, None)
        wanted = [one for one in inspect.signature(declared).parameters if one != "self"] if declared else []
        if given is None or (declared and list(inspect.signature(given).parameters) != wanted):
            shown = f"{name}({', '.join(wanted)})" if declared else name
            raise TypeError(f"{module.__name__} has no {shown}: services/runtime/agent.py says what a stage has")
    return cast(Agent, module)


def stages_settings() -> tuple[type[BaseSettings], ...]:
    """The settings of all stages, in the order of the table: what their ``settings.py`` declare. No model is imported."""
    modules = [importlib.import_module(f"services.{stage.name}.settings") for stage in STAGES]
    return tuple(
        one
        for module in modules
        for one in vars(module).values()
        if inspect.isclass(one) and issubclass(one, BaseSettings) and one.__module__ == module.__name__
    )
