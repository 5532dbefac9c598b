"""The age of what waits: bounded by what was finished, and by when nothing waited."""

from faust.types import TP

from services.runtime.lag import Lag

ONE, TWO = TP("a", 0), TP("a", 1)


def test_nothing_waits() -> None:
    assert Lag(100.0).seconds([], 200.0) == 0


def test_after_a_start_it_counts_from_the_start() -> None:
    assert Lag(100.0).seconds([ONE], 130.0) == 30


def test_what_waits_is_not_older_than_what_was_finished_last() -> None:
    lag = Lag(100.0)
    lag.note(ONE, 40.0)  # a record of an hour ago
    assert lag.seconds([ONE], 130.0) == 90


def test_what_waits_came_after_nothing_waited() -> None:
    lag = Lag(100.0)
    lag.note(ONE, 40.0)
    lag.note(ONE, 125.0)
    lag.note(ONE, 41.0)
    assert lag.seconds([ONE], 130.0) == 5


def test_the_oldest_partition_counts_and_clocks_may_differ() -> None:
    lag = Lag(100.0)
    lag.note(ONE, 120.0)
    lag.note(TWO, 140.0)
    assert lag.seconds([ONE, TWO], 130.0) == 10
    assert lag.seconds([TWO], 130.0) == 0
