"""The tables of words."""

import pytest

from services.stance.cues import attribution_cues, cue_table
from services.stance.lexicon import lexicon
from services.stance.words import inflect


@pytest.mark.parametrize(
    ("entry", "forms"),
    [
        ("back", {"back", "backs", "backed", "backing"}),
        ("praise", {"praise", "praises", "praised", "praising"}),
        ("slam*", {"slam", "slams", "slammed", "slamming"}),
        ("deny", {"deny", "denies", "denied", "denying"}),
        ("betray", {"betray", "betrays", "betrayed", "betraying"}),
        ("bash", {"bash", "bashes", "bashed", "bashing"}),
        ("say:said", {"say", "says", "said", "saying"}),
        ("write:wrote:written", {"write", "writes", "wrote", "written", "writing"}),
        ("lie", {"lie", "lies", "lied", "lying"}),
    ],
)
def test_inflect(entry: str, forms: set[str]) -> None:
    assert {form for form, _ in inflect(entry)} == forms


def test_no_entry_is_on_both_sides() -> None:
    sides: dict[tuple[str, tuple[str, ...], str], set[int]] = {}
    for first, entries in lexicon().items():
        for entry in entries:
            sides.setdefault((first, entry.rest, entry.slot), set()).add(entry.polarity)
    assert {key for key, found in sides.items() if len(found) > 1} == set()


def test_words_are_ones_that_a_page_can_hold() -> None:
    words = [word for first, entries in lexicon().items() for entry in entries for word in (first, *entry.rest)]
    assert all(
        word == word.lower().strip() and " " not in word and "!" not in word and "_" not in word for word in words
    )


def test_longer_entries_come_first() -> None:
    for entries in [*lexicon().values()]:
        lengths = [len(entry.rest) for entry in entries]
        assert lengths == sorted(lengths, reverse=True)


def test_acts_attribute() -> None:
    assert "commended" not in cue_table()
    assert any(cue.manners == {"act"} for cue in attribution_cues()["commended"])
