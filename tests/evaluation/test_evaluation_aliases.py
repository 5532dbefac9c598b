"""Aliases and salience: GUM's format and our marks are read, names told from nouns, mentions matched, figures right."""

import json
from pathlib import Path

import pytest

from evaluation import aliases, gum, marked
from evaluation.command import evaluate
from evaluation.salience import Ranked, figures, hide_headline
from evaluation.scores import b_cubed, well_ordered
from schemas.event import Entity
from services.text.salience import Presence
from tests.evaluation import made_data

Capture = pytest.CaptureFixture[str]


def entity(number: int, kind: str, *places: tuple[str, int, int]) -> Entity:
    mentions = [{"field": field, "start": a, "end": b, "text": "x" * (b - a)} for field, a, b in places]
    return Entity.model_validate(
        {"id": f"e{number}", "name": "x", "type": kind, "salience": 0.5, "aliases": [], "mentions": mentions}
    )


def test_b_cubed() -> None:
    # Bagga and Baldwin's example: 12 mentions in 3 entities, of which the last two were found as one
    gold = {number: "a" if number < 6 else "b" if number < 8 else "c" for number in range(1, 13)}
    found = {number: "a" if number < 6 else "b" for number in range(1, 13)}
    assert b_cubed(found, gold).precision == pytest.approx(0.7619, abs=1e-4)
    assert b_cubed(found, gold).recall == 1


def test_b_cubed_of_what_one_side_lacks() -> None:
    one = b_cubed({1: "a", 2: "a", 9: "a"}, {1: "x", 2: "x", 3: "x"})
    assert one.precision == pytest.approx((2 / 3 + 2 / 3 + 0) / 3)
    assert one.recall == pytest.approx((2 / 3 + 2 / 3 + 0) / 3)
    assert (one + b_cubed({1: 1}, {1: 1})).found == 4
    assert b_cubed({}, {}).figures() == {"f1": 0, "precision": 0, "recall": 0}


def test_order_counts_pairs_that_gold_orders() -> None:
    assert well_ordered([3, 2, 1], [1, 0.5, 0]) == (3, 3)
    assert well_ordered([1, 1, 2], [1, 0, 0]) == (0.5, 2)
    assert well_ordered([1, 2], [1, 1]) == (0, 0)


def test_gum_is_written_as_a_newspaper_would_and_its_names_are_found(tmp_path: Path) -> None:
    [document] = gum.read(made_data.make_gum(tmp_path))
    assert (document.title, document.text) == (
        "Lopez visits Lisbon",
        "Maria Lopez of Oslo saw Lisbon.\nShe left on Monday.",
    )
    texts = {"title": document.title, "text": document.text}
    names = [(texts[one.field][one.start : one.head + 1], one.entity) for one in document.mentions]
    maria, lisbon = names[0][1], names[1][1]
    assert [name for name, _ in names] == ["Lopez", "Lisbon", "Maria Lopez", "Oslo", "Lisbon"]
    assert [number for _, number in names] == [maria, lisbon, maria, names[3][1], lisbon]
    assert len({maria, lisbon, names[3][1]}) == 3
    assert [document.salience[number] for number in (maria, lisbon, names[3][1])] == [5, 1, 0]


def test_a_found_name_belongs_to_the_smallest_phrase_whose_head_it_holds(tmp_path: Path) -> None:
    [document] = gum.read(made_data.make_gum(tmp_path))
    places = (("text", 0, 11), ("text", 15, 19), ("text", 0, 5), ("text", 24, 30), ("text", 40, 46))
    matched = aliases.match(document, [entity(n, "PERSON", place) for n, place in enumerate(places, start=1)])
    heads = {place: gold.head + 1 for place, gold in matched.items()}
    assert heads == {("text", 0, 11): 11, ("text", 15, 19): 19, ("text", 24, 30): 30}


def test_adjectives_that_gum_does_not_annotate_are_not_scored(tmp_path: Path) -> None:
    documents = gum.read(made_data.make_gum(tmp_path))
    places = [("text", 0, 11), ("text", 15, 19)]

    def score(kind: str) -> aliases.Scores:
        extra = entity(3, kind, ("text", 32, 35))
        return aliases.score_documents(
            documents, lambda title, text: [entity(n, "GPE", place) for n, place in enumerate(places)] + [extra]
        )

    assert score("NORP").all.found == 2
    assert score("ORG").all.found == 3
    assert score("ORG").all.precision == pytest.approx(2 / 3)
    assert score("ORG").both.f1 == 1
    assert score("ORG").all.recall == pytest.approx((1 / 2 + 1) / 5)


@pytest.mark.parametrize("task", ["aliases", "salience"])
def test_the_commands(capsys: Capture, tmp_path: Path, task: str) -> None:
    path = made_data.make_gum(tmp_path)
    assert evaluate([task, "--data", str(path)]) == 0
    made = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (made["task"], made["data"], made["documents"]) == (task, str(path), 1)
    if task == "aliases":
        assert made["mentions"] == 5
        assert 0 < made["all_f1"] <= made["f1"] <= 1
        assert made["made_documents"] >= 60
        assert {"exact_f1", "made_f1", "made_all_f1", "made_exact_f1", "made_given_f1", "made_type"} <= made.keys()
    else:
        assert 0 < made["order"] <= 1
        assert 0 < made["top"] <= 1
        assert {"frequency_order", "position_top"} <= made.keys()
        assert made["headlines"] == 0


@pytest.mark.parametrize("task", ["aliases", "salience"])
@pytest.mark.parametrize("row", ["1-1\t0-1\tLopez", "1-1", "nonsense"])
def test_a_row_that_is_no_token_is_named(capsys: Capture, tmp_path: Path, task: str, row: str) -> None:
    archive = made_data.write_archive(tmp_path / "made.tar.gz", {"gum/made.tsv": row + "\n"})
    assert evaluate([task, "--data", str(archive)]) == 2
    said = capsys.readouterr().err
    assert "ten columns" in said
    assert str(archive) in said


def read_marked(folder: Path, content: str) -> list[marked.Story]:
    path = folder / "made.txt"
    path.write_text(content, encoding="utf-8")
    return marked.read(path)


def test_marks_are_taken_out(tmp_path: Path) -> None:
    [story] = read_marked(
        tmp_path, "# a remark\n== one\ntitle: [[1|Roe]] wins\n[[1:PERSON|Ann Roe]] won.\n\nMs. [[1|Roe]] wept.\n"
    )
    assert (story.name, story.title, story.text) == ("one", "Roe wins", "Ann Roe won.\n\nMs. Roe wept.")
    texts = {"title": story.title, "text": story.text}
    assert [texts[one.field][one.start : one.end] for one in story.mentions] == ["Roe", "Ann Roe", "Roe"]
    assert story.types == {1: "PERSON"}


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("== one\n[[1:PERSON|Ann Roe] won.", "damaged"),
        ("== one\n[[1:PERSON|Ann Roe]] won. Roe]] wept.", "damaged"),
        ("== one\n[[x:PERSON|Ann Roe]] won. [[1:PERSON|Roe]]", "damaged"),
        ("== one\n[[1:HUMAN|Ann Roe]] won.", "HUMAN"),
        ("== one\n[[1:PERSON|Ann Roe]] met [[1:ORG|Roe]].", "ORG"),
        ("== one\n[[1|Ann Roe]] won.", "no type"),
        ("== one\nNobody won.", "no mention"),
        ("== one\n[[1:PERSON|Ann]]\n== one\n[[1:PERSON|Ann]]", "twice"),
        ("Ann won.\n== one\n[[1:PERSON|Ann]]", "before the first"),
    ],
)
def test_a_wrong_mark_is_named(tmp_path: Path, content: str, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        read_marked(tmp_path, content)


def test_a_headline_that_is_hidden() -> None:
    named = entity(1, "PERSON", ("title", 0, 2), ("text", 700, 702), ("text", 800, 802))
    only = entity(2, "PERSON", ("title", 4, 6))
    other = entity(3, "ORG", ("text", 5, 9))
    ranked = hide_headline([named, only, other])
    assert ranked == Ranked([Presence(2, 700, False), Presence(1, 5, False)], [1.0, 0.0])
    made = figures([ranked])
    assert (made["frequency_order"], made["position_order"]) == (1, 0)
    assert (made["frequency_top"], made["position_top"]) == (1, 0)


def test_no_figure_of_nothing() -> None:
    assert set(figures([Ranked([], [])]).values()) == {0.0}
