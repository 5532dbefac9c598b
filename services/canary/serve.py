"""Sends a round of canaries again and again, tells Prometheus what came of each, and answers over HTTP as a stage does."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from services.canary.core import KINDS, summary
from services.canary.round import Done, run_round
from services.canary.settings import CanarySettings
from services.canary.story import read_story
from services.runtime.health import serve
from services.runtime.metrics import CanaryMetrics
from services.runtime.settings import Settings

log = logging.getLogger(__name__)

_GRACE_SECONDS = 90.0
"""Beyond a round's time: what its clients take at most to give up on a broker that is away."""


class Canaries:
    """Rounds of canaries, one every ``STANCEWIRE_CANARY_SECONDS``."""

    def __init__(self, settings: Settings, canary: CanarySettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._story = read_story(canary.story)
        self._settings = settings
        self._seconds = canary.seconds
        self._clock = clock
        self._begun = clock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self.run, name="canaries", daemon=True)
        self.metrics = CanaryMetrics(KINDS)
        self.last: Done | None = None

    def live(self) -> tuple[bool, dict[str, Any]]:
        """Whether rounds end in time."""
        silent = self._clock() - self._begun
        return silent < self._seconds + _GRACE_SECONDS, {"round_seconds": round(silent, 1)}

    def ready(self) -> tuple[bool, dict[str, Any]]:
        """Whether a round has ended."""
        return self.last is not None, {"rounds_ended": self.last is not None}

    def serve(self, host: str, port: int) -> int:
        """Answer over HTTP until the process ends; returns the port. Raises OSError: it is taken."""
        return serve(self, self.metrics.registry, host, port)

    def start(self) -> None:
        """Begin, on a thread."""
        self._thread.start()

    def stop(self) -> None:
        """End, and wait until what was sent is withdrawn."""
        self._stopped.set()
        if self._thread.ident is not None:
            self._thread.join(_GRACE_SECONDS)

    def run(self) -> None:
        """Send rounds until stopped."""
        while not self._stopped.is_set():
            self._begun = self._clock()
            try:
                self.round()
            except Exception:
                log.exception("a round of canaries failed")
            self._stopped.wait(max(0.0, self._seconds - (self._clock() - self._begun)))

    def round(self) -> Done:
        """Send one round, count it, and log which facts were missed. A round that was stopped is not counted."""
        done = run_round(self._settings, self._story, self._seconds, self._stopped.is_set)
        if self._stopped.is_set():
            return done
        self.last = done
        if done.round.crossed is not None:
            log.warning(
                "the canary %s of an earlier round was still in the pipeline; it has been withdrawn", done.round.crossed
            )
            self.metrics.crossed()
            return done
        outcomes = done.round.outcomes
        self.metrics.ended([(outcome.fact.kind, outcome.held) for outcome in outcomes], done.seconds)
        if not all(outcome.held for outcome in outcomes):
            log.warning("%s", summary(outcomes))
        return done
