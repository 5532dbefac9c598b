import io
import json
import unicodedata
from typing import Any

import pytest
from rich.console import Console

from schemas import Reason
from services.deadletters.letters import find, read_letter, which
from services.deadletters.replay import headers, targets
from services.deadletters.show import show_letter, show_table
from services.runtime.settings import Settings
from services.runtime.topology import STAGES
from tests.deadletters.made_letters import letter, record

HOSTILE = "\x1b[31mred\x1b[0m [bold]\u202ex\r\n\x00"


def console() -> Console:
    return Console(file=io.StringIO(), width=160, force_terminal=True, color_system="truecolor")


def printed(to: Console) -> str:
    return str(to.file.getvalue())  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("options", "matches"),
    [
        ({}, True),
        ({"reasons": ["timed-out"]}, True),
        ({"reasons": ["CRASHED", "timed_out"]}, True),
        ({"reasons": ["crashed"]}, False),
        ({"stages": ["entities"]}, True),
        ({"stages": ["intake"], "reasons": ["timed_out"]}, False),
    ],
)
def test_letters_are_chosen_by_reason_and_stage(options: dict[str, list[str]], matches: bool) -> None:
    assert which(**options)(letter()) is matches


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"reasons": ["bored"]}, "choose one of not_json, schema"),
        ({"stages": ["nlp"]}, "choose one of intake, dedup, entities, stance"),
    ],
)
def test_a_reason_or_stage_that_there_is_not_is_refused(options: dict[str, list[str]], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        which(**options)


@pytest.mark.parametrize("position", ["", "1", "1:", ":1", "a:1", "1:-1", "1:2:3", " 1:2", "9999999999:1", "١:٢"])
def test_what_is_no_position_is_refused(position: str) -> None:
    with pytest.raises(ValueError, match="is not a position; give partition:offset"):
        find(Settings(brokers="127.0.0.1:1"), position)


def test_headers_that_are_not_ours_make_no_letter() -> None:
    found = read_letter(record(None))
    assert found.letter is None
    assert found.problem is not None
    assert found.problem.startswith("its headers are not a dead letter's: topic: Field required")
    broken = record(letter())
    changed = tuple((name, b"x" if name == "stancewire.attempt" else value) for name, value in broken.headers)
    assert "attempt" in str(read_letter(broken.__class__(**(vars(broken) | {"headers": changed}))).problem)


def test_a_letter_that_is_put_back_counts_one_attempt_more_and_keeps_what_is_not_ours() -> None:
    said = letter(attempt=3)
    assert headers(read_letter(record(said)), said) == [
        ("traceparent", b"00-1"),
        ("stancewire.origin", b"news.documents/1/42"),
        ("stancewire.attempt", b"4"),
    ]


def test_letters_go_only_to_topics_that_a_stage_reads() -> None:
    assert targets("p-") == {f"p-{stage.reads.name}" for stage in STAGES}
    assert "p-news.documents" in targets("p-")


def test_the_table_has_a_row_for_each_letter() -> None:
    to = console()
    found = [read_letter(record(letter(attempt=2), 7)), read_letter(record(None, 8))]
    assert show_table(to, found) == 2
    text = printed(to)
    row = (
        "2026-03-11 07:30:00",
        "0:7",
        "entities",
        "timed_out (attempt 2)",
        "herald-1",
        "longer than 60 s",
        "unreadable",
    )
    assert [words for words in row if words not in text] == []
    assert show_table(console(), []) == 0


def test_one_letter_is_shown_with_its_value_indented() -> None:
    to = console()
    show_letter(to, read_letter(record(letter(), value=json.dumps({"text": "Café", "n": [1]}).encode())))
    expected = ("timed_out", "news.documents/1/42", '  "text": "Café",', "    1", "key", "herald-1")
    assert [words for words in expected if words not in printed(to)] == []


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "a tombstone"),
        (b"", ""),
        (b"\xff\x00binary", "\\xffbinary"),
        (b"{broken", "{broken"),
        (b"[" * 100_000, "[[["),
        (b"\n" * 1_000_000, "1000000 bytes in all"),
        (b'"' + b"x" * 3_000_000 + b'"', "…"),
    ],
)
def test_any_value_is_shown_and_bounded(value: bytes | None, words: str) -> None:
    to = console()
    show_letter(to, read_letter(record(letter(), key=None, value=value)))
    assert words in printed(to)
    assert len(printed(to)) < 100_000


def test_nothing_hostile_reaches_the_terminal() -> None:
    said: dict[str, Any] = dict.fromkeys(("stage", "document", "exception", "message", "origin", "topic"), HOSTILE)
    hostile = read_letter(record(letter(**said), key=HOSTILE.encode(), value=json.dumps({HOSTILE: HOSTILE}).encode()))
    raw = read_letter(record(letter(), value=HOSTILE.encode()))
    to = console()
    show_table(to, [hostile])
    show_letter(to, hostile)
    show_letter(to, raw)
    text = printed(to)
    assert "\x1b[31mred" not in text
    assert "[bold]x" in text
    assert not {character for character in text if unicodedata.category(character) in ("Cc", "Cf")} - {"\n", "\x1b"}


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_shown(reason: Reason) -> None:
    to = console()
    show_table(to, [read_letter(record(letter(reason=reason, status=reason.status)))])
    assert reason.value in printed(to)
