"""The contracts: what they take, what they refuse, and that the checked-in JSON Schemas are theirs."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas import (
    Document,
    Event,
    Evidence,
    Holder,
    Issue,
    Mention,
    Processing,
    Stance,
    Status,
    Target,
    Work,
    reference,
)
from schemas.event import derive_event_id, derive_id
from schemas.export import FOLDER, PUBLIC, render


@pytest.mark.parametrize("name", PUBLIC)
def test_the_json_schema_is_current(name: str) -> None:
    assert (FOLDER / f"{name}.schema.json").read_text() == render(PUBLIC[name]), "run `make schemas`"


def test_unknown_fields_are_kept_and_metadata_wins_over_them() -> None:
    document = Document.model_validate_json(b'{"text": "A", "desk": 7, "feed": "x", "metadata": {"feed": "politics"}}')
    assert document.metadata == {"desk": 7, "feed": "politics"}


def test_null_is_absence() -> None:
    assert Document.model_validate_json(b'{"text": "A", "title": null, "id": null, "revision": null}') == Document(
        text="A"
    )


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2026-03-27T18:04:00Z", datetime(2026, 3, 27, 18, 4, tzinfo=UTC)),
        ("2026-03-27T18:04:00", datetime(2026, 3, 27, 18, 4, tzinfo=UTC)),
        ("2026-03-27T20:04:00+02:00", datetime(2026, 3, 27, 18, 4, tzinfo=UTC)),
        ("2026-03-27", datetime(2026, 3, 27, tzinfo=UTC)),
    ],
)
def test_times_are_read_and_those_without_a_zone_are_utc(written: str, utc: datetime) -> None:
    assert Document.model_validate({"text": "A", "published_at": written}).published_at == utc


def test_models_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Document(text="A").text = "B"


def test_ids_are_the_same_for_the_same_document_and_differ_else() -> None:
    one = Document(text="A", source="s", url="u")
    assert derive_id(one) == derive_id(Document(text="A", source="s", url="u", metadata={"x": 1}))
    assert (
        len({derive_id(d) for d in (one, Document(text="A"), Document(text="A", title="A"), Document(text="AA"))}) == 4
    )
    assert len({derive_event_id(*parts) for parts in (("a", 1, "c"), ("a", 2, "c"), ("a", 1, "d"), ("b", 1, "c"))}) == 4


@given(st.text(), st.text())
def test_derived_ids_never_fail_and_do_not_confuse_fields(one: str, two: str) -> None:
    split, joined = Document.model_construct(text=one, title=two), Document.model_construct(text=one + two, title="")
    assert (derive_id(split) == derive_id(joined)) == (two == "")


def test_an_event_comes_back_from_json_as_it_was() -> None:
    event = Event(
        event_id="e",
        id="a-1",
        status=Status.ENRICHED,
        text="Zoë’s “plan”\u00ad 🙂",
        metadata={"nested": [{"deep": None}]},
        processing=Processing(pipeline="0", received_at=datetime(2026, 1, 1, tzinfo=UTC)),
    )
    assert Event.model_validate_json(event.model_dump_json()) == event
    assert json.loads(event.model_dump_json())["schema_version"] == "2.1"


@pytest.mark.parametrize(
    "fields",
    [{"kind": "author", "entity": "e1"}, {"kind": "entity"}, {"kind": "speaker"}, {"kind": "entity", "name": "x"}],
)
def test_a_holder_says_one_thing(fields: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Holder.model_validate(fields)


@pytest.mark.parametrize("fields", [{"kind": "entity"}, {"kind": "topic", "entity": "e1"}, {"kind": "author"}])
def test_a_target_says_one_thing(fields: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Target.model_validate(fields)


def test_the_events_reference_names_every_field() -> None:
    written = reference.render()
    for model in (Event, Stance, Issue, Evidence, Target):
        assert f"## {model.__name__}\n" in written
        assert all(f"| `{name}` | " in written for name in model.model_fields)


@pytest.mark.parametrize("version", ["1.0", "2.0", "2.7", "3.1"])
def test_what_is_on_the_way_has_the_version_of_who_reads_it(version: str) -> None:
    processing = Processing(pipeline="intake=0", received_at=datetime(2026, 4, 2, tzinfo=UTC))
    work = Work(event=Event(event_id="e", id="d", status=Status.ENRICHED, text="x", processing=processing))
    told = json.loads(work.write())
    assert (
        not {"schema_version", "issues"} & told["event"].keys()
    )  # a release that knows another major version reads it as its own
    assert Work.read(work.write()) == work
    told["event"] |= {"schema_version": version, "later": 1}
    assert Work.read(json.dumps(told)) == work
    if not version.startswith("2."):
        with pytest.raises(ValidationError, match="schema_version"):
            Event.read(json.dumps(told["event"]))


@pytest.mark.parametrize(
    "target",
    [
        {"kind": "issue"},
        {"kind": "issue", "entity": "e1"},
        {"kind": "issue", "issue": "i1", "entity": "e1"},
        {"kind": "entity", "issue": "i1"},
        {"kind": "topic", "issue": "i1"},
        {"kind": "topic", "topic": "tax"},
    ],
)
def test_a_target_is_one_thing(target: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Target.model_validate(target)


def test_a_cue_and_the_issues_of_an_event_are_bounded() -> None:
    with pytest.raises(ValidationError, match="cue"):
        Evidence(field="text", start=0, end=1, cue="x" * 101)
    mention = Mention(field="text", start=0, end=1, text="x")
    issues = [Issue(id=f"i{number}", name="x", salience=0, mentions=(mention,)) for number in range(51)]
    processing = Processing(pipeline="intake=0", received_at=datetime(2026, 4, 2, tzinfo=UTC))
    with pytest.raises(ValidationError, match="issues"):
        Event(event_id="e", id="d", status=Status.ENRICHED, issues=tuple(issues), processing=processing)
