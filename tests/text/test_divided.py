"""Words divided at the end of a line, and narrow columns."""

import json
import textwrap
from pathlib import Path

import pytest

from services.text.clean import clean

CASES = Path(__file__).parent / "cases"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("She criti-\ncized it.", "She criticized it."),
        ("Sir Colin Stan-\nmore left.", "Sir Colin Stanmore left."),
        ("Ms. Green-\nfield and Mr. Rob-\ninson left.", "Ms. Greenfield and Mr. Robinson left."),
        ("The Commis-\n  sion and the gov-\r\nernment agreed.", "The Commission and the government agreed."),
        ("WASH-\nINGTON wakes.", "WASHINGTON wakes."),
        ("her in-\ncompetence and dis-\ncomfort", "her incompetence and discomfort"),
        ("the soft\u00ad\nware and the hard¬\nware", "the software and the hardware"),
        ("It was criti- cized.", "It was criticized."),
        ("The re-\nelection of a man who won re-election.", "The re-election of a man who won re-election."),
        ("Aldermere was a town. In Alder-\nmere it rains.", "Aldermere was a town. In Aldermere it rains."),
    ],
)
def test_a_divided_word_is_one(raw: str, expected: str) -> None:
    assert clean(raw).text == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("a well-\nknown man", "a well-known man"),
        ("Well-\nknown men met.", "Well-known men met."),
        ("the Trump-\nera law and Saudi-\nled talks", "the Trump-era law and Saudi-led talks"),
        ("Jean-\nMarie and Putin-\nMacron talks", "Jean-Marie and Putin-Macron talks"),
        ("her mother-\nin-law, state-of-the-\nart", "her mother-in-law, state-of-the-art"),
        ("an e-\nmail to a co-\nfounder in-\nhouse", "an e-mail to a co-founder in-house"),
        ("pre-\nand post-war, two- and three-day", "pre- and post-war, two- and three-day"),
        ("a long- term plan", "a long- term plan"),
        ("an ordinance\u00ad requiring it", "an ordinance requiring it"),
    ],
)
def test_a_words_own_hyphen_stays(raw: str, expected: str) -> None:
    assert clean(raw).text == expected


def test_a_divided_name_leads_back_to_both_lines() -> None:
    raw = "Sir Colin Stan-\nmore left."
    cleaned = clean(raw)
    at = cleaned.text.index("Stanmore")
    assert cleaned.span(at, at + len("Stanmore")) == (10, 20)


STORY = (
    "Prime Minister Pablo Serrano of Spain praised the European Central Bank, and the president of the European Commission, "
    "Ulrike von der Heide, thanked him in a letter. Sir Colin Stanmore and Rhona Rendle are to meet Simone Aubert in New York "
    "and the Reserve Bank of New Zealand next week, as Marine Le Goff said."
)


@pytest.mark.parametrize("width", [24, 28, 30, 34, 40, 46, 52, 60, 72])
def test_a_column_full_of_names_is_a_paragraph(width: int) -> None:
    assert clean(textwrap.fill(STORY, width)).text == STORY


@pytest.mark.parametrize("path", sorted(CASES.glob("27*.json")), ids=lambda path: path.stem)
def test_the_cases(path: Path) -> None:
    text = clean(json.loads(path.read_text())["text"]).text
    assert "\n" not in text
    assert "-right" in text
    for name in (
        "Marine Le Goff criticized",
        "European Commission",
        "Reserve Bank of New Zealand",
        "Colin Stanmore",
        "New York",
    ):
        assert name in text
