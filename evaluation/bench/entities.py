"""The entities stage beside ``nlp.pipe`` of the same model with the same components, title and text as one text.

Both read the same portions of the articles in turn. ``rules_ms`` is what the stage takes beyond the model's reading of the
same cleaned text: cleaning, naming rules, salience, offsets, models of the event.
"""

from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Any

from evaluation.bench.works import cpu_seconds, make_work
from evaluation.data import ARTICLES, articles
from evaluation.stock import exhaust, load_stock
from services.entities import agent
from services.entities.core import EntityTagger
from services.entities.reading import Reader
from services.entities.settings import EntitySettings
from services.runtime.settings import load
from services.text.clean import clean

DOCUMENTS = 150
_PORTION = 10
"""Articles between turns: about a second, so that a slower minute of the machine hits both."""


def measure(documents: int) -> dict[str, Any]:
    """Documents a second on one core of both, and their ratio.

    Raises:
        DataError: the articles are not there. SettingsError: the model is not.
    """
    agent.check()
    settings = load(EntitySettings)
    read = articles(documents)
    tagger, reader, stock = (
        EntityTagger(settings),
        Reader(settings.model, settings.piece_characters),
        load_stock(settings.model),
    )
    tagger([make_work("warm", read[0])])
    exhaust(stock, [read[0].text])
    reader.read(read[0].text)
    seconds: defaultdict[str, float] = defaultdict(float)
    for at in range(0, len(read), _PORTION):
        portion = read[at : at + _PORTION]
        works = [make_work(f"{at}-{number}", one) for number, one in enumerate(portion)]
        texts = [f"{one.title}\n\n{one.text}" for one in portion]
        cleaned = [clean(part).text for one in portion for part in (one.title, one.text)]
        turns: dict[str, Callable[[], object]] = {
            "ours": partial(tagger, works),
            "stock": partial(exhaust, stock, texts),
            "reading": partial(_read, reader, cleaned),
        }
        names = list(turns) if at // _PORTION % 2 else list(turns)[::-1]
        for name in names:
            seconds[name] += cpu_seconds(turns[name])
    return {
        "data": str(ARTICLES),
        "documents": len(read),
        "documents_per_second": len(read) / seconds["ours"],
        "stock_documents_per_second": len(read) / seconds["stock"],
        "ratio": seconds["stock"] / seconds["ours"],
        "rules_ms": 1000 * (seconds["ours"] - seconds["reading"]) / len(read),
    }


def _read(reader: Reader, texts: list[str]) -> None:
    for text in texts:
        reader.read(text)
