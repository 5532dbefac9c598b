"""Parquet: each row is a document, its columns the fields."""

import base64
import math
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, BinaryIO

from services.producer.item import Origin, Problem
from services.producer.maker import Made, Maker
from services.producer.shapes import is_article, unwrap

_ROWS = 64
"""Rows that are held at once."""
_GROUP_BYTES = 2 * 1024**3
"""A group of rows may be held whole by the reader; writers' defaults give 0.01 to 0.5 GB."""
_NAMED = 12


def read_parquet(stream: BinaryIO, file: str, maker: Maker) -> Iterator[Made]:
    """One document a row. ``stream`` can be sought in."""
    import pyarrow
    import pyarrow.parquet

    origin = Origin(file)
    try:
        table = pyarrow.parquet.ParquetFile(stream)
        groups = [table.metadata.row_group(index).total_byte_size for index in range(table.metadata.num_row_groups)]
        if max(groups, default=0) > _GROUP_BYTES:
            yield Problem(origin, f"a group of rows of more than {_GROUP_BYTES} bytes; write it with smaller groups")
            return
        number = 0
        for batch in table.iter_batches(batch_size=_ROWS):
            for row in batch.to_pylist():
                number += 1
                yield _document(Origin(file, "entry", number), row, maker)
    except (pyarrow.ArrowException, OSError, ValueError, NotImplementedError) as error:
        yield Problem(origin, f"not Parquet, or damaged: {error}"[:300])


def _document(origin: Origin, row: dict[str, Any], maker: Maker) -> Made:
    fields = {name: value for name, value in ((name, _json(value)) for name, value in row.items()) if value is not None}
    if "text" not in maker.columns and not is_article(unwrap(fields)):
        shown = ", ".join(name[:50] for name in list(row)[:_NAMED])
        return maker.from_record(origin, fields, f"Parquet with {shown}")
    return maker.from_record(origin, fields, "Parquet")


def _json(value: Any) -> Any:
    """A value of Arrow as JSON has it; None where it is a number that JSON has not."""
    match value:
        case float():
            return value if math.isfinite(value) else None
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Decimal() if not value.is_finite():
            return None
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case bytes():
            try:
                return value.decode()
            except UnicodeDecodeError:
                return base64.b64encode(value).decode()
        case dict():
            return {str(name): _json(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_json(inner) for inner in value]
    return value
