"""The README shows what is: its document gives its event. It stays short: what is longer has a page in docs/."""

import json
from datetime import UTC, datetime

from services.pipeline import Pipeline
from tests.docs.snippets import ROOT, assert_part, block

README = (ROOT / "README.md").read_text()


def test_the_document_gives_the_event() -> None:
    document = block(README, "json document")
    assert json.loads(document) == json.loads((ROOT / "docs" / "example.json").read_text())
    event = Pipeline()([(None, document.encode())], datetime(2026, 4, 2, tzinfo=UTC))[0]
    assert_part(json.loads(block(README, "json event")), json.loads(event.model_dump_json()))


def test_it_is_read_in_five_minutes() -> None:
    assert len(README.splitlines()) <= 150
