"""Glue of the intake stage: from records to the core."""

from services.dedup.fingerprint import Fingerprinter
from services.dedup.settings import DedupSettings
from services.intake.core import Incoming, Intake
from services.intake.settings import IntakeSettings
from services.runtime.records import Core
from services.runtime.settings import load
from services.runtime.topology import PIPELINE


def check() -> None:
    """Raise SettingsError where a setting of the stage is wrong."""
    load(IntakeSettings)
    load(DedupSettings)


def setup() -> Core:
    """Load what is needed, in a child process."""
    intake = Intake(load(IntakeSettings), PIPELINE, Fingerprinter(load(DedupSettings)))
    return lambda records: intake(
        [Incoming(record.key, record.value, record.received_at, record.position) for record in records]
    )
