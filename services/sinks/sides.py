"""Remembers which side each pair was last told to be on: a small table in a file, bounded, safe after each change."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from schemas.event import Label

MOST = 100_000
"""Pairs, some 15 MB. Of more than these the ones that were told longest ago are forgotten, and are new when they come again."""
_WAIT_SECONDS = 10


class Sides:
    """The table in ``path``. Raises OSError, sqlite3.Error: it cannot be used."""

    def __init__(self, path: Path, most: int = MOST) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._most = most
        self._database = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS sides (pair TEXT PRIMARY KEY, side TEXT NOT NULL, at REAL NOT NULL)"
        )
        self._database.execute("CREATE INDEX IF NOT EXISTS told ON sides (at)")

    def last(self, pair: str) -> tuple[Label, datetime] | None:
        """The side that was told last, and when the document was received that it was in."""
        found = self._database.execute("SELECT side, at FROM sides WHERE pair = ?", (pair,)).fetchone()
        return (found[0], datetime.fromtimestamp(found[1], UTC)) if found else None

    def told(self, pair: str, side: Label, at: datetime) -> None:
        """This side was told, of a document that was received then."""
        self._database.execute("INSERT OR REPLACE INTO sides VALUES (?, ?, ?)", (pair, side, at.timestamp()))
        self._database.execute(
            "DELETE FROM sides WHERE pair IN (SELECT pair FROM sides ORDER BY at LIMIT "
            "max(0, (SELECT count(*) FROM sides) - ?))",
            (self._most,),
        )

    def close(self) -> None:
        """Close the file."""
        self._database.close()
