"""Shows stories in the terminal: many as a table, one with its outlets, its documents and who stands where in it.

Everything that came from outside goes through ``safe``; news, as it was printed, through ``printed``.
"""

from collections.abc import Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from schemas import StoryRecord
from schemas.story import Side
from services.consumer.ranking import growth
from services.consumer.show import shown_time
from services.text.safe import printed, safe

_TITLE = 120
_NAME = 80
_QUOTE = 160


def show_stories(console: Console, stories: Sequence[StoryRecord], since: datetime) -> None:
    """Print a table, one story a row; ``new`` counts the documents since ``since``. Prints nothing where there is none."""
    if not stories:
        return
    table = Table(box=None, padding=(0, 1), header_style="bold", pad_edge=False)
    for name in ("documents", "copies", "outlets", "new"):
        table.add_column(name, justify="right")
    table.add_column("last document", no_wrap=True)
    table.add_column("story", overflow="fold")
    table.add_column("id", style="cyan", overflow="fold")
    for story in stories:
        table.add_row(
            str(story.documents),
            str(story.copies),
            str(story.source_count),
            str(growth(story, since)),
            shown_time(story.last_seen),
            Text(printed(story.head.title, _TITLE) or "(no title)"),
            Text(safe(story.id)),
        )
    console.print(table)


def show_story(console: Console, story: StoryRecord) -> None:
    """Print one story."""
    console.print(Text(printed(story.head.title, _TITLE) or "(no title)", "bold"))
    table = Table.grid(padding=(0, 1))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("story", Text(safe(story.id)))
    if story.saga != story.id:
        table.add_row("saga", Text(safe(story.saga)))
    table.add_row("size", f"{story.documents} documents, {story.copies} copies of them, {story.source_count} outlets")
    table.add_row("seen", f"{shown_time(story.first_seen)} to {shown_time(story.last_seen)}")
    outlets = (
        f"{safe(one.name, _NAME) or '(no source)'} {one.documents}" + (f"+{one.copies}" if one.copies else "")
        for one in story.sources
    )
    table.add_row("outlets", Text(", ".join(outlets)))
    if story.entities:
        table.add_row("who", Text(", ".join(f"{safe(one.name, _NAME)} {one.documents}" for one in story.entities)))
    if story.issues:
        table.add_row("on", Text(", ".join(f"{safe(one.name, _NAME)} {one.documents}" for one in story.issues)))
    for number, one in enumerate(story.titles):
        told = Text.assemble(
            printed(one.title, _TITLE) or "(no title)",
            (f"  {safe(one.source, _NAME)} · {safe(one.id, _NAME)}", "dim"),
            (" · copy" if one.copy_of is not None else "", "yellow"),
        )
        table.add_row("titles" if number == 0 else "", told)
    console.print(table)
    _show_sides(console, story.sides)


def _show_sides(console: Console, sides: Sequence[Side]) -> None:
    """For each target those against it and those for it, with their words."""
    targets: dict[tuple[str, str], list[Side]] = {}
    for side in sides:
        targets.setdefault((side.target_kind, side.target), []).append(side)
    for (kind, name), here in targets.items():
        console.print()
        console.print(
            Text.assemble("on ", ("issue " if kind == "issue" else "", "dim cyan"), (safe(name, _NAME), "bold"))
        )
        for side in here:
            for label, count, style in (("for", side.favor, "green"), ("against", side.against, "red")):
                if count:
                    times = f" in {count} documents" if count > 1 else ""
                    console.print(Text.assemble("  ", (safe(side.holder, _NAME), "bold"), (f" {label}{times}", style)))
                    stance = "favor" if label == "for" else "against"
                    for quote in (one for one in side.quotes if one.stance == stance):
                        console.print(
                            Text.assemble(
                                "    ",
                                (f"“{printed(quote.words, _QUOTE)}”", "italic"),
                                (f"  {safe(quote.source, _NAME)} · {safe(quote.document, _NAME)}", "dim"),
                            )
                        )
