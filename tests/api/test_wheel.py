"""The wheel, built and installed outside of the checkout, in a folder that has a ``services/`` and a ``schemas/`` of its own."""

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.wheel import move
from evaluation.faults.worker import environment
from services.runtime.settings import Settings
from services.runtime.topology import STAGES
from tests.broker.cluster import put
from tests.conftest import ROOT

pytestmark = pytest.mark.timeout(400)
DOCS = (ROOT / "docs" / "api.md").read_text()
OTHER = "OTHER = 'not of Stancewire'\n"


def block(name: str) -> str:
    """A block of docs/api.md."""
    found = re.search(rf"^```{name}\n(.*?)^```", DOCS, re.MULTILINE | re.DOTALL)
    assert found, f"docs/api.md has no block {name}"
    return found[1]


@dataclass(frozen=True)
class Installed:
    """An environment that has the wheel, and a folder of somebody who has modules of the names that we use in the checkout."""

    wheel: Path
    archive: Path
    binaries: Path
    folder: Path

    def variables(self) -> dict[str, str]:
        """The environment variables of a shell that knows nothing of the checkout."""
        return {name: value for name, value in os.environ.items() if not name.startswith(("STANCEWIRE_", "PYTHON"))}

    def call(self, *command: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """A command of the environment, run in the folder."""
        return subprocess.run(
            [str(self.binaries / command[0]), *command[1:]],
            cwd=self.folder,
            env=self.variables() | variables,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )


PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
_PIPX = "pipx==1.8.0"
_STORED = "--config-settings=--build-option=--compression=stored"
"""Packing takes half a minute."""


def build_wheel(source: Path, to: Path) -> Path:
    """The wheel of a folder or of a source archive."""
    build = ["wheel", "-q", "--no-deps", "--no-index", "--no-build-isolation", "-w", str(to)]
    subprocess.run([*PIP, *build, _STORED, str(source)], check=True)
    (wheel,) = to.glob("*.whl")
    return wheel


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """What we need of other packages is found where the tests have it; of ours nothing but the wheel is there."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, source)
    for name in ("stancewire", "schemas", "services", "deploy"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    wheel = build_wheel(source, folder)
    archive = [sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", str(folder), str(source)]
    subprocess.run(archive, check=True, stdout=subprocess.DEVNULL)
    (packed,) = folder.glob("*.tar.gz")
    shutil.rmtree(source)
    home = folder / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    python = home / "bin" / "python"
    install = ["--python", str(python), "install", "-q", "--no-deps", "--no-index", str(wheel)]
    subprocess.run([*PIP, *install], check=True)
    (library,) = home.glob("lib/*/site-packages")
    (library / "beside.pth").write_text(sysconfig.get_path("purelib") + "\n")
    user = folder / "user"
    for name in ("services", "schemas", "deploy"):
        (user / name).mkdir(parents=True)
        (user / name / "__init__.py").write_text(OTHER)
    shutil.copy(ROOT / "docs" / "example.json", user)
    return Installed(wheel, packed, python.parent, user)


def version() -> str:
    """That of the project."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


def test_it_tells_its_version(installed: Installed) -> None:
    assert installed.call("stancewire", "--version").stdout == f"stancewire {version()}\n"
    news = (ROOT / "CHANGELOG.md").read_text()
    assert f"## [{version()}]" in news
    assert news.index("## [Unreleased]") < news.index(f"## [{version()}]")


def test_the_wheel_takes_one_name_and_has_types(installed: Installed) -> None:
    names = zipfile.ZipFile(installed.wheel).namelist()
    tops = {name.partition("/")[0] for name in names}
    (information,) = (name for name in tops if name.endswith(".dist-info"))
    assert tops == {"stancewire", information}
    assert zipfile.ZipFile(installed.wheel).read(f"{information}/top_level.txt").split() == [b"stancewire"]
    assert {"stancewire/py.typed", "stancewire/schemas/event.py", "stancewire/services/pipeline.py"} <= set(names)
    assert "stancewire/deploy/wheel.py" not in names
    assert {f"{information}/licenses/LICENSE", f"{information}/licenses/NOTICE"} <= set(names)


def test_the_source_archive_makes_the_same_wheel(installed: Installed, tmp_path: Path) -> None:
    def files(wheel: Path) -> dict[str, int]:
        return {one.filename: one.CRC for one in zipfile.ZipFile(wheel).infolist()}

    assert files(build_wheel(installed.archive, tmp_path)) == files(installed.wheel)


@pytest.mark.timeout(1500)
@pytest.mark.parametrize("kind", ["wheel", "archive"])
def test_pipx_runs_it_in_an_empty_folder(installed: Installed, kind: str, tmp_path: Path) -> None:
    if "TEST_BUILDS" not in os.environ:
        pytest.skip("pipx installs all that Stancewire needs, which takes minutes: set TEST_BUILDS=1 to try it")
    home, empty = tmp_path / "pipx", tmp_path / "empty"
    empty.mkdir()
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    fetched = subprocess.run([str(home / "bin" / "pip"), "install", "-q", _PIPX], check=False)
    if fetched.returncode:
        pytest.skip(f"{_PIPX} cannot be fetched")

    def run(*words: str) -> str:
        spec = str(getattr(installed, kind))
        return subprocess.run(
            [str(home / "bin" / "pipx"), "run", "--spec", spec, "stancewire", *words],
            cwd=empty,
            env=installed.variables() | {"PIPX_HOME": str(home / "home")},
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    assert run("--version") == f"stancewire {version()}\n"
    assert json.loads(run("enrich", "--json", str(installed.folder / "example.json")))["status"] == "enriched"
    assert list(empty.iterdir()) == []


def test_the_command_works_in_a_folder_with_other_modules_of_our_names(installed: Installed) -> None:
    ended = installed.call("stancewire", "enrich", "--json", "example.json")
    assert ended.returncode == 0, ended.stderr
    for stage in STAGES:  # results are told apart by these: a wheel and its checkout have the same
        version = importlib.import_module(f"services.{stage.name}.agent").basis().version()
        assert f"{stage.name}={version}" in ended.stdout


def test_the_example_works_beside_modules_of_our_names_that_stay_what_they_are(installed: Installed) -> None:
    others = "import deploy, schemas, services\nassert deploy.OTHER == schemas.OTHER == services.OTHER\n"
    ended = installed.call("python", "-c", others + block("python enrich") + others)
    assert ended.returncode == 0, ended.stderr
    assert set(block("text enrich").splitlines()) <= set(ended.stdout.splitlines()), ended.stdout


def test_without_documents_run_says_so_before_it_starts_anything(installed: Installed) -> None:
    ended = installed.call("stancewire", "run")
    assert ended.returncode == 1
    assert "seeds: no such file or folder" in ended.stderr
    assert "stancewire run PATH" in ended.stderr
    assert not (installed.folder / ".stancewire").exists()


@pytest.mark.broker
def test_a_worker_works_in_a_folder_with_other_modules_of_our_names(
    installed: Installed, fresh: Callable[..., Settings], tmp_path: Path
) -> None:
    settings = fresh(processes=1)
    variables = environment(settings) | {"STANCEWIRE_HTTP_PORT": "0"}
    put(settings, [(None, (ROOT / "docs" / "example.json").read_bytes())])
    with (tmp_path / "worker.log").open("ab") as log:
        worker = subprocess.Popen(
            [installed.binaries / "stancewire", "worker"],
            cwd=installed.folder,
            env=installed.variables() | variables,
            stdout=log,
            stderr=log,
        )
    try:
        ended = installed.call("python", "-c", block("python follow"), **variables)
        assert ended.returncode == 0, ended.stderr
        assert ended.stdout == block("text follow")
    finally:
        worker.terminate()
        assert worker.wait(90) == 0, (tmp_path / "worker.log").read_text()


@pytest.mark.parametrize("code", ["import services.text.clean", "import os, schemas"])
def test_an_import_that_the_wheel_cannot_have_stops_the_build(code: str) -> None:
    with pytest.raises(ValueError, match="write 'from"):
        move(f"{code}\n", "module.py")


def test_only_names_of_modules_change() -> None:
    kept = "from os import path\nservices = {'deploy': \"schemas\"}\nraise ValueError('services are not schemas.')\n"
    assert move(kept, "kept.py") == kept
    moved = move("from schemas import (\n    Event,\n)\nname = f'services.{stage}.agent'\n", "moved.py")
    assert moved == "from stancewire.schemas import (\n    Event,\n)\nname = f'stancewire.services.{stage}.agent'\n"
