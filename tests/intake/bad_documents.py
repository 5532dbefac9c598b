"""Messages that are no good document, and what their senders should be told. Data only: other tests send them too."""

import gzip
import json
from typing import NamedTuple

STORY = "The council voted on Tuesday to close two of the city's five swimming pools by the end of the year."
GERMAN = "Der Stadtrat hat am Dienstag beschlossen, zwei der fünf Schwimmbäder bis zum Ende des Jahres zu schließen."


class Bad(NamedTuple):
    """One message."""

    name: str
    value: bytes
    reason: str
    """A value of ``schemas.Reason``."""
    field: str | None
    """The field at fault; None where the message as a whole is."""
    word: str
    """Stands in the explanation."""


def document(**fields: object) -> bytes:
    """A good document but for ``fields``."""
    return json.dumps({"text": STORY} | fields).encode()


def with_raw(field: str, written: str) -> bytes:
    """A good document in which ``field`` has the JSON text ``written``."""
    return json.dumps({"text": STORY})[:-1].encode() + f', "{field}": {written}}}'.encode()


BAD_DOCUMENTS = [
    # no JSON
    Bad("empty bytes", b"", "not_json", None, "empty"),
    Bad("blank bytes", b" \n ", "not_json", None, "empty"),
    Bad("truncated", document()[:-3], "not_json", None, "EOF"),
    Bad("one brace", b"{", "not_json", None, "EOF"),
    Bad("byte order mark", b"\xef\xbb\xbf" + document(), "not_json", None, "byte order mark"),
    Bad("UTF-16", document().decode().encode("utf-16"), "not_json", None, "UTF-16"),
    Bad("UTF-16 without mark", document().decode().encode("utf-16-le"), "not_json", None, "JSON"),
    Bad("Latin-1", '{"text": "caf\xe9"}'.encode("latin-1"), "not_json", None, "UTF-8"),
    Bad("stray byte", b'{"text": "a\xff"}', "not_json", None, "byte 11"),
    Bad("gzip", gzip.compress(document(), mtime=0), "not_json", None, "gzip"),
    Bad("zip", b"PK\x03\x04\x14\x00", "not_json", None, "zip"),
    Bad("Avro with a schema id", b"\x00\x00\x00\x00\x07\x02a", "not_json", None, "zero byte"),
    Bad("HTML page", b"<!DOCTYPE html><html><body>So</body></html>", "not_json", None, "HTML"),
    Bad("XML feed", b"<?xml version='1.0'?><rss/>", "not_json", None, "XML"),
    Bad("plain text", b"The council voted.", "not_json", None, "line 1"),
    Bad("Python's repr", b"{'text': 'So'}", "not_json", None, "key"),
    Bad("trailing comma", b'{"text": "So",}', "not_json", None, "trailing comma"),
    Bad("two values", document() + b" " + document(), "not_json", None, "trailing characters"),
    Bad("raw line break in a string", b'{"text": "So\nso"}', "not_json", None, "control character"),
    Bad("unquoted key", b"{text: 1}", "not_json", None, "key"),
    # JSON, but no object
    Bad("null", b"null", "schema", None, "null"),
    Bad("array", b"[" + document() + b"]", "schema", None, "array"),
    Bad("string", b'"The council voted."', "schema", None, "The council"),
    Bad("number", b"42", "schema", None, "42"),
    Bad("true", b"true", "schema", None, "True"),
    Bad("nested 1,000 deep and cut", with_raw("x", "[" * 1_000), "schema", None, "nested"),
    # text
    Bad("no text", b"{}", "schema", "text", "required"),
    Bad("text null", with_raw("text", "null"), "schema", "text", "required"),
    Bad("text a number", document(text=7), "schema", "text", "string"),
    Bad("text NaN", with_raw("text", "NaN"), "schema", "text", "string"),
    Bad("text a list", document(text=["So"]), "schema", "text", "an array"),
    Bad("text an object", document(text={"so": 1}), "schema", "text", "an object"),
    Bad("text empty", document(text=""), "empty", "text", "blank"),
    Bad("text blank", document(text=" \n\t\u00a0"), "empty", "text", "blank"),
    Bad("text of zero-width characters", document(text="\u200b\ufeff\u00ad"), "empty", "text", "cleaned"),
    Bad("text of markup", document(text="<p>&nbsp;</p>"), "empty", "text", "cleaned"),
    Bad("text too long", document(text="so " * 170_000), "too_long", "text", "510000"),
    Bad("text that grows too long", document(text="ﬃ" * 400_000), "too_long", "text", "1200000"),
    Bad("message too long", document(padding="x" * 4_200_000), "too_long", None, "4194304"),
    # language
    Bad("language declared as another", document(language="de-AT"), "unsupported_language", "language", "de-AT"),
    Bad("language named as another", document(language="German"), "unsupported_language", "language", "de"),
    Bad("language detected as another", document(text=GERMAN), "unsupported_language", "language", "detected"),
    Bad(
        "language not understood, and another",
        document(text=GERMAN, language="xx"),
        "unsupported_language",
        "language",
        "de",
    ),
    # envelopes
    Bad(
        "Kafka Connect without a text",
        b'{"schema": null, "payload": {"body": "So"}}',
        "schema",
        "text",
        "Kafka Connect",
    ),
    Bad("Kafka Connect of nothing", b'{"schema": null, "payload": null}', "schema", "text", "is not a JSON object"),
    Bad(
        "Debezium of a deletion", b'{"before": {"text": "So"}, "after": null, "op": "d"}', "schema", "text", "tombstone"
    ),
    Bad("a search response", b'{"took": 1, "hits": {"hits": []}}', "schema", "text", "each of its hits"),
    Bad("an API's response", b'{"status": "ok", "articles": [{}]}', "schema", "text", "each of its articles"),
    Bad(
        "Debezium in Kafka Connect without a text",
        b'{"schema": 0, "payload": {"after": {"id": 1}, "op": "c"}}',
        "schema",
        "text",
        "Debezium in one of Kafka Connect",
    ),
]
