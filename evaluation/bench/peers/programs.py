"""The programs that are measured: how each is started, what its processes use, and why one cannot be had."""

import contextlib
import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from evaluation.bench import BenchError
from evaluation.bench.stages import PATIENCE
from evaluation.faults.worker import COMMAND, environment
from services.runtime.settings import Settings
from services.runtime.supervisor import free_base

OURS, NAIVE = "Stancewire", "Faust, naive"
PROCESSES = 2
"""That run models, of every program; of Stancewire for each of its two heavy stages."""
_SETTLED_SECONDS = 2.0
_LOOKS = 20
_IDLE = 0.2
"""Of a core. Stancewire's ten processes take a tenth when nothing comes, one that loads a model all that it can get."""
_ROOT = Path(__file__).parents[3]
_QUIXSTREAMS = Path(sys.prefix) / "quixstreams" / "bin" / "python"
"""Its own environment: the pydantic that is pinned for us is newer than it takes."""


@dataclass(frozen=True)
class Program:
    """A program that reads a topic and writes another.

    Attributes:
        name: as the table has it. module: of this package; empty: Stancewire. count: how many of it are started.
        needs: the package that it is made with. python: that runs it.
    """

    name: str
    module: str = ""
    count: int = 1
    needs: str = ""
    python: Path = Path(sys.executable)

    @property
    def missing(self) -> str | None:
        """Why it cannot be run here, or None."""
        if not self.python.exists() or (self.needs and importlib.util.find_spec(self.needs) is None):
            return "not installed: run `make .venv/peers`, or see its error"
        return None

    def command(self, settings: Settings) -> list[str]:
        """What starts one of it."""
        if not self.module:
            return [COMMAND, "worker"]
        topics = [settings.prefix + topic for topic in ("news.documents", "news.enriched")]
        return [str(self.python), "-m", f"evaluation.bench.peers.{self.module}", ",".join(settings.bootstrap), *topics]


PROGRAMS = (
    Program(OURS),
    Program(NAIVE, "naive", PROCESSES),
    Program("aiokafka", "loop"),
    Program("confluent-kafka", "confluent", needs="confluent_kafka"),
    Program("quixstreams", "quix", PROCESSES, python=_QUIXSTREAMS),
    Program("bytewax", "dataflow", needs="bytewax"),
)


class Processes:
    """What was started, with all that it started itself."""

    def __init__(self, started: Sequence[subprocess.Popen[bytes]], log: Path) -> None:
        self.started = started
        self._log = log

    def check(self) -> None:
        """Raise BenchError where one has ended."""
        for one in self.started:
            if one.poll() is not None:
                said = self._log.read_text(errors="replace")[-1500:]
                raise BenchError(f"{' '.join(map(str, one.args))[:200]} ended with {one.returncode}: {said}")  # type: ignore[arg-type]

    def all(self) -> list[psutil.Process]:
        """The processes that there are now."""
        found = []
        for one in self.started:
            with contextlib.suppress(psutil.NoSuchProcess):
                process = psutil.Process(one.pid)
                found += [process, *process.children(recursive=True)]
        return found

    def cpu_seconds(self) -> float:
        """Processor time so far, of those that have ended, too."""
        used = 0.0
        for process in self.all():
            with contextlib.suppress(psutil.NoSuchProcess):
                used += sum(process.cpu_times()[:4])
        return used

    def settle(self) -> None:
        """Wait until they have nothing to do. A process that still loads its models would be taken for the cost of documents.

        Raises:
            BenchError: they stay busy.
        """
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            before, looks = self.cpu_seconds(), 0
            for _ in range(_LOOKS):
                time.sleep(_SETTLED_SECONDS / _LOOKS)
                looks += self._wants_to_run()
            self.check()
            if self.cpu_seconds() - before < _IDLE * _SETTLED_SECONDS and looks <= _LOOKS / 2:
                return
        raise BenchError(f"{self.started[0].args!r:.200} is still busy, with no documents")

    def _wants_to_run(self) -> bool:
        """Whether one of them works or waits for a processor or the disk: on a busy machine it may get neither for seconds."""
        states = []
        for process in self.all():
            with contextlib.suppress(psutil.NoSuchProcess):
                states.append(process.status())
        return any(state in (psutil.STATUS_RUNNING, psutil.STATUS_DISK_SLEEP) for state in states)

    def memory_mb(self) -> float:
        """Memory now; what processes share counts once (PSS)."""
        held = 0
        for process in self.all():
            with contextlib.suppress(psutil.NoSuchProcess):
                held += process.memory_full_info().pss
        return held / 1e6

    def by_stage(self) -> dict[str, float]:
        """Of Stancewire: processor time so far of each stage's main process, and under ``<stage> nlp`` of its children."""
        used: dict[str, float] = {}
        for process in self.all():
            with contextlib.suppress(psutil.NoSuchProcess):
                words = process.cmdline()
                if "services.runtime.process" in words:
                    name = words[words.index("services.runtime.process") + 1]
                    children = [child.cpu_times() for child in process.children(recursive=True)]
                    used |= {name: sum(process.cpu_times()[:2]), f"{name} nlp": sum(sum(own[:2]) for own in children)}
        return used


def _without_training(folder: Path) -> dict[str, str]:
    """Variables with which a process finds no torch, as where only the locks for running are installed.

    spaCy imports it where it is, for nothing: 508 MB a process of models in place of 228, the same processor time.
    """
    hiding = folder / "without-training"
    hiding.mkdir(parents=True, exist_ok=True)
    (hiding / "torch.py").write_text("raise ImportError('the tools for training are not for running')\n")
    return {"PYTHONPATH": str(hiding)}


@contextmanager
def started(
    commands: Sequence[Sequence[str]], variables: Mapping[str, str], log: Path, pipes: bool = False
) -> Iterator[Processes]:
    """Processes by their commands, for as long as the context lasts. ``pipes``: stdin and stdout are ours."""
    running: list[subprocess.Popen[bytes]] = []
    processes = Processes(running, log)
    environ = dict(os.environ) | _without_training(log.parent) | dict(variables)
    with log.open("ab") as to, ExitStack() as closing:
        ends = (subprocess.PIPE, subprocess.PIPE) if pipes else (subprocess.DEVNULL, to)
        try:
            for command in commands:
                one = subprocess.Popen(command, cwd=_ROOT, env=environ, stdin=ends[0], stdout=ends[1], stderr=to)
                running.append(closing.enter_context(one))
            yield processes
        finally:
            _end(processes)


def _end(processes: Processes) -> None:
    """End all at once: nothing that they have is wanted."""
    left = processes.all()
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(left, timeout=10)


@contextmanager
def running(program: Program, settings: Settings) -> Iterator[Processes]:
    """A program at work on the topics of ``settings``."""
    port = str(free_base(settings.http_host, settings.http_port))
    variables = environment(settings) | {
        "STANCEWIRE_PROCESSES": str(PROCESSES),
        "STANCEWIRE_HTTP_PORT": port,
        "TMPDIR": str(settings.data_dir),
    }
    log = settings.data_dir / "program.log"
    with started([program.command(settings)] * program.count, variables, log) as processes:
        yield processes
