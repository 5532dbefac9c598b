"""Reads a list from a file: JSON Lines of its entries, or CSV with their fields as columns, the other forms as ``A|B``.

It decides how such a file may look, and says of the first fault in which line and field it is.
"""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from pydantic import ValidationError

from services.lists.entry import E, Kind, explain

_LONGEST = 128 * 1024
"""Characters of a line. An entry of 101 forms of 200 characters, all of them escaped, has 120 KB."""


class ListFileError(ValueError):
    """The file cannot be read as a list; the message names it, the line and the field."""


def read_list_file(kind: Kind[E], path: Path) -> list[E]:
    """The entries of ``path`` in order; its suffix ``.csv`` tells CSV. UTF-8, with or without a mark; blank lines are skipped.

    Raises:
        ListFileError: the file is missing, an entry is wrong or given twice, or there are too many.
    """
    lines: dict[str, int] = {}
    entries: list[E] = []
    forms = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            bounded = _lines(file)
            read = _read_csv(kind, bounded) if path.suffix.lower() == ".csv" else _read_json(kind, bounded)
            for line, entry in read:
                if entry.id in lines:
                    raise ValueError(
                        f"line {line}: id: is the same as in line {lines[entry.id]}; give each entry its own"
                    )
                lines[entry.id] = line
                entries.append(entry)
                forms += len(entry.forms)
                if forms > kind.most:
                    raise ValueError(
                        f"line {line}: the list has more than {kind.most} names, the most that it may have"
                    )
    except UnicodeDecodeError:
        raise ListFileError(f"{path}: is not UTF-8 text; convert it to UTF-8") from None
    except OSError as error:
        raise ListFileError(f"{path}: {error.strerror or error}") from None
    except (ValueError, csv.Error) as error:
        raise ListFileError(f"{path}: {error}") from None
    return entries


def _lines(file: TextIO) -> Iterator[str]:
    number = 0
    while line := file.readline(_LONGEST + 1):
        number += 1
        if len(line) > _LONGEST:
            raise ValueError(f"line {number}: is longer than {_LONGEST} characters, the most that a line may have")
        yield line


def _read_json(kind: Kind[E], file: Iterable[str]) -> Iterator[tuple[int, E]]:
    for number, line in enumerate(file, 1):
        if line.strip():
            try:
                yield number, kind.model.model_validate_json(line)
            except ValidationError as error:
                raise ValueError(f"line {number}: {explain(error)}") from None


def _read_csv(kind: Kind[E], file: Iterable[str]) -> Iterator[tuple[int, E]]:
    rows = csv.DictReader(file, strict=True)
    columns = rows.fieldnames or ()
    known = kind.model.model_fields
    needed = {name for name, field in known.items() if field.is_required()}
    if not set(columns) >= needed or not set(columns) <= set(known) or len(set(columns)) < len(columns):
        raise ValueError(f"line 1: the columns must be {','.join(known)} (got {','.join(columns)[:100]!r})")
    for row in rows:
        try:
            yield rows.line_num, kind.model.model_validate(_fields(row, needed))
        except ValidationError as error:
            raise ValueError(f"line {rows.line_num}: {explain(error)}") from None


def _fields(row: dict[str, str | None], needed: set[str]) -> dict[str, object]:
    """A row's fields as an entry's, those that may be left out being lists of forms; cells beyond the columns (their key is
    None) make it fail."""
    if None in row:
        return {"more cells than columns": row[None]}  # type: ignore[index] # DictReader's types leave the rest out
    return {
        name: (cell or "").strip()
        if name in needed
        else tuple(form for form in (cell or "").split("|") if form.strip())
        for name, cell in row.items()
    }
