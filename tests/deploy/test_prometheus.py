"""Prometheus' configuration and rules: they are well formed, each alert fires on what it is for and has its page."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.prometheus.targets import main as write
from services import demo
from services.canary.settings import CanarySettings
from services.console.settings import ConsoleSettings
from services.runtime import asking
from services.runtime.settings import Settings, load
from services.runtime.topology import CANARY_PORT, PORTS, STAGES
from services.serve.settings import ServeSettings
from services.sinks.settings import SinkSettings
from services.sinks.sink import SINKS
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
    assert said == ["Prometheus is not installed, so metrics are not recorded. On Debian: apt install prometheus"]


def test_the_targets_are_the_stages_of_each_worker_and_the_canaries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STANCEWIRE_HTTP_PORT", "7000")
    write(["--canary", "c", "--also", "d:6081", "--also", "e:6083", str(tmp_path / "targets.json"), "a", "b"])
    asked = json.loads((tmp_path / "targets.json").read_text())
    assert [one["targets"] for one in asked] == [
        *([f"{host}:{7000 + stage.port}" for stage in STAGES] for host in ("a", "b")),
        [f"c:{load(CanarySettings).port}"],
        ["d:6081", "e:6083"],
    ]


def ranges(published: list[str]) -> set[int]:
    """The ports of this machine that a service of compose publishes, each as the same port of its container."""
    found: set[int] = set()
    for one in published:
        _, outside, inside = one.split(":")
        assert outside == inside
        first, _, last = inside.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found


def test_compose_publishes_checks_and_scrapes_every_stage() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    services = compose["services"]
    base, canary = load(Settings).http_port, load(CanarySettings).port
    assert canary == base + CANARY_PORT
    assert ranges(services["canary"]["ports"]) == {canary}
    assert ranges(services["worker"]["ports"]) == {base + port for port in PORTS} - {canary}
    assert ranges(services["console"]["ports"]) == {load(ConsoleSettings).port}
    assert services["worker"]["healthcheck"]["test"] == ["CMD", "python", "-m", asking.__name__]
    for name in ("canary", "console"):
        assert f":{ranges(services[name]['ports']).pop()}/" in str(services[name]["healthcheck"]["test"])
    serve = load(ServeSettings)
    assert (services["serve"]["command"], services["serve"]["profiles"]) == (["serve"], ["http"])
    assert ranges(services["serve"]["ports"]) == {serve.port, serve.metrics_port}
    for row in SINKS:
        sink = services[f"sink-{row.name}"]
        assert (sink["command"], sink["profiles"]) == (["sink", row.name], [row.name])
        assert ranges(sink["ports"]) == {load(SinkSettings).port + row.port}
    written = services["targets"]
    assert written["entrypoint"] == ["python", "-m", "deploy.prometheus.targets"]
    assert {"targets:/data"} == set(written["volumes"])
    assert written["command"] == ["/data/targets.json", "worker", "--canary", "canary"]
    read = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())
    assert "targets:/targets:ro" in services["prometheus"]["volumes"]
    assert "/targets/targets.json" in read["scrape_configs"][0]["file_sd_configs"][0]["files"]
    assert compose["services"]["canary"]["command"] == ["canary"]
    for name in ("prometheus", "grafana"):
        service = compose["services"][name]
        assert re.search(r":v?\d+\.\d+\.\d+$", service["image"]), "a tag that stays"
        for volume in service["volumes"]:
            if volume.startswith("./"):
                assert (ROOT / volume.split(":")[0]).is_dir()
