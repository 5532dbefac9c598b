"""Words that were divided at the end of a line, as in print and in narrow columns: ``criti-⏎cized``, ``Stan-⏎more``.

Decides whether the hyphen is the printer's or the word's own (``well-⏎known``): by how the document writes the word elsewhere,
by a list of words, and by what is mostly joined to a name.
"""

import re
from collections.abc import Set
from functools import lru_cache
from pathlib import Path

from services.text.offsets import Edit
from services.text.words import word_set

_WORDS = Path(__file__).with_name("words.txt")
_LETTER = r"[^\W\d_]"
_HYPHENS = "-‐‑\xad¬"
_ALWAYS = "\xad¬"
"""A soft hyphen is never a word's own, and scanners read it as the sign of negation."""
_DIVIDED = re.compile(
    rf"[{_HYPHENS}](?<={_LETTER}[{_HYPHENS}])(?P<gap>[ \t]{{0,40}}(?:\r\n|[\n\r\x0b\u2028])[ \t]{{0,40}}| )"
    rf"(?P<right>{_LETTER}{{1,40}})"
)
_LONGEST = 40
"""Letters of a part."""
_LEFT = re.compile(rf"({_LETTER}+)$")
_WRITTEN = re.compile(rf"{_LETTER}+(?:[-‐‑]{_LETTER}+)*+")
_SENTENCE = re.compile(r"(?:^|[.!?:\n]['\"”’)]?)\s*['\"“‘(]?$")
_SUSPENDED = frozenset({"and", "or", "to", "nor", "but", "und", "oder"})
"""``pre- and post-war``: the hyphen ends its word."""
_NEVER = word_set("in un dis im ir il mis en em con com per sub trans ab ad ac af ap ar as at be de di ef ob sur")
"""First halves that are joined to what follows them where the list does not know the whole: ``in-⏎competence``."""
_AFTER_IN = word_set("law laws depth house person app line kind flight built")
_JOINED_TO_NAMES = word_set(
    """led era style based like type friendly run held owned made wide bound born linked free heavy elect area backed trained
    educated controlled occupied related only speaking sponsored aligned wing ish time"""
)
"""What stands behind a name and its own hyphen: ``Saudi-⏎led``."""
_SHORTEST_PARTICIPLE = 5
_ENDINGS = ("s", "ed", "d", "ing", "ly", "ness", "er", "ers", "es", "al", "able")


def words(text: str) -> list[Edit]:
    """Edits that join divided words: without the hyphen, or, where that is their own, only without the line break.

    A hyphen and a space inside a line (``criti- cized``) are mended where the whole is a known word and the first part is none.
    """
    divided = list(_DIVIDED.finditer(text))
    if not divided:
        return []
    written = {found.group().casefold().replace("‐", "-").replace("‑", "-") for found in _WRITTEN.finditer(text)}
    edits: list[Edit] = []
    for found in divided:
        start = found.start()
        before = text[max(0, start - _LONGEST) : start]
        left, right = _LEFT.search(before), found["right"]
        if left is None:
            continue
        if found["gap"] == " ":
            if _is_cut(left[1], right, written):
                edits.append((start, found.end("gap"), ""))
        elif right in _SUSPENDED:
            continue
        elif found[0][0] in _ALWAYS or (
            not _is_compound(text, start - len(left[1]), found.end())
            and _is_one(left[1], right, bool(_SENTENCE.search(before[: left.start()])), written)
        ):
            edits.append((start, found.end("gap"), ""))
        else:
            edits.append((start + 1, found.end("gap"), ""))
    return edits


def _is_compound(text: str, start: int, end: int) -> bool:
    """Whether another hyphen stands beside the parts: ``state-of-the-⏎art``, ``mother-⏎in-law``."""
    return text[start - 1 : start] in ("-", "‐", "‑") or text[end : end + 1] in ("-", "‐", "‑")


def _is_cut(left: str, right: str, written: Set[str]) -> bool:
    """Whether ``criti- cized`` is one word: the whole is known and the first part is not."""
    whole = (left + right).casefold()
    if not right.islower() or right in _SUSPENDED or len(left) == 1:
        return False
    return (whole in written or whole in _known()) and left.casefold() not in _known()


def _is_one(left: str, right: str, begins: bool, written: Set[str]) -> bool:
    """Whether two parts are one word without a hyphen. ``begins``: a sentence begins here, so a capital tells nothing."""
    low, whole = left.casefold(), (left + right).casefold()
    if f"{low}-{right.casefold()}" in written or len(left) == 1:
        return False
    if whole in written:
        return True
    if right[0].isupper():
        return left.isupper() and right.isupper() and len(right) > 1 and whole in _known()
    if whole in _known() or any(whole.removesuffix(end) in _known() for end in _ENDINGS if whole.endswith(end)):
        return True
    if left[0].isupper() and not begins:
        participle = right.endswith(("ed", "ing")) and len(right) >= _SHORTEST_PARTICIPLE and right in _known()
        return not (right in _JOINED_TO_NAMES or participle)
    if low in _NEVER:
        return not (low == "in" and right in _AFTER_IN)
    return not (low in _known() and right in _known())


@lru_cache(1)
def _known() -> frozenset[str]:
    """The list of words, read once, when the first divided word is met."""
    lines = _WORDS.read_text(encoding="utf-8").split("\n")
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
