"""What of kafka-python's log is left out."""

import logging
import time

import pytest
from kafka.net.selector import NetworkSelector

from services.runtime import kafka


async def slow() -> str:
    time.sleep(0.02)  # noqa: ASYNC251 - it blocks, as it must not
    return "done"


@pytest.mark.parametrize("filtered", [True, False])
def test_its_warning_of_a_busy_machine_is_not_logged(caplog: pytest.LogCaptureFixture, filtered: bool) -> None:
    log = logging.getLogger("kafka.net.selector")
    (ours,) = [one for one in log.filters if isinstance(one, kafka._NoSlowness)]
    if not filtered:
        log.removeFilter(ours)
    try:
        with caplog.at_level("WARNING"):
            selector = NetworkSelector(slow_task_threshold_secs=0.001)
            assert selector.run(slow) == "done"
            selector.close()
            log.warning("Error reading wakeup socket")
    finally:
        log.addFilter(ours)
    said = [record.getMessage() for record in caplog.records if record.name == log.name]
    assert said[-1] == "Error reading wakeup socket"
    assert any("blocking the event loop" in one for one in said) is not filtered
