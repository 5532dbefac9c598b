"""The intake's settings, from the environment."""

import pytest
from pydantic import ValidationError

from services.intake.settings import IntakeSettings


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in IntakeSettings.model_fields:
        monkeypatch.delenv(f"STANCEWIRE_INTAKE_{field.upper()}", raising=False)


def test_english_is_taken_by_default() -> None:
    assert IntakeSettings().languages == ("en",)


def test_variables_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANCEWIRE_INTAKE_LANGUAGES", "en, de,pt_BR,en")
    monkeypatch.setenv("STANCEWIRE_INTAKE_DETECTION_MIN_CHARACTERS", "100")
    monkeypatch.setenv("STANCEWIRE_INTAKE_DETECTION_MIN_PROBABILITY", "0.5")
    found = IntakeSettings()
    assert found.languages == ("en", "de", "pt-br")
    assert (found.detection_min_characters, found.detection_min_probability) == (100, 0.5)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("languages", ""),
        ("languages", "en,"),
        ("languages", "English"),
        ("languages", '["en"]'),
        ("detection_min_characters", "-1"),
        ("detection_min_characters", "many"),
        ("detection_min_probability", "1.1"),
    ],
)
def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch, field: str, value: str) -> None:
    monkeypatch.setenv(f"STANCEWIRE_INTAKE_{field.upper()}", value)
    with pytest.raises(ValidationError) as caught:
        IntakeSettings()
    assert [error["loc"][0] for error in caught.value.errors()] == [field]


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        IntakeSettings().languages = ("de",)
