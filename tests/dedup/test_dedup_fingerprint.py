import base64
import json
import os
import subprocess
import sys
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import Fingerprint
from services.dedup.fingerprint import (
    KEPT,
    MIN_WORDS,
    Fingerprinter,
    Overlap,
    kept_shingles,
    overlap,
    stamp,
)
from services.dedup.settings import DedupSettings
from services.dedup.words import _letter, _letters, fold, high, read_words, shingle_hashes, word_hashes


@cache
def maker() -> Fingerprinter:
    return Fingerprinter(DedupSettings())


def make(text: str) -> Fingerprint:
    return maker()(text)


def common(a: str, b: str) -> Overlap:
    return overlap(kept_shingles(make(a)), kept_shingles(make(b)))


STORY = (
    "The harbour board of Exampleton met on Monday and, after three votes, chose a new chair. Ms Sample, who runs the ferry, "
    "won by nine to eight. She said that the old pier would be mended before the winter storms, and that nobody would pay more."
)


def numbered(start: int, stop: int) -> str:
    return " ".join(f"w{number}" for number in range(start, stop))


def shingle_set(text: str, size: int = 5) -> set[tuple[str, ...]]:
    words = text.split()
    return {tuple(words[at : at + size]) for at in range(len(words) - size + 1)}


def plain_jaccard(a: str, b: str) -> float:
    first, second = shingle_set(a), shingle_set(b)
    return len(first & second) / len(first | second)


@pytest.mark.parametrize(
    "other",
    [
        STORY.upper(),
        STORY.replace(",", " , ").replace(".", " ."),
        STORY.replace(" ", "\n\n"),
        STORY.replace("harbour", "har\u00adbour"),
        STORY.replace("ferry", "férry"),
        STORY.replace("ferry", "fe\u0301rry"),
        STORY.replace("Monday", "Ｍｏｎｄａｙ"),
        STORY + "\n\n© 2031 Example Media. All rights reserved.\nReporting by Ann Example; editing by Bo Sample",
    ],
)
def test_what_does_not_count(other: str) -> None:
    one, two = (make(text) for text in (other, STORY))
    assert (one.stamp, one.exact, one.shingles) == (two.stamp, two.exact, two.shingles)


def test_words_count() -> None:
    assert make(STORY.replace("nine", "ten")).exact != make(STORY).exact
    assert make("a bc " + STORY).exact != make("ab c " + STORY).exact


def test_fold() -> None:
    assert "".join(map(chr, fold("Zoë’s ﬁre\u200b, Straße №5 ½").tolist())) == "zoe\0s\0fire\0\0strasse\0\x005\0½"


def test_shingles() -> None:
    made = make(numbered(0, 100))
    kept = kept_shingles(made)
    assert len(kept) == 96
    assert (np.diff(kept.astype(np.int64)) > 0).all()
    assert make(numbered(0, 100) + " " + numbered(0, 100)).shingles != made.shingles


def test_repeated_shingles_count_once() -> None:
    once, twice = numbered(0, 50), numbered(0, 50) + " " + numbered(0, 50)
    assert len(kept_shingles(make(once))) == 46
    assert len(kept_shingles(make(twice))) == 50
    assert common(once, twice).inside == 1.0


def test_short_texts_match_exactly_only() -> None:
    short, enough = make(numbered(0, MIN_WORDS - 1)), make(numbered(0, MIN_WORDS))
    assert short.shingles == ""
    assert len(kept_shingles(enough)) == MIN_WORDS - 4
    assert short.exact == make(numbered(0, MIN_WORDS - 1).upper() + "!").exact


def test_texts_without_words_are_told_apart() -> None:
    assert make("!!!").exact != make("???").exact
    assert make("!!!").exact == make("!!!").exact
    assert make("").shingles == ""


def test_known_fingerprint_never_changes() -> None:
    """Fingerprints are kept in tables: where this fails, ``SCHEME`` must be counted up."""
    made = make(STORY)
    assert made.stamp == "minhash-5w-v2"
    assert made.exact == "d5aef495f0de5cc25e743676736a3ae4"
    assert kept_shingles(made)[:3].tolist() == [241375846, 375201470, 426988317]


def test_the_same_in_another_process() -> None:
    code = (
        "import sys, json; from services.dedup.fingerprint import Fingerprinter; from services.dedup.settings import DedupSettings;"
        "print(Fingerprinter(DedupSettings())(json.loads(sys.stdin.read())).model_dump_json())"
    )
    for seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", code],
            input=json.dumps(STORY),
            capture_output=True,
            text=True,
            check=True,
            env=environment,
        )
        assert Fingerprint.model_validate_json(done.stdout) == make(STORY)


def test_stamp_names_what_it_is_made_of() -> None:
    assert stamp(DedupSettings(shingle_words=4)) != maker().stamp
    assert stamp(DedupSettings(near_similarity=0.6, sketch=20)) == maker().stamp


@given(st.integers(0, 60), st.integers(0, 60), st.integers(MIN_WORDS, 120))
def test_measures_equal_those_of_plain_sets(left: int, right: int, length: int) -> None:
    a, b = numbered(left, left + length), numbered(right, right + length)
    first, second = shingle_set(a), shingle_set(b)
    assert common(a, b).jaccard == common(b, a).jaccard == pytest.approx(plain_jaccard(a, b))
    assert common(a, b).inside == common(b, a).around == pytest.approx(len(first & second) / len(first))


def test_measures_of_empty_texts() -> None:
    assert common("", STORY) == common(STORY, "") == common("", "") == (0.0, 0.0, 0.0)


def test_long_texts_are_estimated() -> None:
    """Above ``KEPT`` shingles the bottom-k estimate is within five standard errors."""
    whole, part, shifted = numbered(0, 20_000), numbered(0, 3_000), numbered(5_000, 25_000)
    assert len(kept_shingles(make(whole))) == KEPT
    assert common(whole, whole) == (1.0, 1.0, 1.0)
    assert common(whole, shifted).jaccard == pytest.approx(plain_jaccard(whole, shifted), abs=0.04)
    assert common(whole, part).jaccard == pytest.approx(plain_jaccard(whole, part), abs=0.03)
    assert common(whole, part).around == 1.0
    assert common(whole, part).inside == pytest.approx(0.15, abs=0.03)


def test_hashes_do_not_collide() -> None:
    """Of 400,000 distinct shingles as many 32-bit hashes coincide as of random numbers: n**2 / 2**33, 18.6."""
    words = np.concatenate([word_hashes(read_words(numbered(at, at + 4000))) for at in range(0, 400_000, 4000)])
    assert len(np.unique(words)) == 400_000
    np.random.default_rng(5).shuffle(words)
    short = high(shingle_hashes(words, 5))
    assert len(short) - len(np.unique(short)) < 60


@pytest.mark.parametrize(
    "piece",
    ['"', " ", ".", "(", "\n", "\u0301\u0316", "\ufdfa", "ß", "\ud800", "a", "a ", "(reporting by ", ". reporting by ",
     "reporting by a\n", "copyright © ", "photo: ", "photo\n"],
)  # fmt: skip
def test_hostile_texts_end(piece: str) -> None:
    """Any text of the greatest length, and longer, is done with in a fraction of a second; the run's time limit holds this."""
    text = piece * (600_000 // len(piece))
    made = make(text)
    assert made == make(text)
    assert len(base64.b64decode(made.shingles)) <= 4 * KEPT


@given(st.text(alphabet=st.characters(), max_size=300))
def test_any_text_has_a_fingerprint(text: str) -> None:
    made = make(text)
    assert Fingerprint.model_validate_json(made.model_dump_json()) == made
    assert common(text, text).jaccard in (0.0, 1.0)


def test_the_table_of_letters_has_every_code_point() -> None:
    """It passes over the planes where Unicode has nothing: a later Python may have something there."""
    assert _letters().tolist() == [_letter(chr(code)) for code in range(0x110000)]
