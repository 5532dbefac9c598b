"""What the shipped model of pairs finds, through the whole stage: our own sentences."""

import json
import shutil
import string
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import Event, Stance, WatchedIssue
from services.stance.core import StanceTagger
from services.stance.loading import ABOUT, VOCABULARY
from services.stance.reading.encoder import MODEL, OWN, PairEncoder
from services.stance.reading.method import PairMethod, sheets_of
from services.stance.settings import StanceSettings
from services.stance.watched import IssueList
from tests.stance.cast import work_of

TAGGER = StanceTagger(StanceSettings())


def tagged(text: str, title: str = "") -> Event:
    return TAGGER([work_of(text, title)])[0].event


def row(event: Event, stance: Stance) -> tuple[str, str, str]:
    issues = {issue.id: issue.name for issue in event.issues}
    target = stance.target.entity or issues[stance.target.issue or ""]
    return stance.holder.entity or stance.holder.name or "author", target, stance.stance


def rows(text: str) -> set[tuple[str, str, str]]:
    event = tagged(text)
    return {row(event, stance) for stance in event.stances}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ana Brandt denounced Carl Novak on Monday.", ("Brandt", "Novak", "against")),
        ("Carl Novak praised the Harbor Union.", ("Novak", "Union", "favor")),
        ("The Senate backed the Clean Water Act.", ("Senate", "Water Act", "favor")),
        (
            "“The harbor toll is a disgrace, and it will ruin the shops of this town,” said Ana Brandt.",
            ("Brandt", "harbor toll", "against"),
        ),
        ("Protesters condemned the school closures.", ("Protesters", "school closures", "against")),
        (
            "Sam Okafor said that the merger would be good for patients. He urged the board to approve the merger.",
            ("Okafor", "merger", "favor"),
        ),
    ],
)
def test_plain_findings(text: str, expected: tuple[str, str, str]) -> None:
    assert expected in rows(text)


@pytest.mark.parametrize(
    "text",
    [
        "Ana Brandt met Carl Novak in Westland on Monday.",
        "Storms hit Westland on Tuesday, and the schools of the town were closed.",
        "The Senate meets again next week.",
        "",
    ],
)
def test_who_takes_no_side_has_no_row(text: str) -> None:
    assert rows(text) == set()


def test_an_issue_has_its_places_and_a_stance_its_words() -> None:
    title = "Brandt blasts harbor toll"
    text = "Ana Brandt denounced the harbor toll on Monday. “The toll is a fraud,” Ms. Brandt said at the market."
    event = tagged(text, title)
    (issue,) = (one for one in event.issues if "toll" in one.name)
    assert [one.text for one in issue.mentions] == ["harbor toll", "harbor toll", "toll"]
    assert all(getattr(event, one.field)[one.start : one.end] == one.text for one in issue.mentions)
    assert sum(one.salience for one in event.issues) == pytest.approx(1)
    (stance,) = (one for one in event.stances if one.target.issue == issue.id and one.holder.entity == "Brandt")
    assert (stance.stance, stance.mixed) == ("against", False)
    shares = stance.probabilities
    assert shares.favor + shares.against + shares.neutral == pytest.approx(1)
    assert stance.confidence == shares.against
    for one in stance.evidence:
        assert "toll" in getattr(event, one.field)[one.start : one.end]
        assert one.cue is None or one.cue in getattr(event, one.field)


def test_what_another_says_is_no_evidence() -> None:
    event = tagged(
        "Ana Brandt praised the Harbor Union on Monday for its plan to make the ferries free.\n\n"
        "“The Harbor Union is doing the best work that this city has seen in a generation,” Ms. Brandt said.\n\n"
        "Carl Novak, the leader of the Greens, criticized the Harbor Union. “It is a disaster for this town,” Mr. Novak said."
    )
    shown = {
        one.holder.entity: (one.stance, one.mixed, [event.text[span.start : span.end] for span in one.evidence])
        for one in event.stances
        if one.target.entity == "Union"
    }
    assert (shown["Brandt"][:2], shown["Novak"][:2]) == (("favor", False), ("against", False))
    assert all("best work" in words or "praised" in words for words in shown["Brandt"][2])
    assert all("criticized" in words or "disaster" in words for words in shown["Novak"][2])


def test_a_listed_issue_is_found_where_its_phrases_stand() -> None:
    tagger = StanceTagger(StanceSettings())
    tagger.issues.put(WatchedIssue(id="toll", name="the harbor toll", phrases=("congestion charge",)))
    event = tagger([work_of("Ana Brandt denounced the new congestion charge. The congestion charge begins in May.")])[
        0
    ].event
    (issue,) = (one for one in event.issues if one.watched == "toll")
    assert [one.text for one in issue.mentions] == ["congestion charge", "congestion charge"]
    assert [(one.holder.entity, one.stance) for one in event.stances if one.target.issue == issue.id] == [
        ("Brandt", "against")
    ]
    assert tagger([work_of("The congestion charge begins in May.")])[0].event.stances == ()


def test_a_listed_phrase_that_is_a_verb_is_still_named() -> None:
    tagger = StanceTagger(StanceSettings())
    tagger.issues.put(WatchedIssue(id="ban", name="ban"))
    event = tagger([work_of("Ana Brandt wants to ban. Carl Novak promised to ban it. The Senate may ban.")])[0].event
    assert [one.text for issue in event.issues for one in issue.mentions] == ["ban", "ban", "ban"]


@given(
    st.text(alphabet=string.ascii_letters + " .,:;“”\"'’()\n-€é&<>#*", max_size=400),
    st.sampled_from(["", "to ban ", "Ana Brandt said: "]),
)
def test_whatever_is_in_a_text_it_has_its_event(text: str, before: str) -> None:
    tagger = TAGGER
    work = work_of(before + text + " Carl Novak denounced the toll. ")
    event = tagger([work])[0].event
    issues = {issue.id for issue in event.issues}
    for issue in event.issues:
        assert all(getattr(event, one.field)[one.start : one.end] == one.text for one in issue.mentions)
    assert {one.target.issue for one in event.stances if one.target.issue} <= issues


def test_same_documents_in_any_batch() -> None:
    works = [
        work_of(f"“Carl Novak {verb} this town,” Ana Brandt said.") for verb in ("ruined", "saved", "left", "loves")
    ]
    assert TAGGER(works) == [TAGGER([work])[0] for work in works]


def test_the_method_is_named_and_the_author_can_be_left_out() -> None:
    assert tagged("Ana Brandt met Carl Novak.").processing.models["stance"] == PairEncoder().about.name
    silent = StanceTagger(StanceSettings(author=False))
    text = "Carl Novak’s disgraceful, dishonest speech was an insult to this town, and Carl Novak should resign."
    assert all(one.holder.kind != "author" for one in silent([work_of(text)])[0].event.stances)


def test_it_is_small_and_has_a_card() -> None:
    assert (OWN / MODEL).stat().st_size < 25_000_000
    assert PairEncoder().about.name in (OWN / "README.md").read_text()


def test_what_is_no_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"STANCEWIRE_STANCE_MODEL: there is no stance model in"):
        PairEncoder(tmp_path)
    for name in (MODEL, VOCABULARY):
        shutil.copy(OWN / name, tmp_path)
    (tmp_path / ABOUT).write_text(json.dumps({"name": "mine", "weights": {"one": 9.0}}))
    assert PairEncoder(tmp_path).about.weights == {"one": 9.0}


def test_probabilities_of_a_pair_sum_to_one() -> None:
    encoder = PairEncoder()
    work = work_of("Ana Brandt denounced Carl Novak on Monday.")
    ((*_, (_, sheet)),) = sheets_of([work], IssueList())
    ((_, shares),) = PairMethod(encoder, StanceSettings()).read(work.event, [sheet])
    assert np.allclose(shares.sum(-1), 1)
