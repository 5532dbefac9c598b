"""From PolNeAR's articles to what is learnt from: cues and sources that could be, as buckets of their traits, with labels.

Decides what counts as right: a cue is one where its word stands in a cue of gold, a source where it also overlaps that
attribution's source. Everything else that ``proposals`` makes up is wrong.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.holders import Attributions
from evaluation.scores import Spans
from services.stance.grammar import noun_phrases
from services.stance.page import Page, Range
from services.stance.proposals import CUE_KINDS, places, proposals
from services.stance.stems import stem
from services.stance.traits import CUE, SOURCE, Beside

MIN_CUES = 2
"""A stem that was a cue only once is as likely a slip of the annotator."""
MIN_SHARE = 0.05
"""A stem that is a cue more rarely costs more time than it finds."""


@dataclass(frozen=True)
class Examples:
    """``cues[i]`` are the buckets of the i-th cue's traits, ``is_cue[i]`` whether it is one. ``sources[j]`` are those of the j-th
    source, ``cue_of[j]`` is its cue's number, ``is_source[j]`` whether it is that cue's source. ``article[i]`` is the number
    of the cue's article."""

    cues: NDArray[np.int32]
    is_cue: NDArray[np.bool_]
    article: NDArray[np.int32]
    sources: NDArray[np.int32]
    cue_of: NDArray[np.int32]
    is_source: NDArray[np.bool_]


def mined_stems(pages: Sequence[Page], gold: Sequence[Attributions]) -> list[str]:
    """The stems of the words that are often enough in a cue, in order."""
    seen: Counter[str] = Counter()
    cues: Counter[str] = Counter()
    for page, attributions in zip(pages, gold, strict=True):
        seen.update(stem(low) for low, kind in zip(page.lows, page.kinds, strict=True) if kind in CUE_KINDS)
        inside = {token for spans in attributions.cues for token in _tokens(page, spans)}
        cues.update(stem(page.lows[token]) for token in inside if page.kinds[token] in CUE_KINDS)
    often = (word for word, count in cues.items() if count >= MIN_CUES and count >= MIN_SHARE * seen[word])
    return sorted(word for word in often if word.isalpha() and word.isascii())


def examples(pages: Sequence[Page], gold: Sequence[Attributions]) -> Examples:
    """What there is to learn from the articles."""
    cues: list[NDArray[np.int32]] = []
    labels: list[bool] = []
    article: list[int] = []
    rows: list[NDArray[np.int32]] = []
    owners: list[int] = []
    right: list[bool] = []
    for number, (page, attributions) in enumerate(zip(pages, gold, strict=True)):
        if not (found := places(page)):
            continue
        sources_at = _sources_at(page, attributions)
        phrases = {span: noun_phrases(page, *span) for span in page.sentences}
        beside = Beside([page], [found])
        asked = [
            (owner, source, order)
            for owner, place in enumerate(found)
            for source, order in proposals(page, place, phrases[place.first, place.last]).items()
        ]
        cues.append(CUE(beside.cues).T.astype(np.int32))
        own, sources, orders = map(list, zip(*asked, strict=True)) if asked else ([], [], [])
        proposed = beside.of_sources(own, sources, orders)
        rows.append(SOURCE(proposed).T.astype(np.int32))
        for owner, source, _ in asked:
            owners.append(len(labels) + owner)
            right.append(any(_overlap(source, other) for other in sources_at.get(found[owner].at, ())))
        labels += [place.at in sources_at for place in found]
        article += [number] * len(found)
    return Examples(
        np.concatenate(cues), np.array(labels), np.array(article, np.int32),
        np.concatenate(rows), np.array(owners, np.int32), np.array(right),
    )  # fmt: skip


def _sources_at(page: Page, attributions: Attributions) -> Mapping[int, list[Range]]:
    """Token of a cue of gold -> the token ranges of its sources."""
    found: defaultdict[int, list[Range]] = defaultdict(list)
    for sources, cues in zip(attributions.sources, attributions.cues, strict=True):
        for token in _tokens(page, cues):
            found[token] += [_range(page, span) for span in sources]
    return found


def _tokens(page: Page, spans: Spans) -> Iterable[int]:
    return (token for span in spans for token in range(*_range(page, span)))


def _range(page: Page, span: tuple[int, int]) -> Range:
    return bisect_right(page.ends, span[0]), bisect_left(page.starts, span[1])


def _overlap(one: Range, other: Range) -> bool:
    return one[0] < other[1] and other[0] < one[1]
