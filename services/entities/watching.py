"""Watched names among the names that the rules found, and watched entities among the clusters.

It decides who wins where a watched name and another meet: within a longer name the longer one stays, because ``Apple Records``
is not ``Apple``; everywhere else the watched name does. And that an entry of the watch list is one entity with all its forms,
and two entries never are. Where the names stand is decided in ``watchlist``.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from schemas.base import FieldName
from services.entities.boundaries import Name, make_name
from services.entities.titles import find_title
from services.entities.watchlist import Match, WatchList

_POSSESSIVE = ("'s ", "’s ")
_AROUND = 24
"""Characters on each side of a name in which lower case tells that its capitals are its own, as in ``boundaries``."""


def overlay(field: FieldName, text: str, names: Sequence[Name], matches: Sequence[Match]) -> list[Name]:
    """``names`` of a field with the watched names put among them; in order, without overlaps.

    A name that is longer than the one match in it (``Bank of Utopia`` with ``Utopia``) stays, and the match is none. Of
    ``Acme’s Rocket Division`` with ``Acme`` both are names. All other names that a match overlaps go; so do longer ones among
    capitals, which do not tell where a name ends (``ACME FALLS``). A match that is not firm (see ``Match``) counts only where a
    name has its very place.
    """
    if not matches:
        return list(names)
    places = {(name.start, name.end) for name in names}
    firm = [match for match in matches if match.firm or (match.start, match.end) in places]
    kept: list[Name] = []
    swallowed: set[Match] = set()
    at = 0
    for name in names:
        while at < len(firm) and firm[at].end <= name.start:
            at += 1
        over = at
        while over < len(firm) and firm[over].start < name.end:
            over += 1
        kept += _left_of(text, name, firm[at:over], swallowed)
    kept += [_watched(field, text, match) for match in firm if match not in swallowed]
    return sorted(kept, key=lambda name: name.start)


def keep_case(title: str, settled: str, watch: WatchList) -> str:
    """``settled`` (``casing.settle_case`` of ``title``) with the title's own case where that names what is watched in two words
    or more and the settled case does not, as ``BEST BUY`` above a story of a best buy.

    A single word in a headline is what the story makes of it: ``TELL US MORE`` does not name the ``US``.
    """
    if settled == title:
        return settled
    reached = [(match.start, match.end) for match in watch.find(settled)]
    for match in watch.find(title):
        start, end = match.start, match.end
        if not title[start:end].isalnum() and not any(one <= start and end <= two for one, two in reached):
            settled = settled[:start] + title[start:end] + settled[end:]
    return settled


def _left_of(text: str, name: Name, matches: Sequence[Match], swallowed: set[Match]) -> Iterator[Name]:
    """What stays of ``name`` where ``matches`` overlap it; a match that it swallows is noted."""
    if not matches:
        yield name
    elif len(matches) == 1:
        [match] = matches
        if text[max(0, name.start - _AROUND) : name.end + _AROUND].isupper():
            return
        if (match.start, match.end) == (name.start, name.end) or match.start < name.start or match.end > name.end:
            return
        if match.start == name.start and text[match.end : match.end + 3] in _POSSESSIVE and match.end + 3 < name.end:
            yield make_name(name.field, text, match.end + 3, name.end, name.label)
            return
        swallowed.add(match)
        yield name


def _watched(field: FieldName, text: str, match: Match) -> Name:
    title = find_title(text, match.start) if match.label == "PERSON" else ""
    return replace(make_name(field, text, match.start, match.end, match.label, title), watched=match.id)


def join_watched(groups: Sequence[Sequence[int]], names: Sequence[Name]) -> list[list[int]]:
    """``groups`` (indices of ``names``, in order) such that each watched id is in one group, and none has two.

    Where rules joined the mentions of two entries, each other mention goes to the entry that was named last before it,
    or else to the first.
    """
    joined: list[list[int]] = []
    by_id: dict[str, list[int]] = defaultdict(list)
    for group in groups:
        holder = next((names[index].watched for index in group if names[index].watched), None)
        if holder is None:
            joined.append(list(group))
            continue
        for index in group:
            holder = names[index].watched or holder
            by_id[holder].append(index)
    return joined + [sorted(group) for group in by_id.values()]
