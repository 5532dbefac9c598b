"""What other tools call the fields of a document, and which tool wrote a record.

A record is told by the names that it has. Where it was written by no tool that is known and has no ``text``, usual names
are taken (``body``, ``headline``, ``publishedAt``, …). A document of ours is left as it is: what is taken here are the
names of others, never a value. All else stays beside, from where the service puts it into ``metadata``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from schemas import Document
from schemas.base import MAX_SOURCE
from services.producer.fields import Columns, look_up, rename


@dataclass(frozen=True)
class Shape:
    """How one tool writes an article. ``option`` is its name for ``--format``.

    ``marks``: fields that all are there. ``columns``: document field -> where it may be; the first that has a value counts.
    ``wrapper``: what holds its articles. ``only``: nothing else of the record is wanted.
    """

    option: str
    name: str
    marks: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    wrapper: str | None = None
    only: bool = False


SHAPES: tuple[Shape, ...] = (
    Shape(
        "stancewire",
        "Stancewire event",
        ("event_id", "processing", "status"),
        {name: (name,) for name in Document.model_fields},
        only=True,
    ),
    Shape(
        "news-please",
        "news-please article",
        ("maintext",),
        {
            "text": ("maintext", "text", "description"),
            "title": ("title", "title_page", "title_rss"),
            "published_at": ("date_publish", "date_modify"),
            "source": ("source_domain",),
        },
    ),
    Shape(
        "trafilatura",
        "trafilatura document",
        ("text", "source-hostname"),
        {
            "text": ("text", "raw_text"),
            "url": ("source", "url"),
            "source": ("hostname", "source-hostname"),
            "published_at": ("date",),
        },
    ),
    Shape(
        "trafilatura",
        "trafilatura document",
        ("text", "hostname", "sitename"),
        {
            "text": ("text", "raw_text"),
            "url": ("url",),
            "source": ("hostname", "sitename"),
            "published_at": ("date",),
        },
    ),
    Shape(
        "mediacloud",
        "Media Cloud story",
        ("media_name", "publish_date"),
        {
            "text": ("text", "story_text", "story_sentences", "title"),
            "id": ("id", "stories_id"),
            "source": ("media_name", "media_url"),
            "published_at": ("publish_date", "indexed_date"),
        },
        "Media Cloud response",
    ),
    Shape(
        "newspaper",
        "newspaper4k article",
        ("text", "publish_date", "authors"),
        {
            "text": ("text", "summary", "meta_description"),
            "url": ("url", "canonical_link", "original_url"),
            "source": ("meta_site_name", "source_url"),
            "published_at": ("publish_date",),
            "language": ("language", "meta_lang"),
        },
    ),
    Shape(
        "newsapi",
        "NewsAPI article",
        ("publishedAt", "urlToImage"),
        {
            "text": ("content", "description"),
            "source": ("source.name", "source.id", "source"),
            "published_at": ("publishedAt",),
        },
        "NewsAPI response",
    ),
    Shape(
        "eventregistry",
        "Event Registry article",
        ("uri", "body", "lang"),
        {
            "text": ("body",),
            "id": ("uri",),
            "source": ("source.title", "source.uri", "source"),
            "published_at": ("dateTimePub", "dateTime", "date"),
            "language": ("lang",),
        },
        "Event Registry response",
    ),
    Shape(
        "gdelt",
        "GDELT DOC article",
        ("seendate", "domain"),
        {"text": ("title",), "source": ("domain",), "published_at": ("seendate",)},
        "GDELT DOC response",
    ),
    Shape(
        "gdelt",
        "GDELT article list",
        ("url", "title", "desc", "lang"),
        {
            "text": ("desc", "title"),
            "source": ("outletName", "domain"),
            "published_at": ("date",),
            "language": ("lang",),
        },
    ),
    Shape(
        "jsonfeed",
        "JSON Feed item",
        ("content_html", "date_published"),
        {
            "text": ("content_text", "content_html", "summary", "title"),
            "url": ("url", "external_url"),
            "published_at": ("date_published", "date_modified"),
        },
        "JSON Feed",
    ),
    Shape(
        "ninjs",
        "ninjs item",
        ("versioncreated", "headline"),
        {
            "text": ("body_text", "body_xhtml", "body_html", "body_nitf", "description_text"),
            "title": ("headline",),
            "id": ("uri", "guid"),
            "source": ("source", "copyrightholder", "infosource.name"),
            "published_at": ("versioncreated", "firstcreated"),
            "revision": ("version",),
        },
    ),
    Shape(
        "ninjs",
        "ninjs item",
        ("bodies.value", "headlines.value"),
        {
            "text": ("bodies.value",),
            "title": ("headlines.value",),
            "id": ("uri",),
            "source": ("infoSource.name", "copyrightHolder"),
            "published_at": ("versionCreated", "firstCreated"),
            "revision": ("version", "rev"),
        },
    ),
    Shape(
        "reader",
        "feed reader's entry",
        ("origin.title", "alternate"),
        {
            "text": ("fullContent", "content.content", "summary.content"),
            "url": ("alternate.href", "canonical.href", "canonicalUrl"),
            "source": ("origin.title",),
            "published_at": ("published", "crawled"),
        },
        "feed reader's response",
    ),
    Shape(
        "fundus",
        "Fundus article",
        ("body.sections", "publishing_date"),
        {
            "text": ("body.sections", "body.summary"),
            "url": ("html.responded_url", "html.requested_url"),
            "published_at": ("publishing_date",),
            "language": ("lang",),
        },
    ),
    Shape(
        "wordpress",
        "WordPress post",
        ("title.rendered", "content.rendered"),
        {
            "text": ("content.rendered", "excerpt.rendered"),
            "title": ("title.rendered",),
            "id": ("guid.rendered", "link"),
            "url": ("link",),
            "published_at": ("date_gmt", "date"),
        },
    ),
    Shape(
        "guardian",
        "Guardian article",
        ("webTitle", "webUrl"),
        {
            "text": ("fields.bodyText", "fields.body", "fields.trailText", "webTitle"),
            "title": ("webTitle", "fields.headline"),
            "url": ("webUrl",),
            "published_at": ("webPublicationDate",),
        },
        "Guardian response",
    ),
    Shape(
        "nyt",
        "New York Times article",
        ("web_url", "headline.main"),
        {
            "text": ("body", "lead_paragraph", "abstract", "snippet"),
            "title": ("headline.main",),
            "url": ("web_url",),
            "published_at": ("pub_date",),
            "id": ("_id", "uri"),
        },
        "New York Times response",
    ),
)
SHAPE_OPTIONS = tuple(dict.fromkeys(shape.option for shape in SHAPES))

JSON_FEED = next(shape for shape in SHAPES if shape.option == "jsonfeed")

_TEXT = (
    *(
        "maintext",
        "fulltext",
        "articlebody",
        "articletext",
        "bodytext",
        "body",
        "contenttext",
        "textcontent",
        "content",
    ),
    *("contenthtml", "bodyhtml", "storytext", "story", "article", "cleanedtext", "cleantext", "plaintext", "rawtext"),
    *(
        "paragraphs",
        "fullcontent",
        "articlecontent",
        "newstext",
        "newscontent",
        "transcript",
        "document",
        "documenttext",
    ),
    *("contents", "selftext", "articlehtml", "bodynitf", "newsbody", "storybody", "mainbody", "fullarticle", "html"),
)
_TEASERS = (
    *("description", "summary", "abstract", "lead", "leadparagraph", "snippet", "excerpt", "desc", "shortdescription"),
    *("standfirst", "blurb", "message"),
)
_STRICT: dict[str, tuple[str, ...]] = {
    "id": ("id", "articleid", "uuid"),
    "title": ("title", "headline", "articletitle"),
    "url": (
        "url",
        "link",
        "canonicalurl",
        "canonicallink",
        "permalink",
        "articleurl",
        "articlelink",
        "weburl",
        "pageurl",
    ),
    "source": ("source", "sourcename", "sourcedomain", "outlet", "publisher", "newspaper", "medianame", "publication"),
    "published_at": (
        *("publishedat", "datepublished", "datepublish", "publishdate", "publicationdate", "publisheddate", "pubdate"),
        *("publishedtime", "publishtime", "published", "publishedon", "publisheddatetime", "publisheddateutc"),
        *("publishingdate", "versioncreated", "firstpublishedat", "firstpublicationdate", "articledate", "date"),
    ),
    "language": ("language", "lang", "languagecode", "inlanguage", "humanlanguage", "langcode"),
}
"""Beside a ``text`` of its own a record is ours: only names that can mean nothing else are taken. Written small, without
signs between words."""
_LOOSE: dict[str, tuple[str, ...]] = {
    "id": (*_STRICT["id"], "guid", "documentid", "docid", "newsid", "storyid", "postid", "dpaid"),
    "title": (*_STRICT["title"], "newstitle", "heading", "head", "webtitle", "subject", "name"),
    "url": (*_STRICT["url"], "href", "sourceurl", "originalurl", "storyurl", "mainentityofpage"),
    "source": (*_STRICT["source"], "domain", "sitename", "site", "hostname", "provider", "channel", "website"),
    "published_at": (*_STRICT["published_at"], "datetime", "timestamp", "createdat", "created", "seendate", "time"),
    "language": (*_STRICT["language"], "locale"),
}
_SIGNS = re.compile(r"[^a-z0-9]+")
_NO_ARTICLES = frozenset(
    (
        *(
            "comments",
            "authors",
            "author",
            "images",
            "image",
            "media",
            "keywords",
            "entities",
            "tags",
            "replies",
            "links",
        ),
        *("attachments", "enclosures", "videos", "movies", "categories", "concepts", "sources", "metadata", "errors"),
    )
)
"""Lists of objects beside an article that are no articles, whatever is in them."""
_LONGEST_NAME = 100


OURS = frozenset(Document.model_fields)


def is_ours(fields: Mapping[str, Any]) -> bool:
    """Whether ``fields`` are a document as they are: it has a text, no foreign name, and no object for a string."""
    return (
        isinstance(fields.get("text"), str)
        and OURS.issuperset(fields)
        and not any(isinstance(value, dict) for name, value in fields.items() if name != "metadata")
    )


def told(option: str | None) -> tuple[Shape, ...]:
    """The shapes that ``--format`` names; all where it names none."""
    named = tuple(shape for shape in SHAPES if shape.option == option)
    return named or SHAPES


def shape_of(fields: Mapping[str, Any], shapes: tuple[Shape, ...] = SHAPES) -> Shape | None:
    """The tool that wrote ``fields``. Where ``shapes`` are of one tool, that tool, if a text is found at all."""
    for shape in shapes:
        if all(mark in fields or ("." in mark and look_up(fields, mark) is not None) for mark in shape.marks):
            return shape
    if len(shapes) < len(SHAPES):
        return next((shape for shape in shapes if _chosen(shape, fields).get("text")), None)
    return None


def convert(fields: Mapping[str, Any], shape: Shape | None, columns: Columns) -> tuple[dict[str, Any], str]:
    """A document's fields, and what they were read as ("" where it was a document already).

    ``columns`` (what the user says) go before what is known of the tool.
    """
    mapping = _chosen(shape, fields) if shape else _usual(fields)
    mapping = {field: name for field, name in mapping.items() if field not in columns and field != name}
    used = set(columns.values())
    mapping = {field: name for field, name in mapping.items() if name not in used}
    found = rename(fields, {**mapping, **columns})
    if shape and shape.only:
        found = {name: found[name] for name in OURS if found.get(name) is not None}
    for name in OURS:
        if (
            name in found
            and name != "metadata"
            and (name != "text" or shape or isinstance(found[name], dict) or found[name] is not fields.get(name))
        ):
            found[name] = _plain(name, found[name])  # a wrong type of our own text is the service's to name
    if mapping.get("text") == "title":
        found.setdefault("title", found["text"])  # a headline is all that there is
    if shape or mapping:
        _settle(found)
    if shape:
        return found, shape.name
    renamed = ", ".join(f"{field}={name}" for field, name in mapping.items() if field in ("text", "title"))
    return found, renamed


def is_article(fields: Any) -> bool:
    """Whether a record is one, as far as its names say."""
    return isinstance(fields, dict) and (
        has_text(fields) or shape_of(fields) is not None or _find(fields, _TEASERS) is not None
    )


def has_text(fields: Mapping[str, Any]) -> bool:
    """Whether there is a whole text, under ``text`` or a usual name."""
    return _is_text(fields.get("text")) or _find(fields, ("text", *_TEXT)) is not None


def holds_articles(name: str) -> bool:
    """Whether a list of this name may hold articles."""
    return _normal(name) not in _NO_ARTICLES


def unwrap(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """An article inside of an envelope (``_source``, ``fields``, ``data``), with what stands around it beside it."""
    for _ in range(_DEEPEST_ENVELOPE):
        if has_text(fields) or shape_of(fields) is not None:
            return fields
        inside = [
            name
            for name, value in fields.items()
            if isinstance(value, dict) and (has_text(value) or len(fields) == 1 or name == "record")
        ]
        if len(inside) != 1:
            return fields
        around = {name: value for name, value in fields.items() if name != inside[0]}
        fields = {**around, **fields[inside[0]]}
    return fields


_DEEPEST_ENVELOPE = 3


def domain(url: object) -> str:
    """The host of ``url`` without ``www.``; empty where it has none."""
    try:
        return (urlsplit(str(url)).hostname or "").removeprefix("www.")[:MAX_SOURCE]
    except ValueError:
        return ""


def without_outlet(title: str, source: str) -> str:
    """A headline without the outlet's name that aggregators write after it."""
    for dash in (" - ", " – ", " — ", " | "):
        if source and title.endswith(dash + source):
            return title.removesuffix(dash + source).rstrip()
    return title


def _settle(found: dict[str, Any]) -> None:
    """What others' articles need beside other names."""
    if not found.get("source") and (host := domain(found.get("url"))):
        found["source"] = host
    title, source, text = (found.get(name) for name in ("title", "source", "text"))
    if isinstance(title, str) and isinstance(source, str):
        found["title"] = without_outlet(title, source)
    if isinstance(text, str) and text.endswith("chars]"):
        found["text"] = _CUT.sub("…", text)


_CUT = re.compile(r"\s*(?:…|\.{3})?\s*\[\+?\d{1,9} chars\]$")
"""What NewsAPI and GNews write where they have cut a text."""


def _chosen(shape: Shape, fields: Mapping[str, Any]) -> dict[str, str]:
    chosen = {}
    for field, paths in shape.columns.items():
        for path in paths:
            value = look_up(fields, path)
            if value not in (None, "", [], {}) and (field != "text" or _is_text(value)):
                chosen[field] = path
                break
    return chosen


def _usual(fields: Mapping[str, Any]) -> dict[str, str]:
    """Document field -> the field that has a usual name for it."""
    ours = _is_text(fields.get("text"))
    names = _names(fields)
    chosen: dict[str, str] = {}
    if not ours:
        text = _find(fields, ("text", *_TEXT, *_TEASERS))
        if text is None:
            return {}
        chosen["text"] = text
    for field, usual in (_STRICT if ours else _LOOSE).items():
        if fields.get(field) in (None, ""):
            name = next((names[one] for one in usual if one in names and fields[names[one]] not in (None, "")), None)
            if name is not None and name not in chosen.values():
                chosen[field] = name
    return chosen


def _names(fields: Mapping[str, Any]) -> dict[str, str]:
    names: dict[str, str] = {}
    for name in fields:
        names.setdefault(_normal(name), name)
    return names


def _find(fields: Mapping[str, Any], usual: tuple[str, ...]) -> str | None:
    names = _names(fields)
    return next((names[one] for one in usual if one in names and _is_story(one, fields[names[one]])), None)


def _is_story(name: str, value: Any) -> bool:
    """Whether ``value`` is a text; a whole page, with its menus, is none."""
    return _is_text(value) and not (name == "html" and isinstance(value, str) and "<head" in value[:_PAGE].lower())


_PAGE = 2_000


@lru_cache(maxsize=4096)
def _normal(name: str) -> str:
    return _SIGNS.sub("", name[:_LONGEST_NAME].lower())


def _is_text(value: Any) -> bool:
    found = _plain("text", value)
    return isinstance(found, str) and bool(found) and not found.isspace()


_INSIDE = ("rendered", "$t", "#text", "_text", "main", "name", "title", "value", "text", "$oid", "$date", "$numberLong")
_INSIDE_OTHERS = (
    *("sentence", "content", "html", "uri", "href", "url", "code", "domain", "id", "@id"),
    *("stringValue", "timestampValue", "integerValue", "S", "N"),  # Firestore, DynamoDB
)
_ASIDE = frozenset(("title", "kicker", "byline", "date", "author_info", "image", "video", "gallery"))
"""Types of parts of a text that are not its paragraphs (Washington Post)."""
_OF_ARTICLES = frozenset(("title", "headline", "url", "link"))
"""Names that an article has and a paragraph has not."""


def _plain(field: str, value: Any) -> Any:
    """A string out of an object that stands for one (``{"name": …}``), a text out of a list of its paragraphs."""
    if isinstance(value, dict):
        for name in (*_INSIDE, *_INSIDE_OTHERS):
            if isinstance(value.get(name), str | int | float) and value[name] != "":
                return value[name]
        return _plain(field, value["paragraphs"]) if field == "text" and "paragraphs" in value else value
    if isinstance(value, list) and field == "text":
        objects = [part for part in value if isinstance(part, dict)]
        if any(not _OF_ARTICLES.isdisjoint(part) and "paragraphs" not in part for part in objects):
            return value
        parts = [_plain(field, part) for part in value if not isinstance(part, dict) or part.get("type") not in _ASIDE]
        if parts and all(isinstance(part, str) for part in parts):
            return "\n\n".join(parts)
    return value
