"""The headers of W3C Trace Context: what is valid goes from a document to its event and its dead letter, the rest is dropped."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas import DeadLetter, Event, Reason, Rejection, Status, Work
from services.deadletters.letters import read_letter
from services.deadletters.replay import headers as put_back
from services.runtime.deadletter import Maker
from services.runtime.letters import Letters
from services.runtime.records import Failure, Made, Record, wrap
from services.runtime.topology import DOCUMENTS, UNIQUE, named
from services.runtime.trace import TRACEPARENT, TRACESTATE, carried, trace_id
from tests.consumer.made_events import event

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
PARENT = f"00-{TRACE}-{SPAN}-01".encode()
STATE = b"congo=t61rcWkgMzE,rojo=00f067aa0ba902b7"
NOW = datetime(2026, 4, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [PARENT, PARENT[:-1] + b"0", b"cc" + PARENT[2:], b"01" + PARENT[2:] + b"-what-follows", b"01" + PARENT[2:] + b"-" + b"a" * 200],
)  # fmt: skip
def test_a_valid_parent_is_carried_to_the_byte(value: bytes) -> None:
    assert carried([("other", b"x"), (TRACEPARENT, value)]) == ((TRACEPARENT, value),)
    assert trace_id([(TRACEPARENT, value)]) == TRACE


@pytest.mark.parametrize(
    "value",
    [
        b"", b"00", PARENT.upper(), PARENT + b"\n", b" " + PARENT, PARENT + b"-more", PARENT[:-1], b"ff" + PARENT[2:],
        f"00-{'0' * 32}-{SPAN}-01".encode(), f"00-{TRACE}-{'0' * 16}-01".encode(), PARENT.replace(b"a", b"g"),
        b"01" + PARENT[2:] + b"-" + b"a" * 201, b"01" + PARENT[2:] + b"-\xff", b"\x00" * 1_000_000,
        PARENT.decode().encode("utf-16"),
    ],
)  # fmt: skip
def test_what_is_no_parent_is_dropped_with_its_state(value: bytes) -> None:
    assert carried([(TRACEPARENT, value), (TRACESTATE, STATE)]) == ()
    assert trace_id([(TRACEPARENT, value)]) is None


@pytest.mark.parametrize(
    ("value", "valid"),
    [
        (STATE, True), (b"a=1", True), (b"t2-1@vendor=x y", True), (b"a=1 , ,\tb=2", True), (b"a=" + b"v" * 256, True),
        (b",".join(b"k%d=v" % n for n in range(32)), True), (b"a=" + b"v" * 250 + b",b=" + b"v" * 250, True),
        (b"", False), (b" , ", False), (b"a", False), (b"a=", False), (b"A=1", False), (b"a=1,a=2", False), (b"a=x=y", False),
        (b"a=1\n", False), (b"a=\xc3\xa9", False), (b"a=" + b"v" * 257, False), (b",".join(b"k%d=v" % n for n in range(33)), False),
        (b"a=" + b"v" * 250 + b",bcdefghijklm=" + b"v" * 250, False), (b"a=1," * 1_000_000, False),
    ],
)  # fmt: skip
def test_a_state_that_is_not_as_it_should_be_is_dropped_alone(value: bytes, valid: bool) -> None:
    expected = ((TRACEPARENT, PARENT), (TRACESTATE, value)) if valid else ((TRACEPARENT, PARENT),)
    assert carried([(TRACESTATE, value), (TRACEPARENT, PARENT)]) == expected


def test_of_several_the_last_counts() -> None:
    other = PARENT.replace(b"0af", b"1af")
    assert carried([(TRACEPARENT, other), (TRACEPARENT, PARENT)]) == ((TRACEPARENT, PARENT),)
    assert carried([(TRACEPARENT, PARENT), (TRACEPARENT, b"no")]) == ()


@given(st.lists(st.tuples(st.sampled_from([TRACEPARENT, TRACESTATE, "x"]), st.binary(max_size=600))))
@example([(TRACEPARENT, PARENT), (TRACESTATE, STATE)])
def test_whatever_is_sent_nothing_is_raised_and_nothing_added(headers: list[tuple[str, bytes]]) -> None:
    found = carried(headers)
    assert set(found) <= set(headers)
    assert carried(found) == found
    assert sum(len(value) for _, value in found) <= 55 + 201 + 512


def record(topic: str, value: bytes, *headers: tuple[str, bytes]) -> Record:
    return Record(topic, 0, 7, b"n1", value, 1_700_000_000.0, headers)


@pytest.mark.parametrize("stage", ["intake", "entities", "stories"])
@pytest.mark.parametrize("status", [Status.ENRICHED, Status.REJECTED])
def test_what_a_stage_makes_of_a_record_has_its_trace_and_is_the_same_without(stage: str, status: Status) -> None:
    made_of = Work(event=event(status=status))
    plain = record(named(stage).reads.name, b"{}")
    traced = replace(plain, headers=((TRACEPARENT, PARENT), (TRACESTATE, STATE), ("other", b"x")))
    with_it, without = (wrap(named(stage), "", made_of, one, 0.0) for one in (traced, plain))
    assert isinstance(with_it, Made)
    assert isinstance(without, Made)
    added = [header for header in with_it.headers if header[0] in (TRACEPARENT, TRACESTATE, "other")]
    assert added == [(TRACEPARENT, PARENT), (TRACESTATE, STATE)]
    assert dict(with_it.headers).keys() - dict(without.headers) == {TRACEPARENT, TRACESTATE}
    assert with_it.key == without.key


def test_a_document_that_fails_or_is_rejected_keeps_its_trace_also_when_it_is_put_back() -> None:
    letters = Letters(Maker(named("intake"), "v1"), "", "test")
    trace = ((TRACEPARENT, PARENT), (TRACESTATE, STATE))
    one = record(DOCUMENTS.name, b"{", *trace)
    rejection = Rejection(reason=Reason.NOT_JSON, message="no")
    rejected = wrap(named("intake"), "", Work(event=event(status=Status.REJECTED, rejection=rejection)), one, 0.0)
    for result in (Failure(Reason.CRASHED, "E", "why", 1), rejected):
        finished = letters.finish(one, result, NOW)
        assert finished.letter is not None
        assert set(trace) <= set(finished.made.headers)
        assert set(trace) <= set(finished.letter.headers)
        letter = read_letter(record("news.deadletter", b"{", *finished.letter.headers))
        assert isinstance(letter.letter, DeadLetter)
        assert set(trace) <= set(put_back(letter, letter.letter))
    ids = {
        Event.model_validate_json(letters.finish(one, Failure(Reason.CRASHED, "E", "why", 1), NOW).made.value).event_id
        for one in (one, replace(one, headers=()))
    }
    assert len(ids) == 1


def test_the_id_of_a_document_is_known_behind_the_first_stage() -> None:
    assert record(UNIQUE.name, b"{}").document == "n1"
    assert record("t-" + DOCUMENTS.name, b"{}").document is None
    assert replace(record(UNIQUE.name, b"{}"), key=b"\xff" * 1000).document == "\ufffd" * 256
