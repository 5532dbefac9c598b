"""Stance toward issues: rows of each format of the data sets, made up, and what is wrong with others."""

import csv
import gzip
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from evaluation.command import evaluate
from evaluation.data import DataError
from evaluation.issues import GWSD_ISSUE, Row, is_held_out, measure, passage, read
from schemas import Probabilities
from services.stance.reader import Passage, Reader

FOR, AGAINST = "Bikes are fine.\nI support bike lanes, too.", "I oppose bike lanes."
DEVELOPMENT = [
    {"Tweet": FOR, "Target 1": "bike lane", "Stance 1": "FAVOR", "seen?": "1"},
    {"Tweet": AGAINST, "Target 1": "bike lane", "Stance 1": "AGAINST", "seen?": "0"},
    {"Tweet": AGAINST, "Target 1": "opera", "Stance 1": "NONE", "seen?": "0"},
]
WORKERS = [f"worker_{number}" for number in range(8)]


def sentence(text: str, agree: int, disagree: int, shares: Sequence[str] = ("", "", "")) -> dict[str, str]:
    """A row of GWSD with so many votes of each side, the rest neutral."""
    votes = ["agrees"] * agree + ["disagrees"] * disagree + ["neutral"] * (8 - agree - disagree)
    estimates = dict(zip(("agree", "disagree", "neutral"), shares, strict=True))
    return {"sent_id": "t1", "sentence": text, **dict(zip(WORKERS, votes, strict=True)), **estimates}


def write(path: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    file = io.StringIO(newline="")
    table = csv.DictWriter(file, list(rows[0]), delimiter="\t" if ".tsv" in path.suffixes else ",")
    table.writeheader()
    table.writerows(rows)
    data = file.getvalue().encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def test_both_parts_of_vast_are_read(tmp_path: Path) -> None:
    development = read(write(tmp_path / "dev.csv.gz", DEVELOPMENT))
    assert [(row.polarity, row.seen) for row in development] == [(1, True), (-1, False), (0, False)]
    assert development[0] == Row(FOR, "bike lane", 1, True)
    training = [
        {"post": FOR, "new_topic": "bikes", "topic_str": "bike lane", "label": label, "seen?": "1"} for label in "102"
    ]
    assert [(row.issue, row.polarity) for row in read(write(tmp_path / "t.csv", training))] == [
        ("bike lane", 1), ("bike lane", -1), ("bike lane", 0),
    ]  # fmt: skip


def test_gwsd_goes_by_its_estimate_and_else_by_votes(tmp_path: Path) -> None:
    rows = [
        sentence("A", 5, 0, ("0.2", "0.1", "0.7")),
        sentence("B", 0, 6),
        sentence("C", 4, 4),
        sentence("screen", 8, 0) | {"sent_id": "s0"},
    ]
    assert read(write(tmp_path / "made.tsv", rows)) == [
        Row("A", GWSD_ISSUE, 0), Row("B", GWSD_ISSUE, -1), Row("C", GWSD_ISSUE, 0),
    ]  # fmt: skip


def test_a_file_is_measured_whole(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = write(tmp_path / "dev.csv.gz", DEVELOPMENT)
    assert evaluate(["issues", "--data", str(path)]) == 0
    made = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (made["task"], made["data"], made["n"]) == ("issues", str(path), 3)
    assert (made["zero_shot_n"], made["few_shot_n"]) == (2, 1)
    assert made["floor_macro_f1"] == pytest.approx(1 / 6, abs=1e-4)
    assert {"accuracy", "macro_f1", "ece", "zero_shot_macro_f1", "published_macro_f1"} <= made.keys()


def test_any_reader_is_asked_about_the_whole_text() -> None:
    class Always(Reader):
        name = "always"

        def __call__(self, passages: Sequence[Passage]) -> list[Probabilities | None]:
            assert [(one.text, one.scope, one.voice, one.issue) for one in passages] == [
                (FOR, (0, 42), "text", "opera")
            ]
            return [Probabilities(favor=0.7, against=0.2, neutral=0.1)]

    measured = measure([Row(FOR, "opera", 1)], Always())
    assert (measured.labels, measured.accuracy, measured.answered) == ([1], 1.0, 1.0)


def test_an_issue_is_marked_where_it_is_named_first() -> None:
    named = {name: passage(Row(FOR, name, 1)).target for name in ("bike lane", "the bikes", "opera", "?")}
    assert {name: FOR[slice(*target)] for name, target in named.items()} == {
        "bike lane": "bike lanes", "the bikes": "Bikes", "opera": "", "?": "",
    }  # fmt: skip
    assert named["opera"] == (0, 0)
    assert passage(Row("Few doubt global warming.", GWSD_ISSUE, 1)).target == (10, 24)


def test_the_same_fifth_is_held_out_wherever_a_sentence_stands() -> None:
    sentences = [f"Sentence {number} speaks of the weather." for number in range(1000)]
    held = [one for one in sentences if is_held_out(one)]
    assert 150 < len(held) < 250
    assert held == [one for one in sentences if is_held_out(f" {one}\n")]


@pytest.mark.parametrize(
    ("name", "rows", "words"),
    [
        ("a.csv", [{"text": "x", "issue": "y"}], "row 1: has neither the columns Tweet"),
        ("a.csv", [DEVELOPMENT[0], DEVELOPMENT[1] | {"Stance 1": "MAYBE"}], "row 2: 'MAYBE' is no stance"),
        ("a.tsv", [sentence("x", 3, 1) | {"worker_7": "perhaps"}], "row 1: 'perhaps' is no vote"),
        ("a.tsv", [sentence("x", 3, 1, ("much", "0", "0.1"))], "row 1: could not convert"),
        ("a.tsv", [sentence("x", 3, 1) | {"sent_id": "s1"}], "no text with an issue"),
    ],
)
def test_what_is_wrong_is_named_with_its_row(
    tmp_path: Path, name: str, rows: Sequence[Mapping[str, str]], words: str
) -> None:
    path = write(tmp_path / name, rows)
    with pytest.raises(DataError) as caught:
        read(path)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_cell_without_end_is_no_table(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Tweet,Target 1,Stance 1\n" + "x" * (csv.field_size_limit() + 1) + ",y,FAVOR\n")
    with pytest.raises(DataError, match="field larger than"):
        read(path)
