"""Glue of the entities stage: from records to the core and back, with the list of watched entities."""

import importlib.util
from collections.abc import MutableMapping
from pathlib import Path

from services.entities.settings import OWN, OWN_FOLDER, EntitySettings
from services.entities.watchlist import WatchList
from services.identity.kb import PLACES, KnowledgeBase, KnowledgeBaseError
from services.runtime.guide import check_file
from services.runtime.records import Core, of_works
from services.runtime.settings import SettingsError, load
from services.runtime.versions import Basis

SETTINGS = (EntitySettings,)


def check() -> None:
    """Raise SettingsError where a setting of the stage is wrong, a model that it names is not there, or its watch list or its
    knowledge base has a fault."""
    settings = load(EntitySettings)
    _check_model("STANCEWIRE_ENTITIES_MODEL", settings.model)
    for language, model in settings.models.items():
        _check_model(f"STANCEWIRE_ENTITIES_MODELS: {language}", model)
    check_file("STANCEWIRE_ENTITIES_WATCH_FILE", WatchList, settings.watch_file)
    try:
        KnowledgeBase(settings.kb_file or PLACES)
    except KnowledgeBaseError as error:
        raise SettingsError(f"STANCEWIRE_ENTITIES_KB_FILE: {error}") from None


def basis() -> Basis:
    """What the results of the stage depend on, but for the watch list and the knowledge base, whose digests each event has."""
    settings = load(EntitySettings)
    models = {language: _folder(model) for language, model in settings.models.items()}
    return Basis(__name__, (settings,), {"model": {"": _folder(settings.model)}, "models": models})


def _folder(model: str) -> Path:
    """The files of a model that ``check`` has found."""
    if model == OWN:
        return OWN_FOLDER
    if Path(model).is_dir() or not _is_package(model):
        return Path(model)
    found = importlib.util.find_spec(model)
    assert found is not None
    return Path(found.origin or "").parent


def _check_model(setting: str, model: str) -> None:
    if model != OWN and not Path(model).is_dir() and not _is_package(model):
        raise SettingsError(f"{setting}: {model[:100]!r} is neither an installed package nor a folder")


def _is_package(name: str) -> bool:
    return name.isidentifier() and importlib.util.find_spec(name) is not None


def setup(version: str, rows: MutableMapping[str, str]) -> Core:
    """Load the models and the file of watched entities. spaCy is imported only here: the stage's own process works without."""
    from services.entities.core import EntityTagger

    tagger = EntityTagger(load(EntitySettings))
    return Core(
        of_works("entities", version, tagger),
        tagger.version,
        lambda: {"spacy_strings": tagger.string_store_size, "list_entries": len(tagger.watch)},
        tagger.watch,
    )
