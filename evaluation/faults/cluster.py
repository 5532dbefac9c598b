"""A broker of one node or three and some workers on this machine, and all that can be done to them.

Each worker has its own listener on each node, relays that pass its connections on, a folder for its tables, and ports that it
keeps. The tables are on a small disk of their own where one can be mounted, so that it can be filled.
"""

import contextlib
import http.client
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from kafka import KafkaAdminClient

from deploy import broker
from evaluation.faults.relay import Relay
from evaluation.faults.worker import Worker, asleep
from services.runtime import topics
from services.runtime.kafka import client_options
from services.runtime.settings import Settings
from services.runtime.supervisor import free_base
from services.runtime.topology import DOCUMENTS, STAGES

_PATH = os.pathsep.join([str(Path(__file__).parent / "hook"), str(Path(__file__).parents[2])])
"""Of the workers: the poison, and the code that this file is of."""
_DISK_MB = 512
"""Of the tables' disk: the tables of some 30,000 short documents, three times."""
_JAVA = "-XX:TieredStopAtLevel=1"
"""Of the broker: compiled once and not again, it is back in half the time on a busy machine."""
_CLOCKS = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/local/lib/faketime/libfaketimeMT.so.1")
_FREE_PORTS = range(10_000, 30_000, 10)
"""Below those that systems give out. Each run begins elsewhere: a port of a worker that is down looks free to another run."""


class Cluster:
    """``names``: the workers there may be; none runs before ``start``.

    ``nodes``: of the broker; of three, topics have as many replicas.
    """

    def __init__(self, folder: Path, names: Sequence[str], stack: ExitStack, nodes: int = 1, **settings: Any) -> None:
        self.folder = folder
        self.names = tuple(names)
        self.workers: dict[str, Worker] = {}
        self.ended: list[str] = []
        self.disk = _mounted(folder / "tables", stack)
        self.clock = _fake_clock(folder)
        os.environ["JDK_JAVA_OPTIONS"] = _JAVA
        ports = iter(_free(2 * nodes * len(names)))
        relayed = [[broker.Relayed(next(ports), next(ports)) for _ in names] for _ in range(nodes)]
        self.broker = broker.start(folder / "broker", relayed=relayed, nodes=nodes)
        self.relays: dict[str, Relay] = {}
        stack.callback(self.stop)
        for name, own in zip(names, zip(*relayed, strict=True), strict=True):
            self.relays[name] = Relay({one.advertised: one.port for one in own})
        self.settings = Settings.model_validate(
            {
                "brokers": self.broker.address,
                "prefix": "faults-",
                "data_dir": folder,
                "processes": 1,
                "replication": min(3, nodes),
            }
            | settings
        )
        topics.create(self.settings)
        self.partitions = self.settings.partitions
        self._bases = dict(zip(names, _bases(len(names)), strict=True))

    def start(self, name: str) -> None:
        """Start the worker, on what its folder has from before."""
        folder = self.tables(name)
        folder.mkdir(exist_ok=True)
        addresses = ",".join(f"127.0.0.1:{port}" for port in self.relays[name].ports)
        settings = self.settings.model_copy(update={"brokers": addresses, "data_dir": folder})
        variables = {"PYTHONPATH": _PATH} | self._clock_variables()
        log = self.folder / f"{name}.log"
        self.workers[name] = Worker(settings, log, port=self._bases[name], variables=variables)

    def kill(self, name: str) -> None:
        """kill -9."""
        self.workers.pop(name).kill()

    def terminate(self, name: str) -> None:
        """SIGTERM; an exit status that is not 0 is noted."""
        if status := self.workers.pop(name).terminate():
            self.ended.append(f"{name} ended with {status} at SIGTERM")

    def check(self) -> None:
        """Start again the workers that have ended by themselves, which none should, and note it."""
        for name, worker in list(self.workers.items()):
            if (status := worker.process.poll()) is not None:
                self.ended.append(f"{name} ended by itself with {status}")
                self.start(name)

    def await_ready(self, seconds: float = 300) -> None:
        """Wait until each stage of each worker is ready.

        Raises:
            TimeoutError: one is not.
        """
        deadline = time.monotonic() + seconds
        while not all(ready(worker.port_of(stage.name)) for worker in self.workers.values() for stage in STAGES):
            if time.monotonic() > deadline:
                raise TimeoutError(f"the workers are not ready; see their logs in {self.folder}")
            time.sleep(0.2)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """No stage moves, so that nothing is committed and nothing sent."""
        with asleep([pid for worker in self.workers.values() for pid in worker.stages().values()]):
            yield

    def tables(self, name: str) -> Path:
        """The data folder of the worker."""
        return self.folder / "tables" / name

    @property
    def broker_pids(self) -> list[int]:
        """The processes of the broker's nodes that run."""
        return [node.process.pid for node in self.broker.nodes if node.process is not None]

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """The disk of the tables has no room left."""
        filler = self.folder / "tables" / "filler"
        try:
            with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
                while True:
                    file.write(bytes(64 * 1024))
            yield
        finally:
            filler.unlink()

    def add_partition(self) -> None:
        """Give the topic of the documents one more partition."""
        admin = KafkaAdminClient(**client_options(self.settings))
        try:
            self.partitions += 1
            admin.create_partitions({self.settings.prefix + DOCUMENTS.name: self.partitions})
        finally:
            admin.close()

    def set_clock(self, seconds: int) -> None:
        """Set the workers' clock off by so many seconds."""
        self._clock_file.write_text(f"{seconds:+d}s\n")

    def stop(self) -> None:
        """Stop what runs: workers, relays, broker."""
        for relay in self.relays.values():
            relay.heal()
        for worker in self.workers.values():
            if worker.process.poll() is None:
                worker.process.terminate()
        for worker in self.workers.values():
            try:
                worker.process.wait(45)
            except subprocess.TimeoutExpired:
                worker.kill()
        self.workers.clear()
        for relay in self.relays.values():
            relay.close()
        self.broker.stop()

    @property
    def _clock_file(self) -> Path:
        return self.folder / "clock"

    def _clock_variables(self) -> dict[str, str]:
        if self.clock is None:
            return {}
        return {
            "LD_PRELOAD": self.clock,
            "FAKETIME_TIMESTAMP_FILE": str(self._clock_file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }


def ready(port: int) -> bool:
    """Whether the stage that serves its health on this port of ours is ready."""
    return says(port, "ready")[0]


def says(port: int, what: str) -> tuple[bool, str]:
    """What a stage says of itself at ``/live`` or ``/ready``: whether it is, and the answer, which is empty where none came."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
    try:
        connection.request("GET", f"/{what}")
        answer = connection.getresponse()
        return answer.status == 200, answer.read().decode()
    except (OSError, http.client.HTTPException):
        return False, ""
    finally:
        connection.close()


def _mounted(folder: Path, stack: ExitStack) -> bool:
    """A small disk at ``folder``, where we may mount one; else it is a folder as any other, and False."""
    folder.mkdir(parents=True)
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    if os.geteuid() != 0 or mount is None or unmount is None:
        return False
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", f"size={_DISK_MB}m", "tmpfs", str(folder)], check=False, capture_output=True
    )
    if done.returncode:
        return False
    stack.callback(subprocess.run, [unmount, "-l", str(folder)], check=False)
    return True


def _fake_clock(folder: Path) -> str | None:
    """The library that sets off the clocks of processes it is loaded into, where it is installed."""
    for pattern in _CLOCKS:
        if found := sorted(Path("/").glob(pattern.lstrip("/"))):
            (folder / "clock").write_text("+0s\n")
            return str(found[0])
    return None


def _free(count: int) -> list[int]:
    """Ports of loopback that are free now."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _bases(count: int) -> Iterator[int]:
    base = _FREE_PORTS[os.getpid() * 618 % len(_FREE_PORTS)]
    for _ in range(count):
        base = free_base("127.0.0.1", base)
        yield base
        base += 10
