"""The version of a stage's results changes with all that could change them, and with nothing else."""

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest

from schemas.event import document_part
from services.pipeline import Pipeline
from services.runtime import versions
from services.runtime.agent import agent, stages_settings
from services.runtime.settings import Settings
from services.runtime.topology import STAGES, named
from services.runtime.versions import Basis, is_path
from tests.conftest import ROOT

NAMES = [stage.name for stage in STAGES]
AT = datetime(2026, 4, 2, tzinfo=UTC)


def basis(stage: str) -> Basis:
    return agent(named(stage)).basis()


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages as an installation lays them down: elsewhere, without what is beside them."""
    folder = tmp_path_factory.mktemp("installed")
    for package in ("services", "schemas"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__", "model-large"))
    return folder


def version_in(folder: Path, stage: str) -> str:
    code = f"from services.{stage}.agent import basis; print(basis().version())"
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def test_an_installation_has_the_version_of_its_checkout_until_a_source_is_another(copy: Path) -> None:
    assert version_in(copy, "intake") == basis("intake").version()
    path = copy / "services" / "text" / "quotes.py"
    path.write_text(path.read_text() + "\n")
    assert version_in(copy, "intake") != basis("intake").version()
    assert version_in(copy, "dedup") != basis("dedup").version()  # it compares sentences of cleaned texts


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
@pytest.mark.parametrize("stage", NAMES)
def test_every_setting_of_a_stage_counts_and_files_count_by_what_is_in_them(stage: str) -> None:
    before = basis(stage)
    models: dict[str, dict[str, Path]] = {name: {} for name in before.models}
    version = Basis(before.agent, before.settings, models).version()
    named = {"entities": {"model", "models", "watch_file", "kb_file"}, "stance": {"model", "issues_file"}}.get(
        stage, set()
    )
    by_name = set()
    for number, settings in enumerate(before.settings):
        for field in type(settings).model_fields:
            changed = list(before.settings)
            changed[number] = settings.model_copy(update={field: "another"})
            if Basis(before.agent, changed, models).version() == version:
                by_name.add(field)
    assert by_name == named


def test_a_model_counts_wherever_it_lies_and_by_each_of_its_files(tmp_path: Path) -> None:
    def version(folder: Path) -> str:
        return Basis("services.stance.agent", (), {"model": {"": folder}}).version()

    one = tmp_path / "one"
    one.mkdir()
    (one / "model.onnx").write_bytes(b"weights")
    two = Path(shutil.copytree(one, tmp_path / "elsewhere"))
    assert version(one) == version(two)
    (two / "README.md").write_text("How it was made")
    assert version(one) == version(two)
    (two / "about.json").write_text("{}")
    assert version(one) != version(two)


def test_word_lists_and_libraries_count_and_how_work_is_moved_does_not() -> None:
    files, libraries = versions._code("services.stance.agent")
    names = {path.relative_to(ROOT).as_posix() for path in files}
    assert {"services/stance/lexicon.txt", "services/text/clean.py", "schemas/event.py"} <= names
    assert not [name for name in names if name.startswith(("services/runtime", "services/entities"))]
    assert {"onnxruntime", "numpy"} <= libraries


def test_libraries_have_the_versions_that_python_says() -> None:
    having = packages_distributions()
    names = [name for name in versions._code("services.stance.agent")[1] | {"yaml", "pytest"} if name in having]
    assert len(names) > 5
    wanted = {package: version(package) for name in names for package in having[name]}
    assert versions._versions(set(names)) == wanted


def test_settings_are_those_of_a_stage_or_of_the_runtime() -> None:
    """Those of the runtime decide how work is moved: a stage that took one of them would have to say so in its basis."""
    for stage in STAGES:
        assert tuple(type(one) for one in agent(stage).basis().settings) == agent(stage).SETTINGS
    assert set(stages_settings()) == {one for stage in STAGES for one in agent(stage).SETTINGS}
    prefixes = {str(one.model_config["env_prefix"]) for one in stages_settings()}
    assert prefixes == {f"STANCEWIRE_{name.upper()}_" for name in NAMES}
    assert len(stages_settings()) == len(NAMES)
    for prefix in prefixes:
        assert not [name for name in Settings.model_fields if f"STANCEWIRE_{name.upper()}".startswith(prefix)]
    assert [name for name, one in Settings.model_fields.items() if is_path(one)]


def test_another_setting_model_or_list_has_another_event_id_for_the_same_document(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    document = json.loads((ROOT / "docs" / "example.json").read_text())
    messages = [(None, json.dumps(one).encode()) for one in (document, document | {"text": ""})]
    issues = tmp_path / "issues.jsonl"
    issues.write_text(json.dumps({"id": "ferries", "name": "ferries"}))
    first, rejected = Pipeline()(messages, AT)
    events = [first]
    for name, value in (("MODEL", "lexicon"), ("MINIMUM_CONFIDENCE", "0.95"), ("ISSUES_FILE", str(issues))):
        monkeypatch.setenv(f"STANCEWIRE_STANCE_{name}", value)
        events += Pipeline()(messages[:1], AT)
    issues.write_text(json.dumps({"id": "ferries", "name": "island ferries"}))
    events += Pipeline()(messages[:1], AT)
    assert len({event.event_id for event in events}) == len(events) == 5
    assert len({document_part(event.event_id) for event in events}) == 1
    assert events[3].processing.pipeline == events[4].processing.pipeline  # a list changes while the stage runs
    assert rejected.processing.pipeline == events[0].processing.pipeline.partition(",")[0]
