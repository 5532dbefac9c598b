"""The AsyncAPI document: the official parser finds no fault in it, and what it says of headers is what is sent."""

import shutil
import subprocess
from datetime import UTC, datetime

import pytest
from jsonschema import Draft202012Validator

from docs import asyncapi
from schemas import Status
from services.runtime.records import ORIGIN, cloud_event_headers
from services.runtime.topology import CANARIES, DEAD_LETTERS, DOCUMENTS, ENRICHED, STAGES
from services.runtime.trace import TRACEPARENT, TRACESTATE
from tests.conftest import ROOT
from tests.npm import fetch


def test_it_has_every_topic_that_others_write_or_read() -> None:
    guides = [stage.guide for stage in STAGES if stage.guide]
    kept = [stage.keeps for stage in STAGES if stage.keeps]
    topics = {one.name for one in (DOCUMENTS, ENRICHED, CANARIES, DEAD_LETTERS, *guides, *kept)}
    assert {one["address"] for one in asyncapi.document()["channels"].values()} == topics


@pytest.mark.parametrize("status", Status)
def test_the_headers_of_an_event_are_those_that_it_names(status: Status) -> None:
    sent = dict(cloud_event_headers("e-1.2", status, datetime(2026, 4, 2, tzinfo=UTC)))
    headers = {name: value.decode() for name, value in sent.items()} | {ORIGIN: "news.documents/0/1"}
    headers |= {TRACEPARENT: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", TRACESTATE: "a=b"}
    said = asyncapi.document()["components"]["messages"]["event"]["headers"]
    Draft202012Validator(said).validate(headers)
    assert headers.keys() == said["properties"].keys()


@pytest.mark.timeout(400)
def test_the_official_parser_finds_no_fault() -> None:
    folder = ROOT / "build" / "asyncapi"
    shutil.copytree(ROOT / "tests" / "docs" / "asyncapi", folder, dirs_exist_ok=True)
    fetch(folder, "the official parser of AsyncAPI")
    (folder / "asyncapi.json").write_text(asyncapi.render())
    command = ["node", "check.mjs", "asyncapi.json"]
    told = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100, check=False)
    channels = sorted(one["address"] for one in asyncapi.document()["channels"].values())
    assert told.stdout.splitlines() == [" ".join(channels)], told.stdout + told.stderr
