"""Commands on the knowledge base that entities are linked to."""

from pathlib import Path
from typing import Annotated

import typer

from services.cli.terminal import err, out, usage

commands = typer.Typer()
_group = typer.Typer(name="kb", no_args_is_help=True, help="The knowledge base that entities are linked to.")


@_group.command(
    "build",
    help="Build a knowledge base from files: Wikidata's JSON dump (.json), tables (.csv: your own, Party Facts, country-codes), "
    "lists of congress-legislators (.yaml); each also as .gz or .bz2. Entries that share an id become one.",
    epilog="Example:  stancewire kb build --out news.kb wikidata.json.bz2 legislators-current.yaml people.csv",
)
def build_base(
    inputs: Annotated[list[Path], typer.Argument(help="Files to read, those that name best first.")],
    out_file: Annotated[Path, typer.Option("--out", help="The file to write. One that is there is replaced.")],
    without_places: Annotated[
        bool, typer.Option("--without-places", help="Leave out the countries and towns that come with Stancewire.")
    ] = False,
    least_sitelinks: Annotated[
        int,
        typer.Option(min=0, help="Of Wikidata take what has so many pages in Wikipedias and their like."),
    ] = 3,
) -> None:
    """Build the file of STANCEWIRE_ENTITIES_KB_FILE."""
    from services.identity.build import build
    from services.identity.kb import PLACES

    with usage():
        built = build(out_file, inputs, None if without_places else PLACES, least_sitelinks)
    err.print(f"{built.entries:,} entries, {built.names:,} names, digest {built.digest}")
    out.print(f"To use it, set STANCEWIRE_ENTITIES_KB_FILE={out_file}", soft_wrap=True)


@_group.command(
    "find",
    help="Show what a knowledge base knows by a name, the best known first. Status 1 if it knows nothing.",
    epilog="Example:  stancewire kb find Springfield",
)
def find_name(
    name: Annotated[str, typer.Argument(help="The name, as a document would have it.")],
    file: Annotated[
        Path | None, typer.Option("--file", help="A knowledge base; that of the settings if left out.")
    ] = None,
) -> None:
    """Look a name up."""
    from services.entities.settings import EntitySettings
    from services.identity.kb import PLACES, KnowledgeBase, forms_of
    from services.identity.sources import KINDS
    from services.runtime.settings import load

    with usage():
        base = KnowledgeBase(file or load(EntitySettings).kb_file or PLACES)
    found = {entry.own[0]: entry for kind in KINDS for form in forms_of(name, kind) for entry in base.candidates(form)}
    for entry in sorted(found.values(), key=lambda entry: -entry.weight):
        out.print(
            f"{entry.weight:5.2f}  {entry.kind:6}  {entry.name}  {' '.join(entry.own)}", soft_wrap=True, markup=False
        )
    if not found:
        raise typer.Exit(1)


commands.add_typer(_group)
