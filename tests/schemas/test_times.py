"""Times as they come: what is read, and what is refused since it could be wrong."""

import os
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from schemas.times import (
    AMBIGUOUS,
    EMPTY,
    NO_DAY,
    OUT_OF_RANGE,
    RELEASED,
    UNKNOWN_ZONE,
    UNREADABLE,
    TimeError,
    read_time,
)

DAY = datetime(2024, 3, 5, tzinfo=UTC)
NOON = datetime(2024, 3, 5, 14, 22, 10, tzinfo=UTC)
MINUTE = NOON.replace(second=0)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        # ISO 8601
        ("2024-03-05 14:22:10", NOON),
        ("2024-03-05", DAY),
        ("20240305T142210Z", NOON),
        ("2024-03-05T15:22:10+0100", NOON),
        ("2024-03-05 14:22:10 UTC", NOON),
        ("2024-03-05 14:22:10 +00:00", NOON),
        ("2024-03-05T14:22:10.123456789Z", NOON.replace(microsecond=123456)),
        ("2024-03-05T14:22", MINUTE),
        ("2024-03-05T24:00:00Z", DAY + timedelta(days=1)),
        ("2023-12-31T24:00", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2024-03-05T23:59:60Z", datetime(2024, 3, 5, 23, 59, 59, tzinfo=UTC)),
        ("2024-03-05Z", DAY),
        ("2024-03-05+01:00", DAY - timedelta(hours=1)),
        ("2024-03-05-05:00", DAY + timedelta(hours=5)),
        ("2024-W10-2", DAY),
        ("2024-03-05T15:22:10+01:00[Europe/Paris]", NOON),
        ("  2024-03-05T14:22:10Z\n", NOON),
        ("2024-03-05 14:22:10 +0000 UTC", NOON),
        ("2024-03-05 09:22:10 -0500 EST", NOON),
        ("/Date(1709648530000+0100)/", NOON),
        ("Published: March 5, 2024 14:22:10", NOON),
        ("Updated 9:22 a.m. ET March 5, 2024", MINUTE),
        ("Tuesday 5 March 2024 14.22 GMT", MINUTE),
        ("Last updated on 5 March 2024 at 2.22pm", MINUTE),
        ("2024/03/05 14.22", MINUTE),
        ("2024-03-05T14:22:10\u221200:00", NOON),
        # digits
        ("20240305", DAY),
        (20240305, DAY),
        ("20240305142210", NOON),
        (20240305142210, NOON),
        (20240305142210.0, NOON),
        ("20240305.0", DAY),
        ("202403051422", MINUTE),
        ("20240305142210123", NOON.replace(microsecond=123000)),
        ("20240305 142210", NOON),
        # since 1970
        (1709648530, NOON),
        ("1709648530", NOON),
        (1709648530000, NOON),
        (221011200000, datetime(1977, 1, 2, tzinfo=UTC)),
        (203710020000, datetime(1976, 6, 15, 18, 7, tzinfo=UTC)),
        ("1709648530000", NOON),
        (1709648530123456, NOON.replace(microsecond=123456)),
        (1709648530123456789, NOON.replace(microsecond=123456)),
        (1709648530.5, NOON.replace(microsecond=500000)),
        ("1709648530.5", NOON.replace(microsecond=500000)),
        ("1.70964853E9", NOON),
        (-631152000, datetime(1950, 1, 1, tzinfo=UTC)),
        # RFC 822 and its relatives
        ("Tue, 05 Mar 2024 14:22:10 GMT", NOON),
        ("Tue, 05 Mar 2024 09:22:10 EST", NOON),
        ("Tue, 05 Mar 2024 06:22:10 PST", NOON),
        ("Tue, 05 Mar 2024 15:22:10 CET", NOON),
        ("Tue, 05 Mar 2024 16:22:10 EET", NOON),
        ("Fri, 05 Jul 2024 15:22:10 BST", datetime(2024, 7, 5, 14, 22, 10, tzinfo=UTC)),
        ("Tue, 05 Mar 2024 23:22:10 JST", NOON),
        ("Tue, 05 Mar 2024 15:22:10 GMT+1", NOON),
        ("Tue, 05 Mar 2024 12:22:10 UTC-02:00", NOON),
        ("Tue, 05 Mar 2024 02:22:10 PM GMT", NOON),
        ("Tue, 5 Mar 24 15:22:10 +0100", NOON),
        ("5 Mar 99 10:00 GMT", datetime(1999, 3, 5, 10, tzinfo=UTC)),
        ("Tue Mar 05 14:22:10 2024", NOON),
        ("Tue Mar 05 15:22:10 CET 2024", NOON),
        ("Tue Mar 05 14:22:10 +0000 2024", NOON),
        ("Tue Mar 05 2024 15:22:10 GMT+0100 (Central European Standard Time)", NOON),
        ("Tue, 5 Mar 2024 09:22:10 -0500 (EST)", NOON),
        ("Sat Jun 15 2013 22:00:00 +0000", datetime(2013, 6, 15, 22, tzinfo=UTC)),
        ("2024-03-05 15:22:10 (CET)", NOON),
        ("2024-03-05 15:22:10 cet", NOON),
        ("2024-03-05 09:22:10 America/New_York", NOON),
        ("2024-07-05 10:22:10 US/Eastern", datetime(2024, 7, 5, 14, 22, 10, tzinfo=UTC)),
        # people's
        ("March 5, 2024", DAY),
        ("5 March 2024", DAY),
        ("5th of March 2024", DAY),
        ("Mar. 5, 2024", DAY),
        ("Sept. 5, 2024", datetime(2024, 9, 5, tzinfo=UTC)),
        ("Tuesday, March 5, 2024 - 14:22", MINUTE),
        ("Tues, March 5, 2024 \u2013 2:22\u202fPM", MINUTE),
        ("March 5, 2024 at 9:22 a.m. ET", MINUTE),
        ("July 5, 2024 10:22am ET", datetime(2024, 7, 5, 14, 22, tzinfo=UTC)),
        ("14:22, 5 March 2024", MINUTE),
        ("5-Mar-2024", DAY),
        ("2024-03-05 2:22 PM", MINUTE),
        ("2024/03/05", DAY),
        ("2024.3.5 14:22", MINUTE),
        ("2024:03:05 14:22:10", NOON),
        ("13/03/2024", datetime(2024, 3, 13, tzinfo=UTC)),
        ("03/13/2024 10:00", datetime(2024, 3, 13, 10, tzinfo=UTC)),
        ("25.12.2023", datetime(2023, 12, 25, tzinfo=UTC)),
        ("03/03/2024", datetime(2024, 3, 3, tzinfo=UTC)),
        ("31/12/99", datetime(1999, 12, 31, tzinfo=UTC)),
        # what programs write
        ([2024, 3, 5, 14, 22, 10], NOON),
        ([2024, 3, 5, 14, 22, 10, 1, 65, 0], NOON),
        ([2024, 3, 5], DAY),
        (NOON, NOON),
    ],
)
def test_times_that_are_read(written: object, expected: datetime) -> None:
    found = read_time(written)
    assert found.tzinfo is not None
    assert found == expected


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("05/03/2024", AMBIGUOUS),
        ("03.04.2024 10:00", AMBIGUOUS),
        ("12/05/2024 2:22 PM", AMBIGUOUS),
        ("25/12/24", AMBIGUOUS),
        ("24-03-05", AMBIGUOUS),
        ("2024", NO_DAY),
        (2024, NO_DAY),
        ("2024-03", NO_DAY),
        ("202403", NO_DAY),
        ("03/2024", NO_DAY),
        ("March 2024", NO_DAY),
        ("5 March", NO_DAY),
        ("2024-W10", NO_DAY),
        ("Tue, 05 Mar 2024 14:22:10 IST", UNKNOWN_ZONE),
        ("2024-03-05 14:22:10 XYZ", UNKNOWN_ZONE),
        ("Tue Mar 05 14:22:10 AST 2024", UNKNOWN_ZONE),
        ("2024-03-05 14:22:10 Middle/Earth", UNKNOWN_ZONE),
        ("Wed, 6 Mar 2024 09:00:00 A", UNKNOWN_ZONE),
        ("Wed, 6 Mar 2024 09:00:00 M", UNKNOWN_ZONE),
        ("2024-03-05 14:22 EST+3", UNKNOWN_ZONE),
        ("2611-05-23T18:59:02Z", OUT_OF_RANGE),
        ("2028-01-01", OUT_OF_RANGE),
        ("1899-12-31", OUT_OF_RANGE),
        ("9999-12-31T24:00:00Z", OUT_OF_RANGE),
        ("0001-01-01T00:00:00+14:00", OUT_OF_RANGE),
        (-62135596800, OUT_OF_RANGE),
        (99991231235959, OUT_OF_RANGE),
        ("", UNREADABLE),
        ("None", UNREADABLE),
        ("nan", UNREADABLE),
        ("yesterday", UNREADABLE),
        ("2 hours ago", UNREADABLE),
        ("Monday", UNREADABLE),
        ("14:22", UNREADABLE),
        ("0000-00-00 00:00:00", UNREADABLE),
        ("2024-02-30", UNREADABLE),
        ("2024-13-05", UNREADABLE),
        ("Mon, 31 Feb 2024 10:00:00 GMT", UNREADABLE),
        ("03 04 2024", UNREADABLE),
        ("Mar 4-5, 2024", UNREADABLE),
        ("4-5 March 2024", UNREADABLE),
        ("March 4 2024 to March 6 2024", UNREADABLE),
        ("2024-065", UNREADABLE),
        (0, UNREADABLE),
        (-1, UNREADABLE),
        ("0", UNREADABLE),
        (19787, UNREADABLE),
        (45356.6, UNREADABLE),
        (10**30, UNREADABLE),
        (-62_135_596_800_000_010, UNREADABLE),
        (-6.213559680000001e16, UNREADABLE),
        (float("inf"), UNREADABLE),
        (float("nan"), UNREADABLE),
        (True, UNREADABLE),
        ([2024, 3], UNREADABLE),
        ([2024, 13, 5], UNREADABLE),
        ({}, UNREADABLE),
        (None, UNREADABLE),
        ("2024-03-05" + " x" * 100_000, UNREADABLE),
    ],
)
def test_a_wrong_day_is_worse_than_none(written: object, why: str) -> None:
    with pytest.raises(TimeError) as caught:
        read_time(written)
    assert str(caught.value) == why


def test_the_year_after_the_message_is_the_last() -> None:
    assert read_time("2031-12-31", latest=2031).year == 2031
    with pytest.raises(TimeError, match=OUT_OF_RANGE):
        read_time("2032-01-01", latest=2031)


def test_the_zone_of_the_machine_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "TZ", "XYZ-7")
    time.tzset()
    try:
        assert read_time("Tue, 05 Mar 2024 14:22:10 GMT") == NOON
        assert read_time("March 5, 2024 14:22:10") == NOON
        with pytest.raises(TimeError, match=UNKNOWN_ZONE):
            read_time("March 5, 2024 14:22:10 XYZ")
    finally:
        monkeypatch.undo()
        time.tzset()


MOMENT = st.datetimes(datetime(1973, 6, 1), datetime(2027, 12, 30), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0)
)
FORMATS = [
    "%Y-%m-%dT%H:%M:%SZ", "%a, %d %b %Y %H:%M:%S GMT", "%Y%m%d%H%M%S", "%B %d, %Y %I:%M:%S %p", "%d %b %Y, %H:%M:%S UTC",
    "%a %b %d %H:%M:%S UTC %Y", "%Y/%m/%d %H:%M:%S", "%d-%b-%Y %H:%M:%S", "%A, %d %B %Y %H:%M:%S (GMT)", "%H:%M:%S %d %b %Y",
]  # fmt: skip


@given(MOMENT, st.sampled_from(FORMATS))
def test_what_is_written_is_what_is_read(moment: datetime, form: str) -> None:
    assert read_time(moment.strftime(form)) == moment


@given(MOMENT, st.sampled_from([1, 10**3, 10**6, 10**9]), st.booleans())
def test_seconds_and_their_parts_since_1970(moment: datetime, in_second: int, written: bool) -> None:
    number = int(moment.timestamp()) * in_second
    if len(str(number)) == 12:  # milliseconds of early 1976 may be the digits of a date, which comes first
        assume(not 1900 <= number // 10**8 <= RELEASED + 1)
    assert read_time(str(number) if written else number) == moment


@given(MOMENT, st.integers(-12, 14))
def test_offsets(moment: datetime, hours: int) -> None:
    local = moment.astimezone(timezone(timedelta(hours=hours)))
    for form in ("%Y-%m-%dT%H:%M:%S%z", "%a, %d %b %Y %H:%M:%S %z", "%b %d %Y %H:%M:%S GMT%z"):
        assert read_time(local.strftime(form)) == moment


@given(MOMENT, st.sampled_from(["/", "-", "."]))
def test_figures_alone_are_read_where_they_name_one_day(moment: datetime, mark: str) -> None:
    for form in (f"%d{mark}%m{mark}%Y", f"%m{mark}%d{mark}%Y"):
        if moment.day > 12 or moment.day == moment.month:
            assert read_time(moment.strftime(form)).date() == moment.date()
        else:
            with pytest.raises(TimeError, match=AMBIGUOUS):
                read_time(moment.strftime(form))


WORDS = st.sampled_from([
    "5", "05", "24", "2024", "1999", "Mar", "March", "may", "Tue", "14:22", "2:22", "pm", "AM", "EST", "+0100", "-05:00", "Z",
    "GMT", "/", "-", ".", ",", ":", "T", "at", "of", "(", ")", "[", "]", "noon", "3", "17", "W10",
])  # fmt: skip


@given(st.text() | st.lists(WORDS, max_size=8).map(" ".join) | st.lists(WORDS, max_size=8).map("".join))
def test_whatever_is_written_is_a_time_in_range_or_none(written: str) -> None:
    try:
        found = read_time(written)
    except TimeError:
        return
    assert 1900 <= found.year <= 2027
    assert datetime.fromisoformat(found.isoformat()) == found


@pytest.mark.parametrize("written", ["1970-01-01T00:00:00Z", "1970-01-01", "1970-01-01 01:00:00+01:00"])
def test_the_first_second_of_1970_is_no_time(written: str) -> None:
    with pytest.raises(TimeError, match=EMPTY):
        read_time(written)
