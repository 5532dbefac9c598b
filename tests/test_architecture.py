"""Imports point inward: schemas <- a stage's core <- its agent <- the runtime's process and the commands."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from services.runtime.topology import STAGES

ROOT = Path(__file__).parent.parent
NAMES = [stage.name for stage in STAGES]
CORES = ("text", "lists", "identity", *NAMES)
OUTER = ("faust", "mode", "kafka", "aiokafka", "prometheus_client", "typer", "rich", "services.runtime", "services.cli")


def imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def modules(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    assert found
    return found


EVERYWHERE = modules("services", "schemas", "deploy", "evaluation", "training")


@pytest.mark.parametrize("path", modules("schemas"), ids=lambda path: str(path.relative_to(ROOT)))
def test_schemas_depend_on_nothing_of_ours(path: Path) -> None:
    assert not {name for name in imports(path) if name.startswith(("services", "deploy", *OUTER))}


def test_the_service_knows_nothing_of_training() -> None:
    for path in modules("services", "schemas", "deploy"):
        wrong = {
            name for name in imports(path) if name.split(".")[0] in ("training", "evaluation", "torch", "transformers")
        }
        assert not wrong, f"{path.name} imports {wrong}"


@pytest.mark.parametrize("stage", CORES)
def test_the_core_of_a_stage_knows_no_kafka_no_faust_and_no_prometheus(stage: str) -> None:
    for path in modules(f"services/{stage}"):
        if path.name != "agent.py":
            wrong = {name for name in imports(path) if name.split(".")[0] in OUTER or name.startswith(OUTER)}
            assert not wrong, f"{path.name} imports {wrong}"


@pytest.mark.parametrize("name", ["core", "stories", "views", "wanted", "strip", "canaries", "settings"])
def test_the_core_of_the_console_knows_no_kafka_and_no_http(name: str) -> None:
    outer = (*OUTER, "aiohttp", "services.consumer.follow", "services.consumer.tail", "services.console.server")
    wrong = {one for one in imports(ROOT / "services" / "console" / f"{name}.py") if one.startswith(outer)}
    assert not wrong, f"{name} imports {wrong}"


@pytest.mark.parametrize("name", ["core", "story", "settings"])
def test_the_core_of_the_canaries_knows_no_kafka_and_no_prometheus(name: str) -> None:
    wrong = {
        one
        for one in imports(ROOT / "services" / "canary" / f"{name}.py")
        if one.startswith((*OUTER, "services.consumer"))
    }
    assert not wrong, f"{name} imports {wrong}"


@pytest.mark.parametrize("stage", NAMES)
def test_every_stage_has_the_same_files(stage: str) -> None:
    names = {path.name for path in (ROOT / "services" / stage).iterdir()}
    assert {"__init__.py", "agent.py", "core.py", "settings.py"} <= names


@pytest.mark.parametrize("path", EVERYWHERE, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_decides(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text())), f"{path} has no docstring"


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("services.runtime.process", ("faust", "kafka", "pydantic")),
        ("services.runtime.child", ("faust", "aiokafka", "prometheus_client", "spacy")),
        ("services.runtime.supervisor", ("faust", "kafka", "spacy")),
        ("services.entities.agent", ("spacy", "onnxruntime")),
    ],
)
def test_what_a_process_does_not_need_it_does_not_import(module: str, heavy: tuple[str, ...]) -> None:
    """Each is seconds at a start and megabytes for ever; a worker has some ten processes."""
    code = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {*loaded.stdout.split()} & {*heavy}
