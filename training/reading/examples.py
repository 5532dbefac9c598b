"""Judged articles as the model reads them: windows with what is right for each pair in them.

A pair is right where a row of gold has its holder and its target, by the rule of ``evaluation.analyst``, and it stands nearest to
the row's quote; the same pair elsewhere in the article is left out of the loss, since it may or may not be said there once
more. All other pairs are of no side. Those that a reader looked at and refused count thrice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evaluation.analyst import AUTHOR, Gold, Judged, Names, Pair, alike
from evaluation.directed import pairs_of
from evaluation.directed import read as read_sentences
from schemas import Work
from services.stance.fields import Field, to_clean
from services.stance.holders import Source
from services.stance.page import Mark, make_page
from services.stance.quotations import find_attributions
from services.stance.reading.method import sheets_of
from services.stance.reading.windows import Sheet, Window, windows
from services.stance.watched import IssueList
from services.text.wordpiece import WordPieces

NONE, FAVOR, AGAINST = 0, 1, 2
SIDES = {"favor": FAVOR, "against": AGAINST}
_FIRST, _SECOND = "e1", "e2"
"""The entities of a sentence of DSE."""
_SALIENCE = 0.5
_REFUSED = 3.0
_FAR = 300
_NEAR = 3
"""Code points by which one place may be farther from a quote than the nearest and count as well."""


@dataclass
class Example:
    """A window with the class of each pair, (holders + 1, targets), and what an error there weighs."""

    window: Window
    classes: NDArray[np.uint8]
    weights: NDArray[np.float32]
    article: int = -1
    names: dict[str, Names] = field(default_factory=dict)


class Place(NamedTuple):
    """Where a row's quote stands: field, and clean offsets."""

    field: str
    start: int
    end: int


def names_of(work: Work) -> dict[str, Names]:
    """The names of each entity, by id."""
    return {entity.id: (entity.name, *entity.aliases) for entity in work.event.entities}


def examples(work: Work, gold: Sequence[Gold], pairs: Sequence[Pair], pieces: WordPieces) -> list[Example]:
    """The windows of an article, labelled."""
    (sheets,) = sheets_of([work], IssueList())
    salience = {entity.id: entity.salience for entity in work.event.entities}
    names = names_of(work)
    first = {name: own[0] for name, own in names.items()}
    found = []
    for one, sheet in sheets:
        for window in windows(sheet, pieces, salience, first):
            if window.targets:
                shape = len(window.holders) + 1, len(window.targets)
                found.append((one, Example(window, np.zeros(shape, np.uint8), np.ones(shape, np.float32), names=names)))
    _label(found, gold, pairs, _Names(names))
    return [example for _, example in found]


class _Names:
    """Which holders and targets have which names."""

    def __init__(self, names: dict[str, Names]) -> None:
        self._names = names
        self._known: dict[tuple[Source, Names], bool] = {}

    def of(self, party: Source) -> Names:
        return self._names.get(party.entity) or (party.name,)

    def has(self, party: Source, names: Names) -> bool:
        key = party, names
        if key not in self._known:
            self._known[key] = alike(self.of(party), names)
        return self._known[key]


def _label(found: Sequence[tuple[Field, Example]], gold: Sequence[Gold], pairs: Sequence[Pair], known: _Names) -> None:
    for pair in pairs:
        for _, example in found:
            for i, j in _matching(example.window, pair.holder, pair.target, known):
                example.weights[i, j] = _REFUSED if pair.gold in ("none", "trivial") else 0.0
    for row in gold:
        for _, example in found:
            for i, j in _matching(example.window, row.holder, row.target, known):
                if not example.classes[i, j]:
                    example.weights[i, j] = 0.0
    for row in gold:
        side = next(iter(row.stance)) if len(row.stance) == 1 else ""
        for one, example in found:
            if one.name != row.field or side not in SIDES:
                continue
            quote = to_clean(one.cleaned, [(row.start, row.end)])[0]
            if quote is None or not _holds(one, example.window, quote):
                continue
            own = _matching(example.window, row.holder, row.target, known)
            costs = [_cost(one, example.window, i, j, quote) for i, j in own]
            for (i, j), cost in zip(own, costs, strict=True):
                if cost <= min(costs) + _NEAR:
                    example.classes[i, j], example.weights[i, j] = SIDES[side], 1.0


def _matching(window: Window, holder: Names, target: Names, known: _Names) -> list[tuple[int, int]]:
    if holder == (AUTHOR,):
        holders = [len(window.holders)]
    else:
        holders = [i for i, at in enumerate(window.holders) if known.has(window.spans[at].party, holder)]
    targets = [j for j, at in enumerate(window.targets) if known.has(window.spans[at].party, target)] if holders else []
    return [
        (i, j) for i in holders for j in targets if i == len(window.holders) or window.holders[i] != window.targets[j]
    ]


def _holds(one: Field, window: Window, quote: tuple[int, int]) -> bool:
    start, end = one.page.span(*window.words)
    return start < quote[1] and quote[0] < end


def _cost(one: Field, window: Window, i: int, j: int, quote: tuple[int, int]) -> int:
    cost = 2 * _apart(one, window, window.targets[j], quote)
    return cost if i == len(window.holders) else cost + _apart(one, window, window.holders[i], quote)


def _apart(one: Field, window: Window, at: int, quote: tuple[int, int]) -> int:
    span = window.spans[at]
    if span.tokens[0] < window.words[0] and span.pieces[0] <= 1:
        return _FAR
    start, end = one.page.span(*span.tokens)
    return 0 if start < quote[1] and quote[0] < end else min(abs(start - quote[0]), abs(start - quote[1])) + 5


def of_sentences(path: Path, pieces: WordPieces) -> list[Example]:
    """The sentences of DSE: of each two pairs count, of its two entities toward each other."""
    found = []
    for row in read_sentences(path):
        marks = [Mark(*row.first, _FIRST, "PERSON"), Mark(*row.second, _SECOND, "PERSON")]
        page = make_page(row.text, [(0, len(row.text))], marks)
        names = {_FIRST: row.text[slice(*row.first)], _SECOND: row.text[slice(*row.second)]}
        sheet = Sheet("text", page, find_attributions(page))
        for window in windows(sheet, pieces, dict.fromkeys(names, _SALIENCE), names)[:1]:
            pairs = pairs_of(window)
            if pairs is None:
                continue
            shape = len(window.holders) + 1, len(window.targets)
            classes, weights = np.zeros(shape, np.uint8), np.zeros(shape, np.float32)
            for own, pair in enumerate(pairs):
                weights[pair] = 1.0
                classes[pair] = {1 + own: FAVOR, 3 + own: AGAINST}.get(row.label, NONE)
            found.append(Example(window, classes, weights))
    return found


def of_composed(work: Work, gold: Sequence[Gold], pieces: WordPieces) -> list[Example]:
    """The examples of a composed text, of which all is known but what its writer thinks; none where a row of gold is nowhere."""
    found = examples(work, gold, (), pieces)
    if sum(np.count_nonzero(one.classes) for one in found) < len(gold):
        return []  # a name or an issue was not found
    for one in found:
        one.weights[:-1] = 1.0
        one.weights[-1] = 0.0
    return found


def of_article(name: str, work: Work, known: Judged, pieces: WordPieces) -> list[Example]:
    """The examples of a judged article, which the entities stage has read."""
    return examples(work, known.gold[name], known.pairs[name], pieces)
