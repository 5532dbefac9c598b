"""From a record that was read, whatever its fields are called, to the message of a document."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.base import MAX_ID, MAX_MESSAGE_BYTES
from services.producer.fields import Columns, drop, to_json
from services.producer.item import Item, Origin, Problem, Skipped
from services.producer.key import NotADocumentError, check_size, key_of, key_of_anything
from services.producer.shapes import OURS, Shape, convert, has_text, is_ours, shape_of, told, unwrap
from services.producer.wrappers import ManyListsError, find_records

Made = Item | Problem | Skipped
_NO_RECORDS = ("SCHEMA", "STATE", "ACTIVATE_VERSION", "LOG", "TRACE")
"""What stands between the records of Singer's and Airbyte's streams."""
_REMOVED = "[Removed]"
"""What NewsAPI has in place of an article that its publisher took back."""


@dataclass
class Maker:
    """What the user says of all records of a file: ``columns`` (``--map``), ``dropped`` (``--drop``), ``records`` (where they are
    in an answer), ``tool`` (whose they are), ``raw`` (what is no JSON is published, too).

    ``name``: the file's, without suffix. Rows and records of others whose first id is 0 or 1 are numbered as they stand in their
    file, and so are those of the next file: their ids get this name before them, as ``train/1``. What ``--map`` says is an id,
    and a document of ours, keep theirs.
    """

    columns: Columns = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    records: str | None = None
    tool: str | None = None
    raw: bool = False
    name: str = ""
    _numbered: bool | None = field(default=None, init=False)

    def from_json(self, origin: Origin, content: bytes, form: str) -> Iterator[Made]:
        """The messages for the JSON in ``content``: one of a document, whose bytes stay, or those of an answer."""
        try:
            value = json.loads(content)
        except (ValueError, RecursionError):
            yield self._as_is(origin, content, form)
            return
        yield from self.from_value(origin, value, form, content)

    def from_value(self, origin: Origin, value: Any, form: str, content: bytes) -> Iterator[Made]:
        """The same for JSON that was read already."""
        plain = not (self.columns or self.dropped or self.records or self.tool)
        if not isinstance(value, dict) or (plain and value and is_ours(value) and value["text"].strip()):
            made = self._as_is(origin, content, form)
            yield (
                made
                if isinstance(made, Item) or not isinstance(value, dict)
                else self._document(origin, value, form, content)
            )
            return
        if value.get("type") in _NO_RECORDS and not has_text(value):
            yield Skipped(origin, f"a {value['type']} message, which has no document in it")
            return
        try:
            found = find_records(value, self.records)
        except ManyListsError as error:
            yield Problem(origin, str(error))
            return
        if found is None:
            yield self._document(origin, value, form, content)
            return
        if not found.records:
            yield Skipped(origin, f"the list {found.path} is empty")
        for number, record in enumerate(found.records, 1):
            at = Origin(origin.file, "entry", number) if origin.number is None else origin
            yield self.from_record(at, record, f"{form}, the list {found.path}", found.shape)

    def from_record(self, origin: Origin, record: Any, form: str, shape: Shape | None = None) -> Made:
        """The message for one record of an answer."""
        if not isinstance(record, dict):
            return Problem(origin, "not an object")
        return self._document(origin, record, form, None, shape, wrapped=True)

    def from_cells(self, origin: Origin, cells: Mapping[str, Any], form: str) -> Made:
        """The message for a row: what is no field of a document goes into its ``metadata``."""
        fields, tool = self._convert(cells, None)
        metadata = fields.pop("metadata", None)
        known = {name: value for name, value in fields.items() if name in OURS}
        others = {name: value for name, value in fields.items() if name not in known} | _metadata(metadata)
        if others:
            known["metadata"] = others
        return self._numbered_item(origin, known, f"{form}, {tool}" if tool else form)

    def from_fields(self, origin: Origin, fields: Mapping[str, Any], form: str) -> Made:
        """The message for what is a document's fields already, of a feed, a page or a wire story."""
        found = drop(fields, self.dropped)
        if self.columns:
            found, _ = convert(found, None, self.columns)
        return _item(origin, found, form)

    def _convert(self, fields: Mapping[str, Any], shape: Shape | None) -> tuple[dict[str, Any], str]:
        found = unwrap(drop(fields, self.dropped)) if "text" not in self.columns else drop(fields, self.dropped)
        return convert(found, shape or shape_of(found, told(self.tool)), self.columns)

    def _document(
        self,
        origin: Origin,
        fields: dict[str, Any],
        form: str,
        content: bytes | None,
        shape: Shape | None = None,
        wrapped: bool = False,
    ) -> Made:
        made, tool = self._convert(fields, shape)
        shape = next((one for one in told(None) if one.name == tool), None)
        if shape is not None:
            form = shape.wrapper if wrapped and shape.wrapper else tool
        elif tool:
            form = f"{form}, {tool}"
        if made.get("title") == made.get("text") == _REMOVED:
            return Skipped(origin, "was taken back by its publisher, as NewsAPI says")
        if content is not None and made == fields:
            as_is = self._as_is(origin, content, form)
            if isinstance(as_is, Item) or len(content) > MAX_MESSAGE_BYTES:
                return as_is
        # also where Python's reader takes what the service's does not: half a surrogate pair
        return self._numbered_item(origin, made, form)

    def _numbered_item(self, origin: Origin, fields: Mapping[str, Any], form: str) -> Item | Problem:
        identity = str(fields.get("id", ""))
        if self._numbered is None and identity:
            self._numbered = identity in ("0", "1") and self.name != "" and "id" not in self.columns
        if not self._numbered:
            return _item(origin, fields, form)
        named = f"{self.name}/{identity}"
        if identity.isdecimal() and len(named) <= MAX_ID:
            fields = {**fields, "id": named}
        return _item(origin, fields, f"{form}, its numbers as ids after the file's name")

    def _as_is(self, origin: Origin, content: bytes, form: str) -> Item | Problem:
        try:
            return Item(origin, content, key_of_anything(content) if self.raw else key_of(content), form)
        except NotADocumentError as error:
            return Problem(origin, str(error))


def _item(origin: Origin, fields: Mapping[str, Any], form: str) -> Item | Problem:
    try:
        value = to_json(fields)
        check_size(len(value))
        return Item(origin, value, key_of(value), form)
    except (NotADocumentError, RecursionError) as error:
        return Problem(origin, str(error))


def _metadata(cell: Any) -> dict[str, Any]:
    """A cell of a column ``metadata``: a JSON object's members, else the cell as it is."""
    if cell is None:
        return {}
    if isinstance(cell, dict):
        return cell
    try:
        found = json.loads(cell)
    except (TypeError, ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) else {"metadata": cell}
