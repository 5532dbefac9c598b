"""What the settings of a topic must be, for any number of replicas, and what operators are told of it."""

import pytest

from services.runtime.demands import Fault, demands, faults
from services.runtime.settings import Settings
from services.runtime.topics import every_topic
from services.runtime.topology import ENRICHED
from tests.conftest import ROOT

SETTINGS = Settings(brokers="b:9092")


@pytest.mark.parametrize("replicas", [1, 2, 3, 5])
def test_what_is_asked_for_has_no_fault(replicas: int) -> None:
    for topic in every_topic(""):
        assert faults(topic, topic.name, replicas, demands(topic, replicas), SETTINGS) == []


@pytest.mark.parametrize(
    ("replicas", "least", "fatal"),
    [
        (1, 1, None),
        (1, 2, True),
        (2, 1, None),
        (2, 2, False),
        (3, 1, False),
        (3, 2, None),
        (3, 3, False),
        (3, 4, True),
        (5, 3, None),
    ],
)
def test_one_broker_may_die_and_nothing_is_lost_and_writing_goes_on(
    replicas: int, least: int, fatal: bool | None
) -> None:
    found = faults(ENRICHED, "n", replicas, {"min.insync.replicas": str(least)}, SETTINGS)
    assert [fault.fatal for fault in found] == ([] if fatal is None else [fatal])


def test_longer_or_larger_or_for_ever_is_no_fault() -> None:
    found = {"retention.ms": "-1", "max.message.bytes": str(ENRICHED.max_bytes * 2)}
    assert faults(ENRICHED, "n", 1, found, SETTINGS) == []
    assert faults(ENRICHED, "n", 1, {"retention.ms": str(6 * 24 * 3_600_000)}, SETTINGS) == []


def test_settings_that_the_broker_does_not_tell_are_a_warning() -> None:
    secured = SETTINGS.model_copy(update={"security_protocol": "SASL_SSL", "sasl_username": "sw"})
    [fault] = faults(ENRICHED, "n", 1, {}, secured)
    assert fault == Fault(
        "n: the broker does not show its settings (this needs the operation DescribeConfigs), so they are not checked",
        "kafka-acls.sh --bootstrap-server b:9092 --command-config FILE --add --allow-principal User:sw "
        "--operation DescribeConfigs --topic n",
        fatal=False,
    )


def test_the_page_for_operators_says_what_the_table_of_topics_leaves_out() -> None:
    said = {"`retention.bytes=-1`", "`segment.ms=21600000`", "`min.insync.replicas=2`"}
    assert all(one in (ROOT / "docs" / "operations.md").read_text() for one in said)
