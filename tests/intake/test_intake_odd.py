"""Documents whose optional fields do not fit: the text is taken all the same, and the event says what was not as it was sent."""

import json
from dataclasses import replace
from typing import Any

import pytest

from schemas import Event
from schemas.base import Status
from services.runtime.records import Record
from tests.intake.bad_documents import STORY, document, with_raw
from tests.intake.test_intake_core import INTAKE, check, incoming, take

LONG = "https://example.org/" + "a" * 2_048


def taken(value: bytes, key: bytes | None = None) -> Event:
    work = take(value, key)
    check(work)
    assert work.event.status is Status.ENRICHED, work.event.rejection
    assert work.event.text == STORY
    return work.event


@pytest.mark.parametrize(
    ("field", "value", "expected", "word"),
    [
        ("id", 17283, "17283", "number"),
        ("id", 17283.0, "17283", "number"),
        ("id", 2**70, str(2**70), "number"),
        ("id", "  x ", "x", "white space"),
        ("id", {"$oid": "65e7"}, "65e7", "object"),
        ("id", ["a"], "a", "list"),
        ("id", {"$numberLong": "17"}, "17", "object"),
        ("title", 1984, "1984", "number"),
        ("title", {"rendered": "Pools"}, "Pools", "object"),
        ("title", ["Pools"], "Pools", "list"),
        ("title", "t" * 2_200, "t" * 2_000, "cut"),
        ("title", ["Two", "pools"], "", "not a string"),
        ("title", True, "", "not a string"),
        ("source", {"id": None, "name": "Daily"}, "Daily", "object"),
        ("source", {"uri": "daily.example", "dataType": "news", "title": "Daily Example"}, "Daily Example", "object"),
        ("source", {"stars": [1]}, "", "without a value"),
        ("source", "s" * 257, "", "longer than 256"),
        ("url", LONG, "", "longer than 2048"),
        ("url", {"href": "https://example.org/a"}, "https://example.org/a", "object"),
        ("url", {"a": {"b": 1}}, "", "object"),
        ("language", "xx", "en", "detected from the text"),
        ("language", "English, mostly", "en", "detected from the text"),
        ("language", 1, "en", "detected from the text"),
        ("language", {"code": "eng"}, "en", "object"),
        ("revision", 0, 1, "whole number"),
        ("revision", "x", 1, "whole number"),
        ("revision", 1.5, 1, "whole number"),
        ("revision", 1709648530000, 1, "whole number"),
        ("revision", {"$numberInt": "3"}, 3, "object"),
        ("published_at", "yesterday", None, "not a readable time"),
        ("published_at", "None", None, "not a readable time"),
        ("published_at", "nan", None, "not a readable time"),
        ("published_at", "2024", None, "names no day"),
        ("published_at", "03/04/2024", None, "two days"),
        ("published_at", "Tue, 05 Mar 2024 14:22:10 IST", None, "time zone"),
        ("published_at", "20991231235959", None, "outside of 1900"),
        ("published_at", {}, None, "object"),
        ("metadata", ["a"], {"metadata": ["a"]}, "not an object"),
        ("metadata", "x", {"metadata": "x"}, "not an object"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_noted(field: str, value: Any, expected: Any, word: str) -> None:
    event = taken(document(**({"id": "a"} | {field: value})))
    assert getattr(event, field) == expected
    (note,) = event.processing.notes
    assert note.startswith(f"{field}: ")
    assert word in note
    if note.endswith("; as sent in metadata"):
        assert event.metadata == {field: value}
    assert ("number, and" in note or "white space" in note or field == "metadata") != note.endswith("in metadata")


@pytest.mark.parametrize("field", ["id", "url", "source", "title", "published_at", "language", "revision", "metadata"])
@pytest.mark.parametrize("written", ["null", '""', "NaN", "-Infinity", "1e400"])
def test_null_nothing_and_what_is_no_number_are_absence(field: str, written: str) -> None:
    event = taken(with_raw(field, written))
    plain = taken(document())
    assert event.event_id == plain.event_id
    assert (event.metadata, event.id) == ({}, plain.id)
    assert event.processing.notes == (() if written in ("null", '""') else (f"{field}: is not a number; left out",))


def test_numbers_that_json_does_not_have_are_null_in_metadata() -> None:
    event = taken(with_raw("author", 'NaN, "metadata": {"a": [1, Infinity]}'))
    assert event.metadata == {"author": None, "a": [1, None]}
    assert event.processing.notes[0].startswith("metadata: ")


@pytest.mark.parametrize("where", ["beside", "inside"])
def test_of_too_much_metadata_the_largest_goes(where: str) -> None:
    fields = {"html": "<p>" * 8_000, "author": "Dana", "words": ["w" * 10] * 1_000, "desk": 7}
    event = taken(document(**(fields if where == "beside" else {"metadata": fields})))
    assert event.metadata == {"author": "Dana", "words": fields["words"], "desk": 7}
    (note,) = event.processing.notes
    assert "16384 bytes" in note


def test_metadata_up_to_its_bound_is_kept_to_the_byte() -> None:
    full = {"a": "é" * 4_000, "b": "x" * (16_384 - 8_000 - len('{"a": "", "b": ""}'))}
    assert len(json.dumps(full, ensure_ascii=False).encode()) == 16_384
    assert taken(document(**full)).metadata == full
    assert taken(document(**(full | {"b": full["b"] + "x"}))).metadata in ({"a": full["a"]}, {"b": full["b"] + "x"})
    assert taken(document(**(full | {"c": 1}))).metadata == {"a": full["a"], "c": 1}


def test_what_is_nested_too_deep_is_left_out_and_the_rest_stays() -> None:
    event = taken(with_raw("deep", '{"a":' * 9 + "1" + "}" * 9 + ', "author": "Dana"'))
    assert event.metadata == {"author": "Dana"}
    event = taken(with_raw("deep", "[" * 1_000 + "]" * 1_000))
    assert event.metadata == {}
    assert event.processing.notes[0] == "message: what is nested too deep was left out"
    assert taken(with_raw("revision", "9" * 5_000)).revision == 1


def test_metadatas_own_value_stays_where_a_field_would_take_its_name() -> None:
    event = taken(document(published_at="yesterday", metadata={"published_at": "own"}))
    assert event.metadata == {"published_at": "own"}
    assert event.processing.notes == ("published_at: is not a readable time; what was sent is not kept",)


def test_half_characters_are_replaced() -> None:
    event = taken(with_raw("title", '"Two \\ud83d pools"'))
    assert event.title == "Two \ufffd pools"
    assert event.processing.notes == ("message: halves of characters were replaced by U+FFFD",)


def test_notes_hold_nothing_that_was_sent_and_are_few() -> None:
    secret = {"secret": {"secret": ["secret"]}}
    fields = dict.fromkeys(["id", "url", "source", "title", "published_at", "language", "revision"], secret)
    event = taken(document(**fields, metadata=["secret"], secret="secret" * 9_000), b"\x00secret")
    notes = event.processing.notes
    assert 8 <= len(notes) <= 32
    assert "secret" not in "".join(notes)


def test_an_event_without_notes_is_written_without_them() -> None:
    assert "notes" not in taken(document()).model_dump_json()
    assert "notes" in taken(document(id=7)).model_dump_json()


@pytest.mark.parametrize(
    ("key", "word"),
    [
        (b"\x00\x00\x00\x00\x07\x06abc", "binary"),
        (b'{"a": 1, "b": 2}', "struct"),
        (b"\xff", "UTF-8"),
        (b" a", "256 characters"),
    ],
)
def test_a_key_that_is_no_id_is_noted_where_it_would_be_one(key: bytes, word: str) -> None:
    (note,) = taken(document(), key).processing.notes
    assert note.startswith("key: ")
    assert word in note
    assert taken(document(id="a"), key).processing.notes == ()
    rejection = take(None, key).event.rejection
    assert rejection is not None
    assert word in rejection.message


@pytest.mark.parametrize("key", [b'"roe-1"', b'{"id": "roe-1"}', b'{"schema": {}, "payload": {"id": "roe-1"}}'])
def test_a_connectors_tombstone_withdraws_what_its_key_names(key: bytes) -> None:
    assert take(None, key).event.id == taken(document(), key).id == "roe-1"


def test_the_time_of_a_message_bounds_that_of_its_document() -> None:
    late = Record("news.documents", 0, 7, None, b"", 1_925_000_000.0).received_at
    assert late.year == 2031
    messages = [replace(incoming(document(published_at=f"{year}-05-01")), received_at=late) for year in (2032, 2033)]
    published = [work.event.published_at for work in INTAKE(messages)]
    assert [one and one.year for one in published] == [2032, None]


# fmt: off
VALID: list[tuple[dict[str, Any], bytes | None, str, str]] = [
    ({}, None, "sw-d9d530afee8cdbdbeeb079c29d720abb", "b5452baa6e8ebd84059014d7a82bdc75"),
    ({"source": "example.org"}, b"key", "key", "85cc645425349b982f1bddbcaf05ac7f"),
    (
        {
            "id": "roe-1",
            "title": "Two pools",
            "url": "https://example.org/a",
            "source": "example.org",
            "published_at": "2017-03-27T18:04:00",
            "language": "en-GB",
            "revision": 3,
            "metadata": {"feed": "city"},
            "section": "local",
        },
        None,
        "roe-1",
        "6e6f1bf495e44c01daddd6db387745a4",
    ),
    ({"published_at": "2017-03-27"}, None, "sw-d9d530afee8cdbdbeeb079c29d720abb", "4154e346e08c0df8b3172ed0e6812795"),
    (
        {"published_at": "2017-03-27T18:04:00.123456789+05:30"},
        None,
        "sw-d9d530afee8cdbdbeeb079c29d720abb",
        "c9b17e697bc0dc834b99647d5b09f923",
    ),
    (
        {"published_at": "20170327T180400Z"},
        None,
        "sw-d9d530afee8cdbdbeeb079c29d720abb",
        "0938ecf95e6820567e9052d5de1bc276",
    ),
    ({"published_at": "20170327"}, None, "sw-d9d530afee8cdbdbeeb079c29d720abb", "4154e346e08c0df8b3172ed0e6812795"),
    ({"published_at": 1490637840}, None, "sw-d9d530afee8cdbdbeeb079c29d720abb", "0938ecf95e6820567e9052d5de1bc276"),
    ({"published_at": 1490637840123}, None, "sw-d9d530afee8cdbdbeeb079c29d720abb", "4f0b93ec4c1660cce164005b82eff64b"),
    ({"published_at": "1490637840.5"}, None, "sw-d9d530afee8cdbdbeeb079c29d720abb", "f2c4d954d17b9a8aed0d7165b19a5fb1"),
    (
        {"published_at": "2017-03-27t18:04z"},
        None,
        "sw-d9d530afee8cdbdbeeb079c29d720abb",
        "0938ecf95e6820567e9052d5de1bc276",
    ),
    ({"published_at": "2017-W13-1"}, None, "sw-d9d530afee8cdbdbeeb079c29d720abb", "4154e346e08c0df8b3172ed0e6812795"),
    ({"language": "EN_us"}, None, "sw-d9d530afee8cdbdbeeb079c29d720abb", "1064fd75911d93b7d8a3b9905dc69278"),
    ({"language": "und"}, None, "sw-d9d530afee8cdbdbeeb079c29d720abb", "08cfac8b30c1dcbb7e5572117afb559f"),
    ({"revision": "2"}, None, "sw-d9d530afee8cdbdbeeb079c29d720abb", "9eaa536101352485efbd288304ef1425"),
    ({"revision": 2.0}, None, "sw-d9d530afee8cdbdbeeb079c29d720abb", "9eaa536101352485efbd288304ef1425"),
    ({"revision": True}, None, "sw-d9d530afee8cdbdbeeb079c29d720abb", "b5452baa6e8ebd84059014d7a82bdc75"),
    (
        {"title": None, "id": None, "metadata": None},
        None,
        "sw-d9d530afee8cdbdbeeb079c29d720abb",
        "b5452baa6e8ebd84059014d7a82bdc75",
    ),
    (
        {"title": " ", "source": " ", "url": ""},
        None,
        "sw-de09dcfc2fd8f6195c83cb33d13cc5a7",
        "108964859c90f2d37e78ce0635b5c615",
    ),
    (
        {"title": "t" * 2000, "source": "s" * 256, "url": "u" * 2048, "id": "i" * 256},
        None,
        "i" * 256,
        "4c3489bd0879f5db3c3d35dfca1cd9e7",
    ),
    (
        {"desk": 7, "feed": "x", "metadata": {"feed": "politics", "b": [1, {"c": None}]}},
        None,
        "sw-d9d530afee8cdbdbeeb079c29d720abb",
        "792f86f7c387a08d5f0c48c3b9f2721f",
    ),
    (
        {"metadata": {"a": "x" * 16_000, "b": "é"}},
        None,
        "sw-d9d530afee8cdbdbeeb079c29d720abb",
        "bac53fe95b018937509cfe48a7759d0b",
    ),
    (
        {"_id": {"$oid": "65e7"}, "author": ["A", "B"]},
        None,
        "sw-d9d530afee8cdbdbeeb079c29d720abb",
        "0484b7ff2e51f03c68a0b6e50a467302",
    ),
    (
        {"schema": {"type": "struct"}, "payload": {"text": "So", "id": "other"}, "after": {"text": "x"}},
        b"k-1",
        "k-1",
        "60253037fbb3bad10be23bc02239cb1b",
    ),
    (
        {"big": 10**40, "float": 1.5e-07, "text": "NUL \x00 and \U0001f642"},
        b"\xc3\xa4",
        "ä",
        "98b63db5e2c1332d3b4d93e6ae04ccbd",
    ),
]
"""Documents that were valid before optional fields could be mended, with their ids and the digests of then."""


@pytest.mark.parametrize(("fields", "key", "id", "event_id"), VALID)
def test_what_was_valid_has_the_ids_that_it_had(
    fields: dict[str, Any], key: bytes | None, id: str, event_id: str
) -> None:
    event = take(document(**fields), key).event
    assert (event.id, event.event_id, event.processing.notes) == (id, event_id, ())
