"""The stage in a real worker, on a real Kafka."""

from collections.abc import Callable
from pathlib import Path

import pytest

from evaluation.bench.stages import read_gauge
from evaluation.faults.worker import Worker
from services.runtime.settings import Settings
from tests.broker.cluster import Watcher, put
from tests.conftest import ROOT

pytestmark = [pytest.mark.broker, pytest.mark.timeout(600)]


def test_an_event_has_its_reading_time_and_the_worker_counts_it(fresh: Callable[..., Settings], tmp_path: Path) -> None:
    settings = fresh(processes=1)
    worker = Worker(settings, tmp_path / "worker.log")
    watcher = Watcher(settings)
    try:
        origins = put(settings, [(None, (ROOT / "docs" / "example.json").read_bytes())])
        seen = watcher.until(origins, 400)
        [event] = seen.events[origins[0]]
        assert event.reading_seconds == 12.9
        assert "reading_time=" in event.processing.pipeline
        assert read_gauge(worker.port_of("reading_time"), "reading_seconds_count") == 1
    finally:
        watcher.close()
        assert worker.terminate() == 0
