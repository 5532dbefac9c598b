"""What the strip says of canaries: the newest round that ended, and what it did not find."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from schemas import Event
from services.canary.core import CanaryId
from services.canary.story import OURS, read_story
from services.console.canaries import Sightings
from services.pipeline import Pipeline

STORY = read_story(OURS)


@pytest.fixture(scope="module")
def whole() -> Sequence[Event]:
    """The six events of round 7."""
    texts = {"story": STORY.text, "copy": STORY.text, "shortened": STORY.shortened}
    sent = [
        (f"stancewire-canary:7:{part}", json.dumps({"title": STORY.title, "text": text}))
        for part, text in texts.items()
    ]
    documents: list[tuple[bytes, bytes | None]] = [(name.encode(), text.encode()) for name, text in sent]
    return Pipeline()(documents + [(key, None) for key, _ in documents], datetime.now(UTC))


def moved(events: Sequence[Event], number: int) -> list[Event]:
    """The same in another round."""
    found = []
    for event in events:
        of = event.duplicate.of.replace(":7:", f":{number}:") if event.duplicate and event.duplicate.of else None
        duplicate = event.duplicate.model_copy(update={"of": of}) if event.duplicate else None
        found.append(event.model_copy(update={"id": event.id.replace(":7:", f":{number}:"), "duplicate": duplicate}))
    return found


def test_a_round_is_told_when_it_has_ended(whole: Sequence[Event]) -> None:
    sightings = Sightings(STORY)
    assert sightings.figures(0) is None
    for second, event in enumerate(whole):
        assert sightings.figures(second) is None
        sightings.add(event, second)
    assert sightings.figures(9) == {"held": 18, "facts": 18, "at": 5, "failed": []}


def test_what_the_newest_ended_round_did_not_find_is_named(whole: Sequence[Event]) -> None:
    sightings = Sightings(STORY)
    for event in (*whole, *moved(whole[:1], 8)):
        sightings.add(event, 10.0)
    assert sightings.figures(20.0) == {"held": 18, "facts": 18, "at": 10.0, "failed": []}
    late = sightings.figures(200.0)
    assert late is not None
    assert (late["held"], late["failed"]) == (
        13, [f"late: {one}" for one in
             ("exact (copy)", "near (shortened)", "withdrawn (story)", "withdrawn (copy)", "withdrawn (shortened)")]
    )  # fmt: skip
    for event in moved(whole, 9):
        sightings.add(event.model_copy(update={"stances": ()}), 300.0)
    last = sightings.figures(301.0)
    assert last is not None
    assert (last["held"], [one[:15] for one in last["failed"]]) == (15, ["wrong: stance ("] * 3)


def test_a_round_that_met_another_tells_nothing_and_rounds_are_bounded(whole: Sequence[Event]) -> None:
    sightings = Sightings(STORY)
    for event in whole:
        sightings.add(event, 1.0)
    duplicate = whole[1].duplicate
    assert duplicate is not None
    crossed = duplicate.model_copy(update={"of": str(CanaryId(7, "story"))})
    sightings.add(moved(whole[:1], 8)[0].model_copy(update={"duplicate": crossed}), 2.0)
    figures = sightings.figures(500.0)
    assert figures is not None
    assert (figures["held"], figures["at"]) == (18, 1.0)
    sightings.add(whole[0].model_copy(update={"id": "somebody-else"}), 3.0)
    for number in range(10, 1_000):
        sightings.add(moved(whole[:1], number)[0], 4.0)
    assert len(sightings._rounds) == 3
