"""The pages say what is: their commands, targets, tasks, links and examples exist; generated pages are current."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer

from docs import reference
from evaluation.command import BENCHES, EVALUATIONS
from services.cli import make_parser
from services.pipeline import Pipeline
from tests.docs.snippets import PAGES, ROOT, assert_part, block, command_lines

NOW = [page for page in PAGES if page.name not in ("CHANGELOG.md", "upgrading.md")]
"""Pages that say what is there now; the others name what has gone, too."""
_LINK = re.compile(r"\[[^\[\]]*\]\(([^()\s]+)\)")


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", reference.PAGES)
def test_generated_pages_are_current(page: str) -> None:
    assert (reference.DOCS / page).read_text() == reference.PAGES[page](), "run `make reference`"


def test_every_setting_that_a_page_names_exists() -> None:
    known = set(re.findall(r"`(STANCEWIRE_[A-Z_]+)`", reference.settings()))
    assert len(known) > 50
    for page in NOW:
        named = set(re.findall(r"\bSTANCEWIRE_[A-Z_]+[A-Z]\b(?!_?…)", page.read_text()))
        assert named <= known, (name(page), named - known)


def test_every_command_exists_with_its_options() -> None:
    root = typer.main.get_command(make_parser())
    lines = [
        (name(page), words) for page in PAGES if page.name != "commands.md" for words in command_lines(page.read_text())
    ]
    assert len(lines) >= 30
    for page, words in lines:
        command: Any = root
        while hasattr(command, "commands"):
            command = command.commands[words.pop(0)]
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known, (page, command.name)


def test_every_make_target_exists_and_explains_itself() -> None:
    targets = dict(re.findall(r"^([a-z]+):.*## (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"run", "test", "lint", "docs", "help"} <= targets.keys()
    for page in PAGES:
        named = set(re.findall(r"(?:^|`)make ([a-z]+)", page.read_text(), re.MULTILINE))
        assert named <= targets.keys(), (name(page), named - targets.keys())


def test_every_measurement_that_a_page_names_can_be_made() -> None:
    known = {"eval": EVALUATIONS, "bench": BENCHES}
    named = {
        (name(page), target, task)
        for page in NOW
        for target, task in re.findall(r"make (eval|bench) TASK=([a-z]+)", page.read_text())
    }
    assert len(named) > 20
    assert not [one for one in named if one[2] not in known[one[1]]]


def test_every_link_leads_to_a_file() -> None:
    """Anchors are held by the build of the site (``test_site.py``)."""
    seen = 0
    for page in PAGES:
        for target in _LINK.findall(page.read_text()):
            if re.match(r"[a-z]+:|#", target):
                continue
            seen += 1
            assert (page.parent / target.partition("#")[0]).exists(), (name(page), target)
    assert seen > 100


def test_the_lists_give_the_watched_entities_and_the_stances_toward_issues(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (ROOT / "docs" / "watching.md").read_text()
    for kind, variable in (("watch", "ENTITIES_WATCH_FILE"), ("issues", "STANCE_ISSUES_FILE")):
        path = tmp_path / f"{kind}.jsonl"
        path.write_text(block(page, f"jsonl {kind}"))
        monkeypatch.setenv(f"STANCEWIRE_{variable}", str(path))
    document = (ROOT / "docs" / "example.json").read_bytes()
    event = Pipeline()([(None, document)], datetime(2026, 4, 2, tzinfo=UTC))[0]
    for part in ("json watched", "json issues"):
        assert_part(json.loads(block(page, part)), json.loads(event.model_dump_json()))
    assert {"watched", "issues"} <= event.processing.models.keys()
