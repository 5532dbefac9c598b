"""The words that show a stance, read from ``lexicon.txt``, and the words that turn them round.

What a word means in its sentence (negation, who, toward whom) is for ``reading`` to say; here are only the entries.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from services.stance.words import inflect

_TABLE = Path(__file__).with_name("lexicon.txt")
Slot = Literal["act", "relation", "noun", "quality", "deed", "lot", "tone"]
ACTS = frozenset({"act", "relation", "noun"})
"""Slots of what somebody does or shows, whose stance that is."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One form of an entry.

    ``polarity`` is 1 for favour, -1 for against and 0 for neither; ``rest`` are the words that must follow. ``form`` is what a
    verb's form is (``base``, ``s``, ``past``, ``ing``), empty for other slots. ``verdict`` marks a quality that only an opinion
    is written with (``!`` in the table).
    """

    polarity: int
    slot: Slot
    rest: tuple[str, ...]
    form: str
    verdict: bool = False


@cache
def lexicon() -> dict[str, tuple[Entry, ...]]:
    """First word, lower-cased, -> its entries: the longest first, then in the table's order."""
    table: defaultdict[str, list[Entry]] = defaultdict(list)
    for polarity, slot, text in _paragraphs():
        for first, entry in _entries(polarity, slot, text):
            if entry not in table[first]:
                table[first].append(entry)
    return {first: tuple(sorted(entries, key=lambda e: -len(e.rest))) for first, entries in table.items()}


def _paragraphs() -> Iterator[tuple[int, Slot, str]]:
    polarity, slot = 0, ""
    lines: list[str] = []
    for line in [*_TABLE.read_text(encoding="utf-8").splitlines(), "[favor end]"]:
        if line.startswith("#") or not line.strip():
            continue
        if line.startswith("["):
            if lines:
                yield polarity, slot, " ".join(lines)  # type: ignore[misc]
            side, slot = line.strip("[] ").split()
            polarity, lines = {"favor": 1, "against": -1}.get(side, 0), []
        else:
            lines.append(line)


def _entries(polarity: int, slot: Slot, text: str) -> Iterator[tuple[str, Entry]]:
    if slot in {"relation", "noun"}:
        for phrase in filter(str.strip, text.split("|")):
            first, *rest = phrase.split()
            yield first, Entry(polarity, slot, tuple(rest), "")
    elif slot in {"quality", "tone"}:
        for word in text.split():
            yield word.rstrip("!"), Entry(polarity, slot, (), "", verdict=word.endswith("!"))
    else:
        for item in text.split():
            yield from _verb(polarity, slot, item)


def _verb(polarity: int, slot: Slot, item: str) -> Iterator[tuple[str, Entry]]:
    lemma, *past = item.split(":")
    head, *rest = lemma.split("_")
    for form, kind in inflect(":".join([head, *(p.split("_")[0] for p in past)])):
        yield form, Entry(polarity, slot, tuple(rest), kind)
