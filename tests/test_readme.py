"""The README shows what is: its document gives its event, its picture is the topology, its commands exist."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer

from services.cli import make_parser
from services.pipeline import Pipeline
from services.runtime.topology import picture

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert found, f"the README has no {language} block"
    return found[1]


def assert_part(part: Any, whole: Any, at: str = "event") -> None:
    """Whether ``part`` is ``whole`` with things left out: keys of an object, elements of a list."""
    if isinstance(part, dict):
        for key, value in part.items():
            assert key in whole, f"{at}.{key}"
            assert_part(value, whole[key], f"{at}.{key}")
    elif isinstance(part, list):
        rest = iter(whole)
        for number, element in enumerate(part):
            assert any(_is_part(element, other) for other in rest), f"{at}[{number}]"
    else:
        assert part == whole, at


def _is_part(part: Any, whole: Any) -> bool:
    try:
        assert_part(part, whole)
    except (AssertionError, TypeError):
        return False
    return True


def test_the_document_gives_the_event() -> None:
    document = block("json document")
    assert json.loads(document) == json.loads((ROOT / "docs" / "example.json").read_text())
    event = Pipeline()([(None, document.encode())], datetime(2026, 4, 2, tzinfo=UTC))[0]
    assert_part(json.loads(block("json event")), json.loads(event.model_dump_json()))


def test_the_lists_give_the_watched_entities_and_the_stances_toward_issues(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, variable in (("watch", "ENTITIES_WATCH_FILE"), ("issues", "STANCE_ISSUES_FILE")):
        path = tmp_path / f"{name}.jsonl"
        path.write_text(block(f"jsonl {name}"))
        monkeypatch.setenv(f"STANCEWIRE_{variable}", str(path))
    event = Pipeline()([(None, block("json document").encode())], datetime(2026, 4, 2, tzinfo=UTC))[0]
    for part in ("json watched", "json issues"):
        assert_part(json.loads(block(part)), json.loads(event.model_dump_json()))
    assert {"watched", "issues"} <= event.processing.models.keys()


def test_the_picture_is_the_topology() -> None:
    assert block("mermaid") == picture()


def test_every_command_exists_with_its_options() -> None:
    root: Any = typer.main.get_command(make_parser())
    lines = [line.split("#")[0].split() for line in README.splitlines() if line.startswith("stancewire ")]
    assert len(lines) >= 10
    for _, name, *words in lines:
        command = root.commands[name]
        while hasattr(command, "commands"):
            command = command.commands[words.pop(0)]
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known, name


def test_every_make_target_exists_and_explains_itself() -> None:
    targets = dict(re.findall(r"^([a-z]+):.*## (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"run", "test", "lint", "help"} <= targets.keys()
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", README, re.MULTILINE)) <= targets.keys()
