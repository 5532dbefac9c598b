"""How much of a document's attention each entity has.

It decides by frequency, position and headline, as in Dunietz and Gillick, A New Entity Salience Task with Millions of
Training Examples (EACL 2014), whose strongest features these are. The entity's role in its sentences is not looked at.

For an entity with n mentions, the first at character p of the text (0 if the headline names it)::

    attention = n * (1 + 1 / (1 + p / 1000)) * (1.5 if the headline names it else 1)
    salience = attention / sum of the attention of all entities
"""

from collections.abc import Sequence
from dataclasses import dataclass

_LEAD = 1000
"""Characters (some 160 words, the first three or four paragraphs) after which the bonus for an early mention has halved."""
_HEADLINE = 1.5
"""A name in a headline was chosen by an editor: half as much again."""
_UNITS = 10_000
"""Saliences are given to four decimals."""


@dataclass(frozen=True, slots=True)
class Presence:
    """Where an entity is named: how often in all, where first in the text (code points; none if never), and whether in the
    title."""

    mentions: int
    first: int | None
    in_title: bool


def share(presences: Sequence[Presence]) -> list[float]:
    """The salience of each entity: multiples of 0.0001 that sum to 1 exactly, but for the rounding of floats.

    What rounding down leaves over goes to the entities with the largest remainders, the earlier first.
    """
    weights = [_attention(presence) for presence in presences]
    total = sum(weights)
    exact = [_UNITS * weight / total for weight in weights]
    units = [int(value) for value in exact]
    order = sorted(range(len(exact)), key=lambda index: (units[index] - exact[index], index))
    for index in order[: _UNITS - sum(units)]:
        units[index] += 1
    return [unit / _UNITS for unit in units]


def _attention(presence: Presence) -> float:
    first = 0 if presence.in_title or presence.first is None else presence.first
    return presence.mentions * (1 + 1 / (1 + first / _LEAD)) * (_HEADLINE if presence.in_title else 1)
