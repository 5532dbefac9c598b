"""Glue of the dedup stage: the judge, its window in a changelogged table.

One judge sees everything in one order, and its work on a document is well under a millisecond, so it works in the stage's own
process. Each work's rows are written as it is judged; a work judged again finds its own verdict there.
"""

import logging
from collections.abc import MutableMapping

from schemas import Work
from services.dedup.core import Judge
from services.dedup.settings import DedupSettings
from services.runtime.records import Core, StoreError, of_works
from services.runtime.settings import load
from services.runtime.versions import Basis

log = logging.getLogger(__name__)

SETTINGS = (DedupSettings,)


def check() -> None:
    """Raise SettingsError where a setting of the stage is wrong."""
    basis()


def basis() -> Basis:
    """What the results of the stage depend on."""
    return Basis(__name__, (load(DedupSettings),))


def setup(version: str, rows: MutableMapping[str, str]) -> Core:
    """Make the judge. It reads nothing of ``rows`` before ``open``: they may not be there yet."""
    bench = _Bench(rows)
    return Core(
        of_works("dedup", version, lambda works: [bench.judged(work) for work in works]),
        bench.judge.version,
        bench.figures,
        open=bench.judge.load,
    )


class _Bench:
    """The judge, the table that it writes, and how many documents share an id with another one."""

    def __init__(self, rows: MutableMapping[str, str]) -> None:
        self.judge = Judge(load(DedupSettings), rows)
        self._rows = rows
        self._shared = 0

    def judged(self, work: Work) -> Work:
        judgement = self.judge.judge(work)
        try:
            judgement.write(self._rows)
        except Exception as error:
            raise StoreError(f"the rows of a judgement could not be written: {error!r}") from error
        if judgement.beside:
            self._shared += 1
            if self._shared & (self._shared - 1) == 0:  # the 1st, 2nd, 4th, 8th …: a whole feed may be like this
                log.warning(
                    "%.80r is the id of another document, which this one has nothing in common with, and of the same revision: "
                    "both stay (%d like this). Send documents under ids of their own, and a later text with a higher revision",
                    judgement.work.event.id,
                    self._shared,
                )
        return judgement.work

    def figures(self) -> dict[str, float]:
        return {
            "window_documents": len(self.judge),
            "window_bytes": self.judge.characters,
            "shared_ids": self._shared,
        }
