"""The judge in the loop: what ends the process, and what is one document's fault."""

import asyncio
from typing import Any

import pytest

from evaluation.made_copies import document
from services.intake.agent import setup
from services.runtime.records import Failure, Made, Record, StoreError, work_on
from services.runtime.topology import DOCUMENTS, FINGERPRINTS, named
from services.runtime.work import TableWork

INTAKE, DEDUP = named("intake"), named("dedup")


class Event:
    """The event that a row is written under."""


class Table(dict[str, str]):
    """A table whose rows the disk may not give back."""

    damaged = False

    def get(self, key: str, default: Any = None) -> Any:
        if self.damaged:
            raise StoreError("Corruption: block checksum mismatch")
        return super().get(key, default)

    async def acknowledged(self) -> None:
        """The broker has every change."""


def test_a_row_that_the_disk_does_not_give_back_is_no_documents_fault() -> None:
    async def run() -> None:
        key, value = document(
            "one", "A text that was judged before, and is long enough to have a fingerprint of its own."
        )
        sent = Record(DOCUMENTS.name, 0, 0, key, value, 1.7e9, ())
        (made,) = work_on(INTAKE, "", setup("v1", {}).run, [sent])
        assert isinstance(made, Made)
        record = Record(FINGERPRINTS.name, 0, 0, made.key, made.value, 1.7e9, made.headers)
        table = Table()
        work = TableWork(DEDUP, "", table, "v1")
        events: Any = [Event()]
        first = await work([record], events)
        await work.open()
        table.damaged = True
        with pytest.raises(StoreError, match="Corruption"):
            await work([record], events)
        table.damaged = False
        assert [type(one) for one in first] == [Made]
        assert isinstance((await work([Record(FINGERPRINTS.name, 0, 1, b"x", b"x", 1.7e9, ())], events))[0], Failure)

    asyncio.run(run())
