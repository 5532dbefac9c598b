"""Settings of duplicate detection: one frozen model, read from the environment (``STANCEWIRE_DEDUP_*``), checked at the start.

The stage that fingerprints and the stage that judges must be given the same ones; where they differ in what a fingerprint
is made of, its stamp differs and nothing is compared.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

Share = Annotated[float, Field(gt=0, le=1)]


class DedupSettings(BaseSettings):
    """What counts as a copy, and for how long documents are remembered.

    Two documents whose shingle sets have the Jaccard similarity ``s`` become candidates (they agree in all ``rows`` values
    of at least one of ``bands`` bands) with the probability ``1 - (1 - s**rows)**bands``. With the defaults, 42 bands of 3:

    ====  =====  =====  =====  =====  =====  =====  =====
    s     0.1    0.2    0.3    0.4    0.5    0.6    0.8
    P     0.041  0.286  0.683  0.938  0.996  1.000  1.000
    ====  =====  =====  =====  =====  =====  =====  =====

    (Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, section 3.4.) A candidate below ``near_similarity`` is
    turned down when its similarity is verified, so low values of P there cost time, never precision.
    """

    model_config = SettingsConfigDict(
        env_prefix="STANCEWIRE_DEDUP_", frozen=True, extra="ignore", env_ignore_empty=True
    )

    shingle_words: Annotated[int, Field(ge=1, le=32, description="Words of a shingle.")] = 5
    permutations: Annotated[
        int,
        Field(
            ge=16,
            le=1024,
            description="MinHash values of a signature; the estimate's error is sqrt(s(1-s)/permutations).",
        ),
    ] = 128
    bands: Annotated[
        int, Field(ge=1, le=1024, description="Bands of the signature: more find less similar candidates.")
    ] = 42
    rows: Annotated[
        int, Field(ge=1, le=64, description="Values of a band: more turn away less similar candidates.")
    ] = 3
    near_similarity: Annotated[
        Share, Field(description="Verified Jaccard similarity of shingles from which a document is a near copy.")
    ] = 0.5
    skip_similarity: Annotated[
        Share, Field(description="Verified similarity from which a near copy is not sent through NLP again.")
    ] = 0.8
    window_hours: Annotated[
        float,
        Field(gt=0, le=24 * 366, description="A document is compared with those of at least so many hours before it."),
    ] = 72.0
    window_documents: Annotated[
        int, Field(ge=1, le=10_000_000, description="And with at most so many: the bound on the window's memory.")
    ] = 200_000
    replay_documents: Annotated[
        int,
        Field(
            ge=1,
            le=1_000_000,
            description="So many works judged last keep their verdict whatever the window, for when they are read again "
            "after a crash: more than can be read and not yet committed.",
        ),
    ] = 10_000
    policy: Annotated[
        Literal["tag", "enrich_all"],
        Field(
            description="tag: exact copies and those over skip_similarity end as duplicates. enrich_all: they get NLP too."
        ),
    ] = "tag"

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.bands * self.rows > self.permutations:
            raise ValueError(
                f"bands: {self.bands} bands of {self.rows} rows need {self.bands * self.rows} permutations, "
                f"there are {self.permutations}"
            )
        if self.near_similarity > self.skip_similarity:
            raise ValueError(f"near_similarity: {self.near_similarity} is over skip_similarity, {self.skip_similarity}")
        return self

    def candidate_probability(self, similarity: float) -> float:
        """The probability that two documents of the Jaccard similarity ``similarity`` are compared at all."""
        return float(1 - (1 - similarity**self.rows) ** self.bands)
