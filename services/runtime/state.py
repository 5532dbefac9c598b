"""The folder of a process's tables: whose it is, whether it is whole, and what becomes of one that cannot be used.

The changelog on the broker has every row; a folder is a copy that saves reading it. So it is used only where it is a whole
copy of this cluster's changelog and not ahead of it. Any other is set aside, and Faust reads the changelog from its beginning.
It is decided before Faust opens the tables, while the folder is locked for this process.
"""

import errno
import json
import logging
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

from faust.stores.rocksdb import RocksDBOptions, Store
from rocksdict import AccessType, Rdict

from services.runtime import identity, topics
from services.runtime.metrics import SetAside
from services.runtime.settings import Settings
from services.runtime.table import OPTIONS, keys
from services.runtime.topology import Stage, changelog

log = logging.getLogger(__name__)

_TABLES = "v1"
"""Faust's name for what it keeps in its data folder."""
_MARK = "changelog.json"
_ASIDE = "set-aside-"
_WHEN = "%Y%m%dT%H%M%SZ"
_KEPT = 2
"""Set aside are the last ones only, for their room. Two: the one before may be all that is left of rows that a broker lost."""
_NOT_DAMAGE = (
    errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EACCES, errno.EPERM, errno.EROFS, errno.EMFILE, errno.ENFILE,
    errno.ENOMEM, errno.EAGAIN,
)  # fmt: skip
"""What RocksDB reports in its own words and keeps it from reading, while the files may be well."""


@dataclass(frozen=True)
class Mark:
    """Whose copy the tables are. The changelog's name has the prefix and the stage; its id changes where it is made anew."""

    cluster: str
    changelog: str
    id: str

    def __str__(self) -> str:
        return f"{self.changelog} (id {self.id}) of the cluster {self.cluster}"


@dataclass(frozen=True)
class Fault:
    """Why tables cannot be used."""

    cause: SetAside
    why: str


def prepare(settings: Settings, stage: Stage, folder: Path) -> None:
    """Make ``folder``, which is locked for us, one that Faust may open: what cannot be used in it is set aside.

    Raises:
        TopicsError: the broker does not say whose its changelog is (BrokerAwayError: not now).
        OSError: the disk has no room, or does not let us read or write.
    """
    topic = changelog(settings.prefix, stage)
    if topic is None:
        return
    name = settings.prefix + topic.name
    found = identity.ask(settings, [name])
    ours = Mark(found.cluster, name, found.topics[name])
    if fault := find_fault(folder, ours, topics.ends(settings, name)):
        aside = _set_aside(folder, fault.cause)
        log.error(
            "the tables in %s are not used: %s. They are in %s now, and the table is read back from %s; "
            "nothing is lost, and the folder that was set aside can be deleted",
            folder / _TABLES, fault.why, aside, name,
        )  # fmt: skip
    if _read_mark(folder) != ours:
        _write_mark(folder, ours)


def find_fault(folder: Path, ours: Mark, ends: Mapping[int, int]) -> Fault | None:
    """Why the tables in ``folder`` cannot be used for the changelog ``ours``, or None. All rows are read.

    ``ends``: of each partition of the changelog, the offset that its next record will have.

    Raises:
        OSError: whether they can is not known: the disk, or the system, does not let us read.
    """
    tables = [table for table in sorted(folder.glob(f"{_TABLES}/tables/*.db")) if not _was_never_made(table)]
    if not tables:
        return None
    mark = _read_mark(folder)
    if mark is None:
        return Fault("unmarked", "nothing says of which changelog they are a copy")
    if mark != ours:
        return Fault("foreign", f"they are a copy of {mark}, and this is {ours}")
    for table in tables:
        try:
            place = read_through(table)
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001 - RocksDB's errors have no type of their own
            return Fault("damaged", f"{table.name} cannot be read: {' '.join(str(error).split())}")
        partition = int(table.stem.rpartition("-")[2])
        end = ends.get(partition, 0)
        if place is not None and place >= end:
            why = f"{table.name} has offset {place} of {mark.changelog}/{partition}, which ends before {end}"
            return Fault("ahead", f"{why}: the broker has lost what it had acknowledged")
    return None


def read_through(table: Path) -> int | None:
    """Read all rows of a table that nobody has open; the last offset of its changelog that is in it.

    Raises:
        Exception: it is damaged; the message is RocksDB's. OSError: the disk, or the system, does not let us read.
    """
    try:
        rocks: Any = RocksDBOptions
        database = Rdict(str(table), rocks(**OPTIONS).as_options(), access_type=AccessType.read_only(False))
        for _ in keys(database):
            pass
        place = database.get(Store.offset_key)
    except Exception as error:
        for number in _NOT_DAMAGE:
            if os.strerror(number) in str(error):
                raise OSError(number, str(error)) from error
        raise
    return None if place is None else int(place)


def set_aside(folder: Path) -> dict[SetAside, float]:
    """When tables were last set aside, in seconds since 1970, for each cause; 0: never, or they are not kept any more."""
    last: dict[SetAside, float] = dict.fromkeys(get_args(SetAside), 0.0)
    for aside in sorted(folder.glob(f"{_ASIDE}*")):
        when, _, cause = aside.name.removeprefix(_ASIDE).partition("-")
        for known in last:
            if known == cause:
                last[known] = datetime.strptime(when, _WHEN).replace(tzinfo=UTC).timestamp()
    return last


def _set_aside(folder: Path, cause: SetAside) -> Path:
    aside = folder / f"{_ASIDE}{datetime.now(UTC).strftime(_WHEN)}-{cause}"
    (folder / _TABLES).rename(aside)
    for old in sorted(folder.glob(f"{_ASIDE}*"))[:-_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return aside


def _was_never_made(table: Path) -> bool:
    """Whether RocksDB was stopped while it made it, by a full disk or a kill: there is nothing in it, and it is removed."""
    if (table / "CURRENT").exists() or any(
        file.stat().st_size for kind in ("sst", "log") for file in table.glob(f"*.{kind}")
    ):
        return False
    shutil.rmtree(table)
    return True


def _read_mark(folder: Path) -> Mark | None:
    try:
        return Mark(**json.loads((folder / _TABLES / _MARK).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def _write_mark(folder: Path, mark: Mark) -> None:
    """Beside the tables, so that it goes where they go, and whole or not at all."""
    (folder / _TABLES).mkdir(exist_ok=True)
    whole = folder / _TABLES / _MARK
    half = whole.with_suffix(".new")
    half.write_text(json.dumps(asdict(mark)))
    half.replace(whole)
