"""``stancewire replay`` on a real Kafka: what is read again has the verdict that it had; it is refused where that cannot be."""

from collections.abc import Callable
from pathlib import Path

import pytest
from kafka import KafkaConsumer, TopicPartition

from evaluation.made_copies import Copies
from evaluation.recorded import given
from services.replay import ReplayError, carry_out, plan
from services.runtime.settings import Settings
from services.runtime.topology import ENRICHED, FINGERPRINTS, UNIQUE
from tests.broker.cluster import judges, put

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]
DOCUMENTS = 80


def works(settings: Settings) -> int:
    """How many works intake has handed on."""
    at = TopicPartition(settings.prefix + FINGERPRINTS.name, 0)
    consumer = KafkaConsumer(bootstrap_servers=settings.bootstrap)
    try:
        return int(consumer.end_offsets([at])[at])
    finally:
        consumer.close()


def test_what_is_read_again_has_the_verdict_that_it_had(fresh: Callable[..., Settings], tmp_path: Path) -> None:
    settings = fresh(session_seconds=6)
    with pytest.raises(ReplayError, match="nothing to process again"):
        plan(settings, "intake", "beginning")
    copies = Copies(3)
    with judges(settings, tmp_path, "dedup", UNIQUE, ENRICHED) as (workers, arrivals):
        workers.start("one")
        origins = put(settings, copies.take(DOCUMENTS))
        arrivals.until(origins)
        workers.stop("one")
        once, handed = given(settings), works(settings)

        planned = plan(settings, "intake", "beginning")
        assert (planned.messages, planned.judged) == (DOCUMENTS, handed)
        planned.check(2 * handed)
        with pytest.raises(ReplayError, match=f"up to {handed} duplicate verdicts"):
            planned.check(2 * handed - 1)
        carry_out(settings, planned)

        workers.start("one")
        later = put(settings, copies.take(DOCUMENTS))
        arrivals.until(later)
        with pytest.raises(ReplayError, match="Stop all workers"):
            carry_out(settings, planned)
    assert works(settings) == 2 * handed + DOCUMENTS
    twice = given(settings)  # raises where a repeat says something else
    assert {origin: twice[origin] for origin in once} == once
    assert twice.keys() == {*origins, *later}
