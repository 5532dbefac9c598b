"""Prometheus' configuration and rules: they are well formed, each alert fires on what it is for and has its page."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from services import demo
from services.runtime.settings import Settings
from services.runtime.topology import STAGES
from tests.deploy.queries import ROOT, RULES, rules

TOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(TOOL is None, reason="promtool is not here: install Debian's package prometheus")


def promtool(*arguments: str) -> None:
    assert TOOL is not None
    done = subprocess.run([TOOL, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@needs_promtool
def test_the_configuration_and_the_rules_are_well_formed() -> None:
    promtool("check", "config", str(ROOT / "deploy" / "prometheus" / "prometheus.yml"))


@needs_promtool
def test_each_alert_fires_on_what_it_is_for_and_none_when_all_is_well(tmp_path: Path) -> None:
    written = (Path(__file__).parent / "rules.yml").read_text()
    tried = {test["name"] for test in yaml.safe_load(written)["tests"]}
    assert tried == {"all is well", *(rule["alert"] for rule in rules("alerts"))}
    (tmp_path / "rules.yml").write_text(written.replace("RULES", str(RULES)))
    promtool("test", "rules", str(tmp_path / "rules.yml"))


def test_every_alert_says_what_is_wrong_and_has_its_section() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    sections = dict(re.findall(r"^## (\w+)\n\n(.*?)(?=\n## |\Z)", page, re.MULTILINE | re.DOTALL))
    assert list(sections) == [rule["alert"] for rule in rules("alerts")]
    for rule in rules("alerts"):
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert {"summary", "description"} <= rule["annotations"].keys()
        assert rule["annotations"]["runbook"] == f"docs/operations.md#{rule['alert'].lower()}"
        for part in ("Symptom", "Panel", "Action"):
            assert f"**{part}.**" in sections[rule["alert"]], rule["alert"]


def test_a_run_goes_on_without_it_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    said: list[str] = []
    supervisor: Any = None
    assert demo._start_prometheus(Settings(), supervisor, 0, said.append) is None
    assert said == ["prometheus is not installed (Debian's package has its name), so nothing keeps the metrics"]


def test_compose_scrapes_every_stage() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    targets = (ROOT / "deploy" / "prometheus" / "targets.json").read_text()
    for number in range(len(STAGES)):
        assert f'"worker:{6066 + number}"' in targets
    assert '"canary:6070"' in targets
    assert compose["services"]["canary"]["command"] == ["canary"]
    for name in ("prometheus", "grafana"):
        service = compose["services"][name]
        assert re.search(r":v?\d+\.\d+\.\d+$", service["image"]), "a tag that stays"
        for volume in service["volumes"]:
            if volume.startswith("./"):
                assert (ROOT / volume.split(":")[0]).is_dir()
