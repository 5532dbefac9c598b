"""Edited copies, sought among thousands of articles: what becomes of each.

All articles are judged in their order. Of those that neither copy nor were copied (others have no one right answer), some are drawn
by lot. A copy of one is judged like the next document, and then withdrawn, so that it meets the articles and no other copy.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from statistics import median
from typing import Any, get_args

from evaluation import overlap
from evaluation.data import Article
from evaluation.edits import Edit, Material, gather
from evaluation.stream import Stream
from schemas.event import Duplicate, Verdict

ORIGINALS = 250
"""Articles that are edited: a share of one half is good to 3 points, and all edits take some two minutes."""
_MATERIAL = 500
"""Articles that supply words and sentences: some 475,000 words, so that none of them is the copy's second source."""
_LEAST_WORDS = 100
"""Different words that these must have: a word is always changed to another one."""
_SEED = 1
_VERDICTS = [verdict for verdict in get_args(Verdict) if verdict not in ("unique", "update")]
"""Those that a copy can get: what is unique is what recall lacks, and an update has the id of what it updates."""


@dataclass(frozen=True)
class Outcome:
    """What became of one edited copy.

    Attributes:
        verdict: the stage's. right: it names the article that was edited. wrong: it names one that plain sets do not bear out.
        jaccard, containment: of the copy and its original, in plain Python.
    """

    verdict: Duplicate
    right: bool
    wrong: bool
    jaccard: float
    containment: float


@dataclass(frozen=True)
class Trial:
    """A judge that has read all articles, and those that are edited.

    Attributes:
        stream: the judge. articles: by id. found: the verdicts on those that are copies as they are. originals: ids of those
        that are edited. material: what edits put in, from none of them.
    """

    stream: Stream
    articles: Mapping[str, Article]
    found: Mapping[str, Duplicate]
    originals: Sequence[str]
    material: Material

    def try_edit(self, name: str, edit: Edit) -> list[Outcome]:
        """What became of each original's copy, edited with a generator that ``name`` and the original's id seed."""
        outcomes = []
        for original in self.originals:
            copy = f"{name} of {original}"
            edited = edit(self.articles[original], self.material, Random(copy))  # noqa: S311 - no secrets
            text, verdict = edited.text, self.stream.read(copy, edited.text, title=edited.title)
            self.stream.withdraw(copy)
            outcomes.append(self._outcome(original, overlap.shingles(text), verdict))
        return outcomes

    def _outcome(self, original: str, edited: overlap.Shingles, verdict: Duplicate) -> Outcome:
        right = verdict.of == original
        wrong = verdict.of is not None and not right and not self._bears_out(verdict, edited)
        source = overlap.shingles(self.articles[original].text)
        return Outcome(verdict, right, wrong, overlap.jaccard(source, edited), overlap.containment(source, edited))

    def found_wrong(self) -> list[str]:
        """The articles found to be copies of what plain sets say they do not copy."""
        texts = ((one, verdict, overlap.shingles(self.articles[one].text)) for one, verdict in self.found.items())
        return [one for one, verdict, shingles in texts if not self._bears_out(verdict, shingles)]

    def _bears_out(self, verdict: Duplicate, shingles: overlap.Shingles) -> bool:
        return overlap.bears_out(verdict, shingles, overlap.shingles(self.articles[str(verdict.of)].text))

    def summarise(self, outcomes: Sequence[Outcome]) -> dict[str, Any]:
        """The figures of one edit."""
        found = [outcome.verdict for outcome in outcomes if outcome.verdict.of is not None]
        similarities = [verdict.similarity or 0.0 for verdict in found]
        skipped = [similarity >= self.stream.settings.skip_similarity for similarity in similarities]
        verdicts = [verdict.verdict for verdict in found]
        return {
            "recall": sum(outcome.right for outcome in outcomes) / len(outcomes),
            **{name: verdicts.count(name) / len(outcomes) for name in _VERDICTS},
            "over_skip": sum(skipped) / len(outcomes),
            "similarity": median(similarities) if similarities else None,
            "jaccard": median(outcome.jaccard for outcome in outcomes),
            "containment": median(outcome.containment for outcome in outcomes),
            "wrong": sum(outcome.wrong for outcome in outcomes),
        }


def prepare(articles: Iterable[Article], originals: int = ORIGINALS) -> Trial:
    """Judge ``articles`` in their order, and draw so many to edit, at most half of those that there are to draw from.

    Raises:
        ValueError: fewer than two articles are no copies, or those that are not drawn have too few words.
    """
    stream = Stream()
    named = {f"article {number}": article for number, article in enumerate(articles)}
    verdicts = {name: stream.read(name, article.text, title=article.title) for name, article in named.items()}
    found = {name: verdict for name, verdict in verdicts.items() if verdict.of is not None}
    copied = {verdict.of for verdict in found.values()}
    alone = [name for name in named if name not in found and name not in copied]
    if len(alone) < 2:
        raise ValueError(f"{len(alone)} of {len(named)} articles are no copies, 2 are needed")
    drawn = Random(_SEED).sample(alone, min(originals, len(alone) // 2))  # noqa: S311 - no secrets
    chosen = set(drawn)
    material = gather([named[name] for name in alone if name not in chosen][:_MATERIAL])
    if len(different := {word.casefold() for word in material.words}) < _LEAST_WORDS:
        raise ValueError(f"the articles have {len(different)} words to edit others with, {_LEAST_WORDS} are needed")
    return Trial(stream, named, found, drawn, material)
