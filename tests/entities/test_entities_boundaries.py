"""Where names begin and end, whatever the model's spans are."""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.event import EntityType
from services.entities.boundaries import MAX_WORDS, Name, Span, repair
from services.entities.types import weigh
from tests.entities.checks import marked

SPANS: tuple[tuple[str, list[tuple[str, str, str]]], ...] = (
    # a span as a model gives it, and the names in it: type, text, title
    ("It was [ORG the Ministry of Health].", [("ORG", "Ministry of Health", "")]),
    ("[PERSON Ms. Okafor] and [PERSON Okafor’s] dog", [("PERSON", "Okafor", "Ms."), ("PERSON", "Okafor", "")]),
    ("Acting Deputy Secretary [PERSON Ann Lee]", [("PERSON", "Ann Lee", "Acting Deputy Secretary")]),
    ("[PERSON Attorney General Ann Lee]", [("PERSON", "Ann Lee", "Attorney General")]),
    ("Secretary of State [PERSON Ann Lee]", [("PERSON", "Ann Lee", "Secretary of State")]),
    ("Chief of Staff Gen. [PERSON Ann Lee]", [("PERSON", "Ann Lee", "Chief of Staff Gen.")]),
    ("Mr. [ORG Palmer] left", [("PERSON", "Palmer", "Mr.")]),
    ("[ORG Mr. Palmer] left", [("PERSON", "Palmer", "Mr.")]),
    ("Democratic National Mr. [PERSON Palmer]", [("PERSON", "Palmer", "Mr.")]),
    ("[PERSON Mr. Palmer Mr. Palmer plan] failed", [("PERSON", "Palmer", "Mr."), ("PERSON", "Palmer", "Mr.")]),
    ("[PERSON Ann Lee appearance] was short", [("PERSON", "Ann Lee", "")]),
    ("[PERSON Ann Lee The] plan", [("PERSON", "Ann Lee", "")]),
    ("[PERSON Suharto said Widodo] left", [("PERSON", "Suharto", ""), ("PERSON", "Widodo", "")]),
    ("[PERSON Ann Lee Ann Lee] spoke", [("PERSON", "Ann Lee", ""), ("PERSON", "Ann Lee", "")]),
    ("[PERSON Ludwig van der Meer] spoke", [("PERSON", "Ludwig van der Meer", "")]),
    ("[PERSON Moon Jae]-in spoke", [("PERSON", "Moon Jae-in", "")]),
    ("[PERSON Dwayne “The Rock” Johnson] acts", [("PERSON", "Dwayne “The Rock” Johnson", "")]),
    ("[PERSON Ann Lee, Bob Ray] sang", [("PERSON", "Ann Lee", ""), ("PERSON", "Bob Ray", "")]),
    ("[PERSON Ann Lee, Jr.] sang", [("PERSON", "Ann Lee, Jr.", "")]),
    ("[PERSON Ann Lee\nBob Ray] sang", [("PERSON", "Ann Lee", ""), ("PERSON", "Bob Ray", "")]),
    ("the [PERSON Lee] administration", [("ORG", "Lee administration", "")]),
    ("[PERSON Ann Lee]’s administration", [("ORG", "Ann Lee’s administration", "")]),
    ("[PERSON Ann Lee]’s campaign to walk", [("PERSON", "Ann Lee", "")]),
    ("the [ORG Department of Labor under the Lee] plan", [("ORG", "Department of Labor", ""), ("ORG", "Lee", "")]),
    (
        "[ORG National Innovation and Unity (Pinu] won",
        [("ORG", "National Innovation and Unity", ""), ("ORG", "Pinu", "")],
    ),
    ("[ORG Ministry of Gender, Labour and Justice]", [("ORG", "Ministry of Gender, Labour and Justice", "")]),
    (
        "[ORG Acme, Inc.] and [ORG Acme, Globex]",
        [("ORG", "Acme, Inc.", ""), ("ORG", "Acme", ""), ("ORG", "Globex", "")],
    ),
    ("[ORG National Athletes' Welfare Foundation]", [("ORG", "National Athletes' Welfare Foundation", "")]),
    ("[ORG Utopia’s Mary Doe] sang", [("ORG", "Utopia", ""), ("PERSON", "Mary Doe", "")]),
    ("at [ORG McDonald]’s", [("ORG", "McDonald’s", "")]),
    ("[ORG Democratic National] and [ORG LLC]", []),
    ("[PERSON Attorney General] and [ORG https://example.org/Ann]", []),
    ("[ORG Secretary] and [PERSON Monday] and [GPE x]", [("ORG", "Secretary", "")]),
    ("Mrs. [PERSON May] in [GPE May]", [("PERSON", "May", "Mrs.")]),
    ("Secretary of [ORG State], [ORG State] Secretary, [ORG State]", [("ORG", "State", "")]),
    ("[PERSON square centimetre] and [ORG 1984]", []),
    ("[NORP anti-Muslim] and [NORP non-Jewish]", [("NORP", "Muslim", ""), ("NORP", "non-Jewish", "")]),
    ("[ORG pro-Assad] and [PERSON Bush-signed]", [("ORG", "Assad", ""), ("PERSON", "Bush", "")]),
    ("(R-[GPE Pa].) and ([GPE D-Mass].)", [("GPE", "Pa.", ""), ("GPE", "Mass.", "")]),
    ("[GPE Washington], [GPE D.C.] and [GPE Maine 2]", [("GPE", "Washington, D.C.", ""), ("GPE", "Maine", "")]),
    ("[LOC east Jerusalem] and [GPE southern France]", [("LOC", "east Jerusalem", ""), ("GPE", "southern France", "")]),
    ("Ask [ORG @CityNews] or [PERSON Ann Lee @AnnLee]", [("PERSON", "Ann Lee", "")]),
    ("[ORG CNN HOST]: Hello.\n[PERSON MODERATOR]: Yes.", [("ORG", "CNN", "")]),
    ("Yes.\n([ORG BEGIN VIDEO CLIP])\nOn ([ORG UNITED NATIONS]) day", [("ORG", "UNITED NATIONS", "")]),
    ("[WORK_OF_ART The Old Man and the Sea]", [("WORK_OF_ART", "The Old Man and the Sea", "")]),
    ("[WORK_OF_ART My Life” Facebook group]", [("WORK_OF_ART", "My Life", ""), ("WORK_OF_ART", "Facebook group", "")]),
)


LABELS: st.SearchStrategy[EntityType] = st.sampled_from(["PERSON", "ORG", "GPE", "NORP", "WORK_OF_ART"])


def short(names: list[Name]) -> list[tuple[str, str, str]]:
    return [(name.label, name.text, name.title) for name in names]


@pytest.mark.parametrize(("text", "expected"), SPANS)
def test_spans_become_names(text: str, expected: list[tuple[str, str, str]]) -> None:
    plain, spans = marked(text)
    names = repair("text", plain, spans)
    assert short(names) == expected
    assert all(plain[name.start : name.end] == name.text for name in names)


def test_a_dateline_is_a_place() -> None:
    plain, spans = marked("[ORG HARTFORD], Conn. (AP) — The mayor resigned.")
    assert short(repair("text", plain, spans)) == [("GPE", "HARTFORD", "")]
    assert short(repair("title", plain, spans)) == [("ORG", "HARTFORD", "")]


def test_a_sentence_is_no_name() -> None:
    plain = " ".join(["Word"] * (MAX_WORDS + 1))
    assert repair("text", plain, [Span(0, len(plain), "ORG")]) == []
    assert repair("text", plain, [Span(0, len(plain) - len(" Word"), "ORG")]) != []


@given(st.text(alphabet="Aa Bb.,'’-\n\"“(M r.\u00e9中1/", max_size=60), st.data())
def test_names_lie_in_their_spans_in_order(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    spans = [
        Span(start, end, data.draw(LABELS)) for start, end in zip(cuts[::2], cuts[1::2], strict=False) if start < end
    ]
    names = repair("text", text, spans)
    reached = 0
    for name in names:
        assert reached <= name.start < name.end <= len(text)
        assert text[name.start : name.end] == name.text
        assert name.tokens
        reached = name.end


def surely(kind: EntityType, share: float = 0.95) -> tuple[float, ...]:
    """The shares of a model that is as sure as that of ``kind``, and of the rest alike."""
    kinds = get_args(EntityType)
    return tuple(share if one == kind else (1 - share) / (len(kinds) - 1) for one in kinds)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("They saw [PERSON de] [PERSON Blasio].", ["de Blasio"]),
        ("They saw [PERSON Charles “Cully”] [PERSON Stimson].", ["Charles “Cully” Stimson"]),
        ("They saw [PERSON Ann Lee], [PERSON Bob Ray].", ["Ann Lee", "Bob Ray"]),
        ("They saw [PERSON Ann Lee] [ORG Reuters].", ["Ann Lee", "Reuters"]),
    ],
)
def test_persons_that_only_a_space_parts_are_one(text: str, expected: list[str]) -> None:
    plain, spans = marked(text)
    assert [name.text for name in repair("text", plain, spans)] == expected


@pytest.mark.parametrize(
    ("surface", "shares", "found"),
    [
        ("obama", surely("PERSON"), True),
        ("paul walker", surely("PERSON"), True),
        ("obama", surely("PERSON", 0.6), False),
        ("obama", (), False),
        ("him", surely("PERSON"), False),
        ("paul and ann lee", surely("PERSON"), False),
    ],
)
def test_a_name_in_lower_case_counts_where_the_model_is_sure(
    surface: str, shares: tuple[float, ...], found: bool
) -> None:
    names = repair("text", f"i saw {surface} today", [Span(6, 6 + len(surface), "PERSON", shares)])
    assert [name.text for name in names] == ([surface] if found else [])


def test_a_name_keeps_the_shares_of_its_span_unless_a_rule_gives_the_type() -> None:
    plain = "Mr. Lee met Reuters."
    spans = [Span(0, 7, "ORG", surely("ORG")), Span(12, 19, "ORG", surely("ORG"))]
    assert [(name.label, name.shares) for name in repair("text", plain, spans)] == [
        ("PERSON", ()),
        ("ORG", surely("ORG")),
    ]


def test_mentions_weigh_as_much_as_the_model_was_sure() -> None:
    plain = "Oti won. Oti lost. Oti sang."
    places = [(0, 3), (9, 12), (19, 22)]
    sure, unsure = surely("GPE", 0.99), surely("PERSON", 0.4)
    names = repair(
        "text", plain, [Span(*places[0], "GPE", sure), *(Span(*one, "PERSON", unsure) for one in places[1:])]
    )
    assert weigh(names) == "GPE"
    assert weigh([replace(name, shares=()) for name in names]) == "PERSON", "each mention is one vote without shares"
    places_together = dict.fromkeys(get_args(EntityType), 0.0) | {"PERSON": 0.4, "GPE": 0.35, "LOC": 0.25}
    assert weigh([replace(names[0], shares=tuple(places_together.values()))]) == "GPE"
