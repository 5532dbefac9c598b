"""What a sink is, and the table of those that there are.

A sink is a row of ``SINKS``, and the module ``services/sinks/<name>.py`` with a function ``open_sink() -> Sink``, which reads its
own settings.
"""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from schemas import Event
from services.runtime.records import Record


class AwayError(RuntimeError):
    """Where the events go to cannot take any now. The same is tried again later; the message says what to look at."""


class RefusedError(RuntimeError):
    """Where the events go to does not take one of these, and would not take it later. It becomes a dead letter."""


class PartlyRefusedError(RefusedError):
    """Some of these are not taken, and all others were.

    Args:
        changed: how many of the others changed something.
        refused: position of the message -> why its event is refused.
    """

    def __init__(self, changed: int, refused: Mapping[str, str]) -> None:
        super().__init__("; ".join(dict.fromkeys(refused.values())))
        self.changed = changed
        self.refused = refused


@dataclass(frozen=True)
class Arrival:
    """An event, and the message that brought it."""

    record: Record
    event: Event


class Sink(Protocol):
    """An open sink. Repeats come, and older events after newer ones (somebody reads the topic again): neither may do harm.

    Attributes:
        most: events that ``write`` is given at once, at most.
        seconds: longest time between two calls of ``flush`` while events come. 0: after each ``write``.
        size: bytes of events as JSON after which ``flush`` is called earlier.
    """

    most: int
    seconds: float
    size: int

    def write(self, arrivals: Sequence[Arrival]) -> int:
        """Take events, in order within a partition. Returns how many changed something.

        Raises:
            AwayError, RefusedError: they must be given again, RefusedError: each alone, to find the one at fault.
            PartlyRefusedError: it is known which are at fault, and the others were taken.
        """

    def flush(self) -> None:
        """Make safe what was taken: afterwards its offsets are committed. Raises AwayError."""

    def close(self) -> None:
        """End. What was not flushed is given again after the next start."""


@dataclass(frozen=True)
class Row:
    """A sink of the table: the name of its command and module, what it does, and its port above STANCEWIRE_SINK_PORT."""

    name: str
    does: str
    port: int

    @property
    def stage(self) -> str:
        """What its dead letters have as their stage."""
        return f"sink-{self.name}"

    def open(self) -> Sink:
        """The sink, open. Raises AwayError; SettingsError: a setting is wrong or missing."""
        sink: Sink = importlib.import_module(f"{__package__}.{self.name}").open_sink()
        return sink


# 3 and 4 are those of `stancewire serve`
SINKS = (
    Row("postgres", "Write events into the tables of a PostgreSQL database.", 0),
    Row("parquet", "Write events into Parquet files, a folder for each day.", 1),
    Row(
        "webhook", "Post an alert when a watched entity, or somebody toward a watched entity or issue, takes a side.", 2
    ),
    Row("opensearch", "Write events into an index of OpenSearch or Elasticsearch.", 5),
)
