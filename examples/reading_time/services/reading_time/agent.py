"""Glue of the reading_time stage: from records to the core."""

from collections.abc import MutableMapping

from services.reading_time.core import ReadingTime
from services.reading_time.settings import ReadingTimeSettings
from services.runtime.records import Core, of_works
from services.runtime.settings import load
from services.runtime.versions import Basis

SETTINGS = (ReadingTimeSettings,)


def check() -> None:
    """Raise SettingsError where a setting of the stage is wrong."""
    basis()


def basis() -> Basis:
    """What the results of the stage depend on."""
    return Basis(__name__, (load(ReadingTimeSettings),))


def setup(version: str, rows: MutableMapping[str, str]) -> Core:
    """Make the core. There is no model to load."""
    return Core(of_works("reading_time", version, ReadingTime(load(ReadingTimeSettings))))
