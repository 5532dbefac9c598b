"""The stories: their order, what is shown of them, and the commands on a real Kafka."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from kafka import KafkaProducer
from rich.console import Console
from typer.testing import CliRunner

from schemas import Story
from services.cli import make_parser
from services.consumer.ranking import growing_since, growth, order_of, ranked, wanted
from services.consumer.show_stories import show_stories, show_story
from services.runtime.settings import Settings
from services.runtime.topology import ENRICHED, STORIES
from tests.consumer.made_events import event
from tests.consumer.made_stories import NOON, story

LARGE, NEW, OLD = story("large", (60, 9), (20, 1)), story("new", (2, 1), (0, 2)), story("old", (90, 1), (50, 3))


@pytest.mark.parametrize(
    ("words", "ids"),
    [("largest", ["large", "old", "new"]), ("Newest", ["new", "large", "old"]), ("growing", ["new", "large", "old"])],
)
def test_the_first_of_an_order_come_first_however_they_came(words: str, ids: list[str]) -> None:
    assert [one.id for one in ranked([LARGE, NEW, OLD], order_of(words))] == ids
    assert [one.id for one in ranked([OLD, NEW, LARGE], order_of(words))] == ids


def test_growth_counts_the_last_day_of_the_stream() -> None:
    since = growing_since([LARGE, NEW, OLD])
    assert since == NOON - timedelta(hours=24)
    assert [growth(one, since) for one in (LARGE, NEW, OLD)] == [1, 3, 0]
    assert ranked([], "growing") == []


def test_an_unknown_order_is_refused() -> None:
    with pytest.raises(ValueError, match="choose one of largest, newest, growing"):
        order_of("oldest")


def test_titles_and_outlets_are_looked_for() -> None:
    assert wanted(story(), ["DIVIDES"], ["Times.*"])
    assert not wanted(story(), ["airport"])
    assert not wanted(story(), ["divides"], ["times"])


def test_a_story_shows_both_sides_with_their_words_and_hostile_text_is_made_safe() -> None:
    hostile = story(head={"id": "x", "title": "A\x1b[31m [bold]title[/bold]"})
    console = Console(file=io.StringIO(), width=200, highlight=False)
    show_stories(console, [hostile], growing_since([hostile]))
    show_story(console, hostile)
    said = console.file.getvalue()  # type: ignore[attr-defined] # a StringIO
    assert "\x1b" not in said
    assert said.count("[bold]title[/bold]") == 2
    assert "on issue harbour tunnel" in said
    assert "Mara Voss for in 2 documents" in said
    assert "“a gift to the city”  herald.example · herald-1" in said
    assert "times.example against" in said


@pytest.mark.broker
def test_stories_are_listed_shown_exported_and_followed_on_a_real_broker(
    fresh: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = fresh()
    monkeypatch.setenv("STANCEWIRE_BROKERS", ",".join(settings.bootstrap))
    monkeypatch.setenv("STANCEWIRE_PREFIX", settings.prefix)
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap, acks="all")

    def send(key: str, value: bytes | None) -> None:
        producer.send(settings.prefix + STORIES.name, key=key.encode(), value=value).get(30)

    def call(*arguments: str, status: int = 0) -> str:
        result = CliRunner().invoke(make_parser(), arguments)
        assert result.exit_code == status, result.output
        return result.output

    gone = story("gone")
    for one in (story("large", (1, 1)), LARGE, NEW, OLD, gone):  # the second takes the place of the first
        send(one.id, one.model_dump_json().encode())
    send("gone", None)
    lines = [line for line in call("stories", "list", "--sort", "growing", "--json").splitlines() if line[0] == "{"]
    assert [json.loads(line)["id"] for line in lines] == ["new", "large", "old"]
    assert "1 of 3 stories" in call("stories", "list", "--limit", "1")
    assert "0 of 3 stories" in call("stories", "list", "--text", "airport")
    assert "choose one of largest" in call("stories", "list", "--sort", "big", status=2)
    file = tmp_path / "stories.parquet"
    call("stories", "list", "--parquet", str(file))
    rows = pq.read_table(file).to_pylist()
    assert [(row["id"], row["documents"]) for row in rows] == [("large", 10), ("old", 4), ("new", 3)]
    assert rows[0]["sides"][0]["quotes"][0]["words"] == "a gift to the city"
    assert json.loads(call("stories", "show", "new", "--json")) == json.loads(NEW.model_dump_json())
    assert "Mara Voss for in 2 documents" in call("stories", "show", "large")
    assert "there is no story 'gone'" in call("stories", "show", "gone", status=1)
    send("broken", b"{}")
    send("other", NEW.model_dump_json().encode())
    said = call("stories", "list", status=1)
    assert "broken" in said
    assert "not a story" in said
    assert "the message's key is not the story's id" in " ".join(said.split())
    told = Story(id="large", saga="large", similarity=0.5, rule="r", documents=1, sources=1)
    for passed in (event(id="in", event_id="in", story=told), event(id="out", event_id="out")):
        producer.send(settings.prefix + ENRICHED.name, passed.model_dump_json().encode()).get(30)
    followed = call("consume", "--story", "large", "--from", "beginning", "--until-end", "--json")
    assert [json.loads(line)["id"] for line in followed.splitlines() if line[0] == "{"] == ["in"]
    producer.close()
