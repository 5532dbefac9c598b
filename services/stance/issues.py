"""The issues of an event, whatever method found them."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, TypeVar

from schemas import Issue, Mention
from schemas.base import MAX_ISSUES
from services.text.salience import Presence, share

Key = TypeVar("Key")


class Named(NamedTuple):
    """An issue before it has its number: what it is called, the id of the user's list or None, and where it is named, in order."""

    name: str
    watched: str | None
    mentions: Sequence[Mention]


def issues_of(named: Mapping[Key, Named], sided: Collection[Key] = ()) -> dict[Key, Issue]:
    """The issues in the order of their first mention. Of more than ``MAX_ISSUES`` those stay that somebody takes a side on
    (``sided``), then the most salient."""
    order = sorted(named, key=lambda key: _place(named[key].mentions[0]))
    if len(order) > MAX_ISSUES:
        weights = dict(zip(order, _saliences(named, order), strict=True))
        best = set(sorted(order, key=lambda key: (key not in sided, -weights[key]))[:MAX_ISSUES])
        order = [key for key in order if key in best]
    saliences = _saliences(named, order)
    return {
        key: Issue(
            id=f"i{number}",
            name=named[key].name,
            watched=named[key].watched,
            salience=salience,
            mentions=tuple(named[key].mentions),
        )
        for number, (key, salience) in enumerate(zip(order, saliences, strict=True), 1)
    }


def _place(mention: Mention) -> tuple[bool, int, int]:
    return mention.field != "title", mention.start, mention.end


def _saliences(named: Mapping[Key, Named], order: Sequence[Key]) -> list[float]:
    return share([_presence(named[key].mentions) for key in order]) if order else []


def _presence(mentions: Sequence[Mention]) -> Presence:
    first = next((mention.start for mention in mentions if mention.field == "text"), None)
    return Presence(len(mentions), first, mentions[0].field == "title")
