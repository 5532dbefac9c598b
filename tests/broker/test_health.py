"""What a real worker says of itself while what health is about happens to it: no broker, a blocked loop, a table being read."""

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from kafka import KafkaProducer

from evaluation.faults.cluster import Cluster, says
from evaluation.faults.run import cluster
from evaluation.faults.worker import asleep
from evaluation.made_copies import Copies, document
from services.runtime.topology import STAGES
from tests.broker.cluster import Watcher, put

pytestmark = [pytest.mark.broker, pytest.mark.timeout(400)]
STUCK_SECONDS = 16.0
"""Nothing moves for so long: the settings' stall_seconds and document_seconds below."""


def until(what: Callable[[], bool], seconds: float) -> float:
    """Wait until it holds; how long that took."""
    started = time.monotonic()
    while not what():
        assert time.monotonic() - started < seconds
        time.sleep(0.1)
    return time.monotonic() - started


def is_live(made: Cluster, stage: str) -> bool:
    """Whether the stage says that it is live."""
    return says(made.workers["one"].port_of(stage), "live")[0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "health"


def test_live_fails_while_the_broker_stands_still_with_work_in_hand_and_while_the_loop_is_blocked(folder: Path) -> None:
    with cluster(folder, ("one",), stall_seconds=6.0, document_seconds=10.0) as made:
        watcher = Watcher(made.settings)
        producer = KafkaProducer(bootstrap_servers=made.settings.bootstrap, linger_ms=5)
        futures = []
        for key, value in Copies(1).take(600):
            futures.append(producer.send(f"{made.settings.prefix}news.documents", key=key, value=value))
        producer.flush(30)
        with asleep(made.broker_pids):
            took = until(lambda: not is_live(made, "intake"), 60)
            assert took > STUCK_SECONDS / 2
            assert not says(made.workers["one"].port_of("intake"), "ready")[0]
        until(lambda: all(is_live(made, stage.name) for stage in STAGES), 60)
        places = [future.get(30) for future in futures]
        watcher.until([f"{one.topic}/{one.partition}/{one.offset}" for one in places], 120)

        judge = made.workers["one"].pid_of("dedup")
        put(made.settings, [document("poisonblock-1", "poisonblock of the judge")])
        until(lambda: not is_live(made, "dedup"), 40)
        assert is_live(made, "entities")
        until(lambda: made.workers["one"].stages().get("dedup", judge) != judge, 40)
        assert "the stage dedup reports that it is not live; it is killed" in (folder / "one.log").read_text()
        watcher.close()
        made.kill("one")


def test_ready_waits_for_the_table(folder: Path) -> None:
    with cluster(folder, ("one",)) as made:
        watcher = Watcher(made.settings)
        watcher.until(put(made.settings, Copies(2).take(400)), 120)
        made.terminate("one")
        shutil.rmtree(folder / "tables" / "one")
        made.relays["one"].slow(20_000)
        made.start("one")
        port = made.workers["one"].port_of("dedup")
        answers = []

        def is_reading() -> bool:
            answers.append(says(port, "ready"))
            facts = json.loads(answers[-1][1] or "{}")
            return bool(facts) and facts["models_loaded"] and not (facts["assigned"] and facts["recovered"])

        until(is_reading, 120)
        for _ in range(20):  # some seconds of reading
            is_reading()
            time.sleep(0.1)
        assert not any(ok for ok, _ in answers)
        made.relays["one"].heal()
        until(lambda: says(port, "ready")[0], 120)
        last = put(made.settings, [document("late", Copies(3).text())])
        watcher.until(last, 120)
        watcher.close()
