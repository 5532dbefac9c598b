"""A story: what its documents have in common, and who takes which side in it.

It is the value of the compacted topic ``news.stories``. The key is the story's id: the newest record of a key is the story as it
was when a document last joined or left it. A key without a value (a tombstone) says that no document of the story is left. Every
list is bounded and made of the newest 100 documents, and a record is under ``MAX_STORY_BYTES`` as JSON: where it would be more,
every list is cut to half.
"""

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import Field

from schemas.base import SCHEMA_VERSION, Identifier, Model, Share
from schemas.event import Basis, EntityType

MAX_STORY_BYTES: Final = 64 * 1024
MAX_SHOWN = 200
"""Code points of a title, a name or a quotation in a record; longer ones are cut, and end in ``…``."""
MAX_STORY_SOURCES = 20
MAX_STORY_TITLES = 20
MAX_BUCKETS = 72
"""Of a timeline: three days by the hour."""
MAX_STORY_SUBJECTS = 10
MAX_SIDES = 20
MAX_QUOTES = 3

Shown = Annotated[str, Field(max_length=MAX_SHOWN)]


class Told(Model):
    """A document of the story, in short. A reader finds all of it by its id on ``news.enriched``."""

    id: Annotated[Identifier, Field(description="The document's id.")]
    title: Annotated[Shown, Field(description="Its title, cut where it is long.")]
    source: Annotated[str, Field(description="Who published it, as sent.")] = ""
    url: Annotated[str, Field(description="Where it was published, as sent.")] = ""
    published_at: Annotated[
        datetime | None, Field(description="When it was published; absent where the sender did not say.")
    ] = None
    copy_of: Annotated[str | None, Field(description="The id of the document that it copies.")] = None


class Outlet(Model):
    """A source that tells the story."""

    name: Annotated[str, Field(description="The source, as sent.")]
    documents: Annotated[int, Field(ge=0, description="Its documents that are no copies.")]
    copies: Annotated[int, Field(ge=0, description="Its documents that copy another one.")] = 0


class Bucket(Model):
    """Documents of one hour or one day of the timeline."""

    start: Annotated[datetime, Field(description="When the hour or the day begins, UTC.")]
    documents: Annotated[int, Field(ge=0, description="Documents of this time that are no copies.")]
    copies: Annotated[int, Field(ge=0, description="Documents of this time that copy another one.")] = 0


class StoryEntity(Model):
    """Somebody or something that the story is about."""

    name: Annotated[Shown, Field(description="The name that most documents give.")]
    type: Annotated[EntityType, Field(description="What it is.")]
    documents: Annotated[int, Field(ge=1, description="Documents, without copies, that name it.")]


class StoryIssue(Model):
    """What people take sides on in the story."""

    name: Annotated[Shown, Field(description="What the documents call it.")]
    documents: Annotated[int, Field(ge=1, description="Documents, without copies, that have it.")]


class Quote(Model):
    """Words in which a side was read."""

    document: Annotated[Identifier, Field(description="The id of the document that they stand in.")]
    source: Annotated[str, Field(description="Who published it.")] = ""
    stance: Annotated[Literal["favor", "against"], Field(description="The side that the holder takes.")]
    words: Annotated[Shown, Field(description="The words as received, cut where they are many.")]
    basis: Annotated[Basis, Field(description="What they are: words, a deed, or the article's own voice.")]
    confidence: Annotated[Share, Field(description="The probability of the stance.")]


class Side(Model):
    """Where a holder stands toward a target, over all documents of the story.

    A document counts once, and a copy not at all: so the numbers are of outlets that heard it, not of how often it was sent on.
    """

    holder: Annotated[Shown, Field(description="Whose stance it is. Of an article's own voice: its source.")]
    holder_kind: Annotated[
        Literal["author", "entity", "speaker"], Field(description="As in a stance: the article, an entity, or another.")
    ]
    target: Annotated[Shown, Field(description="The name of what the stance is toward.")]
    target_kind: Annotated[Literal["entity", "issue"], Field(description="Which of the two it is.")]
    favor: Annotated[int, Field(ge=0, description="Documents, without copies, in which the holder is in favor.")]
    against: Annotated[int, Field(ge=0, description="Documents, without copies, in which the holder is against it.")]
    quotes: Annotated[
        tuple[Quote, ...],
        Field(
            max_length=2 * MAX_QUOTES, description="Up to three of each side, the surest first, favor before against."
        ),
    ] = ()


class StoryRecord(Model):
    """A story: the documents that tell of one event, as they are known now.

    It counts the documents that are in the story and in the window (seven days, if nothing else is set): the newest revision of
    each, without those that were withdrawn. Sources, titles, timeline, entities, issues and sides are of the newest 100 of them.
    """

    schema_version: Annotated[
        str,
        Field(
            pattern=r"^2\.[0-9]{1,4}$",
            description="That of events. A later minor version has more fields: ignore those that are not known.",
        ),
    ] = SCHEMA_VERSION
    id: Annotated[str, Field(min_length=1, description="The story's id, as in story.id of its events.")]
    saga: Annotated[str, Field(min_length=1, description="The looser level, as in story.saga of its events.")]
    head: Annotated[Told, Field(description="The first document of the story that is still in it.")]
    first_seen: Annotated[datetime, Field(description="When the first of its documents came, UTC.")]
    last_seen: Annotated[datetime, Field(description="When the newest of its documents came, UTC.")]
    documents: Annotated[
        int, Field(ge=0, description="Documents in the story, without copies; 0 where only copies are left.")
    ]
    copies: Annotated[int, Field(ge=0, description="Documents in the story that copy another one.")] = 0
    source_count: Annotated[int, Field(ge=0, description="Different sources, also those that are not listed.")] = 0
    sources: Annotated[
        tuple[Outlet, ...], Field(max_length=MAX_STORY_SOURCES, description="Those with the most documents first.")
    ] = ()
    titles: Annotated[
        tuple[Told, ...], Field(max_length=MAX_STORY_TITLES, description="The newest documents, the newest first.")
    ] = ()
    step: Annotated[
        Literal["hour", "day"], Field(description="How long a bucket is: an hour while all fit, then a day.")
    ] = "hour"
    timeline: Annotated[
        tuple[Bucket, ...],
        Field(
            max_length=MAX_BUCKETS,
            description="By the time of receipt, in order; times without documents are left out.",
        ),
    ] = ()
    entities: Annotated[
        tuple[StoryEntity, ...],
        Field(max_length=MAX_STORY_SUBJECTS, description="Those that the most documents name first."),
    ] = ()
    issues: Annotated[
        tuple[StoryIssue, ...],
        Field(max_length=MAX_STORY_SUBJECTS, description="Those that the most documents have first."),
    ] = ()
    sides: Annotated[
        tuple[Side, ...], Field(max_length=MAX_SIDES, description="Those that the most documents tell of first.")
    ] = ()
