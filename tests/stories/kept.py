"""Works for the keeper, and a keeper whose table is a dictionary, written as the stage writes it."""

from datetime import UTC, datetime

from schemas import Duplicate, Event, Processing, Status, StoryRecord, Work
from schemas.event import Entity, Mention, Verdict, digest
from services.identity.names import name_key
from services.stories.keeper import Keeper, Placement
from services.stories.settings import StoriesSettings
from tests.stories.news import START


def work(
    id: str,
    told: tuple[str, str] = ("", ""),
    hours: float = 0.0,
    *,
    revision: int = 1,
    copies: str = "",
    verdict: Verdict = "near",
    cluster: str = "",
    source: str = "",
    status: Status = Status.ENRICHED,
    names: tuple[str, ...] = (),
) -> Work:
    """A document as it leaves the stance stage; ``copies``: the id of what it copies. ``names``: the people that it names."""
    duplicate = None
    if status is not Status.WITHDRAWN:
        found: Verdict = verdict if copies else "unique"
        duplicate = Duplicate(verdict=found, cluster=cluster or copies or id, of=copies or None, rule="r")
    event = Event(
        event_id=digest(id, revision, *told, status.value, *names),
        id=id,
        revision=revision,
        status=status,
        title=told[0],
        text=told[1],
        source=source,
        duplicate=duplicate,
        entities=tuple(
            Entity(
                id=f"e{number}",
                name=name,
                type="PERSON",
                key=name_key(name, "PERSON"),
                salience=1 / len(names),
                mentions=(Mention(field="text", start=0, end=len(name), text=name),),
            )
            for number, name in enumerate(names, 1)
        ),
        processing=Processing(pipeline="", received_at=datetime.fromtimestamp(START + hours * 3600, UTC)),
    )
    return Work(event=event, done=status is not Status.ENRICHED)


def gone(id: str, hours: float = 0.0) -> Work:
    """The withdrawal of a document."""
    return work(id, hours=hours, status=Status.WITHDRAWN)


class KeptKeeper(Keeper):
    """Each placement is written before the next; ``topic`` holds the records that would be on ``news.stories``."""

    def __init__(self, settings: StoriesSettings, table: dict[str, str] | None = None) -> None:
        self.table: dict[str, str] = {} if table is None else table
        self.topic: dict[str, StoryRecord] = {}
        super().__init__(settings, self.table)
        self.load()

    def place(self, work: Work) -> Placement:
        placement = super().place(work)
        placement.write(self.table)
        return placement

    def publish(self) -> None:
        """Write what has changed to the topic."""
        for name, record in self.changes():
            if record is None:
                self.topic.pop(name, None)
            else:
                self.topic[name] = record

    def alive(self) -> dict[str, StoryRecord]:
        """The records of all stories that live, as they are now."""
        catalog = self.clusterer.catalog
        names = {catalog.name(int(story)) for story in catalog._story if story >= 0}
        return {name: record for name in names if (record := self._record(name)) is not None}
