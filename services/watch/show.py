"""The watch list in the terminal. Everything goes through ``safe``."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.consumer.safe import safe
from services.watch.topic import Entries

_ALIASES = 10
"""Other names that are shown, some two lines; ``--json`` gives all."""


def show_entries(console: Console, entries: Entries) -> None:
    """Print a table of the entries by id, and then what is none. Nothing is printed for none."""
    table = Table(box=None, padding=(0, 1), header_style="bold", pad_edge=False)
    table.add_column("id", style="cyan", overflow="fold")
    table.add_column("type")
    table.add_column("name", overflow="fold")
    table.add_column("also", overflow="fold", style="dim")
    for identity, entry in sorted(entries.watched.items()):
        more = f" and {len(entry.aliases) - _ALIASES} more" if len(entry.aliases) > _ALIASES else ""
        aliases = " | ".join(safe(alias) for alias in entry.aliases[:_ALIASES]) + more
        table.add_row(Text(safe(identity)), entry.type, Text(safe(entry.name)), Text(aliases))
    if table.row_count:
        console.print(table)
    for key, problem in sorted(entries.problems.items()):
        console.print(Text.assemble(("NOT IN FORCE", "bold red"), f"  {safe(key)}  {safe(problem)}"))
