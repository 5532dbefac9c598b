"""The tutorial, done as it is written: each command in its order, on a real broker, and the table that the page shows."""

import csv
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.snippets import ROOT, block, blocks

pytestmark = [pytest.mark.broker, pytest.mark.timeout(500)]
PAGE = (ROOT / "docs" / "tutorial.md").read_text()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What a newcomer has in the folder of the repository after the set-up, without what earlier runs left there."""
    for name in ("Makefile", "requirements.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("seeds", "docs/tutorial"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    (tmp_path / ".venv" / "run").touch()  # the stamp of the set-up: nothing is installed
    return tmp_path


def shell(script: str, folder: Path) -> "subprocess.Popen[str]":
    """Started as in a terminal of a reader: with nothing set but what the page says, and fewer processes."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("STANCEWIRE_")}
    return subprocess.Popen(
        ["/bin/bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=outside | {"STANCEWIRE_PROCESSES": "1", "COLUMNS": "160"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def until(said: Iterator[str], words: str) -> str:
    heard = ""
    for line in said:
        heard += line
        if words in line:
            return heard
    raise AssertionError(heard)


def test_the_tutorial_gives_its_table(checkout: Path) -> None:
    assert block(PAGE, "csv docs/tutorial/issues.csv") == (checkout / "docs" / "tutorial" / "issues.csv").read_text()
    running = shell(block(PAGE, "sh first terminal"), checkout)
    assert running.stdout is not None
    try:
        heard = until(running.stdout, "Every document has its event")
        commands = [content for kind, content in blocks(PAGE) if kind == "sh"]
        assert len(commands) == 3
        activate = commands[0].splitlines()[0]
        for command in commands:
            second = shell(f"{activate}\n{command}", checkout)
            said, _ = second.communicate(timeout=120)
            assert second.returncode == 0, said
        page = re.search(r"live page: (http://127\.0\.0\.1:\d+)", heard)
        assert page, heard
        with urllib.request.urlopen(f"{page[1]}/stands?issue=toll", timeout=20) as answer:  # noqa: S310
            assert answer.status == 200
    finally:
        os.killpg(running.pid, signal.SIGINT)
        running.communicate(timeout=90)
    assert running.returncode is not None

    (checkout / "table.py").write_text(block(PAGE, "python"))
    ended = subprocess.run([sys.executable, "table.py"], cwd=checkout, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    with (checkout / "toll.csv").open(newline="") as file:
        head, *rows = csv.reader(file)
    shown = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| ")
    ]
    assert [head, *rows] == [shown[0], *shown[2:]]
