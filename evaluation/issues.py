"""Stance toward an issue in words, on VAST (Allaway and McKeown, EMNLP 2020) and GWSD (Luo, Card and Jurafsky, Findings of
EMNLP 2020).

A comment or sentence is read as a whole (voice ``text``) toward the issue, which is marked where the text names it first, as the
stage does it, and stands nowhere where it does not. What an answer counts as is in ``judged``. Without
a file it measures VAST's development part and the fifth of GWSD that is held out; the figures at the top are their means.

* VAST: of the two columns with an issue, ``topic_str`` is the one that is judged. In the training part's 2,313 synthetic neutral
  rows ``new_topic`` is what the comment was about, and ``topic_str`` the issue of another one that was put in its place; all 108
  issues that the development part shares with training are forms of ``topic_str``. ``seen?`` is 0 where training lacks the issue.
* GWSD: gold is the likeliest label by the set's own Bayesian model of its annotators, which its README gives as the columns
  ``disagree``, ``agree`` and ``neutral``; where a file has none, what most of the eight said, and neutral where two are equal.
  The 250 rows that screened the annotators (``sent_id`` begins with ``s``: five sentences, fifty times) are left out.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from evaluation.data import DATA, DataError, reading, table
from evaluation.judged import Judged, judge
from evaluation.stance import shipped
from schemas import WatchedIssue
from services.stance.reader import Passage, Reader
from services.stance.watched import IssueList

VAST = DATA / "vast" / "dev.csv.gz"
GWSD = DATA / "gwsd" / "GWSD.tsv"
PUBLISHED = {"jointcl_vast_test_zero_shot": 0.723, "jointcl_vast_test_few_shot": 0.715}
"""Macro F1 on VAST's official test: JointCL (Liang et al., ACL 2022). GWSD's README states no figure."""
GWSD_ISSUE = "climate change is a serious concern"
"""What GWSD's annotators were asked about."""
GWSD_PHRASES = ("climate change", "global warming")
"""What its sentences call it."""
_HELD_OUT = 5
"""One sentence of GWSD in so many is for evaluation: some 370, and enough is left to train on."""
_WORKERS = tuple(f"worker_{number}" for number in range(8))
_AGREEMENT = {"disagree": -1, "agree": 1, "neutral": 0}
_VOTES = {"disagrees": -1, "agrees": 1, "neutral": 0}
_STANCES = {"AGAINST": -1, "FAVOR": 1, "NONE": 0, "0": -1, "1": 1, "2": 0}
"""The development part's words and the training part's numbers."""


@dataclass(frozen=True, slots=True)
class Row:
    """A text, an issue, and the polarity of the one toward the other; ``seen``: training has the issue, None: does not apply."""

    text: str
    issue: str
    polarity: int
    seen: bool | None = None


def evaluate(path: Path | None) -> dict[str, Any]:
    """The figures of all rows of ``path``, or of both development sets and their means.

    Raises:
        DataError: a file is missing or not in one of the formats.
    """
    if path is not None:
        return {"data": str(path), **_figures(read(path)), "published_macro_f1": PUBLISHED}
    gwsd = [row for row in read(GWSD) if is_held_out(row.text)]
    sets = {"vast_dev": _figures(read(VAST)), "gwsd_held_out": _figures(gwsd)}
    names = sets["gwsd_held_out"]
    means = {name: sum(one[name] for one in sets.values()) / len(sets) for name in names}
    means["n"] = sum(one["n"] for one in sets.values())
    return {"data": f"{VAST}, {GWSD}", **means, **sets, "published_macro_f1": PUBLISHED}


def _figures(rows: Sequence[Row]) -> dict[str, float]:
    judged = measure(rows)
    figures = judged.figures()
    for name, seen in (("zero_shot", False), ("few_shot", True)):
        own = [index for index, row in enumerate(rows) if row.seen is seen]
        if own:
            figures |= {f"{name}_n": len(own), f"{name}_macro_f1": judged.on(own)}
    return figures


def is_held_out(sentence: str) -> bool:
    """Whether a sentence of GWSD is for evaluation, not for training: by its digest, so that copies go the same way."""
    return hashlib.sha256(sentence.strip().encode()).digest()[0] % _HELD_OUT == 0


def read(path: Path) -> list[Row]:
    """The rows of a file in the format of VAST's parts (``.csv``, ``.csv.gz``) or of GWSD (``.tsv``), told by its columns.

    Raises:
        DataError: it is missing, empty or in neither format.
    """
    with reading(path):
        rows = [row for number, cells in enumerate(table(path), 1) for row in _row(number, cells)]
    if not rows:
        raise DataError(f"{path}: no text with an issue in it")
    return rows


def _row(number: int, cells: dict[str, str]) -> Iterator[Row]:
    for names, make in _FORMATS.items():
        if cells.keys() >= set(names):
            try:
                yield from make(cells)
            except (KeyError, ValueError) as error:
                raise ValueError(f"row {number}: {error}") from None
            return
    wanted = " nor ".join(", ".join(names) for names in _FORMATS)
    raise ValueError(f"row {number}: has neither the columns {wanted}")


def _vast_development(cells: dict[str, str]) -> Iterator[Row]:
    yield _comment(cells["Tweet"], cells["Target 1"], cells["Stance 1"], cells)


def _vast_training(cells: dict[str, str]) -> Iterator[Row]:
    yield _comment(cells["post"], cells["topic_str"], cells["label"], cells)


def _comment(text: str, issue: str, stance: str, cells: dict[str, str]) -> Row:
    return Row(text, issue, _known(stance, _STANCES, "stance"), {"1": True, "0": False}.get(cells.get("seen?", "")))


def _known(word: str, polarities: dict[str, int], what: str) -> int:
    if word not in polarities:
        raise ValueError(f"{word[:20]!r} is no {what}; there are {', '.join(polarities)}")
    return polarities[word]


def _gwsd(cells: dict[str, str]) -> Iterator[Row]:
    if not cells.get("sent_id", "").startswith("s"):
        yield Row(cells["sentence"], GWSD_ISSUE, _estimated(cells) if cells.get("neutral") else _voted(cells))


def _estimated(cells: dict[str, str]) -> int:
    return _AGREEMENT[max(_AGREEMENT, key=lambda name: float(cells[name]))]


def _voted(cells: dict[str, str]) -> int:
    votes = [_known(cells[worker], _VOTES, "vote") for worker in _WORKERS]
    (first, most), *others = Counter(votes).most_common()
    return 0 if others and others[0][1] == most else first


_FORMATS: dict[tuple[str, ...], Callable[[dict[str, str]], Iterator[Row]]] = {
    ("Tweet", "Target 1", "Stance 1"): _vast_development,
    ("post", "topic_str", "label"): _vast_training,
    ("sentence", *_WORKERS): _gwsd,
}


def measure(rows: Sequence[Row], reader: Reader | None = None) -> Judged:
    """What ``reader``, by default the shipped one, makes of ``rows``, of which there is at least one."""
    return judge((reader or shipped())([passage(row) for row in rows]), [row.polarity for row in rows])


def passage(row: Row) -> Passage:
    """A row as a reader is asked about it."""
    places = _issues(row.issue).find(row.text)
    target = (places[0].start, places[0].end) if places else (0, 0)
    return Passage(row.text, target, (0, len(row.text)), "text", issue=row.issue)


@lru_cache(maxsize=10_000)
def _issues(name: str) -> IssueList:
    """The list of one issue as a user would have it; of a name that is none, nothing is found."""
    try:
        return IssueList([WatchedIssue(id="issue", name=name, phrases=GWSD_PHRASES if name == GWSD_ISSUE else ())])
    except ValueError:
        return IssueList()
