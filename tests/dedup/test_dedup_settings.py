import re

import pytest
from pydantic import ValidationError

from services.dedup.settings import DedupSettings
from services.runtime.settings import SettingsError, load


def test_defaults_find_near_copies() -> None:
    settings = DedupSettings()
    figures = {0.1: 0.041, 0.2: 0.286, 0.3: 0.683, 0.4: 0.938, 0.5: 0.996, 0.6: 1.0, 0.8: 1.0}
    for similarity, probability in figures.items():
        assert settings.candidate_probability(similarity) == pytest.approx(probability, abs=0.0005)


def test_docstring_shows_the_figures() -> None:
    lines = (DedupSettings.__doc__ or "").splitlines()
    shares = next(line for line in lines if line.split()[:1] == ["s"])
    figures = next(line for line in lines if line.split()[:1] == ["P"])
    for share, figure in zip(re.findall(r"[\d.]+", shares), re.findall(r"[\d.]+", figures), strict=True):
        assert f"{DedupSettings().candidate_probability(float(share)):.3f}" == figure


def test_bands_must_fit_the_signature() -> None:
    with pytest.raises(ValidationError, match=r"bands: 43 bands of 3 rows need 129 permutations, there are 128"):
        DedupSettings(bands=43)


def test_near_must_not_be_above_skip() -> None:
    with pytest.raises(ValidationError, match=r"near_similarity: 0\.9 is over skip_similarity, 0\.8"):
        DedupSettings(near_similarity=0.9)


def test_variables_are_read_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANCEWIRE_DEDUP_WINDOW_HOURS", "24")
    assert load(DedupSettings).window_hours == 24
    monkeypatch.setenv("STANCEWIRE_DEDUP_BANDS", "64")
    with pytest.raises(SettingsError, match="STANCEWIRE_DEDUP_BANDS"):
        load(DedupSettings)
    monkeypatch.setenv("STANCEWIRE_DEDUP_BANDS", "many")
    with pytest.raises(SettingsError, match="STANCEWIRE_DEDUP_BANDS"):
        load(DedupSettings)


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        DedupSettings().bands = 3
