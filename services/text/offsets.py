"""A text under repair that knows, for each of its characters, where in the raw text that character came from.

Decides how edits are applied and how offsets follow them; what to edit is decided by the modules that find the dirt.
"""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Edit = tuple[int, int, str]
"""Put the third in place of ``text[first:second]``. The stretch is never empty: each character has an origin."""


@dataclass(frozen=True)
class Cleaned:
    """A cleaned text with the way back to the raw one.

    Character ``text[i]`` came from the raw stretch ``raw[starts[i]:ends[i]]``. All three have one length; ``starts``
    and ``ends`` never decrease, and no stretch is empty. Offsets count Unicode code points, half open.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The raw span that the clean span ``text[start:end]`` came from.

        Raises:
            ValueError: the span is empty or reaches outside the text.
        """
        if not 0 <= start < end <= len(self.text):
            raise ValueError(f"no characters in {start}:{end} of a text of {len(self.text)}")
        return self.starts[start], self.ends[end - 1]


def untouched(raw: str) -> Cleaned:
    """``raw`` as its own clean text. The maps are ranges: they cost nothing where there is nothing to mend."""
    return Cleaned(raw, range(len(raw)), range(1, len(raw) + 1))


def apply(draft: Cleaned, edits: Iterable[Edit]) -> Cleaned:
    """``draft`` with ``edits``, which are in order; one that overlaps an earlier one is left out.

    Each new character maps to the whole stretch that its edit replaced.
    """
    pieces: list[str] = []
    starts = array("I")
    ends = array("I")
    at = 0
    for first, last, new in edits:
        if first < at:
            continue
        pieces += draft.text[at:first], new
        starts.extend(draft.starts[at:first])
        ends.extend(draft.ends[at:first])
        if new:
            starts.extend([draft.starts[first]] * len(new))
            ends.extend([draft.ends[last - 1]] * len(new))
        at = last
    if at == 0:
        return draft
    pieces.append(draft.text[at:])
    starts.extend(draft.starts[at:])
    ends.extend(draft.ends[at:])
    return Cleaned("".join(pieces), starts, ends)
