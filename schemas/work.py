"""What stages hand to each other on the topics between them. Internal, and read by other versions while an upgrade or a rollback
goes on: a field that is new has a default, and one that is gone or means something else takes two releases (docs/upgrading.md)."""

from typing import Annotated, Self

from pydantic import Field

from schemas.base import Model
from schemas.event import ON_THE_WAY, Event


class Fingerprint(Model):
    """What the dedup stage compares, made in every partition so that the one that judges does little.

    Values under different ``stamp``s are never compared.
    """

    stamp: Annotated[str, Field(description="Scheme and parameters, such as minhash-5w-v2.")]
    exact: Annotated[str, Field(description="Digest of the normalised text, hexadecimal.")]
    shingles: Annotated[
        str,
        Field(
            description="Base64 of the smallest shingle hashes, sorted little-endian uint32; empty for a short text."
        ),
    ]
    sentences: Annotated[
        str, Field(description="Base64 of a hash of each sentence, in order, little-endian uint32; the first 4,096.")
    ] = ""
    title: Annotated[str, Field(description="Base64 of the hashed stems of the title's words, sorted.")] = ""
    lead: Annotated[str, Field(description="Base64 of the hashed names, numbers and days of the lead, sorted.")] = ""
    thin: Annotated[
        bool, Field(description="The text is not the story that its title announces: a wall, a teaser, a stub.")
    ] = False


class Work(Model):
    """A document on its way: the event as far as it is made, and what later stages need beside it."""

    event: Event
    done: Annotated[bool, Field(description="Nothing more is to be added; later stages hand it on.")] = False
    fingerprint: Fingerprint | None = None
    sentences: Annotated[
        tuple[tuple[int, int], ...],
        Field(description="The sentences of the text: half-open offsets in code points of the text as received."),
    ] = ()

    @classmethod
    def read(cls, written: str | bytes) -> Self:
        """As all contracts are read, but for the event's ``schema_version``: what is on the way has none before it is out."""
        return cls.model_validate_json(written, extra="ignore", context=ON_THE_WAY)

    def write(self) -> str:
        """The JSON that ``read`` reads, in this release and in others: without what is as it is by default, so that a release that
        does not know a field yet meets it only where it says something, and takes ``schema_version`` for its own."""
        return self.model_dump_json(exclude_defaults=True)

    def entering(self, stage: str, version: str) -> Self:
        """The work as ``stage`` begins with it: noted as one of its makers, unless nothing more is to be added."""
        return self if self.done else self.noted(stage, version)

    def noted(self, stage: str, version: str) -> Self:
        """The work with ``stage`` as one of its makers."""
        made_by = ",".join(filter(None, (self.event.processing.pipeline, f"{stage}={version}")))
        processing = self.event.processing.model_copy(update={"pipeline": made_by})
        return self.model_copy(update={"event": self.event.model_copy(update={"processing": processing})})
