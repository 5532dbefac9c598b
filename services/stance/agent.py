"""Glue of the stance stage: from records to the core and back."""

from services.runtime.records import Core, decode
from services.runtime.settings import load
from services.stance.core import StanceTagger
from services.stance.settings import StanceSettings


def check() -> None:
    """Raise SettingsError where a setting of the stage is wrong."""
    load(StanceSettings)


def setup() -> Core:
    """Load what the method needs, in a child process."""
    tagger = StanceTagger(load(StanceSettings))
    return lambda records: tagger([decode(record) for record in records])
