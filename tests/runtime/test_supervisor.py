"""The supervisor kills what says that it is not live, and only that."""

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry

from services.runtime import supervisor as module
from services.runtime.health import Health, serve
from services.runtime.settings import Settings
from services.runtime.supervisor import Supervisor
from services.runtime.topology import STAGES


@pytest.fixture
def health() -> Health:
    return Health(30.0)


@pytest.fixture
def watched(health: Health, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Supervisor, list[int]]]:
    """A supervisor of one stage whose health is ours to say, and the processes that it has started."""
    port = serve(health, CollectorRegistry(), "127.0.0.1", 0)
    started: list[int] = []

    def start(self: Supervisor, child: module._Child, now: float) -> None:
        child.process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        child.started_at = now
        started.append(child.process.pid)

    monkeypatch.setattr(module, "_ASK_SECONDS", 0.0)
    monkeypatch.setattr(Supervisor, "_start", start)
    one = Supervisor(STAGES[:1], Settings(brokers="nowhere:1", drain_seconds=1), port)
    yield one, started
    one.stop()


def test_what_is_not_live_three_times_in_a_row_is_started_anew(
    watched: tuple[Supervisor, list[int]], health: Health
) -> None:
    supervisor, started = watched
    for still in (0.0, 99.0, 99.0, 0.0, 99.0, 99.0):
        health.still_seconds = still
        supervisor.check()
    assert len(started) == 1
    supervisor.check()
    deadline = time.monotonic() + 10
    while len(started) == 1:
        assert time.monotonic() < deadline
        supervisor.check()
        time.sleep(0.05)


def test_a_stage_that_does_not_answer_is_left_alone(
    watched: tuple[Supervisor, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisor, started = watched
    monkeypatch.setattr(Supervisor, "port", lambda self, stage: 1)
    for _ in range(5):
        supervisor.check()
    assert len(started) == 1
