"""An entry of the watch list: what it takes and what it refuses."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas import Watched
from schemas.watched import MAX_ALIASES, MAX_FORM
from services.runtime.topology import WATCHED

GOOD: dict[str, Any] = {"id": "ACME-17", "name": "Acme Rocket Works", "type": "ORG", "aliases": ["Acme"]}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": ""}, "id"),
        ({"id": " ACME"}, "id"),
        ({"id": "A" * 257}, "id"),
        ({"id": None}, "id"),
        ({"id": 17}, "id"),
        ({"name": ""}, "name"),
        ({"name": "  "}, "name"),
        ({"name": "---"}, "name"),
        ({"name": "Acme\nCorp"}, "name"),
        ({"name": "A\x00B"}, "name"),
        ({"name": "A" * (MAX_FORM + 1)}, "name"),
        ({"type": "COMPANY"}, "type"),
        ({"type": "org"}, "type"),
        ({"type": "DATE"}, "type"),
        ({"aliases": "Acme"}, "aliases"),
        ({"aliases": ["Acme", ""]}, "aliases"),
        ({"aliases": ["Acme", 7]}, "aliases"),
        ({"aliases": [f"Acme {number}" for number in range(MAX_ALIASES + 1)]}, "aliases"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_no_entry_is_refused_at_its_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Watched.model_validate_json(json.dumps(GOOD | changes))
    assert caught.value.errors()[0]["loc"][0] == field


@pytest.mark.parametrize("missing", ["id", "name", "type"])
def test_a_field_that_is_needed(missing: str) -> None:
    with pytest.raises(ValidationError, match=missing):
        Watched.model_validate({name: value for name, value in GOOD.items() if name != missing})


def test_forms_are_the_name_and_the_aliases_each_once() -> None:
    watched = Watched(id="a", name=" Acme ", type="ORG", aliases=("ACME", "Acme", "Acme Corp."))
    assert watched.forms == ("Acme", "ACME", "Acme Corp.")
    assert Watched.model_validate_json(watched.model_dump_json()) == watched


def test_the_largest_entry_fits_its_topic() -> None:
    letter = "\U00020000"
    aliases = tuple(chr(0x20001 + number) + letter * (MAX_FORM - 1) for number in range(MAX_ALIASES))
    largest = Watched(id=letter * 256, name=letter * MAX_FORM, type="WORK_OF_ART", aliases=aliases)
    assert len(json.dumps(largest.model_dump()).encode()) < WATCHED.max_bytes


@given(st.binary(max_size=60) | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_garbage_is_refused_and_nothing_else_happens(value: bytes | str) -> None:
    with pytest.raises(ValidationError):
        Watched.model_validate_json(value)
