"""Settings of duplicate detection: one frozen model, read from the environment (``STANCEWIRE_DEDUP_*``), checked at the start.

The stage that fingerprints and the stage that judges must be given the same ones; where they differ in what a fingerprint
is made of, its stamp differs and nothing is compared.
"""

from math import ceil, comb, sqrt
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DOUBT = 4.0
"""Standard errors that an estimated containment may lie below the least and still be verified: one in 30,000 lies lower."""

Share = Annotated[float, Field(gt=0, le=1)]


class DedupSettings(BaseSettings):
    """What counts as a copy, and for how long documents are remembered.

    A document is compared with those that the index finds. Each holds a sketch, its ``sketch`` smallest shingle hashes,
    which are a random sample of its shingles. Where the new text has the share ``c`` of the older one's shingles, a value
    of that sketch is in the new text with the probability ``c``. Two texts of the same length with the Jaccard similarity
    ``s`` have ``c = 2s / (1 + s)`` of each other. They are compared when ``c``, as their values in common tell it, is no
    more than four standard errors under what ``near_similarity`` or ``containment`` ask for; with the defaults, from 11 of 32
    values in common on (``candidate_probability``):

    ====  =====  =====  =====  =====  =======  =====
    s     0.1    0.2    0.3    0.4    0.5      0.6
    P     0.022  0.516  0.936  0.997  0.99995  1.000
    ====  =====  =====  =====  =====  =======  =====

    A candidate below ``near_similarity`` is turned down when its similarity is verified, so low values of P there cost
    time, never precision. Of a text that is the share ``r`` of an older one, each of that one's values is in the new one
    with the probability ``r``, so that it is compared with ``1 - (1 - r)**sketch``: 0.81 for a twentieth, 0.97 for a tenth,
    0.999 for a fifth. Where an older one is the share ``r`` of the new text, it is ``1 - (1 - r)**64``, as 64 are looked up.
    """

    model_config = SettingsConfigDict(
        env_prefix="STANCEWIRE_DEDUP_", frozen=True, extra="ignore", env_ignore_empty=True
    )

    shingle_words: Annotated[int, Field(ge=1, le=32, description="Words per shingle.")] = 5
    sketch: Annotated[
        int,
        Field(
            ge=8,
            le=64,
            description="Shingle hashes kept per document to find its copies and parts, 12 bytes of memory each. A part with "
            "the share r of its words is found with the probability 1-(1-r)^sketch.",
        ),
    ] = 32
    near_similarity: Annotated[
        Share, Field(description="Lowest verified Jaccard similarity of shingles, 0 to 1, of a near copy.")
    ] = 0.5
    skip_similarity: Annotated[
        Share, Field(description="Lowest verified similarity, 0 to 1, at which a near copy skips NLP.")
    ] = 0.8
    containment: Annotated[
        Share,
        Field(
            description="Lowest verified share, 0 to 1, of one text's shingles that another text has for the one to be an "
            "excerpt of the other, or the other an expansion of the one."
        ),
    ] = 0.8
    window_hours: Annotated[
        float,
        Field(
            gt=0, le=24 * 366, description="A document is compared with those of at least this many hours before it."
        ),
    ] = 72.0
    window_documents: Annotated[
        int,
        Field(
            ge=1,
            le=10_000_000,
            description="Most documents to compare with: it bounds memory, under 1,000 bytes each.",
        ),
    ] = 200_000
    window_bytes: Annotated[
        int,
        Field(
            ge=1_000_000,
            le=10**13,
            description="Most bytes of fingerprints to compare with: it bounds the disk and the changelog. A story of "
            "400 words has about 3,000 bytes.",
        ),
    ] = 4 * 1024**3
    replay_documents: Annotated[
        int,
        Field(
            ge=1,
            le=1_000_000,
            description="Number of recent verdicts that are always kept, so that documents that are read again after a crash get "
            "the same verdict.",
        ),
    ] = 10_000
    policy: Annotated[
        Literal["tag", "drop", "enrich_all"],
        Field(
            description="What happens to copies. tag: exact copies, and near copies from skip_similarity on, become "
            "duplicates without NLP. drop: so do all near copies and excerpts, and their events have no title, text and "
            "metadata. enrich_all: every copy gets NLP."
        ),
    ] = "tag"

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.near_similarity > self.skip_similarity:
            raise ValueError(f"near_similarity: {self.near_similarity} is over skip_similarity, {self.skip_similarity}")
        return self

    @property
    def least(self) -> float:
        """The containment from which two texts are compared: of texts that are near copies one has so much of the other."""
        return min(self.containment, 2 * self.near_similarity / (1 + self.near_similarity))

    def candidate_probability(self, similarity: float) -> float:
        """The probability that two documents as long as each other, of the Jaccard similarity ``similarity``, are compared."""
        contained = 2 * similarity / (1 + similarity)
        doubt = DOUBT * sqrt(self.least * (1 - self.least) / self.sketch)
        enough = max(1, ceil((self.least - doubt) * self.sketch))
        return 1 - sum(
            comb(self.sketch, common) * contained**common * (1 - contained) ** (self.sketch - common)
            for common in range(enough)
        )
