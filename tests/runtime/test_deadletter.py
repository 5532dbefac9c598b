"""Dead letters carry what is needed to mend them, and too many of them stop the worker."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import DeadLetter, Event, Reason, Rejection, Status, Work
from services.runtime.deadletter import (
    DeadLetterLimitError,
    DeadLetterPolicy,
    Maker,
    failure_event,
    failure_letter,
    rejection_letter,
)
from services.runtime.records import Failure, Record
from services.runtime.topology import named

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
INTAKE = Maker(named("intake"), "v1")
FAILURE = Failure(Reason.CRASHED, "BrokenProcessPool", "it died " * 200, 2)


def record(key: bytes | None = b"a-1", value: bytes | None = b"{}", **headers: bytes) -> Record:
    named = tuple((name.replace("_", "."), text) for name, text in headers.items())
    return Record("news.documents", 3, 14, key, value, 1_700_000_000.5, named)


def test_headers_come_back_as_they_were() -> None:
    letter = failure_letter(INTAKE, record(), FAILURE, "a-1", "c0ffee", NOW)
    assert DeadLetter.from_headers([*letter.to_headers(), ("traceparent", b"\xff")]) == letter
    assert (letter.topic, letter.partition, letter.offset, letter.origin) == (
        "news.documents",
        3,
        14,
        "news.documents/3/14",
    )
    assert (letter.status, letter.reason, letter.attempt) == (Status.DEAD_LETTERED, Reason.CRASHED, 2)
    assert len(letter.message) == 500


def test_a_rejection_names_its_field_and_counts_replays() -> None:
    rejection = Rejection(reason=Reason.SCHEMA, field="text", message="text: is missing")
    letter = rejection_letter(INTAKE, record(stancewire_attempt=b"3"), rejection, "a-1", "c0ffee", NOW)
    assert (letter.status, letter.field, letter.attempt) == (Status.REJECTED, "text", 3)


@pytest.mark.parametrize("attempt", [b"", b"x", b"-1", b"9" * 50, "٣".encode(), b"\xff"])
def test_a_forged_attempt_counts_as_the_first(attempt: bytes) -> None:
    assert record(stancewire_attempt=attempt).attempt == 1


@given(key=st.none() | st.binary(max_size=400), value=st.none() | st.binary(max_size=100))
def test_every_failure_has_an_event_with_a_usable_id(key: bytes | None, value: bytes | None) -> None:
    made = failure_event(INTAKE, record(key, value), FAILURE, "", NOW)
    event = Event.model_validate_json(made.value)
    assert event.status is Status.DEAD_LETTERED
    assert event.id.encode() == made.key
    assert failure_event(INTAKE, record(key, value), FAILURE, "", NOW).value == made.value


def test_a_bare_event_is_of_the_same_document_and_without_it() -> None:
    work = Work(
        event=Event.model_validate_json(failure_event(INTAKE, record(), FAILURE, "", NOW).value), fingerprint=None
    )
    long = work.model_copy(update={"event": work.event.model_copy(update={"text": "a" * 1000})})
    inner = Record("news.unique", 0, 1, b"a-1", long.model_dump_json().encode(), 1_700_000_000.5)
    whole, bare = (
        Event.model_validate_json(failure_event(INTAKE, inner, FAILURE, "", NOW, bare=bare).value)
        for bare in (False, True)
    )
    assert (whole.text, bare.text) == ("a" * 1000, "")
    assert (bare.event_id, bare.id, bare.revision, bare.rejection) == (
        whole.event_id, whole.id, whole.revision, whole.rejection,
    )  # fmt: skip


def test_a_run_of_failures_stops_the_worker_and_one_success_ends_a_run() -> None:
    policy = DeadLetterPolicy(3, 1.0)
    for failed in (True, True, True, False, True, True, True):
        policy.note(failed)
    with pytest.raises(DeadLetterLimitError, match="4 documents in a row"):
        policy.note(True)


def test_a_share_of_failures_stops_the_worker_once_there_are_enough_documents() -> None:
    policy = DeadLetterPolicy(1000, 0.25)
    for number in range(99):
        policy.note(number % 2 == 0)
    with pytest.raises(DeadLetterLimitError, match="50 of the last 100"):
        policy.note(False)


@given(st.lists(st.booleans(), max_size=1100))
def test_another_start_goes_on_counting_and_successes_bring_the_counts_down(noted: list[bool]) -> None:
    policy = DeadLetterPolicy(2000, 1.0)
    for failed in noted:
        policy.note(failed)
    assert len(policy.counts) < 300
    again = DeadLetterPolicy(2000, 1.0)
    again.take_up(policy.counts)
    if any(noted[-1000:]):
        assert again.counts == policy.counts
    again.note(False)
    assert again.counts.startswith("failures:0:")


def test_the_run_of_another_start_is_gone_on_with_and_the_worst_of_all_partitions_counts() -> None:
    policies = [DeadLetterPolicy(3, 1.0) for _ in range(3)]
    for count, policy in enumerate(policies[:2], start=1):
        for _ in range(count):
            policy.note(True)
    for counts in (policies[1].counts, policies[0].counts, "", None, "failures:9", "x" * 4000):
        policies[2].take_up(counts)
    policies[2].note(True)
    with pytest.raises(DeadLetterLimitError, match="4 documents in a row"):
        policies[2].note(True)


def test_what_higher_limits_allowed_does_not_stop_a_start_with_lower_ones() -> None:
    raised = DeadLetterPolicy(2000, 1.0)
    for _ in range(500):
        raised.note(True)
    policy = DeadLetterPolicy(50, 0.2)
    policy.take_up(raised.counts)
    for _ in range(200):
        policy.note(False)
