"""Which stances are news to somebody who watches: those of a watched entity, or toward a watched entity or issue. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas import Entity, Event, Issue, Stance, Status
from schemas.event import Label, digest

_WORDS: dict[Label, str] = {"favor": "in favor of", "against": "against", "neutral": "on no side about"}
_QUOTE = 1_000
"""Characters of a quote: longer ones are cut."""


@dataclass(frozen=True)
class Stand:
    """A stance that somebody watches. ``pair`` names its holder and its target, the same in all events."""

    pair: str
    side: Label
    at: datetime
    event: Event
    stance: Stance
    holder: Entity | None
    target: Entity | Issue

    def body(self, before: Label | None) -> dict[str, Any]:
        """The alert as JSON values. ``before``: the side of the last alert of this pair, or None."""
        event, stance = self.event, self.stance
        name = self.holder.name if self.holder else stance.holder.name or "The author"
        now = "is now" if before else "is"
        place = stance.evidence[0]
        return {
            "id": digest("alert", event.event_id, self.pair),
            "type": "stance.changed" if before else "stance.new",
            "summary": f"{name} {now} {_WORDS[self.side]} {self.target.name}",
            "holder": {"kind": stance.holder.kind, "name": name} | _identity(self.holder),
            "target": {"kind": stance.target.kind, "name": self.target.name} | _identity(self.target),
            "stance": self.side,
            "before": before,
            "basis": stance.basis,
            "confidence": stance.confidence,
            "quote": (event.title if place.field == "title" else event.text)[place.start : place.end][:_QUOTE],
            "document": {
                "id": event.id,
                "revision": event.revision,
                "event_id": event.event_id,
                "title": event.title,
                "source": event.source,
                "url": event.url,
                "published_at": event.published_at.isoformat() if event.published_at else None,
                "received_at": event.processing.received_at.isoformat(),
            },
        }


def watched_stands(event: Event, minimum: float) -> Iterator[Stand]:
    """The stances of ``event`` that somebody watches, the surest of each pair, if it has at least the confidence ``minimum``."""
    if event.status is not Status.ENRICHED:
        return
    subjects = {one.id: one for one in event.subjects}
    found: dict[str, Stand] = {}
    for stance in sorted(event.stances, key=lambda one: -one.confidence):
        holder = subjects.get(stance.holder.entity or "")
        target = subjects.get(stance.target.issue or stance.target.entity or "")
        if target is None or isinstance(holder, Issue) or stance.confidence < minimum:
            continue
        if target.watched is None and (holder is None or holder.watched is None):
            continue
        pair = digest(_whose(stance, holder, event), _key(target))
        found.setdefault(pair, Stand(pair, stance.stance, event.processing.received_at, event, stance, holder, target))
    yield from found.values()


def _identity(one: Entity | Issue | None) -> dict[str, str]:
    """The ids that somebody has in all events, those that there are."""
    found = {"watched": one.watched, "key": getattr(one, "key", None)} if one is not None else {}
    return {name: value for name, value in found.items() if value is not None}


def _whose(stance: Stance, holder: Entity | None, event: Event) -> str:
    if holder is not None:
        return _key(holder)
    return (
        f"author:{event.source}" if stance.holder.kind == "author" else f"name:{(stance.holder.name or '').casefold()}"
    )


def _key(one: Entity | Issue) -> str:
    if one.watched is not None:
        return f"watched:{type(one).__name__}:{one.watched}"
    return getattr(one, "key", None) or f"name:{one.name.casefold()}"
