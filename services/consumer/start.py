"""Where reading starts: ``beginning``, ``end``, a time, or so long ago."""

import re
from datetime import UTC, datetime, timedelta
from typing import Literal

Start = Literal["beginning", "end"] | datetime

_AGO = re.compile(r"([0-9]{1,6})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_start(words: str, now: datetime) -> Start:
    """Read ``beginning``, ``end``, ``90s``, ``15m``, ``2h``, ``3d`` (so long before ``now``), or an ISO 8601 time.

    A time without a zone is UTC.

    Raises:
        ValueError: other words, or a time before 1970.
    """
    if words == "beginning":
        return "beginning"
    if words == "end":
        return "end"
    try:
        if ago := _AGO.fullmatch(words):
            start = now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        else:
            start = datetime.fromisoformat(words)
        start = start.replace(tzinfo=UTC) if start.tzinfo is None else start
        if start.timestamp() >= 0:
            return start
    except (ValueError, OverflowError):
        pass
    raise ValueError(
        f"cannot start at {words[:50]!r}; give beginning, end, a time such as 2017-03-27T18:00, or how long ago: 15m, 2h, 3d"
    )
