"""The kinds of fault: what is done, for how long, and when it is over.

Each is a function that does it and returns when it is over: what was killed has been started again, as an orchestrator would,
what was cut is whole. What happens next is the workers' own doing, and its time is the recovery.
"""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from deploy.broker import Node
from evaluation.faults.books import Books
from evaluation.faults.cluster import Cluster
from evaluation.faults.load import Load
from evaluation.faults.worker import asleep
from services.runtime import topics
from services.runtime.kafka import client_options
from services.runtime.topology import ENTITIES, STAGES

T = TypeVar("T")

SPARE = "spare"
"""The worker that comes and goes; the others are there from the beginning."""
_MODELS = tuple(stage.name for stage in STAGES if stage.heavy)
_SMALL = 12_000
"""Bytes of a batch that the broker still takes when it refuses large messages: some two of the usual documents …"""
_LARGE_WORDS = 3_000
"""… and a large one, which has twice as many."""
_CLOCK = 3600
"""Seconds that a clock jumps, forward or back: over everything that is timed."""
_PAUSE_SECONDS = 20.0
"""Of the broker: over the session, so that nobody's is left when it goes on."""
_NODE_SECONDS = (5.0, 15.0)
"""For which a node is away: around the 9 s after which the others know that it is …"""
_QUORUM_SECONDS = (20.0, 40.0)
"""… and for which two are, so that nobody can elect or acknowledge anything: well over the workers' sessions."""
_TRANSACTIONS = 5
_PATIENCE = 300.0
"""Seconds; only a limit, which fits a machine with other work too."""


class _NotUtf8(str):
    """A header's name that is sent as other bytes."""

    def encode(self, *_: Any, **__: Any) -> bytes:
        return b"\xff\xfe"


@dataclass
class Scene:
    """Where a fault takes place. ``audit``: looks at the books, at any moment."""

    cluster: Cluster
    load: Load
    books: Books
    choice: random.Random
    audit: Callable[[], None]

    def any_worker(self) -> str:
        """One of those that run."""
        return self.choice.choice(sorted(self.cluster.workers))

    def hold(self, least: float, most: float) -> None:
        """Wait, so that the fault lasts."""
        time.sleep(self.choice.uniform(least, most))

    def await_end(self, name: str, header: str | None = None) -> None:
        """Send a document that a stage may fail on, and wait until it has its event."""
        sent = self.load.send(name, _LARGE_WORDS if name == "large" else 120, header).get(timeout=_PATIENCE)
        origin = f"{sent.topic}/{sent.partition}/{sent.offset}"
        deadline = time.monotonic() + _PATIENCE
        while origin not in self.books.outcomes:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{origin} ({name}) has no event after {_PATIENCE:.0f} s")
            time.sleep(0.1)


def _kill_worker(scene: Scene) -> None:
    name = scene.any_worker()
    scene.cluster.kill(name)
    scene.audit()
    scene.cluster.start(name)


def _kill_all(scene: Scene) -> None:
    names = sorted(scene.cluster.workers)
    for name in names:
        scene.cluster.kill(name)
    scene.audit()  # nothing moves now
    for name in names:
        scene.cluster.start(name)


def _kill_stage(scene: Scene) -> None:
    _kill(_stage(scene))


def _kill_nlp(scene: Scene) -> None:
    worker = scene.cluster.workers[scene.any_worker()]
    stage = scene.choice.choice(_MODELS)
    _kill(scene.choice.choice(_found(lambda: worker.nlp_of(stage))))


def _restart_worker(scene: Scene) -> None:
    name = scene.any_worker()
    scene.cluster.terminate(name)
    scene.audit()
    scene.cluster.start(name)


def _come_or_go(scene: Scene) -> None:
    if SPARE in scene.cluster.workers:
        scene.cluster.terminate(SPARE)
    else:
        scene.cluster.start(SPARE)
        scene.cluster.await_ready()  # it has partitions: before, nobody noticed it


def _sleep_stage(scene: Scene) -> None:
    _sleep(scene, [_stage(scene)])


def _sleep_worker(scene: Scene) -> None:
    _sleep(scene, scene.cluster.workers[scene.any_worker()].tree())


def _sleep(scene: Scene, processes: list[int]) -> None:
    session = scene.cluster.settings.session_seconds
    with asleep(processes):
        scene.hold(session + 1, session + 3)


def _restart_broker(scene: Scene) -> None:
    scene.cluster.broker.stop()
    scene.hold(0, 3)
    scene.cluster.broker.start()


def _kill_broker(scene: Scene) -> None:
    _kill_nodes(scene, scene.cluster.broker.nodes, 0, 0)


def _pause_broker(scene: Scene) -> None:
    with asleep(scene.cluster.broker_pids):
        time.sleep(_PAUSE_SECONDS)


def _kill_leader(scene: Scene) -> None:
    """Of a partition of any topic that the stages read or write, or of the offsets, which makes it a group's coordinator, too."""
    settings = scene.cluster.settings
    names = [*(settings.prefix + topic.name for topic in topics.every_topic(settings.prefix)), "__consumer_offsets"]
    with _admin(scene) as admin:
        (topic,) = admin.describe_topics([scene.choice.choice(names)])
    leader = scene.choice.choice(topic["partitions"])["leader_id"]
    _kill_nodes(scene, [_node(scene, leader)], *_NODE_SECONDS)


def _kill_controller(scene: Scene) -> None:
    with _admin(scene) as admin:
        quorum = admin.describe_metadata_quorum()
    controller = quorum["topics"][0]["partitions"][0]["leader_id"]
    _kill_nodes(scene, [_node(scene, controller)], *_NODE_SECONDS)


def _lose_quorum(scene: Scene) -> None:
    _kill_nodes(scene, scene.choice.sample(list(scene.cluster.broker.nodes), 2), *_QUORUM_SECONDS)


def _kill_nodes(scene: Scene, nodes: Sequence[Node], least: float, most: float) -> None:
    for node in nodes:
        node.kill()
    scene.hold(least, most)
    scene.cluster.broker.start()


def _node(scene: Scene, number: int) -> Node:
    """The node of this id. Where the cluster is without one for a moment, any."""
    nodes = scene.cluster.broker.nodes
    return nodes[number - 1] if number > 0 else scene.choice.choice(nodes)


def _cut_silently(scene: Scene) -> None:
    _cut(scene, refuse=False)


def _cut_loudly(scene: Scene) -> None:
    _cut(scene, refuse=True)


def _cut(scene: Scene, refuse: bool) -> None:
    relay = scene.cluster.relays[scene.any_worker()]
    relay.cut(refuse)
    scene.hold(2, scene.cluster.settings.session_seconds + 4)
    relay.heal()


def _fill_disk(scene: Scene) -> None:
    with scene.cluster.full_disk():
        scene.hold(5, 9)


def _hang(scene: Scene) -> None:
    scene.await_end("poisonhang")


def _eat(scene: Scene) -> None:
    scene.await_end("poisoneat")


def _crash(scene: Scene) -> None:
    scene.await_end("poisoncrash")


def _refuse_large(scene: Scene) -> None:
    _limit(scene, _SMALL)
    scene.await_end("large")
    _limit(scene, ENTITIES.max_bytes)


def _limit(scene: Scene, size: int) -> None:
    """Have the broker take no batch over ``size`` bytes on the topic of what has its entities."""
    name = scene.cluster.settings.prefix + ENTITIES.name
    with _admin(scene) as admin:
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, {"max.message.bytes": str(size)})])


def _head_strangely(scene: Scene) -> None:
    scene.await_end("strange", _NotUtf8("strange"))


def _transact(scene: Scene) -> None:
    scene.load.transact(_TRANSACTIONS)


def _damage_table(scene: Scene) -> None:
    name = scene.any_worker()
    scene.cluster.kill(name)
    for file in scene.cluster.tables(name).glob("tables/*/**/CURRENT"):
        file.write_bytes(b"\xff" * 50)
    scene.cluster.start(name)
    scene.cluster.await_ready()  # another worker may have the table meanwhile: that this one is whole again is to be seen


def _add_partition(scene: Scene) -> None:
    scene.cluster.add_partition()


def _jump_clock(scene: Scene) -> None:
    scene.cluster.set_clock(scene.choice.choice((-_CLOCK, _CLOCK)))
    scene.hold(3, 6)
    scene.cluster.set_clock(0)


@contextmanager
def _admin(scene: Scene) -> Iterator[Any]:
    client = KafkaAdminClient(**client_options(scene.cluster.settings))
    try:
        yield client
    finally:
        client.close()


def _stage(scene: Scene) -> int:
    """The process of some stage of some worker."""
    worker = scene.cluster.workers[scene.any_worker()]
    stages = _found(lambda: sorted(worker.stages().items()))
    return scene.choice.choice(stages)[1]


def _found(look: Callable[[], list[T]]) -> list[T]:
    """What there is to strike at, as soon as there is any: the fault before may have left none for a moment."""
    deadline = time.monotonic() + _PATIENCE
    while not (found := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"there was nothing to strike at for {_PATIENCE:.0f} s")
        time.sleep(0.1)
    return found


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return  # it died by itself meanwhile, which is a fault too


@dataclass(frozen=True)
class Kind:
    """``share``: how often it comes, against the others; 0: once, no matter how many come. ``nodes``: that the broker must have."""

    strike: Callable[[Scene], None]
    share: int
    does: str
    nodes: int = 1


KINDS: Mapping[str, Kind] = {
    "kill_worker": Kind(_kill_worker, 12, "kill -9 of a worker, its four stages with it; started again at once"),
    "kill_all": Kind(_kill_all, 3, "kill -9 of all workers at once; started again at once"),
    "kill_stage": Kind(_kill_stage, 26, "kill -9 of one stage's process"),
    "kill_nlp": Kind(_kill_nlp, 34, "kill -9 of an NLP process"),
    "restart_worker": Kind(_restart_worker, 8, "SIGTERM of a worker, and a start"),
    "come_or_go": Kind(_come_or_go, 14, "a further worker joins, or leaves by SIGTERM"),
    "sleep_stage": Kind(_sleep_stage, 13, "SIGSTOP of a stage's process past its session, then SIGCONT"),
    "sleep_worker": Kind(_sleep_worker, 7, "the same of a worker with all its processes"),
    "restart_broker": Kind(_restart_broker, 3, "the broker stops, all its nodes, and starts some seconds later"),
    "kill_broker": Kind(_kill_broker, 3, "kill -9 of all the broker's nodes, and a start"),
    "pause_broker": Kind(_pause_broker, 3, "SIGSTOP of all the broker's nodes for 20 s, then SIGCONT"),
    "kill_leader": Kind(
        _kill_leader, 6, "kill -9 of the node that leads a partition; started again 5 to 15 s later", 3
    ),
    "kill_controller": Kind(_kill_controller, 3, "kill -9 of the node that is the controller; started as before", 3),
    "lose_quorum": Kind(_lose_quorum, 1, "kill -9 of two nodes of three; started again 20 to 40 s later", 3),
    "cut_silently": Kind(_cut_silently, 13, "nothing passes between a worker and the broker for 2 to 10 s"),
    "cut_loudly": Kind(_cut_loudly, 10, "a worker's connections are reset and refused for 2 to 10 s"),
    "full_disk": Kind(_fill_disk, 4, "the disk of all tables is full for 5 to 9 s"),
    "hanging_document": Kind(_hang, 6, "a document that an NLP process never ends"),
    "eating_document": Kind(_eat, 10, "a document that an NLP process has no memory for"),
    "crashing_document": Kind(_crash, 9, "a document that an NLP process dies of"),
    "refused_message": Kind(_refuse_large, 9, "the broker takes only small messages on an inner topic"),
    "strange_header": Kind(_head_strangely, 8, "a document with a header whose name is not UTF-8"),
    "transactions": Kind(_transact, 8, "a sender that commits some transactions, and aborts as many"),
    "damaged_table": Kind(_damage_table, 3, "kill -9 of a worker; a file of its tables is damaged; a start"),
    "added_partition": Kind(_add_partition, 0, "the topic of the documents is given one more partition"),
    "clock": Kind(_jump_clock, 5, "the workers' clock jumps an hour forward or back, and back"),
}


def possible(cluster: Cluster) -> tuple[dict[str, Kind], dict[str, str]]:
    """The kinds that can be had on this machine, and why the others can not."""
    nodes = len(cluster.broker.nodes)
    left_out = {
        name: f"the broker has {nodes} of {kind.nodes} nodes" for name, kind in KINDS.items() if kind.nodes > nodes
    }
    if not cluster.disk:
        left_out["full_disk"] = "no disk can be mounted without root"
    if cluster.clock is None:
        left_out["clock"] = "libfaketime is not installed (Debian's package faketime)"
    return {name: kind for name, kind in KINDS.items() if name not in left_out}, left_out


def plan(kinds: Mapping[str, Kind], count: int, seed: int) -> list[str]:
    """``count`` faults in a random order, each kind by its share, and at least once where there is room.

    They are fewer where no kind may come twice.
    """
    choice = random.Random(seed)  # noqa: S311 - any order will do
    planned = list(kinds)[:count]
    shares = [kind.share for kind in kinds.values()]
    if any(shares):
        planned += choice.choices(list(kinds), shares, k=count - len(planned))
    choice.shuffle(planned)
    return planned
