"""Documents of other languages: which pipeline reads them, what its labels mean, which rules hold, what stays undone."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from schemas import Work
from services.entities import agent
from services.entities.core import EntityTagger
from services.entities.reading import PipelineReader
from services.entities.settings import EntitySettings
from services.runtime.settings import SettingsError
from services.stance.core import StanceTagger
from services.stance.settings import StanceSettings
from tests.entities.checks import check_offsets
from tests.entities.made_models import make_pipeline

MakeWork = Callable[..., Work]

GERMAN = (
    "Die Oberbürgermeisterin Grete Sommerfeld lobte am Montag den Verkehrsverbund Nordland (VVN) . Sommerfelds Gegner Jan "
    "Mohr kritisiert den VVN scharf.\n\nDer Koch aus Lindenau sagt: »Frau Sommerfeld hat recht.« Die Nordländer Zeitung "
    "schweigt."
)
WORDS = {
    "PER": ("Grete Sommerfeld", "Sommerfelds", "Sommerfeld", "Jan Mohr"),
    "ORG": ("Verkehrsverbund Nordland", "VVN"),
    "LOC": ("Lindenau",),
    "MISC": ("Nordländer",),
}


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> str:
    return make_pipeline(tmp_path_factory.mktemp("de"), "de", WORDS)


@pytest.fixture(scope="module")
def two(german: str) -> EntityTagger:
    return EntityTagger(EntitySettings(models={"de": german}))


def in_language(work: Work, language: str | None) -> Work:
    return work.model_copy(update={"event": work.event.model_copy(update={"language": language})})


@pytest.mark.parametrize("language", ["de", "de-AT", "DE"])
def test_a_document_is_read_by_the_pipeline_of_its_language(
    two: EntityTagger, make_work: MakeWork, language: str
) -> None:
    [work] = two([in_language(make_work(GERMAN, "Sommerfeld lobt VVN"), language)])
    check_offsets(work)
    found = {
        entity.name: (entity.type, [mention.text for mention in entity.mentions]) for entity in work.event.entities
    }
    assert found == {
        "Grete Sommerfeld": ("PERSON", ["Sommerfeld", "Grete Sommerfeld", "Sommerfelds", "Sommerfeld"]),
        "Verkehrsverbund Nordland": ("ORG", ["VVN", "Verkehrsverbund Nordland", "VVN", "VVN"]),
        "Jan Mohr": ("PERSON", ["Jan Mohr"]),
        "Lindenau": ("GPE", ["Lindenau"]),
    }
    assert work.event.processing.models["entities"] == "de_made 1.0, names plain-1"
    assert [GERMAN[start:end] for start, end in work.sentences][:2] == [
        "Die Oberbürgermeisterin Grete Sommerfeld lobte am Montag den Verkehrsverbund Nordland (VVN) .",
        "Sommerfelds Gegner Jan Mohr kritisiert den VVN scharf.",
    ]


def test_the_others_are_read_by_the_default(two: EntityTagger, tagger: EntityTagger, make_work: MakeWork) -> None:
    text = "Mayor Lori Lightfoot of Chicago met the governor. Ms. Lightfoot smiled."
    for language in ("en", "en-GB", "und", None):
        work = in_language(make_work(text), language)
        assert two([work]) == tagger([work])
    [work] = two([in_language(make_work(text), "fr")])
    assert work.event.processing.models["entities"].endswith("names plain-1")
    assert "Lori Lightfoot" in [entity.name for entity in work.event.entities]


def test_no_stance_is_read_in_a_language_that_the_method_does_not_know(two: EntityTagger, make_work: MakeWork) -> None:
    text = (
        "Jan Mohr condemned the Verkehrsverbund Nordland. “The Verkehrsverbund Nordland is a disaster,” said Jan Mohr."
    )
    stance = StanceTagger(StanceSettings())
    [german] = stance(two([in_language(make_work(text), "de")]))
    assert len(german.event.entities) == 2
    assert (german.event.stances, german.done) == ((), True)
    assert "stance" not in german.event.processing.models
    [english] = stance([in_language(german, None).model_copy(update={"done": False})])
    assert english.event.stances
    assert "stance" in english.event.processing.models


@pytest.mark.parametrize(
    ("labels", "types"),
    [
        (("PER", "LOC", "ORG", "MISC"), ["PERSON", "GPE", "ORG"]),
        (("PERSON", "LOC", "GPE", "DATE"), ["PERSON", "LOC", "GPE"]),
        (("PER", "GPE_LOC", "LOC", "DRV"), ["PERSON", "GPE", "LOC"]),
        (("persName", "placeName", "geogName", "orgName"), ["PERSON", "GPE", "LOC", "ORG"]),
        (("PRS", "WRK", "EVN", "TME"), ["PERSON", "WORK_OF_ART", "EVENT"]),
    ],
)
def test_labels_of_other_schemes(tmp_path: Path, labels: tuple[str, ...], types: list[str]) -> None:
    words = ("Anna", "Berga", "Cuno", "Dora")
    made = make_pipeline(tmp_path, "xx", {label: (word,) for label, word in zip(labels, words, strict=True)})
    assert [span.label for span in PipelineReader(made, 1000).read(" ".join(words)).spans] == types


def test_settings_name_a_pipeline_for_each_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANCEWIRE_ENTITIES_MODELS", "de=de_core_news_sm, fr = /models/fr")
    assert EntitySettings().models == {"de": "de_core_news_sm", "fr": "/models/fr"}
    monkeypatch.setenv("STANCEWIRE_ENTITIES_MODELS", "")
    assert EntitySettings().models == {}


@pytest.mark.parametrize("wrong", ["de", "de=", "=x", "German=x", "pt-BR=x", "de=x,de=y", "de=x,"])
def test_a_wrong_list_of_pipelines_is_named(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("STANCEWIRE_ENTITIES_MODELS", wrong)
    with pytest.raises(ValidationError, match="models"):
        EntitySettings()
    with pytest.raises(SettingsError, match="STANCEWIRE_ENTITIES_MODELS"):
        agent.check()


def test_a_pipeline_that_is_not_there_is_named_at_the_start(monkeypatch: pytest.MonkeyPatch, german: str) -> None:
    monkeypatch.setenv("STANCEWIRE_ENTITIES_MODELS", f"de={german}")
    agent.check()
    monkeypatch.setenv("STANCEWIRE_ENTITIES_MODELS", f"de={german},fr=no_such_model")
    with pytest.raises(SettingsError, match=r"STANCEWIRE_ENTITIES_MODELS: fr: .*no_such_model"):
        agent.check()
