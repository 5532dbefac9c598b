"""What recall theory expects of texts whose words were changed at random: the curve that measurements are drawn beside.

Of a text's runs of ``run`` words a share ``p`` is changed, and a shingle stands in both texts where every run that it
touches was left alone: with single words, the share ``(1-p)**5`` of them does. Where the share ``k`` stays, the Jaccard
similarity is ``k / (2 - k)``, since what is changed is new on both sides. ``k`` is about normally distributed over
copies. A copy is found where its similarity is ``near_similarity`` or more and the index made it a candidate. Left out:
shingles that a text has twice, and the rule of containment.
"""

from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist, fmean

from services.dedup.settings import DedupSettings


def similarity(share: float, run: int, settings: DedupSettings) -> float:
    """The Jaccard similarity of a text and its copy, as expected."""
    kept = _kept(share, run, settings.shingle_words).mean
    return kept / (2 - kept)


def recall(share: float, run: int, words: Sequence[int], settings: DedupSettings) -> float:
    """Of texts of so many words, the share whose copies are found as near ones.

    Args:
        share: of the words changed; over 0. run: words that are changed together. words: of each text, more than a shingle.
    """
    kept = _kept(share, run, settings.shingle_words)
    least = 2 * settings.near_similarity / (1 + settings.near_similarity)
    spreads = (kept.stdev / sqrt(count - settings.shingle_words + 1) for count in words)
    verified = fmean(1 - NormalDist(kept.mean, spread).cdf(least) for spread in spreads)
    return verified * settings.candidate_probability(similarity(share, run, settings))


def _kept(share: float, run: int, size: int) -> NormalDist:
    """The mean share of shingles that stay, and its spread times the root of their number.

    Shingles that touch a run in common stay or go together, so that their covariances count. The number of changed runs
    is given, which takes away what hangs on it: its covariance squared, over the variance that it would have.
    """
    left = 1 - share
    reach = size + run
    touched = [frozenset(range(at // run, (at + size - 1) // run + 1)) for at in range(run + 2 * reach)]
    stays = [left ** len(runs) for runs in touched]
    middle = range(reach, reach + run)
    together = fmean(
        sum(
            left ** len(touched[at] | touched[other]) - stays[at] * stays[other]
            for other in range(at - reach, at + reach + 1)
        )
        for at in middle
    )
    given = run * fmean(len(touched[at]) * stays[at] for at in middle) ** 2 * share / left
    return NormalDist(fmean(stays[at] for at in middle), sqrt(together - given))
