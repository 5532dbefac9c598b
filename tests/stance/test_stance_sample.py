"""The document that came as typical, read from beside the project: quoted on both sides, tokenised and damaged."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas import Event, Processing, Status, WatchedIssue, Work
from services.entities.core import EntityTagger
from services.entities.settings import EntitySettings
from services.stance.core import StanceTagger, clean_marks, to_clean
from services.stance.holders import Resolver
from services.stance.page import make_page
from services.stance.quotations import find_attributions
from services.stance.settings import StanceSettings
from services.text.clean import clean

FOLDER = Path(__file__).parents[3] / "shared" / "seeds"


@pytest.fixture(scope="module")
def work() -> Work:
    files = sorted(FOLDER.glob("000_*.txt"))
    if not files:
        pytest.skip("the sample is not beside the project")
    processing = Processing(pipeline="0", received_at=datetime(2024, 5, 1, tzinfo=UTC))
    text = files[0].read_text(encoding="utf-8")
    event = Event(event_id="event", id="sample", status=Status.ENRICHED, text=text, processing=processing)
    return EntityTagger(EntitySettings())([Work(event=event)])[0]


@pytest.fixture(scope="module")
def event(work: Work) -> Event:
    return StanceTagger(StanceSettings())([work])[0].event


def named(event: Event, word: str) -> set[str]:
    return {entity.id for entity in event.entities if word in entity.name}


@pytest.mark.parametrize(
    ("holder", "words"),
    [("de Blasio", "threat"), ("Perez", "bully"), ("Sharry", "outrageous"), ("Schneiderman", "draconian")],
)
def test_critics_are_against_the_administration_in_their_own_words(event: Event, holder: str, words: str) -> None:
    targets = named(event, "Trump")
    found = [
        stance
        for stance in event.stances
        if stance.holder.entity in named(event, holder) and stance.target.entity in targets
    ]
    assert found
    assert {stance.stance for stance in found} == {"against"}
    assert any(words in event.text[span.start : span.end] for stance in found for span in stance.evidence)


@pytest.mark.parametrize(("holder", "words"), [("Sessions", "less safe"), ("Trump administration", "threatened")])
def test_officials_are_against_sanctuary_cities(work: Work, holder: str, words: str) -> None:
    tagger = StanceTagger(StanceSettings())
    tagger.issues.put(WatchedIssue(id="sanctuary", name="sanctuary cities"))
    event = tagger([work])[0].event
    [issue] = event.issues
    assert (issue.name, issue.watched) == ("sanctuary cities", "sanctuary")
    found = [
        stance
        for stance in event.stances
        if stance.target.issue == issue.id and stance.holder.entity in named(event, holder)
    ]
    assert [stance.stance for stance in found] == ["against"]
    assert any(words in event.text[span.start : span.end] for span in found[0].evidence)


def test_article_itself_takes_no_side(event: Event) -> None:
    assert [stance for stance in event.stances if stance.holder.kind == "author"] == []


def test_nobody_is_for_what_all_are_against(event: Event) -> None:
    assert [stance for stance in event.stances if stance.stance == "favor"] == []


def test_speech_of_the_attorney_general_is_his(work: Work) -> None:
    cleaned = clean(work.event.text)
    spans = [span for span in to_clean(cleaned, work.sentences) if span is not None]
    page = make_page(cleaned.text, spans, clean_marks(work.event.entities, "text", cleaned))
    found = find_attributions(page)
    resolve = Resolver(page, found)
    (his,) = named(work.event, "Sessions")
    spoken = " ".join(
        cleaned.text[slice(*page.span(*span))]
        for attribution in found
        for span in attribution.contents
        if his in {source.entity for source in resolve(attribution.source)}
    )
    assert "strongly urge" in spoken
    assert "less safe" in spoken
    assert "outrageous" not in spoken
