"""Which documents a reader of the stream wants to see: a pure predicate on what is kept of one.

The options are those of ``stancewire consume``: within one any value does, all must hold.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from services.console.core import Kept, Named, fold
from services.consumer.filter import Filter, Wanted, build

_OPTIONS = {
    "source": "sources",
    "issue": "issues",
    "entity": "entities",
    "stance": "stances",
    "verdict": "verdicts",
    "text": "text",
    "status": "statuses",
}
_VALUES = 10
_LONGEST = 200
"""What a person types; more is a mistake or an attack."""


@dataclass(frozen=True)
class Selection:
    """A filter of ``stancewire consume``, asked of a kept document."""

    filter: Filter

    def __call__(self, kept: Kept) -> bool:
        """Whether ``kept`` is wanted; the text is looked at last, as it has to be read."""
        wanted = self.filter
        return (
            (not wanted.statuses or kept.status in wanted.statuses)
            and (not wanted.verdicts or kept.verdict in wanted.verdicts)
            and (not wanted.sources or any(fnmatchcase(kept.source.casefold(), _part(one)) for one in wanted.sources))
            and (not wanted.issues or _are_called(kept.issues, wanted.issues))
            and (not wanted.entities or _are_called(kept.names, wanted.entities))
            and (not wanted.stances or any(_takes(kept, one) for one in wanted.stances))
            and (not wanted.text or _says(kept, wanted.text))
        )


def select(query: dict[str, list[str]]) -> Selection:
    """The selection that a URL's query asks for; parts that are blank ask for nothing.

    Raises:
        ValueError: an unknown option or value; the message lists the known ones.
    """
    options: dict[str, list[str]] = {}
    for name, values in query.items():
        if name not in _OPTIONS:
            raise ValueError(f"unknown filter {name[:50]!r}; choose one of {', '.join(_OPTIONS)}")
        if len(values) > _VALUES or any(len(value) > _LONGEST for value in values):
            raise ValueError(f"{name}: give at most {_VALUES} values of at most {_LONGEST} characters")
        options[_OPTIONS[name]] = [value for value in values if value.strip()]
    return Selection(build(**options))


def sources(pattern: str) -> Callable[[str], bool]:
    """Whether a source is one that a person typed; a blank one is all."""
    part = _part(pattern.strip())
    return lambda source: not pattern.strip() or fnmatchcase(source.casefold(), part)


def _part(pattern: str) -> str:
    """A source without ``*`` or ``?`` matches also as a part: nobody types whole domains into a page."""
    folded = pattern.casefold()
    return folded if "*" in folded or "?" in folded else f"*{folded}*"


def _are_called(found: tuple[Named, ...], names: tuple[str, ...]) -> bool:
    return any(fold(name) in key for name in names for one in found for key in one.keys)


def _takes(kept: Kept, wanted: Wanted) -> bool:
    target = None if wanted.target is None else fold(wanted.target)
    return any(
        side.stance == wanted.label and (target is None or any(target in key for key in side.toward.keys))
        for side in kept.sides
    )


def _says(kept: Kept, words: tuple[str, ...]) -> bool:
    event = json.loads(kept.raw)
    folded = f"{event.get('title', '')}\n{event.get('text', '')}".casefold()
    return any(one.casefold() in folded for one in words)
