"""Whom a bare surname means, by what the stream has told."""

from collections.abc import Sequence

import pytest

from schemas.event import Entity
from services.identity.names import name_key
from services.identity.notes import note, read_note
from services.identity.register import SPAN, Register
from tests.identity.conftest import make_entity


def person(name: str, *aliases: str) -> Entity:
    return make_entity(name, "PERSON", aliases, name_key(name, "PERSON"))


bare = person


def body(name: str) -> Entity:
    return make_entity(name, "ORG", (), name_key(name, "ORG"))


class Stream:
    """A register, and how many documents it was told of."""

    def __init__(self, span: int = SPAN) -> None:
        self.register = Register(span)
        self._number = 0

    def resolve(self, entities: Sequence[Entity]) -> list[str | None]:
        """The keys of the next document's entities."""
        self._number += 1
        numbered = [one.model_copy(update={"id": f"e{at}"}) for at, one in enumerate(entities)]
        noted = note(numbered)
        meant = self.register.meant(self._number, numbered, noted)
        self.register.add(self._number, noted)
        return [one.key or meant.get(one.id) for one in numbered]


def told(register: Stream, times: int, *entities: Entity) -> None:
    for _ in range(times):
        register.resolve(entities)


def test_a_bare_surname_is_the_one_whom_the_stream_names() -> None:
    register = Stream()
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
    register = Stream()
    told(register, 5, person("Ann Smith"))
    told(register, 5, person("Tom Smith"))
    assert register.resolve([person("Smith")]) == [None]


def test_a_title_tells_which_of_two_is_meant() -> None:
    register = Stream()
    told(register, 10, person("Bill Clinton", "President Clinton"))
    told(register, 10, person("Hillary Clinton", "Secretary Clinton"))
    assert register.resolve([person("Clinton", "President Clinton")]) == ["person:william clinton"]
    assert register.resolve([person("Clinton", "Secretary Clinton")]) == ["person:hillary clinton"]
    assert register.resolve([person("Clinton", "Mrs. Clinton")]) == ["person:hillary clinton"]


def test_company_tells_which_of_two_is_meant() -> None:
    register = Stream()
    told(register, 10, person("Robin Paul"), body("Senate"), body("Tea Party"))
    told(register, 10, person("Robin Hill"), person("Chris Paul"), body("Rockets"), body("NBA"))
    assert register.resolve([person("Paul"), body("Rockets"), body("NBA")])[0] == "person:christopher paul"
    assert register.resolve([person("Paul"), body("Senate"), body("Tea Party")])[0] == "person:robin paul"


def test_who_was_named_once_is_not_taken_for_a_bare_name() -> None:
    register = Stream()
    told(register, 1, person("Fred Rogers"))
    assert register.resolve([person("Rogers")]) == [None]


def test_who_was_named_once_is_meant_in_the_same_company() -> None:
    register = Stream()
    told(register, 1, person("Fred Rogers"), body("Senate"), body("Acme"), person("Ann Lund"))
    assert register.resolve([person("Rogers"), body("Senate"), body("Acme")])[0] is None
    assert (
        register.resolve([person("Rogers"), body("Senate"), body("Acme"), person("Ann Lund")])[0]
        == "person:frederick rogers"
    )


def test_whom_the_document_names_in_full_is_not_meant_by_another_bare_name() -> None:
    register = Stream()
    told(register, 20, person("Donald Trump"))
    assert register.resolve([person("Donald Trump"), person("Trump")]) == ["person:donald trump", None]


def test_a_first_name_is_that_of_one_of_the_family() -> None:
    register = Stream()
    told(register, 4, person("Hunter Biden"))
    told(register, 2, person("Ann Hunter"))
    assert register.resolve([person("Hunter")]) == [None]
    assert register.resolve([person("Joe Biden"), person("Hunter")])[1] == "person:hunter biden"


def test_what_is_long_ago_counts_less() -> None:
    register = Stream()
    told(register, 12, person("George Bush"))
    told(register, 4_000, body("Acme"))
    told(register, 4_000, body("Acme"))
    told(register, 9, person("Jeb Bush"))
    assert register.resolve([person("Bush")]) == ["person:jeb bush"]


def stream() -> list[list[Entity]]:
    surnames = ["Hale", "Lund", "Dahl", "Roe"]
    firsts = ["Ann", "Tom", "Kari", "Erik", "Jane"]
    return [
        [
            person(f"{firsts[n % 5 if n % 3 else 0]} {surnames[n % 4]}"),
            bare(surnames[(n * 7) % 4]),
            body(f"Body {n % 9}"),
        ]
        for n in range(300)
    ]


@pytest.mark.parametrize("restarts", [(1,), (50, 51, 200), tuple(range(0, 300, 7))])
def test_who_adds_the_last_notes_again_gets_the_same_keys(restarts: Sequence[int]) -> None:
    plain, again = Stream(span=40), Stream(span=40)
    written: list[str] = []
    found = 0
    for number, entities in enumerate(stream()):
        if number in restarts:
            again.register = Register(40)
            for before in range(max(0, number - 40), number):
                again.register.add(before + 1, read_note(written[before]))
        said = again.resolve(entities)
        assert said == plain.resolve(entities)
        found += said[1] is not None
        written.append(note(entities).write())
    assert 20 < found < 300, "some bare names are given keys, others not"


def test_what_is_not_remembered_takes_no_room() -> None:
    one = Stream(span=20)
    for number in range(100):
        one.resolve([person(f"Ann Name{number}"), person(f"Tom{number} Hale")])
    assert len(one.register) == 20 + 20 + 2
    for _ in range(20):
        one.resolve([])
    assert len(one.register) == 0


def test_a_note_is_small_whatever_a_document_names() -> None:
    titles = " ".join(f"{n}x{'long' * 50}" for n in range(40))
    crowd = [person(f"Ann{n} {'Hale' * (n % 70)}", f"{titles} Hale") for n in range(900)]
    written = note([*crowd, *(body(f"Body {n} {'of the ' * 60}") for n in range(900))]).write()
    assert 1_000 < len(written) < 20_000
    assert read_note(written).write() == written


def test_a_document_that_names_nobody_in_full_has_an_empty_note() -> None:
    assert note([bare("Trump"), body("Senate")]).write() == ""
    assert read_note("").write() == ""
