"""The stance stage: who stands where toward whom and what, with the words that say so.

Which method reads a document the settings say: the model that reads pairs (``reading``), or one that is asked about each name
(``asking``). A document that is ``done`` passes unchanged.
"""

from collections.abc import Sequence
from typing import Protocol

from schemas import Issue, Stance, Work
from services.lists.file import read_list_file
from services.stance.asking import AskingMethod, make_reader
from services.stance.reading.encoder import PairEncoder
from services.stance.reading.method import PairMethod
from services.stance.settings import PAIRS, StanceSettings
from services.stance.watched import KIND, IssueList
from services.text.language import is_english


class Method(Protocol):
    """What reads documents."""

    name: str

    def __call__(
        self, works: Sequence[Work], issues: IssueList, /
    ) -> list[tuple[tuple[Issue, ...], tuple[Stance, ...]]]:
        """For each document its issues and stances; ``issues`` is the list of the user."""
        ...


class StanceTagger:
    """Adds the stances to documents. The same documents give the same stances, whatever batch they come in.

    Readers and grammar know English. A document of another language gets no stance, and no method under
    ``processing.models`` that would say that it was read for one.
    """

    def __init__(self, settings: StanceSettings, method: Method | None = None) -> None:
        """``method`` reads; by default the one that the settings name. ``issues``, of the file in ``settings``, is
        the list of issues, to be changed between calls.

        Raises:
            ListFileError: the file has a fault. ValueError: there is no such model.
        """
        self._settings = settings
        self.issues = IssueList(read_list_file(KIND, settings.issues_file) if settings.issues_file else ())
        self._method = method or make_method(settings)

    @property
    def version(self) -> str:
        """What reads, as it is written into ``processing.models``."""
        return self._method.name

    def __call__(self, works: Sequence[Work]) -> list[Work]:
        """The same works, in order, with their issues and stances, and done."""
        is_read = [not work.done and is_english(work.event.language) for work in works]
        read = iter(self._method([work for work, read in zip(works, is_read, strict=True) if read], self.issues))
        return [
            self._tagged(work, *next(read)) if taken else work.model_copy(update={"done": True})
            for work, taken in zip(works, is_read, strict=True)
        ]

    def _tagged(self, work: Work, issues: tuple[Issue, ...], stances: tuple[Stance, ...]) -> Work:
        event = work.event
        models = event.processing.models | {"stance": self.version}
        if self.issues.digest:
            models |= {"issues": self.issues.digest}
        processing = event.processing.model_copy(update={"models": models})
        event = event.model_copy(update={"issues": issues, "stances": stances, "processing": processing})
        return work.model_copy(update={"event": event, "done": True})


def make_method(settings: StanceSettings) -> Method:
    """The method that ``settings.model`` names. Raises ValueError where there is none."""
    if settings.model == PAIRS:
        return PairMethod(PairEncoder(), settings)
    return AskingMethod(settings, make_reader(settings.model))
