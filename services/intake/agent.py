"""Glue of the intake stage: from records to the core."""

from collections.abc import MutableMapping

from schemas.cloudevents import CONTENT_TYPE
from schemas.languages import read_language
from services.dedup.fingerprint import Fingerprinter
from services.dedup.settings import DedupSettings
from services.intake.core import Incoming, Intake
from services.intake.settings import IntakeSettings
from services.runtime.records import Core
from services.runtime.settings import load
from services.runtime.versions import Basis
from services.text.language import detect

SETTINGS = (IntakeSettings, DedupSettings)


def check() -> None:
    """Raise SettingsError where a setting of the stage is wrong."""
    basis()


def basis() -> Basis:
    """What the results of the stage depend on."""
    return Basis(__name__, (load(IntakeSettings), load(DedupSettings)))


def setup(version: str, rows: MutableMapping[str, str]) -> Core:
    """Load what is needed."""
    fingerprint = Fingerprinter(load(DedupSettings))
    detect("read now, so that the first document does not wait")  # the model of languages, the table of letters: 1.2 s
    fingerprint("")
    read_language("English")  # the tables of names: 0.1 s
    intake = Intake(load(IntakeSettings), f"intake={version}", fingerprint)
    return Core(
        lambda records: intake(
            [
                Incoming(record.key, record.value, record.received_at, record.position, record.header(CONTENT_TYPE))
                for record in records
            ]
        )
    )
