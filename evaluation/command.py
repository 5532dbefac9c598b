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

EVALUATIONS = ("aliases", "dedup", "entities", "holders", "offsets", "salience", "speech", "stance", "topics")
BENCHES = ("dedup", "entities", "memory", "partitions", "pipeline", "stance", "takeover")


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
    table = Table("figure", "value", title=f"{task}", title_justify="left")
    for name, value in _flat(result):
        table.add_row(name, str(value))
    Console(stderr=True, highlight=False, markup=False).print(table)
    sys.stdout.write(json.dumps(result) + "\n")
    return 0


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _rounded(inner) for name, inner in value.items()}
    return round(value, 4) if isinstance(value, float) else value


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", value
