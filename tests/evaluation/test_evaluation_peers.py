"""The programs that Stancewire is measured against do the work, and what is made of their figures is right."""

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from evaluation.bench import BenchError
from evaluation.bench.partitions import Sent
from evaluation.bench.peers import rounds
from evaluation.bench.peers.enrich import Enricher, pool
from evaluation.bench.peers.exchange import Exchange
from evaluation.bench.peers.hands import hands
from evaluation.bench.peers.programs import NAIVE, PROGRAMS, Program, running, started
from evaluation.data import Article, seeds
from evaluation.stock import SMALL
from services.consumer.tail import Tail
from services.pipeline import Pipeline
from services.runtime.settings import Settings
from services.runtime.topology import ENRICHED

EXAMPLE = (Path(__file__).parents[2] / "docs" / "example.json").read_bytes()
FOUND = ("entities", "issues", "stances")


@pytest.fixture(scope="module")
def right() -> dict[str, Any]:
    """What Stancewire itself finds in the example."""
    (event,) = Pipeline()([(None, EXAMPLE)], datetime(2026, 4, 2, tzinfo=UTC))
    made: dict[str, Any] = json.loads(event.model_dump_json())
    assert made["stances"]
    return made


def assert_right(event: bytes, right: dict[str, Any]) -> None:
    made = json.loads(event)
    assert {name: made[name] for name in ("id", "status", *FOUND)} == {
        name: right[name] for name in ("id", "status", *FOUND)
    }


def test_all_programs_run_the_models_of_the_stages(right: dict[str, Any]) -> None:
    assert_right(Enricher()(EXAMPLE), right)


@pytest.mark.broker
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.module or "ours")
def test_a_program_enriches_a_document(program: Program, fresh: Callable[..., Settings], right: dict[str, Any]) -> None:
    if program.missing:
        pytest.skip(f"{program.name}: {program.missing}")
    settings = fresh()
    document = json.loads(EXAMPLE)
    exchange = Exchange(settings)
    try:
        with running(program, settings) as processes:
            passed = exchange(
                [Sent(document["id"], Article(title=document["title"], text=document["text"]))], processes.check
            )
            assert passed.statuses == {document["id"]: "enriched"}
            assert 0 < passed.latencies[document["id"]] <= passed.seconds
            assert processes.cpu_seconds() > 0.5
            assert 100 < processes.memory_mb() < 5_000
            left = processes.all()
        assert not any(one.is_running() and one.status() != "zombie" for one in left)
        with Tail(settings, ENRICHED, to_end=True) as tail:
            events = [record.value or b"" for record in tail]
    finally:
        exchange.close()
    assert_right(events[0], right)


def test_a_pool_has_all_of_its_processes_before_the_first_document() -> None:
    """One that starts in the middle loads its models at the cost of the documents that are timed."""
    with pool(2) as processes:
        assert len(processes._processes) == 2


BUSY = "import time; end = time.monotonic() + 4\nwhile time.monotonic() < end: pass\ntime.sleep(60)"


def test_timing_waits_until_a_program_has_nothing_to_do(tmp_path: Path) -> None:
    with started([[sys.executable, "-c", BUSY]], {}, tmp_path / "log") as processes:
        processes.settle()
        used = processes.cpu_seconds()
        time.sleep(0.5)
        assert processes.cpu_seconds() - used < 0.2


def test_processor_time_is_that_of_children_too_and_of_those_that_ended(tmp_path: Path) -> None:
    work = "x = sum(i for i in range(10_000_000))"
    code = f"import subprocess, sys, time; subprocess.run([sys.executable, '-c', '{work}']); time.sleep(60)"
    with started([[sys.executable, "-c", code]], {}, tmp_path / "log") as processes:
        processes.settle()
        assert len(processes.all()) == 1
        assert processes.cpu_seconds() > 0.2


def test_a_program_that_ends_is_named(tmp_path: Path) -> None:
    with (
        started([[sys.executable, "-c", "raise SystemExit('no broker there')"]], {}, tmp_path / "log") as processes,
        pytest.raises(BenchError, match="no broker there"),
    ):
        processes.settle()


def test_no_program_has_the_tools_for_training(tmp_path: Path) -> None:
    """Where they are installed, spaCy loads them: twice the memory, of every program."""
    code = "import spacy, sys, time; print(getattr(sys.modules.get('torch'), '__version__', 'none'), flush=True); time.sleep(60)"
    with started([[sys.executable, "-c", code]], {}, tmp_path / "log") as processes:
        processes.settle()
        assert (tmp_path / "log").read_text().strip().endswith("none")


def test_hands_read_all_documents(tmp_path: Path) -> None:
    with hands([SMALL, "names"], 2, tmp_path) as run:
        run.warm(seeds()[:1])
        assert run(seeds()[:9]) > 0


def test_no_document_is_dealt_twice_and_as_many_are_copies_as_asked_for() -> None:
    count = 10
    read = [Article(title=f"{number}", text=f"story {number} " * 100) for number in range(rounds.needed(count))]
    dealt = rounds.deal(read, count, last=True)
    assert [len(dealt.shares[share]) for share in rounds.SHARES] == [count] * 3
    assert [sum(one.of is not None for one in dealt.shares[share]) for share in rounds.SHARES] == [0, 3, 6]
    everything = [dealt.warm, *dealt.shares.values(), *dealt.loads.values()]
    ids = [one.id for some in everything for one in some]
    assert len(set(ids)) == len(ids)
    originals = [one.article.title for some in everything for one in some if one.of is None]
    assert len(set(originals)) == len(originals) == len(read)
    assert not rounds.deal(read, count, last=False).loads


def test_documents_come_at_random_as_many_a_second_as_asked_for() -> None:
    due = rounds.moments(2_000, 4.0)
    assert due == rounds.moments(2_000, 4.0) == sorted(due)
    assert due[-1] == pytest.approx(500, rel=0.1)


@pytest.mark.parametrize(("percent", "value"), [(1, 1), (50, 50), (50.5, 51), (99, 99), (100, 100)])
def test_percentiles(percent: float, value: float) -> None:
    assert rounds.percentile(list(range(100, 0, -1)), percent) == value


def test_figures_are_medians_of_rounds_and_ratios_are_of_the_same_round() -> None:
    limit = [{"cpu_ms": value, "per_second": 4.0} for value in (100.0, 200.0, 400.0)]
    naive = [{"cpu_ms": 1.0, "per_second": 2.0, "cpu_ms_30": value} for value in (100.0, 300.0, 200.0)]
    ours = [{"cpu_ms": value, "per_second": 3.0, "cpu_ms_30": 90.0} for value in (110.0, 210.0, 800.0)]
    made = rounds.summed([{rounds.LIMIT: a, NAIVE: b, "ours": c} for a, b, c in zip(limit, naive, ours, strict=True)])
    assert made[rounds.LIMIT]["cpu_ms"] == 200
    assert (made[rounds.LIMIT]["ratio"], made[rounds.LIMIT]["ratio_30"]) == (1, None)
    assert made["ours"]["ratio"] == pytest.approx(1.1)  # of 1.1, 1.05 and 2; the ratio of the medians would be 1.05
    assert made["ours"]["ratio_30"] == pytest.approx(0.45)
    assert made["ours"]["ratio_per_second"] == 0.75
