"""RSS and Atom: each entry is a document. Markup stays in the text; the service cleans it, and knows where it was."""

import io
import re
from calendar import timegm
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from schemas.base import MAX_ID, MAX_SOURCE
from schemas.times import UNREADABLE, TimeError, read_time
from services.producer.shapes import domain, without_outlet

MAX_FEED_BYTES = 16 * 1024 * 1024
"""A feed is read whole. The largest in the wild are some MB."""
_MAX_LABEL = 500
"""Code points of a guid or a feed's name that are kept."""


class NotAFeedError(ValueError):
    """The bytes are neither RSS nor Atom."""


@dataclass(frozen=True)
class Entry:
    """An entry as a document's fields, or why it is none: ``fault``, or ``passed`` where it is not meant to be one. ``number``
    counts from 1."""

    number: int
    fields: dict[str, Any]
    fault: str | None = None
    passed: str | None = None


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
    title = without_outlet(_clean(entry.get("title", "")), outlet)
    fields = {
        "id": _identity(guid, source),
        "text": text if text.strip() else title,
        "title": title,
        "url": url,
        "source": source,
        "published_at": published_at,
        "metadata": {name: value for name, value in metadata.items() if value},
    }
    fault = None if fields["text"] else "has no text and no title"
    kind = _clean(entry.get("wp_post_type") or "post")  # WordPress exports its pictures and menus, too
    passed = None if kind in ("post", "page") else f"is no post, as WordPress says: {kind[:50]}"
    return Entry(number, {name: value for name, value in fields.items() if value}, fault, passed)


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


def _time(entry: Any, date: str) -> str | None:
    """ISO 8601, UTC. None where no time was said, or one that may be hours or days off."""
    try:
        return read_time(date).astimezone(UTC).isoformat()
    except TimeError as error:
        if str(error) != UNREADABLE or not _YEAR.search(date):
            return None
    # feedparser reads months in some other languages; dict's own get: its own warns of the fallback that it makes itself
    parsed = dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")
    try:
        return datetime.fromtimestamp(timegm(parsed), UTC).isoformat() if parsed else None
    except (ValueError, OverflowError, OSError):
        return None


_YEAR = re.compile(r"(?:19|20)\d\d")


def _clean(value: Any, keep: bool = False) -> str:
    """A string that UTF-8 can say; without ``keep`` also without white space at its ends."""
    text = str(value).encode("utf-8", "replace").decode()
    return text if keep else text.strip()
