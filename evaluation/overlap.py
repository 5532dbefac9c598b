"""What two texts share, counted with plain Python sets of five words in a row: the measure that verdicts are checked by.

It shares no code with the stage: neither its folding nor its hashes nor its sketches. Words are runs of letters and digits
in lower case; nothing is left out, credits and captions included.
"""

import re
from collections.abc import Set

from schemas.event import Duplicate

Shingles = Set[tuple[str, ...]]

WORD = re.compile(r"[^\W_]+")
LEAST = 0.5
"""What an exact copy must share at least, since its rule has no number: what differs then is boilerplate, and a text of
which that is more than half would rightly be asked about. It is also the stage's own least similarity of a near copy."""
_WORDS = 5
_THRESHOLD = re.compile(r">=([0-9.]+)$")


def shingles(text: str) -> Shingles:
    """The text's runs of five words; all of its words as one, where there are fewer."""
    words = WORD.findall(text.casefold())
    return {tuple(words[at : at + _WORDS]) for at in range(max(1, len(words) - _WORDS + 1))}


def jaccard(a: Shingles, b: Shingles) -> float:
    """The share of the shingles of either that are in both."""
    return len(a & b) / len(a | b)


def containment(a: Shingles, b: Shingles) -> float:
    """The share of the smaller set that the other has."""
    return len(a & b) / min(len(a), len(b))


def bears_out(duplicate: Duplicate, a: Shingles, b: Shingles) -> bool:
    """Whether a document's shingles and those of the one that its verdict names share what the verdict's rule asks for:
    containment where the verdict is that one contains the other, else Jaccard similarity."""
    found = _THRESHOLD.search(duplicate.rule)
    measure = jaccard if duplicate.verdict in ("exact", "near") else containment
    return measure(a, b) >= (float(found[1]) if found else LEAST)
