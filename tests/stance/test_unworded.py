"""Who says what where no verb tells it, or not alone: phrases, layout, labels, relayed speech, passives, unreal acts."""

import json
from pathlib import Path

import pytest

from services.stance.holders import Resolver
from services.stance.page import Mark, make_page
from services.stance.quotations import find_attributions
from services.text.clean import clean

CASES = Path(__file__).parent / "cases"
PEOPLE = [
    *("Karin Vogel", "Tom Pell", "Lena Ortiz", "Paul Hart", "Ann Roe", "Ted Marlow", "Neville Hart", "Julien Carrel"),
    *(
        "Pavel Novotny",
        "Daniel Pratt",
        "Hugo Lane",
        "Geoffrey Stone",
        "Ellen Marsh",
        "Jessica Rosenfeld",
        "Reid Coleman",
    ),
    *("Jane Roe", "TED MARLOW", "AMY BRANDT", "WALT BIRCH", "MARLOW", "BIRCH", "Mr. Sato"),
]
HOSTILE = [
    "A: ",
    "A (b): ",
    "As A put it, ",
    "in the words of ",
    "“a b c d” — ",
    "said that ",
    "was hit by A, ",
    "the a, B, ",
]


def said(text: str) -> list[tuple[str, str]]:
    """(holder, content) of each attribution of a text with ``PEOPLE``, in order; a content of several parts is joined by " / "."""
    cleaned = clean(text).text
    marks: list[Mark] = []
    for name in sorted(PEOPLE, key=len, reverse=True):
        at = cleaned.find(name)
        while at >= 0:
            if all(at + len(name) <= mark.start or mark.end <= at for mark in marks):
                marks.append(Mark(at, at + len(name), name.title(), "PERSON"))
            at = cleaned.find(name, at + 1)
    page = make_page(cleaned, marks=marks)
    attributions = find_attributions(page)
    resolve = Resolver(page, attributions)
    return [
        (
            " & ".join(source.entity or f"[{source.name}]" for source in resolve(one.source)),
            " / ".join(cleaned[slice(*page.span(*span))] for span in one.contents),
        )
        for one in attributions
    ]


def case(name: str) -> list[tuple[str, str]]:
    return said(json.loads((CASES / f"{name}.json").read_text())["text"])


def test_the_cases_of_phrases() -> None:
    assert case("29a-according") == [
        ("Neville Hart", '"The European Union is a disgrace,"'),
        ("Karin Vogel", '"the European Union is a miracle."'),
        ("Julien Carrel", 'the European Union is "our shield."'),
        ("Pavel Novotny", '"Brussels is a bully."'),
    ]


def test_the_cases_of_dashes_and_headings() -> None:
    assert [holder for holder, _ in case("30a-dash")] == [
        "Geoffrey Stone",
        "Ellen Marsh",
        "Jessica Rosenfeld",
        "Daniel Pratt",
    ]
    assert case("30a-dash")[3] == ("Daniel Pratt", '"Obsolete."')
    assert case("30e-from-colon") == [("Tom Pell", "“Karin Vogel is splendid and I am delighted.”")]


def test_the_cases_of_passives_and_relays() -> None:
    assert case("31a-passive-known")[:2] == [("Daniel Pratt", "NATO"), ("Karin Vogel", "NATO")]
    relayed = case("32b-relay-known")
    assert ("Karin Vogel", "that the European Union was broken") in relayed
    assert ("Daniel Pratt", 'NATO was "a scam"') in relayed
    assert "Julien Carrel" not in [holder for holder, _ in relayed]


def test_the_cases_of_those_who_are_named_later() -> None:
    assert [holder for holder, _ in case("33a-later-named")] == ["Reid Coleman", "Jane Roe"]


def test_the_cases_of_marks_and_labels() -> None:
    assert [holder for holder, _ in case("36-guillemets")] == ["Tom Pell", "Lena Ortiz", "Mr. Sato"]
    labelled = case("24a-transcript-known")
    assert ("Ted Marlow", "Thank you, Walt. President Harlan has been a disaster for Texas") in labelled
    assert ("Amy Brandt", "I think President Harlan has done a great job. (CROSSTALK)") in labelled


def test_what_has_not_happened_is_nobodys_stance() -> None:
    assert case("37a-hypothetical") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("In the view of Karin Vogel, the bank is a miracle.", ("Karin Vogel", "the bank is a miracle")),
        ("In Karin Vogel's words, the bank is lost.", ("Karin Vogel", "the bank is lost")),
        ("To Tom Pell, the bank is a shield.", ("Tom Pell", "the bank is a shield")),
        ("The bank is a bully, as Tom Pell puts it.", ("Tom Pell", "The bank is a bully")),
        ("As Tom Pell sees it, the bank failed.", ("Tom Pell", "the bank failed")),
        (
            "“The bank lied to all of us.”\n\n— Tom Pell, mayor of Dunmore",
            ("Tom Pell", "“The bank lied to all of us.”"),
        ),
        ("“We won at last, all of us,” – Gov. Tom Pell (D)", ("Tom Pell", "“We won at last, all of us,”")),
        ("Senator Tom Pell:\n\n“The bank is lost for ever.”", ("Tom Pell", "“The bank is lost for ever.”")),
        ("Tom Pell on the bank: “A joke.”", ("Tom Pell", "“A joke.”")),
        ("Ted Marlow (R-Texas): The bank is lost.", ("Ted Marlow", "The bank is lost")),
        ("»The bank lied to us all,« said Tom Pell.", ("Tom Pell", "»The bank lied to us all,«")),
        ("『The bank lied to us all,』 Tom Pell said.", ("Tom Pell", "『The bank lied to us all,』")),
    ],
)
def test_one_attribution(text: str, expected: tuple[str, str]) -> None:
    assert said(text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "NATO was criticized by Tom Pell, praised by Lena Ortiz and attacked by Karin Vogel.",
            [("Tom Pell", "NATO"), ("Lena Ortiz", "NATO"), ("Karin Vogel", "NATO")],
        ),
        (
            "Tom Pell said Lena Ortiz told him that the bank was lost.",
            [("Tom Pell", "Lena Ortiz told him that the bank was lost"), ("Lena Ortiz", "that the bank was lost")],
        ),
        ("He cited Tom Pell as saying the bank lied.", [("Tom Pell", "the bank lied")]),
        (
            "TED MARLOW, HOST: The bank is lost.\n\nIt has lied.\n\nROE (voice-over): NATO is here.",
            [("Ted Marlow", "The bank is lost / It has lied"), ("[ROE]", "NATO is here")],
        ),
    ],
)
def test_several_attributions(text: str, expected: list[tuple[str, str]]) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Were the bank to fail, Tom Pell would praise it.",
        "Had Lena Ortiz won, Tom Pell could have denounced her.",
        "Tom Pell was expected to criticize NATO.",
        "If Lena Ortiz wins, Tom Pell will attack her.",
        "For Tom Pell, the day began at six.",
        "It rose - Tom Pell left.",
    ],
)
def test_no_attribution(text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"The bank is lost to us all," the mayor said. The mayor, Lena Ortiz, left.', "Lena Ortiz"),
        ('Lena Ortiz, the mayor, came. "The bank is lost to us all," the mayor said.', "Lena Ortiz"),
        ('Senator Tom Pell came. "The bank is lost to us all," the senator said.', "Tom Pell"),
        ('"We have all been lied to," a nurse said. The woman, Ann Roe, wept.', "Ann Roe"),
        ('"The bank is lost to us all," the senator said. Lena Ortiz left.', "[senator]"),
        ('"The bank is lost to us all," a widower said. The woman, Ann Roe, wept.', ""),
    ],
)
def test_a_role_and_its_name(text: str, expected: str) -> None:
    assert said(text)[0][0] == expected


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "unit",
    [
        "A: ",
        "A (b): ",
        "As A put it, ",
        "in the words of ",
        "“a b c d” — ",
        "said that ",
        "was hit by A, ",
        "the a, B, ",
    ],
)
def test_time_is_linear_in_hostile_texts(unit: str) -> None:
    for text in (unit * (40_000 // len(unit)), (unit + "\n\n") * (20_000 // len(unit))):
        said(text)
