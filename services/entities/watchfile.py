"""Reads a watch list from a file: JSON Lines of ``Watched``, or CSV with the columns id, name, type and aliases (``A|B``).

It decides how such a file may look, and says of the first fault in which line and field it is.
"""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import ValidationError

from schemas.watched import Watched
from services.entities.watchlist import MAX_FORMS, explain

_COLUMNS = ("id", "name", "type", "aliases")
_NEEDED = frozenset({"id", "name", "type"})


class WatchFileError(ValueError):
    """The file cannot be read as a watch list; the message names it, the line and the field."""


def read_watch_file(path: Path) -> list[Watched]:
    """The entries of ``path`` in order; its suffix ``.csv`` tells CSV. UTF-8, with or without a mark; blank lines are none.

    Raises:
        WatchFileError: there is no such file, or an entry is wrong, or there twice, or there are too many.
    """
    lines: dict[str, int] = {}
    entries: list[Watched] = []
    forms = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            read = _read_csv(file) if path.suffix.lower() == ".csv" else _read_json(file)
            for line, watched in read:
                if watched.id in lines:
                    raise ValueError(f"line {line}: id: is that of line {lines[watched.id]}, too")
                lines[watched.id] = line
                entries.append(watched)
                forms += len(watched.forms)
                if forms > MAX_FORMS:
                    raise ValueError(f"line {line}: there are more than {MAX_FORMS} names")
    except UnicodeDecodeError:
        raise WatchFileError(f"{path}: is not UTF-8") from None
    except OSError as error:
        raise WatchFileError(f"{path}: {error.strerror or error}") from None
    except (ValueError, csv.Error) as error:
        raise WatchFileError(f"{path}: {error}") from None
    return entries


def _read_json(file: Iterable[str]) -> Iterator[tuple[int, Watched]]:
    for number, line in enumerate(file, 1):
        if line.strip():
            try:
                yield number, Watched.model_validate_json(line)
            except ValidationError as error:
                raise ValueError(f"line {number}: {explain(error)}") from None


def _read_csv(file: Iterable[str]) -> Iterator[tuple[int, Watched]]:
    rows = csv.DictReader(file, strict=True)
    columns = rows.fieldnames or ()
    if not set(columns) >= _NEEDED or not set(columns) <= set(_COLUMNS) or len(set(columns)) < len(columns):
        raise ValueError(f"line 1: the columns are {', '.join(columns)[:100]!r} and should be {','.join(_COLUMNS)}")
    for row in rows:
        try:
            yield rows.line_num, Watched.model_validate(_fields(row))
        except ValidationError as error:
            raise ValueError(f"line {rows.line_num}: {explain(error)}") from None


def _fields(row: dict[str, str | None]) -> dict[str, object]:
    """A row's fields as an entry's; cells beyond the columns (their key is None) make it fail."""
    if None in row:
        return {"more cells than columns": row[None]}  # type: ignore[index] # DictReader's types leave the rest out
    aliases = [alias for alias in (row.get("aliases") or "").split("|") if alias.strip()]
    return {name: (row[name] or "").strip() for name in _NEEDED} | {"aliases": tuple(aliases)}
