"""``stancewire worker`` as a process of its own that things can be done to: killed, stopped, put to sleep."""

import contextlib
import os
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from evaluation.bench.stages import read_gauge
from services.runtime.settings import Settings
from services.runtime.supervisor import free_base
from services.runtime.topology import named

COMMAND = str(Path(sys.executable).with_name("stancewire"))
_STOP_SECONDS = 90


def environment(settings: Settings) -> dict[str, str]:
    """The environment variables that say what ``settings`` says."""
    values = settings.model_dump(mode="json", exclude_unset=True)
    return {f"STANCEWIRE_{name.upper()}": str(value) for name, value in values.items() if value is not None}


class Worker:
    """A running worker. ``variables``: what its environment has beside the settings.

    Each is given ports that none before it had: those of one that is still starting look free.
    """

    _next_port: ClassVar[int] = 6100 + os.getpid() * 618 % 1000 * 20  # far from those of a run beside this one

    def __init__(
        self, settings: Settings, log: Path, *arguments: str, port: int = 0, variables: Mapping[str, str] | None = None
    ) -> None:
        self.port = port or free_base("127.0.0.1", Worker._next_port)
        if not port:
            Worker._next_port = self.port + 10
        self.log = log
        own = {"STANCEWIRE_HTTP_PORT": str(self.port), **(variables or {})}
        with log.open("ab") as to:
            self.process = subprocess.Popen(
                [COMMAND, "worker", *arguments],
                env=os.environ | environment(settings) | own,
                stdout=to,
                stderr=to,
                start_new_session=True,
            )

    def port_of(self, stage: str) -> int:
        """Where the process of ``stage`` serves its metrics and health."""
        return self.port + named(stage).port

    def holds(self, stage: str) -> int:
        """Partitions that the worker's process of ``stage`` has; 0 also where it does not answer."""
        try:
            return int(read_gauge(self.port_of(stage), "assigned_partitions"))
        except OSError:
            return 0

    def stages(self) -> dict[str, int]:
        """The process of each stage that runs."""
        found = {}
        for pid in _children().get(self.process.pid, ()):
            words = _command(pid)
            if "services.runtime.process" in words:
                found[words[words.index("services.runtime.process") + 1]] = pid
        return found

    def pid_of(self, stage: str) -> int:
        """The process of ``stage``.

        Raises:
            LookupError: it does not run.
        """
        found = self.stages()
        if stage not in found:
            raise LookupError(f"the worker has no process of {stage}")
        return found[stage]

    def nlp_of(self, stage: str) -> list[int]:
        """The NLP processes of ``stage``; those that are being started too."""
        children = _children()
        main = self.stages().get(stage, 0)
        return [pid for pid in children.get(main, ()) if any("spawn_main" in word for word in _command(pid))]

    def tree(self) -> list[int]:
        """All its processes: the supervisor, the stages, what they have started."""
        children = _children()
        found = [self.process.pid]
        for pid in found:
            found += children.get(pid, ())
        return found

    def kill(self) -> None:
        """kill -9; its stages die with it."""
        self.process.kill()
        self.process.wait()

    def terminate(self) -> int:
        """SIGTERM, and the exit status."""
        self.process.terminate()
        return self.process.wait(_STOP_SECONDS)


@contextmanager
def worker(
    settings: Settings, log: Path, *arguments: str, variables: Mapping[str, str] | None = None
) -> Iterator[Worker]:
    """A worker for as long as the context lasts."""
    one = Worker(settings, log, *arguments, variables=variables)
    try:
        yield one
    finally:
        if one.process.poll() is None:
            one.terminate()


@contextmanager
def asleep(processes: Iterable[int]) -> Iterator[None]:
    """SIGSTOP, and SIGCONT at the end: they stand still, and go on with all that they had in hand."""
    stopped = []
    try:
        for pid in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
                stopped.append(pid)
        yield
    finally:
        for pid in stopped:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def _children() -> Mapping[int, list[int]]:
    """The processes of this machine that run, by their parents."""
    found: dict[int, list[int]] = defaultdict(list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            if state != "Z":
                found[int(parent)].append(int(stat.parent.name))
    return found


def _command(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []
