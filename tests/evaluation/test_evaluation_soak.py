"""The soak's figures: what is flat counts as flat, and each kind of growth, or a lost document, does not."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from evaluation.bench import BenchError
from evaluation.soak import Reading, Soak, draw, figures, look

Change = Callable[[float], float]


def soaked(changes: Mapping[str, Change], lost: int = 0) -> Soak:
    """A run of 1,000 documents in 100 moments; the changes are of the documents done."""
    memory, files, threads, strings = (changes[name] for name in ("memory", "files", "threads", "strings"))
    soak = Soak(published=1_000 + lost, done={str(number) for number in range(1_000)})
    for done in range(10, 1_001, 10):
        one = Reading(memory(done), int(files(done)), int(threads(done)))
        soak.moments.append((done, done / 10, {"entities": one, "entities nlp": one}, strings(done)))
    return soak


def level(value: float) -> Change:
    return lambda done: value


def rising(start: float, end: float) -> Change:
    return lambda done: start + (end - start) * done / 1_000


FLAT = {"memory": level(100), "files": level(20), "threads": level(4), "strings": level(1_000)}


def test_what_is_level_is_flat() -> None:
    found = figures(soaked(FLAT), 1_000, 100)
    assert found["flat"]
    assert (found["documents"], found["lost"], found["documents_per_second"]) == (1_000, 0, 10)
    assert set(found["growth"].values()) == {0}


def test_what_grows_only_while_it_is_warmed_up_is_flat() -> None:
    assert figures(soaked(FLAT | {"memory": lambda done: min(done, 100)}), 1_000, 100)["flat"]


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("memory", rising(100, 105)),
        ("files", rising(20, 30)),
        ("threads", rising(4, 9)),
        ("strings", rising(1_000, 1_050)),
    ],
)
def test_what_grows_is_not_flat(name: str, change: Change) -> None:
    found = figures(soaked(FLAT | {name: change}), 1_000, 100)
    assert not found["flat"]
    assert sum(value > 0 for value in found["growth"].values()) == 1


def test_a_lost_document_is_no_success() -> None:
    found = figures(soaked(FLAT, lost=1), 1_000, 100)
    assert (found["flat"], found["lost"]) == (False, 1)


def test_a_run_that_was_too_short_says_so() -> None:
    soak = soaked(FLAT)
    del soak.moments[5:]
    with pytest.raises(BenchError, match="too short"):
        figures(soak, 1_000, 100)


def test_it_sees_the_processes_of_a_stage(tmp_path: Path) -> None:
    held = "import sys, time; files = [open('/dev/null') for _ in range(50)]; print('on', flush=True); time.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-c", held, "services.runtime.process", "dedup"], stdout=subprocess.PIPE, env=os.environ
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.1)
        seen = look()["dedup"]
        process.kill()
    assert seen.files >= 53
    assert seen.threads == 1
    assert 1 < seen.memory_mb < 200


@pytest.mark.parametrize("documents", [1_000, 100_000])
def test_the_picture_has_every_role(tmp_path: Path, documents: int) -> None:
    soak = soaked(FLAT | {"memory": level(1784.31), "strings": level(123_456)})
    soak.moments = [(done * documents // 1_000 - 3, at, roles, held) for done, at, roles, held in soak.moments]
    draw(tmp_path / "soak.svg", figures(soak, documents, 100)["curve"])
    text = (tmp_path / "soak.svg").read_text()
    for words in ("Memory, MB", "Open files", "Threads", "entities nlp"):
        assert words in text
