"""What is remembered of one judgement, as the row of the table that it is kept in. For how long is ``keeper``'s to say."""

from pydantic_core import to_json

from schemas.base import Model
from schemas.event import Story

VERSION = 1
"""Of a row's format; it changes when an earlier release could not read it, or would read other terms into it."""


class Row(Model):
    """The table's value for one judgement, as JSON. It is never changed once written.

    Attributes:
        version: of the format. number: counts the judgements, from 1. clock: the greatest time of receipt so far, seconds. first:
            the lowest number that was in the window then.
        event: the work's ``event_id``. id, revision: the document's. received: microseconds since 1970. published: seconds.
        withdrawal: it took its id's documents back. story: the verdict; none for a withdrawal. opened: the number of the document
            that opened the story.
        enters: it is in the window; an old revision that comes late is not. part: what it is to its story (``catalog``). key: tells
            documents of one id apart, and ``cluster`` finds what copies it.
        source: a hash of its source. terms: its vector (``weighing.packed``).
        left: the number of the revision that it took out of the window. touched: names of the stories that lost a document by it.
        member: what the story's record needs of it (``record.Member``), as JSON.
        keys: those that the stream gave to bare names, by the ids of the entities. note: what it tells of names
            (``identity.notes``).
    """

    version: int
    number: int
    clock: int
    first: int
    event: str
    id: str
    revision: int
    received: int
    withdrawal: bool = False
    story: Story | None = None
    opened: int = 0
    enters: bool = False
    part: int = 0
    key: str = ""
    cluster: str = ""
    source: int = 0
    published: int = 0
    terms: str = ""
    left: tuple[int, ...] = ()
    touched: tuple[str, ...] = ()
    member: str = ""
    keys: dict[str, str] = {}
    note: str = ""

    def write(self) -> str:
        """The JSON that is kept, without what is as it is by default."""
        return to_json(self, exclude_none=True).decode()
