"""The document that came as typical, read from beside the project: quoted on both sides, tokenised and damaged."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas import Event, Processing, Stance, Status, Work
from services.entities.core import EntityTagger
from services.entities.settings import EntitySettings
from services.stance.core import StanceTagger
from services.stance.fields import clean_marks, to_clean
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
    # below the default, where a processor that rounds in another order decides what just passes
    return StanceTagger(StanceSettings(minimum_confidence=0.5))([work])[0].event


def named(event: Event, word: str) -> set[str]:
    return {entity.id for entity in event.entities if word in entity.name}


def measures(event: Event) -> set[str]:
    """The administration, and what it announced."""
    words = ("announcement", "effort", "threat", "approach", "administration")
    issues = {one.id for one in event.issues if any(word in one.name for word in words)}
    return named(event, "Trump") | issues


def toward(event: Event, holder: str) -> list[Stance]:
    """The stances of a holder toward the administration and its measure."""
    return [
        one
        for one in event.stances
        if one.holder.entity in named(event, holder) and (one.target.entity or one.target.issue) in measures(event)
    ]


@pytest.mark.parametrize(
    ("holder", "words"),
    [
        ("de Blasio", "threat"),
        ("Perez", "bully"),
        ("Sharry", "scapegoating"),
        ("Schneiderman", "draconian"),
        ("Democrats", "denounced"),
    ],
)
def test_critics_are_against_the_administration_or_its_measure_in_their_own_words(
    event: Event, holder: str, words: str
) -> None:
    found = toward(event, holder)
    assert found
    assert {stance.stance for stance in found} == {"against"}
    assert any(words in event.text[span.start : span.end] for stance in found for span in stance.evidence)


def test_the_attorney_general_is_against_such_policies(event: Event) -> None:
    policies = {one.id for one in event.issues if one.name == "policies"}
    (found,) = (
        one for one in event.stances if one.holder.entity in named(event, "Sessions") and one.target.issue in policies
    )
    assert found.stance == "against"
    assert any("less safe" in event.text[span.start : span.end] for span in found.evidence)


def test_article_itself_takes_no_side(event: Event) -> None:
    assert [stance for stance in event.stances if stance.holder.kind == "author"] == []


def test_nobody_is_for_what_all_are_against(event: Event) -> None:
    favors = {one.target.entity or one.target.issue for one in event.stances if one.stance == "favor"}
    assert not favors & measures(event)


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
