"""A list in the terminal. Everything goes through ``safe``."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from schemas import WatchedEntity
from services.lists.entry import E
from services.text.safe import safe
from services.watch.topic import Entries

_OTHERS = 10
"""Other forms that are shown, some two lines; ``--json`` gives all."""


def show_entries(console: Console, entries: Entries[E]) -> None:
    """Print a table of the entries by id, then the messages that are not valid entries. Prints nothing for an empty list."""
    table = Table(box=None, padding=(0, 1), header_style="bold", pad_edge=False)
    typed = any(isinstance(entry, WatchedEntity) for entry in entries.listed.values())
    for name, style in (("id", "cyan"), *((("type", ""),) if typed else ()), ("name", ""), ("also", "dim")):
        table.add_column(name, style=style, overflow="fold")
    for identity, entry in sorted(entries.listed.items()):
        more = f" and {len(entry.others) - _OTHERS} more" if len(entry.others) > _OTHERS else ""
        others = " | ".join(safe(other) for other in entry.others[:_OTHERS]) + more
        types = [entry.type] if isinstance(entry, WatchedEntity) else []
        table.add_row(Text(safe(identity)), *types, Text(safe(entry.name)), Text(others))
    if table.row_count:
        console.print(table)
    for key, problem in sorted(entries.problems.items()):
        console.print(Text.assemble(("NOT IN FORCE", "bold red"), f"  {safe(key)}  {safe(problem)}"))
