"""Which column or field of the input is which field of a document, and writing a document as JSON."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from schemas import Document

Columns = Mapping[str, str]
"""Document field -> column (of a table) or field (of JSON) that it is taken from. ``a.b`` is ``b`` in the object ``a``."""


def parse_mapping(pairs: Iterable[str], text_column: str | None = None) -> dict[str, str]:
    """Read ``field=column`` pairs, such as ``title=headline`` or ``source=source.name``.

    Raises:
        ValueError: a pair is malformed, or names no field of a document, or one twice.
    """
    mapping: dict[str, str] = {"text": text_column} if text_column else {}
    for pair in pairs:
        field, separator, column = (part.strip() for part in pair.partition("="))
        if not separator or not column:
            raise ValueError(f"{pair[:100]!r} is not field=column; give both, such as title=headline")
        if field not in Document.model_fields:
            raise ValueError(
                f"{field[:50]!r} is not a field of a document; choose one of {', '.join(Document.model_fields)}"
            )
        if mapping.get(field, column) != column:
            raise ValueError(f"{field} is mapped twice; give one column for it")
        mapping[field] = column
    return mapping


def look_up(fields: Mapping[str, Any], path: str) -> Any:
    """The value at ``path``: a field of that very name, else the dotted way into objects (of a list: into its first).

    None where there is none.
    """
    if path in fields:
        return fields[path]
    found: Any = fields
    for name in path.split("."):
        if isinstance(found, list):
            found = found[0] if found else None
        if not isinstance(found, dict) or name not in found:
            return None
        found = found[name]
    return found


def rename(fields: Mapping[str, Any], mapping: Columns) -> dict[str, Any]:
    """``fields`` with the mapped ones under their document names; each takes the place of a field that had the name."""
    placed = {field: look_up(fields, path) for field, path in mapping.items()}
    placed = {field: value for field, value in placed.items() if value is not None}
    taken = {mapping[field] for field in placed}
    return {name: value for name, value in fields.items() if name not in taken} | placed


def drop(fields: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """``fields`` without those at ``paths`` (dotted where nested)."""
    left = dict(fields)
    for path in paths:
        if path in left:
            del left[path]
            continue
        name, _, rest = path.partition(".")
        if rest and isinstance(left.get(name), dict):
            left[name] = drop(left[name], [rest])
    return left


def to_json(fields: Mapping[str, Any]) -> bytes:
    """The JSON of a document, in UTF-8; what UTF-8 cannot say (half of a surrogate pair) becomes U+FFFD."""
    written = json.dumps(fields, ensure_ascii=False)
    try:
        return written.encode()
    except UnicodeEncodeError:
        return written.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
