"""Web archives (WARC): each page that was answered is a document, so is each text that Common Crawl made of one (WET)."""

from collections import deque
from collections.abc import Callable, Iterator
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

    So many pages are read at a time as ``pages`` has children; what was made of them comes in the archive's order.
    Raises BrokenStreamError.
    """
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    number = 0
    found = False
    fault: Problem | None = None
    broken: BaseException | None = None
    waiting: deque[Callable[[], Made]] = deque()
    try:
        for record in ArchiveIterator(stream):
            number += 1
            if len(waiting) == pages.children:
                yield waiting.popleft()()
            made = _record(record, Origin(file, "entry", number), pages, maker)
            if made is not None:
                found = True
                waiting.append(made)
    except ArchiveLoadFailed as error:
        fault = Problem(Origin(file, "entry", number + 1), f"not WARC, what follows is not read: {error}"[:300])
    except BROKEN as error:
        broken = error
    except _HOSTILE as error:
        fault = Problem(Origin(file, "entry", number + 1), f"a broken record, what follows is not read: {error}"[:300])
    yield from (made() for made in waiting)
    if broken is not None:
        raise BrokenStreamError(0, f"after {number} records: {explain(broken)}") from broken
    if fault is not None:
        yield fault
    elif not found:
        yield Skipped(Origin(file), f"no page is in it, of {number} records")


_HOSTILE = (ValueError, KeyError, AttributeError, IndexError, TypeError)
"""What warcio raises on hostile headers."""


def _record(record: Any, origin: Origin, pages: FeedReader, maker: Maker) -> Callable[[], Made] | None:
    """What waits for the document of a record, and gives it; None where the record is no page."""
    headers = record.rec_headers
    url = (headers.get_header("WARC-Target-URI") or "").strip("<>")
    seen = headers.get_header("WARC-Date") or ""
    if record.rec_type == "conversion":
        converted = _converted(record, origin, url, seen, maker)
        return lambda: converted
    if record.rec_type == "response":
        http = record.http_headers
        if http is None or http.get_statuscode() != _OK or not _is_page(http.get_header("Content-Type")):
            return None
    elif record.rec_type != "resource" or not _is_page(headers.get_header("Content-Type")):
        return None
    content = record.content_stream().read(MAX_PAGE_BYTES + 1)
    if len(content) > MAX_PAGE_BYTES:
        return lambda: Problem(origin, f"a page of more than {MAX_PAGE_BYTES} bytes")
    answer = pages.page(content, url)

    def wait() -> Made:
        try:
            page = answer()
        except NotAPageError as error:
            return Skipped(origin, f"{url[:200]}: {error}")
        metadata = {**page.fields.get("metadata", {}), "crawled_at": seen}
        return maker.from_fields(origin, {**page.fields, "metadata": metadata}, "WARC, the article of each page")

    return wait


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
