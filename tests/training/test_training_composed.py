"""Composed texts: each pattern says what it means, and the stage finds its people and targets."""

import pytest

from evaluation.bench.works import make_work
from evaluation.data import Article
from services.entities.core import EntityTagger
from services.entities.settings import EntitySettings
from services.stance import encoder as sentences
from services.stance.loading import VOCABULARY
from services.text.wordpiece import WordPieces
from training.reading.composed import PATTERNS, Pattern, compose, of_pattern
from training.reading.examples import of_composed


def _rows(pattern: Pattern) -> list[str]:
    return [row for row in pattern.rows.split(";") if row]


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda one: one.text)
def test_a_pattern_has_words_for_each_row_and_no_slot_is_left(pattern: Pattern) -> None:
    text, gold = of_pattern(pattern, seed=3)
    assert pattern.text.count("<") == pattern.text.count(">") == len(_rows(pattern)) == len(gold)
    assert not set("{}<>") & set(text)
    for row in gold:
        assert 0 <= row.start < row.end <= len(text)
        assert row.stance <= {"favor", "against"}
        assert len(row.stance) == 1


def test_the_same_seed_composes_the_same_texts() -> None:
    assert list(compose(20, seed=5)) == list(compose(20, seed=5)) != list(compose(20, seed=6))


def test_sides_that_are_opposite_are_opposite() -> None:
    pattern = next(one for one in PATTERNS if one.rows == "h t a;h2 t -a")
    for seed in range(5):
        first, second = of_pattern(pattern, seed).gold
        assert first.stance != second.stance


def test_what_is_only_denied_has_no_row() -> None:
    [denied] = [one for one in PATTERNS if one.text == "{h} did not {vb:a} {t}."]
    assert of_pattern(denied, seed=1).gold == []


def test_the_stage_finds_the_holders_and_targets_of_nearly_all_rows() -> None:
    pieces = WordPieces.load(sentences.FOLDERS[sentences.OWN] / VOCABULARY)
    tagger = EntityTagger(EntitySettings())
    texts = [one for one in compose(60, seed=2) if one.gold]
    works = [tagger([make_work(str(number), Article(title="", text=one.text))])[0] for number, one in enumerate(texts)]
    found = [of_composed(work, one.gold, pieces) for work, one in zip(works, texts, strict=True)]
    assert sum(map(bool, found)) >= 0.85 * len(texts)
    assert all((example.weights[-1] == 0).all() for examples in found for example in examples)
