"""Web pages: trafilatura finds the article among menus and advertisements, and its headline, date, author and outlet."""

import re
from dataclasses import dataclass
from typing import Any

from schemas.base import MAX_SOURCE, MAX_TITLE, MAX_URL
from services.producer.shapes import domain

MAX_PAGE_BYTES = 16 * 1024 * 1024
"""A page is read whole. Those of news are 0.05 to 2 MB."""
_MAX_LABEL = 500


class NotAPageError(ValueError):
    """No article was found in the page."""


@dataclass(frozen=True)
class Page:
    """The article of a page, as a document's fields."""

    fields: dict[str, Any]


def article(content: bytes, url: str) -> Page:
    """The article of a page. Nothing outside of ``content`` is loaded.

    trafilatura takes far more than linear time on some input: call it where it can be stopped, as ``guard`` does.

    Raises:
        NotAPageError: there is none.
    """
    import trafilatura  # costs 0.5 s, and most runs read no page

    try:
        found = trafilatura.bare_extraction(content, url=url or None, with_metadata=True, include_comments=False)
    except Exception as error:  # noqa: BLE001 - lxml and others raise many kinds on malformed pages
        raise NotAPageError(f"the page cannot be read: {type(error).__name__}: {error}"[:300]) from None
    if isinstance(found, dict):
        raise NotAPageError("no article was found in the page")
    text = (found.text or "").strip() if found is not None else ""
    if found is None or not text:
        raise NotAPageError("no article was found in the page")
    title = _clean(found.title)[:MAX_TITLE]
    paragraphs = [line for line in text.split("\n") if line.strip()]
    if len(paragraphs) > 1 and _clean(paragraphs[0]) == title:
        del paragraphs[0]  # the headline stands above the text, too
    address = _clean(url or found.url)
    fields = {
        "text": "\n\n".join(paragraphs),
        "title": title,
        "url": address if len(address) <= MAX_URL else "",
        "source": (domain(address) or _clean(found.hostname) or _clean(found.sitename))[:MAX_SOURCE],
        "published_at": _time(content, _clean(found.date)),
        "language": _language(content) or _clean(found.language),
        "metadata": {
            name: value
            for name, value in {
                "author": _clean(found.author)[:_MAX_LABEL],
                "outlet": _clean(found.sitename)[:_MAX_LABEL],
                "categories": [_clean(one)[:_MAX_LABEL] for one in (found.categories or [])[:20]],
            }.items()
            if value
        },
    }
    return Page({name: _utf8(value) for name, value in fields.items() if value})


def _time(content: bytes, date: str) -> str:
    """``date`` with the time of the day and the zone, where the page says them in its head or its data."""
    said = (match.group(1).decode("ascii", "ignore") for match in _PUBLISHED.finditer(content[:_HEAD]))
    return next((time for time in said if time.startswith(date)), date) if date else ""


_PUBLISHED = re.compile(
    rb"(?:published_time|datepublished|pubdate|publish[-_]?date)[^<>0-9]{1,60}?"
    rb"((?:19|20)\d\d-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)",
    re.IGNORECASE,
)
_HEAD = 500_000
"""Bytes of a page in which its data stand."""


def _language(content: bytes) -> str:
    """What the page itself says, ``<html lang="en">``."""
    found = re.search(
        rb"<html\b[^>]{0,500}?\blang\s*=\s*[\"']?([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})?)\b", content[:20_000]
    )
    return found.group(1).decode() if found else ""


def _clean(value: object) -> str:
    return " ".join(str(value or "").split())


def _utf8(value: Any) -> Any:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
