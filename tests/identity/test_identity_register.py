"""Whom a bare surname means, by what the stream has told."""

import json
from collections.abc import Sequence

import pytest

from schemas.event import Entity
from services.identity.names import name_key
from services.identity.register import Register
from tests.identity.conftest import make_entity


def person(name: str, *aliases: str) -> Entity:
    return make_entity(name, "PERSON", aliases, name_key(name, "PERSON"))


def body(name: str) -> Entity:
    return make_entity(name, "ORG", (), name_key(name, "ORG"))


def told(register: Register, times: int, *entities: Entity) -> None:
    for _ in range(times):
        register.resolve(entities)


def test_a_bare_surname_is_the_one_whom_the_stream_names() -> None:
    register = Register()
    assert register.resolve([person("Trump")]) == [None]
    told(register, 20, person("Donald Trump", "President Trump"))
    told(register, 1, person("Melania Trump"))
    told(register, 1, person("Donald Trump Jr."))
    assert register.resolve([person("Trump"), body("Acme")]) == ["person:donald trump", "body:acme"]
    assert register.resolve([person("Melania Trump"), person("Donald Trump Jr.")]) == [
        "person:melania trump",
        "person:donald trump jr",
    ]


def test_a_name_that_several_have_equally_often_has_no_key() -> None:
    register = Register()
    told(register, 5, person("Ann Smith"))
    told(register, 5, person("Tom Smith"))
    assert register.resolve([person("Smith")]) == [None]


def test_a_title_tells_which_of_two_is_meant() -> None:
    register = Register()
    told(register, 10, person("Bill Clinton", "President Clinton"))
    told(register, 10, person("Hillary Clinton", "Secretary Clinton"))
    assert register.resolve([person("Clinton", "President Clinton")]) == ["person:william clinton"]
    assert register.resolve([person("Clinton", "Secretary Clinton")]) == ["person:hillary clinton"]
    assert register.resolve([person("Clinton", "Mrs. Clinton")]) == ["person:hillary clinton"]


def test_company_tells_which_of_two_is_meant() -> None:
    register = Register()
    told(register, 10, person("Robin Paul"), body("Senate"), body("Tea Party"))
    told(register, 10, person("Robin Hill"), person("Chris Paul"), body("Rockets"), body("NBA"))
    assert register.resolve([person("Paul"), body("Rockets"), body("NBA")])[0] == "person:christopher paul"
    assert register.resolve([person("Paul"), body("Senate"), body("Tea Party")])[0] == "person:robin paul"


def test_who_was_named_once_is_not_taken_for_a_bare_name() -> None:
    register = Register()
    told(register, 1, person("Fred Rogers"))
    assert register.resolve([person("Rogers")]) == [None]


def test_whom_the_document_names_in_full_is_not_meant_by_another_bare_name() -> None:
    register = Register()
    told(register, 20, person("Donald Trump"))
    assert register.resolve([person("Donald Trump"), person("Trump")]) == ["person:donald trump", None]


def test_a_first_name_is_that_of_one_of_the_family() -> None:
    register = Register()
    told(register, 4, person("Hunter Biden"))
    told(register, 2, person("Ann Hunter"))
    assert register.resolve([person("Hunter")]) == [None]
    assert register.resolve([person("Joe Biden"), person("Hunter")])[1] == "person:hunter biden"


def test_what_is_long_ago_counts_less() -> None:
    register = Register()
    told(register, 12, person("George Bush"))
    told(register, 4_000, body("Acme"))
    told(register, 4_000, body("Acme"))
    told(register, 9, person("Jeb Bush"))
    assert register.resolve([person("Bush")]) == ["person:jeb bush"]


def stream() -> list[list[Entity]]:
    surnames = ["Hale", "Lund", "Dahl", "Roe"]
    firsts = ["Ann", "Tom", "Kari", "Erik", "Jane"]
    return [
        [person(f"{firsts[n % 5]} {surnames[n % 4]}"), person(surnames[(n * 7) % 4]), body(f"Body {n % 9}")]
        for n in range(300)
    ]


@pytest.mark.parametrize("restarts", [(), (1,), (50, 51, 200)])
def test_a_restart_from_the_rows_changes_nothing(restarts: Sequence[int]) -> None:
    rows: dict[str, str] = {}
    register, found = Register(words=6), []
    for number, entities in enumerate(stream()):
        if number in restarts:
            register = Register(rows, words=6)
        found.append(register.resolve(entities))
        for word, row in register.changes().items():
            if row is None:
                del rows[word]
            else:
                assert json.loads(row)
                rows[word] = row
    plain = Register(words=6)
    assert found == [plain.resolve(entities) for entities in stream()]
    assert len(rows) == len(register) <= 6


def test_rows_are_bounded() -> None:
    register = Register(words=50)
    for number in range(400):
        register.resolve(
            [person(f"Ann{number} Hale"), person(f"Tom Name{number}"), *(body(f"B{number} {n}") for n in range(9))]
        )
    assert len(register) <= 50
    assert all(row is None or len(row) < 100_000 for row in register.changes().values())
