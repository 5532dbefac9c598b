import os
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import Event
from services.consumer import write
from services.consumer.table import SCHEMA, from_batch, to_batch
from services.consumer.write import JsonLines, Parquet, WriteError, open_writer, read_parquet
from tests.consumer.made_events import EVENTS, event, near_copy, rejected


def lines(path: Path) -> list[Event]:
    return [Event.model_validate_json(line) for line in path.read_bytes().splitlines()]


def test_json_lines_are_appended_and_whole_at_once(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    with open_writer(path) as writer:
        assert writer.durable
        writer.write(event())
        assert lines(path) == [event()]
        writer.write(rejected())
    with open_writer(path) as writer:
        writer.write(near_copy())
    assert lines(path) == [event(), rejected(), near_copy()]


def test_a_line_that_a_crash_tore_does_not_swallow_the_next(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    path.write_bytes(b'{"whole": 1}\n{"torn": ')
    with JsonLines(path) as writer:
        writer.write(event())
    assert path.read_bytes().splitlines()[1] == b'{"torn": '
    assert Event.model_validate_json(path.read_bytes().splitlines()[2]) == event()


def test_a_line_that_the_disk_has_no_room_for_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "events.jsonl"
    whole = os.write
    with JsonLines(path) as writer:
        writer.write(event())
        monkeypatch.setattr(os, "write", lambda file, content: whole(file, content[:100]))
        with pytest.raises(WriteError, match="no space left"):
            writer.write(near_copy())
        monkeypatch.undo()
        writer.write(rejected())
    assert lines(path) == [event(), rejected()]


def test_parquet_gives_back_the_same_events(tmp_path: Path) -> None:
    path = tmp_path / "events.parquet"
    events = [event(), near_copy(), rejected()]
    with open_writer(path) as writer:
        assert not writer.durable
        for one in events:
            writer.write(one)
        assert not path.exists()
    assert list(read_parquet(path)) == events
    assert not list(tmp_path.glob("*.part"))
    table = pq.read_table(path)
    assert table.schema.equals(SCHEMA)
    assert table["published_at"].type.tz == "UTC"
    assert table["entities"][0].as_py()[0]["name"] == "Mara Voss"


@settings(max_examples=100, deadline=None)
@given(st.lists(EVENTS, max_size=5))
def test_any_event_comes_back_from_its_columns(events: list[Event]) -> None:
    assert list(from_batch(to_batch(events))) == events


def test_parquet_is_written_in_row_groups_of_bounded_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "ROWS", 4)
    monkeypatch.setattr(write, "ROW_GROUP_BYTES", 10_000)
    path = tmp_path / "events.parquet"
    with Parquet(path) as writer:
        for number in range(10):
            writer.write(event(event_id=str(number)))
        writer.write(event(event_id="10", text="x" * 20_000, entities=(), stances=()))
        writer.write(event(event_id="11"))
    groups = pq.ParquetFile(path).metadata
    assert [groups.row_group(number).num_rows for number in range(groups.num_row_groups)] == [4, 4, 3, 1]
    assert [one.event_id for one in read_parquet(path)] == [str(number) for number in range(12)]


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_parquet_is_whole_after_ctrl_c_or_an_error(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "events.parquet"

    def stopped_after_one_event() -> None:
        with Parquet(path) as writer:
            writer.write(event())
            raise error

    with pytest.raises(error):
        stopped_after_one_event()
    assert list(read_parquet(path)) == [event()]


def test_parquet_without_events_is_a_valid_file(tmp_path: Path) -> None:
    with Parquet(tmp_path / "none.parquet"):
        pass
    assert list(read_parquet(tmp_path / "none.parquet")) == []


def test_a_parquet_file_is_not_overwritten_unasked(tmp_path: Path) -> None:
    path = tmp_path / "events.parquet"
    path.write_text("precious")
    with pytest.raises(WriteError, match="exists"):
        open_writer(path)
    assert path.read_text() == "precious"
    with open_writer(path, overwrite=True) as writer:
        writer.write(event())
    assert list(read_parquet(path)) == [event()]


def test_what_cannot_be_written_or_read_is_named(tmp_path: Path) -> None:
    for name in ("gone/events.jsonl", "gone/events.parquet"):
        with pytest.raises(WriteError, match=r"No such file or directory|Failed to open"):
            open_writer(tmp_path / name)
    with pytest.raises(WriteError, match=r"unknown file type .*\.jsonl or \.parquet"):
        open_writer(tmp_path / "events.csv")
    (tmp_path / "x.parquet").write_text("not parquet at all")
    with pytest.raises(WriteError):
        list(read_parquet(tmp_path / "x.parquet"))
