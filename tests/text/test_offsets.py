"""Edits and the offsets that follow them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.text.offsets import Edit, apply, untouched


def test_an_untouched_text_maps_to_itself() -> None:
    draft = untouched("so")
    assert (draft.text, list(draft.starts), list(draft.ends)) == ("so", [0, 1], [1, 2])


def test_characters_map_to_the_stretch_that_they_replace() -> None:
    draft = apply(untouched("a&amp;b ﬁ"), [(1, 6, "&"), (7, 8, ""), (8, 9, "fi")])
    assert draft.text == "a&bfi"
    assert list(draft.starts) == [0, 1, 6, 8, 8]
    assert list(draft.ends) == [1, 6, 7, 9, 9]


def test_edits_of_edited_text_lead_back_to_the_raw_text() -> None:
    draft = apply(apply(untouched("&lt;p&gt;x"), [(0, 4, "<"), (5, 9, ">")]), [(0, 3, "\n")])
    assert draft.text == "\nx"
    assert draft.span(0, 1) == (0, 9)
    assert draft.span(1, 2) == (9, 10)


def test_an_edit_that_overlaps_an_earlier_one_is_left_out() -> None:
    assert apply(untouched("abcd"), [(0, 2, "x"), (1, 3, "y"), (3, 4, "z")]).text == "xcz"


@pytest.mark.parametrize(("start", "end"), [(0, 0), (1, 1), (2, 1), (-1, 1), (0, 3)])
def test_a_span_without_characters_is_an_error(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="no characters"):
        untouched("so").span(start, end)


@given(st.text(min_size=1), st.data())
def test_any_edits_keep_the_map_in_order(raw: str, data: st.DataObject) -> None:
    draft = untouched(raw)
    for _ in range(data.draw(st.integers(0, 4))):
        if not draft.text:
            break
        cuts = sorted(data.draw(st.sets(st.integers(0, len(draft.text)), max_size=6)))
        edits: list[Edit] = [
            (first, last, data.draw(st.text(max_size=3))) for first, last in zip(cuts[::2], cuts[1::2], strict=False)
        ]
        draft = apply(draft, edits)
        assert len(draft.text) == len(draft.starts) == len(draft.ends)
        assert list(draft.starts) == sorted(draft.starts)
        assert list(draft.ends) == sorted(draft.ends)
        assert all(0 <= start < end <= len(raw) for start, end in zip(draft.starts, draft.ends, strict=True))
