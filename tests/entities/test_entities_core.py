"""The stage as a whole: works in, works with entities out."""

import gzip
import json
import random
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import Work
from schemas.event import EntityType
from services.entities import core
from services.entities.core import EntityTagger
from services.entities.settings import EntitySettings
from services.identity.kb import PLACES, KnowledgeBase
from tests.entities.checks import check_offsets

MakeWork = Callable[..., Work]

STORY = (
    "Mayor Lori Lightfoot of Chicago met Governor J.B. Pritzker on Monday .\n\n"
    "“ We agreed on nothing , ” Ms. Lightfoot said . The Illinois   Department of Transportation was not there ."
)
HEADLINE = "Lightfoot and Pritzker meet"


def test_a_work_gains_entities_sentences_and_the_models_name(tagger: EntityTagger, make_work: MakeWork) -> None:
    before = make_work(STORY, HEADLINE)
    [after] = tagger([before])
    assert check_offsets(after) >= 7
    kb = after.event.processing.models["kb"]
    assert after.event.processing.models == {"dedup": "minhash", "entities": tagger.version, "kb": kb}
    assert kb == KnowledgeBase(PLACES).digest
    assert tagger.version == "en_stancewire_news 1.0.0, names 3"
    added = {"entities", "processing"}
    assert after.event.model_dump(exclude=added) == before.event.model_dump(exclude=added)
    assert after.model_dump(exclude={"event", "sentences"}) == before.model_dump(exclude={"event", "sentences"})
    assert Work.model_validate_json(after.model_dump_json()) == after


def test_a_mention_is_where_it_was_received(tagger: EntityTagger, make_work: MakeWork) -> None:
    [work] = tagger([make_work(STORY, HEADLINE)])
    found = {entity.name: entity for entity in work.event.entities}
    mayor = found["Lori Lightfoot"]
    assert [(mention.field, mention.text) for mention in mayor.mentions] == [
        ("title", "Lightfoot"),
        ("text", "Lori Lightfoot"),
        ("text", "Lightfoot"),
    ]
    assert mayor.aliases == ("Lightfoot", "Mayor Lori Lightfoot", "Ms. Lightfoot")
    assert "Illinois Department of Transportation" in found
    assert found["Illinois Department of Transportation"].mentions[0].text == "Illinois   Department of Transportation"


def test_sentences_are_those_of_the_text_as_received(tagger: EntityTagger, make_work: MakeWork) -> None:
    [work] = tagger([make_work(STORY, HEADLINE)])
    assert [work.event.text[start:end] for start, end in work.sentences] == [
        "Mayor Lori Lightfoot of Chicago met Governor J.B. Pritzker on Monday .",
        "“ We agreed on nothing , ” Ms. Lightfoot said .",
        "The Illinois   Department of Transportation was not there .",
    ]


def test_done_works_are_returned_as_they_are(tagger: EntityTagger, make_work: MakeWork) -> None:
    done = make_work(STORY, done=True)
    first, second = tagger([done, make_work(STORY)])
    assert first is done
    assert second.event.entities


def test_the_batch_does_not_matter(tagger: EntityTagger, make_work: MakeWork) -> None:
    texts = (STORY, "Ann Lee sings in Paris.", "", "x" * 300, "The U.N. met in Geneva on Friday. Ms. Lee sang.")
    works = [make_work(text or " ", "News") for text in texts]
    alone = [tagger([work])[0].model_dump_json() for work in works]
    assert [work.model_dump_json() for work in tagger(works)] == alone
    assert [work.model_dump_json() for work in tagger(works[::-1])] == alone[::-1]
    assert tagger([]) == []


def test_nothing_of_spacy_stays(tagger: EntityTagger, make_work: MakeWork) -> None:
    dice = random.Random(7)  # noqa: S311 - made-up words, no secrets

    def made_up() -> str:
        return " ".join("".join(dice.choices("abcdefghij", k=9)).capitalize() for _ in range(300))

    tagger([make_work(made_up())])
    before = tagger.string_store_size
    tagger([make_work(made_up(), made_up()[:200]) for _ in range(5)])
    assert tagger.string_store_size == before


def test_only_the_types_of_the_event(tagger: EntityTagger, make_work: MakeWork) -> None:
    [work] = tagger([make_work("On Friday 12 people paid $4 million, or 10 percent, in Kenya.")])
    assert [(entity.name, entity.type) for entity in work.event.entities] == [("Kenya", "GPE")]
    assert {entity.type for entity in work.event.entities} <= set(get_args(EntityType))


def test_a_long_text_is_read_to_its_end(make_work: MakeWork) -> None:
    filler = "The rain fell on the roofs and the river rose by an inch every hour of the night. " * 60
    text = f"{filler}\n\nAngela Merkel spoke in Berlin. {filler}\n\n{filler}Ms. Merkel left for Paris."
    [work] = EntityTagger(EntitySettings(piece_characters=1000))([make_work(text)])
    check_offsets(work)
    found = {entity.name: [mention.start for mention in entity.mentions] for entity in work.event.entities}
    assert found["Angela Merkel"] == [text.index("Angela Merkel"), text.rindex("Merkel")]
    assert found["Paris"] == [text.index("Paris")]


def test_the_most_salient_entities_are_kept(
    tagger: EntityTagger, make_work: MakeWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "Japan and France met in Kenya. Japan wept, France sang, and Japan left for Chile."
    everything = tagger([make_work(text)])[0].event.entities
    assert [entity.name for entity in everything] == ["Japan", "France", "Kenya", "Chile"]
    monkeypatch.setattr(core, "MAX_ENTITIES", 2)
    [work] = tagger([make_work(text)])
    check_offsets(work)
    assert [entity.name for entity in work.event.entities] == ["Japan", "France"]


def test_the_first_mentions_are_kept(
    tagger: EntityTagger, make_work: MakeWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "Japan and France met in Kenya. Japan wept, France sang, and Japan left for Chile."
    monkeypatch.setattr(core, "MAX_MENTIONS", 4)
    [work] = tagger([make_work(text)])
    check_offsets(work)
    named = {entity.name: len(entity.mentions) for entity in work.event.entities}
    assert named == {"Japan": 2, "France": 1, "Kenya": 1}


@pytest.mark.parametrize(
    "mark", ['"', '" ', "([", ".", "A", "A.", "a-", "x'", "’s", ",b", "\n", "\u00a0", "@_", "Ab/"], ids=ascii
)
def test_hostile_texts_are_read_in_time(tagger: EntityTagger, make_work: MakeWork, mark: str) -> None:
    text = mark * (100_000 // len(mark))
    [work] = tagger([make_work("Ann " + text, text[:2000])])
    check_offsets(work)


NAMES = (
    "Mr.|Ms.|Attorney General|Mayor|Jeff Sessions|Sessions|Bill Clinton|Hillary Clinton|Clinton|the Department of Justice|DOJ|"
    "Justice Department|(DOJ)|N. Y. P. D.|U.S.|the Obama administration|New York|York|ICE|TRUMP|pro-Trump|D-Mass."
)
DIRT = "said|in|’s| 's|,| , |.|“|”|\"|—|(|)|  |&amp;|<b>|â€™|é|中文|🙂|$ 4 . 1|http://a.b/C"
PIECES = st.sampled_from([*NAMES.split("|"), *DIRT.split("|"), "\n\n", "\u00ad", "\u200b", "\u2028", "\x00"])
DIRTY = st.lists(PIECES, max_size=40).map(" ".join) | st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=200)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=DIRTY, title=DIRTY)
def test_any_text_gives_right_offsets(tagger: EntityTagger, make_work: MakeWork, text: str, title: str) -> None:
    work = make_work(text, title)
    [found] = tagger([work])
    check_offsets(found)
    assert tagger([work]) == [found]


ARTICLES, READ = 300, 40
"""Of so many articles so many are read: 11 % of the characters with 63 % of the shapes; the first 50 have 15 % and 42 %."""


def shapes(text: str) -> set[str]:
    """What may confuse whoever counts characters: the runs of four, with each letter as ``a`` or ``A``, each digit as 0."""
    drawn = "".join("a" if c.islower() else "A" if c.isupper() else "0" if c.isdigit() else c for c in text)
    return {drawn[at : at + 4] for at in range(len(drawn) - 3)}


def unlike(articles: list[dict[str, str]], count: int) -> list[dict[str, str]]:
    """One after the other the article that has most shapes that none before it had, for its length."""
    left = [(shapes(article["title"] + "\n" + article["text"]), article) for article in articles]
    chosen = []
    for _ in range(count):
        taken, article = max(left, key=lambda one: len(one[0]) / (len(one[1]["text"]) + 1_000))
        left = [(new - taken, other) for new, other in left if other is not article]
        chosen.append(article)
    return chosen


def test_offsets_on_real_articles(tagger: EntityTagger, make_work: MakeWork, shared: Path) -> None:
    with gzip.open(shared / "data" / "allsides" / "articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        articles = unlike([json.loads(line) for line in islice(lines, ARTICLES)], READ)
    mentions = 0
    for article in articles:
        [work] = tagger([make_work(article["text"], article["title"])])
        mentions += check_offsets(work)
        names = [(entity.name, entity.type) for entity in work.event.entities]
        assert len(set(names)) == len(names)
    assert mentions > 1_100


def test_the_owners_sample(tagger: EntityTagger, make_work: MakeWork, shared: Path) -> None:
    sample = shared / "seeds" / "000_bdbef3a3ef1541f6.txt"
    if not sample.is_file():
        pytest.skip("the owner's sample ../shared/seeds is not here")
    [work] = tagger([make_work(sample.read_text(encoding="utf-8"))])
    check_offsets(work)
    names = [entity.name for entity in work.event.entities]
    types = {entity.name: entity.type for entity in work.event.entities}
    for name in ("Jeff Sessions", "Bill de Blasio", "Tom Perez", "Frank Sharry", "Eric T. Schneiderman"):
        assert names.count(name) == 1
        assert types[name] == "PERSON"
    for name in ("Trump administration", "Department of Justice", "Immigration and Customs Enforcement", "N.Y.P.D."):
        assert names.count(name) == 1
        assert types[name] == "ORG"
    forms = [form for entity in work.event.entities for form in {entity.name, *entity.aliases}]
    assert len(forms) == len(set(forms)), "a form stands under two entities"
    surnames = ("Sessions", "Blasio", "Perez", "Sharry", "Schneiderman", "Justice", "Trump")
    holders = {surname: [name for name in names if surname in name.split()] for surname in surnames}
    assert {surname: len(found) for surname, found in holders.items()} == dict.fromkeys(surnames, 1) | {"Trump": 2}
    for form in forms:
        assert not any(part in form.split() for part in ("appearance", "policy", "that", "under", "The", "said"))
        assert not form.endswith(("’s", "'s", "National"))
        assert form.count("Mr.") <= 1
