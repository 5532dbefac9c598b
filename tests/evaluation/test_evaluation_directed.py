"""Directed stances in one sentence: the format, and the answer that the stage's stances come to."""

from pathlib import Path

import pytest

from evaluation.data import DataError
from evaluation.directed import Row, answers, evaluate, read
from services.stance.settings import LEXICON, StanceSettings

LINES = [
    "[Kari Lund] criticized [Erik Dahl] on Monday.\tKari Lund\tErik Dahl\t3",
    "[Kari Lund] was praised by [Erik Dahl].\tKari Lund\tErik Dahl\t2",
    "[Kari Lund] met [Erik Dahl] on Monday.\tKari Lund\tErik Dahl\t0",
    "Only [one] place.\tone\tone\t0",
]


def write(path: Path, lines: list[str]) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


def test_the_places_are_those_in_brackets(tmp_path: Path) -> None:
    rows = list(read(write(tmp_path / "a.tsv", LINES)))
    assert len(rows) == 3
    assert rows[0] == Row("Kari Lund criticized Erik Dahl on Monday.", (0, 9), (21, 30), 3)
    assert [row.text[slice(*row.second)] for row in rows] == ["Erik Dahl"] * 3


def test_the_answer_says_who_toward_whom(tmp_path: Path) -> None:
    rows = list(read(write(tmp_path / "a.tsv", LINES)))
    assert list(answers(rows, StanceSettings(model=LEXICON))) == [3, 2, 0]
    assert list(answers(rows, StanceSettings())) == [3, 2, 0]


def test_the_floor_stands_beside_the_figure(tmp_path: Path) -> None:
    figures = evaluate(write(tmp_path / "a.tsv", LINES))
    assert (figures["n"], figures["sides"]) == (3, 2)
    assert figures["macro_f1"] > figures["floor_macro_f1"]


@pytest.mark.parametrize("line", ["[a] and [b]\ta\tb\t7", "[a] and [b]\ta\tb", "[a] and [b]\ta\tb\tfavor"])
def test_what_is_wrong_is_said(tmp_path: Path, line: str) -> None:
    with pytest.raises(DataError, match=r"bad\.tsv"):
        list(read(write(tmp_path / "bad.tsv", [line])))
    with pytest.raises(DataError, match="no sentence with two entities"):
        evaluate(write(tmp_path / "none.tsv", ["no brackets\ta\tb\t0"]))
