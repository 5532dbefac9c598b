"""The shipped model: that it loads, answers alike whatever stands beside, and that what is no model is named."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from services.runtime.settings import SettingsError
from services.stance import agent
from services.stance.asking import make_reader
from services.stance.encoder import FOLDERS, LARGE, MODEL, OWN, StanceEncoder
from services.stance.loading import ABOUT, VOCABULARY
from services.stance.reader import LexiconReader

MOST_BYTES = {OWN: 25_000_000, LARGE: 95_000_000}
QUESTIONS = [
    ("Brandt called Novak a liar and a thief who betrayed the town.", ((13, 18), (0, 6))),
    ("Novak is the best mayor that this town has ever had.", ((0, 5),)),
    ("The council meets again on Monday.", ("sanctuary cities", "a carbon tax")),
    ("", ("nothing",)),
]


@pytest.fixture(scope="module", params=FOLDERS)
def encoder(request: pytest.FixtureRequest) -> StanceEncoder:
    return StanceEncoder(request.param)


def test_each_target_has_shares_of_one(encoder: StanceEncoder) -> None:
    answers = encoder(QUESTIONS)
    assert [answer.shape for answer in answers] == [(2, 3), (1, 3), (2, 3), (1, 3)]
    assert all(np.allclose(answer.sum(axis=1), 1) for answer in answers)
    assert answers[0][0].argmax() == 1
    assert answers[1][0].argmax() == 0


def test_a_text_has_one_answer_in_any_company(encoder: StanceEncoder) -> None:
    together = encoder(QUESTIONS)
    for question, answer in zip(reversed(QUESTIONS), reversed(together), strict=True):
        assert np.array_equal(encoder([question])[0], answer)


def test_no_question_is_an_answer_too(encoder: StanceEncoder) -> None:
    assert encoder([]) == []
    assert encoder([("Nobody is asked about.", ())])[0].shape == (0, 3)


@pytest.mark.parametrize("name", FOLDERS)
def test_it_is_small_and_has_a_card(name: str) -> None:
    assert sum(path.stat().st_size for path in FOLDERS[name].iterdir()) < MOST_BYTES[name]
    assert "## Licence" in (FOLDERS[name] / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (VOCABULARY, ABOUT):
        shutil.copy(FOLDERS[OWN] / name, tmp_path)
    (tmp_path / MODEL).symlink_to(FOLDERS[OWN] / MODEL)
    return tmp_path


def test_a_folder_is_as_good_as_the_name(folder: Path) -> None:
    one, other = StanceEncoder(OWN), StanceEncoder(str(folder))
    assert np.array_equal(other(QUESTIONS)[0], one(QUESTIONS)[0])
    assert not np.array_equal(StanceEncoder(LARGE)(QUESTIONS)[0], one(QUESTIONS)[0])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (MODEL, b"no model"),
        (MODEL, b""),
        (VOCABULARY, b"one\ntwo\n"),
        (VOCABULARY, b"\xff\xfe"),
        (ABOUT, b"{"),
        (ABOUT, json.dumps({"name": "x", "temperature": 0, "topic_temperature": 1}).encode()),
        (ABOUT, json.dumps({"name": "x", "temperature": 1}).encode()),
        (ABOUT, json.dumps({"name": "x", "temperature": 1, "topic_temperature": 1, "code": "y"}).encode()),
    ],
)
def test_what_is_no_model_is_named(folder: Path, name: str, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / name).unlink()
    (folder / name).write_bytes(content)
    with pytest.raises(ValueError, match="STANCEWIRE_STANCE_MODEL"):
        StanceEncoder(str(folder))
    monkeypatch.setenv("STANCEWIRE_STANCE_MODEL", str(folder))
    with pytest.raises(SettingsError, match="STANCEWIRE_STANCE_MODEL"):
        agent.check()


def test_settings_name_the_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(make_reader("lexicon"), LexiconReader)
    monkeypatch.setenv("STANCEWIRE_STANCE_MODEL", "/nowhere/at/all")
    with pytest.raises(SettingsError, match="/nowhere/at/all"):
        agent.check()
    for fine in ("lexicon", OWN, LARGE):
        monkeypatch.setenv("STANCEWIRE_STANCE_MODEL", fine)
        agent.check()
