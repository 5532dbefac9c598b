"""What is in a body: all of its documents with the ids of their events, or what is wrong with which."""

import gzip
import json
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from datamodel_code_generator import InputFileType, generate
from jsonschema import Draft202012Validator

from schemas.base import MAX_TEXT
from services.intake.settings import IntakeSettings
from services.pipeline import Pipeline
from services.runtime.settings import Settings, SettingsError
from services.serve.core import BadBodyError, EncodingError, Reader, TooLargeError, Wrong, unpack
from services.serve.openapi import describe
from services.serve.server import Service
from services.serve.settings import ServeSettings
from tests.docs.snippets import ROOT, block

TEXT = "Mayor Mara Voss praised the harbour tunnel on Monday, because it is good for the city."
JSON, LINES = "application/json", "application/x-ndjson"


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(IntakeSettings(), 5)


def wrong(reader: Reader, body: bytes, kind: str = JSON) -> BadBodyError:
    with pytest.raises(BadBodyError) as raised:
        reader(body, kind)
    return raised.value


def test_the_ids_are_those_of_the_events(reader: Reader) -> None:
    documents = [{"text": TEXT}, {"id": "a", "text": TEXT + " It opens."}, {"body": TEXT + " Late."}]
    taken = reader(json.dumps(documents).encode(), JSON)
    messages = [(item.key, item.value) for item in taken.items]
    events = Pipeline()(messages, datetime(2026, 3, 11, tzinfo=UTC))
    assert [event.id for event in events] == list(taken.ids)
    assert taken.ids[1] == "a"
    assert all(event.rejection is None for event in events)


def test_one_an_array_and_lines_are_read_alike(reader: Reader) -> None:
    one = json.dumps({"id": "a", "text": TEXT})
    for body, kind in ((one, JSON), (f"[{one}]", JSON), (f"{one}\n", LINES), (f"\ufeff{one}\r\n\r\n", LINES)):
        taken = reader(body.encode(), kind)
        assert (taken.ids, [item.value for item in taken.items]) == (("a",), [one.encode()])


EVENT = {"specversion": "1.0", "id": "e-1", "source": "/cms", "type": "story"}
STRUCTURED, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"


def test_the_documents_of_cloud_events_are_taken_out(reader: Reader) -> None:
    one = EVENT | {"data": {"id": "a", "text": TEXT}}
    other = EVENT | {"data": {"text": TEXT + " It opens."}}
    for body, kind, count in ((one, STRUCTURED, 1), ([one, other], BATCH, 2)):
        taken = reader(json.dumps(body).encode(), kind)
        assert (taken.ids[0], len(taken.ids)) == ("a", count)
        assert json.loads(taken.items[0].value or b"") == one["data"]


def test_what_is_wrong_with_a_cloud_event_names_its_field(reader: Reader) -> None:
    good = EVENT | {"data": {"id": "a", "text": TEXT}}
    body = [good, good | {"source": ""}, EVENT, EVENT | {"data": {"title": "x"}}, 1]
    error = wrong(reader, json.dumps(body).encode(), BATCH)
    assert [one.at for one in error.wrong] == ["entry 2", "entry 3", "entry 4", "entry 5"]
    assert [one.message.partition(":")[0] for one in error.wrong] == ["source", "data", "data.text", "message"]
    assert wrong(reader, b"{", STRUCTURED).wrong[0].message.startswith("not JSON")
    plain = wrong(reader, json.dumps({"text": TEXT}).encode(), STRUCTURED)
    assert plain.wrong[0].message == "specversion: is required in a CloudEvent"


def test_one_that_would_be_rejected_keeps_all_back_and_is_named(reader: Reader) -> None:
    body = json.dumps([{"text": TEXT}, {"title": "x"}, {"text": "x" * (MAX_TEXT + 1)}, "no object"]).encode()
    error = wrong(reader, body)
    assert "3 of 4 documents would be rejected" in str(error)
    assert [one.at for one in error.wrong] == ["entry 2", "entry 3", "entry 4"]
    assert [one.message.partition(":")[0] for one in error.wrong[:2]] == ["text", "text"]
    assert error.wrong[2].message == "JSON, but not an object"
    assert wrong(reader, b'{"text": 1}\nnot JSON', LINES).wrong[1].at == "line 2"


def test_the_page_shows_a_refusal_as_it_is(reader: Reader) -> None:
    shown = json.loads(block((ROOT / "docs" / "http.md").read_text(), "json refusal"))
    error = wrong(reader, json.dumps([{"text": TEXT}, {"title": "x"}]).encode())
    assert shown == {"error": str(error), "problems": [one.__dict__ for one in error.wrong]}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"[]",
        b"null",
        b"1",
        b"[",
        b"{",
        b'{"a":1}',
        b"[" * 100_000,
        b'"' + b"x" * 100,
        b"{}",
        b"[[]]",
    ],
)
def test_what_is_no_document_is_refused(reader: Reader, body: bytes) -> None:
    for kind in (JSON, LINES):
        assert str(wrong(reader, body, kind))


def test_what_is_not_utf_8_is_refused(reader: Reader) -> None:
    body = json.dumps({"text": TEXT + " é"}, ensure_ascii=False)
    assert str(wrong(reader, body.encode("latin-1"))) == f"the body is not UTF-8 at byte {body.index('é')}"
    assert "not UTF-8" in str(wrong(reader, body.encode("utf-16")))


def test_a_packed_body_is_unpacked_as_far_as_it_may_be() -> None:
    body = b"a" * 1_000
    for packed, encoding in ((gzip.compress(body), "gzip"), (zlib.compress(body), "deflate"), (body, "identity")):
        assert unpack(packed, encoding, 1_000) == body
        with pytest.raises(TooLargeError):
            unpack(packed, encoding, 999)
    for packed in (b"", b"x", gzip.compress(body)[:-1], gzip.compress(body) + b"x"):
        with pytest.raises(BadBodyError):
            unpack(packed, "gzip", 1_000)
    with pytest.raises(EncodingError):
        unpack(body, "br", 1_000)


def test_too_many_documents_are_refused(reader: Reader) -> None:
    for count in (6, 5_000):
        with pytest.raises(TooLargeError, match="more than 5 documents"):
            reader(json.dumps([{"text": TEXT}] * count).encode(), JSON)
    assert len(reader(json.dumps([{"text": TEXT}] * 5).encode(), JSON).ids) == 5


def test_at_most_a_hundred_problems_are_named() -> None:
    error = wrong(Reader(IntakeSettings(), 1_000), json.dumps([{}] * 500).encode())
    assert str(error).startswith("500 of 500")
    assert len(error.wrong) == 100
    assert isinstance(error.wrong[0], Wrong)


def test_tools_can_read_the_description(tmp_path: Path) -> None:
    described = describe(ServeSettings())
    schemas = described["components"]["schemas"]
    Draft202012Validator.check_schema(schemas["Document"])
    example = json.loads((ROOT / "docs" / "example.json").read_text())
    Draft202012Validator({"$ref": "#/components/schemas/Document", "components": {"schemas": schemas}}).validate(
        example
    )
    (tmp_path / "openapi.json").write_text(json.dumps(described))
    generate(tmp_path / "openapi.json", input_file_type=InputFileType.OpenAPI, output=tmp_path / "models.py")
    written = (tmp_path / "models.py").read_text()
    assert {"class Document(", "class Taken(", "class Error("} <= {
        line.partition("BaseModel")[0] for line in written.split("\n")
    }


@pytest.mark.parametrize("token", [None, "short-4711", "long enough for a token,short-4711"])
def test_a_token_is_needed(token: str | None) -> None:
    with pytest.raises(SettingsError, match="STANCEWIRE_SERVE_TOKEN") as raised:
        Service(Settings(), ServeSettings.model_validate({"token": token}))
    assert "4711" not in str(raised.value)
