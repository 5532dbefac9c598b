"""The command line, fed garbage: a clear message, the right exit status, never a traceback."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli import make_parser
from services.cli.parser import MENDABLE
from services.cli.settings import _models, _variables
from services.runtime.settings import Settings

COMMAND = str(Path(sys.executable).with_name("stancewire"))
ROOT = Path(__file__).parent.parent
STORY = "Mayor Kari Lund praised the Harbor Board on Monday for its decision to close the old pier in Port Ellery."


def call(*arguments: str, stdin: bytes = b"", **variables: str) -> subprocess.CompletedProcess[bytes]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("STANCEWIRE_")}
    return subprocess.run(
        [COMMAND, *arguments],
        input=stdin,
        capture_output=True,
        timeout=90,
        check=False,
        cwd=ROOT,
        env=environment | {f"STANCEWIRE_{name}": value for name, value in variables.items()} | {"COLUMNS": "200"},
    )


def refused(ended: subprocess.CompletedProcess[bytes], status: int, *words: str) -> None:
    said = (ended.stderr + ended.stdout).decode()
    assert ended.returncode == status, said
    assert "Traceback" not in said
    for word in words:
        assert word in said, said


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["dance"], 2, ["No such command"]),
        (["worker", "--stages", "tea"], 2, ["--stages", "unknown stage 'tea'", "intake, dedup, entities, stance"]),
        (["worker", "--stages", ""], 2, ["no stage is named"]),
        (["topics", "delete"], 2, ["No such command"]),
        (["broker", "--port", "99999"], 2, ["--port"]),
        (["enrich"], 2, ["Missing argument"]),
        (["enrich", "/no/such/file.txt"], 2, ["no such file"]),
        (["inspect", "/no/such/file.txt", "x"], 2, ["no such file"]),
        (["produce", "x.jsonl", "--format", "pdf"], 2, ["--format: unknown format 'pdf'", "choose one of txt, json"]),
        (["produce", "x.csv", "--map", "body"], 2, ["--map", "field=column"]),
        (["produce", "x.csv", "--map", "author=by"], 2, ["--map", "not a field of a document"]),
        (["produce", "x.jsonl", "--limit", "-1"], 2, ["--limit"]),
        (["produce", "x.jsonl", "--rate", "fast"], 2, ["--rate"]),
        (["consume", "--from", "yesterday"], 2, ["--from: cannot start at 'yesterday'", "2h"]),
        (["consume", "--stance", "maybe"], 2, ["favor"]),
        (["consume", "--verdict", "same"], 2, ["unique"]),
        (["consume", "--status", "lost"], 2, ["enriched"]),
        (["consume", "--limit", "0"], 2, ["--limit"]),
        (["consume", "--output", "events.xlsx"], 1, [".jsonl or .parquet"]),
        (["replay"], 2, ["Missing option", "--from"]),
        (["replay", "--from", "yesterday"], 2, ["--from: cannot start at 'yesterday'"]),
        (["replay", "--from", "end"], 2, ["nothing to process again after the end"]),
        (["replay", "--from", "2d", "--stage", "tea"], 2, ["unknown stage 'tea'"]),
        (["deadletters", "show", "here"], 2, ["partition:offset"]),
        (["deadletters", "list", "--reason", "bad"], 2, ["not_json"]),
        (["withdraw"], 2, ["Missing argument"]),
        (["watch", "entities", "add", "x", "Acme", "--type", "FIRM"], 2, ["type: Input should be"]),
        (["consume", "--watched", " "], 2, ["the watched id is empty"]),
        (["watch", "issues", "add", "x", "?!"], 2, ["name: has no letter"]),
        (["consume", "--issue", ""], 2, ["the issue is empty"]),
    ],
)
def test_a_wrong_call_is_explained(arguments: list[str], status: int, words: list[str], tmp_path: Path) -> None:
    refused(call(*arguments, BROKERS="127.0.0.1:1", DATA_DIR=str(tmp_path)), status, *words)


@pytest.mark.parametrize(
    "arguments", [["produce", "seeds"], ["consume"], ["topics", "list"], ["worker"], ["withdraw", "x"], ["console"]]
)
def test_without_a_broker_the_message_says_what_to_do(arguments: list[str], tmp_path: Path) -> None:
    refused(call(*arguments, DATA_DIR=str(tmp_path)), 2, "STANCEWIRE_BROKERS is not set", "stancewire broker")


@pytest.mark.parametrize(
    ("command", "variable", "value"),
    [
        ("settings", "BROKERS", "nonsense"),
        ("settings", "HTTP_PORT", "-1"),
        ("settings", "PARTITIONS", "none"),
        ("settings", "STANCE_EVIDENCE", "-1"),
        ("console", "CONSOLE_PORT", "99999"),
        ("enrich", "INTAKE_LANGUAGES", "klingon!"),
        ("enrich", "DEDUP_NEAR_SIMILARITY", "7"),
        ("enrich", "DEDUP_SKETCH", "5000"),
        ("enrich", "ENTITIES_MODEL", "no_such_model"),
        ("enrich", "ENTITIES_WATCH_FILE", "no_such_file.csv"),
        ("enrich", "STANCE_ISSUES_FILE", "no_such_file.jsonl"),
        ("enrich", "STANCE_MODEL", "no_such_folder"),
    ],
)
def test_a_wrong_setting_names_its_variable(command: str, variable: str, value: str) -> None:
    arguments = [command, "-"] if command == "enrich" else [command]
    refused(call(*arguments, stdin=b'{"text": "x"}', **{variable: value}), 2, f"STANCEWIRE_{variable}")


@pytest.mark.parametrize(
    ("name", "content", "status", "word"),
    [
        ("a.txt", b"", 1, "empty"),
        ("a.txt", b"caf\xe9", 1, "--encoding"),
        ("a.json", b"{", 1, "not json"),
        ("a.json", b'{"text": 3}', 1, "text"),
        ("a.jsonl", b"", 1, "no document"),
        ("a.csv", b"title\nx\n", 1, "text"),
        ("a.xml", b"<feed", 1, "a.xml"),
        ("a.pdf", b"%PDF-1.7", 1, "--format"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, name: str, content: bytes, status: int, word: str) -> None:
    (tmp_path / name).write_bytes(content)
    refused(call("enrich", str(tmp_path / name)), status, word)


def test_a_check_prints_what_would_be_sent_and_needs_no_broker(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"status": "ok", "articles": [{"headline": "H", "body": STORY}]}))
    ended = call("produce", "--check", str(tmp_path))
    assert ended.returncode == 0, ended.stderr
    assert b"1 would be sent, 0 would be rejected" in ended.stdout
    assert b"text=body title=headline" in ended.stderr.replace(b", ", b" ")
    (tmp_path / "b.jsonl").write_text(json.dumps({"odd": STORY}) + "\n")
    refused(call("produce", "--check", str(tmp_path)), 1, "b.jsonl, line 1: text: is required (--map text=odd)")


def test_enrich_prints_an_event_as_one_line_of_json() -> None:
    ended = call("enrich", "--json", "-", stdin=json.dumps({"text": STORY}).encode())
    assert ended.returncode == 0, ended.stderr
    event = json.loads(ended.stdout)
    assert event["status"] == "enriched"
    assert "Kari Lund" in [entity["name"] for entity in event["entities"]]


def test_enrich_shows_an_event_without_what_a_terminal_would_obey() -> None:
    ended = call("enrich", "-", stdin=json.dumps({"title": "\x1b[2J[red]Boo[/red]\x07", "text": STORY}).encode())
    assert ended.returncode == 0, ended.stderr
    assert b"\x1b[2J" not in ended.stdout
    assert b"\x07" not in ended.stdout
    assert b"[red]Boo[/red]" in ended.stdout


def test_inspect_explains_a_copy() -> None:
    ended = call("inspect", "seeds/01-toll-courier.json", "seeds/05-toll-syndicated.json")
    assert ended.returncode == 0, ended.stderr
    assert b"exact" in ended.stdout


def test_help_has_examples_and_settings_are_listed_without_secrets() -> None:
    assert b"Example" in call("consume", "--help").stdout
    listed = call("settings", SASL_PASSWORD="hunter2")  # noqa: S106 - it is the test that it is not shown
    assert listed.returncode == 0, listed.stderr
    assert b"STANCEWIRE_BATCH_DOCUMENTS" in listed.stdout
    assert b"hunter2" not in listed.stdout


def test_settings_are_listed_whole_at_any_width() -> None:
    narrow = CliRunner().invoke(make_parser(), ["settings"], env={"COLUMNS": "30"}, catch_exceptions=False)
    lines = narrow.output.splitlines()
    for model in _models():
        for variable, name, field in _variables(model):
            assert any(line.startswith(f"{variable} = ") for line in lines), variable
            if model is not Settings:
                assert field.description, f"{model.__name__}.{name} has no description"
    assert "STANCEWIRE_DEDUP_REPLAY_DOCUMENTS = 10000" in lines


@pytest.mark.parametrize(
    ("variable", "hint"),
    [
        ("STANCEWIRE_BROKER", "did you mean STANCEWIRE_BROKERS?"),
        ("STANCEWIRE_DEDUP_WINDOWHOURS", "did you mean STANCEWIRE_DEDUP_WINDOW_HOURS?"),
        ("STANCEWIRE_QQQ", "`stancewire settings` lists all of them"),
    ],
)
def test_a_misspelt_variable_is_named_with_the_nearest_one(variable: str, hint: str) -> None:
    said = CliRunner().invoke(make_parser(), ["settings"], env={variable: "x"}, catch_exceptions=False)
    assert said.exit_code == 0
    assert f"warning: {variable} is not a setting and has no effect; {hint}" in said.stderr
    assert "warning" not in CliRunner().invoke(make_parser(), ["settings"], env={"STANCEWIRE_PREFIX": "x"}).stderr


def test_errors_that_are_said_in_one_line_exist() -> None:
    for name in MENDABLE:
        module, _, kind = name.rpartition(".")
        assert issubclass(getattr(importlib.import_module(module), kind), Exception), name
