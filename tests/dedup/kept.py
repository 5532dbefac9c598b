"""A judge whose table is a dictionary, written as the stage writes it."""

from collections.abc import Mapping

from schemas import Work
from services.dedup.core import Judge, Judgement
from services.dedup.settings import DedupSettings


class Table(dict[str, str]):
    """Counts how often a row is read."""

    reads = 0

    def get(self, key: str) -> str | None:  # type: ignore[override]
        self.reads += 1
        return super().get(key)


class KeptJudge(Judge):
    """Each judgement is written before the next; ``table`` may hold the rows of another judge."""

    def __init__(self, settings: DedupSettings, table: Mapping[str, str] = {}) -> None:
        self.table = Table(table)
        super().__init__(settings, self.table)
        self.load()

    def judge(self, work: Work) -> Judgement:
        judgement = super().judge(work)
        judgement.write(self.table)
        return judgement
