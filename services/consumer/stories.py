"""The stories that ``news.stories`` holds now."""

from dataclasses import dataclass

from pydantic import ValidationError

from schemas import StoryRecord
from services.consumer.tail import Tail
from services.runtime.records import Record
from services.runtime.settings import Settings
from services.runtime.topology import STORIES


@dataclass(frozen=True)
class Told:
    """A message of the topic: the story ``id`` as it is now, None where it is gone, or the ``problem`` that makes it unreadable."""

    id: str
    story: StoryRecord | None
    problem: str | None = None


def read_told(record: Record) -> Told:
    """The story in a message of ``news.stories``."""
    name = (record.key or b"").decode("utf-8", "replace")
    if record.value is None:
        return Told(name, None)
    try:
        story = StoryRecord.model_validate_json(record.value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])[:100]
        return Told(name, None, f"not a story: {where + ': ' if where else ''}{first['msg']}"[:300])
    return Told(name, story) if story.id == name else Told(name, None, "the message's key is not the story's id")


class Stories:
    """A topic's stories by id. ``problems``: what is wrong with each message that is not a valid story, by its key as text.

    All records are held: a record has at most 64 KiB.
    """

    def __init__(self, settings: Settings) -> None:
        """Read the topic to where it ends now.

        Raises:
            ConsumeError: no broker or no topic. SettingsError: no broker is named.
        """
        self.told: dict[str, StoryRecord] = {}
        self.problems: dict[str, str] = {}
        with Tail(settings, STORIES, to_end=True) as tail:
            for told in map(read_told, tail):
                self.told.pop(told.id, None)  # the newest message of a key stands
                self.problems.pop(told.id, None)
                if told.story is not None:
                    self.told[told.id] = told.story
                elif told.problem is not None:
                    self.problems[told.id] = told.problem
