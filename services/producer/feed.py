"""RSS and Atom: each entry is a document. Markup stays in the text; the service cleans it, and knows where it was."""

import io
import re
from calendar import timegm
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any

import dateutil.parser

from schemas.base import MAX_ID, MAX_SOURCE
from services.producer.shapes import domain, without_outlet

MAX_FEED_BYTES = 16 * 1024 * 1024
"""A feed is read whole. The largest in the wild are some MB."""
_MAX_LABEL = 500
"""Code points of a guid or a feed's name that are kept."""


class NotAFeedError(ValueError):
    """The bytes are neither RSS nor Atom."""


@dataclass(frozen=True)
class Entry:
    """An entry as a document's fields, or (``fault``) why it is none. ``number`` counts from 1."""

    number: int
    fields: dict[str, Any]
    fault: str | None = None


def entries(content: bytes) -> Sequence[Entry]:
    """The entries of a feed in its order. No entity, link or document outside of ``content`` is loaded.

    feedparser takes far more than linear time on some input: call it where it can be stopped, as ``guard`` does.

    Raises:
        NotAFeedError: it is none.
    """
    import feedparser  # costs 0.1 s, and most runs read no feed

    try:
        feed = feedparser.parse(io.BytesIO(without_dtd(content)), sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # noqa: BLE001 - it raises KeyError, AttributeError and others on malformed feeds
        raise NotAFeedError(f"the feed cannot be read: {type(error).__name__}: {error}"[:300]) from None
    if not feed.get("version") and not feed.entries:
        fault = feed.get("bozo_exception")
        raise NotAFeedError("not an RSS or Atom feed" + (f": {fault}"[:300] if fault else ""))
    name = _clean(feed.feed.get("title", ""))
    return [_entry(number, entry, name) for number, entry in enumerate(feed.entries, 1)]


_ROOT = re.compile(rb"<[A-Za-z_]")
_DECLARATION = re.compile(rb"\s*+<\?xml[^>]*+>")


def without_dtd(content: bytes) -> bytes:
    """``content`` without a document type, whose entities could be expanded to a hundred times the feed."""
    root = _ROOT.search(content)
    head = content[: root.start()] if root else content
    if b"<!doctype" not in head.lower():
        return content
    declaration = _DECLARATION.match(head)
    return (declaration.group() if declaration else b"") + content[len(head) :]


def _entry(number: int, entry: Any, feed: str) -> Entry:
    url = _clean(entry.get("link", ""))
    said = entry.get("source") or {}
    outlet = _clean(said.get("title") or "")[:MAX_SOURCE] if isinstance(said, dict) else ""
    text = _headlines(_clean(_text(entry), keep=True))
    guid = " ".join(_clean(entry.get("id", "")).split())
    source = outlet or domain(url) or feed[:MAX_SOURCE]
    date = _clean(dict.get(entry, "published") or dict.get(entry, "updated") or "")
    published_at = _time(entry, date)
    tags = [_clean(tag.get("term") or "")[:_MAX_LABEL] for tag in entry.get("tags") or [] if isinstance(tag, dict)]
    metadata = {
        "guid": guid[:_MAX_LABEL],
        "feed": feed[:_MAX_LABEL],
        "author": _author(entry)[:_MAX_LABEL],
        "categories": [tag for tag in tags if tag][:_MAX_TAGS],
        "source_url": _clean(said.get("href") or "")[:_MAX_LABEL] if outlet else "",
        "published": "" if published_at else date[:_MAX_LABEL],
    }
    fields = {
        "id": _identity(guid, source),
        "text": text,
        "title": without_outlet(_clean(entry.get("title", "")), outlet),
        "url": url,
        "source": source,
        "published_at": published_at,
        "metadata": {name: value for name, value in metadata.items() if value},
    }
    fault = None if text.strip() else "has neither content nor a summary"
    return Entry(number, {name: value for name, value in fields.items() if value}, fault)


_MAX_TAGS = 50


def _author(entry: Any) -> str:
    """All authors' names; feedparser's ``author`` is the first of them, with the address."""
    names = [_clean(one.get("name") or "") for one in entry.get("authors") or [] if isinstance(one, dict)]
    return ", ".join(dict.fromkeys(filter(None, names))) or _clean(entry.get("author") or "")


_HEADLINE = re.compile(
    r"<a\b[^>]{0,2000}>([^<]{1,500})</a>(?:\s|&nbsp;|&#160;|\xa0){0,10}<font\b[^>]{0,200}>[^<]{0,200}</font>",
    re.IGNORECASE,
)
"""What aggregators write in place of a text: a link to each story, and after it the outlet in grey."""


def _headlines(text: str) -> str:
    """The headlines of an aggregator's list of links, a paragraph each, without the outlets after them; else ``text``."""
    found = _HEADLINE.findall(text)
    if not found or re.sub(r"<[^>]{0,2000}>|&nbsp;|\s", "", _HEADLINE.sub("", text)):
        return text
    return "".join(f"<p>{headline.strip()}</p>\n" for headline in found)


def _identity(guid: str, source: str) -> str | None:
    """The guid, which both formats promise is unique in the world; a bare number is a counter, unique in its feed at most."""
    if guid.isdecimal():
        guid = f"{source}/{guid}" if source else ""
    return guid if 0 < len(guid) <= MAX_ID else None


def _text(entry: Any) -> str:
    """The longest of the entry's contents; feeds that have none carry the story, or its start, in the summary."""
    contents = [part.get("value") or "" for part in entry.get("content", [])]
    return max([*contents, entry.get("summary") or ""], key=len)


_ZONES = {
    **dict.fromkeys(("UT", "UTC", "GMT", "Z", "WET"), 0),
    **dict.fromkeys(("BST", "WEST", "CET", "MET", "MEZ"), 60),
    **dict.fromkeys(("CEST", "MEST", "MESZ", "EET", "SAST", "CAT"), 120),
    **dict.fromkeys(("EEST", "MSK", "EAT", "TRT"), 180),
    **dict.fromkeys(("WIB", "ICT"), 420),
    **dict.fromkeys(("HKT", "SGT", "PHT", "AWST"), 480),
    **dict.fromkeys(("JST", "KST"), 540),
    **dict.fromkeys(("EST", "CDT"), -300),
    **dict.fromkeys(("MST", "PDT"), -420),
    **dict.fromkeys(("CST", "MDT"), -360),
    **dict.fromkeys(("BRT", "ART"), -180),
    **dict.fromkeys(("PST", "AKDT"), -480),
    **dict(
        zip(("PKT", "ACST", "AEST", "ACDT", "AEDT", "NZST", "NZDT"), (300, 570, 600, 630, 660, 720, 780), strict=True)
    ),
    **dict(zip(("EDT", "AKST", "HST", "NST", "NDT"), (-240, -540, -600, -210, -150), strict=True)),
}
"""Minutes east of Greenwich. As in RFC 822 EST to PDT are America's; names of which each has two places (IST: India, Ireland,
Israel; AST, ADT) are not here: a time that may be hours off is worse than none."""


class _UnsureError(ValueError):
    pass


def _zone(name: str | None, offset: int | None) -> tzinfo | None:
    """A zone for dateutil: ``offset`` in seconds where there is one."""
    if name and name.upper() not in _ZONES:
        raise _UnsureError(name)
    minutes = _ZONES[name.upper()] if name else 0
    return timezone(timedelta(seconds=offset) if offset is not None else timedelta(minutes=minutes))


_YEAR = re.compile(r"\b(?:\d{4}|\d{1,2}[ -][A-Za-z]{3,9}[ -]\d{2})\b|^\d{8}")
_ISO = re.compile(r"\s*\d{4}-?\d\d(?:-?\d\d)?")
_GREENWICH = re.compile(r"\b(?:GMT|UTC|UT)\s?(?=[+-]\d)", re.IGNORECASE)
"""What stands before an offset; dateutil would turn the sign round, as POSIX has it."""
_OFFSET_NAMED = re.compile(r"([+-]\d\d:?\d\d)\s?\(?[A-Za-z]{1,5}\)?\s*$")
_SLASHES = re.compile(r"\s*(\d{1,2})/(\d{1,2})/\d{4}")
_DEFAULTS = (datetime(2000, 1, 1, tzinfo=None), datetime(2001, 2, 2, tzinfo=None))  # noqa: DTZ001 - the zone is the date's own


def _time(entry: Any, date: str) -> str | None:
    """ISO 8601, UTC. None where no time was said, or one in a zone of which it is not known how far it is from UTC."""
    try:
        if not date or len(date) > _MAX_DATE or not _YEAR.search(date):
            raise ValueError("no year")  # dateutil would take this one
        if (numbers := _SLASHES.match(date)) and max(map(int, numbers.groups())) <= _MONTHS:
            raise _UnsureError(date)  # the day first, as in Europe, or the month
        written = _OFFSET_NAMED.sub(r"\1", _GREENWICH.sub("", date))
        found, other = (
            dateutil.parser.parse(written, default=default, tzinfos=_zone, dayfirst=not _ISO.match(written))
            for default in _DEFAULTS
        )
        if found != other:
            raise _UnsureError(date)  # it says no day
        return str((found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).isoformat())
    except _UnsureError:
        return None
    except (ValueError, OverflowError, TypeError, AttributeError):
        pass
    # dict's own get: feedparser's warns of the fallback that it makes itself
    parsed = dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")
    try:
        return datetime.fromtimestamp(timegm(parsed), UTC).isoformat() if parsed else None
    except (ValueError, OverflowError, OSError):
        return None


_MAX_DATE = 100
_MONTHS = 12


def _clean(value: Any, keep: bool = False) -> str:
    """A string that UTF-8 can say; without ``keep`` also without white space at its ends."""
    text = str(value).encode("utf-8", "replace").decode()
    return text if keep else text.strip()
