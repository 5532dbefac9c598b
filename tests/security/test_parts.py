"""What the code, the image and the compose file must not have: ways to run what was sent, root, ports open to all."""

import ast
from pathlib import Path

import pytest
import yaml

from services.sinks.sink import SINKS

ROOT = Path(__file__).parents[2]
FILES = [path for folder in ("services", "schemas", "deploy") for path in sorted((ROOT / folder).rglob("*.py"))]
_CALLS = {"eval", "exec", "compile", "__import__"}
_MODULES = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "xml", "yaml"}
_SAFE_YAML = {"CSafeLoader", "YAMLError"}
"""Of yaml's names: with these nothing but plain values can be made."""


def runs_input(tree: ast.AST) -> list[str]:
    """What in a module could make code, or a path, of data."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _CALLS:
            found.append(node.func.id)
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("system", "popen")
        ):
            found.append(node.func.attr)
        if (
            isinstance(node, ast.keyword)
            and node.arg in ("shell", "allow_pickle")
            and getattr(node.value, "value", True)
        ):
            found.append(str(node.arg))
        names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and not (
            node.module == "yaml" and {one.name for one in node.names} <= _SAFE_YAML
        ):
            names.append(node.module or "")
        found += [name for name in names if name.partition(".")[0] in _MODULES]
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_code_comes_from_input(path: Path) -> None:
    assert runs_input(ast.parse(path.read_text())) == []


@pytest.mark.parametrize(
    "code",
    [
        "eval(x)",
        "import pickle",
        "from yaml import load",
        "from yaml import CSafeLoader, Loader",
        "import yaml",
        "os.system(x)",
        "run(x, shell=True)",
        "load(f, allow_pickle=True)",
    ],
)
def test_the_check_finds_what_it_is_for(code: str) -> None:
    assert runs_input(ast.parse(code))


def test_the_image_runs_as_nobody_in_particular() -> None:
    lines = (ROOT / "deploy/image/Dockerfile").read_text().splitlines()
    at = {line.split()[0]: number for number, line in enumerate(lines) if line and line[0].isupper()}
    assert lines[at["USER"]] == "USER 10001:10001"
    assert at["USER"] > at["RUN"], "nothing is installed by the user that it runs as"
    assert any("--require-hashes" in line for line in lines)
    assert not any(line.startswith(("ADD", "EXPOSE")) for line in lines)


def test_what_compose_starts_cannot_write_its_root_or_gain_rights_and_listens_on_loopback() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    ours = [one for one in services.values() if one["image"].startswith("stancewire:")]
    assert len(ours) == 7 + len(SINKS)
    for one in ours:
        assert one["read_only"] is True
        assert one["cap_drop"] == ["ALL"]
        assert one["security_opt"] == ["no-new-privileges:true"]
        assert one.get("user") is None
        assert not one.get("privileged")
    for one in services.values():
        assert all(port.startswith("127.0.0.1:") for port in one.get("ports", []))
        assert "network_mode" not in one
