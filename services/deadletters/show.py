"""Dead letters in the terminal: a table of many, or one with all it has. Everything goes through ``safe``."""

import json
from collections.abc import Iterable

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from schemas import DeadLetter
from schemas.base import MAX_EXPLANATION, MAX_MESSAGE_BYTES
from services.deadletters.letters import Letter
from services.text.safe import safe

_LINES = 200
_LINE = 2_000
"""Lines of a value, and code points of one, that are shown: a few screens; ``--raw`` gives all."""


def show_table(console: Console, found: Iterable[Letter]) -> int:
    """Print a table of letters; returns how many there were. Prints nothing if there is none."""
    table = Table(box=None, padding=(0, 1), header_style="bold", pad_edge=False)
    table.add_column("time", no_wrap=True)
    table.add_column("position", no_wrap=True, style="cyan")
    table.add_column("stage")
    table.add_column("reason", style="red")
    table.add_column("document", overflow="fold", max_width=40)
    table.add_column("message", overflow="fold")
    for letter in found:
        table.add_row(*_row(letter))
    if table.row_count:
        console.print(table)
    return table.row_count


def show_letter(console: Console, letter: Letter) -> None:
    """Print one letter: its headers, its key, and its value, JSON indented."""
    console.print(render(letter))


def render(letter: Letter) -> RenderableType:
    """What ``show_letter`` prints."""
    facts = Table.grid(padding=(0, 1))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    facts.add_row("position", Text(letter.position))
    if letter.letter is None:
        facts.add_row("problem", Text(safe(letter.problem or ""), "bold red"))
    else:
        for name, value in letter.letter.model_dump(mode="json").items():
            if value is not None:
                facts.add_row(name.replace("_", " "), Text(safe(str(value), MAX_EXPLANATION)))
    key = letter.record.key
    facts.add_row("key", Text("none" if key is None else safe(_decode(key)), "dim" if key is None else ""))
    return Group(facts, Text(), _value(letter.record.value))


def _row(letter: Letter) -> list[Text]:
    said: DeadLetter | None = letter.letter
    if said is None:
        return [
            Text("?"),
            Text(letter.position),
            Text("?"),
            Text("unreadable"),
            Text(""),
            Text(safe(letter.problem or "")),
        ]
    again = f" (attempt {said.attempt})" if said.attempt > 1 else ""
    exception = f"{said.exception}: " if said.exception else ""
    return [
        Text(f"{said.failed_at:%Y-%m-%d %H:%M:%S}"),
        Text(letter.position),
        Text(safe(said.stage, 40)),
        Text(said.reason.value + again),
        Text(safe(said.document or "", 256)),
        Text(safe(exception + said.message, MAX_EXPLANATION)),
    ]


def _value(value: bytes | None) -> Text:
    if value is None:
        return Text("no value: a tombstone", "dim")
    lines = _pretty(value).split("\n", _LINES)
    shown = Text("\n".join(_indented(line) for line in lines[:_LINES]))
    if len(lines) > _LINES:
        shown.append(f"\n… {len(value)} bytes in all; --raw writes them", "dim")
    return shown


def _pretty(value: bytes) -> str:
    """JSON with an indent, or as it is if it is not JSON."""
    if len(value) <= MAX_MESSAGE_BYTES * 4:
        try:
            return json.dumps(json.loads(value), indent=2, ensure_ascii=False)
        except (ValueError, RecursionError):
            pass
    return _decode(value)


def _indented(line: str) -> str:
    """``line`` made safe, with the spaces that it starts with."""
    indent = min(len(line) - len(line.lstrip(" ")), 40)
    return " " * indent + safe(line, _LINE)


def _decode(value: bytes) -> str:
    return value.decode("utf-8", "backslashreplace")
