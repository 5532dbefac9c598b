"""The ledger commits nothing that is not finished, and loses nothing, whatever arrives in whatever order."""

import pytest
from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st

from services.runtime.ledger import Ledger, Place

ONE, TWO = TP("news.documents", 0), TP("news.documents", 1)


def opened(**starts: int) -> Ledger:
    ledger = Ledger()
    ledger.open(1, {ONE: starts.get("one", 0), TWO: starts.get("two", 0)})
    return ledger


def test_takes_what_is_due_drops_what_is_old_and_sets_gaps_aside() -> None:
    ledger = opened(one=5)
    assert ledger.take(ONE, 4) is Place.OLD
    assert ledger.take(ONE, 5) is Place.DUE
    assert ledger.take(ONE, 5) is Place.OLD
    assert ledger.take(ONE, 8) is Place.GAP
    assert ledger.take(ONE, 6) is Place.DUE
    assert ledger.due(ONE) == 7


def test_a_partition_that_is_not_ours_is_never_taken() -> None:
    assert opened().take(TP("news.documents", 9), 0) is Place.OLD


def test_nothing_is_committed_before_it_is_finished() -> None:
    ledger = opened()
    for offset in range(3):
        ledger.take(ONE, offset)
    assert ledger.to_commit() == {}
    ledger.finish(1, {ONE: 2})
    assert ledger.to_commit() == {ONE: 2}
    ledger.note_committed(1, {ONE: 2})
    assert ledger.to_commit() == {}


def test_what_an_older_generation_finished_does_not_count() -> None:
    ledger = opened()
    ledger.take(ONE, 0)
    ledger.open(2, {ONE: 0})
    ledger.finish(1, {ONE: 1})
    ledger.note_committed(1, {ONE: 1})
    assert ledger.to_commit() == {}
    assert ledger.take(ONE, 0) is Place.DUE


def test_more_cannot_be_finished_than_was_taken() -> None:
    with pytest.raises(ValueError, match="only 0 is due"):
        opened().finish(1, {ONE: 1})


def test_lag_counts_what_is_not_finished() -> None:
    ledger = opened(one=3)
    ledger.take(ONE, 3)
    assert ledger.lag({ONE: 10, TWO: 4}) == {ONE: 7, TWO: 4}
    ledger.finish(1, {ONE: 4})
    assert ledger.lag({ONE: 10, TWO: 4}) == {ONE: 6, TWO: 4}


def test_what_is_not_committed_is_behind_and_places_say_whether_anything_moved() -> None:
    ledger = opened(one=3)
    assert (ledger.uncommitted({ONE: 5}), ledger.places) == (2, (3, 3, 3))
    ledger.take(ONE, 3)
    assert ledger.places == (4, 3, 3)
    ledger.finish(1, {ONE: 4})
    assert (ledger.uncommitted({ONE: 5}), ledger.places) == (2, (4, 4, 3))
    ledger.note_committed(1, {ONE: 4})
    assert (ledger.uncommitted({ONE: 5}), ledger.places) == (1, (4, 4, 4))


def test_a_gap_is_sought_back_after_a_second_and_again() -> None:
    ledger = opened()
    assert ledger.take(ONE, 3) is Place.GAP
    assert ledger.still(ONE, 9, 100.0) == 0.0
    assert not ledger.wants_seek(ONE, 100.5)
    assert ledger.wants_seek(ONE, 101.5)
    ledger.note_sought(ONE, 101.5)
    assert not ledger.wants_seek(ONE, 102.0)
    assert ledger.wants_seek(ONE, 102.6)


def test_a_partition_without_news_is_not_still_and_one_that_moves_starts_anew() -> None:
    ledger = opened()
    assert ledger.still(ONE, 0, 100.0) == 0.0
    assert ledger.still(ONE, 2, 100.0) == 0.0
    assert ledger.still(ONE, 2, 107.0) == 7.0
    assert ledger.wants_seek(ONE, 107.0)
    ledger.take(ONE, 0)
    assert ledger.still(ONE, 2, 108.0) == 0.0
    ledger.take(ONE, 1)
    assert ledger.still(ONE, 2, 200.0) == 0.0


def test_offsets_that_hold_nothing_are_skipped_and_committed() -> None:
    ledger = opened()
    ledger.go_on_at(ONE, 4)
    assert ledger.to_commit() == {ONE: 4}
    assert ledger.take(ONE, 4) is Place.DUE
    with pytest.raises(ValueError, match="under work"):
        ledger.go_on_at(ONE, 9)


def test_a_partition_that_is_read_again_is_committed_so_before_anything_of_it_is_finished() -> None:
    ledger = opened(one=40)
    ledger.go_on_at(ONE, 3)
    assert ledger.to_commit() == {ONE: 3}
    ledger.note_committed(1, {ONE: 3})
    assert ledger.to_commit() == {}
    assert ledger.take(ONE, 3) is Place.DUE
    assert ledger.lag({ONE: 10}) == {ONE: 7, TWO: 0}


@given(st.data())
def test_every_record_is_worked_on_and_commits_never_run_ahead(data: st.DataObject) -> None:
    """A hostile consumer: records repeat, jump ahead and come again; batches finish late; generations begin at the commit."""
    size = data.draw(st.integers(1, 20))
    ledger, generation, committed, position = Ledger(), 1, 0, 0
    ledger.open(generation, {ONE: 0})
    finished: set[int] = set()
    in_flight: list[tuple[int, list[int]]] = []
    for _ in range(data.draw(st.integers(0, 60))):
        action = data.draw(
            st.sampled_from(["deliver", "deliver", "deliver", "jump", "finish", "commit", "rebalance", "seek"])
        )
        if action == "deliver" and position < size:
            taken = ledger.take(ONE, position) is Place.DUE
            if taken:
                in_flight.append((generation, [position]))
            position += 1
        elif action == "jump":
            position = data.draw(st.integers(0, size))
        elif action == "finish" and in_flight:
            started, offsets = in_flight.pop(0)
            finished.update(offsets)
            ledger.finish(started, {ONE: offsets[-1] + 1})
        elif action == "commit":
            offsets_to_commit = ledger.to_commit()
            committed = offsets_to_commit.get(ONE, committed)
            ledger.note_committed(generation, offsets_to_commit)
        elif action == "rebalance":
            generation += 1
            ledger.open(generation, {ONE: committed})
            position = committed
        elif action == "seek":
            position = ledger.due(ONE) or 0
        assert set(range(committed)) <= finished
    position = ledger.due(ONE) or 0
    while position < size:
        assert ledger.take(ONE, position) is Place.DUE
        in_flight.append((generation, [position]))
        position += 1
    for started, offsets in in_flight:
        finished.update(offsets)
        ledger.finish(started, {ONE: offsets[-1] + 1})
    assert finished == set(range(size))
    assert ledger.lag({ONE: size}) == {ONE: 0}


def test_what_holds_nothing_is_passed_over_as_soon_as_what_is_before_it_is_finished() -> None:
    holes = {2: 5, 7: 9}

    def behind(offset: int) -> int:
        return holes.get(offset, offset)

    ledger = Ledger()
    ledger.open(1, {ONE: 0})
    assert [ledger.take(ONE, 0), ledger.take(ONE, 1), ledger.take(ONE, 5)] == [Place.DUE, Place.DUE, Place.GAP]
    ledger.pass_over(ONE, behind)
    assert (ledger.due(ONE), ledger.finished(ONE)) == (5, 0)
    assert ledger.take(ONE, 5) is Place.DUE
    ledger.finish(1, {ONE: 2})
    ledger.pass_over(ONE, behind)  # the hole behind what is finished is, too
    assert ledger.to_commit() == {ONE: 5}
    assert ledger.take(ONE, 6) is Place.DUE
    ledger.finish(1, {ONE: 7})
    ledger.pass_over(ONE, behind)  # nothing comes behind it, and yet nothing is due
    assert (ledger.due(ONE), ledger.to_commit(), ledger.lag({ONE: 9})) == (9, {ONE: 9}, {ONE: 0})
