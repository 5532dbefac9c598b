"""Glue of the stories stage: the keeper, its window in a changelogged table, and the records of ``news.stories``.

One keeper sees everything in one order, as the judge of copies does, and works in the stage's own process.
"""

from collections.abc import MutableMapping

from schemas import Work
from services.runtime.records import Core, StoreError, of_works
from services.runtime.settings import load
from services.runtime.versions import Basis
from services.stories.keeper import Keeper
from services.stories.settings import StoriesSettings

SETTINGS = (StoriesSettings,)


def check() -> None:
    """Raise SettingsError where a setting of the stage is wrong."""
    basis()


def basis() -> Basis:
    """What the results of the stage depend on."""
    return Basis(__name__, (load(StoriesSettings),))


def setup(version: str, rows: MutableMapping[str, str]) -> Core:
    """Make the keeper. It reads nothing of ``rows`` before ``open``: they may not be there yet."""
    keeper = Keeper(load(StoriesSettings), rows)

    def placed(work: Work) -> Work:
        placement = keeper.place(work)
        try:
            placement.write(rows)
        except Exception as error:
            raise StoreError(f"the rows of a story could not be written: {error!r}") from error
        made = placement.work
        return made if made.event.story is None else made.noted("stories", version)

    return Core(
        of_works("stories", version, lambda works: [placed(work) for work in works]),
        keeper.version,
        lambda: {"stories": keeper.stories, "stories_window_documents": len(keeper)},
        open=keeper.load,
        changes=lambda: [(name, None if one is None else one.model_dump_json()) for name, one in keeper.changes()],
    )
