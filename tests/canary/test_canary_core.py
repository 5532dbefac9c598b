"""Every known fact is found in the pipeline's events, and is missed where the event lacks it."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas import Event, Status
from services.canary.core import KINDS, CanaryId, Round, facts, left_over, parse_id, summary
from services.canary.settings import CanarySettings
from services.canary.story import OURS, Story, read_story
from services.pipeline import Pipeline
from services.runtime.settings import SettingsError, load

NUMBER = 1764000000000
STORY = read_story(OURS)


@pytest.fixture(scope="module")
def events() -> Sequence[Event]:
    """Of the three documents of a round, and of their withdrawals."""
    texts = {"story": STORY.text, "copy": STORY.text, "shortened": STORY.shortened}
    ids = {part: f"stancewire-canary:{NUMBER}:{part}" for part in texts}
    documents: list[tuple[bytes, bytes | None]] = [
        (ids[part].encode(), json.dumps({"id": ids[part], "title": STORY.title, "text": text}).encode())
        for part, text in texts.items()
    ]
    return Pipeline()(documents + [(key, None) for key, _ in documents], datetime.now(UTC))


def test_the_pipeline_finds_every_fact(events: Sequence[Event]) -> None:
    told = Round(STORY, NUMBER)
    assert {outcome.held for outcome in told.outcomes} == {None}
    assert [told.add(event) for event in events] == ["story", "copy", "shortened"] * 2
    assert [outcome.fact.about for outcome in told.outcomes if not outcome.held] == []
    assert {outcome.fact.kind for outcome in told.outcomes} == set(KINDS)
    assert len(told.outcomes) == 18, "the README and docs/operations.md say how many"
    assert told.has("story", "copy", "shortened", withdrawn=True)
    assert told.crossed is None


def _moved(event: Event) -> Event:
    first = event.entities[0].mentions[0]
    mention = first.model_copy(update={"start": first.start + 1})
    return _with(event, event.entities[0].name, mentions=(mention, *event.entities[0].mentions[1:]))


def _with(event: Event, name: str, **changes: object) -> Event:
    changed = tuple(one.model_copy(update=changes) if one.name == name else one for one in event.entities)
    assert changed != event.entities
    return event.model_copy(update={"entities": changed})


Change = Callable[[Event], Event]
DAMAGE: dict[str, Change] = {
    "language": lambda event: event.model_copy(update={"language": "de"}),
    "unique": lambda event: event.model_copy(update={"duplicate": None}),
    "entity": lambda event: _with(event, "Hillside Party", type="WORK_OF_ART"),
    "alias": lambda event: event.model_copy(
        update={"entities": tuple(one.model_copy(update={"aliases": ()}) for one in event.entities)}
    ),
    "offsets": _moved,
    "stance": lambda event: event.model_copy(update={"stances": event.stances[1:]}),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_fact_that_the_story_lost_is_missed(events: Sequence[Event], kind: str) -> None:
    told = Round(STORY, NUMBER)
    told.add(DAMAGE[kind](events[0]))
    missed = {outcome.fact.kind for outcome in told.outcomes if outcome.held is False}
    assert missed == {kind}
    said = summary(told.outcomes)
    assert said.startswith(f"{sum(outcome.held is True for outcome in told.outcomes)} of 18 known facts were found; ")
    assert f"wrong: {kind} (" in said
    assert "late: near (shortened)" in said


def test_a_verdict_of_another_kind_or_on_another_document_is_missed(events: Sequence[Event]) -> None:
    for event, kind in ((events[1], "exact"), (events[2], "near")):
        at = parse_id(event.id)
        assert at is not None
        (fact,) = facts(STORY, at, withdrawn=False)
        assert (fact.kind, fact.holds(event)) == (kind, True)
        assert event.duplicate is not None
        for change in ({"verdict": "expansion"}, {"of": "somebody-else"}):
            other = event.model_copy(update={"duplicate": event.duplicate.model_copy(update=change)})
            assert not fact.holds(other)
        assert not fact.holds(event.model_copy(update={"duplicate": None, "status": Status.REJECTED}))


def test_a_round_that_meets_an_earlier_one_says_which(events: Sequence[Event]) -> None:
    earlier = str(CanaryId(NUMBER - 1, "story"))
    assert events[1].duplicate is not None
    crossing = events[0].model_copy(update={"duplicate": events[1].duplicate.model_copy(update={"of": earlier})})
    assert left_over(CanaryId(NUMBER, "story"), crossing) == earlier
    told = Round(STORY, NUMBER)
    told.add(crossing)
    assert told.crossed == earlier
    assert left_over(CanaryId(NUMBER, "copy"), events[1]) is None


def test_repeats_and_other_rounds_change_nothing(events: Sequence[Event]) -> None:
    told = Round(STORY, NUMBER)
    told.add(events[0])
    assert told.add(events[0].model_copy(update={"language": "de"})) == "story"
    assert told.add(events[0].model_copy(update={"id": str(CanaryId(NUMBER + 1, "story"))})) is None
    assert [outcome.held for outcome in told.outcomes if outcome.fact.kind == "language"] == [True]


@pytest.mark.parametrize(
    "id",
    ["", "a", "stancewire-canary:", "stancewire-canary:1", "stancewire-canary:1:other", "stancewire-canary:-1:story",
     "stancewire-canary:1:story:2", "xstancewire-canary:1:story", "stancewire-canary:" + "9" * 19 + ":story"],
)  # fmt: skip
def test_other_ids_are_no_place(id: str) -> None:
    assert parse_id(id) is None
    assert parse_id(str(CanaryId(7, "copy"))) == CanaryId(7, "copy")


BAD_STORIES = {
    "no-json": ("{", "Invalid JSON"),
    "no-text": ("{}", "text: Field required"),
    "short": (json.dumps({"text": "too short"}), "a canary needs at least 60"),
    "type": (json.dumps({"text": "word " * 80, "entities": [{"name": "A", "type": "PLANET"}]}), "entities.0.type"),
    "more": (json.dumps({"text": "word " * 80, "facts": 3}), "facts: Extra inputs"),
    "stance": (json.dumps({"text": "word " * 80, "stances": [{"target": "A", "stance": "maybe"}]}), "stances.0.stance"),
}


@pytest.mark.parametrize("name", BAD_STORIES)
def test_a_bad_story_names_the_file_and_the_field(tmp_path: Path, name: str) -> None:
    text, message = BAD_STORIES[name]
    file = tmp_path / "story.json"
    file.write_text(text)
    with pytest.raises(ValueError, match=r"story\.json: ") as raised:
        read_story(file)
    assert message in str(raised.value)
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(ValueError, match=str(path)):
            read_story(path)


def test_a_story_of_ones_own_is_held_by_its_own_facts() -> None:
    story = Story.model_validate(
        {"text": "word " * 80, "language": "de", "stances": [{"target": "A", "stance": "favor"}]}
    )
    assert [fact.kind for fact in facts(story, CanaryId(1, "story"), withdrawn=False)] == [
        "language", "unique", "offsets", "stance"
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), [("SECONDS", "1"), ("SECONDS", "soon"), ("PORT", "70000"), ("PORT", "-1")])
def test_bad_settings_are_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"STANCEWIRE_CANARY_{name}", value)
    with pytest.raises(SettingsError, match=f"STANCEWIRE_CANARY_{name}"):
        load(CanarySettings)
