import re

import pytest
from pydantic import ValidationError

from services.dedup.settings import DedupSettings
from services.runtime.settings import SettingsError, load


def test_defaults_find_near_copies() -> None:
    settings = DedupSettings()
    figures = {0.0: 0.0, 0.1: 0.022, 0.2: 0.516, 0.3: 0.936, 0.4: 0.997, 0.5: 1.0, 0.6: 1.0, 1.0: 1.0}
    for similarity, probability in figures.items():
        assert settings.candidate_probability(similarity) == pytest.approx(probability, abs=0.0005)


def test_docstring_shows_the_figures() -> None:
    lines = (DedupSettings.__doc__ or "").splitlines()
    shares = next(line for line in lines if line.split()[:1] == ["s"])
    figures = next(line for line in lines if line.split()[:1] == ["P"])
    for share, figure in zip(re.findall(r"[\d.]+", shares), re.findall(r"[\d.]+", figures), strict=True):
        digits = len(figure.partition(".")[2])
        assert f"{DedupSettings().candidate_probability(float(share)):.{digits}f}" == figure


def test_more_is_compared_where_less_is_asked_for() -> None:
    assert DedupSettings(near_similarity=0.8, skip_similarity=0.9).least == 0.8
    assert DedupSettings(near_similarity=0.2).least == pytest.approx(1 / 3)
    assert DedupSettings(containment=0.3).least == 0.3


def test_near_must_not_be_above_skip() -> None:
    with pytest.raises(ValidationError, match=r"near_similarity: 0\.9 is over skip_similarity, 0\.8"):
        DedupSettings(near_similarity=0.9)


def test_variables_are_read_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANCEWIRE_DEDUP_WINDOW_HOURS", "24")
    assert load(DedupSettings).window_hours == 24
    monkeypatch.setenv("STANCEWIRE_DEDUP_SKETCH", "65")
    with pytest.raises(SettingsError, match="STANCEWIRE_DEDUP_SKETCH"):
        load(DedupSettings)
    monkeypatch.setenv("STANCEWIRE_DEDUP_SKETCH", "many")
    with pytest.raises(SettingsError, match="STANCEWIRE_DEDUP_SKETCH"):
        load(DedupSettings)


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        DedupSettings().sketch = 9
