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

# Java's better compiler pays off after minutes, and the brokers of tests, and their tools, live shorter: 3 s less for each.
os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")


MARK = "mark.broker"
"""What the source of a file with broker tests has in it."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--part", default="1/1", help="1/2: every second file from the first on; 2/2: the others")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With ``-m broker`` read only the files that have such tests: to import the others takes as long as many tests."""
    if config.option.markexpr != "broker" or collection_path.suffix != ".py":
        return None
    return None if MARK in collection_path.read_text("utf-8") else True


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """Keep the part that ``--part`` says. A file's tests stay together: what they start is shared in it."""
    for path in {item.path for item in items if item.get_closest_marker("broker")}:
        if MARK not in path.read_text("utf-8"):
            raise pytest.UsageError(f"{path}: write the marker as pytest.{MARK}, or `make test` leaves the file out")
    yield
    part, parts = map(int, config.getoption("--part").split("/"))
    kept = set(sorted({item.path for item in items})[part - 1 :: parts])
    config.hook.pytest_deselected(items=[item for item in items if item.path not in kept])
    items[:] = [item for item in items if item.path in kept]


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
