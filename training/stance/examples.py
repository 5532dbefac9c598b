"""A text with its targets, and for each which stance is how likely: what both models of stance learn from."""

from dataclasses import dataclass

Shares = tuple[float, float, float]
"""How likely favor, against and neutral are; they sum to 1."""


@dataclass(frozen=True)
class Ask:
    """A target: where ``text`` names it (code points), or a ``issue`` by its wording; and the stance toward it."""

    target: tuple[int, int]
    shares: Shares
    issue: str = ""


@dataclass(frozen=True)
class Example:
    """A text with its targets."""

    text: str
    asks: tuple[Ask, ...]
