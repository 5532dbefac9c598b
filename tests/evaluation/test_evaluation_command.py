"""The command lines: a figure for each task on made-up data, and errors that a user can mend."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evaluation.bench import dedup
from evaluation.command import BENCHES, EVALUATIONS, bench, evaluate
from evaluation.entities import trained_on
from tests.evaluation import made_data

Capture = pytest.CaptureFixture[str]


def figures(capsys: Capture, task: str, path: Path) -> dict[str, Any]:
    """The last line on stdout."""
    assert evaluate([task, "--data", str(path)]) == 0
    made = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert isinstance(made, dict)
    assert (made["task"], made["data"]) == (task, str(path))
    assert made["seconds"] >= 0
    return made


@pytest.mark.parametrize("make", [made_data.make_newswire, made_data.make_columns])
def test_entities(capsys: Capture, tmp_path: Path, make: Callable[[Path], Path]) -> None:
    made = figures(capsys, "entities", make(tmp_path))
    assert made["documents"] == 1
    assert {"PERSON", "LOCATION"} <= made["types"].keys()
    assert made["types"]["PERSON"] == {"f1": 1.0, "precision": 1.0, "recall": 1.0, "gold": 1}
    assert 0.5 <= made["f1"] <= 1
    assert made["left_out"] == 0
    for name in ("model_alone", "en_core_web_sm", "en_core_web_md"):
        assert {"f1", "precision", "recall", "types"} <= made[name].keys()
        assert 0 <= made[name]["f1"] <= 1


def test_what_the_model_was_trained_on_is_not_scored(capsys: Capture, tmp_path: Path) -> None:
    known = min(trained_on())
    story, labels = "Maria Lopez left Lisbon.", "Maria\tB-Person\nLopez\tI-Person\nleft\tO\nLisbon\tB-Location\n.\tO\n"
    seen = {f"made/text/{known}": story, f"made/annotated/{known}.tsv": labels}
    fresh = {"made/text/new_1.txt": story, "made/annotated/new_1.txt.tsv": labels}
    made = figures(capsys, "entities", made_data.write_archive(tmp_path / "both.tar.gz", seen | fresh))
    assert (made["documents"], made["left_out"]) == (1, 1)
    path = made_data.write_archive(tmp_path / "seen.tar.gz", seen)
    assert evaluate(["entities", "--data", str(path)]) == 2
    assert "trained on all of it" in capsys.readouterr().err


def test_holders(capsys: Capture, tmp_path: Path) -> None:
    made = figures(capsys, "holders", made_data.make_polnear(tmp_path))
    assert (made["documents"], made["attributions"]) == (1, 1)
    assert (made["source_recall"], made["content_recall"]) == (1.0, 1.0)
    assert made["source_precision"] == 0.5
    assert made["source_f1"] == made["source_f1_exact"] == pytest.approx(2 / 3, abs=1e-4)
    assert {"content_f1", "content_f1_exact", "content_precision_exact"} <= made.keys()


def test_stance(capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANCEWIRE_STANCE_MODEL", "lexicon")  # which is sure to know these words
    made = figures(capsys, "stance", made_data.make_newsmtsc(tmp_path))
    assert (made["n"], made["mixed_n"]) == (3, 2)
    assert (made["accuracy"], made["macro_f1"]) == (1.0, 1.0)
    assert made["floor_macro_f1"] == pytest.approx(1 / 6, abs=1e-4)
    assert 0 < made["ece"] < 1


def test_stance_of_headlines(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "made.csv"
    path.write_text(
        "S No.,Title,Decisions,Words\n"
        "1,Acme profit jumps as Umbra warns of losses,\"{'Acme': 'positive', 'umbra': 'negative', 'Elsewhere': 'neutral'}\",8\n"
        "2,Acme shares,{'Acme': broken,2\n3,Acme shares,[],2\n4,Acme shares,{'Acme': 'splendid'},2\n"
    )
    made = figures(capsys, "stance", path)
    assert (made["n"], made["mixed_n"]) == (2, 2)


def test_a_stance_model_that_is_not_there_is_named(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STANCEWIRE_STANCE_MODEL", "/nowhere/at/all")
    assert evaluate(["stance", "--data", str(made_data.make_newsmtsc(tmp_path))]) == 2
    assert "STANCEWIRE_STANCE_MODEL" in capsys.readouterr().err


def test_dedup(capsys: Capture, tmp_path: Path) -> None:
    made = figures(capsys, "dedup", made_data.make_wire(tmp_path))
    assert (made["documents"], made["pairs"], made["copies_found"]) == (3, 1, 1)
    assert (made["recall_j50"], made["recall_j80"], made["precision"]) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize("task", EVALUATIONS)
def test_missing_data_is_one_line_that_names_it(capsys: Capture, tmp_path: Path, task: str) -> None:
    assert evaluate([task, "--data", str(tmp_path / "nowhere")]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert str(tmp_path / "nowhere") in said.err


@pytest.mark.parametrize("task", EVALUATIONS)
@pytest.mark.parametrize("name", ["data.tar.gz", "data.jsonl", "data.txt.gz"])
@pytest.mark.parametrize("content", [b"", b"\x1f\x8b\x08\x00", b"\x00\xff\xfe rubbish", b'{"sentence": 1}\n'])
def test_rubbish_is_one_line_that_names_it(
    capsys: Capture, tmp_path: Path, task: str, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert evaluate([task, "--data", str(path)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert str(path) in said.err


def test_a_pair_without_its_text_is_named(capsys: Capture, tmp_path: Path) -> None:
    archive = made_data.write_archive(tmp_path / "data.tar.gz", {"made/annotated/one.txt.tsv": "Ada\tB-Person\n"})
    assert evaluate(["entities", "--data", str(archive)]) == 2
    assert "one.txt" in capsys.readouterr().err


@pytest.mark.parametrize(("command", "tasks"), [(evaluate, EVALUATIONS), (bench, BENCHES)])
@pytest.mark.parametrize("arguments", [[], ["nonsense"]])
def test_an_unknown_task_lists_those_there_are(
    capsys: Capture, command: Callable[[list[str]], int], tasks: tuple[str, ...], arguments: list[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        command(arguments)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert all(task in said for task in tasks)


def test_a_wrong_setting_is_named(capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANCEWIRE_ENTITIES_MODEL", "no_such_model")
    assert evaluate(["entities", "--data", str(made_data.make_columns(tmp_path))]) == 2
    assert "STANCEWIRE_ENTITIES_MODEL" in capsys.readouterr().err


@pytest.mark.parametrize("count", ["0", "-1", "many"])
def test_so_many_documents_cannot_be(capsys: Capture, count: str) -> None:
    with pytest.raises(SystemExit) as ended:
        bench(["dedup", "--documents", count])
    assert ended.value.code == 2
    assert "--documents" in capsys.readouterr().err


def test_bench_of_dedup_on_a_small_window(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dedup, "_TIMED", 200)  # how fast it is matters to nobody here
    assert bench(["dedup", "--documents", "300"]) == 0
    made = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (made["task"], made["documents"]) == ("dedup", 300)
    assert made["fingerprints_per_second"] > 0
    assert made["judgements_per_second"] > 0
    assert made["hot_id_documents"] == 2000
    assert made["hot_id_last_ms"] > 0
