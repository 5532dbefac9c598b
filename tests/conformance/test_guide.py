"""``docs/adding-a-stage.md`` is applied to a fresh copy of the project, as a newcomer would, and what it adds is run there."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from docs import reference
from tests.conftest import ROOT

GUIDE = (ROOT / "docs" / "adding-a-stage.md").read_text()
EXAMPLE = ROOT / "examples" / "reading_time"
BLOCK = re.compile(r"^```(\w+)[ ]?(.*?)\n(.*?)^```", re.MULTILINE | re.DOTALL)
OTHERS = ("build", "dist")
"""Folders of a checkout that no clone has, beside hidden ones."""
LARGE = 100_000
"""Bytes from which a file is linked and not copied: models, which nothing writes."""
NO_STAMPS = "make -o .venv/run -o .venv/dev"
"""What the environment holds is this project's own: it is there, and stays as it is."""

pytestmark = pytest.mark.timeout(900)


def blocks(kind: str) -> list[tuple[str, str]]:
    """What stands behind the fence, and the block."""
    found = [(rest, text) for name, rest, text in BLOCK.findall(GUIDE) if name == kind]
    assert found, kind
    return found


def place(source: str, target: str) -> str:
    if Path(source).stat().st_size > LARGE:
        os.link(Path(source).resolve(), target)
        return target
    return str(shutil.copy2(source, target))


def call(command: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """A line of the guide, in the copy."""
    environment = os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    made = re.sub(r"^make\b", NO_STAMPS, command, flags=re.MULTILINE)
    return subprocess.run(
        ["/bin/sh", "-ec", made], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def tried(marked: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """The tests that the guide names, those on a real Kafka or the others; `make test` runs both."""
    [arguments] = re.findall(r"^make test ARGS='(.*)'$", GUIDE, re.MULTILINE)
    return call(f".venv/bin/python -m pytest -q -m '{marked}' {arguments}", folder)


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
        and path.stat().st_size <= LARGE
        and not {".venv", ".stancewire", "__pycache__", ".pytest_cache", ".hypothesis"}
        & set(path.relative_to(folder).parts)
    }


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project, as it is in a fresh clone that has been set up."""
    folder = tmp_path_factory.mktemp("clone")
    ignored = shutil.ignore_patterns("__pycache__", "model-large", "judged", "corpus")
    for path in sorted(ROOT.iterdir()):
        if path.name.startswith(".") or path.name in OTHERS or path.suffix == ".egg-info":
            continue
        if path.is_dir():
            shutil.copytree(path, folder / path.name, ignore=ignored, copy_function=place)
        else:
            place(str(path), str(folder / path.name))
    set_up(folder / ".venv")
    return folder


def set_up(environment: Path) -> None:
    """What the project's environment holds, and stamps of its own: whatever make thinks of these, the project's stay."""
    environment.mkdir()
    for held in (ROOT / ".venv").iterdir():
        if held.is_dir() or held.name == "pyvenv.cfg":
            (environment / held.name).symlink_to(held)
        else:
            (environment / held.name).touch()


@pytest.fixture(scope="module")
def applied(copy: Path) -> tuple[Path, dict[str, bytes]]:
    """The copy with all that the guide adds and changes, up to its first trial; and what was there before."""
    before = files(copy)
    for kind, _, text in BLOCK.findall(GUIDE):
        if kind == "diff":
            done = subprocess.run(
                ["git", "apply", "--recount", "-C1", "-"],  # noqa: S607 - whichever git is here
                cwd=copy,
                input=text,
                capture_output=True,
                text=True,
                check=False,
            )
        elif kind == "sh" and "stancewire" not in text and "test" not in text:
            done = call(text, copy)
        else:
            continue
        assert done.returncode == 0, (text, done.stdout, done.stderr)
    return copy, before


def test_a_newcomer_changes_two_files_by_hand(applied: tuple[Path, dict[str, bytes]]) -> None:
    folder, before = applied
    after = files(folder)
    assert not before.keys() - after.keys()
    changed = {name for name in before if after[name] != before[name]}
    written = {os.path.normpath(f"docs/{page}") for page in reference.PAGES} | {"schemas/json/event.schema.json"}
    assert changed - written == {"services/runtime/topology.py", "schemas/event.py"}
    assert len(changed - {"deploy/helm/stancewire/stages.json"}) <= 6, (
        changed
    )  # beside the chart's list, which `make` writes
    assert changed >= {"docs/stages.md", "docs/event.md", "deploy/helm/stancewire/stages.json"}
    shipped = {path.relative_to(EXAMPLE).as_posix() for path in EXAMPLE.rglob("*.py")}
    assert after.keys() - before.keys() == shipped


def test_what_the_guide_shows_is_in_the_files() -> None:
    for name, text in blocks("python"):
        assert text in (EXAMPLE / name).read_text(), name


def test_the_document_has_the_event_that_the_guide_shows(applied: tuple[Path, dict[str, bytes]]) -> None:
    [command] = [text for _, text in blocks("sh") if "stancewire enrich" in text]
    done = call(command, applied[0])
    assert done.returncode == 0, done.stderr
    event = json.loads(done.stdout)
    [(_, shown)] = blocks("json")
    told = json.loads(shown)
    assert (event["id"], event["reading_seconds"]) == (told["id"], told["reading_seconds"])
    assert told["processing"]["stage_seconds"].keys() <= event["processing"]["stage_seconds"].keys()
    assert ",reading_time=" in event["processing"]["pipeline"]
    assert event["stances"], "the stage behind it still works"


def test_the_conformance_suite_and_the_stages_tests_pass(applied: tuple[Path, dict[str, bytes]]) -> None:
    done = tried("not broker", applied[0])
    assert done.returncode == 0, done.stdout[-5000:]
    assert int(re.findall(r"(\d+) passed", done.stdout)[0]) >= 15


@pytest.mark.broker
def test_all_of_it_passes_with_a_worker_on_kafka(applied: tuple[Path, dict[str, bytes]]) -> None:
    done = tried("broker", applied[0])
    assert done.returncode == 0, done.stdout[-5000:]
    assert re.search(r"1 passed", done.stdout)


OMITTED = {
    "findings": (
        "services/runtime/topology.py",
        r"        findings=\(\n            Measured\(\n.*?reading_seconds.*?\n        \),\n",
        "",
    ),
    "port": ("services/runtime/topology.py", r"port=5", "port=4"),
    "topic": ("services/runtime/topology.py", r"reads=TIMED", "reads=ENTITIES"),
    "setup": ("services/reading_time/agent.py", r"def setup\(", "def set_up("),
}
"""What is left out or done wrong -> the file, what stands there, and what stands there instead."""


@pytest.mark.parametrize("omitted", OMITTED)
def test_what_is_forgotten_is_told_as_the_guide_says(applied: tuple[Path, dict[str, bytes]], omitted: str) -> None:
    name, pattern, other = OMITTED[omitted]
    path = applied[0] / name
    whole = path.read_text()
    row = whole.find('name="reading_time"') if name.endswith("topology.py") else 0
    changed = whole[:row] + re.sub(pattern, other, whole[row:], count=1, flags=re.DOTALL)
    assert changed != whole
    path.write_text(changed)
    try:
        done = call(".venv/bin/python -c 'from services.pipeline import Pipeline; Pipeline()'", applied[0])
    finally:
        path.write_text(whole)
    assert done.returncode == 1
    said = done.stderr.splitlines()[-1]
    shown = re.findall(r"^\| [^|]+ \| .*?`([^`]+)`", GUIDE[GUIDE.index("## What you may forget") :], re.MULTILINE)
    assert any(one in said for one in shown), said
