"""``stancewire`` as a module: documents in and events out in this process, and events from a real broker as they come."""

import warnings
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

import stancewire
from services.runtime.settings import Settings
from stancewire import ConsumeError, Document, Event, Pipeline, SettingsError, UnreadableEventWarning, follow
from tests.consumer.test_consumer_broker import events, put

TEXT = (
    "OSLO - Prime Minister Kari Lund praised the Norwegian Maritime Authority on Thursday. The ferries are to be free."
)


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    return Pipeline()


def test_dicts_and_documents_give_events_in_their_order(pipeline: Pipeline) -> None:
    published = datetime(2026, 4, 2, 9, tzinfo=UTC)
    fields = {"source": "harbor.example", "published_at": published, "metadata": {"folder": "a"}}
    given: list[Any] = [
        {"id": "dict", "text": TEXT, **fields, "path": Path("a/b.txt")},
        Document(id="document", text=TEXT, source="harbor.example", published_at=published, metadata={"folder": "a"}),
        {"id": "empty", "text": " "},
        {"headline": "no text"},
    ]
    first, copy, empty, wrong = pipeline(iter(given))
    assert isinstance(first, Event)
    assert [first.id, copy.id, empty.id] == ["dict", "document", "empty"]
    assert [first.status, copy.status, empty.status, wrong.status] == ["enriched", "duplicate", "rejected", "rejected"]
    assert first.published_at == copy.published_at == published
    assert (first.metadata, copy.metadata) == ({"folder": "a", "path": "a/b.txt"}, {"folder": "a"})
    assert copy.duplicate is not None
    assert copy.duplicate.of == "dict"
    assert wrong.rejection is not None
    assert "text" in wrong.rejection.message
    again = pipeline([{"id": "later", "text": TEXT}])[0]  # what was given before is remembered
    assert again.duplicate is not None
    assert again.duplicate.of == "dict"
    assert pipeline([]) == []


def test_a_bare_surname_is_whom_the_documents_before_named_in_full(pipeline: Pipeline) -> None:
    told = [
        Document(
            id=f"bridge-{number}",
            title=f"Bridge {number}",
            text=f"Mayor Lena Ortiz opened bridge number {number} in Dunmore. Lena Ortiz said that the river had risen by "
            f"{number} feet in {number + 3} days, and the people of the town were glad that the work was done.",
        )
        for number in range(8)
    ]
    bare = Document(
        id="theatre",
        title="Theatre",
        text="Critics say that Ms. Ortiz should resign over the collapse of the old theatre. Ms. Ortiz declined to comment "
        "on Friday, and the council of the town said that it would look into what had happened.",
    )
    *_, last = pipeline([*told, bare])
    assert [(one.name, one.key) for one in last.entities] == [("Ortiz", "person:lena ortiz")]


@pytest.mark.parametrize("value", ["\ud800", float("nan"), {1: None}, "2026-04-02", [[]] * 30])
def test_whatever_is_in_a_field_there_is_an_event(pipeline: Pipeline, value: object) -> None:
    for name in ("id", "text", "title", "published_at", "revision", "metadata", "other"):
        (event,) = pipeline([{"text": TEXT, name: value}])
        assert event.status in ("enriched", "duplicate", "rejected")


@pytest.mark.parametrize("documents", [{"text": TEXT}, Document(text=TEXT), [TEXT], TEXT, [None], ["text"], [b"{}"]])
def test_what_is_no_list_of_documents_is_a_type_error(pipeline: Pipeline, documents: Any) -> None:
    with pytest.raises(TypeError, match=r"give a list|is a dict or a Document"):
        pipeline(documents)


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANCEWIRE_DEDUP_NEAR_SIMILARITY", "7")
    with pytest.raises(SettingsError, match="STANCEWIRE_DEDUP_NEAR_SIMILARITY"):
        Pipeline()


@pytest.mark.parametrize(
    ("options", "words"), [({"start": "yesterday"}, "yesterday"), ({"idle": 0}, "idle"), ({"idle": -1.0}, "idle")]
)
def test_a_wrong_argument_is_an_error_at_once(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        follow("127.0.0.1:1", **options)


def test_without_a_broker_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STANCEWIRE_DATA_DIR", str(tmp_path))
    with pytest.raises(SettingsError, match="STANCEWIRE_BROKERS is not set"):
        next(follow())
    with pytest.raises(SettingsError, match="BROKERS: 'nonsense' is not host:port"):
        follow("nonsense")


def test_all_that_is_exported_is_there_and_explained() -> None:
    for name in stancewire.__all__:
        assert getattr(stancewire, name).__doc__, name


@pytest.fixture
def settings(fresh: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Those that ``follow`` reads from the environment; the brokers are given by hand."""
    made = fresh()
    monkeypatch.setenv("STANCEWIRE_PREFIX", made.prefix)
    return made


@pytest.mark.broker
def test_events_come_as_they_are_published_from_where_and_until_when_one_likes(settings: Settings) -> None:
    brokers = settings.brokers
    put(settings, events("a", "b"))
    between = datetime.now(UTC) + timedelta(milliseconds=1)
    with closing(follow(brokers, start="beginning")) as following:
        assert [event.event_id for event in islice(following, 2)] == ["a", "b"]
        put(settings, events("c"))
        assert next(following).event_id == "c"
    assert [event.event_id for event in follow(brokers, start="1h", until_end=True)] == ["a", "b", "c"]
    assert [event.event_id for event in follow(brokers, start=between, until_end=True)] == ["c"]
    naive = between.replace(tzinfo=None)  # UTC, as in all of the project
    assert [event.event_id for event in follow(brokers, start=naive, idle=2)] == ["c"]
    assert list(follow(brokers, until_end=True)) == []


@pytest.mark.broker
def test_a_group_goes_on_after_what_was_done_with(settings: Settings) -> None:
    put(settings, events("a", "b", "a", "c"))
    with closing(follow(settings.brokers, start="beginning", group="notebook")) as following:
        assert [event.event_id for event in islice(following, 2)] == ["a", "b"]
    again = follow(settings.brokers, start="beginning", group="notebook", until_end=True)
    assert [event.event_id for event in again] == ["b", "a", "c"]  # the next one after b was not asked for


@pytest.mark.broker
def test_what_is_no_event_is_a_warning_that_says_where_it_is(settings: Settings) -> None:
    put(settings, [*events("a"), b"{}", *events("b")])
    with pytest.warns(UnreadableEventWarning, match=r"news\.enriched, partition 0, offset 1"):
        found = [event.event_id for event in follow(settings.brokers, start="beginning", until_end=True)]
    assert found == ["a", "b"]
    with warnings.catch_warnings():
        warnings.simplefilter("error", UnreadableEventWarning)
        with pytest.raises(UnreadableEventWarning):
            list(follow(settings.brokers, start="beginning", until_end=True))


@pytest.mark.broker
def test_a_topic_that_is_not_there_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANCEWIRE_PREFIX", "nowhere-")
    with pytest.raises(ConsumeError, match=r"nowhere-news\.enriched"):
        next(follow(settings.brokers))
