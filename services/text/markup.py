"""HTML that was left in a text: tags, comments, scripts, entities.

Decides what is markup and what only looks so ("a < b"). A tag is one of HTML's own names with well-formed attributes;
anything else in angle brackets stays. ``html.parser`` knows no offsets in the text, and swallows what is no markup.
"""

import html
import re
from bisect import bisect_left
from collections.abc import Iterator, Set
from html.entities import html5

from services.text.markdown import names_an_outlet
from services.text.offsets import Edit

_BLOCK = (
    "address|article|aside|blockquote|body|caption|center|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure"
    "|footer|form|frameset|h1|h2|h3|h4|h5|h6|head|header|hr|html|legend|li|link|main|menu|meta|nav|noscript|ol|option"
    "|p|pre|section|select|style|script|summary|table|tbody|tfoot|thead|title|tr|ul"
)
"""These end a paragraph."""
_LINE = "br|td|th"
"""These end a line; whether that ends a paragraph is decided with the other line breaks."""
_INLINE = (
    "a|abbr|acronym|amp|audio|b|basefont|bdi|bdo|big|button|canvas|cite|code|col|colgroup|data|datalist|del|dfn|em|embed"
    "|font|frame|i|iframe|img|input|ins|kbd|label|map|mark|meter|noframes|object|optgroup|output|param|path|picture"
    "|progress|q|rp|rt|ruby|s|samp|small|source|span|strike|strong|sub|sup|svg|template|textarea|time|track|tt|u|var"
    "|video|wbr"
)
_UNCLOSED = frozenset({"p", "br", "hr", "li", "tr", "td", "th", "dt", "dd", "img", "option", "wbr"})
"""Tags that HTML lets stand alone. Of ``<DD>``, only in a list (``<DL>``)."""
_BARE = (
    "allowfullscreen|async|autoplay|checked|controls|defer|disabled|hidden|loop|muted|nowrap|noshade|open|required"
    "|selected"
)
"""Attributes that stand without a value. Any other word without one means that this is no tag: ``x <b and c> d``."""

# Nothing in an attribute reaches over the next "<", so that a text full of "<a" is still read in linear time.
_VALUE = r"""(?:"[^"<]*+"|'[^'<]*+'|[^\s"'<>=]++)"""
_TAG = re.compile(
    rf"</?(?:(?P<block>{_BLOCK})|(?P<line>{_LINE})|(?:{_INLINE}|[ovw]:\w++|amp-[a-z-]++))(?![\w:-])"
    rf"(?:\s++(?:[A-Za-z_:@][-\w:.@]*+\s*+=\s*+{_VALUE}|(?:{_BARE})\b))*\s*+/?>"
    r"|<!doctype\b[^<>]*+>|<\?xml\b[^<>]*+>",
    re.IGNORECASE | re.ASCII,
)
_INNER = r"</?(?:b|i|em|strong|span|font|small|cite|time)\b[^<>]*+>"
_LINK = re.compile(rf"<a\b[^<>]*+>(?P<words>(?:[^<]++|{_INNER}){{1,9}})(?P<closing></a\s*+>)", re.IGNORECASE)
_BESIDE = re.compile(
    rf"(?P<rest>(?:[^<\n]{{1,200}}+|{_INNER}){{1,12}})(?=\s*(?:</?(?:{_BLOCK}|{_LINE})\b|$))", re.IGNORECASE
)
_BEGINNING = re.compile(rf"(?:^|<(?:{_BLOCK}|{_LINE})\b[^<>]*>)(?:\s|&nbsp;|{_INNER}){{0,9}}$", re.IGNORECASE)
_BEGINNING_REACH = 160
"""Characters before a link in which the tag is looked for that it begins behind."""
_LONGEST_TICKER = 5
_CLOSING = re.compile(r"</([A-Z]+)\s*+>")
_OPAQUE = (
    (re.compile(r"<!--"), re.compile(r"-->")),
    (re.compile(r"<!\[CDATA\["), re.compile(r"\]\]>")),
    (re.compile(r"<script\b[^<>]*+>", re.IGNORECASE), re.compile(r"</script\s*+>", re.IGNORECASE)),
    (re.compile(r"<style\b[^<>]*+>", re.IGNORECASE), re.compile(r"</style\s*+>", re.IGNORECASE)),
)
"""Stretches that go with all that is in them, up to the first of their ends. Without an end they stay."""

# Feeds escape twice and thrice, "&amp;amp;#8217;": all of it is undone at once. A name needs its semicolon, except
# three that are often cut short; "AT&T" and "?a=1&lt=2" are no entities.
_AMPERSAND = r"(?:amp|AMP|#0{0,4}38|#[xX]0{0,4}26);"
_ENTITY = re.compile(
    rf"&(?=(?P<again>(?:{_AMPERSAND})*))(?P=again)"  # as (?:…)*+, which Python 3.11.2 gets wrong for groups
    r"(?:(?P<body>#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});|(?P<cut>nbsp|amp|quot)(?![\w;=]))"
    rf"|&(?:{_AMPERSAND})+"
)


def tags(text: str) -> list[Edit]:
    """Edits that take tags, comments and scripts out. A block tag leaves a paragraph break, other tags nothing.

    In an aggregator's list the link is a headline, and who published it follows: such a link ends a paragraph, too.
    """
    if "<" not in text:
        return []
    closed = set(_CLOSING.findall(text))
    listed = _listed(text)
    found = [
        (tag.start(), tag.end(), "\n\n" if tag.start() in listed else _left_by(tag))
        for tag in _TAG.finditer(text)
        if not _is_ticker(tag[0], closed)
    ]
    return sorted([*_opaque(text), *found], key=lambda edit: (edit[0], -edit[1]))


def entities(text: str) -> list[Edit]:
    """Edits that put the characters in place of entities such as ``&amp;``, ``&#8217;`` and ``&amp;nbsp;``."""
    if "&" not in text:
        return []
    return [
        (found.start(), found.end(), new) for found in _ENTITY.finditer(text) if (new := _decoded(found)) != found[0]
    ]


def _is_ticker(tag: str, closed: Set[str]) -> bool:
    """Whether a tag is a share's symbol, as wire copy writes it: ``Du Pont <DD>``. It is in capitals and never ``closed``."""
    name = tag[1:-1]
    if not (name.isupper() and name.isalpha() and len(name) <= _LONGEST_TICKER) or name in closed:
        return False
    return name.lower() not in _UNCLOSED or (name in ("DD", "DT") and "DL" not in closed)


def _listed(text: str) -> frozenset[int]:
    """Where the ``</a>`` of links stand that begin an item, and behind which it only says who published that."""
    found = set()
    for link in _LINK.finditer(text):
        beside = _BESIDE.match(text, link.end())
        if beside and _BEGINNING.search(text[max(0, link.start() - _BEGINNING_REACH) : link.start()]):
            headline, rest = (html.unescape(_TAG.sub("", part)) for part in (link["words"], beside["rest"]))
            if names_an_outlet(headline.strip(), rest.strip()):
                found.add(link.start("closing"))
    return frozenset(found)


def _left_by(tag: re.Match[str]) -> str:
    if tag["block"] or tag[0][1] in "!?":
        return "\n\n"
    return "\n" if tag["line"] else ""


def _opaque(text: str) -> Iterator[Edit]:
    """Comments, scripts and styles in order, none inside another."""
    openings = sorted((found.span(), kind) for kind, (first, _) in enumerate(_OPAQUE) for found in first.finditer(text))
    closings = {kind: [found.span() for found in _OPAQUE[kind][1].finditer(text)] for kind in {k for _, k in openings}}
    at = 0
    for (start, inner), kind in openings:
        closing = bisect_left(closings[kind], (inner, 0))
        if start >= at and closing < len(closings[kind]):
            at = closings[kind][closing][1]
            yield start, at, "\n\n" if text[start + 1] in "sS" else ""


def _decoded(entity: re.Match[str]) -> str:
    body: str | None = entity["body"] or entity["cut"]
    if body is None:
        return "&"
    written = f"&{body};"
    return html.unescape(written) if body[0] == "#" else html5.get(body + ";", written)
