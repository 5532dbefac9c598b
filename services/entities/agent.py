"""Glue of the entities stage: from records to the core and back."""

from services.entities.core import EntityTagger
from services.entities.settings import EntitySettings
from services.runtime.records import Core, decode
from services.runtime.settings import load


def check() -> None:
    """Raise SettingsError where a setting of the stage is wrong."""
    load(EntitySettings)


def setup() -> Core:
    """Load the models, in a child process."""
    tagger = EntityTagger(load(EntitySettings))
    return lambda records: tagger([decode(record) for record in records])
