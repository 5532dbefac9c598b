"""Which names are one entity's, of what type, and what the model missed: rules alone, on marked texts."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.event import EntityType
from services.entities.boundaries import Span
from services.entities.clusters import Field, find_clusters
from services.entities.words import find_capitals, find_small
from tests.entities.checks import cluster, summary


def test_full_name_surname_and_titles_are_one() -> None:
    [found] = cluster(
        "Mayor [PERSON Ann B. Lee] met us. Ms. [PERSON Lee] sang. [PERSON Ann Lee] left; [PERSON Lee]’s dog stayed."
    )
    assert found.name == "Ann B. Lee"
    assert found.aliases == ("Mayor Ann B. Lee", "Ms. Lee", "Ann Lee", "Lee")
    assert len(found.names) == 4


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann Lee", "Bob Lee"),
        ("George W. Bush", "George H.W. Bush"),
        ("Martin Diaz Jr.", "Martin Diaz Sr."),
        ("Ann Lee", "Ann Ray"),
    ],
)
def test_namesakes_are_two(one: str, other: str) -> None:
    assert [found.name for found in cluster(f"[PERSON {one}] met [PERSON {other}].")] == [one, other]


@pytest.mark.parametrize(
    ("full", "part"),
    [
        ("Robert Ray", "Bob Ray"),
        ("Robert Ray", "R. Ray"),
        ("Robert Ray Jr.", "Robert Ray"),
        ("Pedro Luis Ortega Ruiz", "Ortega Ruiz"),
        ("Pedro Luis Ortega Ruiz", "Pedro Luis"),
        ("Ludwig van der Meer", "van der Meer"),
        ("Xi Jinping", "Xi"),
        ("Charles “Cully” Stimson", "Charles Stimson"),
        ("Ann Tache-Green", "Tache-Green"),
    ],
)
def test_parts_of_a_name_are_its_bearers(full: str, part: str) -> None:
    [found] = cluster(f"[PERSON {part}] came. [PERSON {full}] is ill.")
    assert {found.name, *found.aliases} == {full, part}


def test_an_honorific_tells_namesakes_apart() -> None:
    found = summary(
        cluster(
            "[PERSON Mary Lee] and [PERSON John Lee] came. [PERSON Mr. Lee] sang, [PERSON Ms. Lee] danced, [PERSON Lee] left."
        )
    )
    assert found == {"Mary Lee": ("PERSON", ["Mary Lee", "Lee", "Lee"]), "John Lee": ("PERSON", ["John Lee", "Lee"])}


def test_an_honorific_that_fits_nobody_is_somebody_else() -> None:
    found = cluster("[PERSON Mary Lee] came. [PERSON Mr. Lee] stayed away.")
    assert [(one.name, one.aliases) for one in found] == [("Mary Lee", ()), ("Lee", ("Mr. Lee",))]


@pytest.mark.parametrize(
    ("before", "owner"),
    [
        (
            "[PERSON Ray Holt] won. [PERSON Holt] smiled. [PERSON Holt] left with his wife, [PERSON Jane Holt]",
            "Ray Holt",
        ),
        (
            "[PERSON Ray Holt] won. [PERSON Holt] smiled. [PERSON Mr. Holt] left. His wife is [PERSON Jane Holt]",
            "Jane Holt",
        ),
        ("[PERSON Ray Holt] won. [PERSON Mr. Holt] smiled. [PERSON Jane Holt] did not", "Jane Holt"),
    ],
)
def test_who_was_called_by_the_bare_surname_twice_keeps_it(before: str, owner: str) -> None:
    found = {one.name: len(one.names) for one in cluster(f"{before}. The guards stopped [PERSON Holt].")}
    others = {one.name: len(one.names) for one in cluster(f"{before}. The guards stopped nobody.")}
    assert found == others | {owner: others[owner] + 1}


def test_relatives_keep_what_an_honorific_or_an_age_gives_them() -> None:
    found = summary(
        cluster(
            "[PERSON Ray Holt] won. [PERSON Holt] smiled. [PERSON Holt] met [PERSON Jane Holt]. [PERSON Ms. Holt] sang. "
            "[PERSON Jane Holt] spoke, and [PERSON Holt] clapped."
        )
    )
    assert {name: len(names) for name, (_, names) in found.items()} == {"Ray Holt": 4, "Jane Holt": 3}


def test_a_surname_before_the_first_full_name_is_the_next() -> None:
    found = summary(cluster("[PERSON Ann Ray] met [PERSON Ann Lee]. [PERSON Bob Lee] came.", title="[PERSON Lee] Wins"))
    assert found["Ann Lee"][1] == ["Lee", "Ann Lee"]


@pytest.mark.parametrize(
    ("long", "short"),
    [
        ("Department of Labor", "Labor Department"),
        ("Department of the Interior", "Interior Department"),
        ("Environmental Protection Agency", "EPA"),
        ("Department of Justice", "DOJ"),
        ("Justice Department", "DOJ"),
        ("Immigration and Customs Enforcement", "ICE"),
        ("Centers for Disease Control and Prevention", "CDC"),
        ("U.S. Supreme Court", "Supreme Court"),
        ("Senate Judiciary Committee", "Judiciary Committee"),
        ("Los Angeles Times", "Times"),
        ("Acme Robotics Inc.", "Acme Robotics"),
        ("Brookings Institution", "Brookings"),
        ("Treasury Department", "Treasury"),
        ("Republican Party", "GOP"),
    ],
)
def test_a_body_has_short_and_long_names(long: str, short: str) -> None:
    [found] = cluster(f"The [ORG {long}] met. The [ORG {short}] paid.")
    assert found.name == long
    assert found.label == "ORG"
    assert len(found.names) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("House Judiciary Committee", "House"),
        ("Iowa Supreme Court", "Supreme Court"),
        ("Lee administration", "Ray administration"),
        ("National Security Agency", "National"),
        ("State University", "State"),
    ],
)
def test_bodies_with_a_word_in_common_are_two(one: str, other: str) -> None:
    names = [found.name for found in cluster(f"The [ORG {one}] met the [ORG {other}] and us.")]
    assert names == [one, other]


def test_an_acronym_of_two_bodies_is_neither() -> None:
    found = cluster("The [ORG National Press Club], the [ORG North Port Council] and the [ORG NPC] met.")
    assert len(found) == 3


def test_an_acronym_is_explained_in_brackets_and_then_found() -> None:
    [found] = cluster("The [ORG Democratic Progressive Front] (FPD) won. A speaker for the FPD cried.")
    assert found.aliases == ("FPD",)
    assert len(found.names) == 3


def test_an_unexplained_acronym_is_found_by_initials() -> None:
    [found] = cluster("The [ORG Harbour Police Board] met. The HPB and the H.P.B. agreed.")
    assert found.aliases == ("HPB", "H.P.B.")


def test_demonyms_stay_apart_from_their_country() -> None:
    found = summary(cluster("[GPE Ukraine] and the [GPE Ukrainian] fleet: [NORP Ukrainians] sail."))
    assert found == {"Ukraine": ("GPE", ["Ukraine"]), "Ukrainian": ("NORP", ["Ukrainian", "Ukrainians"])}


def test_mentions_vote_for_the_type() -> None:
    [found] = cluster("[ORG Okoro] paid. [PERSON Okoro] slept. [PERSON Okoro] left.")
    assert found.label == "PERSON"


@pytest.mark.parametrize(
    ("text", "name", "label"),
    [
        ("[PERSON Ann Okoro] came. [ORG Okoro] paid.", "Ann Okoro", "PERSON"),
        ("[ORG Ann Okoro] came. [PERSON Ms. Okoro] paid.", "Ann Okoro", "PERSON"),
        ("[PERSON Ahmad Stadium] is full.", "Ahmad Stadium", "FAC"),
        ("[GPE University of Utopia] is old.", "University of Utopia", "ORG"),
        ("The [PERSON N.Y.P.D.] came.", "N.Y.P.D.", "ORG"),
        ("[PERSON John F. Kemp], called [ORG JFK], sang.", "John F. Kemp", "PERSON"),
        ("[ORG EU] and [PERSON EU]", "EU", "ORG"),
        ("[PERSON Acme] and [ORG Acme Inc.]", "Acme", "ORG"),
        ("Mr. [PERSON Okoro] saw [WORK_OF_ART The Okoro].", "Okoro", "PERSON"),
        ("the [ORG Okoro] campaign of [PERSON Ann Okoro]", "Okoro campaign", "ORG"),
        ("[GPE New York] and [PERSON York] paid.", "New York", "GPE"),
    ],
)
def test_the_document_overrules_the_model(text: str, name: str, label: str) -> None:
    assert summary(cluster(text))[name][0] == label


def test_a_place_called_like_a_person_stays_a_place() -> None:
    found = summary(cluster("[PERSON Denzel Washington] went to [GPE Washington]. Mr. [PERSON Washington] slept."))
    assert found["Washington"] == ("GPE", ["Washington"])
    assert found["Denzel Washington"][1] == ["Denzel Washington", "Washington"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "[ORG Labor Department’s Office of Tides] and the [ORG Labor Department]",
            ["Labor Department", "Office of Tides"],
        ),
        (
            "[ORG Labor Department’s Office of Tides]; [ORG Department of Labor]",
            ["Department of Labor", "Office of Tides"],
        ),
        ("[PERSON Lee-Ray] talks: [PERSON Ann Lee], [PERSON Bob Ray]", ["Ann Lee", "Bob Ray"]),
        ("[ORG Lee-Ray] talks: [PERSON Ann Lee], [PERSON Bob Ray], [PERSON Lee], [PERSON Ray]", ["Ann Lee", "Bob Ray"]),
        ("[ORG Fannie Bee and Freddie Bo], [ORG Fannie Bee], [ORG Freddie Bo]", ["Fannie Bee", "Freddie Bo"]),
        (
            "[PERSON Ann Lee Labor Department] and [PERSON Ann Lee], [ORG Labor Department]",
            ["Ann Lee", "Labor Department"],
        ),
        ("[PERSON Comedian Nick Ray] and [PERSON Nick Ray]", ["Nick Ray"]),
        ("[PERSON Ann Lee Speaks] and [PERSON Ann Lee]", ["Ann Lee"]),
        ("[ORG Hawke’s Bay] and [ORG Dover]", ["Hawke’s Bay", "Dover"]),
        ("[ORG Food and Drug Board] and [ORG Dover]", ["Food and Drug Board", "Dover"]),
        ("[PERSON Ann Lee Ray] and [PERSON Bob Ray] and [PERSON Ann Lee]", ["Ann Lee Ray", "Bob Ray"]),
    ],
)
def test_glued_names_are_cut_where_the_document_knows_a_part(text: str, names: list[str]) -> None:
    assert [found.name for found in cluster(text)] == names


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("[PERSON Ann Okoro] came. They saw Okoro and Ann Okoro.", ["Ann Okoro", "Okoro", "Ann Okoro"]),
        ("[PERSON Ann Okoro] came to the Okoro Foundation.", ["Ann Okoro"]),
        ("[PERSON Ann Will] came. They will sing. Will they?", ["Ann Will"]),
        ("[PERSON Ann Stone] came. The stone fell. Stone is hard, but Ms. Stone is not.", ["Ann Stone", "Stone"]),
        ("[PERSON Ann Okoro] came. Read https://example.org/Okoro or ask @Okoro.", ["Ann Okoro"]),
        ("[PERSON Ann Okoro] came. An Okoro-led team won the pro-Okoro cup.", ["Ann Okoro", "Okoro", "Okoro"]),
        (
            "[ORG Open Harbour Fund] and [ORG Harbour Fund] of the Open [ORG Harbour Fund]",
            ["Open Harbour Fund", "Harbour Fund", "Open Harbour Fund"],
        ),
    ],
)
def test_names_spread_over_the_document(text: str, mentions: list[str]) -> None:
    assert summary(cluster(text))[mentions[0]][1] == mentions


def test_an_honorific_finds_a_person_that_the_model_missed() -> None:
    found = summary(cluster("Mr Okoro sang. Dr. von Ahn listened. Mr. The and Mrs. Who do not exist."))
    assert found == {"Okoro": ("PERSON", ["Okoro"]), "von Ahn": ("PERSON", ["von Ahn"])}


def test_a_capital_that_a_sentence_gave_is_no_name() -> None:
    assert cluster("[PERSON Meddling] is bad. All meddling is. [ORG Meddling] hurts.") == []
    assert [
        found.name for found in cluster("[PERSON Meddling] is bad. I like [PERSON Meddling] more than meddling.")
    ] == ["Meddling"]


def test_the_capitals_of_a_dateline_are_not_the_name() -> None:
    [found] = cluster("[GPE WASHINGTON] — He lives in [GPE Washington].")
    assert (found.name, found.aliases) == ("Washington", ("WASHINGTON",))
    [alone] = cluster("[GPE LISBON] — He slept.")
    assert (alone.name, alone.aliases) == ("Lisbon", ("LISBON",))
    [acronym] = cluster("[GPE NATO] slept.")
    assert acronym.name == "NATO"


def test_the_title_comes_first() -> None:
    found = cluster(
        "[GPE Lisbon] slept. [PERSON Ann Lee] sang in [GPE Lisbon].", title="[PERSON Ann Lee] in [GPE Lisbon]"
    )
    assert [(name.field, name.text) for one in found for name in one.names] == [
        ("title", "Ann Lee"),
        ("text", "Ann Lee"),
        ("title", "Lisbon"),
        ("text", "Lisbon"),
        ("text", "Lisbon"),
    ]


SCRAPS = (
    "Ann Lee Bob Ray Mr. Dr. of the and US U.S. Department Justice DOJ (DOJ) ’s - “ ” , . administration de Lee-Ray 9 é"
)
WORDS = st.sampled_from([*SCRAPS.split(), "\n"])
LABELS: st.SearchStrategy[EntityType] = st.sampled_from(["PERSON", "ORG", "GPE", "NORP", "FAC", "LAW"])


@given(st.lists(WORDS, max_size=40), st.data())
def test_any_spans_give_whole_disjoint_entities(words: list[str], data: st.DataObject) -> None:
    text = " ".join(words)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=12)))
    spans = [
        Span(start, end, data.draw(LABELS)) for start, end in zip(cuts[::2], cuts[1::2], strict=False) if start < end
    ]
    found = find_clusters([Field("text", text, find_capitals(text), find_small(text), spans)])
    places = sorted((name.start, name.end) for one in found for name in one.names)
    assert all(end <= start for (_, end), (start, _) in pairwise(places))
    for one in found:
        assert one.name
        assert one.name not in one.aliases
        assert all(text[name.start : name.end] == name.text for name in one.names)
    firsts = [one.names[0].start for one in found]
    assert firsts == sorted(firsts)


@pytest.mark.parametrize(
    "text",
    [
        "The [ORG Chicago Bulls] won. The [ORG Bulls] sang.",
        "The [ORG Vermont Dairy Council] met. The [ORG Dairy Council] drank.",
        "The [ORG International Committee of the Red Cross] came. [ORG Red Cross] nurses stayed.",
        "The [ORG Boy Scouts of America] met. The [ORG Boy Scouts] sang.",
        "[ORG Goldman Sachs] paid, [ORG Goldman] said. [ORG Goldman Sachs Group Inc.] did not.",
        "The [ORG Church of Scientology] left. [ORG Scientology] will sue.",
        "The [ORG Pew Research Center] asked. [ORG Pew] counted.",
        "The [ORG Chicago Police Department] swam. The [ORG Police Department] sank.",
        "The [ORG U.S. Department of Agriculture] counted. The [ORG USDA] erred.",
        "[PRODUCT Google Chrome] is new. [PRODUCT Chrome] is fast.",
        "[ORG Brannock Power and Light] sold. [PERSON Brannock] said it would pay.",
        "The [ORG U.S. Army Corps of Engineers] dug. The [ORG Corps] paid.",
        "The [GPE State of Texas] sued. [GPE Texas] won.",
        "[NORP Jews] sang. A [NORP Jewish] choir hummed.",
        "[PERSON Bashar al-Assad] spoke. Mr. [PERSON Assad] left.",
        "[PERSON Charles “Buddy” Rourke] coached. [PERSON Buddy] shouted.",
        "[PERSON Kristen Wilkins] came. [PERSON Kristin Wilkins] left.",
        "[PERSON Volodymyr Zelenskyy] spoke. [PERSON Zelensky] left.",
    ],
)
def test_short_forms_are_one_with_the_long_one(text: str) -> None:
    assert len(cluster(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "The [ORG Obama White House] wrote. [PERSON Obama] left. [PERSON Ann Lee] came.",
        "[ORG Castellan Coatings] sold. [PERSON Castellan] and [PERSON Judith Castellan] paid [PERSON Ann Lee].",
        "The [ORG Obama White House] wrote. [PERSON Barack Obama] left the [ORG White House].",
        "The [ORG Michigan Democratic Party] met. The [ORG Democratic Party] met. [PERSON Ann Lee] came.",
        "The [ORG Utah Supreme Court] sat. The [ORG Supreme Court] rose. [PERSON Ann Lee] came.",
        "The [ORG Bank of England] met. [ORG England] played. [PERSON Ann Lee] came.",
        "[ORG Google] paid. The [ORG Google Science Fair] opened. [PERSON Ann Lee] came.",
        "The [ORG Chicago Fire Department] ran. The [ORG Boston Fire Department] sat. The [ORG Fire Department] slept.",
        "[GPE South Carolina] met [GPE North Carolina]. The [LOC South] sang.",
        "[PERSON Maria Ortega] sang. [PERSON Mario Ortega] hummed. [PERSON Marina Ortega] left.",
        "[PERSON Henry Ford] founded [ORG Ford Motor Company]. [ORG Ford] grew. [PERSON Ann Lee] came.",
        "[PERSON Jo Johnson] came. [PERSON Al Johnsun] left. [PERSON Johnsen] stayed.",
    ],
)
def test_what_only_looks_like_a_short_form_is_another(text: str) -> None:
    assert len(cluster(text)) == 3


def test_a_title_tells_the_gender_from_then_on() -> None:
    found = summary(
        cluster(
            "[PERSON Kim Jong Un] sent [PERSON Kim Yo Jong]. Ms. [PERSON Kim] spoke. Mr. [PERSON Kim] wrote. "
            "Ms. [PERSON Kim] left."
        )
    )
    assert found == {
        "Kim Jong Un": ("PERSON", ["Kim Jong Un", "Kim"]),
        "Kim Yo Jong": ("PERSON", ["Kim Yo Jong", "Kim", "Kim"]),
    }


def test_halves_of_a_land_are_called_by_the_point_of_the_compass() -> None:
    found = summary(
        cluster("[GPE North Korea] fired. [GPE South Korea] watched. The [GPE South] slept, the [GPE North] sang.")
    )
    assert {name: mentions for name, (_, mentions) in found.items()} == {
        "North Korea": ["North Korea", "North"],
        "South Korea": ["South Korea", "South"],
    }
