"""Settings of the reading_time stage: one frozen model, read from the environment (``STANCEWIRE_READING_TIME_*``)."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ReadingTimeSettings(BaseSettings):
    """Read from the environment: ``STANCEWIRE_READING_TIME_<FIELD>``."""

    model_config = SettingsConfigDict(
        env_prefix="STANCEWIRE_READING_TIME_", frozen=True, extra="ignore", env_ignore_empty=True
    )

    words_per_minute: Annotated[
        int, Field(ge=50, le=1000, description="Words that a reader reads in a minute. Adults read some 238.")
    ] = 238
    """Brysbaert (2019), "How many words do we read per minute?": the mean for English prose that is not fiction."""
