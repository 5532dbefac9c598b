"""The order of stories, and which of them a reader wants. Pure: no clock; the same stories have the same order at any time."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Final, Literal, get_args

from schemas import StoryRecord

Order = Literal["largest", "newest", "growing"]
GROWING: Final = timedelta(hours=24)
"""The time in which ``growing`` counts documents. It ends at the newest document of all stories, not now."""
_STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}


def order_of(words: str) -> Order:
    """The order that a user typed.

    Raises:
        ValueError: it is unknown; the message lists the known ones.
    """
    for one in get_args(Order):
        if one == words.strip().casefold():
            order: Order = one
            return order
    raise ValueError(f"unknown order {words[:50]!r}; choose one of {', '.join(get_args(Order))}")


def ranked(stories: Iterable[StoryRecord], order: Order) -> list[StoryRecord]:
    """``stories``, the first of the ``order`` first: the most documents, the newest document, or the most new documents."""
    found = list(stories)
    if not found:
        return []
    since = growing_since(found)
    by_id = sorted(found, key=lambda story: story.id)
    newest = sorted(by_id, key=lambda story: story.last_seen, reverse=True)
    if order == "newest":
        return newest
    if order == "largest":
        return sorted(newest, key=lambda story: (-story.documents, -story.source_count))
    return sorted(newest, key=lambda story: (-growth(story, since), -story.documents))


def growing_since(stories: Iterable[StoryRecord]) -> datetime:
    """When the time begins in which ``growing`` counts. There must be a story."""
    return max(story.last_seen for story in stories) - GROWING


def growth(story: StoryRecord, since: datetime) -> int:
    """Documents of the story, without copies, in the hours (or days) of its timeline that end after ``since``."""
    step = _STEPS[story.step]
    return sum(bucket.documents for bucket in story.timeline if bucket.start + step > since)


def wanted(story: StoryRecord, text: Iterable[str] = (), sources: Iterable[str] = ()) -> bool:
    """Whether a title of the story's record has one of the words of ``text``, and a listed source matches one of ``sources``.

    No words and no sources ask for nothing; case does not count.
    """
    words, patterns = [one.casefold() for one in text], [one.casefold() for one in sources]
    titles = "\n".join(one.title for one in (story.head, *story.titles)).casefold()
    names = [one.name.casefold() for one in story.sources]
    return (not words or any(one in titles for one in words)) and (
        not patterns or any(fnmatchcase(name, pattern) for name in names for pattern in patterns)
    )
