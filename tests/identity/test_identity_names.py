"""Which names are one name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.base import MAX_KEY
from schemas.event import EntityType
from services.identity.names import KINDS, name_key, normalise, read_person


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Donald J. Trump", "Donald Trump"),
        ("Hillary Rodham Clinton", "Hillary Clinton"),
        ("Joe Biden", "Joseph R. Biden"),
        ("Steven Mnuchin", "Steve Mnuchin"),
        ("Kim Jong-un", "Kim Jong Un"),
        ("José Díaz", "Jose Diaz"),
        ("Dr. Anthony Fauci", "Anthony Fauci"),
        ("J. Edgar Hoover", "Edgar Hoover"),
        ("Bill de Blasio", "Bill De Blasio"),
        ("Martin Luther King Jr.", "Martin Luther King, Jr"),
    ],
)
def test_two_names_of_one_person_have_one_key(one: str, other: str) -> None:
    assert name_key(one, "PERSON") == name_key(other, "PERSON") is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Donald Trump Jr.", "Donald Trump"),
        ("Melania Trump", "Donald Trump"),
        ("George H.W. Bush", "George W. Bush"),
        ("George Romney", "Mitt Romney"),
        ("Kim Jong Un", "Kim Yo Jong"),
    ],
)
def test_two_people_of_one_family_have_two_keys(one: str, other: str) -> None:
    assert name_key(one, "PERSON") != name_key(other, "PERSON")


@pytest.mark.parametrize("name", ["Trump", "Mr. Trump", "de Blasio", "Le Pen", "J. Smith", "Madonna", "…", "Jr."])
def test_a_bare_name_has_no_key(name: str) -> None:
    assert name_key(name, "PERSON") is None


@pytest.mark.parametrize(
    ("one", "type_one", "other", "type_other"),
    [
        ("FBI", "ORG", "Federal Bureau of Investigation", "ORG"),
        ("the F.B.I.", "ORG", "FBI", "ORG"),
        ("Justice Department", "ORG", "U.S. Department of Justice", "ORG"),
        ("Acme Inc.", "ORG", "Acme", "ORG"),
        ("GOP", "ORG", "Republicans", "NORP"),
        ("Americans", "NORP", "American", "NORP"),
        ("U.S.", "GPE", "United States", "GPE"),
        ("Calif.", "GPE", "California", "GPE"),
        ("White House", "FAC", "White House", "ORG"),
        ("Gaza", "LOC", "Gaza", "GPE"),
    ],
)
def test_two_names_of_one_body_or_place_have_one_key(
    one: str, type_one: EntityType, other: str, type_other: EntityType
) -> None:
    assert name_key(one, type_one) == name_key(other, type_other) is not None


@pytest.mark.parametrize("name", ["Committee", "the Board", "Cabinet", "Inc."])
def test_a_word_that_every_document_has_its_own_body_for_is_no_key(name: str) -> None:
    assert name_key(name, "ORG") in (None, "body:inc")


def test_kinds_keep_a_person_and_a_place_of_one_name_apart() -> None:
    assert name_key("Paris Hilton", "PERSON") != name_key("Paris Hilton", "FAC")


def test_a_particle_belongs_to_the_surname() -> None:
    assert read_person("Ursula von der Leyen").last == "von der leyen"


@given(st.text(max_size=300), st.sampled_from(sorted(KINDS)))
def test_any_name_has_a_bounded_key_or_none(name: str, label: EntityType) -> None:
    key = name_key(name, label)
    assert key is None or (key.startswith((f"{KINDS[label]}:", "body:")) and len(key) <= MAX_KEY)
    assert normalise(normalise(name)) == normalise(normalise(normalise(name)))
