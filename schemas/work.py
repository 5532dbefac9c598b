"""What stages hand to each other on the topics between them. Internal: it changes with the pipeline's version."""

from typing import Annotated

from pydantic import Field

from schemas.base import Model
from schemas.event import Event


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


class Work(Model):
    """A document on its way: the event as far as it is made, and what later stages need beside it."""

    event: Event
    done: Annotated[bool, Field(description="Nothing more is to be added; later stages hand it on.")] = False
    follows: Annotated[
        bool, Field(description="An earlier event of the same id was judged before: it must not be overtaken.")
    ] = False
    fingerprint: Fingerprint | None = None
    sentences: Annotated[
        tuple[tuple[int, int], ...],
        Field(description="The sentences of the text: half-open offsets in code points of the text as received."),
    ] = ()
