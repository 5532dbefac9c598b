"""Spaces, line breaks, and characters that are not seen."""

import pytest

from services.text.clean import clean

LONG = "A paragraph that stands on one line of its own, as long as paragraphs are, " * 3


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("soft\u00adhyphen, zero\u200bwidth, \ufeffmark", "softhyphen, zerowidth, mark"),
        ("one \u200b two\u200b three \u200bfour", "one two three four"),
        ("bell\x07 and null\x00", "bell and null"),
        ("left\u200eright\u202eover\u2069", "leftrightover"),
        ("a\u00a0b\u2009c\u3000d\te  f", "a b c d e f"),
        ("  at the ends \n", "at the ends"),
        ("\u200b \u200b\n", ""),
        ("\x93Yes,\x94 he\x92s \x96 so\x85", "“Yes,” he’s – so…"),
        ("an o\ufb03cial \ufb01rst", "an official first"),
        ("don\ufffdt", "don’t"),
        ("lone \ud800 surrogate", "lone \ufffd surrogate"),
        ("latin\u200djoiner", "latinjoiner"),
    ],
)
def test_what_is_not_seen_goes_and_spaces_are_plain(raw: str, expected: str) -> None:
    assert clean(raw).text == expected


@pytest.mark.parametrize("text", ["👨\u200d👩\u200d👧 at home", "می\u200cخواهم", "x\ufffdy", "❤\ufe0f"])
def test_joiners_stay_where_scripts_use_them(text: str) -> None:
    assert clean(text).text == text


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("One.\n\nTwo.", "One.\n\nTwo."),
        ("One.\r\n\r\n\r\nTwo.", "One.\n\nTwo."),
        ("One. \n \u200b \n Two.", "One.\n\nTwo."),
        ("One.\u2029Two.", "One.\n\nTwo."),
        (
            "The lines of this text are wrapped\nat some forty characters, and so go\non.",
            "The lines of this text are wrapped at some forty characters, and so go on.",
        ),
        (LONG + "\n" + LONG, LONG.strip() + "\n\n" + LONG.strip()),
        (LONG + "\nand goes on.", LONG + "and goes on."),
        (
            "By ANN ROE\nThe lines below the name are as long as they can be before\nthey are wrapped.",
            "By ANN ROE\n\nThe lines below the name are as long as they can be before they are wrapped.",
        ),
        ("Pork:\n- tails\n- ears", "Pork:\n\n- tails\n\n- ears"),
        (
            "The talks will go on until both sides have agreed to the terms.\n    The next round is due.",
            "The talks will go on until both sides have agreed to the terms.\n\nThe next round is due.",
        ),
        ("It was sold by Alder Corp --\nthe owner of the mill.", "It was sold by Alder Corp -- the owner of the mill."),
        ("Brazil 16\nNorway 11\nSouth Korea 9", "Brazil 16\n\nNorway 11\n\nSouth Korea 9"),
        (
            "Down by the pier in Alder Bay\nOld Martin Holm would wait all day\nFor Mary Kane",
            "Down by the pier in Alder Bay\n\nOld Martin Holm would wait all day\n\nFor Mary Kane",
        ),
        (
            "MS. ROE, HOST: And so it went in the town of Alder Bay.\n(APPLAUSE)\nHOLM: It is not how it went in my\nown town.",
            "MS. ROE, HOST: And so it went in the town of Alder Bay.\n\n(APPLAUSE)\n\nHOLM: It is not how it went in my own town.",
        ),
        ("a loan\x7fof 9 mln", "a loan of 9 mln"),
        ("a long-\nterm plan of pre-\nand post-war", "a long-term plan of pre- and post-war"),
    ],
)
def test_line_breaks_end_paragraphs_or_nothing(raw: str, expected: str) -> None:
    assert clean(raw).text == expected


def test_a_folded_run_maps_to_the_whole_run() -> None:
    assert clean("a \u200b  b").span(1, 2) == (1, 5)


def test_stripped_ends_are_in_no_span() -> None:
    assert clean("  so  ").span(0, 2) == (2, 4)
