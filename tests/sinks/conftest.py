"""A real PostgreSQL for the tests of sinks, and events to write."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from evaluation.postgres import PASSWORD, Server, running
from schemas import Event
from services.pipeline import Pipeline
from services.producer.item import Item
from services.producer.read import read

SEEDS = Path(__file__).parent.parent.parent / "seeds"


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """PostgreSQL, as long as the test run."""
    with running() as one:
        yield one


@pytest.fixture
def database(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator["psycopg.Connection"]:
    """A connection to the server whose tables, where there are any, are empty; the settings name it."""
    with server.connect() as connection:
        if connection.execute("SELECT to_regclass('stancewire.documents')").fetchone() != (None,):
            connection.execute("TRUNCATE stancewire.documents, stancewire.withdrawn CASCADE")
        monkeypatch.setenv("STANCEWIRE_POSTGRES_URL", server.url)
        monkeypatch.setenv("STANCEWIRE_POSTGRES_PASSWORD", PASSWORD)
        yield connection


@pytest.fixture
def altered(database: "psycopg.Connection") -> Iterator["psycopg.Connection"]:
    """The same for a test that changes the tables: they go with it."""
    yield database
    database.execute("DROP SCHEMA IF EXISTS stancewire CASCADE")


@pytest.fixture(scope="session")
def stories() -> Sequence[Event]:
    """The events of ``seeds/``."""
    documents = [(item.key, item.value) for item in read(str(SEEDS)) if isinstance(item, Item)]
    return Pipeline()(documents, datetime(2026, 3, 11, 7, 30, tzinfo=UTC))
