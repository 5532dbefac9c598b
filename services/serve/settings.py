"""Settings of the HTTP service: one frozen model, read from the environment (``STANCEWIRE_SERVE_*``), checked at the start."""

from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from services.runtime.settings import EnvironmentSettings


class ServeSettings(EnvironmentSettings):
    """Where documents are taken by HTTP, from whom, and how large they may be."""

    model_config = SettingsConfigDict(
        env_prefix="STANCEWIRE_SERVE_", frozen=True, extra="ignore", env_ignore_empty=True
    )

    host: Annotated[
        str,
        Field(
            description="Address that documents are taken on. There is no TLS: to serve beyond this machine, put a proxy with "
            "TLS in front."
        ),
    ] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535, description="Port that documents are taken on. 0: any free one.")] = (
        6085
    )
    metrics_port: Annotated[
        int, Field(ge=0, le=65_535, description="Port of the service's metrics and health checks. 0: any free one.")
    ] = 6084
    token: Annotated[
        SecretStr | None,
        Field(
            description="What senders give as `Authorization: Bearer …`, at least 16 characters. Several are separated by commas, "
            "such as the old and the new one."
        ),
    ] = None
    megabytes: Annotated[
        int, Field(ge=1, le=256, description="Most MiB of one request's body, unpacked where it is packed.")
    ] = 16
    documents: Annotated[int, Field(ge=1, le=100_000, description="Most documents of one request.")] = 1_000
    requests: Annotated[
        int,
        Field(
            ge=1, le=256, description="Most requests that are worked on at once. Further ones are told to come again."
        ),
    ] = 8
    seconds: Annotated[
        float, Field(gt=0, le=3_600, description="Longest time that a sender may take for a request, in seconds.")
    ] = 30.0
