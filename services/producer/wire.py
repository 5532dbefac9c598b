"""Agencies' XML: NITF and NewsML-G2 (also the older NewsML), alone or many in one message; and trafilatura's own XML.

No entity is expanded and nothing outside is loaded; depth and size are lxml's own bounds.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from schemas.base import MAX_SOURCE
from services.producer.feed import without_dtd

MAX_WIRE_BYTES = 16 * 1024 * 1024
"""A message is read whole; one with a hundred stories has a megabyte."""
_MAX_LABEL = 500
_MAX_SUBJECTS = 50
_BLOCKS = frozenset(
    ("p", "hl2", "hl3", "h1", "h2", "h3", "h4", "h5", "h6", "li", "dd", "dt", "bq", "blockquote", "pre", "td", "th")
)
_ASIDE = frozenset(("media", "script", "style", "figure", "body.head", "head", "tobject", "table-reference"))
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


class NotAWireError(ValueError):
    """The bytes are no story of an agency."""


@dataclass(frozen=True)
class Story:
    """A story as a document's fields, or (``fault``) why it is none. ``number`` counts from 1."""

    number: int
    fields: dict[str, Any]
    fault: str | None = None


def stories(content: bytes) -> tuple[str, list[Story]]:
    """What kind of XML it is, and its stories in their order.

    Raises:
        NotAWireError: it is none.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)
    try:
        root = etree.fromstring(without_dtd(content), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotAWireError(f"not XML: {error}"[:300]) from None
    if root is None:
        raise NotAWireError("not XML")
    name = _name(root)
    if name == "doc" and (main := next(_named(root, "main"), None)) is not None:
        return "trafilatura document", [_extracted(root, main)]
    if name == "nitf":
        found = [("NITF", root, None)]
    else:
        items = [one for one in root.iter(etree.Element) if _name(one) in ("newsItem", "NewsItem")]
        if not items:
            raise NotAWireError(f"neither NITF nor NewsML: its outermost element is {name[:50]!r}")
        found = [("NewsML-G2" if _name(one) == "newsItem" else "NewsML", one, one) for one in items]
    made = [_story(number, element, item) for number, (_, element, item) in enumerate(found, 1)]
    return found[0][0], made


def _extracted(root: Any, main: Any) -> Story:
    """What trafilatura writes with ``--xml``: what it knows of the page is in the outermost element."""
    said = {
        name: root.get(name, "").strip() for name in ("title", "date", "language", "author", "sitename", "categories")
    }
    fields = {
        "text": _text(main),
        "title": said["title"],
        "url": root.get("source") or root.get("url"),
        "source": (root.get("hostname") or said["sitename"])[:MAX_SOURCE],
        "published_at": said["date"],
        "language": said["language"],
        "metadata": {name: said[name][:_MAX_LABEL] for name in ("author", "sitename", "categories") if said[name]},
    }
    return Story(1, {name: value for name, value in fields.items() if value}, None if fields["text"] else "has no text")


def _story(number: int, element: Any, item: Any) -> Story:
    nitf = element if item is None else next(_named(element, "nitf"), None)
    fields: dict[str, Any] = {}
    if item is not None:
        fields = _news_item(item)
    if nitf is not None:
        fields = {**_nitf(nitf), **fields}
    else:
        fields["text"] = _inline(item)
    language = element.get(_LANGUAGE) or next(
        (one.get("tag") for one in _named(element, "language") if one.get("tag")), ""
    )
    fields.setdefault("language", language)
    fields = {name: value for name, value in fields.items() if value}
    return Story(number, fields, None if str(fields.get("text", "")).strip() else "has no text")


def _nitf(root: Any) -> dict[str, Any]:
    body = next(_named(root, "body.content"), None)
    date = next((one.get("norm") for name in _NITF_DATES for one in _named(root, name) if one.get("norm")), "")
    metadata = {
        "author": _first(root, "byline")[:_MAX_LABEL],
        "dateline": _first(root, "dateline")[:_MAX_LABEL],
        "subjects": _attributes(root, "tobject.subject", ("tobject.subject.type", "tobject.subject.matter")),
        "categories": _attributes(root, "keyword", ("key",)) + _attributes(root, "classifier", ("value",)),
    }
    return {
        "id": next((one.get("id-string") for one in _named(root, "doc-id") if one.get("id-string")), ""),
        "title": _first(root, "hl1") or _first(root, "hedline") or _first(root, "title"),
        "text": _text(body) if body is not None else "",
        "source": (_first(root, "doc.copyright", "holder") or _first(root, "distributor"))[:MAX_SOURCE],
        "published_at": date,
        "language": root.get(_LANGUAGE) or "",
        "metadata": {name: value for name, value in metadata.items() if value},
    }


_NITF_DATES = ("date.issue", "date.release", "story.date")


def _news_item(item: Any) -> dict[str, Any]:
    """What a NewsML item says around its content; G2's names, and the older NewsML's."""
    version = item.get("version") or _first(item, "RevisionId")
    metadata = {
        "author": _first(item, "by") or _first(item, "byline") or _first(item, "ByLine"),
        "credit": _first(item, "creditline") or _first(item, "CreditLine"),
        "slug": _first(item, "slugline") or _first(item, "SlugLine"),
        "dateline": _first(item, "dateline") or _first(item, "DateLine"),
    }
    kept: dict[str, Any] = {name: value[:_MAX_LABEL] for name, value in metadata.items() if value}
    if subjects := _subjects(item):
        kept["subjects"] = subjects
    provider = next(_named(item, "provider"), None)
    source = (
        "" if provider is None else _first(provider, "name") or provider.get("literal") or provider.get("qcode", "")
    )
    fields = {
        "id": item.get("guid") or _identity(item),
        "revision": int(version) if version.isdecimal() and len(version) < _DIGITS and int(version) else "",
        "title": _first(item, "headline") or _first(item, "HeadLine"),
        "source": (source or _first(item, "creditline") or _first(item, "ProviderId"))[:MAX_SOURCE],
        "published_at": next(filter(None, (_first(item, name) for name in _DATES)), ""),
        "metadata": kept,
    }
    return {name: value for name, value in fields.items() if value}


def _identity(item: Any) -> str:
    """The id of an item of the older NewsML, without its revision, which a story's versions do not share."""
    parts = [_first(item, name) for name in ("ProviderId", "DateId", "NewsItemId")]
    return f"urn:newsml:{':'.join(parts)}" if all(parts) else _first(item, "PublicIdentifier")


_DATES = ("versionCreated", "contentCreated", "firstCreated", "ThisRevisionCreated", "FirstCreated", "DateAndTime")
_DIGITS = 9


def _subjects(item: Any) -> list[str]:
    names = [_first(subject, "name") or subject.get("qcode") or "" for subject in _named(item, "subject")]
    return [name[:_MAX_LABEL] for name in names if name][:_MAX_SUBJECTS]


def _inline(item: Any) -> str:
    """The text of NewsML's content: XHTML or other inline XML, or plain inline data."""
    for name in ("inlineXML", "inlineData", "DataContent"):
        for content in _named(item, name):
            body = next(_named(content, "body"), content)
            if text := _text(body):
                return text
    return ""


def _text(element: Any) -> str:
    """The paragraphs of ``element``, apart by blank lines; its whole text where it has none."""
    if any(_name(one) in _BLOCKS for one in element.iter(etree.Element)):
        return "\n\n".join(filter(None, (_joined(one) for one in _outermost(element))))
    lines = ["".join(element.itertext()).strip()]
    return "\n".join(lines)


def _outermost(element: Any) -> Iterator[Any]:
    """The blocks of ``element`` in their order, none inside of another; captions and heads are left out."""
    waiting = list(reversed(element))
    while waiting:
        one = waiting.pop()
        name = _name(one)
        if name in _BLOCKS:
            yield one
        elif name not in _ASIDE:
            waiting.extend(reversed(one))


_LINES = re.compile(r"\s+")


def _joined(element: Any) -> str:
    return _LINES.sub(" ", "".join(element.itertext(etree.Element, etree.Entity))).strip()


def _first(element: Any, name: str, attribute: str | None = None) -> str:
    """The text, or an attribute, of the first element called ``name``."""
    found = next(_named(element, name), None)
    if found is None:
        return ""
    return (found.get(attribute) or "").strip() if attribute else _joined(found)


def _attributes(element: Any, name: str, attributes: tuple[str, ...]) -> list[str]:
    values = [one.get(attribute) for one in _named(element, name) for attribute in attributes if one.get(attribute)]
    return [value[:_MAX_LABEL] for value in values[:_MAX_SUBJECTS]]


def _named(element: Any, name: str) -> Iterator[Any]:
    """All elements called ``name``, whatever their namespace."""
    yield from element.iter(name, "{*}" + name)


def _name(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
