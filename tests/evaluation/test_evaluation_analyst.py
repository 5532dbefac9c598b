"""Stances on judged articles: what counts as the same name, as right, as wrong and as unread, on rows that we made up."""

import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from evaluation.analyst import AUTHOR, Given, Gold, Judged, JudgedArticle, Pair, alike, evaluate, is_held_out, read
from evaluation.analyst import _Counts as Counts
from evaluation.data import DataError
from evaluation.scores import wilson

TEXT = (
    "Prime Minister Kari Lund praised the Norwegian Maritime Authority on Thursday.\n\n"
    '"The Norwegian Maritime Authority is a disaster for anyone who pays taxes," said Erik Dahl.'
)


def gold(holder: str, target: str, *stances: str, weight: int = 1, kind: str = "org") -> dict[str, Any]:
    return {
        "article": "a", "holder": [holder], "target": [target], "target_kind": kind, "stance": stances, "weight": weight,
        "field": "text", "start": 0, "end": 5,
    }  # fmt: skip


def known(rows: Sequence[Mapping[str, Any]], pairs: Sequence[tuple[str, str, str]] = ()) -> Judged:
    read_pairs = [Pair.model_validate({"article": "a", "holder": [h], "target": [t], "gold": g}) for h, t, g in pairs]
    return Judged(
        [JudgedArticle(id="a", title="", text=TEXT)],
        {"a": [Gold.model_validate(row) for row in rows]},
        {"a": read_pairs},
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Kari Lund", "Lund", True),
        ("Ms. Lund", "Kari Lund", True),
        ("the $9 toll", "toll", True),
        ("defense cuts", "defence budget", False),
        ("Lund's plan", "the plan of Lund", True),
        ("ferries", "a ferry", True),
        ("Erik Dahl", "Kari Lund", False),
        (AUTHOR, AUTHOR, True),
        (AUTHOR, "the author", False),
        ("", "", False),
    ],
)
def test_names_are_one_by_half_of_their_words(one: str, other: str, same: bool) -> None:
    assert alike((one,), (other,)) is same
    assert alike((other,), (one,)) is same


def test_any_of_the_names_will_do() -> None:
    assert alike(("Kari Lund", "Prime Minister"), ("nobody", "Ms. Lund"))
    assert not alike(("Kari Lund", "Prime Minister"), ("nobody", "Dahl"))


def test_a_side_is_right_wrong_or_unread(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        gold("Kari Lund", "Maritime Authority", "favor", weight=2),
        gold("Erik Dahl", "island ferries", "against", kind="policy"),
        gold("Erik Dahl", "Maritime Authority", "favor", "against"),
    ]
    pairs = [("Erik Dahl", "Kari Lund", "none"), ("Kari Lund", "Erik Dahl", "against")]
    counts = Counts()
    given = [
        Given(("Kari Lund", "Ms. Lund"), ("Norwegian Maritime Authority",), "favor", 0.9, "praised"),
        Given(("Erik Dahl",), ("free ferries",), "favor", 0.8, "wrong side"),
        Given(("Erik Dahl",), ("Kari Lund",), "against", 0.7, "read, and nothing there"),
        Given(("Kari Lund",), ("Erik Dahl",), "against", 0.6, "read, and there"),
        Given(("Kari Lund",), ("Norway",), "favor", 0.5, "nobody has read it"),
    ]
    counts.add("a", given, known(rows, pairs))
    figures = counts.figures()
    assert {name: figures[name] for name in ("rows", "sides", "unread", "right", "precision")} == {
        "rows": 3, "sides": 5, "unread": 1, "right": 2, "precision": 0.5,
    }  # fmt: skip
    assert (figures["recall"], figures["recall_central"], figures["recall_issues"]) == (1 / 3, 1.0, 0.0)
    assert "Kari Lund -> Norway: favor 0.50 [nobody has read it]" in capsys.readouterr().err


def test_the_interval_of_a_share() -> None:
    low, high = wilson(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.49, 0.943)  # Wilson 1927, as in Newcombe 1998
    assert wilson(0, 0) == (0.0, 1.0)


def write(folder: Path, articles: Sequence[str]) -> Path:
    lines = "".join(json.dumps({"id": name, "title": "", "text": TEXT}) + "\n" for name in articles)
    (folder / "articles.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    rows = [gold("Kari Lund", "Norwegian Maritime Authority", "favor", weight=2), gold("Erik Dahl", "Lund", "against")]
    (folder / "gold.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "judged.jsonl").write_text("")
    return folder


def test_a_folder_is_evaluated_with_the_stages_as_they_are(tmp_path: Path) -> None:
    figures = evaluate(write(tmp_path, ["a"]))
    assert (figures["articles"], figures["rows"], figures["recall_central"]) == (1, 2, 1.0)


def test_a_fifth_is_held_out(tmp_path: Path) -> None:
    names = [f"article-{number}" for number in range(500)]
    held = [one.id for one in read(write(tmp_path, names), every=False).articles]
    assert held == [name for name in names if is_held_out(name)]
    assert 75 < len(held) < 125
    with pytest.raises(DataError, match="it has no article to evaluate on"):
        read(write(tmp_path, []), every=True)
