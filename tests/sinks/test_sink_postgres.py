"""Events in the tables of a real PostgreSQL: all of them, each once, the newest, and none that was withdrawn."""

from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tried

from evaluation.postgres import PASSWORD, Server
from schemas import Event, Processing, Status
from services.runtime.records import Record
from services.runtime.settings import SettingsError
from services.sinks.plan import make_plan, standing_of
from services.sinks.postgres import LAYOUT, open_sink
from services.sinks.sink import Arrival, AwayError, RefusedError
from services.sinks.tables import DOCUMENTS, TABLES, add_rows
from tests.consumer.made_events import EVENTS, RECEIVED, event, near_copy, rejected
from tests.docs.snippets import ROOT, block

Database = psycopg.Connection[tuple[Any, ...]]


def arrivals(*events: Event) -> list[Arrival]:
    return [
        Arrival(Record("news.enriched", 0, number, one.id.encode(), one.model_dump_json().encode(), 0.0), one)
        for number, one in enumerate(events)
    ]


def write(*events: Event) -> int:
    with closing(open_sink()) as sink:
        return sink.write(arrivals(*events))


def count(database: Database, table: str) -> int:
    [[found]] = database.execute(f"SELECT count(*) FROM stancewire.{table}")  # noqa: S608
    return int(found)


def counts(database: Database) -> dict[str, int]:
    return {table.name: count(database, table.name) for table in TABLES}


def expected(events: Sequence[Event]) -> dict[str, int]:
    return {
        "documents": len(events),
        "duplicate_changes": sum(len(one.duplicate.changes) for one in events if one.duplicate),
        "entities": sum(len(one.entities) for one in events),
        "entities_mentions": sum(len(entity.mentions) for one in events for entity in one.entities),
        "issues": sum(len(one.issues) for one in events),
        "issues_mentions": sum(len(issue.mentions) for one in events for issue in one.issues),
        "stances": sum(len(one.stances) for one in events),
        "stances_evidence": sum(len(stance.evidence) for one in events for stance in one.stances),
    }


def received(one: Event, minutes: float, **changes: object) -> Event:
    """The event of what was received so long after the first one, with an id of its own."""
    at = RECEIVED + timedelta(minutes=minutes)
    processing = one.processing.model_copy(update={"received_at": at, "enriched_at": at + timedelta(seconds=1)})
    return one.model_copy(update={"event_id": f"ev-{minutes}-{changes}", "processing": processing} | changes)


def withdrawal(minutes: float) -> Event:
    at = RECEIVED + timedelta(minutes=minutes)
    processing = Processing(pipeline="p", received_at=at, enriched_at=at)
    return Event(event_id=f"w-{minutes}", id="herald-1", status=Status.WITHDRAWN, processing=processing)


def test_every_event_has_its_rows_and_a_repeat_changes_none(database: Database, stories: Sequence[Event]) -> None:
    current = list({one.id: one for one in sorted(stories, key=lambda one: one.revision)}.values())
    assert len(current) < len(stories)
    assert write(*stories) == len(stories)
    assert counts(database) == expected(current)
    assert all(expected(current).values())
    before = database.execute("SELECT xmin, * FROM stancewire.documents ORDER BY id").fetchall()
    assert write(*stories) == 0
    assert counts(database) == expected(current)
    assert database.execute("SELECT xmin, * FROM stancewire.documents ORDER BY id").fetchall() == before


def test_the_questions_of_the_page_have_answers(database: Database, stories: Sequence[Event]) -> None:
    write(*stories)
    page = (ROOT / "docs" / "sinks.md").read_text()
    stands = database.execute(block(page, "sql stands")).fetchall()
    assert {stance for _, stance, _, _, _ in stands} == {"favor", "against"}
    texts = " ".join(one.title + " " + one.text for one in stories)
    assert all(quote in texts for _, _, _, quote, _ in stands)
    changes = database.execute(block(page, "sql changes")).fetchall()
    assert all(len(sides) > 1 for _, _, sides in changes)


def test_the_rows_say_what_the_event_says(database: Database) -> None:
    one = event()
    write(one)
    cursor = database.execute("SELECT * FROM stancewire.documents")
    assert cursor.description is not None
    [row] = [dict(zip((column.name for column in cursor.description), row, strict=True)) for row in cursor]
    assert (row["id"], row["status"], row["metadata"], row["published_at"]) == (
        "herald-1",
        "enriched",
        {"desk": "city"},
        one.published_at,
    )
    assert row["duplicate_rule"] == "minhash-5w-32/jaccard>=0.50"
    assert row["processing_stage_seconds"] == {"dedup": 0.001}
    names = database.execute("SELECT number, id, name, watched, aliases FROM stancewire.entities ORDER BY number")
    assert names.fetchall() == [(1, "e1", "Mara Voss", "Q-7", ["Voss"]), (2, "e2", "Ito", None, [])]
    stands = database.execute(
        "SELECT holder, target, target_watched, stance, quote FROM stancewire.stands ORDER BY number"
    )
    assert stands.fetchall() == [
        ("the author", "Ito", None, "neutral", one.text.split(" Coun")[0]),
        ("Mara Voss", "harbour tunnel", "tunnel-1", "favor", one.text.split(" Coun")[0]),
        ("the councillor", "Mara Voss", "Q-7", "against", "Councillor Ito opposed it."),
    ]


def test_quotes_are_cut_at_code_points(database: Database) -> None:
    one = event()
    shift = len("🚋🚋 ")
    moved = one.model_copy(
        update={
            "text": f"🚋🚋 {one.text}",
            "stances": tuple(
                stance.model_copy(
                    update={
                        "evidence": tuple(
                            place.model_copy(update={"start": place.start + shift, "end": place.end + shift})
                            for place in stance.evidence
                        )
                    }
                )
                for stance in one.stances
            ),
        }
    )
    write(moved)
    quotes = [quote for (quote,) in database.execute("SELECT quote FROM stancewire.stands ORDER BY number")]
    assert quotes[2] == "Councillor Ito opposed it."


@tried(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=EVENTS)
def test_any_event_can_be_written(database: Database, one: Event) -> None:
    with closing(open_sink()) as sink:
        database.execute("TRUNCATE stancewire.documents, stancewire.withdrawn CASCADE")
        sink.write(arrivals(one))
    if one.status is Status.WITHDRAWN:
        assert count(database, "withdrawn") == 1
        assert set(counts(database).values()) == {0}
        return
    assert counts(database) == expected([one])
    [[title, names]] = database.execute(
        "SELECT title, (SELECT array_agg(name ORDER BY number) FROM stancewire.entities) FROM stancewire.documents"
    )
    assert title == one.title.replace("\0", "\ufffd")
    assert tuple(names or ()) == tuple(entity.name.replace("\0", "\ufffd") for entity in one.entities)


def test_a_nul_becomes_a_character_that_can_be_stored(database: Database) -> None:
    write(event(title="a\0b", metadata={"k\0": ["\0"]}))
    [[title, metadata]] = database.execute("SELECT title, metadata FROM stancewire.documents")
    assert (title, metadata) == ("a\ufffdb", {"k\ufffd": ["\ufffd"]})


FIRST = received(event(), 0)
SECOND = received(event(), 5, revision=2, title="Second")
ORDERS = {
    "a newer revision stays": ((FIRST, SECOND), "Second"),
    "also where the older one comes later": ((SECOND, FIRST), "Second"),
    "an older revision that was received later changes nothing": (
        (SECOND, received(event(), 9, title="Late")),
        "Second",
    ),
    "the same revision, received later": ((FIRST, received(event(), 1, title="Again")), "Again"),
    "a failure takes the place of nothing": ((FIRST, received(rejected(), 7, revision=3)), FIRST.title),
    "but of a failure": ((received(rejected(), 7), received(rejected(), 8, title="x")), "x"),
    "and anything takes its place": ((received(rejected(), 7, revision=3), SECOND), "Second"),
    "a withdrawn document is gone": ((FIRST, SECOND, withdrawal(6)), None),
    "also where it comes again from the beginning": (
        (FIRST, SECOND, withdrawal(6), FIRST, SECOND, withdrawal(6)),
        None,
    ),
    "until it is sent anew, with any revision": (
        (FIRST, SECOND, withdrawal(6), received(event(), 7, title="New")),
        "New",
    ),
    "which stays when all comes again": (
        (FIRST, withdrawal(6), received(event(), 7, title="New"), FIRST, withdrawal(6)),
        "New",
    ),
    "a copy is a document": ((received(near_copy(), 0, title="Copy"),), "Copy"),
}


@pytest.mark.parametrize(("events", "title"), ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize("together", [True, False], ids=["one batch", "a batch each"])
def test_what_is_true_now_stands(
    database: Database, events: Sequence[Event], title: str | None, together: bool
) -> None:
    with closing(open_sink()) as sink:
        for batch in [events] if together else [(one,) for one in events]:
            sink.write(arrivals(*batch))
    assert [row[0] for row in database.execute("SELECT title FROM stancewire.documents")] == [title] * (
        title is not None
    )
    assert count(database, "entities") <= 2


def test_a_plan_needs_no_database() -> None:
    there = {"herald-1": standing_of(FIRST)}
    plan = make_plan(arrivals(SECOND, FIRST, withdrawal(6), SECOND), there, {})
    assert (plan.stale, list(plan.withdrawn), plan.wanted, plan.changed) == (["herald-1"], ["herald-1"], [], 2)


def test_a_row_that_is_refused_takes_none_of_its_batch_with_it(altered: Database) -> None:
    write(event(id="first"))
    altered.execute("ALTER TABLE stancewire.documents ADD CONSTRAINT ours CHECK (source <> 'bad')")
    with closing(open_sink()) as sink:
        with pytest.raises(RefusedError, match='violates check constraint "ours"'):
            sink.write(arrivals(event(id="second"), event(id="bad", source="bad")))
        assert count(altered, "documents") == 1
        assert sink.write(arrivals(event(id="second"))) == 1


def test_tables_of_an_earlier_release_get_the_columns_that_are_new(altered: Database) -> None:
    write(event(id="old"))
    altered.execute("ALTER TABLE stancewire.documents DROP COLUMN language")
    altered.execute("DROP TABLE stancewire.duplicate_changes")
    write(event(id="new"))
    assert altered.execute("SELECT id, language FROM stancewire.documents ORDER BY id").fetchall() == [
        ("new", "en"),
        ("old", None),
    ]


def test_tables_of_another_layout_or_of_others_are_left_alone(
    altered: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(event())
    altered.execute("UPDATE stancewire.layout SET version = %s", (LAYOUT + 1,))
    with pytest.raises(SettingsError, match=rf"the layout {LAYOUT + 1}, this release writes {LAYOUT}"):
        open_sink()
    altered.execute("DROP SCHEMA stancewire CASCADE")
    altered.execute("CREATE SCHEMA stancewire CREATE TABLE theirs (id int)")
    with pytest.raises(SettingsError, match="tables that are not ours"):
        open_sink()
    monkeypatch.delenv("STANCEWIRE_POSTGRES_URL")
    with pytest.raises(SettingsError, match="STANCEWIRE_POSTGRES_URL is not set"):
        open_sink()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://postgres:{}@127.0.0.1:{port}x/postgres",
        "postgresql://postgres:{}/1@127.0.0.1/postgres",
        "host=127.0.0.1 password={}",
        "postgresql://nobody:{}@127.0.0.1:{port}/postgres",
    ],
)
def test_no_message_has_the_password(server: Server, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("STANCEWIRE_POSTGRES_URL", url.format("wrong-pass-4711 ", port=server.port))
    with pytest.raises((SettingsError, AwayError)) as raised:
        open_sink()
    assert "pass-4711" not in str(raised.value)
    assert raised.value.__cause__ is None
    monkeypatch.setenv("STANCEWIRE_POSTGRES_PASSWORD", PASSWORD + "x")
    monkeypatch.setenv("STANCEWIRE_POSTGRES_URL", server.url)
    with pytest.raises(AwayError, match="password authentication failed") as refused:
        open_sink()
    assert "pass-4711" not in str(refused.value)


def test_a_server_that_restarts_is_away_and_then_there_again(database: Database, server: Server) -> None:
    with closing(open_sink()) as sink:
        server.stop()
        with pytest.raises(AwayError):
            sink.write(arrivals(event()))
    with pytest.raises(AwayError, match="cannot be reached"):
        open_sink()
    server.start()
    assert write(event()) == 1


def test_names_of_tables_and_columns_are_paths_of_the_event() -> None:
    assert [table.name for table in TABLES] == list(expected([]))
    rows: dict[str, list[tuple[Any, ...]]] = {}
    add_rows(event(), rows)
    [row] = rows["documents"]
    assert dict(zip(DOCUMENTS.names, row, strict=True))["duplicate_verdict"] == "unique"
    assert rows["stances_evidence"][2][:3] == ("herald-1", 3, 1)


def test_a_process_that_lost_its_partition_waits_for_the_one_that_has_it(database: Database) -> None:
    """Both write the same partition's events at once: the second sees what the first wrote, and changes nothing."""
    import threading

    with closing(open_sink()) as one, closing(open_sink()) as other:
        done: list[int] = []
        with one._transaction():
            one._write(arrivals(event()))
            thread = threading.Thread(target=lambda: done.append(other.write(arrivals(event()))))
            thread.start()
            waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            while database.execute(waiting).fetchone() == (0,):
                assert thread.is_alive()
        thread.join(30)
    assert done == [0]
    assert count(database, "documents") == 1


def test_times_are_told_as_they_are(database: Database) -> None:
    one = event(published_at=datetime.fromisoformat("2026-03-11T07:00:00+01:00"))
    write(one)
    [[published]] = database.execute("SELECT published_at FROM stancewire.documents")
    assert published == one.published_at
