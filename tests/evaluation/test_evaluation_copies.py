"""Edited copies and like events: what is found, what is wrong, what was expected, and the picture of it."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from xml.etree import ElementTree

import pytest

from evaluation import copies, expected, overlap, picture, siblings
from evaluation.command import evaluate
from evaluation.data import Article, DataError, rows
from evaluation.edits import EDITS
from evaluation.stream import Stream
from evaluation.trial import Trial, prepare
from schemas.event import Duplicate
from services.dedup.settings import DedupSettings
from tests.evaluation import made_data

Capture = pytest.CaptureFixture[str]
SETTINGS = DedupSettings()


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    return prepare(rows(made_data.make_articles(tmp_path_factory.mktemp("made")), Article), originals=3)


def story(start: int, stop: int) -> str:
    return " ".join(f"w{number}" for number in range(start, stop))


def verdict(name: str, rule: str) -> Duplicate:
    # As the judge makes it: a verdict that is yet to come is borne out the same way.
    return Duplicate.model_construct(verdict=name, cluster="a", of="a", rule=rule)


def test_overlap_of_plain_sets() -> None:
    a, b = overlap.shingles(story(0, 104)), overlap.shingles(story(50, 104).upper())
    assert (len(a), len(b)) == (100, 50)
    assert (overlap.jaccard(a, b), overlap.containment(a, b), overlap.containment(b, a)) == (0.5, 1, 1)
    assert overlap.jaccard(overlap.shingles("A, b!"), overlap.shingles("a b")) == 1
    assert overlap.jaccard(overlap.shingles(""), overlap.shingles("?")) == 1


@pytest.mark.parametrize(
    ("name", "rule", "right"),
    [
        ("near", "minhash-5w-128/jaccard>=0.50", True),
        ("near", "minhash-5w-128/jaccard>=0.51", False),
        ("exact", "exact-text", True),
        ("excerpt", "minhash-5w-128/containment>=0.90", True),
        ("expansion", "minhash-5w-128/containment>=1.00", True),
    ],
)
def test_a_verdict_is_borne_out_by_the_measure_and_the_number_of_its_rule(name: str, rule: str, right: bool) -> None:
    a, b = overlap.shingles(story(0, 104)), overlap.shingles(story(50, 104))
    assert overlap.bears_out(verdict(name, rule), a, b) is right
    assert not overlap.bears_out(verdict(name, rule), a, overlap.shingles(story(500, 600)))


def test_a_stream_forgets_what_is_withdrawn() -> None:
    stream = Stream()
    assert stream.read("a", story(0, 50)).verdict == "unique"
    assert stream.read("b", story(0, 50).replace(" w9 ", " , w9 ")).of == "a"
    stream.withdraw("a")
    stream.withdraw("b")
    assert stream.read("c", story(0, 50)).of is None


def test_originals_are_alone_and_supply_nothing(tmp_path: Path) -> None:
    path = made_data.make_articles(tmp_path, 6)
    articles = list(rows(path, Article))
    made = prepare([*articles, articles[0]])
    assert {name: one.of for name, one in made.found.items()} == {"article 6": "article 0"}
    assert made.found_wrong() == []
    assert len(made.originals) == 2
    assert not {"article 0", "article 6"} & set(made.originals)
    used = set(made.material.words)
    assert not any(used & set(overlap.WORD.findall(made.articles[name].text)) for name in made.originals)


def test_copies_are_tried_one_by_one(trial: Trial) -> None:
    for _ in range(2):
        outcomes = trial.try_edit("capitals", EDITS["capitals"])
        assert [outcome.verdict.of for outcome in outcomes] == list(trial.originals)
        made = trial.summarise(outcomes)
        assert (made["recall"], made["exact"], made["near"], made["wrong"]) == (1, 1, 0, 0)
        assert (made["over_skip"], made["similarity"], made["jaccard"]) == (1, 1, 1)
    cut = trial.summarise(trial.try_edit("lead_cut", EDITS["lead_cut"]))
    assert cut["near"] == 1
    assert cut["similarity"] == cut["jaccard"] == pytest.approx(1 - 36 / 356)


def test_a_copy_of_something_else_is_wrong_unless_plain_sets_say_so(trial: Trial) -> None:
    one, other = trial.originals[:2]
    alone = replace(trial, originals=[one])
    [outcome] = alone.try_edit("other", lambda article, material, random: trial.articles[other])
    assert (outcome.verdict.of, outcome.right, outcome.wrong, outcome.jaccard) == (other, False, False, 0)
    named = Duplicate(verdict="near", cluster=other, of=other, rule="minhash-5w-128/jaccard>=0.50")
    assert replace(trial, found={one: named}).found_wrong() == [one]


def test_similarity_expected_by_hand() -> None:
    kept = 0.9**5
    assert expected.similarity(0.1, 1, SETTINGS) == pytest.approx(kept / (2 - kept))
    kept = 0.6 * 0.8 + 0.4 * 0.8**2  # of ten shingles that start in a run of ten words six end in it
    assert expected.similarity(0.2, 10, SETTINGS) == pytest.approx(kept / (2 - kept))


@pytest.mark.parametrize(("run", "share"), [(1, 0.076), (1, 0.079), (10, 0.2), (10, 0.25)])
def test_recall_expected_is_what_dice_give(run: int, share: float) -> None:
    dice = Random(5)  # noqa: S311 - no secrets
    count, tries, found = 800, 300, 0
    for _ in range(tries):
        starts = range(0, count, run)
        changed = {at // run for at in dice.sample(starts, round(share * len(starts)))}
        kept = sum(all(place // run not in changed for place in range(at, at + 5)) for at in range(count - 4))
        found += kept / (2 * (count - 4) - kept) >= SETTINGS.near_similarity
    assert expected.recall(share, run, [count], SETTINGS) == pytest.approx(found / tries, abs=0.1)


@pytest.mark.parametrize("run", [1, 10])
def test_recall_expected_falls_from_one_to_none(run: int) -> None:
    curve = [expected.recall(percent / 400, run, [304, 810], SETTINGS) for percent in range(1, 250)]
    assert curve == sorted(curve, reverse=True)
    assert curve[0] > 0.999
    assert curve[-1] < 0.001


def test_the_command_on_a_file(capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "PATH", tmp_path / "none.svg")
    path = made_data.make_articles(tmp_path)
    assert evaluate(["copies", "--data", str(path)]) == 0
    said = capsys.readouterr()
    made = json.loads(said.out.splitlines()[-1])
    assert (made["task"], made["data"], made["documents"], made["originals"]) == ("copies", str(path), 8, 4)
    assert (made["precision"], made["found"], made["found_wrong"]) == (1, 0, [])
    assert made["edits"].keys() == EDITS.keys()
    assert {name: row["recall"] for name, row in made["edits"].items() if name in ("headline", "links", "lead_cut")} == {
        "headline": 1.0, "links": 1.0, "lead_cut": 1.0,
    }  # fmt: skip
    assert list(made["words"]) == list(made["runs"]) == [f"{share}" for share in copies.SHARES]
    assert made["words"]["1"]["recall"] > made["words"]["40"]["expected"]
    assert "siblings" not in made
    assert not picture.PATH.exists()
    assert "copies: edits" in said.err


def test_the_whole_command_draws(capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "PATH", tmp_path / "docs" / "made.svg")
    monkeypatch.setattr(copies, "ARTICLES", made_data.make_articles(tmp_path, 4))
    monkeypatch.setattr(siblings, "DEFAULT", write_siblings(tmp_path, [story(0, 60), story(100, 160)]))
    assert evaluate(["copies"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["siblings"]["documents"] == 2
    assert picture.PATH.is_file()


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ({"title": "x"}, "line 2.text: Field required"),
        ({"title": 1, "text": "x"}, "line 2.title: Input should be a valid string"),
        ([], "line 2: Input should be an object"),
    ],
)
def test_a_broken_article_is_named_with_its_place(capsys: Capture, tmp_path: Path, line: object, place: str) -> None:
    path = made_data.write_lines(tmp_path / "a.jsonl.gz", {"title": "", "text": "x"}, line)
    assert evaluate(["copies", "--data", str(path)]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"error: {path}: {place}")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("texts", "what"), [([], "2 are needed"), ([story(0, 99)], "2 are needed"), (["One.", "Two."], "100 are needed")]
)
def test_too_few_articles_or_words_are_named(capsys: Capture, tmp_path: Path, texts: list[str], what: str) -> None:
    path = made_data.write_lines(tmp_path / "a.jsonl.gz", *({"title": "", "text": text} for text in texts))
    assert evaluate(["copies", "--data", str(path)]) == 2
    assert f"{path}: " in (said := capsys.readouterr().err)
    assert what in said


def test_an_edit_may_leave_nothing(trial: Trial) -> None:
    made = trial.summarise(trial.try_edit("nothing", lambda article, material, random: Article(title="", text="")))
    assert (made["recall"], made["similarity"], made["wrong"]) == (0, None, 0)


def write_siblings(folder: Path, texts: Sequence[str], events: str = "ab") -> Path:
    values = [
        {"id": f"1_{number}", "topic": "1", "event": event, "text": text}
        for number, (event, text) in enumerate(zip(events, texts, strict=True))
    ]
    return made_data.write_lines(folder / "docs.jsonl.gz", *values)


def test_siblings_are_told_from_copies(tmp_path: Path) -> None:
    texts = [story(0, 104), story(100, 204), story(0, 104) + " x", story(100, 204), story(0, 154)]
    made = siblings.measure(siblings.read(write_siblings(tmp_path, texts, "abaab")))
    assert (made["documents"], made["events"], made["pairs_apart"]) == (5, 2, 6)
    assert (made["copies"], made["wrong"]) == (1, 0)
    assert (made["false_merges"], made["false_pairs"]) == (2, ["1_3 = 1_1", "1_4 = 1_0"])
    assert (made["nearest_jaccard"], made["nearest_containment"]) == (1, 1)


def test_broken_siblings_are_named_with_their_place(tmp_path: Path) -> None:
    path = made_data.write_lines(tmp_path / "docs.jsonl.gz", {"id": "1", "topic": "1", "text": "x"})
    with pytest.raises(DataError, match=r"docs.jsonl.gz: line 1.event: Field required"):
        siblings.read(path)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(DataError, match=r"docs.jsonl.gz: "):
        siblings.read(path)
    with pytest.raises(DataError, match="no such file"):
        siblings.read(tmp_path / "nowhere")


def test_no_document_of_ecb_is_merged_with_one_of_another_event(shared: Path) -> None:
    made = siblings.measure(siblings.read(shared / "data" / "ecbplus" / "docs.jsonl.gz"))
    assert (made["documents"], made["events"], made["pairs_apart"]) == (982, 86, 5621)
    assert made["false_pairs"] == []
    assert made["copies"] > 20
    assert made["wrong"] == 0


def test_the_picture_is_the_same_again_and_shows_what_it_was_given(tmp_path: Path) -> None:
    measured = {"5": {"recall": 1.0}, "10": {"recall": 0.25}}
    curves = [picture.Curve(name, measured, [(5.0, 1.0), (10.0, 0.3)]) for name in ("one by one", "in runs")]
    edits = {
        "lead_cut": {"exact": 0.25, "near": 0.5, "excerpt": 0.0},
        "excerpt_50": {"exact": 0.0, "near": 0.1, "excerpt": 0.2},
    }
    drawn = []
    for path in (tmp_path / "a" / "made.svg", tmp_path / "b.svg"):
        picture.draw(path, curves, edits)
        drawn.append(path.read_text())
    assert drawn[0] == drawn[1]
    svg = ElementTree.fromstring(drawn[0])  # noqa: S314 - our own
    texts = {node.text for node in svg.iter("{http://www.w3.org/2000/svg}text")}
    assert {"lead cut", "excerpt 50 %", "one by one, expected", "in runs, measured", "near", "excerpt"} <= texts
    assert "expansion" not in texts
    assert len(list(svg.iter("{http://www.w3.org/2000/svg}circle"))) == 4
