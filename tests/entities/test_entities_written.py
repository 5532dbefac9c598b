"""How names are written: surname first, with particles, as symbols of shares, as parties, in credits; in real readings."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from schemas import Work
from services.entities.core import EntityTagger
from services.entities.credits import find_credits, is_credit
from services.text.clean import clean
from tests.entities.checks import check_offsets, cluster, summary

CASES = Path(__file__).parent / "cases"
MakeWork = Callable[..., Work]


def names_of(tagger: EntityTagger, work: Work) -> dict[str, list[str]]:
    """Name -> mentions as written."""
    [work] = tagger([work])
    check_offsets(work)
    return {entity.name: [mention.text for mention in entity.mentions] for entity in work.event.entities}


def case(name: str) -> str:
    text: str = json.loads((CASES / f"{name}.json").read_text())["text"]
    return text


def test_surnames_first(tagger: EntityTagger, make_work: MakeWork) -> None:
    names = names_of(tagger, make_work(case("25a-lastfirst-known")))
    assert names["Helen Dorsey"] == ["DORSEY, Helen", "DORSEY"]
    assert names["Daniel J. Pratt"] == ["PRATT, Daniel J.", "PRATT"]
    assert names["Ulrike van der Heide"] == ["van der HEIDE, Ulrike"]
    assert names["Karin Vogel"] == ["VOGEL Karin"]
    assert names.keys() - {"Germany", "France"} == {
        "Helen Dorsey",
        "Daniel J. Pratt",
        "Ulrike van der Heide",
        "Karin Vogel",
        "Julien Carrel",
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[PERSON Dorsey], [PERSON Helen]; [PERSON Pratt], [PERSON Daniel J].", {"Helen Dorsey", "Daniel J. Pratt"}),
        ("SMITH, John (Chair); O'NEIL, Mary; GARCIA LOPEZ, Juan.", {"John Smith", "Mary O'Neil", "Juan Garcia Lopez"}),
        ("[PERSON MACRON Emmanuel] left. [PERSON Mr. Macron] wept.", {"Emmanuel Macron"}),
        ("[GPE LONDON], [GPE Ontario], and [GPE PARIS], France", {"London", "Ontario", "Paris"}),
        ("WASHINGTON, March 5 - It rained.", set()),
    ],
)
def test_what_is_turned_round(text: str, expected: set[str]) -> None:
    assert {one.name for one in cluster(text)} == expected


def test_a_name_that_begins_with_a_particle(tagger: EntityTagger, make_work: MakeWork) -> None:
    names = names_of(tagger, make_work(case("26a-lepen")))
    assert names["Marine Le Goff"] == ["Marine Le Goff", "Le Goff", "Le Goff", "Marine Le Goff"]
    assert names["Jean-Marie Le Goff"] == ["Jean-Marie Le Goff"]
    names = names_of(tagger, make_work(case("26c-particles")))
    for name in (
        "Ulrike von der Heide",
        "Marine Le Goff",
        "Ludwig van der Merwe",
        "Vincent de la Rosa",
        "Tariq bin Yusuf",
    ):
        assert name in names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Marine [PERSON Le Goff] left. [PERSON Le Goff] wept.", {"Marine Le Goff": 2}),
        ("Anna Maria [PERSON von Holm] left.", {"Anna Maria von Holm": 1}),
        ("On Monday [PERSON Le Goff] left. Calling [PERSON Le Goff] back, they wept.", {"Le Goff": 2}),
        ("Senator [PERSON La Rocca] left.", {"La Rocca": 1}),
        ("[PERSON Jean Marie Le Goff] met [PERSON Jean-Marie Le Goff].", {"Jean Marie Le Goff": 2}),
    ],
)
def test_given_names_before_a_particle(text: str, expected: dict[str, int]) -> None:
    assert {name: len(own) for name, (_, own) in summary(cluster(text)).items()} == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            (
                "[PERSON Tom Hale Sr.] and his son, [PERSON Tom Hale Jr.], came. The younger [PERSON Hale] sang, the elder "
                "[PERSON Mr. Hale] wept."
            ),
            {"Tom Hale Sr.": 2, "Tom Hale Jr.": 2},
        ),
        (
            "[PERSON Ann Roe] came with her mother, [PERSON Mary Roe]. The elder [PERSON Roe] sang. The younger [PERSON Roe] wept.",
            {"Ann Roe": 2, "Mary Roe": 2},
        ),
        (
            (
                "[PERSON Bill Hart] and [PERSON Susan Hart] parted. [PERSON Ms. Hart] sued, and [PERSON Hart] won. "
                "[PERSON Mr. Hart] wept. [PERSON Hart] left."
            ),
            {"Bill Hart": 3, "Susan Hart": 3},
        ),
    ],
)
def test_who_of_a_family(text: str, expected: dict[str, int]) -> None:
    assert {name: len(own) for name, (_, own) in summary(cluster(text)).items()} == expected


def test_symbols_of_shares(tagger: EntityTagger, make_work: MakeWork) -> None:
    names = names_of(tagger, make_work(case("28-tickers"), "$ACME jumps"))
    assert names["Acme Rockets Inc."] == ["ACME", "Acme Rockets Inc.", "ACM", "ACME", "ACM"]
    assert names["Borealis Ltd"] == ["Borealis Ltd", "BOR", "BOR"]
    assert names["Stern & Co."] == ["Stern & Co.", "STRN"]
    assert not names.keys() & {"NYSE", "LON", "NASDAQ", "ACM", "BOR", "STRN"}


@pytest.mark.parametrize(
    ("text", "name", "mentions"),
    [
        (
            "[ORG Tern Corp] ([ORG Nasdaq]: [ORG TERN]) rose. [ORG TERN] fell.",
            "Tern Corp",
            ["Tern Corp", "TERN", "TERN"],
        ),
        ("[PERSON Brightline] plc (AIM:BRT) rose.", "Brightline", ["Brightline", "BRT"]),
        (
            "[ORG Kestrel Group] (NYSE American: KST; [GPE LSE]: KSL) rose.",
            "Kestrel Group",
            ["Kestrel Group", "KST", "KSL"],
        ),
        ("[ORG Holm Co] (HOLM.N) rose.", "Holm Co", ["Holm Co", "HOLM"]),
    ],
)
def test_listings(text: str, name: str, mentions: list[str]) -> None:
    assert summary(cluster(text)) == {name: ("ORG", mentions)}


def test_parties_under_several_names() -> None:
    found = summary(
        cluster(
            "[ORG Tory] MPs left. The [NORP Conservatives] lost. The [ORG Conservative Party] wept. [NORP Tories] sang."
        )
    )
    assert list(found) == ["Conservative Party"]
    found = summary(
        cluster("The [ORG GOP] and the [ORG Republican Party] met. [NORP Republicans] sang, [NORP Democrats] wept.")
    )
    assert {name: len(own) for name, (_, own) in found.items()} == {"Republican Party": 3, "Democrats": 1}


def test_the_state_of_the_union_is_no_country() -> None:
    assert summary(cluster("The [GPE State of the Union] address. State of the [GPE Union], he said.")) == {
        "State of the Union": ("EVENT", ["State of the Union", "State of the Union"])
    }


@pytest.mark.parametrize(
    ("text", "credited", "told"),
    [
        ("LONDON (Reuters) - Ann Lee left.", ["Reuters"], ["LONDON", "Ann Lee"]),
        ("Ann Lee told The Associated Press that NATO won.", ["Associated Press"], ["Ann Lee", "NATO"]),
        ("Ann Lee in Rome. Photo: Tom Pell/Getty Images", ["Tom Pell", "Getty Images"], ["Ann Lee", "Rome"]),
        ("Ann Lee speaks. (AP Photo/Tom Pell)", ["AP", "Tom Pell"], ["Ann Lee"]),
        ("Ann Lee left.\n\nReporting by Tom Pell; Editing by Jo Roe", ["Tom Pell", "Jo Roe"], ["Ann Lee"]),
        ("Ann Lee left.\n\nAP writer Tom Pell contributed to this report.", ["AP", "Tom Pell"], ["Ann Lee"]),
        ("By Tom Pell\n\nAnn Lee left.", ["Tom Pell"], ["Ann Lee"]),
        ("Ann Lee wrote in The Image that it was over.", [], ["Ann Lee", "Image"]),
    ],
)  # fmt: skip
def test_credits(text: str, credited: list[str], told: list[str]) -> None:
    spans = find_credits(text)
    for name in credited:
        at = text.index(name)
        assert is_credit(spans, at, at + len(name)), name
    for name in told:
        at = text.index(name)
        assert not is_credit(spans, at, at + len(name)), name


def test_who_took_the_picture_is_not_what_it_is_about(tagger: EntityTagger, make_work: MakeWork) -> None:
    text = "LONDON (Reuters) - Ann Lee criticized NATO.\n\nPhoto: Tom Pell/Reuters"
    [work] = tagger([make_work(text)])
    salience = {entity.name: entity.salience for entity in work.event.entities}
    assert max(salience["Tom Pell"], salience["Reuters"]) < 0.3 * min(salience["Ann Lee"], salience["NATO"])


@pytest.mark.parametrize(
    "name", ["23a-md-links", "23b-md-bold", "23c-markdown", "27a-wrapped-30-columns", "27c-hyphenated"]
)
def test_the_same_text_plain_has_the_same_entities(tagger: EntityTagger, make_work: MakeWork, name: str) -> None:
    raw = json.loads((CASES.parent.parent / "text" / "cases" / f"{name}.json").read_text())["text"]
    marked, plain = (
        {one: len(own) for one, own in names_of(tagger, make_work(text)).items()} for text in (raw, clean(raw).text)
    )
    assert marked == plain
