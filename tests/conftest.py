"""Shared by all tests: a real Kafka for those that ask for one, and topics of their own for each."""

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

from deploy import broker
from services.runtime import topics
from services.runtime.settings import Settings

ROOT = Path(__file__).parent.parent

# The same examples on every run of CI, so that a change is judged by what it changed; no deadlines, since machines differ.
hypothesis.settings.register_profile(
    "ci", derandomize=True, deadline=None, suppress_health_check=list(hypothesis.HealthCheck)
)
hypothesis.settings.register_profile("local", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("STANCEWIRE_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The development data that lies beside the project; a test that needs it skips where it is missing."""
    folder = ROOT.parent / "shared"
    if not (folder / "data").is_dir():
        pytest.skip("the development data ../shared/data is not here")
    return folder


@pytest.fixture(scope="session")
def brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """host:port of a real Kafka broker that lives as long as the test run."""
    with broker.running(tmp_path_factory.mktemp("broker")) as running:
        yield running.address


@pytest.fixture(scope="session")
def _prefixes() -> Iterator[str]:
    """A test looks for processes by the prefix in their environment, so it differs from those of a test process beside this one."""
    return (f"t{os.getpid()}-{number}-" for number in itertools.count())


@pytest.fixture
def fresh(brokers: str, tmp_path: Path, _prefixes: Iterator[str]) -> Callable[..., Settings]:
    """Makes settings with topics of their own, created."""

    def make(**settings: object) -> Settings:
        values = {"brokers": brokers, "prefix": next(_prefixes), "data_dir": tmp_path, "partitions": 2} | settings
        made = Settings.model_validate(values)
        topics.create(made)
        return made

    return make
