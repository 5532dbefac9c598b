"""From bytes to work: what is accepted, what is rejected and how it is explained, what is withdrawn."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.base import MAX_EXPLANATION, Reason, Status
from schemas.document import Document
from schemas.event import derive_id
from schemas.work import Fingerprint, Work
from services.intake.core import Incoming, Intake, content_digest
from services.intake.settings import IntakeSettings
from services.text.clean import clean
from tests.intake.bad_documents import BAD_DOCUMENTS, GERMAN, STORY, Bad, document

RECEIVED = datetime(2017, 3, 27, 18, 4, tzinfo=UTC)


def fingerprint(text: str, title: str = "") -> Fingerprint:
    """Shows which text it was given."""
    return Fingerprint(stamp="test", exact=text, shingles="")


INTAKE = Intake(IntakeSettings(), "1.2.3", fingerprint)


def incoming(value: bytes | None, key: bytes | None = None, position: str = "news.documents/0/7") -> Incoming:
    return Incoming(key=key, value=value, received_at=RECEIVED, position=position)


def take(value: bytes | None, key: bytes | None = None, position: str = "news.documents/0/7") -> Work:
    (work,) = INTAKE([incoming(value, key, position)])
    return work


def check(work: Work) -> None:
    """What holds for every work that leaves the intake."""
    event = work.event
    assert event.processing.received_at == RECEIVED
    assert event.processing.pipeline == "1.2.3"
    assert work.done is (event.status is not Status.ENRICHED)
    assert (work.fingerprint is None) is work.done
    assert (event.rejection is None) is (event.status is not Status.REJECTED)
    if work.done:
        assert (event.title, event.text, event.metadata) == ("", "", {})
    assert Work.model_validate_json(work.model_dump_json()) == work


def test_a_full_document_comes_through() -> None:
    work = take(
        document(
            id="roe-1",
            title="Two pools",
            url="https://example.org/a",
            source="example.org",
            published_at="2017-03-27T18:04:00",
            language="en-GB",
            revision=3,
            metadata={"feed": "city"},
            section="local",
        )
    )
    check(work)
    event = work.event
    assert event.status is Status.ENRICHED
    assert (event.id, event.revision, event.title, event.text) == ("roe-1", 3, "Two pools", STORY)
    assert (event.url, event.source, event.language) == ("https://example.org/a", "example.org", "en-GB")
    assert event.published_at == RECEIVED
    assert event.metadata == {"feed": "city", "section": "local"}


def test_the_text_stays_as_received_and_the_fingerprint_sees_it_clean() -> None:
    dirty = "The council ’s vote , they said , was <b>late</b> ."
    work = take(document(text=dirty))
    assert work.event.text == dirty
    assert work.fingerprint == fingerprint(clean(dirty).text)
    assert work.fingerprint.exact == "The council’s vote, they said, was late."


def test_works_come_in_the_order_of_the_messages() -> None:
    works = INTAKE([incoming(b"{}"), incoming(document(id="a")), incoming(None, b"b"), incoming(document(id="c"))])
    assert [work.event.status.value for work in works] == ["rejected", "enriched", "withdrawn", "enriched"]
    assert [work.event.id for work in works[1:]] == ["a", "b", "c"]
    assert INTAKE([]) == []


@pytest.mark.parametrize("bad", BAD_DOCUMENTS, ids=lambda bad: bad.name)
def test_bad_documents_are_rejected_with_an_explanation(bad: Bad) -> None:
    work = take(bad.value, b"the-key")
    check(work)
    event = work.event
    assert event.status is Status.REJECTED
    assert event.rejection is not None
    assert (event.rejection.reason.value, event.rejection.field) == (bad.reason, bad.field), event.rejection.message
    assert bad.word in event.rejection.message
    assert event.rejection.message.startswith((bad.field or "message") + ":")
    assert event.id == "the-key"
    assert take(bad.value, b"the-key") == work


def test_the_table_of_bad_documents_holds_what_it_should() -> None:
    assert len({bad.name for bad in BAD_DOCUMENTS}) == len(BAD_DOCUMENTS) >= 40
    ours = {Reason.CRASHED, Reason.TIMED_OUT, Reason.ERROR}
    assert {bad.reason for bad in BAD_DOCUMENTS} == {reason.value for reason in Reason if reason not in ours}


@pytest.mark.parametrize("value", ["secret " * 100_000, {"secret": "secret"}, ["secret"]])
def test_explanations_echo_no_more_than_the_beginning_of_a_value(value: object) -> None:
    rejection = take(document(text=value)).event.rejection
    assert rejection is not None
    assert len(rejection.message) <= MAX_EXPLANATION
    assert rejection.message.count("secret") <= 6


# ids


@pytest.mark.parametrize(
    ("fields", "key", "expected"),
    [
        ({"id": "body"}, b"key", "body"),
        ({}, b"key", "key"),
        ({}, "schlüssel".encode(), "schlüssel"),
        ({}, b'"abc"', "abc"),
        ({}, b'"a\\u00e9\\"b"', 'aé"b'),
        ({}, b"17", "17"),
        ({}, b'{"id": 17}', "17"),
        ({}, b'{"article_key": "n-9"}', "n-9"),
        ({}, b'{"schema": {"type": "string"}, "payload": "n-9"}', "n-9"),
        ({}, b'{"schema": {"type": "struct"}, "payload": {"id": 17}}', "17"),
        ({}, b'{"_id": {"$oid": "65e7"}}', "65e7"),
        ({}, b'{"id": 17, "__dbz__physicalTableIdentifier": "db.news"}', "17"),
        ({}, b'"abc', '"abc'),
        ({}, b"{abc}", "{abc}"),
        ({"id": 17}, b'{"id": 18}', "17"),
    ],
)
def test_the_body_names_the_document_and_else_the_key(fields: dict[str, str], key: bytes, expected: str) -> None:
    assert take(document(**fields), key).event.id == expected


@pytest.mark.parametrize(
    "key", [None, b"", b" ", b"a ", b"\xff", b"a\nb", b"k" * 257, b"\x00\x00\x00\x00\x07\x06abc", b'{"a": 1, "b": 2}']
)
def test_without_a_usable_key_the_id_is_derived(key: bytes | None) -> None:
    derived = derive_id(Document(text=STORY, source="example.org"))
    assert take(document(source="example.org"), key).event.id == derived
    assert take(document(source="example.org", language="de"), key).event.id == derived
    rejected = take(b"{", key)
    assert rejected.event.id.startswith("sw-")
    assert rejected.event.id == take(b"{", key).event.id
    assert rejected.event.id != take(b"[", key).event.id


def test_what_a_rejected_object_says_of_itself_is_kept_where_it_is_valid() -> None:
    event = take(document(id="roe-1", revision=3, language="en", text=7), b"key").event
    assert (event.id, event.revision, event.language) == ("roe-1", 3, "en")
    event = take(document(id=" ", revision=0, language="!", text=7), b"key").event
    assert (event.id, event.revision, event.language) == ("key", 1, None)


def test_a_valid_document_that_is_rejected_still_says_where_it_came_from() -> None:
    event = take(document(text=GERMAN, source="example.org", url="https://example.org/a", published_at=1e9)).event
    assert (event.source, event.url, event.language) == ("example.org", "https://example.org/a", "de")
    assert event.published_at == datetime(2001, 9, 9, 1, 46, 40, tzinfo=UTC)


def test_event_ids_change_with_whatever_changes_the_event() -> None:
    good: list[dict[str, object]] = [
        {},
        {"id": "b"},
        {"revision": 2},
        {"title": "t"},
        {"text": STORY + "."},
        {"source": "s"},
        {"url": "u"},
        {"published_at": "2017-03-27"},
        {"language": "en"},
        {"metadata": {"a": 1}},
    ]
    ids = [take(document(**({"id": "a"} | fields))).event.event_id for fields in good]
    assert len(set(ids)) == len(ids)
    assert ids[0] == take(document(id="a"), b"other", "news.documents/3/99").event.event_id
    other_version = Intake(IntakeSettings(), "2.0.0", fingerprint)([incoming(document(id="a"))])
    assert other_version[0].event.event_id == ids[0]  # on the way: the judge is to know it again
    assert other_version[0].event.settled().event_id != take(document(id="a")).event.settled().event_id
    assert len({take(value, b"a").event.event_id for value in (b"{", b"[", b"null", b"{}")}) == 4


def test_the_content_digest_does_not_depend_on_the_order_of_names() -> None:
    one = Document.model_validate({"text": "So", "metadata": {"a": 1, "b": 2}})
    other = Document.model_validate({"text": "So", "metadata": {"b": 2, "a": 1}})
    assert content_digest(one) == content_digest(other)


# tombstones


def test_a_tombstone_withdraws_the_document_of_its_key() -> None:
    work = take(None, b"roe-1")
    check(work)
    assert (work.event.status, work.event.id, work.event.rejection) == (Status.WITHDRAWN, "roe-1", None)


def test_a_tombstone_that_is_delivered_again_has_the_same_event_id_and_a_second_one_another() -> None:
    first = take(None, b"roe-1", "news.documents/0/7").event
    assert take(None, b"roe-1", "news.documents/0/7").event == first
    assert take(None, b"roe-1", "news.documents/0/8").event.event_id != first.event_id


@pytest.mark.parametrize(
    "key", [None, b"", b"\xff\xfe", b" a", b"k" * 300, b"\x00\x11", b'{"a": 1, "b": 2}', b"[1, 2]", b'""']
)
def test_a_tombstone_without_a_usable_key_is_rejected(key: bytes | None) -> None:
    work = take(None, key)
    check(work)
    assert work.event.rejection is not None
    assert (work.event.rejection.reason, work.event.rejection.field) == (Reason.SCHEMA, "key")
    assert work.event.id.startswith("sw-")


# languages


@pytest.mark.parametrize(
    ("languages", "fields", "expected"),
    [
        (("en",), {"language": "EN_us"}, "EN_us"),
        (("en-GB", "de"), {"language": "en"}, "en"),
        (("en",), {}, "en"),
        (("de",), {"text": GERMAN}, "de"),
        (("en",), {"text": GERMAN, "language": "en"}, "en"),  # a declaration is believed
        (("en",), {"language": "und"}, "en"),  # and this is none
        (("en",), {"language": "eng"}, "en"),
        (("en",), {"language": "English"}, "en"),
        (("en",), {"language": "xx"}, "en"),
        (("en",), {"language": ""}, "en"),
        (("eng",), {"language": "en"}, "en"),
        (("de",), {"text": GERMAN, "language": "ger"}, "de"),
        (("de",), {"text": "Pools close"}, None),  # too short to tell
        (("en",), {"text": "1,234 5,678 – " * 20}, None),
    ],
)
def test_languages_that_are_taken(languages: tuple[str, ...], fields: dict[str, str], expected: str | None) -> None:
    intake = Intake(IntakeSettings(languages=languages), "1.2.3", fingerprint)
    (work,) = intake([incoming(document(**fields))])
    assert work.event.status is Status.ENRICHED
    assert work.event.language == expected


def test_a_detection_is_trusted_from_the_thresholds_on() -> None:
    doubtful = Intake(IntakeSettings(detection_min_probability=1.0), "1.2.3", fingerprint)
    short = Intake(IntakeSettings(detection_min_characters=len(GERMAN) + 1), "1.2.3", fingerprint)
    exact = Intake(IntakeSettings(detection_min_characters=len(GERMAN)), "1.2.3", fingerprint)
    statuses = [intake([incoming(document(text=GERMAN))])[0].event.status for intake in (doubtful, short, exact)]
    assert statuses == [Status.ENRICHED, Status.ENRICHED, Status.REJECTED]


# whatever arrives

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
OBJECT = st.dictionaries(st.sampled_from(list(Document.model_fields)), JSON)
VALUE = st.one_of(
    st.none(),
    st.binary(),
    JSON.map(lambda value: json.dumps(value).encode()),
    OBJECT.map(lambda value: json.dumps({"text": "So it is."} | value).encode()),
)


NAMED = st.sampled_from(
    ["17", "2024-03-05", "Tue, 05 Mar 2024 14:22:10 EST", "None", "nan", "", " ", "\ud800", "x" * 3_000, "e", "xx"]
)
WRAPPERS = ("$oid", "$date", "name", "value", "#text", "id", "href", "seconds")
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | NAMED,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WRAPPERS) | st.text(), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from([*list(Document.model_fields)[1:], "html", "_id"]) | st.text(), ODD),
    st.none() | st.binary(),
)
@settings(max_examples=300)
def test_whatever_optional_fields_hold_a_good_text_is_not_rejected(
    fields: dict[str, object], key: bytes | None
) -> None:
    fields.pop("text", None)
    declared = fields.get("language")
    value = json.dumps({"text": STORY} | fields).encode()
    work = take(value, key)
    check(work)
    if work.event.status is Status.REJECTED:
        rejection = work.event.rejection
        assert rejection is not None
        assert (rejection.reason, declared is not None) == (Reason.UNSUPPORTED_LANGUAGE, True), rejection.message
    else:
        assert work.event.text == STORY
    assert work.event.published_at is None or 1900 <= work.event.published_at.year <= 2027
    assert take(value, key) == work


@given(st.lists(st.tuples(VALUE, st.none() | st.binary()), max_size=3))
@settings(max_examples=200)
def test_whatever_arrives_makes_exactly_one_work(pairs: list[tuple[bytes | None, bytes | None]]) -> None:
    messages = [incoming(value, key) for value, key in pairs]
    works = INTAKE(messages)
    assert len(works) == len(messages)
    for work in works:
        check(work)
    assert INTAKE(messages) == works
    assert [work for message in messages for work in INTAKE([message])] == works


STRUCTURED = "application/cloudevents+json; charset=utf-8"
CLOUD_EVENT = {"specversion": "1.0", "id": "e-1", "source": "/cms", "type": "story"}


def take_event(value: bytes, content_type: str = STRUCTURED) -> Work:
    (work,) = INTAKE([Incoming(None, value, RECEIVED, "news.documents/0/7", content_type)])
    check(work)
    return work


def test_a_document_in_a_cloud_event_is_like_any_other() -> None:
    event = take_event(json.dumps(CLOUD_EVENT | {"data": {"id": "roe-1", "text": STORY}}).encode()).event
    plain = take(document(id="roe-1")).event
    assert event == plain


def test_a_cloud_event_that_is_none_is_rejected_with_the_field_and_not_under_its_own_id() -> None:
    for value, reason, field, words in (
        (document(), Reason.SCHEMA, "specversion", "specversion: is required in a CloudEvent"),
        (json.dumps(CLOUD_EVENT).encode(), Reason.SCHEMA, "data", "data: is required"),
        (json.dumps(CLOUD_EVENT | {"data": {"body": STORY}}).encode(), Reason.SCHEMA, "data.text", "is required"),
        (json.dumps(CLOUD_EVENT | {"data": {"text": " "}}).encode(), Reason.EMPTY, "text", "text: is blank"),
        (b"[]", Reason.SCHEMA, None, "message: should be an object"),
        (b"{", Reason.NOT_JSON, None, "message: is not JSON"),
    ):
        event = take_event(value).event
        assert event.rejection is not None
        assert (event.rejection.reason, event.rejection.field) == (reason, field)
        assert words in event.rejection.message
        assert event.id.startswith("sw-")


def test_the_documents_id_is_kept_where_only_its_cloud_event_is_wrong() -> None:
    value = CLOUD_EVENT | {"source": None, "data": {"id": "roe-1", "revision": 2, "text": STORY}}
    event = take_event(json.dumps(value).encode()).event
    assert (event.id, event.revision, event.status) == ("roe-1", 2, Status.REJECTED)


@pytest.mark.parametrize(
    "said", ["application/cloudevents-batch+json", "application/cloudevents+avro", "application/cloudevents"]
)
def test_other_formats_of_cloud_events_are_named(said: str) -> None:
    event = take_event(json.dumps(CLOUD_EVENT | {"data": {"text": STORY}}).encode(), said).event
    assert event.rejection is not None
    assert said in event.rejection.message
    assert "application/cloudevents+json" in event.rejection.message


def test_half_a_character_in_a_cloud_event_is_mended() -> None:
    written = json.dumps(CLOUD_EVENT | {"data": {"text": STORY + " \ud800"}}).encode()
    event = take_event(written).event
    assert event.text.endswith("\ufffd")
    assert event.processing.notes == ("message: halves of characters were replaced by U+FFFD",)


@pytest.mark.parametrize("said", ["", "application/json", "text/plain", "\ufffd"])
def test_another_content_type_changes_nothing(said: str) -> None:
    assert take_event(document(), said).event.status is Status.ENRICHED
