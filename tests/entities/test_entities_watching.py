"""Watched names among the others: who wins, one entity with all its forms, always found by the whole stage."""

import json
import string
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import WatchedEntity, Work
from schemas.event import EntityType
from services.entities import core
from services.entities.agent import check
from services.entities.clusters import Cluster, Field, find_clusters
from services.entities.core import EntityTagger
from services.entities.settings import EntitySettings
from services.entities.watchlist import KIND, WatchList
from services.entities.words import find_capitals, find_small
from services.lists.entry import read_change
from services.runtime.compacted import Follower
from services.runtime.guide import apply
from services.runtime.settings import Settings
from services.runtime.topology import WATCHED_ENTITIES
from tests.entities.checks import check_offsets, marked

MakeWork = Callable[..., Work]


def entry(id: str, type: EntityType, *forms: str) -> WatchedEntity:
    return WatchedEntity(id=id, name=forms[0], type=type, aliases=forms[1:])


ACME = entry("ACME", "ORG", "Acme", "Acme Rocket Works")
ROE = entry("ROE", "PERSON", "Jane Roe")
PLACE = entry("PLACE", "GPE", "Utopia")
LIST = (ACME, ROE, PLACE)


def cluster(text: str, *entries: WatchedEntity, title: str = "") -> list[Cluster]:
    """The entities of a document with marks, as ``checks.marked`` reads them, and a watch list."""
    watch = WatchList(entries)
    fields = []
    for name, written in (("title", title), ("text", text)):
        plain, spans = marked(written)
        field = Field(name, plain, find_capitals(plain), find_small(plain), spans, watch.find(plain))  # type: ignore[arg-type]
        fields.append(field)
    return find_clusters(fields)


def summary(clusters: Sequence[Cluster]) -> list[tuple[str | None, EntityType, list[str]]]:
    return [(one.watched, one.label, [name.text for name in one.names]) for one in clusters]


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("They met at Acme on Monday.", [("ACME", "ORG", ["Acme"])]),
        ("They met at [PERSON Acme] on Monday.", [("ACME", "ORG", ["Acme"])]),
        ("The [ORG Bank of Utopia] paid.", [(None, "ORG", ["Bank of Utopia"])]),
        ("The [ORG Acme Records] sang.", [(None, "ORG", ["Acme Records"])]),
        ("The [ORG Acme Rocket] flew.", [(None, "ORG", ["Acme Rocket"])]),
        ("The [ORG Acme Rocket] Works flew.", [("ACME", "ORG", ["Acme Rocket Works"])]),
        ("The [ORG Umbra Acme] Rocket Works flew.", [("ACME", "ORG", ["Acme Rocket Works"])]),
        ("[ORG Acme’s Moon Division] flew.", [("ACME", "ORG", ["Acme"]), (None, "ORG", ["Moon Division"])]),
        ("The [ORG Acme Utopia Treaty] held.", [("ACME", "ORG", ["Acme"]), ("PLACE", "GPE", ["Utopia"])]),
        ("The [ORG Zeta-Acme] fell.", [(None, "ORG", ["Zeta-Acme"])]),
        ("The Zeta-[ORG Acme] fell.", [("ACME", "ORG", ["Acme"])]),
        ("The Zeta-Acme fell.", []),
        ("[ORG ACME ROCKET WORKS FALLS]", [("ACME", "ORG", ["ACME ROCKET WORKS"])]),
    ],
)
def test_who_wins_where_names_meet(text: str, entities: list[tuple[str | None, EntityType, list[str]]]) -> None:
    assert summary(cluster(text, *LIST)) == entities


def test_all_forms_are_one_entity_with_the_id_and_the_type() -> None:
    text = (
        "Senator Jane Roe spoke in [PERSON Utopia]. Acme paid, Ms. Roe said. [PERSON Roe] left [GPE Acme Rocket Works]. "
        "The [ORG ARW] sang."
    )
    assert summary(
        cluster(text, entry("ACME", "ORG", "Acme", "Acme Rocket Works", "ARW"), ROE, PLACE, title="Roe!")
    ) == [
        ("ROE", "PERSON", ["Roe", "Jane Roe", "Roe", "Roe"]),
        ("PLACE", "GPE", ["Utopia"]),
        ("ACME", "ORG", ["Acme", "Acme Rocket Works", "ARW"]),
    ]


def test_titles_are_aliases_and_no_part_of_the_mention() -> None:
    [roe] = cluster("Attorney General Jane Roe left. Ms. Roe sang.", ROE)
    assert (roe.name, roe.aliases) == ("Jane Roe", ("Attorney General Jane Roe", "Ms. Roe"))


def test_two_ids_are_two_entities_where_rules_would_join_them() -> None:
    one, other = entry("1", "PERSON", "Robert Ray"), entry("2", "PERSON", "Bob Ray")
    text = (
        "[PERSON Robert Ray] met [PERSON Bob Ray]. [PERSON Mr. Ray] sang. [PERSON Robert Ray] wept; [PERSON Ray] left."
    )
    assert len(cluster(text)) == 1
    assert summary(cluster(text, one, other)) == [
        ("1", "PERSON", ["Robert Ray", "Robert Ray", "Ray"]),
        ("2", "PERSON", ["Bob Ray", "Ray"]),
    ]


def test_the_list_overrules_every_vote_and_names_of_the_month() -> None:
    assert summary(cluster("The May met. [PERSON May] sang, [GPE May] paid.", entry("M", "ORG", "May"))) == [
        ("M", "ORG", ["May", "May", "May"])
    ]


def test_without_a_match_nothing_changes() -> None:
    text = "[PERSON Ann Lee] of the [ORG Labor Department] met [PERSON Mr. Lee], of [GPE Kenya]."
    assert cluster(text, *LIST) == cluster(text)


@pytest.fixture(scope="module")
def watching() -> EntityTagger:
    return EntityTagger(EntitySettings())


@pytest.fixture
def watched(watching: EntityTagger) -> "Callable[..., EntityTagger]":
    def with_list(*entries: WatchedEntity) -> EntityTagger:
        watching.watch = WatchList(entries)
        return watching

    return with_list


def test_an_event_says_the_id_and_by_which_list(watched: Callable[..., EntityTagger], make_work: MakeWork) -> None:
    work = make_work(
        "Shares of zorble fell. “Zorble  Incorporated is done,” said Ann Lee.", "ZORBLE INCORPORATED FALLS"
    )
    tagger = watched(entry("Z-1", "PRODUCT", "Zorble Incorporated", "zorble"))
    [event] = [one.event for one in tagger([work])]
    [found] = [entity for entity in event.entities if entity.watched]
    assert (found.watched, found.type) == ("Z-1", "PRODUCT")
    assert [mention.text for mention in found.mentions] == ["ZORBLE INCORPORATED", "zorble", "Zorble  Incorporated"]
    assert event.processing.models["watched"] == tagger.watch.digest
    [plain] = [one.event for one in watched()([work])]
    assert not any(entity.watched for entity in plain.entities)
    assert "watched" not in plain.processing.models


def test_one_word_of_a_headline_is_what_the_story_makes_of_it(
    watched: Callable[..., EntityTagger], make_work: MakeWork
) -> None:
    story = (
        "The town told us nothing of Zorble. " + "It rained on the roofs and the river rose by an inch every hour. " * 5
    )
    tagger = watched(entry("us", "GPE", "US"), entry("z", "ORG", "Zorble"))
    [work] = tagger([make_work(story, "WHY ZORBLE TOLD US NOTHING TODAY")])
    found = {entity.watched: [mention.text for mention in entity.mentions] for entity in work.event.entities}
    assert (found.get("us"), found["z"]) == (None, ["ZORBLE", "Zorble"])


def test_what_is_watched_is_kept_where_there_are_too_many(
    watched: Callable[..., EntityTagger], make_work: MakeWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core, "MAX_ENTITIES", 2)
    text = "Japan and France met in Kenya. Japan wept, France sang, and Japan left for Chile. It rained on Zorble."
    [work] = watched(entry("z", "LOC", "Zorble"))([make_work(text)])
    check_offsets(work)
    assert [entity.name for entity in work.event.entities] == ["Japan", "Zorble"]


_WORD = st.text(string.ascii_lowercase, min_size=2, max_size=8).map(lambda word: "Q" + word)
_NAMES = st.lists(st.lists(_WORD, min_size=1, max_size=3).map(" ".join), min_size=1, max_size=4, unique=True)
_AROUND = "said|in|Mr.|Mayor|the|New York|Jeff Sessions|DOJ|’s|,|.|“|”|—|(|)|  |&amp;|<b>|â€™|é|中文|🙂|U.S.|\n\n|\u00ad|Trump"
_DIRT = st.lists(st.sampled_from(_AROUND.split("|")), max_size=8).map(" ".join)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=_NAMES, dirt=st.lists(_DIRT, min_size=5, max_size=5), title=st.booleans())
def test_every_planted_name_is_an_entitys_or_within_a_longer_name(
    watched: Callable[..., EntityTagger], make_work: MakeWork, names: list[str], dirt: list[str], title: bool
) -> None:
    tagger = watched(*(entry(f"id-{number}", "ORG", name) for number, name in enumerate(names)))
    raw, planted = dirt[0], []
    for number, (name, around) in enumerate(zip(names, dirt[1:], strict=False)):
        raw += " x "
        planted.append((len(raw), len(raw) + len(name), f"id-{number}"))
        raw += f"{name} x {around}"
    [work] = tagger([make_work("Nothing.", raw) if title else make_work(raw)])
    check_offsets(work)
    field = "title" if title else "text"
    found = [
        (mention.start, mention.end, entity.watched)
        for entity in work.event.entities
        for mention in entity.mentions
        if mention.field == field
    ]
    for start, end, identity in planted:
        longer = any(one <= start and end <= two and (one, two) != (start, end) for one, two, _ in found)
        assert (start, end, identity) in found or longer
    ids = [entity.watched for entity in work.event.entities if entity.watched]
    assert len(ids) == len(set(ids))


def test_messages_change_the_list() -> None:
    watch = WatchList([PLACE])
    before = watch.digest
    clash = entry("A", "ORG", "Acme")
    changes = [(one.id.encode(), one.model_dump_json().encode()) for one in (ACME, clash)]
    assert apply(watch, changes) == [("Acme", "A", "ACME")]
    assert len(watch) == 3
    assert apply(watch, [(b"ACME", None), (b"A", None), (b"PLACE", None), (b"gone", None)]) == []
    assert watch.digest == before, "what the file names is in force again"


def test_an_entry_too_many_is_logged_and_left_out(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(WatchList, "kind", replace(KIND, most=1))
    watch = WatchList([PLACE])
    before = watch.digest
    assert apply(watch, [(b"ACME", ACME.model_dump_json().encode())]) == []
    assert watch.digest == before
    assert "watched entity 'ACME' is left out" in caplog.text


def test_a_bad_message_is_logged_with_its_key_and_takes_no_ones_place(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    follower = Follower(
        Settings(brokers="127.0.0.1:1", data_dir=tmp_path), WATCHED_ENTITIES, partial(read_change, KIND)
    )
    good = ACME.model_dump_json().encode()
    for key, value in (
        (b"ACME", good),
        (None, b"x"),
        (b"K\n\xff", b"\x00"),
        (b"ACME", b'{"id": "other"}'),
        (b"gone", None),
    ):
        follower.note(key, value)
    assert follower.take() == [(b"ACME", good), (b"gone", None)]
    keys = [record.args[0] for record in caplog.records if isinstance(record.args, tuple)]
    assert keys == ["b''", "b'K\\n\\xff'", "b'ACME'"]


def test_the_file_is_in_force_from_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, make_work: MakeWork
) -> None:
    path = tmp_path / "list.jsonl"
    path.write_text("".join(json.dumps({"id": one, "name": "Zorble", "type": "ORG"}) + "\n" for one in ("b", "a")))
    monkeypatch.setenv("STANCEWIRE_ENTITIES_WATCH_FILE", str(path))
    check()
    assert "'a' and 'b' both have the name 'Zorble'" in caplog.text
    [work] = EntityTagger(EntitySettings())([make_work("They met at Zorble.")])
    assert [entity.watched for entity in work.event.entities] == ["a"]
