"""Canaries on a real broker where nothing works, and what they say of it over HTTP and in their metrics."""

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from evaluation.faults.worker import COMMAND, environment
from services.canary.serve import Canaries
from services.canary.settings import CanarySettings
from services.runtime.settings import Settings, SettingsError, load

pytestmark = [pytest.mark.broker, pytest.mark.timeout(120)]


@pytest.fixture
def process(fresh: Callable[..., Settings]) -> Iterator["subprocess.Popen[str]"]:
    """``stancewire canary`` on topics that no stage reads."""
    values = {"STANCEWIRE_CANARY_SECONDS": "5", "STANCEWIRE_CANARY_PORT": "0"}
    one = subprocess.Popen(
        [COMMAND, "canary"],
        env=os.environ | environment(fresh()) | values,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield one
    one.kill()


def ask(address: str, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"{address}{path}", timeout=5) as answer:  # noqa: S310 - our own
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_events_that_do_not_come_are_missing(process: "subprocess.Popen[str]") -> None:
    assert process.stdout is not None
    address = process.stdout.readline().split()[1].removesuffix("/metrics")
    assert ask(address, "/live")[0] == 200
    assert ask(address, "/ready")[0] == 503
    assert ask(address, "/elsewhere")[0] == 404
    deadline = time.monotonic() + 60
    while ask(address, "/ready")[0] != 200:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    metrics = ask(address, "/metrics")[1]
    assert 'stancewire_canary_rounds_total{outcome="missing"} 1.0' in metrics
    assert "stancewire_canary_agreement 0.0" in metrics
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "0 of 18 known facts were found; late: language (en)" in said


def test_without_a_broker_a_round_ends_and_says_so(tmp_path: Path) -> None:
    values = {"STANCEWIRE_BROKERS": "127.0.0.1:1", "STANCEWIRE_CANARY_SECONDS": "5"}
    done = subprocess.run(
        [COMMAND, "canary", "--once"],
        env=os.environ | values,
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 1
    assert "no Kafka broker answers at 127.0.0.1:1" in done.stderr
    assert done.stdout.count("late") == 18
    assert "Traceback" not in done.stderr


def test_a_bad_story_is_a_wrong_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "story.json"
    file.write_text(json.dumps({"text": "short"}))
    monkeypatch.setenv("STANCEWIRE_CANARY_STORY", str(file))
    with pytest.raises(SettingsError, match=r"STANCEWIRE_CANARY_STORY: .*a canary needs at least 60"):
        load(CanarySettings)
    done = subprocess.run(
        [COMMAND, "canary", "--once"],
        env=os.environ | {"STANCEWIRE_CANARY_STORY": str(file), "STANCEWIRE_BROKERS": "127.0.0.1:1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "STANCEWIRE_CANARY_STORY" in done.stderr) == (2, True)


def test_one_that_hangs_is_not_live(tmp_path: Path) -> None:
    now = 0.0
    canaries = Canaries(Settings(data_dir=tmp_path), CanarySettings(seconds=60), clock=lambda: now)
    assert canaries.live()[0]
    now = 200.0
    assert not canaries.live()[0]
