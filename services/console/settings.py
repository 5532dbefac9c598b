"""Settings of the console: one frozen model, read from the environment (``STANCEWIRE_CONSOLE_*``), checked at the start."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ConsoleSettings(BaseSettings):
    """Where the page is served, and how much of the stream it holds."""

    model_config = SettingsConfigDict(
        env_prefix="STANCEWIRE_CONSOLE_", frozen=True, extra="ignore", env_ignore_empty=True
    )

    host: Annotated[
        str,
        Field(
            description="Where the page is served. It has no log-in: loopback unless asked, a proxy in front beyond."
        ),
    ] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535, description="The page's port. 0: any free one.")] = 6080
    documents: Annotated[
        int, Field(ge=10, le=20_000, description="The newest documents that are kept, some 50 KB of memory each.")
    ] = 2_000
    megabytes: Annotated[
        int, Field(ge=8, le=4_096, description="Their events as JSON are at most so large; the oldest go first.")
    ] = 128
    readers: Annotated[
        int, Field(ge=1, le=1_000, description="Pages that get live updates at once; further ones are turned away.")
    ] = 64
