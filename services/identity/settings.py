"""Settings of identity: one frozen model, read from the environment (``STANCEWIRE_IDENTITY_*``), checked at the start."""

from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PLACES = Path(__file__).with_name("places.kb")
"""The knowledge base that comes with the project: countries, the states of the US, and towns (GeoNames, CC BY 4.0)."""


class IdentitySettings(BaseSettings):
    """What entities are linked to, and how sure a link must be."""

    model_config = SettingsConfigDict(
        env_prefix="STANCEWIRE_IDENTITY_", frozen=True, extra="ignore", env_ignore_empty=True
    )

    kb_file: Annotated[
        Path | None,
        Field(
            description="Knowledge base that entities are linked to, a file made by `stancewire kb build`. If it is not set, "
            "countries, states of the US and large towns are known."
        ),
    ] = None
    least_confidence: Annotated[
        float,
        Field(
            ge=0.5,
            le=1,
            description="Least confidence, 0.5 to 1, of a link. Higher: fewer and surer links.",
        ),
    ] = 0.6
