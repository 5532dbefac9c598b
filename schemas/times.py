"""A time as senders write it: ISO 8601, RFC 822, what people write, digits without separators, seconds since 1970.

Decides what is read and what is refused. A wrong day is worse than none: what can be read as two days, what names no day, and
what lies outside of 1900 to the next year is no time here. No clock is asked, nor the zone of the machine.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

import tzdata
from dateutil.parser import parser, parserinfo
from pydantic import TypeAdapter, ValidationError

RELEASED: Final = 2026
"""The year of this release. The year after it is not too late, whatever a message's own time says: its sender may have set that."""
EARLIEST: Final = 1900
_MAX_WRITTEN = 120
"""Characters. `Wednesday, September 25, 2024 at 10:22:10 PM GMT+01:00 (Central European Standard Time)` has 86."""

UNREADABLE = "is not a readable time"
NO_DAY = "names no day"
AMBIGUOUS = "can be read as two days"
UNKNOWN_ZONE = "has a time zone that is not known or has two meanings"
OUT_OF_RANGE = "lies outside of 1900 to the next year"
EMPTY = "is the first second of 1970, as an empty time is written"


class TimeError(ValueError):
    """It is no time. ``str`` of it is one of this module's six wordings."""


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_time(value: object, latest: int = RELEASED + 1) -> datetime:
    """The time that ``value`` says, with its offset from UTC; one without a zone is taken as UTC.

    Args:
        value: what JSON can hold, or a datetime. A number is seconds, milliseconds, microseconds or nanoseconds since 1970, or
            the digits of a date; a list is year, month, day, and so on.
        latest: the last year that is taken.

    Raises:
        TimeError: it is none.
    """
    found = _read(value, latest)
    found = found.replace(tzinfo=UTC) if found.tzinfo is None else found
    if not EARLIEST <= found.year <= latest:
        raise TimeError(OUT_OF_RANGE)
    if found == _EPOCH:
        raise TimeError(EMPTY)
    return found.astimezone(UTC) if found.utcoffset() != _whole_minutes(found) else found


def _whole_minutes(time: datetime) -> timedelta:
    """The offset as other readers of ISO 8601 take it: without seconds."""
    return (time.utcoffset() or timedelta()) // timedelta(minutes=1) * timedelta(minutes=1)


def _read(value: object, latest: int) -> datetime:
    match value:
        case datetime():
            return value
        case bool():
            raise TimeError(UNREADABLE)
        case int():
            return _number(value, latest)
        case float():
            return _number(int(value), latest) if value.is_integer() else _since_1970(value)
        case str():
            return _written(value, latest)
        case [int(), int(), int(), *_] if len(value) < 10:  # Jackson's LocalDateTime, Python's struct_time
            return _made(*(part for part in value[:6] if isinstance(part, int)))
        case _:
            raise TimeError(UNREADABLE)


# numbers

_LEAST = 10**8
"""Seconds since 1970, in 1973. A lower number is a year, a count of days, or a mark for nothing, such as 0 and -1."""
_DIGITS = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S", 17: "%Y%m%d%H%M%S%f"}
"""How many digits a date without separators has. Of these only twelve are also plausible milliseconds: those of 1973 to 2001. They
are a date only up to the last year that is taken."""


def _number(number: int, latest: int) -> datetime:
    digits = str(number) if 0 <= number < 10**18 else ""
    if len(digits) in (4, 6):
        raise TimeError(NO_DAY)
    if len(digits) in _DIGITS:
        try:
            found = datetime.strptime(digits, _DIGITS[len(digits)])  # noqa: DTZ007 - the zone is added by the caller
        except ValueError:
            pass
        else:
            if len(digits) != 12 or EARLIEST <= found.year <= latest:
                return found
    return _since_1970(number)


def _since_1970(amount: float) -> datetime:
    """What is in 1973 to 5138 in one unit lies before that in the next smaller one, and after it in the next larger one."""
    for in_second in (1, 10**3, 10**6, 10**9):
        if _LEAST * in_second <= abs(amount) < _LEAST * in_second * 1000:
            exact = amount * 10**6 // in_second if isinstance(amount, int) else round(amount * 10**6 / in_second)
            try:
                return _EPOCH + timedelta(microseconds=exact)
            except OverflowError:  # a year before 1: negative milliseconds reach back to -1199
                break
    raise TimeError(UNREADABLE)


def _made(year: int, *parts: int) -> datetime:
    try:
        return datetime(year, *parts)  # type: ignore[arg-type]  # noqa: DTZ001 - the zone is added by the caller
    except (ValueError, OverflowError):
        raise TimeError(UNREADABLE) from None


# strings

_NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d{0,19})(?:\.\d{0,20})?(?:[eE]\+?\d\d?)?")
_NO_DAY = re.compile(r"\d{4}-\d{1,2}|\d{4}-?W\d{2}|\d{1,2}/\d{4}")
_DAY_AND_ZONE = re.compile(r"(\d{4}-\d{2}-\d{2})(Z|[+-](?:0\d|1[0-4]):?(?:00|15|30|45))")
"""XML Schema's date. Python reads the zone as the time of day."""
_MIDNIGHT = re.compile(r"(?<=\d[T ])24(?=:?00(?::?00(?:[.,]0+)?)?(?:\D|$))")
_LEAP_SECOND = re.compile(r"(?<=\d\d:[0-5]\d:)60(?!\d)")
_DASHES = str.maketrans("\u2010\u2011\u2012\u2013\u2014\u2212\u00b7\u2022\u2019", "------||'")
_ISO: TypeAdapter[datetime] = TypeAdapter(datetime)


def _written(value: str, latest: int) -> datetime:
    text = " ".join(value.translate(_DASHES).split()) if len(value) <= 2 * _MAX_WRITTEN else value
    if not text or len(text) > _MAX_WRITTEN or not text.isascii():
        raise TimeError(UNREADABLE)
    if match := _DOTNET.fullmatch(text):
        text = match[1]
    text = _NAMED_OFFSET.sub("", _LABEL.sub("", text, count=1) if _LABEL.match(text) else text)
    if _NUMBER.fullmatch(text):
        amount = float(text)
        return _read(amount if not amount.is_integer() or "." in text or "e" in text.lower() else int(text), latest)
    if _NO_DAY.fullmatch(text):
        raise TimeError(NO_DAY)
    if match := _DAY_AND_ZONE.fullmatch(text):
        text = f"{match[1]}T00:00:00{match[2]}"
    text, nights = _MIDNIGHT.subn("00", _LEAP_SECOND.sub("59", text), count=1)
    found = _iso(text) or _by_people(text)
    try:
        return found + timedelta(days=nights)
    except OverflowError:
        raise TimeError(OUT_OF_RANGE) from None


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    try:
        return _ISO.validate_python(text)
    except ValidationError:
        return None


_ZONES: dict[str, float | str] = {
    "UTC": 0, "GMT": 0, "UT": 0, "Z": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "MET": 1, "MEST": 2, "MEZ": 1,
    "MESZ": 2, "EET": 2, "EEST": 3, "MSK": 3, "TRT": 3, "SAST": 2, "WAT": 1, "CAT": 2, "EAT": 3, "PKT": 5, "NPT": 5.75, "ICT": 7,
    "WIB": 7, "WITA": 8, "WIT": 9, "HKT": 8, "SGT": 8, "MYT": 8, "PHT": 8, "KST": 9, "JST": 9, "AWST": 8, "ACST": 9.5,
    "ACDT": 10.5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "BRT": -3, "ART": -3, "NST": -3.5, "NDT": -2.5, "EST": -5,
    "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10,
    "ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver", "PT": "America/Los_Angeles",
}  # fmt: skip
"""Hours east of UTC, or the place. CST, MST and PST are America's, as RFC 822 has them, and BST is Britain's summer. What is as
common with another meaning is not here: IST (India, Israel, Ireland), AST (the Atlantic, Arabia), GST, AMT, military letters."""

_MONTH = re.compile(r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*", re.I)
_WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[.,]*\s+", re.I)
_COMMENT = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]$")
_HAS_ZONE = re.compile(
    r"\d\s*(?:Z|[+-]\d{1,2}(?::?\d{2})?|(?!(?:am|pm)$)[a-z]{2,5}(?:[+-]\d{1,2}(?::?\d{2})?)?)$", re.I
)
_PLACE = re.compile(r"\s([A-Z][A-Za-z]+(?:/[A-Za-z0-9_+-]+){1,2})$")
_FROM_UTC = re.compile(r"\b(?:UTC|GMT)\s?([+-])(\d{1,2})(?::?(\d{2}))?\b", re.I)
_LAST_WORD = re.compile(r"(?<=[\d\s])[a-z]{2,4}$")
_LETTER = re.compile(r"\s[a-y]$", re.I)
"""A military zone, which RFC 2822 says to mistrust; dateutil takes it for half of the day, or for nothing."""
_LABEL = re.compile(
    r"(?:first |last )?(?:published|updated|posted|modified|created)(?: (?:on|at))?\s*:?\s+(?=\S)", re.I
)
"""What pages write before a time."""
_TIME_FIRST = re.compile(r"(\d{1,2}:\d{2}(?::\d{2})?\s?(?:[ap]\.?m\.?)?)\s([A-Z]{2,4}),?\s(.*\d)", re.I)
_DOTTED_TIME = re.compile(r"(?<=\s)(\d{1,2})\.(\d{2})(?=\s?(?:[ap]\.?m\b|[A-Z]{2,4}\b|$))", re.I)
_DOTNET = re.compile(r"/Date\((-?\d{1,17})(?:[+-]\d{4})?\)/")
_NAMED_OFFSET = re.compile(r"(?<=[+-]\d{4})\s(?:[A-Z]{3,5}|[+-]\d{2,4})$")
"""Go and Ruby write the zone twice, `-0500 EST`: the offset says it."""
_BETWEEN = re.compile(r"\s[|-]\s")
_NUMERIC = re.compile(r"(?<![\d:./-])(\d{1,4})([/.:_-])(\d{1,2})\2(\d{1,4})(?!\d)")
_YEAR = re.compile(r"(?<![\d:+])(?:19|20)\d\d(?![\d:])")
_SHORT_YEAR = re.compile(r"(?<![\d:])\d{1,2}[ -][a-z]{3,9}\.?[ ,'-]{1,2}\d\d(?![\d:])", re.I)
_FRACTION = re.compile(r"(?<=:\d\d)[.,]\d+")


def _by_people(text: str) -> datetime:
    """All that is not ISO 8601. dateutil guesses; so it is given only what leaves it no choice."""
    text, place = _without_place(_WEEKDAY.sub("", text, count=1) if _WEEKDAY.match(text) else text)
    text = _FROM_UTC.sub(lambda found: f" {found[1]}{found[2]:0>2}{found[3] or '00'}", text)
    text = _LAST_WORD.sub(lambda found: found[0].upper() if found[0].upper() in _ZONES else found[0], text)
    text = _BETWEEN.sub(" ", text)
    if _LETTER.search(text):
        raise TimeError(UNKNOWN_ZONE)
    named = _MONTH.search(text) is not None
    text = _DOTTED_TIME.sub(r"\1:\2", text if named else _with_day(text))
    if named:
        text = _TIME_FIRST.sub(r"\3 \1 \2", text)
    elif place is None and (found := _iso(text)):
        return found
    found = _parsed(text, datetime(2001, 1, 1))  # noqa: DTZ001
    if named:
        _check(text, found)
    try:
        if place is not None:
            if found.tzinfo is not None:
                raise TimeError(UNKNOWN_ZONE)
            found = found.replace(tzinfo=place)
        return found.astimezone(UTC) if found.tzinfo else found
    except OverflowError:
        raise TimeError(OUT_OF_RANGE) from None


def _without_place(text: str) -> tuple[str, tzinfo | None]:
    """``text`` without a place or a comment at its end, and the zone of the place where it is needed."""
    if match := _COMMENT.search(text):
        text = text[: match.start()]
        if not _HAS_ZONE.search(text):
            text = f"{text} {match[1]}"
    if match := _PLACE.search(text):
        text = text[: match.start()]
        if not _HAS_ZONE.search(text):
            return text, _zone(match[1])
    return text, None


def _with_day(text: str) -> str:
    """``text`` with its day, which is in figures alone, in the order of ISO 8601."""
    match = _NUMERIC.search(text)
    if match is None:
        if re.match(r"\d{8}\D", text):
            return f"{text[:4]}-{text[4:6]}-{text[6:]}"
        raise TimeError(UNREADABLE)
    if match[2] in ":_" and len(match[1]) != 4:
        raise TimeError(UNREADABLE)
    days = set(_days(match[1], match[3], match[4]))
    if len(days) != 1:
        raise TimeError(AMBIGUOUS if days else UNREADABLE)
    return f"{text[: match.start()]}{days.pop()}{text[match.end() :]}"


def _days(first: str, second: str, third: str) -> Iterator[str]:
    """What three figures may mean."""
    one, two, three = int(first), int(second), int(third)
    orders = [(one, two, three)] if len(first) == 4 else [(three, two, one), (three, one, two)]
    if len(first) <= 2 and len(third) <= 2:
        orders.append((one, two, three))
    for year, month, day in orders:
        try:
            yield f"{_made(year if year > 99 else _INFO.convertyear(year), month, day):%Y-%m-%d}"
        except TimeError:
            continue


def _parsed(text: str, default: datetime) -> datetime:
    try:
        found: datetime = parser(_INFO).parse(text, default=default, tzinfos=_zone_of)
    except TimeError:
        raise
    except (ValueError, OverflowError, ArithmeticError, TypeError, IndexError, AttributeError):
        raise TimeError(UNREADABLE) from None
    return found


def _check(text: str, found: datetime) -> None:
    """Raise TimeError where dateutil added a day or a year, or read a part of the day as one (`Mar 4-5, 2024`)."""
    other = _parsed(text, datetime(2004, 2, 2))  # noqa: DTZ001
    if other.date() != found.date():
        raise TimeError(NO_DAY)
    years = set(_YEAR.findall(_FRACTION.sub("", text)))
    if years != {str(found.year)} and (years or not _SHORT_YEAR.search(text)):
        raise TimeError(UNREADABLE)


class _Info(parserinfo):  # type: ignore[misc]
    def convertyear(self, year: int, century_specified: bool = False) -> int:
        """As RFC 2822 has it; dateutil's own asks the clock."""
        return year if century_specified or year > 99 else year + (2000 if year < 50 else 1900)


_INFO = _Info()


def _zone_of(name: str | None, seconds: int | None) -> tzinfo | None:
    """What dateutil found, as a zone."""
    if seconds is not None and name in (None, "UTC", "GMT", "Z"):
        try:
            return timezone(timedelta(seconds=seconds))
        except ValueError:
            raise TimeError(UNKNOWN_ZONE) from None
    if name is None:
        return None
    known = _ZONES.get(name.upper())
    if known is None or seconds is not None:
        raise TimeError(UNKNOWN_ZONE)
    return _zone(known) if isinstance(known, str) else timezone(timedelta(hours=known))


@cache
def _places() -> frozenset[str]:
    return frozenset(files(tzdata).joinpath("zones").read_text().split())


def _zone(place: str) -> tzinfo:
    """The zone of a place, such as Europe/Berlin, from the pinned tables and not from the machine's."""
    if place not in _places():
        raise TimeError(UNKNOWN_ZONE)
    return _table(place)


@cache
def _table(place: str) -> tzinfo:
    with files(tzdata).joinpath("zoneinfo", *place.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=place)
