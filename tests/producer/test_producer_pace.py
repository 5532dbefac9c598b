import pytest

from services.producer.pace import Pace


class Clock:
    """A clock that only sleeping moves, and sleeping too long by a little, as it does."""

    def __init__(self, late: float = 0.0) -> None:
        self.now = 100.0
        self.late = late

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds + self.late


def test_the_pace_does_not_drift_though_each_sleep_is_late_and_work_takes_time() -> None:
    clock = Clock(late=0.003)
    pace = Pace(50, clock, clock.sleep)
    for _ in range(5_000):
        pace.wait()
        clock.now += 0.012
    assert clock.now - 100.0 == pytest.approx(5_000 / 50, abs=0.05)


def test_after_a_stall_only_a_second_is_caught_up() -> None:
    clock = Clock()
    pace = Pace(10, clock, clock.sleep)
    pace.wait()
    clock.now += 60
    resumed = clock.now
    for _ in range(111):
        pace.wait()
    assert clock.now - resumed == pytest.approx(10.0, abs=0.11)


def test_a_pace_faster_than_the_work_never_sleeps() -> None:
    clock = Clock()
    pace = Pace(1_000, clock, clock.sleep)
    for _ in range(100):
        clock.now += 0.01
        pace.wait()
    assert clock.now == pytest.approx(101.0)


@pytest.mark.parametrize("rate", [0, -1, float("nan")])
def test_a_rate_that_is_none_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="rate"):
        Pace(rate, Clock(), Clock().sleep)
