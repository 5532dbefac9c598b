"""Web archives (WARC): each page that was answered is a document, so is each text that Common Crawl made of one (WET)."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from schemas.base import MAX_MESSAGE_BYTES, MAX_URL
from services.producer.guard import FeedReader
from services.producer.item import Origin, Problem, Skipped
from services.producer.lines import BROKEN, BrokenStreamError, explain
from services.producer.maker import Made, Maker
from services.producer.page import MAX_PAGE_BYTES, NotAPageError
from services.producer.shapes import domain

_PAGES = ("text/html", "application/xhtml")
_OK = "200"


def read_warc(stream: BinaryIO, file: str, pages: FeedReader, maker: Maker) -> Iterator[Made]:
    """One document a page; what is no page is passed over in silence, a page without an article is named.

    Raises BrokenStreamError.
    """
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    number = 0
    found = False
    try:
        for record in ArchiveIterator(stream):
            number += 1
            origin = Origin(file, "entry", number)
            made = _record(record, origin, pages, maker)
            if made is not None:
                found = True
                yield made
    except ArchiveLoadFailed as error:
        yield Problem(Origin(file, "entry", number + 1), f"not WARC, what follows is not read: {error}"[:300])
        return
    except BROKEN as error:
        raise BrokenStreamError(0, f"after {number} records: {explain(error)}") from error
    except (
        ValueError,
        KeyError,
        AttributeError,
        IndexError,
        TypeError,
    ) as error:  # what warcio raises on hostile headers
        yield Problem(Origin(file, "entry", number + 1), f"a broken record, what follows is not read: {error}"[:300])
        return
    if not found:
        yield Skipped(Origin(file), f"no page is in it, of {number} records")


def _record(record: Any, origin: Origin, pages: FeedReader, maker: Maker) -> Made | None:
    headers = record.rec_headers
    url = (headers.get_header("WARC-Target-URI") or "").strip("<>")
    seen = headers.get_header("WARC-Date") or ""
    if record.rec_type == "conversion":
        return _converted(record, origin, url, seen, maker)
    if record.rec_type == "response":
        http = record.http_headers
        if http is None or http.get_statuscode() != _OK or not _is_page(http.get_header("Content-Type")):
            return None
    elif record.rec_type != "resource" or not _is_page(headers.get_header("Content-Type")):
        return None
    content = record.content_stream().read(MAX_PAGE_BYTES + 1)
    if len(content) > MAX_PAGE_BYTES:
        return Problem(origin, f"a page of more than {MAX_PAGE_BYTES} bytes")
    try:
        page = pages.page(content, url)
    except NotAPageError as error:
        return Skipped(origin, f"{url[:200]}: {error}")
    metadata = {**page.fields.get("metadata", {}), "crawled_at": seen}
    return maker.from_fields(origin, {**page.fields, "metadata": metadata}, "WARC, the article of each page")


def _is_page(kind: str | None) -> bool:
    return (kind or "").strip().lower().startswith(_PAGES)


def _converted(record: Any, origin: Origin, url: str, seen: str, maker: Maker) -> Made:
    content = record.content_stream().read(MAX_MESSAGE_BYTES + 1)
    if len(content) > MAX_MESSAGE_BYTES:
        return Problem(origin, f"a text of more than {MAX_MESSAGE_BYTES} bytes")
    text = content.decode("utf-8", "replace")
    language = (record.rec_headers.get_header("WARC-Identified-Content-Language") or "").partition(",")[0]
    fields = {"text": text, "url": url if len(url) <= MAX_URL else "", "source": domain(url), "language": language}
    made = {name: value for name, value in fields.items() if value.strip()}
    if "text" not in made:
        return Skipped(origin, f"{url[:200]}: its text is blank")
    return maker.from_fields(origin, {**made, "metadata": {"crawled_at": seen}}, "WET, the text of each page")
