"""RSS and Atom: each entry is a document. Markup stays in the text; the service cleans it, and knows where it was."""

import io
import re
from calendar import timegm
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from schemas.base import MAX_ID

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
        feed = feedparser.parse(io.BytesIO(_without_dtd(content)), sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # noqa: BLE001 - it raises KeyError, AttributeError and others on malformed feeds
        raise NotAFeedError(f"the feed cannot be read: {type(error).__name__}: {error}"[:300]) from None
    if not feed.get("version") and not feed.entries:
        fault = feed.get("bozo_exception")
        raise NotAFeedError("not an RSS or Atom feed" + (f": {fault}"[:300] if fault else ""))
    name = _clean(feed.feed.get("title", ""))
    return [_entry(number, entry, name) for number, entry in enumerate(feed.entries, 1)]


_ROOT = re.compile(rb"<[A-Za-z_]")
_DECLARATION = re.compile(rb"\s*+<\?xml[^>]*+>")


def _without_dtd(content: bytes) -> bytes:
    """``content`` without a document type, whose entities could be expanded to a hundred times the feed."""
    root = _ROOT.search(content)
    head = content[: root.start()] if root else content
    if b"<!doctype" not in head.lower():
        return content
    declaration = _DECLARATION.match(head)
    return (declaration.group() if declaration else b"") + content[len(head) :]


def _entry(number: int, entry: Any, feed: str) -> Entry:
    url = _clean(entry.get("link", ""))
    text = _clean(_text(entry), keep=True)
    guid = " ".join(_clean(entry.get("id", "")).split())
    source = _domain(url) or feed[:_MAX_SOURCE]
    metadata = {"guid": guid[:_MAX_LABEL], "feed": feed[:_MAX_LABEL]}
    fields = {
        "id": _identity(guid, source),
        "text": text,
        "title": _clean(entry.get("title", "")),
        "url": url,
        "source": source,
        "published_at": _time(entry),
        "metadata": {name: value for name, value in metadata.items() if value},
    }
    fault = None if text.strip() else "has neither content nor a summary"
    return Entry(number, {name: value for name, value in fields.items() if value}, fault)


_MAX_SOURCE = 256


def _identity(guid: str, source: str) -> str | None:
    """The guid, which both formats promise is unique in the world; a bare number is a counter, unique in its feed at most."""
    if guid.isdecimal():
        guid = f"{source}/{guid}" if source else ""
    return guid if 0 < len(guid) <= MAX_ID else None


def _text(entry: Any) -> str:
    """The longest of the entry's contents; feeds that have none carry the story, or its start, in the summary."""
    contents = [part.get("value") or "" for part in entry.get("content", [])]
    return max([*contents, entry.get("summary") or ""], key=len)


def _domain(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")[:_MAX_SOURCE]
    except ValueError:
        return ""


def _time(entry: Any) -> str | None:
    """ISO 8601, UTC."""
    # dict's own get: feedparser's warns of the fallback that it makes itself
    parsed = dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")
    try:
        return datetime.fromtimestamp(timegm(parsed), UTC).isoformat() if parsed else None
    except (ValueError, OverflowError, OSError):
        return None


def _clean(value: Any, keep: bool = False) -> str:
    """A string that UTF-8 can say; without ``keep`` also without white space at its ends."""
    text = str(value).encode("utf-8", "replace").decode()
    return text if keep else text.strip()
