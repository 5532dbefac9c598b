"""A user's list as a stage works by it: that of a file, and on top of it what its compacted topic says, followed while it runs.

It decides when a change is taken up (between two documents), and what the log says of entries that cannot be. How the topic is
read is decided in ``compacted``, what the list does in ``services.lists``.
"""

import logging
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from schemas import Work
from services.lists.entry import E, read_change
from services.lists.file import ListFileError, read_list_file
from services.lists.forms import Clash, FormList, ListFullError
from services.runtime.compacted import Change, Follower
from services.runtime.records import Record, Run, about
from services.runtime.settings import Settings, SettingsError
from services.runtime.topology import Topic

log = logging.getLogger(__name__)

_CHANGES = 2_000
"""Most changes of a list that one document waits for: some 0.1 s, about what it takes itself. Of a longer list that is loaded
while the stage runs, each document finds more."""
_NAMED = 20
"""Clashes that a log names; the rest is counted. A list of a million names may have as many."""


class Guide:
    """Keeps ``listed`` as its topic says, from ``start`` on."""

    def __init__(self, settings: Settings, topic: Topic, listed: FormList[Any, Any]) -> None:
        self._listed = listed
        self._follower = Follower(settings, topic, partial(read_change, listed.kind))

    def start(self) -> None:
        """Read the topic to its end, and follow it from then on.

        Raises:
            NotReadError: it could not be read in time.
        """
        self._follower.start()
        self._take(None)

    def refresh(self) -> None:
        """Take up what changed; to be called before each document."""
        self._take(_CHANGES)

    def _take(self, most: int | None) -> None:
        changes = self._follower.take(most)
        if changes:
            _tell(self._listed, apply(self._listed, changes))


def guided(guide: Guide, run: Run) -> Run:
    """A stage's work that takes up what changed before each document."""

    def one_by_one(records: Sequence[Record]) -> list[Work]:
        works: list[Work] = []
        for record in records:
            guide.refresh()
            with about(record):
                works += run([record])
        return works

    return one_by_one


def check_file(setting: str, kind: type[FormList[E, Any]], path: Path | None) -> None:
    """Raise SettingsError where the file of a list, which ``setting`` names, has a fault; the log says which of its names two
    entries have."""
    if path is None:
        return
    try:
        listed = kind(read_list_file(kind.kind, path))
    except ListFileError as error:
        raise SettingsError(f"{setting}: {error}") from None
    _tell(listed, listed.clashes)


def apply(listed: FormList[E, Any], changes: Iterable[Change]) -> list[Clash]:
    """Change a list as messages of its topic say, and return the names that two entries have.

    Raises:
        ValueError: a message says nothing; ``Follower`` has no such ones.
    """
    clashes: list[Clash] = []
    for key, value in changes:
        identity, entry = read_change(listed.kind, key, value)
        if entry is None:
            listed.delete(identity)
            continue
        try:
            clashes += listed.put(entry)
        except ListFullError as error:
            log.error("%s %s is left out: %s", listed.kind.one, ascii(identity), error)
    return clashes


def _tell(listed: FormList[Any, Any], clashes: Sequence[Clash]) -> None:
    for clash in clashes[:_NAMED]:
        log.warning(
            "%s %s and %s both have the name %s: the first one gets it",
            listed.kind.several, ascii(clash.id), ascii(clash.other), ascii(clash.form),
        )  # fmt: skip
    if len(clashes) > _NAMED:
        log.warning("%d more names of the %s belong to two entries", len(clashes) - _NAMED, listed.kind.several)
