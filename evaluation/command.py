"""The two command lines: a task by its name, a table for people on stderr, one line of JSON as the last on stdout.

Exit statuses: 0 measured; 1 a benchmark could not be run to its end; 2 the call, the data or a setting is wrong. What is wrong
is one line on stderr.
"""

import argparse
import importlib
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from evaluation.bench import BenchError
from evaluation.data import DataError
from services.runtime.settings import SettingsError

EVALUATIONS = (
    "aliases", "analyst", "changes", "copies", "dedup", "directed", "entities", "holders", "identity", "issues", "linking",
    "offsets", "salience", "speech", "stance", "stories",
)  # fmt: skip
BENCHES = (
    "dedup", "entities", "image", "joining", "linking", "memory", "partitions", "peers", "pipeline", "produce", "sinks",
    "stance", "stories", "takeover", "transactions",
)  # fmt: skip
_WIDTH = 128
"""Columns of text that tables may have at least: enough for the widest, which is of no use with its cells folded."""


def evaluate(arguments: Sequence[str]) -> int:
    """Run ``evaluation.<task>.evaluate`` on the file or folder of ``--data``, or on the development data."""
    parser = argparse.ArgumentParser(prog="python -m evaluation", description="Accuracy of a stage.")
    parser.add_argument("task", metavar="TASK", choices=EVALUATIONS, help=", ".join(EVALUATIONS))
    parser.add_argument("--data", metavar="PATH", type=Path, help="a file or folder; the development data if left out")
    call = _parse(parser, arguments, EVALUATIONS)
    module = importlib.import_module(f"evaluation.{call.task}")
    return _report(call.task, lambda: module.evaluate(call.data))


def bench(arguments: Sequence[str]) -> int:
    """Run ``evaluation.bench.<task>.measure`` on so many documents."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.bench", description="Speed of a stage or of all.")
    parser.add_argument("task", metavar="TASK", choices=BENCHES, help=", ".join(BENCHES))
    parser.add_argument("--documents", metavar="N", type=_count, help="how many; each task has its own number")
    call = _parse(parser, arguments, BENCHES)
    module = importlib.import_module(f"evaluation.bench.{call.task}")
    return _report(call.task, lambda: module.measure(call.documents or module.DOCUMENTS))


def _parse(parser: argparse.ArgumentParser, arguments: Sequence[str], tasks: Sequence[str]) -> argparse.Namespace:
    if not arguments:
        parser.error(f"TASK is one of {', '.join(tasks)}")
    return parser.parse_args(arguments)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number


def _report(task: str, measure: Callable[[], Mapping[str, Any]]) -> int:
    started = time.monotonic()
    try:
        figures = measure()
    except (DataError, SettingsError, BenchError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1 if isinstance(error, BenchError) else 2
    result = _rounded({"task": task, **figures, "seconds": time.monotonic() - started})
    console = Console(stderr=True, highlight=False, markup=False)
    console.width = max(console.width, _WIDTH)
    for table in _tables(task, result):
        console.print(table)
    sys.stdout.write(json.dumps(result) + "\n")
    return 0


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _rounded(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    return round(value, 4) if isinstance(value, float) else value


def _tables(task: str, result: Mapping[str, Any]) -> Iterator[Table]:
    """One table of all single figures, and one of each figure that is rows of the same columns."""
    grids = {name: value for name, value in result.items() if _is_grid(value)}
    for name, rows in grids.items():
        columns = list(next(iter(rows.values())))
        grid = Table(name, *columns, title=f"{task}: {name}", title_justify="left")
        for row, values in rows.items():
            grid.add_row(row, *("" if values[column] is None else str(values[column]) for column in columns))
        yield grid
    table = Table("figure", "value", title=f"{task}", title_justify="left")
    for name, value in _flat({name: value for name, value in result.items() if name not in grids}):
        table.add_row(name, str(value))
    yield table


def _is_grid(value: Any) -> bool:
    """Whether it is rows by name, more than one, which have the same single figures."""
    if not isinstance(value, Mapping) or len(value) < 2 or not all(isinstance(row, Mapping) for row in value.values()):
        return False
    first, *others = value.values()
    return all(row.keys() == first.keys() for row in others) and not any(
        isinstance(cell, Mapping) for row in value.values() for cell in row.values()
    )


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", value
