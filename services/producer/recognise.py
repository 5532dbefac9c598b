"""Which kind of file something is, by its beginning."""

import json
import re
from typing import Literal, get_args

Format = Literal["txt", "json", "jsonl", "csv", "tsv", "gkg", "feed", "wire", "html", "warc", "parquet", "raw"]
FORMATS: tuple[Format, ...] = get_args(Format)
HEAD_BYTES = 64 * 1024
"""So much of a file's beginning is looked at: a first line of JSON Lines is mostly shorter."""
_BOM = b"\xef\xbb\xbf"
_ROOT = re.compile(rb"<(?:[A-Za-z_][\w.-]{0,50}:)?([A-Za-z_][\w.-]{0,50})[\s/>]")
_MARKUP: dict[bytes, Format] = {
    **dict.fromkeys((b"rss", b"feed", b"rdf", b"channel"), "feed"),
    **dict.fromkeys((b"nitf", b"newsitem", b"newsmessage", b"newsml", b"packageitem", b"doc"), "wire"),
    b"html": "html",
}
_GKG = re.compile(rb"\d{14}-T?\d+\t\d{14}\t")
_SKIPPED = re.compile(
    rb"<!--.*?-->|<\?.*?\?>|<!doctype[^>\[]*(?:\[.*?\]\s*)?>|<script.*?</script>", re.DOTALL | re.IGNORECASE
)


def recognise(head: bytes, told: Format | None) -> Format | None:
    """The kind of a file that begins with ``head`` and whose name says ``told``; None where neither says it."""
    start = head.removeprefix(_BOM).lstrip(b" \t\r\n\x0b\x0c\x1e")
    if head.startswith(b"PAR1"):
        return "parquet"
    if start.startswith(b"WARC/"):
        return "warc"
    if _GKG.match(start):
        return "gkg"
    match told:
        case "json" | "jsonl":
            return _json(start, told)
        case "feed" | "wire" | "html":
            return _markup(start) or told
        case "txt":
            return _text(start)
        case None:
            if start[:1] in (b"{", b"["):
                return _json(start, "json")
            return _markup(start) if start.startswith(b"<") else None
    return told


def _json(start: bytes, told: Format) -> Format:
    """JSON Lines is what has objects line by line; all else is values one after the other, over any lines."""
    line, end, rest = start.partition(b"\n")
    if not end:
        return told
    if line.strip() == b"[":
        return "json"
    if _is_object(line):
        return "jsonl" if rest.lstrip().startswith(b"{") else told
    # a first line that is broken is one bad line where the next one is whole
    return (
        told if told == "jsonl" and any(map(_is_object, rest.split(b"\n")[:20])) else "json" if _opens(line) else told
    )


def _text(start: bytes) -> Format:
    """What a file for text holds: mostly text, but exports of tools are called so, too."""
    line = re.split(rb"[\r\n]", start, maxsplit=1)[0]
    if start.startswith(b"{") and _is_object(line):
        return "jsonl"
    if _VALUE.match(start):
        return "json"
    if start[:1] == b"<" and _markup(start) == "html":
        return "html"
    for delimiter in (b"\t", b",", b";", b"|"):
        names = {name.strip().strip(b'"') for name in line.lower().split(delimiter)}
        if names & _OF_TEXT and names & _OF_OTHERS:
            return "tsv" if delimiter == b"\t" else "csv"
    return "txt"


_VALUE = re.compile(rb'\[?\s*\{\s*"[^"\n]{1,100}"\s*:')
_OF_TEXT = frozenset((b"text", b"content", b"body", b"article"))
_OF_OTHERS = frozenset((b"id", b"title", b"headline", b"url", b"date", b"source", b"published_at"))
"""A first line that has one of either, between signs, is the header of a table."""


def _opens(line: bytes) -> bool:
    """Whether a value may begin here that ends on another line."""
    return line.strip()[:1] in (b"{", b"[") and line.strip()[-1:] in (b"{", b"[", b",", b":", b"}", b"]")


def _is_object(line: bytes) -> bool:
    if not line.strip().startswith(b"{"):
        return False
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _markup(start: bytes) -> Format | None:
    root = _ROOT.search(_SKIPPED.sub(b"", start[:HEAD_BYTES]))
    if b"<!doctype html" in start[:1000].lower():
        return "html"
    return _MARKUP.get(root.group(1).lower()) if root else None
