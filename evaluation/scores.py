"""The formulas: precision, recall and F1; B-cubed; macro F1; order; calibration error; intervals of shares; spans
paired by overlap. Pure; all shares are of 1."""

import math
from collections import Counter
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Spans = list[tuple[int, int]]
"""The stretches of one thing that was found: half-open offsets in code points."""
_BINS = 10
"""Of the calibration error, as in Guo et al., On Calibration of Modern Neural Networks (2017), where 15 are for 10,000
answers."""


@dataclass(frozen=True, slots=True)
class Score:
    """How many of what was found are right, and how many there are to find. Sums of scores are pooled counts (micro)."""

    right: int = 0
    found: int = 0
    gold: int = 0

    def __add__(self, other: "Score") -> "Score":
        return Score(self.right + other.right, self.found + other.found, self.gold + other.gold)

    @property
    def precision(self) -> float:
        """The share of what was found that is right; 0 where nothing was found."""
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        """The share of what is to be found that was; 0 where there is nothing."""
        return self.right / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return 2 * self.right / (self.found + self.gold) if self.found + self.gold else 0.0

    def figures(self) -> dict[str, float]:
        """``f1``, ``precision``, ``recall``."""
        return {"f1": self.f1, "precision": self.precision, "recall": self.recall}


def compare(found: Collection[Hashable], gold: Collection[Hashable]) -> Score:
    """The score of things that are right where they are the same."""
    own, wanted = set(found), set(gold)
    return Score(len(own & wanted), len(own), len(wanted))


@dataclass(frozen=True, slots=True)
class Share:
    """Sums of shares, one a mention, on the side of what was found and of gold. Sums of Shares are pooled over documents."""

    precise: float = 0.0
    found: int = 0
    recalled: float = 0.0
    gold: int = 0

    def __add__(self, other: "Share") -> "Share":
        return Share(
            self.precise + other.precise,
            self.found + other.found,
            self.recalled + other.recalled,
            self.gold + other.gold,
        )

    @property
    def precision(self) -> float:
        """The mean share of a found mention's cluster that is right; 0 where nothing was found."""
        return self.precise / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        """The mean share of a gold mention's entity that was found with it; 0 where there is nothing."""
        return self.recalled / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def figures(self) -> dict[str, float]:
        """``f1``, ``precision``, ``recall``."""
        return {"f1": self.f1, "precision": self.precision, "recall": self.recall}


def b_cubed(found: Mapping[Any, Hashable], gold: Mapping[Any, Hashable]) -> Share:
    """B-cubed (Bagga and Baldwin, Algorithms for Scoring Coreference Chains, 1998) of clusterings: mention -> its cluster.

    A mention m in the found cluster F and the gold cluster G counts with |F and G| / |F| for precision and |F and G| / |G|
    for recall. One that only was found counts with 0 for precision, one that only gold has with 0 for recall.
    """
    both = Counter((found[mention], gold[mention]) for mention in found.keys() & gold.keys())
    sizes, gold_sizes = Counter(found.values()), Counter(gold.values())
    return Share(
        sum(count * count / sizes[cluster] for (cluster, _), count in both.items()),
        len(found),
        sum(count * count / gold_sizes[entity] for (_, entity), count in both.items()),
        len(gold),
    )


def adjusted_mutual_information(found: Sequence[Hashable], gold: Sequence[Hashable]) -> float:
    """Adjusted mutual information (Vinh, Epps, Bailey, Information Theoretic Measures for Clusterings Comparison, 2010, with
    the mean of the entropies): 1 for the same clusters, about 0 for clusters drawn by chance. ``found[i]`` and ``gold[i]`` are
    the i-th item's.
    """
    count = len(found)
    sizes, gold_sizes = Counter(found), Counter(gold)
    both = Counter(zip(found, gold, strict=True))
    mutual = sum(
        n / count * math.log(count * n / (sizes[cluster] * gold_sizes[other])) for (cluster, other), n in both.items()
    )
    by_size, gold_by_size = Counter(sizes.values()), Counter(gold_sizes.values())
    by_chance = sum(
        times * gold_times * _mutual_by_chance(size, gold_size, count)
        for size, times in by_size.items()
        for gold_size, gold_times in gold_by_size.items()
    )
    most = (_entropy(by_size, count) + _entropy(gold_by_size, count)) / 2
    return (mutual - by_chance) / (most - by_chance) if most - by_chance > 1e-12 else float(len(both) == len(sizes))


def _entropy(by_size: Mapping[int, int], count: int) -> float:
    return -sum(times * size / count * math.log(size / count) for size, times in by_size.items())


def _mutual_by_chance(a: int, b: int, count: int) -> float:
    """The share of the mutual information that two clusters of ``a`` and ``b`` items of ``count`` have where the items are
    drawn."""
    total = 0.0
    constant = sum(math.lgamma(one + 1) for one in (a, b, count - a, count - b)) - math.lgamma(count + 1)
    for n in range(max(1, a + b - count), min(a, b) + 1):
        chance = constant - sum(math.lgamma(one + 1) for one in (n, a - n, b - n, count - a - b + n))
        total += n / count * math.log(count * n / (a * b)) * math.exp(chance)
    return total


def well_ordered(values: Sequence[float], gold: Sequence[float]) -> tuple[float, int]:
    """Of the pairs that ``gold`` puts in an order: how many ``values`` put in the same (a tie is half a one), and how many
    there are. The first by the second is the area under the ROC curve where gold is 0 or 1."""
    right, pairs = 0.0, 0
    for at, one in enumerate(gold):
        for before in range(at):
            if gold[before] != one:
                pairs += 1
                ahead = (values[at] - values[before]) * (one - gold[before])
                right += 1.0 if ahead > 0 else 0.5 if ahead == 0 else 0.0
    return right, pairs


def pair(found: Sequence[Spans], gold: Sequence[Spans], exact: bool = False) -> Score:
    """The score of ``found`` where each may be paired with one of ``gold`` that it overlaps, or that is the same with ``exact``.

    Pairs are made in order, each found thing with the first that is free.
    """
    free = list(gold)
    right = 0
    for spans in found:
        match = next((other for other in free if (spans == other if exact else overlap(spans, other))), None)
        if match is not None:
            free.remove(match)
            right += 1
    return Score(right, len(found), len(gold))


def overlap(one: Spans, other: Spans) -> bool:
    """Whether a stretch of ``one`` shares a character with a stretch of ``other``."""
    return any(a < d and c < b for a, b in one for c, d in other)


def macro_f1(labels: Sequence[Any], gold: Sequence[Any], classes: Sequence[Any]) -> float:
    """The mean over ``classes`` of their F1, where ``labels[i]`` was given and ``gold[i]`` is right."""
    pairs = list(zip(labels, gold, strict=True))
    scores = [Score(sum(a == b == c for a, b in pairs), labels.count(c), gold.count(c)).f1 for c in classes]
    return sum(scores) / len(scores)


def reliability(answers: Sequence[tuple[float, bool]]) -> list[tuple[float, float, int]]:
    """Mean confidence, accuracy and number of the answers (confidence, right) in each of ten bins of confidence, empty ones
    left out: the reliability curve."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(_BINS)]
    for confidence, good in answers:
        bins[min(int(confidence * _BINS), _BINS - 1)].append((confidence, good))
    return [
        (sum(c for c, _ in own) / len(own), sum(good for _, good in own) / len(own), len(own)) for own in bins if own
    ]


def calibration_error(answers: Sequence[tuple[float, bool]]) -> float:
    """The expected calibration error: the mean distance of confidence and accuracy over the bins of ``reliability``, by size.

    0 where there is no answer.
    """
    gaps = sum(abs(confidence - accuracy) * count for confidence, accuracy, count in reliability(answers))
    return gaps / len(answers) if answers else 0.0


def wilson(right: int, count: int) -> tuple[float, float]:
    """The 95 % interval of the share ``right`` of ``count`` (Wilson 1927); (0, 1) where there is nothing."""
    if not count:
        return 0.0, 1.0
    share, z = right / count, 1.959964
    middle = share + z * z / (2 * count)
    spread = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(0.0, (middle - spread) / (1 + z * z / count)), min(1.0, (middle + spread) / (1 + z * z / count))
