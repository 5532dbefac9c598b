"""The entities stage beside ``nlp.pipe`` of spaCy's ``en_core_web_sm``, title and text as one text, on one core.

``ratio`` is to the pipeline as it comes (tagger, parser, lemmas, names), ``ratio_names_only`` to the same cut down to names and
sentences, which is what the stage gives. All read the same portions of the articles in turn. ``rules_ms`` is what the stage
takes beyond its model's reading of the same cleaned text: cleaning, naming rules, salience, offsets, models of the event.
"""

from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Any

import spacy

from evaluation.bench.works import cpu_seconds, make_work
from evaluation.data import ARTICLES, articles
from evaluation.stock import SMALL, exhaust
from services.entities import agent
from services.entities.core import EntityTagger
from services.entities.reading import PipelineReader, load_pipeline
from services.entities.settings import EntitySettings
from services.runtime.settings import load
from services.text.clean import clean

DOCUMENTS = 150
_PORTION = 10
"""Articles between turns: about a second, so that a slower minute of the machine hits all."""


def measure(documents: int) -> dict[str, Any]:
    """Documents a second on one core of each, and their ratios.

    Raises:
        DataError: the articles are not there. SettingsError: the model is not.
    """
    agent.check()
    settings = load(EntitySettings)
    read = articles(documents)
    tagger, reader = EntityTagger(settings), PipelineReader(settings.model, settings.piece_characters)
    whole, names = spacy.load(SMALL), load_pipeline(SMALL)
    warm = make_work("warm", read[0])
    tagger([warm])
    reader.read(warm.event.text)
    exhaust(whole, [read[0].text])
    exhaust(names, [read[0].text])
    seconds: defaultdict[str, float] = defaultdict(float)
    for at in range(0, len(read), _PORTION):
        portion = read[at : at + _PORTION]
        works = [make_work(f"{at}-{number}", one) for number, one in enumerate(portion)]
        texts = [f"{one.title}\n\n{one.text}" for one in portion]
        cleaned = [clean(part).text for one in portion for part in (one.title, one.text)]
        turns: dict[str, Callable[[], object]] = {
            "ours": partial(tagger, works),
            "en_core_web_sm": partial(exhaust, whole, texts),
            "names_only": partial(exhaust, names, texts),
            "reading": partial(_read, reader, cleaned),
        }
        order = list(turns) if at // _PORTION % 2 else list(turns)[::-1]
        for name in order:
            seconds[name] += cpu_seconds(turns[name])
    return {
        "data": str(ARTICLES),
        "model": tagger.version,
        "documents": len(read),
        "documents_per_second": len(read) / seconds["ours"],
        "en_core_web_sm_documents_per_second": len(read) / seconds["en_core_web_sm"],
        "names_only_documents_per_second": len(read) / seconds["names_only"],
        "ratio": seconds["en_core_web_sm"] / seconds["ours"],
        "ratio_names_only": seconds["names_only"] / seconds["ours"],
        "rules_ms": 1000 * (seconds["ours"] - seconds["reading"]) / len(read),
    }


def _read(reader: PipelineReader, texts: list[str]) -> None:
    for text in texts:
        reader.read(text)
