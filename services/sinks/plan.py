"""What is true now: which events of a batch take the place of what stands, whatever comes twice or late. Pure.

For sinks that hold one thing for each document. What an event says decides, so that the same events may come again, from the
beginning too, and nothing changes.

* A revision takes the place of an older one, and of the same one where it was received or made later.
* What failed (``rejected``, ``dead_lettered``) takes the place of nothing but another failure.
* A withdrawal removes the document, and is remembered, so that events from before it do not bring it back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas import Event, Status
from services.sinks.sink import Arrival

FAILED = (Status.REJECTED, Status.DEAD_LETTERED)

Order = tuple[datetime, datetime]
"""When the document was received, and when its event was made."""


@dataclass(frozen=True)
class Standing:
    """What stands of a document."""

    event_id: str
    failed: bool
    revision: int
    order: Order


def standing_of(event: Event) -> Standing:
    """What stands of a document when ``event`` does."""
    made = event.processing.enriched_at or event.processing.received_at
    return Standing(event.event_id, event.status in FAILED, event.revision, (event.processing.received_at, made))


def replaces(new: Standing, before: Standing) -> bool:
    """Whether ``new`` takes the place of what stands."""
    if new.event_id == before.event_id:
        return False
    if new.failed != before.failed:
        return before.failed
    return (new.revision, *new.order) >= (before.revision, *before.order)


@dataclass(frozen=True)
class Plan:
    """What a batch does: the ids of which something stood that goes, those that are withdrawn now, the events that stand now, and
    how many events changed something."""

    stale: list[str]
    withdrawn: dict[str, Order]
    wanted: list[Arrival]
    changed: int


def make_plan(arrivals: Sequence[Arrival], there: Mapping[str, Standing], withdrawn: Mapping[str, Order]) -> Plan:
    """What to do about ``arrivals``, in order. ``there`` and ``withdrawn``: what stands and what is remembered of their ids."""
    now, gone, wanted = dict(there), dict(withdrawn), dict[str, Arrival]()
    changed = 0
    for arrival in arrivals:
        event, new = arrival.event, standing_of(arrival.event)
        before = now.get(event.id)
        if event.id in gone and new.order <= gone[event.id]:
            continue
        if event.status is Status.WITHDRAWN:
            if before is not None and before.order > new.order:
                continue
            gone[event.id] = new.order
            now.pop(event.id, None)
            wanted.pop(event.id, None)
        elif before is None or replaces(new, before):
            now[event.id] = new
            wanted[event.id] = arrival
        else:
            continue
        changed += 1
    return Plan(
        [identity for identity in there if now.get(identity) != there[identity]],
        {identity: order for identity, order in gone.items() if withdrawn.get(identity) != order},
        list(wanted.values()),
        changed,
    )
