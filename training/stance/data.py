"""What the stance models learn from: texts, and for each target in them which stance is how likely.

Decides which rows of which set are learnt from and which are held out. How a text becomes numbers is for the models.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

from evaluation import issues
from evaluation.bench.works import make_work
from evaluation.data import articles as read_articles
from evaluation.issues import GWSD, VAST
from evaluation.stance import SENTFIN, is_held_out, letters, read
from services.entities.core import EntityTagger
from services.entities.settings import EntitySettings
from training.stance.examples import Ask, Example, Shares

LABELS: dict[int, Shares] = {1: (1.0, 0.0, 0.0), -1: (0.0, 1.0, 0.0), 0: (0.0, 0.0, 1.0)}
"""Of NewsMTSC's polarities."""

_TARGET_TYPES = {"PERSON": 1.0, "ORG": 0.7, "NORP": 0.5, "GPE": 0.25, "LAW": 1.0, "EVENT": 1.0, "FAC": 0.3}
"""Names of these types are asked about, and which share of them: places are many, and hardly anybody has a stance toward them."""
_WORDS = range(8, 70)
"""Words of a sentence that is worth asking about."""
_MOST_ASKS = 4


def sentences(path: Path) -> list[Example]:
    """The sentences of a file of NewsMTSC or SEntFiN, each with all of its targets."""
    asks: dict[str, list[Ask]] = defaultdict(list)
    for row in read(path):
        asks[row.sentence].append(Ask(row.span, LABELS[row.polarity]))
    return [Example(text, tuple(own)) for text, own in asks.items()]


def sentfin(*, held: bool) -> list[Example]:
    """The headlines of SEntFiN with their companies: those held out, or the others."""
    return [one for one in sentences(SENTFIN) if is_held_out(one.text) == held]


def news(articles: int, seen: Iterable[str]) -> list[Example]:
    """Sentences of AllSides with names in them, whose stances are not known (all three as likely); none of the texts ``seen``."""
    chance = random.Random(7)  # noqa: S311 - a sample, no secret
    known = {letters(text) for text in seen}
    tagger = EntityTagger(EntitySettings())
    found = []
    for number, article in enumerate(read_articles(articles)):
        event = (work := tagger([make_work(str(number), article)])[0]).event
        marks = sorted(
            (mention.start, mention.end, entity.type)
            for entity in event.entities
            for mention in entity.mentions
            if mention.field == "text"
        )
        for start, end in work.sentences:
            text = event.text[start:end]
            if len(text.split()) not in _WORDS or letters(text) in known:
                continue
            known.add(letters(text))
            own = [
                Ask((first - start, last - start), (1 / 3, 1 / 3, 1 / 3))
                for first, last, kind in marks
                if start <= first and last <= end and chance.random() < _TARGET_TYPES.get(kind, 0)
            ]
            if own:
                chance.shuffle(own)
                found.append(Example(text, tuple(sorted(own[:_MOST_ASKS], key=lambda ask: ask.target))))
    return found


def vast(part: str) -> list[Example]:
    """The comments of VAST's ``train`` or ``dev``, each with all of its issues."""
    return _issues(VAST.with_name(f"{part}.csv.gz"), lambda text: True)


def gwsd(*, held: bool) -> list[Example]:
    """The sentences of GWSD: those held out, or the others."""
    return _issues(GWSD, lambda text: issues.is_held_out(text) == held)


def _issues(path: Path, is_wanted: Callable[[str], bool]) -> list[Example]:
    asks: dict[str, dict[str, Ask]] = defaultdict(dict)
    for row in issues.read(path):
        if is_wanted(row.text):
            asks[row.text][row.issue] = Ask((0, 0), LABELS[row.polarity], row.issue)
    return [Example(text, tuple(own.values())) for text, own in asks.items()]
