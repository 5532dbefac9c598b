"""Layouts that are no plain story: live blogs, transcripts, tables, lists, posts; texts without sentences, lines or ends."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from schemas import Work
from services.entities.core import EntityTagger
from services.entities.reading import PipelineReader
from services.entities.settings import EntitySettings
from tests.entities.checks import check_offsets, cluster, summary
from tests.entities.made_models import make_pipeline

MakeWork = Callable[..., Work]

NAMES = {
    "PERSON": ("Ann Lee", "Mr. J.K. Holm", "Maria Ruiz", "MARIA RUIZ", "Tom Reyes", "Lena Ortiz"),
    "ORG": ("Ministry of the Interior", "Harbor News", "Alder Mills Inc.", "Yahoo! Inc."),
    "GPE": ("St. Paul", "Port Alder", "Kenya", "Norway", "U.S."),
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return make_pipeline(tmp_path_factory.mktemp("en"), "en", NAMES)


@pytest.fixture(scope="module")
def sure(model: str) -> EntityTagger:
    """Finds the names above and no others, so that what is tested is what becomes of them."""
    return EntityTagger(EntitySettings(model=model))


def found(work: Work) -> dict[str, list[str]]:
    """Name -> its mentions as received."""
    check_offsets(work)
    return {entity.name: [mention.text for mention in entity.mentions] for entity in work.event.entities}


def test_a_live_blog_has_its_names_line_by_line(sure: EntityTagger, make_work: MakeWork) -> None:
    text = (
        "9:14 a.m. — Lena Ortiz\nThe ferry left Port Alder.\n\n9:41 AM\nTom Reyes\nKenya\nPost by Ann Lee\n10:05 | "
        "Updated 10:20\nHarbor News\nPort Alder: all quiet."
    )
    assert found(sure([make_work(text)])[0]) == {
        "Lena Ortiz": ["Lena Ortiz"],
        "Port Alder": ["Port Alder", "Port Alder"],
        "Tom Reyes": ["Tom Reyes"],
        "Kenya": ["Kenya"],
        "Ann Lee": ["Ann Lee"],
        "Harbor News": ["Harbor News"],
    }


def test_the_labels_of_a_transcript_are_its_speakers(sure: EntityTagger, make_work: MakeWork) -> None:
    text = (
        "MODERATOR: Welcome.\n\nSEN. MARIA RUIZ (D-NV): Thank you. I was in Kenya.\n\nQ: And then?\n\nRUIZ: I left.\n\n"
        "(BEGIN VIDEO CLIP)\n\nA: Maria Ruiz was there."
    )
    assert found(sure([make_work(text)])[0]) == {
        "Maria Ruiz": ["MARIA RUIZ", "RUIZ", "Maria Ruiz"],
        "Kenya": ["Kenya"],
    }


def test_a_speaker_that_the_model_missed_in_capitals() -> None:
    text = "RUIZ: Yes.\n\nSEN. MARIA RUIZ: No.\n\n[PERSON Maria Ruiz] smiled. [PERSON Bo Ice] laughed. ICE: Hm."
    assert summary(cluster(text)) == {
        "Maria Ruiz": ("PERSON", ["RUIZ", "MARIA RUIZ", "Maria Ruiz"]),
        "Bo Ice": ("PERSON", ["Bo Ice"]),
    }


@pytest.mark.parametrize(
    "text",
    [
        "Norway\t6\t16\nKenya\t6\t11\nPort Alder\t6\t9",
        "Name | Votes\nNorway | 12,301\nKenya | 11,870\nPort Alder | 9",
        "1. Norway 2:21:14\n2. Kenya 2:22:01\n3. Port Alder 2:22:40",
        "To know:\n• Norway\n• Kenya\n• Port Alder",
        "<table><tr><td>Norway<td>6<tr><td>Kenya<td>4<tr><td>Port Alder<td>9</table>",
        "By the sea of Norway\nI would dream of Kenya\nPort Alder, take me home",
    ],
)
def test_rows_and_lines_are_not_read_into_one_another(sure: EntityTagger, make_work: MakeWork, text: str) -> None:
    assert found(sure([make_work(text)])[0]) == {name: [name] for name in ("Norway", "Kenya", "Port Alder")}


def test_handles_and_addresses_are_no_names(tagger: EntityTagger, make_work: MakeWork) -> None:
    text = (
        "Thank you, @BarackObama and @HillaryClinton! Write to press@Kenya.example or see www.Kenya.example/Norway.\n"
        "pic.twitter.com/KenyaNorway\nAngela Merkel (@AngelaMerkel) was in Berlin."
    )
    [work] = tagger([make_work(text)])
    assert {"Angela Merkel", "Berlin"} <= found(work).keys()
    for entity in work.event.entities:
        for mention in entity.mentions:
            assert text[mention.start - 1] not in "@./"


def test_a_headline_alone(sure: EntityTagger, make_work: MakeWork) -> None:
    [work] = sure([make_work("Ann Lee leaves Norway", "Ann Lee leaves Norway")])
    assert found(work) == {"Ann Lee": ["Ann Lee"] * 2, "Norway": ["Norway"] * 2}


@pytest.mark.parametrize(
    "filler", [["went", "on", "and", "saw"], ["went", "there.", "And", "vs.", "Saw"], ["GO", "ON."]]
)
def test_no_name_is_lost_or_cut_between_pieces(model: str, filler: list[str]) -> None:
    dice = random.Random(3)  # noqa: S311 - made-up text, no secrets
    words = [*filler, *filler, *(name for names in NAMES.values() for name in names)]
    text = " ".join(dice.choices(words, k=3_000))
    whole = PipelineReader(model, 200_000).read(text)
    assert len(text) < 200_000
    assert len(whole.spans) > 1_000
    for size in (1_000, 1_777):
        pieces = PipelineReader(model, size).read(text)
        assert pieces.spans == whole.spans
        assert all(one[1] <= other[0] for one, other in zip(pieces.sentences, pieces.sentences[1:], strict=False))


@pytest.mark.parametrize(
    "text",
    [
        "AnnLeeKenya" * 45_000,
        "Kenya." + "\n" * 100_000 + "Norway.",
        "the " * 50_000,
        "Kenya\n" * 5_000,
        "新闻" * 250_000,
    ],
    ids=["no spaces", "lines", "no sentence", "a name a line", "no letters with case"],
)
def test_texts_without_end(sure: EntityTagger, make_work: MakeWork, text: str) -> None:
    [work] = sure([make_work(text)])
    assert set(found(work)) <= {"Kenya", "Norway"}
    assert sum(len(entity.mentions) for entity in work.event.entities) == len(
        [line for line in text.splitlines() if line.strip(".") in ("Kenya", "Norway")]
    )


def test_sixty_thousand_words(sure: EntityTagger, make_work: MakeWork, tmp_path: Path) -> None:
    sentence = "The council has said that it will not pay for more boats until next year. "
    paragraph = sentence * 6 + "Mr. J. K. Holm left St. Paul.\n\n"
    text = paragraph * 640
    assert len(text.split()) > 60_000
    assert {name: len(mentions) for name, mentions in found(sure([make_work(text)])[0]).items()} == {
        "J.K. Holm": 640,
        "St. Paul": 640,
    }
