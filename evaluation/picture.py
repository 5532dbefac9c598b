"""The picture of how edited copies are found, ``docs/dedup/recall.svg``: drawn anew by ``make eval TASK=copies``.

On the left recall against the share of the words changed, as measured (dots) and as theory expects (lines); on the right
the other edits, each bar made of the verdicts that its copies got. How it is measured is ``copies``'s to say.
"""

import decimal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import leather

PATH = Path(__file__).parents[1] / "docs" / "dedup" / "recall.svg"

Rows = Mapping[str, Mapping[str, Any]]
"""Figures by name, as ``copies.summarise`` gives them."""

_SIZE = 1240, 520
_DIGITS = 6
"""Of coordinates: a thousandth of a pixel, and the same on every machine."""
_COLOURS = {"exact": "#1b4965", "near": "#5fa8d3", "excerpt": "#f4a259", "expansion": "#bc4b51"}
_HUES = "#1b4965", "#bc4b51", "#5fa8d3", "#f4a259", "#37872d", "#a352cc", "#8f6a00", "#5c5c66"
_CURVES = "#1b4965", "#bc4b51"


@dataclass(frozen=True)
class Curve:
    """Recall by percent of the words changed.

    Attributes:
        name: how they were changed. measured: by percent, with ``recall``. expected: percent and recall, from 0 to 1.
    """

    name: str
    measured: Rows
    expected: Sequence[tuple[float, float]]


def draw(path: Path, curves: Sequence[Curve], edits: Rows) -> None:
    """Write the picture of two ``curves`` and of ``edits``, by name with the share of each verdict, to ``path``."""
    grid = leather.Grid()
    grid.add_many([_lines(curves), _bars(edits)])
    path.parent.mkdir(parents=True, exist_ok=True)
    with decimal.localcontext() as context:
        context.prec = _DIGITS
        svg = grid.to_svg(width=_SIZE[0], height=_SIZE[1])
    path.write_text(f"{svg}\n", encoding="utf-8")


def draw_lines(path: Path, charts: Sequence[tuple[str, Mapping[str, Sequence[tuple[float, float]]]]]) -> None:
    """Write charts to ``path``, two in a row: each a title, and by name lines of points. The y axes begin at 0."""
    grid = leather.Grid()
    for title, lines in charts:
        chart = leather.Chart(title)
        for colour, (name, points) in zip(_HUES, lines.items(), strict=False):
            chart.add_line(points, name=name, stroke_color=colour, width=1.5)
        chart.add_y_scale(0, 1.15 * max((y for points in lines.values() for _, y in points), default=1))
        grid.add_one(chart)
    _write(path, grid, 2 * _SIZE[1])


def draw_bars(path: Path, charts: Sequence[tuple[str, Mapping[str, float]]]) -> None:
    """Write charts to ``path``, two in a row: each a title, and bars by their names. They begin at 0."""
    grid = leather.Grid()
    for (title, bars), colour in zip(charts, _HUES, strict=False):
        chart = leather.Chart(title)
        chart.add_bars([(value, name) for name, value in bars.items()], fill_color=colour)
        chart.add_x_scale(0, 1.05 * max(bars.values(), default=1))
        grid.add_one(chart)
    _write(path, grid, 2 * _SIZE[1])


def _write(path: Path, grid: leather.Grid, height: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with decimal.localcontext() as context:
        context.prec = 2 * _DIGITS
        svg = grid.to_svg(width=_SIZE[0], height=height)
    path.write_text(f"{svg}\n", encoding="utf-8")


def _lines(curves: Sequence[Curve]) -> leather.Chart:
    chart = leather.Chart("Found, of copies with so many of their words changed")
    for curve, colour in zip(curves, _CURVES, strict=True):
        expected = [(percent, 100 * recall) for percent, recall in curve.expected]
        measured = [(float(percent), 100 * row["recall"]) for percent, row in curve.measured.items()]
        chart.add_line(expected, name=f"{curve.name}, expected", stroke_color=colour, width=1)
        chart.add_dots(measured, name=f"{curve.name}, measured", fill_color=colour, radius=4)
    last = max(int(percent) for curve in curves for percent in curve.measured)
    chart.add_x_scale(0, last)
    chart.add_y_scale(0, 100)
    chart.add_x_axis(ticks=range(0, last + 1, 5), tick_formatter=_percent, name="words changed")
    chart.add_y_axis(ticks=range(0, 101, 20), tick_formatter=_percent)
    return chart


def _bars(edits: Rows) -> leather.Chart:
    """Bars over bars: the longest, of all verdicts, is drawn first, and each shorter one covers what is not its last verdict's."""
    verdicts = [name for name in _COLOURS if any(row.get(name) for row in edits.values())]
    chart = leather.Chart("Found, of copies edited otherwise, by verdict")
    lengths = {edit: list(accumulate(100 * row[name] for name in verdicts)) for edit, row in edits.items()}
    for at in reversed(range(len(verdicts))):
        bars = [(length[at], _label(edit)) for edit, length in lengths.items()]
        chart.add_bars(bars, name=verdicts[at], fill_color=_COLOURS[verdicts[at]])
    chart.add_x_scale(0, 100)
    chart.add_x_axis(ticks=range(0, 101, 20), tick_formatter=_percent)
    return chart


def _label(edit: str) -> str:
    """An edit's name for people, such as "excerpt 50 %"."""
    return edit.replace("_", " ") + (" %" if edit[-1].isdigit() else "")


def _percent(value: float, index: int, count: int) -> str:
    return f"{value} %"
