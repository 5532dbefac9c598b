"""Events in Parquet files: each message once, whatever happens to the process, and DuckDB reads them."""

import resource
import signal
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from schemas import Event
from services.consumer.write import read_parquet
from services.runtime.records import Record
from services.runtime.settings import Settings, SettingsError
from services.sinks.parquet import Parquet, open_sink
from services.sinks.run import Runner
from services.sinks.sink import SINKS, Arrival, AwayError, RefusedError
from tests.consumer.made_events import event
from tests.docs.snippets import ROOT, block
from tests.sinks.streams import Process, copies, put
from tests.sinks.test_sink_postgres import received, withdrawal

DAY = datetime(2026, 3, 11, tzinfo=UTC)


def sink(folder: Path, topic: str = "0123abcd") -> Parquet:
    return Parquet(folder, topic, 60, 1_000_000)


def arrivals(*events: Event, start: int = 0, partition: int = 0) -> list[Arrival]:
    return [
        Arrival(Record("news.enriched", partition, number, one.id.encode(), b"", 0.0), one)
        for number, one in enumerate(events, start)
    ]


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.parquet"))


def read(folder: Path) -> list[Event]:
    return [one for path in sorted(folder.rglob("*.parquet")) for one in read_parquet(path)]


def test_each_day_has_its_folder_and_each_file_says_what_is_in_it(tmp_path: Path) -> None:
    days = [received(event(id=f"d{number}"), number * 60 * 16) for number in range(4)]
    with closing(sink(tmp_path)) as one:
        assert one.write(arrivals(*days)) == 4
        assert files(tmp_path) == []
        one.flush()
        assert one.write(arrivals(event(id="p1"), partition=1)) == 1
        one.flush()
    assert files(tmp_path) == [
        "date=2026-03-11/0123abcd-p0-000000000000-000000000001.parquet",
        "date=2026-03-11/0123abcd-p1-000000000000-000000000000.parquet",
        "date=2026-03-12/0123abcd-p0-000000000002-000000000002.parquet",
        "date=2026-03-13/0123abcd-p0-000000000003-000000000003.parquet",
    ]
    assert {one.id: one for one in read(tmp_path)} == {one.id: one for one in (*days, event(id="p1"))}
    assert list(tmp_path.rglob("*.part")) == []


def test_what_a_file_has_is_not_written_again_and_what_is_half_done_goes(tmp_path: Path) -> None:
    days = [received(event(id=f"d{number}"), number * 60 * 16) for number in range(4)]
    with closing(sink(tmp_path)) as one:
        one.write(arrivals(*days[:3]))
        one.flush()
        one.write(arrivals(days[3], start=3))
    assert len(list(tmp_path.rglob("*.part"))) == 1
    with closing(sink(tmp_path)) as one:
        assert list(tmp_path.rglob("*.part")) == []
        assert one.write(arrivals(*days)) == 1
        one.flush()
    assert sorted(one.id for one in read(tmp_path)) == ["d0", "d1", "d2", "d3"]


def test_files_of_which_only_some_got_their_names_are_no_gap(tmp_path: Path) -> None:
    """A process is killed between two files of one flush: the one that is there stays, the other one is made again."""
    days = [received(event(id=f"d{number}"), number * 60 * 16) for number in range(3)]
    with closing(sink(tmp_path)) as one:
        one.write(arrivals(*days))
        one.flush()
    (tmp_path / files(tmp_path)[0]).unlink()
    with closing(sink(tmp_path)) as one:
        assert one.write(arrivals(*days)) == 2
        one.flush()
    assert sorted(one.id for one in read(tmp_path)) == ["d0", "d1", "d2"]


def test_a_topic_that_was_made_anew_is_another_one(tmp_path: Path) -> None:
    for topic in ("0123abcd", "4567abcd"):
        with closing(sink(tmp_path, topic)) as one:
            assert one.write(arrivals(event())) == 1
            one.flush()
    assert len(read(tmp_path)) == 2


def test_one_process_writes_to_a_folder(tmp_path: Path) -> None:
    with closing(sink(tmp_path)), pytest.raises(AwayError, match="another process writes to it"):
        sink(tmp_path)
    sink(tmp_path).close()


def test_what_does_not_fit_is_refused_and_its_neighbours_are_taken(tmp_path: Path) -> None:
    with closing(sink(tmp_path)) as one:
        batch = arrivals(event(id="a"), event(id="b", revision=2**70), event(id="c"))
        with pytest.raises(RefusedError):
            one.write(batch)
        assert one.write(batch[:1]) == 1
        with pytest.raises(RefusedError):
            one.write(batch[1:2])
        assert one.write(batch[2:]) == 1
        one.flush()
    assert [one.id for one in read(tmp_path)] == ["a", "c"]


def test_a_full_disk_is_away_and_nothing_is_lost(tmp_path: Path) -> None:
    with closing(sink(tmp_path)) as one:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
        try:
            with pytest.raises(AwayError, match="cannot be written to"):
                one.write(arrivals(event()))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            signal.signal(signal.SIGXFSZ, handler)
    with closing(sink(tmp_path)) as one:
        assert one.write(arrivals(event())) == 1
        one.flush()
    assert [one.id for one in read(tmp_path)] == ["herald-1"]


def test_it_needs_a_folder() -> None:
    with pytest.raises(SettingsError, match="STANCEWIRE_PARQUET_FOLDER is not set"):
        open_sink()


def ask(folder: Path, name: str) -> list[tuple[Any, ...]]:
    """What DuckDB answers to the page's question, on this folder."""
    page = (ROOT / "docs" / "sinks.md").read_text()
    with duckdb.connect() as connection:
        connection.execute(block(page, "sql current").replace("events/", f"{folder}/"))
        return connection.execute(block(page, f"sql {name}")).fetchall()


def test_duckdb_answers_the_questions_of_the_page(tmp_path: Path, stories: Sequence[Event]) -> None:
    gone = received(event(), 0), withdrawal(5)
    with closing(sink(tmp_path)) as one:
        one.write(arrivals(*stories, *gone))
        one.flush()
        one.write(arrivals(*stories, *gone, start=1_000))  # the same events, in other messages
        one.flush()
    ids = {one.id for one in stories}
    [(documents,)] = ask(tmp_path, "documents")
    assert documents == len(ids)
    stands = ask(tmp_path, "tolls")
    assert {row[1] for row in stands} == {"favor", "against"}
    texts = " ".join(one.title + " " + one.text for one in stories)
    assert all(row[3] in texts for row in stands)
    days = ask(tmp_path, "days")
    assert days == [(DAY.date(), 2 * len(stories) + 4)]


@pytest.mark.broker
@pytest.mark.timeout(300)
def test_killed_and_started_again_it_has_each_event_once(
    fresh: Callable[..., Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = fresh()
    events = copies([received(event(), minutes) for minutes in (0, 60 * 24)], 400)
    put(settings, events)
    folder = tmp_path / "events"
    values = {"STANCEWIRE_PARQUET_FOLDER": str(folder), "STANCEWIRE_PARQUET_SECONDS": "1"}
    first = Process(settings, tmp_path / "log", "sink", "parquet", STANCEWIRE_SINK_PORT="0", **values)
    first.until(lambda: len(files(folder)) > 0, "no file")
    first.kill()
    late = received(event(id="late"), 60 * 48)
    put(settings, [late])
    for name, value in (
        values | {"STANCEWIRE_BROKERS": settings.bootstrap[0], "STANCEWIRE_PREFIX": settings.prefix}
    ).items():
        monkeypatch.setenv(name, value)
    for group in ("stancewire-sink-parquet", "another"):  # another one reads all of it again
        Runner(SINKS[1], settings, group=group, to_end=True).run(lambda: False)
        found = [one.id for one in read(folder)]
        assert sorted(found) == sorted(one.id for one in (*events, late))
    assert datetime.fromisoformat(max(path.name for path in folder.glob("date=*"))[5:]) == (DAY + timedelta(2)).replace(
        tzinfo=None
    )
