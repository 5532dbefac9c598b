"""The record of a story: who is counted, which words are shown, and that it is bounded and the same each time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import (
    Duplicate,
    Entity,
    Event,
    Evidence,
    Holder,
    Issue,
    Mention,
    Probabilities,
    Processing,
    Stance,
    Status,
    Target,
)
from schemas.story import MAX_SHOWN, MAX_STORY_BYTES, Side, StoryRecord
from services.stories.record import Member, Taken, member, record

START = datetime(2026, 4, 2, 10, 30, tzinfo=UTC)
TEXT = "Mayor Ortiz said the toll is unfair. The port called her careless. The toll starts in May."


def event(id: str, source: str, hours: float = 0, **changed: Any) -> Event:
    """A document in which Ortiz is against a toll, and its own voice in favor of it."""

    def mention(words: str) -> Mention:
        start = TEXT.index(words)
        return Mention(field="text", start=start, end=start + len(words), text=words)

    def stance(holder: Holder, label: Any, words: str, basis: Any, confidence: float) -> Stance:
        start = TEXT.index(words)
        evidence = Evidence(field="text", start=start, end=start + len(words), stance=label, confidence=confidence)
        sure = {"favor": 0.0, "against": 0.0, "neutral": 0.0} | {label: 1.0}
        return Stance(
            holder=holder,
            target=Target(kind="issue", issue="i1"),
            stance=label,
            basis=basis,
            confidence=confidence,
            probabilities=Probabilities(**sure),
            evidence=(evidence,),
        )

    return Event(
        event_id=f"e-{id}",
        id=id,
        status=Status.ENRICHED,
        title=f"Toll {id}",
        text=TEXT,
        source=source,
        entities=(
            Entity(id="e1", name="Ortiz", type="PERSON", salience=0.4, mentions=(mention("Ortiz"),)),
            Entity(id="e2", name="port", type="ORG", salience=0.6, mentions=(mention("port"),)),
        ),
        issues=(Issue(id="i1", name="the toll", salience=1.0, mentions=(mention("the toll"),)),),
        stances=(
            stance(Holder(kind="entity", entity="e1"), "against", "the toll is unfair", "speech", 0.9),
            stance(Holder(kind="author"), "favor", "The toll starts in May", "article", 0.6),
            stance(Holder(kind="entity", entity="e2"), "neutral", "The port called her careless", "speech", 0.8),
        ),
        processing=Processing(pipeline="stance=1", received_at=START + timedelta(hours=hours)),
    ).model_copy(update=changed)


def copied(verdict: Any, of: str) -> Duplicate:
    return Duplicate(verdict=verdict, cluster=of, of=of, rule="exact-text")


def told(*events: Event) -> StoryRecord:
    return record("d1", "d0", [member(one) for one in events])


def side(made: StoryRecord, holder: str) -> Side:
    [found] = [one for one in made.sides if one.holder == holder]
    return found


def test_it_says_who_stands_where_in_their_own_words() -> None:
    made = told(event("d1", "Harbor"), event("d2", "Coast", 1))
    ortiz = side(made, "Ortiz")
    assert (ortiz.target, ortiz.target_kind, ortiz.favor, ortiz.against) == ("the toll", "issue", 0, 2)
    assert [(one.document, one.source, one.words) for one in ortiz.quotes] == [
        ("d1", "Harbor", "the toll is unfair"),
        ("d2", "Coast", "the toll is unfair"),
    ]
    assert (side(made, "Harbor").holder_kind, side(made, "Harbor").favor) == ("author", 1)  # the article's own voice
    assert "port" not in {one.holder for one in made.sides}  # it takes no side
    assert [one.name for one in made.entities] == ["port", "Ortiz"]
    assert [(one.name, one.documents) for one in made.issues] == [("the toll", 2)]


@pytest.mark.parametrize("verdict", ["exact", "near", "excerpt"])
def test_a_copy_is_shown_and_counts_no_voice(verdict: str) -> None:
    made = told(event("d1", "Harbor"), event("d2", "Coast", 1, duplicate=copied(verdict, "d1")))
    assert (made.documents, made.copies, made.source_count) == (1, 1, 2)
    assert side(made, "Ortiz").against == 1
    assert [(one.id, one.copy_of) for one in made.titles] == [("d2", "d1"), ("d1", None)]
    assert [(one.name, one.documents, one.copies) for one in made.sources] == [("Harbor", 1, 0), ("Coast", 0, 1)]
    assert [(one.documents, one.copies) for one in made.timeline] == [(1, 0), (0, 1)]


@pytest.mark.parametrize("verdict", ["expansion", "update", "unique"])
def test_what_says_more_is_a_voice(verdict: str) -> None:
    made = told(event("d1", "Harbor"), event("d2", "Coast", duplicate=copied(verdict, "d1")))
    assert (made.documents, made.copies, side(made, "Ortiz").against) == (2, 0, 2)


def test_names_are_the_same_in_other_case_and_shown_as_most_write_them() -> None:
    first = event("d1", "Harbor")
    loud = first.model_copy(update={"entities": (first.entities[0].model_copy(update={"name": "ORTIZ"}),)})
    made = told(loud, event("d2", "Coast"), event("d3", "Valley"))
    assert [(one.name, one.documents) for one in made.entities] == [("Ortiz", 3), ("port", 2)]
    assert [one.against for one in made.sides if one.holder.casefold() == "ortiz"] == [3]


def test_the_head_is_the_first_and_times_are_those_of_receipt() -> None:
    made = told(event("d1", "Harbor"), event("d2", "Coast", 5))
    assert (made.head.id, made.first_seen, made.last_seen) == ("d1", START, START + timedelta(hours=5))
    assert (made.id, made.saga) == ("d1", "d0")
    assert (made.step, [one.start.hour for one in made.timeline]) == ("hour", [10, 15])


def test_a_long_story_has_a_timeline_of_days() -> None:
    made = told(event("d1", "Harbor"), event("d2", "Coast", 71), event("d3", "Coast", 100), event("d4", "Coast", 101))
    assert made.step == "day"
    assert [(one.start.day, one.documents) for one in made.timeline] == [(2, 1), (5, 1), (6, 2)]


def test_only_copies_may_be_left() -> None:
    assert told(event("d2", "Coast", duplicate=copied("exact", "d1"))).documents == 0


def test_a_story_without_documents_has_no_record() -> None:
    with pytest.raises(ValueError, match="without documents"):
        record("d1", "d1", [])


def test_what_is_long_is_cut() -> None:
    made = told(event("d1", "Harbor", title="a" * 2_000, url=f"https://h.example/{'b' * 2_000}"))
    assert (len(made.head.title), made.head.title[-1], made.head.url) == (MAX_SHOWN, "…", "")


def huge(number: int, letter: str) -> Member:
    """A document that has all that may be kept, in the characters that take the most room."""
    long = letter * MAX_SHOWN
    return Member(
        id=f"{letter * 250}{number}",
        title=long,
        source=f"{letter * 250}{number}",
        received_at=START + timedelta(hours=number),
        entities=tuple((f"{letter * 190}{number}{one}", "PERSON", "") for one in range(10)),
        issues=tuple(f"{letter * 190}{number}{one}" for one in range(10)),
        sides=tuple(
            Taken(
                holder=f"{letter * 190}{number}{one}",
                holder_kind="speaker",
                target=long,
                target_kind="issue",
                stance="against",
                basis="speech",
                confidence=0.5,
                words=long,
            )
            for one in range(20)
        ),
    )


@pytest.mark.parametrize("letter", ["a", "🙂", "\x01"])
def test_a_record_is_bounded(letter: str) -> None:
    made = record(letter * 256, letter * 256, [huge(number, letter) for number in range(60)])
    assert len(made.model_dump_json().encode()) <= MAX_STORY_BYTES
    assert made.documents == 60
    assert made.titles
    assert made.sides
    assert StoryRecord.read(made.model_dump_json()) == made


@given(st.lists(st.tuples(st.integers(0, 200), st.sampled_from(["", "Harbor", "Coast"]), st.booleans()), min_size=1))
@settings(max_examples=50, deadline=None)
def test_no_document_is_lost_or_counted_twice(drawn: list[tuple[int, str, bool]]) -> None:
    events = [
        event(f"d{number}", source, hours, duplicate=copied("near", "d0") if copy else None)
        for number, (hours, source, copy) in enumerate(drawn)
    ]
    made = told(*events)
    again = record("d1", "d0", [Member.read(member(one).model_dump_json()) for one in events])
    assert again.model_dump_json() == made.model_dump_json()  # also from what a table has kept
    assert made.documents + made.copies == len(drawn)
    assert sum(one.documents + one.copies for one in made.timeline) == len(drawn)
    assert sum(one.documents for one in made.sources) == sum(bool(source) and not copy for _, source, copy in drawn)
    assert side(made, "Ortiz").against == made.documents if made.documents else not made.sides


def test_entities_of_one_key_are_one_and_namesakes_are_not() -> None:
    def named(id: str, name: str, key: str | None) -> Event:
        one = event(id, f"{id}.example")
        ortiz = one.entities[0].model_copy(update={"name": name, "key": key})
        return one.model_copy(update={"entities": (ortiz, *one.entities[1:])})

    keys = (
        ("d1", "Ortiz", "person:ana ortiz"),
        ("d2", "Ana Ortiz", "person:ana ortiz"),
        ("d3", "Ortiz", "person:luis ortiz"),
    )
    made = told(*(named(*one) for one in keys))
    assert sorted(one.documents for one in made.entities if one.type == "PERSON") == [1, 2]
    assert sorted(side.against for side in made.sides if side.holder_kind == "entity") == [1, 2]
