"""What the joining benchmark reads from what workers say of themselves."""

import pytest

from evaluation.bench.joining import longest_still, together

READ = [(0.0, 0.0), (1.0, 5.0), (2.0, 5.0), (4.0, 5.0), (5.0, 9.0), (6.0, 12.0), (9.0, 12.0)]


@pytest.mark.parametrize(
    ("start", "end", "longest"),
    [
        (0, 9, 4),  # from the change at 1 to that at 5; what comes after the last one is the backlog's end
        (4.5, 9, 1),
        (2, 9, 3),  # nobody knows from when on, so it counts from the start
        (2, 4, 2),  # not one change: all of it
        (7, 9, 2),
    ],
)
def test_the_longest_time_without_a_change(start: float, end: float, longest: float) -> None:
    assert longest_still(READ, start, end) == longest


def test_either_moves_when_one_of_them_does() -> None:
    old, new = [(0.0, 1.0), (2.0, 1.0), (8.0, 3.0)], [(3.0, 0.0), (5.0, 4.0)]
    both = together(old, new)
    assert both == [(0, 1), (2, 1), (3, 1), (5, 5), (8, 7)]
    assert (longest_still(old, 0, 9), longest_still(both, 0, 9)) == (8, 5)
    assert together(old, []) == old
