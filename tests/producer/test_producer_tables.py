import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.base import MAX_MESSAGE_BYTES
from services.producer.fields import Columns, parse_mapping
from services.producer.item import Item, Problem, Skipped
from services.producer.maker import Maker
from services.producer.table import read_table


def rows(content: str | bytes, delimiter: str | None = None, columns: Columns | None = None) -> list[Any]:
    """A document's fields for each row, or its problem in words."""
    stream = io.BytesIO(content.encode() if isinstance(content, str) else content)
    return [
        json.loads(one.value or b"") if isinstance(one, Item) else f"{one.origin}: {one.message}"
        for one in read_table(stream, "t.csv", delimiter, Maker(columns or {}))
        if not isinstance(one, Skipped)
    ]


def test_a_row_is_a_document_and_unknown_columns_are_metadata() -> None:
    content = 'id,text,title,desk,revision\n7,"Two lines,\nquoted ""so""",Head,world,2\n8,Second,,,\n'
    assert rows(content) == [
        {"id": "7", "text": 'Two lines,\nquoted "so"', "title": "Head", "revision": "2", "metadata": {"desk": "world"}},
        {"id": "8", "text": "Second"},
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_under_which_the_text_is_found(delimiter: str) -> None:
    assert rows(delimiter.join(["title", "text"]) + "\n" + delimiter.join(["a", "b"])) == [{"title": "a", "text": "b"}]


def test_columns_are_mapped() -> None:
    columns = parse_mapping(["title=Headline"], "Body text")
    assert rows("Headline;Body text;title\nh;b;other", columns=columns) == [{"title": "h", "text": "b"}]


def test_a_column_named_metadata_joins_the_others() -> None:
    content = 'text,metadata,desk\nx,"{""a"": 1}",d\ny,plain,\n'
    assert [row["metadata"] for row in rows(content)] == [{"desk": "d", "a": 1}, {"metadata": "plain"}]


def test_a_byte_order_mark_and_blank_rows_are_passed_over() -> None:
    assert rows(b"\xef\xbb\xbftext,title\r\n\r\n , \r\nx,y\r\n") == [{"text": "x", "title": "y"}]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "t.csv, line 1: empty: a table begins with a header"),
        (b"a,b\nx,a cell\n", "t.csv, line 1: the header has no column 'text'; it has a, b: say which holds the text with --map"),
        (b"text,id,id\nx,1,2\n", "t.csv, line 1: the header has id more than once"),
        (b"te\xffxt\nx\n", "t.csv, line 1: not UTF-8 at byte 2"),
        (b"\xff\xfet\x00", "t.csv, line 1: not UTF-8 at byte 0; it looks like UTF-16"),
        (b"text\n\xff\ny\n", "t.csv, line 2: not UTF-8 at byte 0; say how it is written with --encoding, such as cp1252"),
        (b"text,id\nx,1,2\n", "t.csv, line 2: 3 cells, the header has 2"),
        (b'text\n"open\nfor ever\n', "t.csv, line 2: unexpected end of data; is a quote not closed?"),
        (b'text\n"a"b\n', "t.csv, line 2: ',' expected after '\"'"),
        (b'"text\n', "t.csv, line 1: unexpected end of data"),
        (b"text\n" + b"x" * (MAX_MESSAGE_BYTES + 1), "t.csv, line 2: a row of more than 4194304 bytes"),
        (b'text\n"' + (b"x" * 5_000 + b"\n") * 1_000, "t.csv, line 2: a row of more than 4194304 bytes"),
        (b"text\n" + (b'"' + b"a" * 5_000 + b'\n",') * 1_000, "t.csv, line 2: a row of more than 4194304 bytes"),
        (b"text\nx" + b"," * 1_000_000, "t.csv, line 2: 1000001 cells, the header has 1"),
    ],
)  # fmt: skip
def test_a_damaged_table_is_named(content: bytes, problem: str) -> None:
    assert rows(content)[0].startswith(problem)


def test_rows_after_a_ragged_one_are_read() -> None:
    found = rows("text,id\na,1\nb,2,3\nc,4\nd\n")
    assert found == [
        {"text": "a", "id": "1"},
        "t.csv, line 3: 3 cells, the header has 2",
        {"text": "c", "id": "4"},
        {"text": "d"},
    ]


def test_a_story_longer_than_the_csv_modules_own_limit_is_read() -> None:
    assert len(rows("text\n" + "x" * 400_000)[0]["text"]) == 400_000


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet='ab",\n\r;\t \x00é', max_size=60), st.sampled_from([None, ",", ";", "\t"]))
def test_nothing_raises_on_arbitrary_tables(content: str, delimiter: str | None) -> None:
    for one in read_table(io.BytesIO(b"text,b\n" + content.encode()), "t.csv", delimiter, Maker()):
        assert isinstance(one, Item | Problem)
