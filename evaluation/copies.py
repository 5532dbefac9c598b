"""Copies that are not alike: real articles, edited in known ways, sought among thousands of others; and news that is no copy.

Of each way of editing (``edits``; how it is tried is ``trial``'s to say):

* ``recall``: the share of copies found to be one, of the very article that was edited. ``exact``, ``near`` …: the share with that
  verdict. ``over_skip``: the share similar enough not to be sent through NLP again.
* ``similarity``: the median that the stage verified, of those found. ``jaccard``, ``containment``: the medians of all, in plain
  Python (see ``overlap``).
* ``wrong``: verdicts that name another article, and that plain sets of five words do not bear out.

``words`` and ``runs`` have the same by percent of the words changed, one by one and in runs as editors change them, with
what theory expects of it (see ``expected``). ``precision`` is the share of all verdicts that are not wrong, those on the
articles as they are (``found``) among them. ``picture`` draws it all. ``siblings`` are ECB+'s like events. Where a file is
given, only its articles are measured, and nothing is drawn.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evaluation import expected, overlap, picture, siblings
from evaluation.data import ARTICLES, Article, reading, rows
from evaluation.edits import EDITS, RUN, change
from evaluation.picture import Curve
from evaluation.trial import Outcome, Trial, prepare

SHARES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 40)
"""Percent of the words changed: close together where recall falls."""
_PERCENTS = [percent / 4 for percent in range(4, 4 * SHARES[-1] + 1)]
"""Where the curve of theory is computed: fine enough to look round."""


def evaluate(path: Path | None) -> dict[str, Any]:
    """The figures on the articles of ``path`` (AllSides' format), and where it is left out on AllSides and ECB+.

    Raises:
        DataError: a file is missing or not in the format, or has too few articles.
    """
    source = path or ARTICLES
    documents = [] if path else siblings.read(siblings.DEFAULT)
    with reading(source):
        trial = prepare(rows(source, Article))
    edits = {name: trial.try_edit(name, edit) for name, edit in EDITS.items()}
    words, runs = (_change_words(trial, run) for run in (1, RUN))
    tried = [outcome for way in (edits, words, runs) for outcomes in way.values() for outcome in outcomes]
    verdicts = len(trial.found) + sum(outcome.verdict.of is not None for outcome in tried)
    found_wrong = trial.found_wrong()
    wrong = len(found_wrong) + sum(outcome.wrong for outcome in tried)
    others = {name: trial.summarise(outcomes) for name, outcomes in edits.items()}
    curves = [_curve(trial, "one by one", words, 1), _curve(trial, f"in runs of {RUN}", runs, RUN)]
    if not path:
        picture.draw(picture.PATH, curves, others)
    return {
        "data": str(source),
        "documents": len(trial.articles),
        "found": len(trial.found),
        "found_wrong": found_wrong,
        "originals": len(trial.originals),
        "precision": 1 - wrong / verdicts if verdicts else None,
        "verdicts": verdicts,
        "edits": others,
        "words": curves[0].measured,
        "runs": curves[1].measured,
        **({"siblings": siblings.measure(documents)} if documents else {}),
    }


def _change_words(trial: Trial, run: int) -> dict[int, list[Outcome]]:
    """What became of copies with ``SHARES`` percent of their words changed, ``run`` of them together."""
    return {percent: trial.try_edit(f"{percent} % by {run}", change(percent / 100, run)) for percent in SHARES}


def _curve(trial: Trial, name: str, outcomes: Mapping[int, list[Outcome]], run: int) -> Curve:
    """The figures by percent of the words changed, each with the recall that theory expects."""
    lengths = [len(overlap.WORD.findall(trial.articles[original].text)) for original in trial.originals]
    theory = {percent: expected.recall(percent / 100, run, lengths, trial.stream.settings) for percent in _PERCENTS}
    measured = {
        f"{percent}": trial.summarise(made) | {"expected": theory[percent]} for percent, made in outcomes.items()
    }
    return Curve(name, measured, list(theory.items()))
