import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.deadletters.book import Book, read_book


def test_what_was_replayed_in_a_row_moves_the_place_and_the_rest_is_noted() -> None:
    book = Book(10)
    for offset in (12, 13, 17, 10, 3):
        book.add(offset)
    assert (book.next, book.after, book.note()) == (11, {12, 13, 17}, "12+2,3+1")
    book.add(11)
    assert (book.next, book.note()) == (14, "17+1")
    assert 13 in book
    assert 3 in book
    assert 14 not in book
    assert Book(5).note() == ""


@given(st.integers(0, 10**12), st.sets(st.integers(0, 300)))
def test_a_book_comes_back_from_its_note(start: int, replayed: set[int]) -> None:
    book = Book(start)
    for offset in replayed:
        book.add(start + offset)
    note = book.note()
    assert note is not None
    assert read_book(book.next, note) == book
    assert all((start + offset in book) == (offset in replayed) for offset in range(301))


def test_what_is_known_to_be_gone_is_left_out_of_a_book() -> None:
    assert read_book(15, "12+2,3+1") == Book(15, {17})


@pytest.mark.parametrize(
    "note", ["metadata of somebody", "1+", "+", "1+0", "-5+2", "1+99999999999", "1+2+3", "é+1", "9+900000," * 9]
)
def test_a_note_that_is_not_ours_is_ignored(note: str) -> None:
    assert read_book(7, note) == Book(7)


def test_a_note_that_a_broker_would_refuse_is_none() -> None:
    book = Book(0)
    for offset in range(1, 5_000, 2):
        book.add(offset)
    assert book.note() is None
