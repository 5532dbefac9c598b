"""One round of canaries through the live pipeline: publishes, listens, and withdraws what it published. Glue."""

import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from schemas import Status
from services.canary.core import CanaryId, Part, Round
from services.canary.story import Story
from services.consumer.client import ConsumeError
from services.consumer.follow import read_event
from services.consumer.tail import Tail
from services.producer.client import PublishError
from services.producer.item import Item, Origin
from services.producer.publish import Report, publish, withdraw
from services.runtime.settings import Settings, SettingsError
from services.runtime.topology import CANARIES

log = logging.getLogger(__name__)

_IDLE_SECONDS = 0.2
_TRIES = 3
"""A round that meets what an earlier one left behind withdraws that and begins again."""
_SOURCE = "canary.invalid"


@dataclass(frozen=True)
class Done:
    """A round that ended. ``seconds``: from the delivery of its story to the event; None where that did not come."""

    round: Round
    seconds: float | None


def run_round(settings: Settings, story: Story, seconds: float, stopped: Callable[[], bool]) -> Done:
    """Send a round and wait until its events are there, at most ``seconds``. What does not come is missing, whatever the reason."""
    deadline = time.monotonic() + seconds
    for _ in range(_TRIES):
        sending = _Sending(settings, story, deadline, stopped)
        try:
            sending.run()
        except (PublishError, ConsumeError, SettingsError, OSError) as error:
            log.warning("a round of canaries was not finished: %s", error)
        if sending.round.crossed is None or time.monotonic() > deadline or stopped():
            break
    return Done(sending.round, sending.seconds)


class _Sending:
    """A round under way."""

    def __init__(self, settings: Settings, story: Story, deadline: float, stopped: Callable[[], bool]) -> None:
        self._settings = settings
        self._story = story
        self._deadline = deadline
        self._stopped = stopped
        self._sent: list[str] = []
        self._withdrawn: set[str] = set()
        self.round = Round(story, time.time_ns() // 1_000_000)
        self.seconds: float | None = None

    def run(self) -> None:
        """The whole round. Raises PublishError, ConsumeError."""
        with Tail(self._settings, CANARIES, start="end", idle=_IDLE_SECONDS) as tail:
            try:
                self._send("story")
                sent = time.monotonic()
                self._await(tail, lambda: self.round.has("story"))
                if self.round.has("story"):
                    self.seconds = time.monotonic() - sent
                    if self.round.crossed is None:
                        self._send("copy", "shortened")
                        self._await(tail, lambda: self.round.has("copy", "shortened"))
            finally:
                self._withdraw()
            self._await(tail, lambda: self._withdrawn.issuperset(self._sent))

    def _send(self, *parts: Part) -> None:
        items = [self._item(part) for part in parts]
        self._sent += [str(CanaryId(self.round.number, part)) for part in parts]
        _check(publish(items, self._settings))

    def _item(self, part: Part) -> Item:
        name = str(CanaryId(self.round.number, part))
        text = self._story.shortened if part == "shortened" else self._story.text
        document = {"id": name, "title": self._story.title, "text": text, "source": _SOURCE}
        return Item(Origin(name), json.dumps(document).encode(), name.encode())

    def _withdraw(self) -> None:
        if self.round.crossed is not None:
            self._sent.append(self.round.crossed)
        _check(withdraw(self._sent, self._settings))

    def _await(self, tail: Tail, there: Callable[[], bool]) -> None:
        while not there() and time.monotonic() < self._deadline and not self._stopped():
            for record in tail:
                event = read_event(record).event
                if event is None:
                    continue
                if event.status is Status.WITHDRAWN:
                    self._withdrawn.add(event.id)
                self.round.add(event)
                if there() or time.monotonic() > self._deadline or self._stopped():
                    break


def _check(report: Report) -> None:
    """Raise PublishError where not all was delivered."""
    if report.undelivered:
        raise PublishError(f"a canary was not delivered: {report.undelivered[0].reason}")
