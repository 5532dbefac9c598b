"""Glue of the entities stage: from records to the core and back."""

import importlib.util
from pathlib import Path

from services.entities.core import EntityTagger
from services.entities.settings import EntitySettings
from services.runtime.records import Core, decode
from services.runtime.settings import SettingsError, load


def check() -> None:
    """Raise SettingsError where a setting of the stage is wrong, or the model that it names is not there."""
    settings = load(EntitySettings)
    _check_model("STANCEWIRE_ENTITIES_MODEL", settings.model)
    for language, model in settings.models.items():
        _check_model(f"STANCEWIRE_ENTITIES_MODELS: {language}", model)


def _check_model(setting: str, model: str) -> None:
    if not Path(model).is_dir() and not _is_package(model):
        raise SettingsError(f"{setting}: {model[:100]!r} is no installed package and no folder")


def _is_package(name: str) -> bool:
    return name.isidentifier() and importlib.util.find_spec(name) is not None


def setup() -> Core:
    """Load the models, in a child process."""
    tagger = EntityTagger(load(EntitySettings))
    return lambda records: tagger([decode(record) for record in records])
