"""The folder of a process's tables: what of it is used, and what is set aside."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from faust.stores.rocksdb import RocksDBOptions, Store
from prometheus_client import generate_latest
from rocksdict import Rdict

from services.runtime import app, identity, state, topics
from services.runtime.metrics import Metrics
from services.runtime.settings import Settings
from services.runtime.state import Fault, Mark, find_fault, prepare, set_aside
from services.runtime.table import OPTIONS
from services.runtime.topology import named

DEDUP = named("dedup")
CHANGELOG = "t-stancewire-dedup-window-changelog"
OURS = Mark("cluster", CHANGELOG, "id")
ROWS = 300


def rocksdb(table: Path, place: int | None = None) -> None:
    """Open the table as Faust does, note a place in the changelog, and close it."""
    rocks: Any = RocksDBOptions
    database: Rdict = rocks(**OPTIONS).open(table)
    if place is not None:
        database.put(Store.offset_key, str(place).encode())
    database.close()


def spoil(pattern: str) -> Callable[[Path], None]:
    """Overwrites the middle of the files, whose size stays."""

    def done(table: Path) -> None:
        for file in table.glob(pattern):
            whole = file.read_bytes()
            half = len(whole) // 2
            file.write_bytes(whole[:half] + b"\xff" * min(50, len(whole) - half) + whole[half + 50 :])

    return done


def remove(pattern: str) -> Callable[[Path], None]:
    """Removes the files."""

    def done(table: Path) -> None:
        for file in table.glob(pattern):
            file.unlink()

    return done


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "CURRENT spoilt": (spoil("CURRENT"), "damaged"),
    "MANIFEST spoilt": (spoil("MANIFEST-*"), "damaged"),
    "rows spoilt": (spoil("*.sst"), "damaged"),
    "a file of rows gone": (remove("*.sst"), "damaged"),
    "ahead": (lambda table: rocksdb(table, 1_000_000), "ahead"),
    "from before tables were marked": (lambda table: (table.parent.parent / "changelog.json").unlink(), "unmarked"),
}
"""What happens to a table that nobody has open, and as what it is found."""


class Broker:
    """In the place of the broker's answers: which changelog it has, and where that ends."""

    def __init__(self) -> None:
        self.mark = OURS
        self.end = ROWS

    def ask(self, settings: Settings, names: list[str]) -> identity.Identity:
        return identity.Identity(self.mark.cluster, dict.fromkeys(names, self.mark.id))

    def ends(self, settings: Settings, name: str) -> dict[int, int]:
        return {0: self.end}


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Broker:
    made = Broker()
    monkeypatch.setattr(identity, "ask", made.ask)
    monkeypatch.setattr(topics, "ends", made.ends)
    return made


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_validate({"prefix": "t-", "data_dir": tmp_path, "brokers": "nowhere:1"})


@pytest.fixture
def folder(answers: Broker, settings: Settings) -> Iterator[Path]:
    """A folder with a table of some rows, all in a file of their own."""
    claimed, lock = app.claim_datadir(settings, DEDUP)
    prepare(settings, DEDUP, claimed)
    table = claimed / "v1" / "tables" / "window-0.db"
    table.parent.mkdir()
    rocks: Any = RocksDBOptions
    database: Rdict = rocks(**OPTIONS).open(table)
    for number in range(ROWS):
        database.put(f"{number:08}".encode(), os.urandom(1000))
    database.close()
    rocksdb(table, ROWS - 1)
    rocksdb(table)
    yield claimed
    lock.close()


def table_of(folder: Path) -> Path:
    return folder / "v1" / "tables" / "window-0.db"


def test_a_whole_copy_of_the_changelog_is_used(answers: Broker, settings: Settings, folder: Path) -> None:
    prepare(settings, DEDUP, folder)
    assert table_of(folder).exists()
    assert not any(set_aside(folder).values())


@pytest.mark.parametrize("name", DAMAGES)
def test_what_cannot_be_used_is_set_aside(
    name: str, settings: Settings, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    damage, cause = DAMAGES[name]
    damage(table_of(folder))
    prepare(settings, DEDUP, folder)
    (aside,) = folder.glob("set-aside-*")
    assert re.fullmatch(rf"set-aside-\d{{8}}T\d{{6}}Z-{cause}", aside.name)
    assert (aside / "tables" / "window-0.db").exists()
    assert not table_of(folder).exists()
    (said,) = caplog.messages
    assert str(folder) in said
    assert str(aside) in said
    assert CHANGELOG in said
    prepare(settings, DEDUP, folder)
    assert len(list(folder.glob("set-aside-*"))) == 1, "once"
    assert set_aside(folder)[cause] > 1.7e9  # type: ignore[index]


@pytest.mark.parametrize("other", [Mark("another", CHANGELOG, "id"), Mark("cluster", CHANGELOG, "made anew")])
def test_tables_of_another_cluster_or_of_a_changelog_that_was_made_anew_are_set_aside(
    other: Mark, answers: Broker, settings: Settings, folder: Path
) -> None:
    answers.mark = other
    prepare(settings, DEDUP, folder)
    assert set_aside(folder)["foreign"]
    assert find_fault(folder, other, {0: 0}) is None, "it is this one's now"


def test_a_changelog_that_ends_right_behind_the_place_is_whole_and_one_before_it_is_not(folder: Path) -> None:
    assert find_fault(folder, OURS, {0: ROWS}) is None
    fault = find_fault(folder, OURS, {0: ROWS - 1})
    assert fault is not None
    assert fault.cause == "ahead"
    assert find_fault(folder, OURS, {}) == Fault("ahead", fault.why.replace(f"before {ROWS - 1}", "before 0"))


def test_a_table_that_was_never_made_is_removed_and_nothing_is_said(folder: Path) -> None:
    remove("*")(table_of(folder))
    assert find_fault(folder, OURS, {0: ROWS}) is None
    assert not table_of(folder).exists()


def test_a_disk_that_cannot_be_read_is_no_damage(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """RocksDB says so in its own words; the process ends with the code of a disk that may have room later."""

    def no_room(*_: Any, **__: Any) -> Any:
        raise Exception(f"IO error: No space left on device: While appending to file: {table_of(folder)}/LOG")

    monkeypatch.setattr(state, "Rdict", no_room)
    with pytest.raises(OSError, match="No space left") as raised:
        find_fault(folder, OURS, {0: ROWS})
    assert raised.value.errno in app._PASSING
    assert table_of(folder).exists()


def test_only_the_last_ones_are_kept(answers: Broker, settings: Settings, folder: Path) -> None:
    for day in range(1, 6):
        (folder / f"set-aside-2026010{day}T000000Z-damaged").mkdir()
    answers.end = 0
    prepare(settings, DEDUP, folder)
    kept = sorted(aside.name for aside in folder.glob("set-aside-*"))
    assert kept[0] == "set-aside-20260105T000000Z-damaged"
    assert len(kept) == 2
    assert kept[1].endswith("-ahead")
    metrics = Metrics(DEDUP)
    metrics.set_aside(set_aside(folder))
    shown = generate_latest(metrics.registry).decode()
    sample = r'stancewire_tables_set_aside_timestamp_seconds\{cause="(\w+)",stage="dedup"\} (\S+)'
    times = {cause: float(when) for cause, when in re.findall(sample, shown)}
    assert times["damaged"] == 1767571200
    assert times["ahead"] > times["damaged"]
    assert times["foreign"] == times["unmarked"] == 0


def test_a_folder_whose_process_runs_is_left_alone(settings: Settings, folder: Path) -> None:
    other, lock = app.claim_datadir(settings, DEDUP)
    assert other != folder
    prepare(settings, DEDUP, other)
    assert not any(set_aside(other).values())
    assert table_of(folder).exists()
    lock.close()
