"""Prometheus' configuration and rules: they are well formed, each alert fires on what it is for and has its page."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.prometheus import targets
from deploy.prometheus.targets import main as write
from services import demo
from services.canary.settings import CanarySettings
from services.console.settings import ConsoleSettings
from services.runtime.settings import Settings, load
from services.runtime.topology import CANARY_PORT, STAGES
from services.serve.settings import ServeSettings
from services.sinks.settings import SinkSettings
from services.sinks.sink import SINKS
from tests.deploy.queries import ROOT, RULES, rules
from tests.go import tool

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


def test_of_a_name_with_many_addresses_every_stage_of_each_is_scraped(tmp_path: Path) -> None:
    also = ["--also", "serve:6084", "--also", "sink:6081"]
    write(["--dns", str(RULES), "--canary", "c", *also, str(tmp_path / "prometheus.yml"), "a"])
    made = json.loads((tmp_path / "prometheus.yml").read_text())
    (job,) = made.pop("scrape_configs")
    asked = job.pop("dns_sd_configs")
    assert [(one["names"], one["type"], one["port"]) for one in asked] == [
        *((["a"], "A", load(Settings).http_port + stage.port) for stage in STAGES),
        (["serve"], "A", 6084),
        (["sink"], "A", 6081),
    ]
    assert job.pop("static_configs") == [{"targets": [f"c:{load(CanarySettings).port}"]}]
    ours = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())
    (own,) = ours.pop("scrape_configs")
    del own["file_sd_configs"]
    assert job == own
    assert [Path(one) for one in made.pop("rule_files")] == [RULES / Path(one).name for one in ours.pop("rule_files")]
    assert made == ours
    if TOOL is not None:
        promtool("check", "config", str(tmp_path / "prometheus.yml"))


def published(service: dict[str, Any]) -> list[int]:
    """The ports of this machine that a service of compose publishes, each as the same port of its container."""
    found: list[int] = []
    for one in service.get("ports", []):
        _, outside, inside = one.split(":")
        assert outside == inside
        first, _, last = outside.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def test_compose_checks_and_scrapes_every_stage_of_as_many_workers_as_one_likes() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    services = compose["services"]
    canary, console = load(CanarySettings).port, load(ConsoleSettings).port
    assert canary == load(Settings).http_port + CANARY_PORT
    assert {canary, console}.isdisjoint(load(Settings).http_port + stage.port for stage in STAGES)
    assert published(services["canary"]) == [canary]
    assert published(services["console"]) == [console]
    assert published(services["worker"]) == [], "two workers cannot have one port"
    assert "container_name" not in services["worker"]
    for name, port in (("canary", canary), ("console", console)):
        assert f":{port}/" in str(services[name]["healthcheck"]["test"])
    serve = load(ServeSettings)
    assert (services["serve"]["command"], services["serve"]["profiles"]) == (["serve"], ["http"])
    assert set(published(services["serve"])) == {serve.port, serve.metrics_port}
    for row in SINKS:
        sink = services[f"sink-{row.name}"]
        assert (sink["command"], sink["profiles"]) == (["sink", row.name], [row.name])
        assert set(published(sink)) == {load(SinkSettings).port + row.port}
        assert f":{load(SinkSettings).port + row.port}/ready" in str(sink["healthcheck"]["test"])
    assert f":{serve.metrics_port}/ready" in str(services["serve"]["healthcheck"]["test"])
    beside = [f"serve:{serve.metrics_port}"] + [
        f"sink-{row.name}:{load(SinkSettings).port + row.port}" for row in SINKS
    ]
    written = services["targets"]
    assert written["entrypoint"] == ["python", "-P", "-m", f"stancewire.{targets.__name__}"]
    assert {"targets:/data"} == set(written["volumes"])
    assert written["command"] == [
        "/data/prometheus.yml",
        "worker",
        "--dns",
        "/etc/prometheus/rules",
        "--canary",
        "canary",
        *(word for one in beside for word in ("--also", one)),
    ]
    assert {"targets:/targets:ro", "./deploy/prometheus:/etc/prometheus:ro"} <= set(services["prometheus"]["volumes"])
    assert "--config.file=/targets/prometheus.yml" in services["prometheus"]["command"]
    assert services["canary"]["command"] == ["canary"]
    for name in ("prometheus", "grafana"):
        service = services[name]
        assert re.search(r":v?\d+\.\d+\.\d+$", service["image"]), "a tag that stays"
        for volume in service["volumes"]:
            if volume.startswith("./"):
                assert (ROOT / volume.split(":")[0]).is_dir()


def test_only_a_worker_is_asked_what_the_images_health_check_asks() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    ours = {name for name, one in services.items() if one["image"].startswith("stancewire:")}
    assert {name for name in ours if "healthcheck" not in services[name]} == {"worker"}, "others would never be healthy"


def test_what_kafka_keeps_in_compose_is_on_its_volume() -> None:
    kafka = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["kafka"]
    assert f"kafka:{kafka['environment']['KAFKA_LOG_DIRS']}" in kafka["volumes"]


def test_compose_reads_its_file_as_we_mean_it(tmp_path: Path) -> None:
    """The parser of ``docker compose``: its JSON Schema, and that what is named exists."""
    environment = os.environ | {"HOME": str(tmp_path)}
    command = [tool("compose"), str(ROOT / "docker-compose.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=60)
    assert done.returncode == 0, done.stderr
    read = yaml.safe_load(done.stdout)["services"]
    assert "healthcheck" not in read["worker"], "it is the image's"
    assert read["worker"]["environment"]["STANCEWIRE_BROKERS"] == "kafka:9092"
    broken = tmp_path / "docker-compose.yml"
    broken.write_text((ROOT / "docker-compose.yml").read_text().replace("restart: unless-stopped", "restarts: always"))
    done = subprocess.run([*command[:1], str(broken)], capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode != 0, "restarts" in done.stderr) == (True, True), done.stderr
