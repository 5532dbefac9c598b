"""Quotation marks that float between spaces: which open, which close."""

import pytest

from services.text.clean import clean


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ('" We strongly agree , " Ms. Roe said .', '"We strongly agree," Ms. Roe said.'),
        ('" One . " Two " three " four .', '"One." Two "three" four.'),
        ('She said , " We agree . "', 'She said, "We agree."'),
        ('It was " bleak . " " Yet we stay , " he said .', 'It was "bleak." "Yet we stay," he said.'),
        ('the " old " plan', 'the "old" plan'),
        ('the plan ( " old " ) , he said', 'the plan ("old"), he said'),
        ('the "old" plan and the " new " one', 'the "old" plan and the "new" one'),
        ("`` Yes , '' he said , `` we do . ''", "“Yes,” he said, “we do.”"),
        ("“ Yes , ” he said", "“Yes,” he said"),
        ('" " ,', '"",'),
    ],
)
def test_marks_are_attached_to_what_they_quote(raw: str, expected: str) -> None:
    assert clean(raw).text == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ('" We go . Ms. Roe left . " We stay , " she said .', '"We go. Ms. Roe left. "We stay," she said.'),
        ('We go , " Ms. Roe said . " We stay , " she said .', 'We go," Ms. Roe said. "We stay," she said.'),
        ('It is " late , he said .\n\n" Go on , " she said .', 'It is "late, he said.\n\n"Go on," she said.'),
    ],
)
def test_a_lost_mark_does_not_turn_the_others(raw: str, expected: str) -> None:
    assert clean(raw).text == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("He calls ' safe ' what , they say , is not", "He calls 'safe' what, they say, is not"),
        ("the states ' rights , they say", "the states' rights, they say"),
        ("the ' safe ' cities , the states ' rights", "the 'safe' cities, the states' rights"),
        ("He calls ' safe ' cities , the states ' rights", "He calls 'safe' cities, the states' rights"),
        ("the states ' rights , the ' safe ' cities", "the states' rights, the 'safe' cities"),
        ("the ‘ safe ’ one , they say", "the ‘safe’ one, they say"),
        ("back in the ' 80s , they say", "back in the '80s, they say"),
    ],
)
def test_single_marks_and_apostrophes_in_tokenised_text(raw: str, expected: str) -> None:
    assert clean(raw).text == expected


@pytest.mark.parametrize(
    "text",
    [
        '"So," he said. "So what?"',
        "„So“ sagte er, „ganz so“ war es",
        "the ' hood",
        '("quoted") and "quoted": so',
    ],
)
def test_attached_marks_stay(text: str) -> None:
    assert clean(text).text == text
