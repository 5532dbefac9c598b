"""What is shown of a document: pieces by code points, links that may be followed, differences in bounded time."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import Event
from services.console.core import keep
from services.console.views import _Mark, compare, document, link, pieces
from tests.consumer.made_events import EVENTS, event

_MARKS = st.builds(
    _Mark, st.integers(0, 40), st.integers(0, 40), st.sampled_from([None, "e1", "e2"]), st.none() | st.integers(0, 3)
)


_TEXTS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs", "So"]), max_size=40)


@given(_TEXTS, st.lists(_MARKS, max_size=8))
def test_pieces_joined_are_the_text_and_cover_their_marks(text: str, marks: list[_Mark]) -> None:
    found = pieces(text, marks)
    assert "".join(one["t"] for one in found) == text
    at = 0
    for one in found:
        for place in range(at, at + len(one["t"])):
            over = [mark for mark in marks if mark.start <= place < mark.end]
            assert ("e" in one) == any(mark.entity for mark in over)
            assert set(one.get("s", [])) == {mark.stance for mark in over if mark.stance is not None}
        at += len(one["t"])


def test_offsets_are_code_points_whatever_stands_before() -> None:
    text = "\U0001f600\U0001f3ff 👩‍👩‍👧 Zoë e\u0301 — Mara Voss"
    start = text.index("Mara")
    found = pieces(text, [_Mark(start, start + 9, "e1", None)])
    assert [one["t"] for one in found if "e" in one] == ["Mara Voss"]


def test_what_turns_the_direction_is_shown_as_a_sign() -> None:
    assert pieces("a\u202eb\x00c\u2066", [])[0]["t"] == "a\ufffdb\ufffdc\ufffd"


@given(EVENTS)
def test_any_event_can_be_shown(one: Event) -> None:
    kept = keep(one, one.model_dump_json().encode())
    json.dumps(document(kept, [kept]))
    json.dumps(compare(kept, kept))


def test_what_was_not_taken_as_it_was_sent_is_shown() -> None:
    one = event()
    processing = one.processing.model_copy(update={"notes": ("published_at: names no day; as sent in metadata",)})
    one = one.model_copy(update={"processing": processing})
    kept = keep(one, one.model_dump_json().encode())
    assert document(kept, [kept])["notes"] == ["published_at: names no day; as sent in metadata"]


@pytest.mark.parametrize("url", ["https://a.example/b?c=d#e", "http://a.example"])
def test_web_addresses_are_links(url: str) -> None:
    assert link(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JAVASCRIPT://a.example/%0aalert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "//a.example",
        "https:a.example",
        "https://",
        "http://[",
        "https://a.example/\u202ex",
        "https:\\\\a.example",
        "",
        "ftp://a.example",
    ],
)
def test_other_addresses_are_not(url: str) -> None:
    assert link(url) is None


def test_differences_are_words_and_the_rest_is_both() -> None:
    one = keep(event(), event(text="The mayor won the vote on Tuesday.").model_dump_json().encode())
    two = keep(event(), event(text="The mayor lost the vote on Tuesday.").model_dump_json().encode())
    found = compare(one, two)
    assert [(run["op"], run["a"], run["b"]) for run in found["runs"]] == [
        ("same", "The mayor ", "The mayor "),
        ("differs", "won ", "lost "),
        ("same", "the vote on Tuesday.", "the vote on Tuesday."),
    ]
    assert (found["same"], found["cut"]) == (6, False)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("a b " * 250_000, "b a " * 250_000),
        ("x" * 500_000, "y" * 500_000),
        (" ".join(map(str, range(90_000)))[:500_000], " ".join(map(str, range(90_000, 0, -1)))[:500_000]),
    ],
)
def test_hostile_texts_are_compared_in_bounded_time(a: str, b: str) -> None:
    kept = [
        keep(event(), event(text=text[:500_000], entities=(), stances=()).model_dump_json().encode()) for text in (a, b)
    ]
    began = time.process_time()
    found = compare(*kept)
    assert time.process_time() - began < 5
    assert found["cut"]
    assert len(json.dumps(found)) < 1_000_000
