"""The tagger as a spaCy component: windows, decoding, the shipped pipeline."""

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.language import Language

from services.entities.settings import OWN_FOLDER
from services.entities.tagger import TAGS, NewsTagger, cut, decode, spans

STORY = (
    "Mayor Ana Souza of Lisbon met the board of Norsk Ferries on Monday. The Portuguese official said the company would "
    "stay.\n\nNobody at the company answered."
)


@pytest.fixture(scope="module")
def nlp() -> Language:
    return spacy.load(OWN_FOLDER)


def found(nlp: Language, text: str) -> list[tuple[str, str]]:
    return [(entity.text, entity.label_) for entity in nlp(text).ents]


def test_the_shipped_pipeline_finds_names(nlp: Language) -> None:
    assert found(nlp, STORY) == [
        ("Ana Souza", "PERSON"),
        ("Lisbon", "GPE"),
        ("Norsk Ferries", "ORG"),
        ("Portuguese", "NORP"),
    ]


def test_pipe_gives_what_each_text_gives_alone_whatever_its_neighbours(nlp: Language) -> None:
    texts = [STORY, "", "   \n", "IN BRIEF", "Ana Souza", STORY[:60], STORY * 8, "\u200b", "12 345 …"]
    alone = [found(nlp, text) for text in texts]
    for size in (1, 2, 50):
        piped = [[(entity.text, entity.label_) for entity in doc.ents] for doc in nlp.pipe(texts, batch_size=size)]
        assert piped == alone


def test_a_pipeline_written_to_disk_is_the_same_when_read(nlp: Language, tmp_path: Path) -> None:
    nlp.to_disk(tmp_path / "copy")
    assert found(spacy.load(tmp_path / "copy"), STORY) == found(nlp, STORY)


def test_it_is_small(nlp: Language) -> None:
    size = sum(path.stat().st_size for path in OWN_FOLDER.rglob("*") if path.is_file())
    assert size <= 25_000_000
    assert nlp.get_pipe_meta("news_tagger").assigns == ["doc.ents", "token.ent_iob", "token.ent_type"]


def test_without_sentences_a_text_is_read_in_windows_all_the_same() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("news_tagger").from_disk(OWN_FOLDER / "news_tagger")  # type: ignore[attr-defined]
    assert ("Ana Souza", "PERSON") in found(nlp, STORY)
    assert len(nlp(STORY * 50).ents) > 150


def test_a_component_without_its_encoder_says_so(tmp_path: Path) -> None:
    empty = NewsTagger()
    with pytest.raises(ValueError, match="no encoder"):
        empty(spacy.blank("en")("Ana"))
    with pytest.raises(ValueError, match="no encoder"):
        empty.to_disk(tmp_path)
    with pytest.raises(FileNotFoundError):
        empty.from_disk(tmp_path)


LENGTHS = st.lists(st.integers(1, 16), max_size=120)


@given(LENGTHS, st.sets(st.integers(0, 119)), st.sampled_from([20, 48, 128]))
def test_windows_are_all_words_in_order_and_end_with_sentences(lengths: list[int], marks: set[int], most: int) -> None:
    starts = sorted({0, *(mark for mark in marks if mark < len(lengths))})
    made = list(cut([[7] * length for length in lengths], starts, most))
    assert [word for first, last in made for word in range(first, last)] == list(range(len(lengths)))
    assert all(0 < sum(lengths[first:last]) <= most - 2 for first, last in made)
    for (first, last), (_, after) in itertools.pairwise(made):
        sentence = max(start for start in starts if start <= last)
        if sentence != last:  # cut inside a sentence: it is longer than a window
            end = min([start for start in starts if start > last], default=len(lengths))
            assert sum(lengths[sentence:end]) > most - 2
        else:
            end = min([start for start in starts if start > last], default=len(lengths))
            whole = sum(lengths[first:end])
            assert whole > most - 2, "the next sentence had room"
        assert after > last


def best_by_trying(scores: np.ndarray, tags: Sequence[int]) -> float:
    """The best score of a sequence of ``tags`` in which each I- continues its name."""

    def allowed(path: tuple[int, ...]) -> bool:
        names = ["O", *(TAGS[tag] for tag in path)]
        return all(now[0] != "I" or before[2:] == now[2:] for before, now in itertools.pairwise(names))

    paths = filter(allowed, itertools.product(tags, repeat=len(scores)))
    return max(float(sum(scores[at, tag] for at, tag in enumerate(path))) for path in paths)


@given(st.integers(0, 10_000), st.integers(1, 4))
def test_decoding_finds_the_best_sequence_that_is_allowed(seed: int, words: int) -> None:
    tags = [0, 1, 2, 3, 4]
    scores = np.full((words, len(TAGS)), -50, np.float32)
    scores[:, tags] = np.random.default_rng(seed).normal(size=(words, len(tags)))
    made = decode(scores)
    names = ["O", *(TAGS[tag] for tag in made)]
    assert all(now[0] != "I" or before[2:] == now[2:] for before, now in itertools.pairwise(names))
    reached = float(sum(scores[at, tag] for at, tag in enumerate(made)))
    assert reached == pytest.approx(best_by_trying(scores, tags), abs=1e-4)


def test_names_in_tags() -> None:
    number = TAGS.index
    tags = [
        number("O"), number("B-PERSON"), number("I-PERSON"), number("B-PERSON"), number("B-GPE"), number("O"), number("B-ORG"),
    ]  # fmt: skip
    assert list(spans(tags)) == [(1, 3, "PERSON"), (3, 4, "PERSON"), (4, 5, "GPE"), (6, 7, "ORG")]
