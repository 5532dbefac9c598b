"""``stancewire run``: the whole job on the project's own stories, with a broker of its own, and nothing left behind."""

import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from deploy.grafana.panels import DASHBOARDS
from evaluation import dashboards
from evaluation.faults.worker import COMMAND
from services.runtime.topology import STAGES
from tests.broker.asking import answers, value
from tests.deploy import queries

pytestmark = [pytest.mark.broker, pytest.mark.timeout(400)]
ROOT = Path(__file__).parent.parent.parent
CHROMIUM = Path(dashboards.CHROMIUM)
_SCRAPE_SECONDS = 5.0  # deploy/prometheus/prometheus.yml


def started(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("STANCEWIRE_")}
    return subprocess.Popen(
        [COMMAND, "run", "seeds", *arguments],
        cwd=ROOT,
        env=environment | {"STANCEWIRE_DATA_DIR": str(folder), "STANCEWIRE_PROCESSES": "1", "COLUMNS": "160"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def left_running(folder: Path) -> list[str]:
    """Processes that were started with the folder as their data folder, or that name it."""
    mark = str(folder).encode()
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            try:
                if mark in (process / "environ").read_bytes() + (process / "cmdline").read_bytes():
                    found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode()[:200])
            except OSError:
                continue
    return [one for one in found if one]


def test_once_shows_everything_and_ends(tmp_path: Path) -> None:
    process = started(tmp_path, "--once")
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 0, said
    counts = {name.strip(): int(count) for name, count in re.findall(r"│ ([a-z ]+?) +│ (\d+) +│", said)}
    assert counts["documents published"] == counts["enriched"] + counts["duplicate"] + counts["rejected"] == 25
    assert (counts["enriched"], counts["duplicate"], counts["rejected"]) == (19, 2, 4)
    assert (counts["verdict exact"], counts["verdict near"]) == (2, 2)
    assert "live page: http://127.0.0.1:" in said
    assert counts["stances favor"] > 0
    assert counts["stances against"] > 0
    for words in ("EXACT COPY", "NEAR COPY", "not json", "unsupported language", "→ against →", "→ favor →"):
        assert words in said
    assert re.search(r"canary facts found +│ 18 of 18", said)
    assert left_running(tmp_path) == []


@dataclass(frozen=True)
class Run:
    """A run that showed all documents, was asked by its Prometheus, and was ended by Ctrl-C."""

    said: str
    status: int
    running: list[str]
    """Processes before the Ctrl-C …"""
    left: list[str]
    """… and after it."""
    shown: dict[str, list[float]] | None
    """What the queries of dashboards and recording rules gave; None where there is no Prometheus."""
    alerts: dict[str, list[float]]
    empty: list[str] | None
    """Panels of the dashboards' pictures without data; None where they were not drawn."""
    pictures: Path


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("run")
    process = started(folder)
    try:
        said = _until_all_is_shown(process)
        address = re.search(r"prometheus: (http://\S+),", said)
        assert process.poll() is None, said
        if address:
            time.sleep(2 * _SCRAPE_SECONDS)  # so that all of it was scraped, and the rules were evaluated on it
        shown = answers(address[1], queries.shown(), 40) if address else None
        alerts = {name: value(address[1], query) for name, query in queries.alerts().items()} if address else {}
        empty = _drawn(address[1], folder / "pictures") if address and CHROMIUM.exists() else None
        running = left_running(folder)
        os.killpg(process.pid, signal.SIGINT)
        said += process.communicate(timeout=90)[0]
    finally:
        process.kill()
    deadline = time.monotonic() + 10
    while (left := left_running(folder)) and time.monotonic() < deadline:
        time.sleep(0.2)
    return Run(said, process.returncode, running, left, shown, alerts, empty, folder / "pictures")


def _drawn(address: str, folder: Path) -> list[str]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1400, "height": 200})
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        empty = dashboards.draw(page, address, 5, folder)
        drawn = page.locator("canvas").count()
        browser.close()
    assert not faults
    assert drawn == sum(panel.kind == "timeseries" for panel in DASHBOARDS[-1].panels)
    return empty


def _until_all_is_shown(process: "subprocess.Popen[str]") -> str:
    said = ""
    assert process.stdout is not None
    for line in process.stdout:
        said += line
        if "Every document has its event" in line:
            break
    return said


def test_ctrl_c_ends_it_and_leaves_nothing_running(run: Run) -> None:
    assert len(run.running) > 8, run.said
    assert run.status == 0, run.said
    assert run.left == []


def test_it_says_whether_prometheus_watches(run: Run) -> None:
    wanted = "prometheus: http://" if shutil.which("prometheus") else "Prometheus is not installed"
    assert wanted in run.said


@pytest.mark.parametrize("name", queries.shown())
def test_every_query_of_dashboards_and_rules_has_an_answer(run: Run, name: str) -> None:
    if run.shown is None:
        pytest.skip("Prometheus is not here: install Debian's package prometheus")
    assert run.shown[name], queries.shown()[name]


@pytest.mark.parametrize("name", queries.alerts())
def test_no_alert_has_anything_to_say_of_a_healthy_run(run: Run, name: str) -> None:
    if run.shown is None:
        pytest.skip("Prometheus is not here: install Debian's package prometheus")
    assert not run.alerts[name], queries.alerts()[name]


def test_every_panel_is_drawn_with_data(run: Run) -> None:
    if run.empty is None:
        pytest.skip("Prometheus or Chromium is not here: install Debian's packages of these names")
    assert run.empty == []
    assert {path.stem for path in run.pictures.iterdir()} == {dashboard.uid for dashboard in DASHBOARDS}


def test_prometheus_saw_what_came_of_the_documents(run: Run) -> None:
    if run.shown is None:
        pytest.skip("Prometheus is not here: install Debian's package prometheus")
    assert run.shown["overview: Stages ready A"] == [len(STAGES)]
    assert run.shown["overview: Unaccounted A"] == [0]
    assert run.shown["overview: Canaries agree A"] == [1]
    assert (
        max(run.shown["content: How similar copies are A"]) == 7
    )  # two exact copies, two near ones, an update, two canaries
    assert len(run.shown["health: Models at work A"]) == len(STAGES) - 1  # intake works with none
    assert min(run.shown["health: spaCy's strings A"]) > 1_000
    assert min(run.shown["health: Memory of the NLP processes A"]) > 0
