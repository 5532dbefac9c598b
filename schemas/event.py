"""The enriched event that Stancewire publishes on ``news.enriched``: exactly one for each document."""

import hashlib
import json
from datetime import datetime
from itertools import chain
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, JsonValue, ValidationInfo, model_validator

from schemas.base import (
    MAX_CHANGES,
    MAX_CUE,
    MAX_ENTITIES,
    MAX_EXPLANATION,
    MAX_ISSUES,
    MAX_KEY,
    MAX_NOTE,
    MAX_NOTES,
    MAX_STANCES,
    SCHEMA_VERSION,
    Identifier,
    Model,
    Reason,
    Share,
    Span,
    Status,
)
from schemas.document import Document

EntityType = Literal[
    "PERSON", "NORP", "FAC", "ORG", "GPE", "LOC", "PRODUCT", "EVENT", "WORK_OF_ART", "LAW"
]  # fmt: skip
"""The OntoNotes types that name somebody or something; dates, numbers and amounts are not entities here."""
Label = Literal["favor", "against", "neutral"]
Basis = Literal["speech", "act", "article"]
"""What a stance is read from. ``speech``: the holder's own words, quoted or told. ``act``: a deed that takes a side (voted against,
sued, endorsed). ``article``: the article's own voice."""
Verdict = Literal["unique", "exact", "near", "excerpt", "expansion", "update"]


class Mention(Span):
    """One place where an entity or an issue is named. ``document[field][start:end] == text``."""

    text: Annotated[str, Field(description="The words as received.")]


class Entity(Model):
    """Somebody or something that the document is about, with all its mentions merged."""

    id: Annotated[
        str, Field(description="e1, e2, … in the order of first mention, title first. Unique in its event only.")
    ]
    name: Annotated[str, Field(description="The fullest clean form of the name, without honorifics and titles.")]
    type: Annotated[
        EntityType, Field(description="What it is: the types of OntoNotes that name somebody or something.")
    ]
    watched: Annotated[Identifier | None, Field(description="The id that it has in the user's watch list.")] = None
    key: Annotated[
        str | None,
        Field(
            max_length=MAX_KEY,
            exclude_if=lambda key: key is None,
            description="Who it is, the same in all events: watched:ID of the watch list, an id such as wikidata:Q22686 or "
            "geonames:4250542 where it is known, else kind and name such as person:donald trump. A bare surname "
            "has the key of whom other documents name in full, where it is clear enough who that is. Else absent.",
        ),
    ] = None
    links: Annotated[
        dict[str, str],
        Field(
            exclude_if=lambda links: not links,
            description="What the knowledge base calls it: scheme -> id, such as wikidata -> Q22686. Absent where it is not "
            "known there.",
        ),
    ] = {}
    link_confidence: Annotated[
        Share | None,
        Field(
            exclude_if=lambda confidence: confidence is None,
            description="The probability that links are of this entity. Absent where there are none.",
        ),
    ] = None
    salience: Annotated[Share, Field(description="Share of the document's attention; those of one event sum to 1.")]
    aliases: Annotated[
        tuple[str, ...], Field(description="Other forms of the name in this document, by first use.")
    ] = ()
    mentions: Annotated[tuple[Mention, ...], Field(min_length=1, description="In order: title, then text, by start.")]


class Issue(Model):
    """What people take sides on: a policy, law, plan, decision, event, idea or group, with all its mentions merged."""

    id: Annotated[
        str, Field(description="i1, i2, … in the order of first mention, title first. Unique in its event only.")
    ]
    name: Annotated[str, Field(min_length=1, description="What the text calls it, in the text's own words.")]
    watched: Annotated[Identifier | None, Field(description="The id that it has in the user's list of issues.")] = None
    salience: Annotated[
        Share, Field(description="Share of the attention that the document gives to its issues; they sum to 1.")
    ]
    mentions: Annotated[tuple[Mention, ...], Field(min_length=1, description="In order: title, then text, by start.")]


class Holder(Model):
    """Whose stance it is: the article's own voice, one of its entities, or a speaker that is no entity (named in ``name``)."""

    kind: Annotated[
        Literal["author", "entity", "speaker"], Field(description="Which of the three: it says which field is set.")
    ]
    entity: Annotated[str | None, Field(description="The entity's id, where kind is entity.")] = None
    name: Annotated[str | None, Field(description="The speaker's words as cleaned, where kind is speaker.")] = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.kind == "entity") != (self.entity is not None) or (self.kind == "speaker") != (self.name is not None):
            raise ValueError("an entity holder has an entity, a speaker has a name, the author neither")
        return self


class Target(Model):
    """What the stance is toward: an entity or an issue of the same event."""

    kind: Annotated[Literal["entity", "issue"], Field(description="Which of the two: it says which field is set.")]
    entity: Annotated[str | None, Field(description="The entity's id, where kind is entity.")] = None
    issue: Annotated[str | None, Field(description="The issue's id, where kind is issue.")] = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.kind == "entity") != (self.entity is not None) or (self.kind == "issue") != (self.issue is not None):
            raise ValueError("an entity target has an entity, an issue target an issue")
        return self


class Probabilities(Model):
    """How likely each stance is; they sum to 1."""

    favor: Annotated[Share, Field(description="That the holder is in favor.")]
    against: Annotated[Share, Field(description="That the holder is against it.")]
    neutral: Annotated[Share, Field(description="That the holder takes no side.")]


class Evidence(Span):
    """A place where a stance was read: ``document[field][start:end]`` are the words."""

    stance: Annotated[Label | None, Field(description="What these words alone say.")] = None
    confidence: Annotated[Share | None, Field(description="The probability of that, from these words alone.")] = None
    cue: Annotated[
        str | None,
        Field(max_length=MAX_CUE, description="The words that tell that it is said or done, such as denounced."),
    ] = None


class Stance(Model):
    """What a holder takes toward a target.

    ``neutral``: the holder says that no side is taken. Of who takes none and says nothing of it there is no stance.
    """

    holder: Holder
    target: Target
    stance: Annotated[Label, Field(description="The side that the holder takes.")]
    basis: Annotated[
        Basis, Field(description="What the surest of its evidence is: words, a deed, or the article's own voice.")
    ]
    confidence: Annotated[Share, Field(description="The probability of the stance that is given.")]
    probabilities: Probabilities
    mixed: Annotated[bool, Field(description="Whether some of the evidence is in favor and some against.")] = False
    evidence: Annotated[tuple[Evidence, ...], Field(min_length=1, description="Where it was read, in order.")]


class Change(Span):
    """A stretch in which the document differs from the other one: a sentence that was added or changed, or the place where
    sentences of the other one are missing. There ``start`` is ``end``."""

    kind: Annotated[
        Literal["added", "changed", "removed"], Field(description="What happened to the sentences of this place.")
    ]


class Duplicate(Model):
    """Whether the document was seen before, and how we know.

    ``unique``: no. ``exact``: another document has the same words. ``near``: another is as similar as the rule says.
    ``excerpt``: another contains this one. ``expansion``: this one contains another, and says more. ``update``: this is a new
    revision of a document that was seen and none of the above, or a later text of the same address, or of the same
    source and title, that says something new.
    """

    verdict: Annotated[Verdict, Field(description="What was found. The words are explained with Duplicate.")]
    cluster: Annotated[
        str,
        Field(
            description="The id of the cluster's first document; for a unique one its own id. Where another document has that id "
            "as well, # and the beginning of its event_id follow."
        ),
    ]
    of: Annotated[
        str | None,
        Field(
            description="The other document that this one copies, is part of or contains; absent where there is none."
        ),
    ] = None
    updates: Annotated[
        int | None,
        Field(description="The revision of the same document that this one takes the place of, whatever the verdict."),
    ] = None
    similarity: Annotated[
        Share | None,
        Field(
            description="Jaccard similarity of the two shingle sets, verified; of an update, with the revision before."
        ),
    ] = None
    containment: Annotated[
        Share | None,
        Field(description="Share of the one text's shingles, the shorter's, that the other has, verified."),
    ] = None
    estimated: Annotated[Share | None, Field(description="The similarity, as the MinHash signatures estimate it.")] = (
        None
    )
    rule: Annotated[str, Field(description="The rule with its parameters, such as minhash-5w-32/jaccard>=0.50.")]
    seconds_after: Annotated[
        float | None,
        Field(description="Seconds from the receipt of the other document or revision to the receipt of this one."),
    ] = None
    changes: Annotated[
        tuple[Change, ...],
        Field(
            max_length=MAX_CHANGES,
            description="What differs from the other document or revision, in order, in the text and, first, the title: sentences "
            "that say something new, and where sentences are missing. Other words for the same are left out.",
        ),
    ] = ()


PLACEMENTS = ("joined", "opened", "copy", "copied", "older-revision")
"""How a document came into its story: what its rule begins with."""


class Story(Model):
    """Which story the document tells: the same event, told by others.

    A copy is in the story of what it copies. The counts are of the documents in the window (seven days, if nothing else is set) as
    the document joined; how the story is now stands in its record (``schemas/story.py``). Two stories are never made one later.
    """

    id: Annotated[
        str,
        Field(
            description="The id of the story's first document; it stays. Where another story has that id as well, # and the "
            "beginning of the document's event_id follow."
        ),
    ]
    saga: Annotated[
        str,
        Field(description="The looser level: the running affair that the event is part of. The id of its first story."),
    ]
    of: Annotated[
        str | None, Field(description="The nearest document of the story; absent where this one opens the story.")
    ] = None
    similarity: Annotated[
        Share,
        Field(
            description="The probability that the document is of this story; where it opens one, that it is of the likeliest other."
        ),
    ]
    rule: Annotated[
        str,
        Field(
            description="What decided: joined/story>=0.3 or opened/story<0.3, by its words; copy, it copies a document of the "
            "story; copied, a document of the story copies it; older-revision, a newer one is in the story, and it counts nothing."
        ),
    ]
    documents: Annotated[
        int, Field(ge=0, description="Documents of the story without copies, this one included where it is no copy.")
    ]
    sources: Annotated[int, Field(ge=0, description="Different sources of these documents.")]


class Rejection(Model):
    """Why a document was not enriched. The original bytes are on ``news.deadletter``."""

    reason: Annotated[Reason, Field(description="The kind of failure, from a closed list.")]
    field: Annotated[str | None, Field(description="The field at fault, dotted where nested.")] = None
    message: Annotated[str, Field(max_length=MAX_EXPLANATION, description="What is wrong, for a person to read.")]


class Processing(Model):
    """How the event was made. The times are the only part of an event that differs when it is made again."""

    pipeline: Annotated[
        str,
        Field(
            description="The stages that made it with the versions of their results, such as intake=6f0c…,dedup=91aa…. What could "
            "change a stage's results changes its version: its code, libraries, models and settings."
        ),
    ]
    models: Annotated[
        dict[str, str], Field(description="Stage -> the model or method that it used; list -> its digest.")
    ] = {}
    received_at: Annotated[datetime, Field(description="The broker's time of the document's message, UTC.")]
    enriched_at: Annotated[datetime | None, Field(description="When the event was made, UTC.")] = None
    notes: Annotated[
        tuple[Annotated[str, Field(max_length=MAX_NOTE)], ...],
        Field(
            max_length=MAX_NOTES,
            exclude_if=lambda notes: not notes,
            description="What of the message was not taken as it was sent, such as 'published_at: names no day; as sent in "
            "metadata'. Each begins with a field's name, message or key. Absent where there is nothing to say.",
        ),
    ] = ()
    stage_seconds: Annotated[dict[str, float], Field(description="Stage -> seconds of work on this document.")] = {}


ON_THE_WAY: dict[str, bool] = {"on the way": True}
"""Context of a validation: an event between two stages, perhaps of another release. Its version is that of who reads it."""


def _current(version: object, info: ValidationInfo) -> object:
    return SCHEMA_VERSION if info.context is ON_THE_WAY else version


class Event(Model):
    """What became of one document.

    Offsets anywhere in it count Unicode code points of ``title`` and ``text``, which stand here as received.
    A repeat of an event (delivery is at least once) has the same ``event_id``, so that a consumer can drop it. The same document
    done again by other versions, models, settings or lists has another one, with the same part before the full stop.
    """

    schema_version: Annotated[
        str,
        BeforeValidator(_current),
        Field(
            pattern=r"^2\.[0-9]{1,4}$",
            description="A later minor version has more fields: ignore those that are not known.",
        ),
    ] = SCHEMA_VERSION
    event_id: Annotated[
        str,
        Field(
            description="Two digests: of the document (id, revision, content), and of what made the event of it "
            "(processing.pipeline and processing.models)."
        ),
    ]
    id: Annotated[Identifier, Field(description="The document's id as sent, or derived where none was sent.")]
    revision: Annotated[int, Field(description="The document's revision as sent; 1 where none was sent.")] = 1
    status: Annotated[Status, Field(description="How the document ended.")]
    title: Annotated[str, Field(description="The title as received.")] = ""
    text: Annotated[str, Field(description="The text as received.")] = ""
    source: Annotated[str, Field(description="Who published it, as sent: a name or a domain.")] = ""
    url: Annotated[str, Field(description="Where it was published, as sent.")] = ""
    published_at: Annotated[datetime | None, Field(description="When it was published, with a time zone.")] = None
    language: Annotated[str | None, Field(description="The language as a BCP 47 tag, as sent or detected.")] = None
    metadata: Annotated[dict[str, JsonValue], Field(description="All other fields of the document, as sent.")] = {}
    duplicate: Duplicate | None = None
    story: Annotated[
        Story | None, Field(exclude_if=lambda story: story is None, json_schema_extra={"x-since": "2.1"})
    ] = None
    entities: Annotated[tuple[Entity, ...], Field(max_length=MAX_ENTITIES)] = ()
    issues: Annotated[tuple[Issue, ...], Field(max_length=MAX_ISSUES)] = ()
    stances: Annotated[tuple[Stance, ...], Field(max_length=MAX_STANCES)] = ()
    rejection: Rejection | None = None
    processing: Processing

    @property
    def subjects(self) -> tuple[Issue | Entity, ...]:
        """All that a stance may be toward: issues, then entities."""
        return (*self.issues, *self.entities)

    def settled(self) -> Self:
        """The event as it leaves the pipeline, where nothing more is made of it: its id says now what made it, too."""
        made = digest(self.processing.pipeline, *chain.from_iterable(sorted(self.processing.models.items())))
        return self.model_copy(update={"event_id": f"{self.event_id}.{made[:16]}"})


def digest(*parts: str | int | None) -> str:
    """A 128-bit digest of ``parts`` in hexadecimal, the same on every machine: SHA-256 of their JSON array, cut."""
    return hashlib.sha256(json.dumps(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def derive_id(document: Document) -> str:
    """The id of a document that was sent without one: the same source, url, title and text give the same id."""
    return "sw-" + digest(document.source, document.url, document.title, document.text)


_SEED = "0.4.0"
"""It stays: the judge's table knows documents by ids that were derived with it."""


def derive_event_id(id: str, revision: int, content: str) -> str:
    """The first part of an event's id, and all of it on the way: ``content`` is the digest of the document's content.

    It holds no version, so that the judge knows a document again that comes twice around an upgrade.
    """
    return digest("event", id, revision, content, _SEED)


def document_part(event_id: str) -> str:
    """The part of an event's id that stays when the same document is done again by another version."""
    return event_id.partition(".")[0]
