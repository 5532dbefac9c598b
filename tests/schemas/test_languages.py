"""Languages as senders name them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import Document
from schemas.languages import read_language


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("en", "en"), ("EN", "EN"), ("en-US", "en-US"), ("en_GB", "en_GB"), ("zh-Hant-TW", "zh-Hant-TW"), ("und", "und"),
        ("eng", "en"), ("ENG", "en"), ("eng-US", "en-US"), ("eng_Latn", "en_Latn"), ("ger", "de"), ("deu", "de"), ("fre", "fr"),
        ("fra", "fr"), ("chi", "zh"), ("cmn", "zh"), ("iw", "he"), ("fil", "fil"), ("no", "no"), ("nob", "nb"), (" en ", "en"),
        ("English", "en"), ("german", "de"), ("FRENCH", "fr"), ("Spanish", "es"), ("Farsi", "fa"), ("Mandarin", "zh"),
        ("Deutsch", "de"), ("français", "fr"), ("русский", "ru"), ("中文", "zh"), ("English (United States)", "en"),
        ("English - UK", "en"), ("American English", "en-US"), ("Portuguese (Brazil)", "pt"),
        ("en_US.UTF-8", "en_US"), ("de_DE@euro", "de_DE"), ("__label__en", "en"), ("en-US,en;q=0.9", "en"), ("en;en-GB", "en"),
    ],
)  # fmt: skip
def test_languages_that_are_understood(written: str, tag: str) -> None:
    assert read_language(written) == tag


@pytest.mark.parametrize(
    "written",
    ["", " ", "xx", "zz", "e", "1", "nan", "NA", "n/a", "None", "null", "unknown", "mul", "zxx", "C", "English, mostly", "en, de",
     "auto", "us", "cn", "\x00en", "en--US", "x" * 10_000, "en-" + "a" * 50, "news"],
)  # fmt: skip
def test_what_is_not_understood_is_none(written: str) -> None:
    assert read_language(written) is None


@given(st.text() | st.from_regex(r"[a-zA-Z]{1,4}([-_][a-zA-Z0-9]{1,9}){0,3}", fullmatch=True))
def test_whatever_is_declared_is_a_tag_or_none(written: str) -> None:
    document = Document.model_validate({"text": "So", "language": written})
    assert document.language == (read_language(written) if written.strip() else None)
    assert (document.language is None) == (bool(document.notes) or not written.strip())
