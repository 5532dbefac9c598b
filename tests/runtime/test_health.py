"""Health over HTTP says what is, also to a client that asks nonsense."""

import http.client
import json
from collections.abc import Callable

import pytest
from prometheus_client import CollectorRegistry, Counter

from services.runtime.health import Health, serve


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def health(clock: Clock) -> Health:
    return Health(30.0, clock)


def test_live_fails_when_the_loop_is_silent_or_a_partition_stands_still(health: Health, clock: Clock) -> None:
    assert health.live()[0]
    health.beat()
    clock.now += 14
    assert health.live()[0]
    clock.now += 2
    assert not health.live()[0]
    health.beat()
    assert health.live()[0]
    health.still_seconds = 31
    assert not health.live()[0]


def test_live_fails_when_nothing_moves_though_something_is_to_be_done(clock: Clock) -> None:
    health = Health(30.0, clock, stuck_seconds=40.0)
    clock.now += 100
    health.beat()
    assert health.live()[0]  # nothing was to be done yet
    health.moved()
    clock.now += 39
    health.beat()
    assert health.live()[0]
    clock.now += 2
    health.beat()
    ok, facts = health.live()
    assert (ok, facts["stuck_seconds"]) == (False, 41.0)
    health.moved()
    assert health.live()[0]


def test_ready_needs_models_partitions_and_life(health: Health, clock: Clock) -> None:
    assert not health.ready()[0]
    health.models_loaded = True
    assert not health.ready()[0]
    health.assigned = True
    assert health.ready()[0]
    health.recovered = False
    assert not health.ready()[0]
    health.recovered = True
    health.draining = True
    assert not health.ready()[0]


@pytest.fixture
def ask(health: Health) -> Callable[[str, str], tuple[int, bytes]]:
    registry = CollectorRegistry()
    Counter("seen", "Seen.", registry=registry).inc(3)
    port = serve(health, registry, "127.0.0.1", 0)

    def ask(method: str, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read()

    return ask


def test_the_server_answers(health: Health, ask: Callable[[str, str], tuple[int, bytes]]) -> None:
    status, body = ask("GET", "/ready")
    assert (status, json.loads(body)["ok"]) == (503, False)
    assert ask("GET", "/live")[0] == 200
    status, body = ask("GET", "/metrics")
    assert status == 200
    assert b"seen_total 3.0" in body


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/../../etc/passwd", 404),
        ("GET", "/live/x", 404),
        ("POST", "/live", 405),
        ("DELETE", "/metrics", 405),
        ("GET", "/" + "a" * 5000, 404),
    ],
)
def test_nonsense_is_refused(ask: Callable[[str, str], tuple[int, bytes]], method: str, path: str, status: int) -> None:
    assert ask(method, path)[0] == status
    assert ask("GET", "/live")[0] == 200
