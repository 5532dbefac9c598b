"""Settings of the stance stage."""

from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from schemas.base import MAX_STANCES

PAIRS = "stancewire"
"""The setting ``model`` that asks for the model that reads pairs."""
LEXICON = "lexicon"
"""The setting ``model`` that asks for no model."""


class StanceSettings(BaseSettings):
    """Read from the environment: ``STANCEWIRE_STANCE_<FIELD>``."""

    model_config = SettingsConfigDict(
        env_prefix="STANCEWIRE_STANCE_", frozen=True, extra="ignore", env_ignore_empty=True
    )

    model: Annotated[
        str,
        Field(
            min_length=1,
            max_length=1024,
            description="What reads stances: stancewire, the model that reads pairs of holder and target and finds issues; "
            "stancewire-sentences, one that is asked about each name in a sentence; stancewire-large, a stronger and slower one "
            "of that kind; lexicon, a word list; or the folder of a model that is asked.",
        ),
    ] = "stancewire"
    minimum_confidence: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            description="Stances that are less sure are left out. At 0.6 seven of ten are right; at 0.5 six, and half as many "
            "again are found.",
        ),
    ] = 0.6
    author: Annotated[bool, Field(description="Whether the article's own voice is read for a stance.")] = True
    evidence: Annotated[
        int, Field(ge=1, le=1000, description="Most spans of evidence kept for one stance: the first ones.")
    ] = 20
    stances: Annotated[
        int, Field(ge=1, le=MAX_STANCES, description="Most stances of one document; the surest are kept.")
    ] = MAX_STANCES
    issues_file: Annotated[
        Path | None,
        Field(description="Issues that stances are sought toward: JSON Lines, or CSV with id,name,phrases (A|B)."),
    ] = None
