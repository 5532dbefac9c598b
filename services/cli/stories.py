"""Commands on the stories: ``stories list`` and ``stories show``."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.terminal import err, fail, out, tell, usage
from services.runtime.settings import Settings, load

if TYPE_CHECKING:
    from services.consumer.stories import Stories

commands = typer.Typer(
    name="stories", no_args_is_help=True, help="Stories: documents that tell of the same event, as they are known now."
)


@commands.command(
    "list",
    epilog="Example:  stancewire stories list --sort growing --limit 10\n\n"
    "Example:  stancewire stories list --limit 100000 --parquet stories.parquet",
)
def list_stories(
    sort: Annotated[
        str,
        typer.Option(
            help="largest: most documents. newest: latest document. growing: most documents in the 24 hours up to the latest one."
        ),
    ] = "largest",
    limit: Annotated[int, typer.Option(min=1, help="Most stories to show.")] = 20,
    text: Annotated[
        list[str] | None,
        typer.Option(help="Only stories with these words in a title that their record has. Repeatable."),
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option(help="Only stories that this source tells; * and ? match anything. Repeatable."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print each story as JSON on one line.")] = False,
    parquet: Annotated[Path | None, typer.Option(help="Write to this Parquet file instead of the terminal.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the Parquet file if it exists.")] = False,
) -> None:
    """List the stories on news.stories. Status 1 if a message there is not a valid story.

    Values of one option are alternatives; different options must all hold.
    """
    from services.consumer.ranking import growing_since, order_of, ranked, wanted
    from services.consumer.show_stories import show_stories
    from services.consumer.stories import Stories
    from services.consumer.write import write_stories

    with usage("--sort"):
        order = order_of(sort)
    stories = Stories(load(Settings))
    found = [one for one in ranked(stories.told.values(), order) if wanted(one, text or (), source or ())][:limit]
    if parquet is not None:
        write_stories(parquet, found, overwrite=overwrite)
    elif json:
        sys.stdout.writelines(one.model_dump_json() + "\n" for one in found)
    elif found:
        show_stories(out, found, growing_since(stories.told.values()))
    err.print(f"{len(found)} of {len(stories.told)} stories")
    _end(stories)


@commands.command("show", epilog="Example:  stancewire stories show herald-1 --json")
def show_one_story(
    id: Annotated[str, typer.Argument(help="The story's id, as in story.id of its events.")],
    json: Annotated[bool, typer.Option("--json", help="Print the story as JSON on one line.")] = False,
) -> None:
    """Show one story: its outlets, its newest documents, and who stands where in it. Status 1 if there is none."""
    from services.consumer.show_stories import show_story
    from services.consumer.stories import Stories

    found = Stories(load(Settings)).told.get(id)
    if found is None:
        fail(f"there is no story {id[:100]!r} on news.stories; `stancewire stories list` shows those that there are")
    if json:
        sys.stdout.write(found.model_dump_json() + "\n")
    else:
        show_story(out, found)


def _end(stories: "Stories") -> None:
    for key, problem in sorted(stories.problems.items()):
        tell(f"{key[:100]}  {problem}", "unreadable", "red")
    if stories.problems:
        sys.exit(1)
