"""``stancewire run``: the whole job on the project's own stories, with a broker of its own, and nothing left behind."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.broker.cluster import COMMAND

pytestmark = [pytest.mark.broker, pytest.mark.timeout(400)]
ROOT = Path(__file__).parent.parent.parent


def started(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("STANCEWIRE_")}
    return subprocess.Popen(
        [COMMAND, "run", "seeds", *arguments],
        cwd=ROOT,
        env=environment | {"STANCEWIRE_DATA_DIR": str(folder), "STANCEWIRE_PROCESSES": "1", "COLUMNS": "160"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def left_running(folder: Path) -> list[str]:
    """Processes that were started with the folder as their data folder, or that name it."""
    mark = str(folder).encode()
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            try:
                if mark in (process / "environ").read_bytes() + (process / "cmdline").read_bytes():
                    found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode()[:200])
            except OSError:
                continue
    return [one for one in found if one]


def test_once_shows_everything_and_ends(tmp_path: Path) -> None:
    process = started(tmp_path, "--once")
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 0, said
    counts = {name.strip(): int(count) for name, count in re.findall(r"│ ([a-z ]+?) +│ (\d+) +│", said)}
    assert counts["documents published"] == counts["enriched"] + counts["duplicate"] + counts["rejected"] == 25
    assert (counts["enriched"], counts["duplicate"], counts["rejected"]) == (18, 3, 4)
    assert (counts["verdict exact"], counts["verdict near"]) == (2, 2)
    assert "live page: http://127.0.0.1:" in said
    assert counts["stances favor"] > 0
    assert counts["stances against"] > 0
    for words in ("EXACT COPY", "NEAR COPY", "not json", "unsupported language", "→ against →", "→ favor →"):
        assert words in said
    assert left_running(tmp_path) == []


def test_ctrl_c_ends_it_and_leaves_nothing_running(tmp_path: Path) -> None:
    process = started(tmp_path)
    said: list[str] = []
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line)
        if "all documents have their event" in line:
            break
    assert len(left_running(tmp_path)) > 8, said
    os.killpg(process.pid, signal.SIGINT)
    said.append(process.communicate(timeout=90)[0])
    assert process.returncode == 0, "".join(said)
    deadline = time.monotonic() + 10
    while found := left_running(tmp_path):
        assert time.monotonic() < deadline, found
        time.sleep(0.2)
