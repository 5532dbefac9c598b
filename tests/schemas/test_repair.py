"""JSON that is refused for the sake of an optional field."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import Document
from schemas.base import MAX_MESSAGE_BYTES
from schemas.repair import DEPTH, DIGITS, SURROGATES, repair


@pytest.mark.parametrize(
    ("rest", "notes", "metadata"),
    [
        (b'"a": "x \\ud83d cut"', (SURROGATES,), {"a": "x \ufffd cut"}),
        (b'"a": "\\udc00\\ud83d\\ude42\\ud83d"', (SURROGATES,), {"a": "\ufffd\U0001f642\ufffd"}),
        (b'"a": "\\\\ud83d \\ud83d"', (SURROGATES,), {"a": "\\ud83d \ufffd"}),
        (b'"\\ud83d": 1', (SURROGATES,), {"\ufffd": 1}),
        (b'"a": ' + b"9" * 5_000, (DIGITS,), {"a": None}),
        (b'"a": [1, -' + b"9" * 5_000 + b"]", (DIGITS,), {"a": [1, None]}),
        (b'"a": {"b": "]"}, "c": ' + b'[{"d":"}["},' * 400 + b"1" + b"]" * 400, (DEPTH, ), {"a": {"b": "]"}}),
    ],
)  # fmt: skip
def test_what_the_reader_refuses_is_replaced(rest: bytes, notes: tuple[str, ...], metadata: dict[str, object]) -> None:
    document = Document.model_validate_json(b'{"text": "So", ' + rest + b"}")
    assert document.text == "So"
    assert document.metadata == metadata
    assert document.notes[: len(notes)] == notes


def test_a_text_with_half_a_character_keeps_its_length() -> None:
    assert Document.model_validate_json(b'{"text": "a\\ud83db"}').text == "a\ufffdb"


@given(
    st.recursive(
        st.none() | st.integers() | st.floats() | st.text(), lambda one: st.lists(one) | st.dictionaries(st.text(), one)
    )
)
def test_json_that_is_read_as_it_is_stays_as_it_is(value: object) -> None:
    written = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    assert repair(written) == (written, ())


@given(st.binary())
def test_bytes_that_are_no_json_raise_nothing(message: bytes) -> None:
    repair(message)


@pytest.mark.parametrize("piece", [b"[", b'{"a":', b"\\ud800", b'"', b"9", b'"\\ud800",', b"]", b"[]", b'\\"'])
def test_the_time_grows_with_the_length_alone(piece: bytes) -> None:
    started = time.process_time()
    repair(b'"' * (piece == b'\\"') + piece * (MAX_MESSAGE_BYTES // len(piece)))
    assert time.process_time() - started < 20
