"""Who stands where, on whole articles that were judged by reading: what would an analyst report, and what do we?

The judged articles are a folder of three files. ``articles.jsonl.gz``: ``id``, ``title``, ``text``. ``gold.jsonl``: a row a stance
that an analyst would report, which ``docs/stance/guidelines.md`` explains. ``judged.jsonl``: single pairs of holder and target
that were read, those included that the system proposed, with what is right (``gold``).

The rule by which rows are compared: two names are one where they share at least half of their words (twice the shared ones over
those of both), without titles, articles and prepositions, singular and plural alike; the author is nobody else. A side
that is given is *right* where holder, target and side are those of a row of gold or of a judged pair; *wrong* where
holder and target are those of such rows and the side is of none; else nobody has read it. Those are printed, counted as
``unread``, and count for nothing in ``precision``: they are to be read, and put into ``judged.jsonl``.
"""

import hashlib
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field

from evaluation.bench.works import make_work
from evaluation.data import ARTICLES, DATA, Article, DataError, objects, rows
from evaluation.scores import calibration_error, wilson
from schemas import Event
from schemas.base import FieldName
from services.entities import agent as entities_agent
from services.entities.core import EntityTagger
from services.entities.settings import EntitySettings
from services.runtime.settings import load
from services.stance import agent
from services.stance.core import StanceTagger
from services.stance.reading import names
from services.stance.settings import StanceSettings

FOLDER = DATA / "analyst"
JUDGED = Path(__file__).with_name("judged")
"""Articles of AllSides that were judged for this project. Their texts stay where they are; names and quotes are places in them."""
ISSUES = frozenset({"policy", "law", "event", "concept", "object", "fac"})
"""Kinds of targets that are no name of somebody."""
AUTHOR = "author"
_HELD_OUT = 5
"""One article of so many is never trained or tuned on."""
_CENTRAL = 2

Side = Literal["favor", "against", "neutral"]
Names = tuple[str, ...]


class JudgedArticle(Article):
    """An article that was judged."""

    id: str


class Gold(BaseModel):
    """A stance that an analyst would report. ``stance`` are the sides that count as right."""

    article: str
    holder: Names = Field(min_length=1)
    target: Names = Field(min_length=1)
    target_kind: str
    stance: frozenset[Side]
    weight: int = 1
    field: FieldName = "text"
    start: int
    end: int


class Pair(BaseModel):
    """A holder and a target that were read, with the side that is right, or why there is none."""

    article: str
    holder: Names = Field(min_length=1)
    target: Names = Field(min_length=1)
    gold: Literal["favor", "against", "neutral", "trivial", "none"]


@dataclass(frozen=True)
class Given:
    """A side that the system gives."""

    holder: Names
    target: Names
    stance: Side
    confidence: float
    words: str


@dataclass(frozen=True)
class Judged:
    """What is known of the articles, by article."""

    articles: Sequence[JudgedArticle]
    gold: dict[str, list[Gold]]
    pairs: dict[str, list[Pair]]


def evaluate(path: Path | None) -> dict[str, Any]:
    """The figures on the folder ``path``, or on the fifth of the development data that is held out.

    ``sides`` are the stances for and against that are given; ``precision`` is the share of those read that is right, each
    ``recall`` the share of gold's rows that a right side finds: all, those that an article cannot be summed up without, those
    toward issues, toward names, and in the author's voice; ``ece`` is the calibration error of the sides that were read. Pairs
    are 95 % intervals.

    Raises:
        DataError: the folder is missing or not in the format. SettingsError: a model is not there.
    """
    known = read(path, every=True) if path else together(read(FOLDER, every=False), read_own(every=False))
    entities_agent.check()
    agent.check()
    entities, stances = EntityTagger(load(EntitySettings)), StanceTagger(load(StanceSettings))
    counts = _Counts()
    for article in known.articles:
        event = stances(entities([make_work(article.id, article)]))[0].event
        counts.add(article.id, list(sides(event)), known)
    return {"data": str(path) if path else f"{FOLDER}, {JUDGED}", "articles": len(known.articles), **counts.figures()}


def read(folder: Path, *, every: bool) -> Judged:
    """The judged articles of a folder: ``every`` one, or those held out."""
    articles = [one for one in rows(folder / "articles.jsonl.gz", JudgedArticle) if every or is_held_out(one.id)]
    if not articles:
        raise DataError(f"{folder}: it has no article to evaluate on")
    return Judged(articles, _by_article([folder / "gold.jsonl"], Gold), _by_article([folder / "judged.jsonl"], Pair))


def read_own(*, every: bool, folder: Path = JUDGED) -> Judged:
    """The articles that were judged for this project: ``every`` one, or those held out.

    Raises:
        DataError: an article is not among those of AllSides, or its text is another.
    """
    known = {one["id"]: one["sha256"] for path in sorted(folder.glob("articles-*.jsonl")) for one in objects(path)}
    found = {
        name: JudgedArticle(id=name, title=value["title"], text=value["text"])
        for number, value in enumerate(objects(ARTICLES))
        if (name := f"allsides-{number}") in known and (every or is_held_out(name))
    }
    other = [name for name, article in found.items() if text_digest(article.text) != known[name]]
    if other:
        raise DataError(f"{ARTICLES}: the text of {other[0]} is not the one that was judged")
    gold, pairs = (
        _by_article(sorted(folder.glob(f"{name}-*.jsonl")), model) for name, model in (("gold", Gold), ("judged", Pair))
    )
    return Judged(
        list(found.values()),
        defaultdict(list, {name: [_named(row, one) for row in gold[name]] for name, one in found.items()}),
        defaultdict(list, {name: [_named(row, one) for row in pairs[name]] for name, one in found.items()}),
    )


def together(one: Judged, other: Judged) -> Judged:
    """What is known of the articles of both; of one that is in both all rows count."""
    seen = {article.id for article in one.articles}
    names = {*one.gold, *one.pairs, *other.gold, *other.pairs}
    return Judged(
        [*one.articles, *(article for article in other.articles if article.id not in seen)],
        defaultdict(list, {name: [*one.gold[name], *other.gold[name]] for name in names}),
        defaultdict(list, {name: [*one.pairs[name], *other.pairs[name]] for name in names}),
    )


def text_digest(text: str) -> str:
    """What a text is known by."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _named(row: Any, article: JudgedArticle) -> Any:
    """The row with the words of the article in place of their places."""
    return row.model_copy(
        update={name: tuple(_at(one, article) for one in getattr(row, name)) for name in ("holder", "target")}
    )


def _at(place: str, article: JudgedArticle) -> str:
    if place == AUTHOR:
        return place
    field, start, end = place.split(":")
    return (article.title if field == "title" else article.text)[int(start) : int(end)]


def is_held_out(article: str) -> bool:
    """Whether the article with this id is for evaluation alone."""
    return hashlib.sha256(article.encode()).digest()[0] % _HELD_OUT == 0


def sides(event: Event) -> Iterator[Given]:
    """The stances for and against of an event, with all names of whom they are of."""
    known: dict[str | None, Names] = {entity.id: (entity.name, *entity.aliases) for entity in event.entities}
    known |= {issue.id: (issue.name, *{mention.text for mention in issue.mentions}) for issue in event.issues}
    for stance in event.stances:
        holder, target = stance.holder, stance.target
        if stance.stance == "neutral":
            continue
        held: Names = known[holder.entity] if holder.entity else (holder.name or AUTHOR,)
        shown = next((one for one in stance.evidence if one.stance == stance.stance), stance.evidence[0])
        words = (event.title if shown.field == "title" else event.text)[shown.start : shown.end]
        yield Given(
            held, known[target.entity or target.issue], stance.stance, stance.confidence, " ".join(words.split())
        )


def alike(one: Names, other: Names) -> bool:
    """Whether two holders or targets are the same, by any of their names."""
    return (one == (AUTHOR,)) == (other == (AUTHOR,)) and names.alike(one, other)


class _Counts:
    """What is counted over articles."""

    def __init__(self) -> None:
        self._answers: list[tuple[float, bool]] = []
        self._sides = self._unread = 0
        self._gold: list[tuple[Gold, bool]] = []

    def add(self, article: str, given: Sequence[Given], known: Judged) -> None:
        """Compare what is given for an article with what is known of it."""
        gold, pairs = known.gold[article], known.pairs[article]
        found = [False] * len(gold)
        for one in given:
            self._sides += 1
            same = [
                at for at, row in enumerate(gold) if alike(one.holder, row.holder) and alike(one.target, row.target)
            ]
            right = [at for at in same if one.stance in gold[at].stance]
            for at in right:
                found[at] = True
            verdicts = {row.gold for row in pairs if alike(one.holder, row.holder) and alike(one.target, row.target)}
            if right or same or verdicts:
                self._answers.append((one.confidence, bool(right) or one.stance in verdicts))
            else:
                self._unread += 1
                sys.stderr.write(
                    f"unread: {article}: {one.holder[0]} -> {one.target[0]}: {one.stance} {one.confidence:.2f} "
                    f"[{one.words[:200]}]\n"
                )
        self._gold += zip(gold, found, strict=True)

    def figures(self) -> dict[str, Any]:
        """All figures by name."""
        right = sum(good for _, good in self._answers)
        parts = {
            "recall": self._gold,
            "recall_central": [one for one in self._gold if one[0].weight == _CENTRAL],
            "recall_issues": [one for one in self._gold if one[0].target_kind in ISSUES],
            "recall_entities": [one for one in self._gold if one[0].target_kind not in ISSUES],
            "recall_author": [one for one in self._gold if one[0].holder == (AUTHOR,)],
        }
        figures: dict[str, Any] = {
            "rows": len(self._gold),
            "sides": self._sides,
            "unread": self._unread,
            "right": right,
            **_share("precision", right, len(self._answers)),
        }
        for name, own in parts.items():
            figures |= _share(name, sum(found for _, found in own), len(own))
        return figures | {"ece": calibration_error(self._answers)}


def _share(name: str, right: int, count: int) -> dict[str, Any]:
    return {name: right / count if count else 0.0, f"{name}_interval": list(wilson(right, count))}


def _by_article(paths: Sequence[Path], model: type[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for path in paths:
        for row in rows(path, model):
            found[row.article].append(row)
    return found
