"""A shorter cut of the fault suite (``make faults``): real workers on a real Kafka, under load, each kind of fault that is cheap.

The dead-letter kinds are struck in full. What is checked is in ``evaluation/faults/books.py``; that each check can fail, in
its tests.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from evaluation.faults.kinds import KINDS
from evaluation.faults.run import Run, cluster, figures, is_clean
from schemas import Reason

pytestmark = [pytest.mark.broker, pytest.mark.timeout(600)]
POISONED = ("hanging_document", "eating_document", "crashing_document", "refused_message")
STRUCK = (*POISONED, "kill_worker", "kill_nlp", "sleep_stage", "cut_silently", "kill_stage", "kill_broker")
"""In this order: what the documents do to a worker is looked at before workers die and begin to count anew."""
NODES_STRUCK = ("kill_leader", "kill_controller")
"""The quorum is lost in `make faults` alone: it takes a minute."""
RATE = 8.0
RATE_OF_THREE = 3.0
"""Three nodes on the cores of one leave less to the stages."""

Record = Callable[[str, object], None]
"""pytest's ``record_property``: the figures are in the report that ``--junitxml`` writes."""


@pytest.fixture
def run(tmp_path: Path) -> Iterator[tuple[Run, list[str]]]:
    """A run under load, and the workers that ended by themselves."""
    with cluster(tmp_path / "faults") as made:
        one = Run(made, 1, RATE)
        one.begin()
        yield one, made.ended


def test_nothing_is_lost_whatever_dies_stops_or_is_cut(run: tuple[Run, list[str]], record_property: Record) -> None:
    one, ended = run
    for name in STRUCK:
        one.strike(name, KINDS[name])
    found = one.finish()
    result = figures(one, found, ended) | {"stuck": None, "not_sent": len(one.load.failed), "workers_ended": ended}
    record_property("figures", result)
    assert is_clean(result), result
    assert result["faults"] == len(STRUCK)
    assert result["documents"] > 300
    assert result["offsets_audited"] > 1000
    assert result["audits"] >= len(STRUCK)
    assert {"enriched", "duplicate", "withdrawn"} <= found.statuses.keys()
    letters = {origin: letters[0] for origin, letters in one.books.letters.items()}
    named = {one.books.inputs[origin].key.partition("-")[0]: letter for origin, letter in letters.items()}
    assert {name: letter.reason for name, letter in named.items()} == {
        "poisonhang": Reason.TIMED_OUT,
        "poisoneat": Reason.ERROR,
        "poisoncrash": Reason.CRASHED,
        "large": Reason.ERROR,
    }
    assert all(letter.stage == "entities" for letter in letters.values())
    assert named["poisoneat"].exception == "MemoryError"
    assert named["large"].exception == "MessageSizeTooLargeError"
    assert "max.message.bytes" in named["large"].message


def test_nothing_is_lost_when_nodes_of_three_die(tmp_path: Path, record_property: Record) -> None:
    """The short cut of what befalls three nodes: topics with three replicas, of which two must have a record."""
    with cluster(tmp_path / "three", ("one",), nodes=3) as made:
        one = Run(made, 2, RATE_OF_THREE)
        one.begin()
        for name in NODES_STRUCK:
            one.strike(name, KINDS[name])
        result = figures(one, one.finish(), made.ended)
    record_property("figures", result)
    assert is_clean(result | {"stuck": None, "not_sent": len(one.load.failed), "workers_ended": made.ended}), result
    assert result["faults"] == len(NODES_STRUCK)
    assert result["audits"] >= len(NODES_STRUCK)
    assert result["offsets_audited"] > 100
