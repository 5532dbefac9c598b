"""The time that a document takes to read."""

from datetime import UTC, datetime

import pytest

from schemas import Event, Processing, Status, Work
from services.reading_time.core import ReadingTime
from services.reading_time.settings import ReadingTimeSettings


def work(text: str, done: bool = False) -> Work:
    processing = Processing(pipeline="test", received_at=datetime(2026, 4, 2, tzinfo=UTC))
    return Work(event=Event(event_id="1", id="a", status=Status.ENRICHED, text=text, processing=processing), done=done)


@pytest.mark.parametrize(("text", "seconds"), [("", 0.0), ("word " * 119, 30.0), ("one\n\ntwo", 0.5)])
def test_a_text_takes_as_long_as_it_has_words(text: str, seconds: float) -> None:
    [timed] = ReadingTime(ReadingTimeSettings())([work(text)])
    assert timed.event.reading_seconds == seconds


def test_a_slow_reader_takes_longer_and_what_is_done_is_not_timed() -> None:
    slow = ReadingTime(ReadingTimeSettings(words_per_minute=60))
    assert [one.event.reading_seconds for one in slow([work("a b c"), work("a b c", done=True)])] == [3.0, None]
