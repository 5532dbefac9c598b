"""The tables of PostgreSQL, made from the columns of the Parquet export, which are made from the event's model.

One rule: a list of things is a table, all else is a column, and both are called as their path in the event with ``_`` between. So
``entities[].mentions[].start`` is ``start`` of the table ``entities_mentions``, and ``duplicate.verdict`` is ``duplicate_verdict``
of ``documents``. A table below ``documents`` has ``document_id`` and ``number``, the place in the list from 1; one below that has
its parent's number, too. A field that the event gets is a column by itself. Pure: no database is needed here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, LiteralString

import pyarrow as pa
from psycopg.types.json import Jsonb

from schemas import Event
from services.consumer.table import SCHEMA

_TYPES: dict[Any, LiteralString] = {
    pa.string(): "text",
    pa.bool_(): "boolean",
    pa.int64(): "bigint",
    pa.float64(): "double precision",
    pa.timestamp("us", tz="UTC"): "timestamptz",
}
ROOT = ("id",)
"""The key of ``documents``, which has no parent."""
_JSON = ("metadata",)
"""Columns of text in Parquet that hold JSON."""


@dataclass(frozen=True)
class Column:
    """A column: its name, its type in SQL, and where its value is in what the row is made of."""

    name: str
    type: LiteralString
    path: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table. ``keys``: the columns of its primary key; all but the last are the parent's. ``path``: where its list is in what the
    parent's row is made of."""

    name: str
    keys: tuple[str, ...]
    columns: tuple[Column, ...]
    children: tuple["Table", ...]
    path: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All columns, in the order of ``rows``."""
        own = tuple(column.name for column in self.columns)
        return own if self.keys == ROOT else (*self.keys, *own)

    def walk(self) -> Iterator["Table"]:
        """This table and all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()


def _make(name: str, keys: tuple[str, ...], fields: Any, path: tuple[str, ...] = ()) -> Table:
    columns: list[Column] = []
    children: list[Table] = []
    _sort(fields, (), columns, children, name, keys)
    return Table(name, keys, tuple(columns), tuple(children), path)


def _sort(
    fields: Any, path: tuple[str, ...], columns: list[Column], children: list[Table], table: str, keys: tuple[str, ...]
) -> None:
    for field in fields:
        here = (*path, field.name)
        name = "_".join(here)
        if pa.types.is_struct(field.type):
            _sort(field.type, here, columns, children, table, keys)
        elif pa.types.is_list(field.type) and pa.types.is_struct(field.type.value_type):
            inside, above = (f"{table}_", (*keys[:-1], f"{table}_number")) if keys != ROOT else ("", ("document_id",))
            children.append(_make(inside + name, (*above, "number"), field.type.value_type, here))
        elif pa.types.is_list(field.type):
            columns.append(Column(name, _TYPES[field.type.value_type] + "[]", here))
        else:
            is_json = pa.types.is_map(field.type) or here == _JSON
            columns.append(Column(name, "jsonb" if is_json else _TYPES[field.type], here))


DOCUMENTS = _make("documents", ROOT, SCHEMA)
TABLES = tuple(DOCUMENTS.walk())
"""All tables, parents first."""

Rows = dict[str, list[tuple[Any, ...]]]
"""Table -> its rows, each with the values of ``Table.names``."""


def add_rows(event: Event, rows: Rows, has_nul: bool = True) -> None:
    """Add the rows of ``event``. ``has_nul``: whether a NUL may be in it: PostgreSQL holds none, so U+FFFD takes its place."""
    found = event.model_dump(mode="json")
    _add(DOCUMENTS, _without_nul(found) if has_nul else found, (), rows)


def _add(table: Table, value: Mapping[str, Any], keys: tuple[Any, ...], rows: Rows) -> None:
    rows.setdefault(table.name, []).append((*keys, *(_plain(_dig(value, column.path)) for column in table.columns)))
    keys = keys or (value["id"],)
    for child in table.children:
        for number, one in enumerate(_dig(value, child.path) or (), 1):
            _add(child, one, (*keys, number), rows)


def _dig(value: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        value = None if value is None else value.get(name)
    return value


def _plain(value: Any) -> Any:
    return Jsonb(value) if isinstance(value, dict) else value


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if isinstance(value, dict):
        return {_without_nul(name): _without_nul(inner) for name, inner in value.items()}
    return [_without_nul(inner) for inner in value] if isinstance(value, list) else value
