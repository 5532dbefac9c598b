"""Entries of the lists: what is none is refused, with its field."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas import WatchedEntity, WatchedIssue
from schemas.listed import MAX_FORM, MAX_OTHERS, Listed
from services.runtime import topology

ENTITY: dict[str, Any] = {"id": "ACME-17", "name": "Acme Rocket Works", "type": "ORG", "aliases": ["Acme"]}
ISSUE: dict[str, Any] = {"id": "tax", "name": "a carbon tax", "phrases": ["a price on carbon"]}
BOTH = pytest.mark.parametrize(
    ("model", "good", "others"), [(WatchedEntity, ENTITY, "aliases"), (WatchedIssue, ISSUE, "phrases")]
)


def refused(model: type[Listed], value: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate_json(json.dumps(value))
    assert caught.value.errors()[0]["loc"][0] == field


@BOTH
@pytest.mark.parametrize(
    ("field", "bad"),
    [
        *(("id", bad) for bad in ("", " ACME", "A" * 257, None, 17)),
        *(("name", bad) for bad in ("", "  ", "---", "Acme\nCorp", "A\x00B", "A" * (MAX_FORM + 1), ["a"])),
        *(
            ("others", bad)
            for bad in ("Acme", None, ["Acme", ""], ["Acme", 7], [f"A {n}" for n in range(MAX_OTHERS + 1)])
        ),
        ("colour", "red"),
    ],
)
def test_what_is_no_entry_is_refused_at_its_field(
    model: type[Listed], good: dict[str, Any], others: str, field: str, bad: object
) -> None:
    field = others if field == "others" else field
    refused(model, good | {field: bad}, field)


@pytest.mark.parametrize("type", ["COMPANY", "org", "DATE"])
def test_a_type_that_there_is_not(type: str) -> None:
    refused(WatchedEntity, ENTITY | {"type": type}, "type")


@BOTH
def test_a_field_that_is_needed(model: type[Listed], good: dict[str, Any], others: str) -> None:
    for missing in good.keys() - {others}:
        refused(model, {name: value for name, value in good.items() if name != missing}, missing)
    assert model.model_validate({name: value for name, value in good.items() if name != others}).others == ()


@BOTH
def test_forms_are_the_name_and_the_others_each_once(model: type[Listed], good: dict[str, Any], others: str) -> None:
    entry = model.model_validate(good | {"name": " Acme ", others: ("ACME", "Acme", "Acme Corp.")})
    assert entry.forms == ("Acme", "ACME", "Acme Corp.")
    assert model.model_validate_json(entry.model_dump_json()) == entry


@BOTH
def test_the_largest_entry_fits_its_topic(model: type[Listed], good: dict[str, Any], others: str) -> None:
    letter = "\U00020000"
    forms = tuple(chr(0x20001 + number) + letter * (MAX_FORM - 1) for number in range(MAX_OTHERS))
    largest = model.model_validate(good | {"id": letter * 256, "name": letter * MAX_FORM, others: forms})
    topic = topology.WATCHED_ENTITIES if model is WatchedEntity else topology.WATCHED_ISSUES
    assert len(json.dumps(largest.model_dump()).encode()) < topic.max_bytes


@given(st.binary(max_size=60) | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_garbage_is_refused_and_nothing_else_happens(value: bytes | str) -> None:
    for model in (WatchedEntity, WatchedIssue):
        with pytest.raises(ValidationError):
            model.model_validate_json(value)
