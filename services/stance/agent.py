"""Glue of the stance stage: from records to the core and back, with the user's list of issues."""

from collections.abc import MutableMapping
from pathlib import Path

from services.runtime.guide import check_file
from services.runtime.records import Core, of_works
from services.runtime.settings import SettingsError, load
from services.runtime.versions import Basis
from services.stance.core import StanceTagger
from services.stance.encoder import FOLDERS, OWN, StanceEncoder
from services.stance.reading.encoder import OWN as PAIRS_FOLDER
from services.stance.settings import LEXICON, PAIRS, StanceSettings
from services.stance.watched import IssueList

SETTINGS = (StanceSettings,)


def check() -> None:
    """Raise SettingsError where a setting of the stage is wrong, the model that it names is not there, or its list of issues
    has a fault."""
    settings = load(StanceSettings)
    if settings.model not in {PAIRS, OWN, LEXICON}:  # the image comes with the larger one or without
        try:
            StanceEncoder(settings.model)
        except ValueError as error:
            raise SettingsError(str(error)) from None
    check_file("STANCEWIRE_STANCE_ISSUES_FILE", IssueList, settings.issues_file)


def basis() -> Basis:
    """What the results of the stage depend on, but for the list of issues, whose digest each event has."""
    settings = load(StanceSettings)
    if settings.model == LEXICON:
        return Basis(__name__, (settings,))
    folder = PAIRS_FOLDER if settings.model == PAIRS else FOLDERS.get(settings.model) or Path(settings.model)
    return Basis(__name__, (settings,), {"model": {"": folder}})


def setup(version: str, rows: MutableMapping[str, str]) -> Core:
    """Load what the method needs and the file of issues."""
    tagger = StanceTagger(load(StanceSettings))
    return Core(
        of_works("stance", version, tagger),
        tagger.version,
        lambda: {"list_entries": len(tagger.issues)},
        tagger.issues,
    )
