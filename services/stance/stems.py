"""Words without their endings: what "claims", "claimed" and "claiming" have in common, and which of them are cues now and then.

Decides roughly, by letters alone; the stems of cues were mined by ``training/holders``.
"""

from functools import cache, lru_cache
from pathlib import Path

MAX_CACHED_WORD = 40
"""Code points of a word that is kept with what is known of it: longer ones are no words, and would fill the memory."""
_STEMS = Path(__file__).with_name("stems.txt")
_DOUBLED = frozenset("bdgmnprt")
"""Consonants that are doubled before an ending; l and s are as often double in the stem itself."""


@cache
def cue_stems() -> frozenset[str]:
    """The stems of words that are cues now and then, of ``stems.txt``."""
    lines = _STEMS.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def stem(low: str) -> str:
    """A word without its ending, roughly: what "claims", "claimed" and "claiming" have in common."""
    return _stem(low) if len(low) <= MAX_CACHED_WORD else low


@lru_cache(maxsize=1 << 14)
def _stem(low: str) -> str:
    if len(low) > 4 and low.endswith(("ied", "ies")):
        return low[:-3] + "y"
    short = low
    if len(low) > 5 and low.endswith("ing"):
        short = low[:-3]
    elif len(low) > 4 and low.endswith(("ed", "es")):
        short = low[:-2]
    elif len(low) > 3 and low.endswith("s") and not low.endswith("ss"):
        short = low[:-1]
    if len(short) > 3 and short != low and short[-1] == short[-2] and short[-1] in _DOUBLED:
        short = short[:-1]
    return short[:-1] if short.endswith("e") and len(short) > 3 else short
