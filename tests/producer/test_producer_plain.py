import pytest

from services.producer.plain import split_title


@pytest.mark.parametrize(
    ("content", "title", "text"),
    [
        ("Head\n\nBody.", "Head", "Body."),
        ("Head\r\n\r\n\r\n  Body.\r\n", "Head", "  Body.\r\n"),
        ("\n\n  Head  \n\nBody.", "Head", "Body."),
        ("Who won?\n\nNobody.", "Who won?", "Nobody."),
        ("Head\n \t \nBody.", "Head", "Body."),
        ("Head\nBody.", "", "Head\nBody."),
        ("Only one line", "", "Only one line"),
        ("Only one line\n\n \n", "", "Only one line\n\n \n"),
        ("The council met.\n\nIt voted.", "", "The council met.\n\nIt voted."),
        ("He said “no.”\n\nShe left.", "", "He said “no.”\n\nShe left."),
        ("x" * 201 + "\n\nBody.", "", "x" * 201 + "\n\nBody."),
        ("", "", ""),
    ],
)
def test_the_first_line_is_the_title_where_it_reads_like_one(content: str, title: str, text: str) -> None:
    assert split_title(content) == (title, text)


@pytest.mark.parametrize("filler", ["\n", " ", "\r\n", "x", ".", "\n \n"])
def test_long_hostile_texts_lose_nothing_but_white_space(filler: str) -> None:
    content = filler * 200_000
    title, text = split_title(content)
    assert (title + text).strip() == content.strip() or title.strip() == ""
