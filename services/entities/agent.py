"""Glue of the entities stage: from records to the core and back, and the topic of watched entities beside them."""

import importlib.util
import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

from schemas import Work
from services.entities.core import EntityTagger
from services.entities.reading import OWN
from services.entities.settings import EntitySettings
from services.entities.watchfile import WatchFileError, read_watch_file
from services.entities.watchlist import Clash, WatchList, WatchListFullError, read_change
from services.runtime.compacted import Change, Follower
from services.runtime.records import Core, Record, decode
from services.runtime.settings import Settings, SettingsError, load
from services.runtime.topology import WATCHED

log = logging.getLogger(__name__)

_CHANGES = 2_000
"""Most changes of the watch list that one document waits for: some 0.1 s, about what it takes itself. Of a longer list that is
loaded while the stage runs, each document finds more."""
_NAMED = 20
"""Clashes that a log names; the rest is counted. A list of a million names may have as many."""


def check() -> None:
    """Raise SettingsError where a setting of the stage is wrong, a model that it names is not there, or its watch list has a
    fault."""
    settings = load(EntitySettings)
    _check_model("STANCEWIRE_ENTITIES_MODEL", settings.model)
    for language, model in settings.models.items():
        _check_model(f"STANCEWIRE_ENTITIES_MODELS: {language}", model)
    if settings.watch_file:
        try:
            _tell(WatchList(read_watch_file(settings.watch_file)).clashes)
        except WatchFileError as error:
            raise SettingsError(f"STANCEWIRE_ENTITIES_WATCH_FILE: {error}") from None


def _check_model(setting: str, model: str) -> None:
    if model != OWN and not Path(model).is_dir() and not _is_package(model):
        raise SettingsError(f"{setting}: {model[:100]!r} is no installed package and no folder")


def _is_package(name: str) -> bool:
    return name.isidentifier() and importlib.util.find_spec(name) is not None


def setup() -> Core:
    """Load the models and the watch list, in a child process. It follows the list's topic from then on."""
    tagger = EntityTagger(load(EntitySettings))
    follower = Follower(load(Settings), WATCHED, read_change)
    follower.start()
    _tell(apply(tagger.watch, follower.take()))

    def core(records: Sequence[Record]) -> list[Work]:
        works: list[Work] = []
        for record in records:
            _tell(apply(tagger.watch, follower.take(_CHANGES)))
            works += tagger([decode(record)])
        return works

    return core


def apply(watch: WatchList, changes: Iterable[Change]) -> list[Clash]:
    """Change the list as messages of its topic say, and return the names that two entries have.

    Raises:
        ValueError: a message says nothing; ``Follower`` has no such ones.
    """
    clashes: list[Clash] = []
    for key, value in changes:
        identity, watched = read_change(key, value)
        if watched is None:
            watch.delete(identity)
            continue
        try:
            clashes += watch.put(watched)
        except WatchListFullError as error:
            log.error("watched entity %s is left out: %s", ascii(identity), error)
    return clashes


def _tell(clashes: Sequence[Clash]) -> None:
    for clash in clashes[:_NAMED]:
        log.warning(
            "watched entities %s and %s have the name %s: it is found for the first",
            ascii(clash.id), ascii(clash.other), ascii(clash.form),
        )  # fmt: skip
    if len(clashes) > _NAMED:
        log.warning("%d more names of the watch list have two entities", len(clashes) - _NAMED)
