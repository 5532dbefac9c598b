"""What the strip says of canaries: which known facts the newest whole round found. Pure; times are given."""

from typing import Any

from schemas import Event
from services.canary.core import PARTS, Round, parse_id
from services.canary.story import Story

_ROUNDS = 3
"""The newest rounds that are kept: the one under way, the one before, and one in reserve for events that come late."""
_LATE_SECONDS = 120.0
"""After so long without an event a round counts as ended, whatever is missing of it."""


class Sightings:
    """The canaries' events as they come, held against their story."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._rounds: dict[int, tuple[Round, float]] = {}

    def add(self, event: Event, at: float) -> None:
        """Take in an event of the canaries' topic; ``at``: the broker's time of its message, seconds since 1970."""
        where = parse_id(event.id)
        if where is None:
            return
        found, _ = self._rounds.get(where.round, (Round(self._story, where.round), at))
        found.add(event)
        self._rounds[where.round] = (found, at)
        while len(self._rounds) > _ROUNDS:
            del self._rounds[min(self._rounds)]

    def figures(self, now: float) -> dict[str, Any] | None:
        """The newest round that ended and met no other, if any. ``failed`` names at most ten facts, each as wrong or late."""
        for number in sorted(self._rounds, reverse=True):
            found, at = self._rounds[number]
            ended = found.has(*PARTS, withdrawn=True) or number < max(self._rounds) or now - at > _LATE_SECONDS
            if ended and found.crossed is None:
                outcomes = found.outcomes
                failed = [str(one) for one in outcomes if not one.held]
                return {"held": len(outcomes) - len(failed), "facts": len(outcomes), "at": at, "failed": failed[:10]}
        return None
