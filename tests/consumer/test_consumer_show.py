import io
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from schemas import Event, Status
from services.consumer.follow import read_event
from services.consumer.show import show, show_received
from services.runtime.records import Record
from services.text.safe import safe
from tests.consumer.made_events import EVENTS, TEXT, event, near_copy, rejected


def shown(one: Event, width: int = 200) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=False)
    show(console, one)
    printed = str(console.file.getvalue())  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in printed.splitlines()).strip()


def test_one_look_tells_what_became_of_it() -> None:
    assert shown(event()).splitlines() == [
        "ENRICHED  herald.example · 11 Mar 2026 06:00 UTC · en · herald-1",
        "Tunnel divides the council",
        "on   harbour tunnel [tunnel-1] 100 %",
        "who  Mara Voss [Q-7] PERSON 60 %  Ito PERSON 40 % ×2",
        "says Mara Voss → favor → issue harbour tunnel (90 %) “Mara Voss called the harbour tunnel a gift to the city.”",
        "     the councillor → against → Mara Voss (80 %) “Councillor Ito opposed it.”",
        "     the article → neutral → Ito (70 %) “Mara Voss called the harbour tunnel a gift to the city.”",
    ]


def test_titles_and_quotes_are_shown_as_they_were_printed() -> None:
    title, text = (
        "Tunnel &amp; bridge <b>divide</b> the council",
        "&#8220;Ã‰lise Voss called it a &lt;gift&gt; , did n't she ?&#8221;",
    )
    one = event(title=title, text=text, entities=[], stances=[])
    stance = event().stances[0]
    span = stance.evidence[0].model_copy(update={"start": 0, "end": len(text), "field": "text"})
    one = one.model_copy(update={"stances": (stance.model_copy(update={"evidence": (span,)}),)})
    assert shown(one).splitlines()[1] == "Tunnel & bridge divide the council"
    assert "““Élise Voss called it a <gift>, didn't she?””" in shown(one)  # no tag that anybody knows
    assert shown(event(title="Dr. Ã‰lise GagnÃ© , the surgeon")).splitlines()[1] == "Dr. Élise Gagné, the surgeon"
    hidden = shown(event(title="&#27;[31mred &#8238;abc"))  # what an entity hides does not act either
    assert hidden.splitlines()[1] == "[31mred abc"
    assert shown(event(title="\x1b]8;;http://evil.example\x07R&amp;D\x1b]8;;\x07")).splitlines()[1] == "R&D"


def test_a_copy_says_of_what_and_a_rejection_why() -> None:
    assert shown(near_copy()).splitlines()[0].startswith("NEAR COPY  herald.example")
    assert "copy of ap-1, 93 % alike, 57 min after it  minhash" in shown(near_copy())
    first, title, why = shown(rejected()).splitlines()[:3]
    assert first.startswith("REJECTED")
    assert title == "(no title, no text)"
    assert why == "why too long  text: has 500,001 characters"


@pytest.mark.parametrize("status", Status)
def test_every_status_is_shown(status: Status) -> None:
    assert (
        shown(event(status=status, published_at=None, title="")).splitlines()[0].count("received 11 Mar 2026 07:30")
        == 1
    )
    assert TEXT[:40] in shown(event(status=status, title=""))


def test_many_entities_and_stances_are_cut_and_counted() -> None:
    one = event()
    many = one.model_copy(update={"entities": one.entities * 30, "stances": one.stances * 30})
    assert "and 50 more" in shown(many)
    assert "and 80 more" in shown(many)
    assert len(shown(many, 100).splitlines()) < 40


HOSTILE = (
    "\x1b]8;;http://evil.example\x07click\x1b]8;;\x07 \x1b[2J\x1b[31mred\x9b1m "
    "[bold]x[/bold] [/] \u202eabc\r\n\tend\x00 :smile:"
)


def test_nothing_of_a_hostile_title_reaches_the_terminal_but_its_words() -> None:
    console = Console(
        file=io.StringIO(), width=200, force_terminal=True, color_system="truecolor", legacy_windows=False
    )
    one = event(title=HOSTILE, source=HOSTILE, language=None, url=HOSTILE)
    show(console, one.model_copy(update={"text": HOSTILE, "id": HOSTILE}))
    printed = console.file.getvalue()  # type: ignore[attr-defined]
    assert "click red [bold]x[/bold] [/] abc end :smile:" in printed
    assert "evil.example" not in printed
    assert "\x1b[2J" not in printed
    assert "\x1b[31mred" not in printed
    assert not {character for character in printed if unicodedata.category(character) in ("Cc", "Cf")} - {"\n", "\x1b"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\u00a0b\u2028c \t\n d", "a b c d"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;title\x1b\\x", "x"),
        ("\x1b]unclosed stays", "unclosed stays"),
        ("\x1b(Bx\x1bMy\x1b", "xy"),
        ("lone \ud800 half", "lone \ufffd half"),
        ("👩\u200d🚒 می\u200cخواهم", "👩\u200d🚒 می\u200cخواهم"),
        ("soft\u00adhyphen \ufeff\u2066turned\u2069", "softhyphen turned"),
        ("x" * 30, "x" * 19 + "…"),
        ("x" * 20, "x" * 20),
        (" " * 1_000_000 + "far", "…"),
    ],
)
def test_safe_gives_one_line_of_printable_characters(text: str, expected: str) -> None:
    assert safe(text, 20) == expected


@pytest.mark.parametrize(
    "piece", ["\x1b", "\x1b[", "\x1b]", "\x9b0", "\x1b[0;", "\u202e", "[", "\ud800", "\x1b]\x1b\\"]
)
def test_safe_is_quick_on_long_hostile_text(piece: str) -> None:
    assert len(safe(piece * 500_000)) <= 500


@settings(max_examples=300, deadline=None)
@given(st.text(), st.integers(1, 50))
def test_safe_holds_for_any_text(text: str, limit: int) -> None:
    made = safe(text, limit)
    assert len(made) <= limit
    assert not any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in made)
    assert safe(made, limit) == made


@settings(max_examples=100, deadline=None)
@given(EVENTS, st.integers(1, 120))
def test_any_event_is_shown_at_any_width(one: Event, width: int) -> None:
    assert shown(one, width).strip()


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (None, "the message has no value"),
        (b"", "not an event: Invalid JSON"),
        (b"{}", "not an event: event_id: Field required"),
        (b"[1]", "not an event: Input should be an object"),
        (b"\xff", "not an event: Invalid JSON"),
        (b'{"\x1b[31m": 1}', "not an event: "),
        (b"[" * 100_000, "not an event: Invalid JSON"),
    ],
)
def test_a_message_that_is_no_event_is_named(value: bytes | None, problem: str) -> None:
    received = read_event(Record("news.enriched", 2, 17, None, value, 0.0))
    assert received.event is None
    console = Console(file=io.StringIO(), width=200)
    show_received(console, received)
    printed = console.file.getvalue()  # type: ignore[attr-defined]
    assert printed.startswith(f"UNREADABLE  news.enriched, 2:17  {problem}")
    assert "\x1b" not in printed
