"""Issues as targets: who is asked about them, where, and what of it is in the event."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from schemas import Event, Stance, WatchedIssue
from services.runtime.settings import SettingsError
from services.stance.agent import check
from services.stance.candidates import MAX_MENTIONS, NEAR_ISSUE, Candidate, Toward, find_candidates
from services.stance.core import StanceTagger
from services.stance.fields import clean_marks
from services.stance.page import make_page
from services.stance.settings import StanceSettings
from services.stance.watched import IssueList
from services.text.clean import clean
from tests.stance.cast import work_of

ISSUES = (
    WatchedIssue(id="tax", name="a carbon tax", phrases=("a price on carbon",)),
    WatchedIssue(id="sc", name="sanctuary cities"),
    WatchedIssue(id="cwa", name="Clean Water Act"),
    WatchedIssue(id="wall", name="Novak's wall"),
    WatchedIssue(id="novak", name="Novak"),
)


def target(event: Event, stance: Stance) -> str:
    """What a stance is toward: an entity's id, or an issue's id of the list."""
    return stance.target.entity or next(one.watched or "" for one in event.issues if one.id == stance.target.issue)


def tagged(text: str, title: str = "", issues: Sequence[WatchedIssue] = ISSUES) -> Event:
    tagger = StanceTagger(StanceSettings(model="lexicon"))
    for issue in issues:
        tagger.issues.put(issue)
    return tagger([work_of(text, title)])[0].event


def asked(text: str) -> list[Candidate]:
    """The questions about a text whose entities are the cast's."""
    cleaned = clean(text)
    marks = clean_marks(work_of(text).event.entities, "text", cleaned)
    return find_candidates(make_page(cleaned.text, marks=marks), IssueList(ISSUES).find(cleaned.text))


@pytest.mark.parametrize(
    ("text", "stances"),
    [
        ("Ana Brandt denounced a carbon tax on Monday.", {("Brandt", "tax", "against")}),
        ("“I oppose sanctuary cities,” said Carl Novak.", {("Novak", "sc", "against")}),
        ("Ana Brandt called the carbon-tax plan a disgrace.", {("Brandt", "tax", "against")}),
        ("Critics said a price  on carbon was a disgrace .", {("Critics", "tax", "against")}),
        ("The Senate backed the Clean Water Act.", {("Senate", "Water Act", "favor"), ("Senate", "cwa", "favor")}),
        ("Ana Brandt denounced Delmar and the carbon tax.", {("Brandt", "Delmar", "against"), ("Brandt", "tax", "against")}),
        ("Carl Novak praised Novak's wall.", {("Novak", "wall", "favor")}),
        ("Carbon tax supporters denounced Delmar.", {("Carbon tax supporters", "Delmar", "against")}),
        ("Ana Brandt denounced the anti-carbon tax.", set()),
        ("Ana Brandt praised Carl Novak.", {("Brandt", "Novak", "favor")}),
        ("Sanctuary cities will meet on Monday.", set()),
    ],
)  # fmt: skip
def test_stances_toward_issues(text: str, stances: set[tuple[str, str, str]]) -> None:
    event = tagged(text)
    assert {
        (one.holder.entity or one.holder.name or "author", target(event, one), one.stance) for one in event.stances
    } == stances


def test_the_event_has_the_issue_the_evidence_and_the_list() -> None:
    text = "Rain fell. “I  oppose a  carbon tax,” said Carl Novak. Snow fell."
    event = tagged(text, title="Novak Slams Carbon Tax Over Cost")
    [stance] = event.stances
    novak, tax = event.issues
    assert (stance.target.kind, stance.target.issue, stance.target.entity) == ("issue", tax.id, None)
    assert [(one.id, one.name, one.watched) for one in event.issues] == [
        ("i1", "Novak", "novak"), ("i2", "Carbon Tax", "tax"),
    ]  # fmt: skip
    assert [(one.field, one.text) for one in tax.mentions] == [("title", "Carbon Tax"), ("text", "carbon tax")]
    assert all(getattr(event, one.field)[one.start : one.end] == one.text for one in tax.mentions + novak.mentions)
    assert sum(one.salience for one in event.issues) == pytest.approx(1)
    assert stance.basis == "act"  # "slams", in the title, is surer
    assert all(one.confidence is not None and one.confidence > 0.5 for one in stance.evidence)
    title, body = stance.evidence
    assert title.field == "title"
    assert text[body.start : body.end] == "“I  oppose a  carbon tax,” said Carl Novak."
    assert event.processing.models["issues"] == IssueList(ISSUES).digest
    assert "issues" not in tagged(text, issues=()).processing.models


def test_a_passage_says_where_the_issue_is_named_and_how_the_user_calls_it() -> None:
    [one] = asked("“Delmar wants a price on carbon,” said Ana Brandt.")[1:2]
    assert one.target == Toward("issue", "tax")
    assert one.passage.issue == "a carbon tax"
    assert one.passage.text[slice(*one.passage.target)] == "price on carbon"
    assert [one.passage.text[slice(*span)] for span in one.passage.others] == ["Delmar", "Ana Brandt"]
    entity = asked("“Delmar wants a price on carbon,” said Ana Brandt.")[0]
    assert (entity.target, entity.passage.issue) == (Toward("entity", "Delmar"), "")


def test_an_entity_and_a_issue_in_one_place_are_not_each_others_neighbours() -> None:
    found = asked("“The Clean Water Act works,” said Ana Brandt.")
    assert [one.target for one in found[:2]] == [Toward("entity", "Water Act"), Toward("issue", "cwa")]
    for one in found[:2]:
        assert [one.passage.text[slice(*span)] for span in one.passage.others] == ["Ana Brandt"]


def test_a_issue_never_stands_in_two_sentences() -> None:
    text = "Ana Brandt denounced carbon tax plans."
    cut = text.index("tax")
    page = make_page(text, [(0, cut), (cut, len(text))])
    assert not any(one.target.kind == "issue" for one in find_candidates(page, IssueList(ISSUES).find(text)))


def test_many_issues_in_one_sentence_cost_a_bounded_number_of_questions() -> None:
    issues = IssueList([WatchedIssue(id=str(number), name=f"plan {number}") for number in range(60)])
    text = "Critics said " + ", ".join(f"plan {number}" for number in range(60)) + " were a disgrace."
    page = make_page(text)
    assert len(page.sentences) == 1
    assert len(find_candidates(page, issues.find(text))) == MAX_MENTIONS


def test_the_file_is_in_force_from_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "issues.csv"
    path.write_text("id,name,phrases\ntax,a carbon tax,a price on carbon|carbon pricing\n")
    tagger = StanceTagger(StanceSettings(model="lexicon", issues_file=path))
    event = tagger([work_of("Ana Brandt denounced carbon pricing.")])[0].event
    assert [(target(event, one), one.basis) for one in event.stances] == [("tax", "act")]
    lines = tmp_path / "issues.jsonl"
    lines.write_text(json.dumps({"id": "tax", "name": "tax", "phrases": ["x", 7]}) + "\n")
    monkeypatch.setenv("STANCEWIRE_STANCE_ISSUES_FILE", str(lines))
    with pytest.raises(SettingsError, match=r"STANCEWIRE_STANCE_ISSUES_FILE: .*issues.jsonl: line 1: phrases.1: "):
        check()


def near(text: str) -> list[tuple[str, str, str]]:
    """Who is asked about an issue that its words do not name: holder, issue, words."""
    return [
        (
            candidate.holder.entity if candidate.holder else "author",
            candidate.target.id,
            candidate.passage.text[slice(*candidate.passage.scope)],
        )
        for candidate in asked(text)
        if candidate.target.kind == "issue" and candidate.passage.target == (0, 0)
    ]


def test_who_speaks_near_a_issue_is_asked_about_it() -> None:
    text = (
        "Sanctuary cities lose money. “Such policies make us all less safe,” Ana Brandt said. "
        "Carl Novak threatened to sue them all in May."
    )
    assert near(text) == [
        ("Brandt", "sc", "“Such policies make us all less safe,”"),
        ("Novak", "sc", "threatened to sue them all in May"),
    ]


def test_who_names_a_issue_is_asked_once_in_those_words() -> None:
    text = "“Sanctuary cities make us all less safe,” Ana Brandt said."
    assert near(text) == []
    assert sum(candidate.target == Toward("issue", "sc") for candidate in asked(text)) == 1


def test_what_is_wanted_of_a_issue_is_asked_where_it_is_named() -> None:
    found = [c for c in asked("Carl Novak threatened to sue all sanctuary cities.") if c.target.id == "sc"]
    assert [(c.holder.entity, c.passage.voice) for c in found if c.holder] == [("Novak", "speech")]


def test_far_away_and_few_words_say_nothing_of_a_issue() -> None:
    between = "Rain fell on the town. " * (NEAR_ISSUE + 1)
    assert near(f"Sanctuary cities lose money. {between}“Such policies make us all less safe,” Ana Brandt said.") == []
    assert near("Sanctuary cities lose money. “No,” Ana Brandt said.") == []


def test_a_body_says_nothing_of_the_name_that_it_goes_by() -> None:
    found = asked("The Novak administration said that Novak would not leave the town.")
    assert [c for c in found if c.holder and c.target.kind == "entity"] == []
