"""Who an entity is, of those that are known."""

from schemas.event import EntityType
from services.entities.settings import EntitySettings
from services.identity.core import Identifier
from services.identity.kb import Entry
from services.identity.linking import Linker
from tests.identity.conftest import MakeBase, make_entity

OHIO = Entry("Ohio", "place", 8.0, {"geonames": "1"}, ("geonames:9",))
TEXAS = Entry("Texas", "place", 8.0, {"geonames": "2"}, ("geonames:9",))
TOWNS = (
    Entry("Paris", "place", 6.3, {"geonames": "10"}, ("geonames:8",)),
    Entry("Paris", "place", 4.4, {"geonames": "11"}, ("geonames:2", "geonames:9")),
    Entry("Arden", "place", 5.0, {"geonames": "12"}, ("geonames:1", "geonames:9")),
    Entry("Arden", "place", 5.0, {"geonames": "13"}, ("geonames:2", "geonames:9")),
)
PEOPLE = (
    Entry("Tom Hale", "person", 5.5, {"wikidata": "Q1"}, context=("senator", "ohio")),
    Entry("Tom Hale", "person", 5.5, {"wikidata": "Q2"}, context=("footballer", "goal")),
)


def linked(base_of: MakeBase, *names: tuple[str, EntityType], text: str = "") -> list[str | None]:
    base = base_of([OHIO, TEXAS, *TOWNS, *PEOPLE])
    entities = [make_entity(name, label) for name, label in names]
    links = Linker(base, 0.6).link(entities, "", text)
    return [link.entry.own[0] if link else None for link in links]


def test_the_best_known_place_is_meant_where_nothing_else_is_said(make_base: MakeBase) -> None:
    assert linked(make_base, ("Paris", "GPE")) == ["geonames:10"]


def test_a_state_that_is_named_tells_which_town_is_meant(make_base: MakeBase) -> None:
    assert linked(make_base, ("Arden", "GPE"), ("Texas", "GPE")) == ["geonames:13", "geonames:2"]


def test_between_two_equals_the_answer_is_nobody(make_base: MakeBase) -> None:
    assert linked(make_base, ("Arden", "GPE")) == [None]
    assert linked(make_base, ("Tom Hale", "PERSON"), text="He spoke.") == [None]


def test_the_words_of_the_document_tell_namesakes_apart(make_base: MakeBase) -> None:
    assert linked(make_base, ("Tom Hale", "PERSON"), text="the footballer scored a goal") == ["wikidata:Q2"]
    assert linked(make_base, ("Tom Hale", "PERSON"), text="The senator from Ohio") == ["wikidata:Q1"]


def test_a_person_is_no_place_and_a_bare_surname_is_looked_up_by_nobody(make_base: MakeBase) -> None:
    assert linked(make_base, ("Paris", "PERSON"), ("Hale", "PERSON"), ("Paris", "WORK_OF_ART")) == [None] * 3


def test_a_building_is_no_town_of_its_name(make_base: MakeBase) -> None:
    assert linked(make_base, ("Paris", "FAC")) == [None]


def test_ids_of_the_watch_list_win_and_names_are_the_last_resort() -> None:
    identify = Identifier(EntitySettings())
    watched, town, person, bare = identify(
        [
            make_entity("Oslo", "GPE", watched="OSL-1"),
            make_entity("Bergen", "GPE"),
            make_entity("Kari Lund"),
            make_entity("Lund"),
        ],
        "",
        "Norway",
    )
    assert watched.key == "watched:OSL-1"
    assert watched.links == {"geonames": "3143244"}
    assert town.key == "geonames:3161732"
    assert town.link_confidence is not None
    assert town.link_confidence >= 0.6
    assert person.key == "person:kari lund"
    assert not person.links
    assert bare.key is None


def test_a_title_and_a_name_are_a_full_name_for_those_who_reign() -> None:
    identify = Identifier(EntitySettings())
    pope, mister = identify(
        [make_entity("Francis", aliases=("Pope Francis",)), make_entity("Lund", aliases=("Mr. Lund",))], "", ""
    )
    assert pope.key == "person:pope francis"
    assert mister.key is None


def test_an_event_leaves_out_what_is_not_known() -> None:
    [bare] = Identifier(EntitySettings())([make_entity("Lund")], "", "")
    assert not {"key", "links", "link_confidence"} & bare.model_dump(mode="json").keys()
