"""Which column or field of the input is which field of a document, and writing a document as JSON."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from schemas import Document

Columns = Mapping[str, str]
"""Document field -> column (of a table) or field (of JSON) that it is taken from."""


def parse_mapping(pairs: Iterable[str], text_column: str | None = None) -> dict[str, str]:
    """Read ``field=column`` pairs, such as ``title=headline``.

    Raises:
        ValueError: a pair is malformed, or names no field of a document, or one twice.
    """
    mapping: dict[str, str] = {"text": text_column} if text_column else {}
    for pair in pairs:
        field, separator, column = (part.strip() for part in pair.partition("="))
        if not separator or not column:
            raise ValueError(f"{pair[:100]!r} is not field=column, such as title=headline")
        if field not in Document.model_fields:
            raise ValueError(
                f"{field[:50]!r} is not a field of a document; there are {', '.join(Document.model_fields)}"
            )
        if mapping.get(field, column) != column:
            raise ValueError(f"{field} is mapped twice")
        mapping[field] = column
    return mapping


def rename(fields: Mapping[str, Any], mapping: Columns) -> dict[str, Any]:
    """``fields`` with the mapped ones under their document names; each takes the place of a field that had the name."""
    taken = {mapping[field] for field in mapping if mapping[field] in fields}
    placed = {field: fields[column] for field, column in mapping.items() if column in fields}
    return {name: value for name, value in fields.items() if name not in taken} | placed


def to_json(fields: Mapping[str, Any]) -> bytes:
    """The JSON of a document, in UTF-8; what UTF-8 cannot say (lone surrogates) is escaped."""
    try:
        return json.dumps(fields, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(fields).encode()
