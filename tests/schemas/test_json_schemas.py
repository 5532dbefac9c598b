"""The JSON Schemas agree with the service: over odd documents, and over events of the last release and of this one."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from schemas import Document, Event
from schemas.export import FOLDER, PUBLIC
from services.pipeline import Pipeline
from tests.docs.snippets import ROOT

RELEASED = Path(__file__).parent / "released"
"""Of the last release: the event's schema, and events that it wrote."""
WHOLE: dict[str, Any] = {
    "text": "The council voted.",
    "id": "a-1",
    "title": "Pools",
    "revision": 2,
    "metadata": {"desk": 7},
}
ODD: dict[str, tuple[Any, ...]] = {
    "text": (None, "", " \n", 17, ["x"], {"value": "x"}, True, "x" * 500_001, "🙂", "x" * 500_000),
    "id": (None, "", "  ", " a ", "a b", "a\nb", 17, 1.5, True, "x" * 256, "x" * 257, {"$oid": "a"}, ["a"], []),
    "url": (None, "", " ", 17, False, "x" * 2_049, {"href": "u"}, ["u"], ["u", "v"]),
    "source": (None, "", 1, "x" * 257, {"name": "s"}),
    "title": (None, "", " ", 17, 1e300, True, "x" * 2_000, "x" * 2_001, {"rendered": "t"}, ["t"], []),
    "published_at": (
        None, "", "2026-04-02", "2 April 2026", "03/04/2024", "soon", 1_775_120_400, 1_775_120_400_000, 0, -1, True,
        [2026, 4, 2], [1], [], {"$date": 1_775_120_400_000}, {}, "x" * 200,
    ),
    "language": (None, "", "en", "English", "xx", "x" * 100, 17, ["en"], {"code": "en"}),
    "revision": (None, "", 0, 1, -1, 2.0, 2.5, "2", " 2 ", "two", True, 2**31 - 1, 2**31, [2], {}),
    "metadata": (None, {}, {"a": {"b": [None]}}, "x", [], 17, False, {"x": "x" * 20_000}),
    "author": (None, "Jane Roe", ["a", "b"], {"name": "x"}, 17),
    "specversion": ("1.0",),
}  # fmt: skip


@cache
def validator(name: str) -> Draft202012Validator:
    schema = json.loads((FOLDER / f"{name}.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def disagree(message: object) -> str | None:
    """What the service and the schema of documents say differently of a message; None where they agree."""
    valid = validator("document").is_valid(message)
    try:
        notes = Document.model_validate_json(json.dumps(message)).notes
    except ValidationError as error:
        return f"the schema takes what the service rejects: {error}" if valid else None
    return None if valid or notes else "the schema refuses what the service takes as it is"


@pytest.mark.parametrize("name", PUBLIC)
def test_it_is_a_schema(name: str) -> None:
    schema = validator(name).schema
    assert schema["title"] == PUBLIC[name].__name__
    for part, words in schema.get("$defs", {}).items():
        assert words["title"] == part, "generators name a type by its title"
    assert '"enum"' not in json.dumps(schema["properties"]), "an enum that has no name of its own"


@pytest.mark.parametrize(("field", "value"), [(field, value) for field in ODD for value in ODD[field]])
def test_the_service_and_the_schema_agree_on_odd_documents(field: str, value: object) -> None:
    assert disagree(WHOLE | {field: value}) is None


@pytest.mark.parametrize(
    "message", [None, [], "x", 17, {}, {"title": "x"}, [WHOLE], {"specversion": "1.0", "data": WHOLE}]
)
def test_they_agree_on_what_is_no_document(message: object) -> None:
    assert disagree(message) is None


@given(
    st.dictionaries(
        st.sampled_from([*Document.model_fields, "author"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
            lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
            max_leaves=4,
        ),
    )
)
def test_they_agree_on_whatever_is_sent(message: dict[str, object]) -> None:
    assert disagree(message) is None
    assert disagree({"text": "So."} | message) is None


def documents() -> list[tuple[None, bytes]]:
    example = (ROOT / "docs" / "example.json").read_bytes()
    told = json.loads(example)
    sent = [
        told,
        told | {"id": "copy", "source": "other.example"},
        told | {"id": "blank", "text": " "},
        told
        | {"id": "odd", "title": 17, "text": "🙂 " + told["text"] + " More was said on Friday, and nobody was there."},
        {"id": "other", "text": "Das ist ein Text auf Deutsch, der nicht gelesen wird, weil niemand ihn versteht."},
    ]
    return [(None, json.dumps(one).encode()) for one in sent]


@pytest.fixture(scope="module")
def events() -> list[dict[str, Any]]:
    """Events of each way that a document ends, as they are sent."""
    made = Pipeline()(documents(), datetime(2026, 4, 2, tzinfo=UTC))
    return [json.loads(event.model_dump_json()) for event in made]


def test_every_event_is_as_its_schema_says_and_has_all_that_is_required(events: list[dict[str, Any]]) -> None:
    assert {event["status"] for event in events} == {"enriched", "duplicate", "rejected"}
    assert any(event["processing"].get("notes") for event in events)
    for event in events:
        validator("event").validate(event)
    schema = validator("event").schema
    always = set.intersection(*(set(event) for event in events))
    assert set(schema["required"]) == always, "a field that is always there is required; x-since takes a new one out"


def test_events_of_the_last_release_are_as_todays_schema_says() -> None:
    lines = (RELEASED / "events-2.0.jsonl").read_text().splitlines()
    assert len(lines) == 5
    for line in lines:
        validator("event").validate(json.loads(line))
        assert Event.read(line).schema_version == "2.0"


def test_a_consumer_made_from_the_last_releases_schema_reads_todays_events(
    events: list[dict[str, Any]], tmp_path: Path
) -> None:
    """The consumer is what users make: pydantic models that a usual generator wrote."""
    (tmp_path / "events.jsonl").write_text("\n".join(map(json.dumps, events)))
    made = tmp_path / "released.py"
    generator = [sys.executable, "-m", "datamodel_code_generator", "--input", str(RELEASED / "event-2.0.schema.json")]
    options = ["--input-file-type", "jsonschema", "--output-model-type", "pydantic_v2.BaseModel", "--output", str(made)]
    subprocess.run([*generator, *options], check=True, timeout=120)
    reader = (
        "import sys; from released import Event\n"
        "for line in open('events.jsonl', encoding='utf-8'):\n"
        "    event = Event.model_validate_json(line)\n"
        "    print(event.id, event.status.value, len(event.stances or ()))\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", reader], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=120
    )
    assert told.stdout.splitlines() == [f"{one['id']} {one['status']} {len(one['stances'])}" for one in events]
