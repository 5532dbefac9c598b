"""Settings of the stories: one frozen model, read from the environment (``STANCEWIRE_STORIES_*``), checked at the start."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class StoriesSettings(BaseSettings):
    """For how long a story takes documents, how sure it and a key must be, and for how long verdicts are remembered."""

    model_config = SettingsConfigDict(
        env_prefix="STANCEWIRE_STORIES_", frozen=True, extra="ignore", env_ignore_empty=True
    )

    window_days: Annotated[
        float, Field(gt=0, le=366, description="A document is compared with those of so many days before it.")
    ] = 7.0
    window_documents: Annotated[
        int,
        Field(ge=1, le=10_000_000, description="Most documents to compare with: it bounds memory, 2,000 bytes each."),
    ] = 200_000
    join: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            description="Least similarity, 0 to 1, at which a document joins a story. Higher: smaller and surer stories.",
        ),
    ] = 0.3
    saga: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            description="Least similarity, 0 to 1, at which a new story goes on with the affair of an older one.",
        ),
    ] = 0.1
    name_confidence: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            description="Least probability, 0 to 1, at which a bare surname gets the key of whom other documents name in full. "
            "Higher: fewer and surer keys.",
        ),
    ] = 0.8
    replay_documents: Annotated[
        int,
        Field(
            ge=1,
            le=1_000_000,
            description="Number of recent verdicts that are always kept, so that documents that are read again after a crash get "
            "the same verdict. Of so many documents the names are remembered, too.",
        ),
    ] = 10_000
