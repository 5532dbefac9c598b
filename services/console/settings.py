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
            description="Address that the page is served on. The page has no log-in: to serve it beyond this machine, put a proxy "
            "with a log-in in front."
        ),
    ] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535, description="Port of the page. 0: any free one.")] = 6080
    documents: Annotated[
        int, Field(ge=10, le=20_000, description="Number of newest documents kept in memory, about 50 KB each.")
    ] = 2_000
    megabytes: Annotated[
        int,
        Field(
            ge=8, le=4_096, description="Most MiB of event JSON kept in memory. The oldest documents are dropped first."
        ),
    ] = 128
    stories: Annotated[
        int,
        Field(
            ge=10, le=20_000, description="Number of newest stories kept in memory, some 10 KB each, 64 KiB at most."
        ),
    ] = 1_000
    readers: Annotated[
        int, Field(ge=1, le=1_000, description="Most open pages with live updates. Further pages are refused.")
    ] = 64
