"""Stancewire from Python: enrich documents here, or follow the events that a running service publishes.

``docs/api.md`` shows how. What this module exports is public. Other modules of the package may change in any release.
Settings come from the environment (``STANCEWIRE_…``): ``stancewire settings`` lists them.
"""

import json
import warnings
from collections.abc import Generator, Iterable, Mapping
from datetime import UTC, datetime

from schemas import Document, Event
from services.consumer.client import ConsumeError
from services.consumer.follow import Follower
from services.consumer.start import parse_start
from services.runtime.settings import Settings, SettingsError, load

__all__ = [
    "ConsumeError",
    "Document",
    "Event",
    "Pipeline",
    "SettingsError",
    "UnreadableEventWarning",
    "follow",
]


class UnreadableEventWarning(UserWarning):
    """A message on the output topic is not an event that this version can read. It was left out; the text says why and where."""


class Pipeline:
    """All stages in this process, without Kafka. Making one loads the models, which takes some seconds: keep it.

    It remembers the documents that it was given, so that a copy of one is found in a later call too.

    Raises:
        SettingsError: a setting is wrong. The message names the environment variable.
    """

    def __init__(self) -> None:
        from services.pipeline import Pipeline as Stages

        self._stages = Stages()

    def __call__(self, documents: Iterable[Mapping[str, object] | Document]) -> list[Event]:
        """One event for each document, in the same order.

        A document needs a ``text``; the other fields are those of ``Document``, and fields that it does not know are kept under
        ``metadata``. A document that cannot be used raises nothing: its event has the status ``rejected``, and ``rejection`` says
        why. Values that are no JSON, such as times and paths, are taken as ``str`` writes them.

        Raises:
            TypeError: ``documents`` is a single document, or one of them is neither a mapping nor a ``Document``.
        """
        if isinstance(documents, Mapping | Document):
            raise TypeError("Pipeline takes several documents; give a list, also for one: [document]")
        now = datetime.now(UTC)
        return self._stages([(None, _encode(document)) for document in documents], now)


def follow(
    brokers: str | None = None,
    *,
    start: str | datetime = "end",
    until_end: bool = False,
    idle: float | None = None,
    group: str | None = None,
) -> Generator[Event, None, None]:
    """The events that a running service publishes, as they come, in order within a partition.

    It connects when the first event is asked for, and closes when the loop ends. Where the loop is left early, close it by
    ``contextlib.closing(follow(…))``.

    Delivery is at least once. An event is done with when the next one is asked for. With a ``group``, what is done with is
    remembered about once a second and at the end, and a later ``follow`` goes on there; after a crash some events come again,
    with the same ``event_id``. Repeats among the last 100,000 events of one ``follow`` are left out.

    Args:
        brokers: ``host:port``, several separated by commas. None: ``STANCEWIRE_BROKERS``, or the local broker that
            ``stancewire broker`` or ``stancewire run`` has started.
        start: where to start: ``beginning``, ``end``, ``15m``, ``2h`` or ``3d`` ago, or a time, as a ``datetime`` or in ISO 8601.
            A time without a zone is UTC. With a ``group`` it counts only where the group has not been yet.
        until_end: end where the topic ended when it connected.
        idle: end after so many seconds without an event. None: never.
        group: name of a consumer group. Its members share the events, so that each event goes to one of them.

    Raises:
        ValueError: ``start`` or ``idle`` is wrong.
        SettingsError: a setting or ``brokers`` is wrong, no broker is named, or the broker refuses us.
        ConsumeError: no broker answers, there is no such topic, or the broker stopped answering.

    Warns:
        UnreadableEventWarning: a message is not an event. It is left out.
    """
    words = start if isinstance(start, str) else start.isoformat()
    begin = parse_start(words, datetime.now(UTC))
    if idle is not None and not idle > 0:
        raise ValueError(f"idle must be greater than 0 seconds (got {idle})")
    settings = load(Settings)
    if brokers is not None:
        fields = dict(settings) | {"brokers": brokers}
        settings = load(lambda: Settings.model_validate(fields))
    return _follow(Follower(settings, start=begin, group=group, idle=idle, to_end=until_end, unique=True))


def _follow(follower: Follower) -> Generator[Event, None, None]:
    with follower:
        for received in follower:
            if received.event is not None:
                yield received.event
            else:
                record = received.record
                where = f"{record.topic}, partition {record.partition}, offset {record.offset}"
                warnings.warn(f"{received.problem} ({where})", UnreadableEventWarning, stacklevel=2)


def _encode(document: object) -> bytes:
    """The document as a message of the documents' topic has it."""
    if isinstance(document, Document):
        document = document.model_dump(exclude_defaults=True)
    if not isinstance(document, Mapping):
        raise TypeError(f"a document is a dict or a Document, not {type(document).__name__}")
    return json.dumps(dict(document), default=str).encode()
