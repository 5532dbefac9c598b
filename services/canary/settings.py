"""Settings of the canaries: one frozen model, read from the environment (``STANCEWIRE_CANARY_*``), checked at the start."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.canary.story import OURS, read_story


class CanarySettings(BaseSettings):
    """How often canaries are sent, and what they tell."""

    model_config = SettingsConfigDict(
        env_prefix="STANCEWIRE_CANARY_", frozen=True, extra="ignore", env_ignore_empty=True
    )

    seconds: Annotated[
        float,
        Field(
            ge=5,
            le=3600,
            description="Seconds between the starts of two rounds, and the longest wait of a round for its events.",
        ),
    ] = 60.0
    port: Annotated[
        int, Field(ge=0, le=65_535, description="Port of the canaries' metrics and health checks. 0: any free one.")
    ] = 6070
    story: Annotated[
        Path,
        Field(
            description="JSON file with a story and what must be found in it. Give your own if you run other models."
        ),
    ] = OURS

    @field_validator("story")
    @classmethod
    def _is_one(cls, path: Path) -> Path:
        try:
            read_story(path)
        except ValueError as error:
            raise PydanticCustomError("story", "{fault}", {"fault": str(error)}) from None
        return path
