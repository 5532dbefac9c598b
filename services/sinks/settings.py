"""Settings of the sinks: one frozen model for all, and one for each, read from the environment, checked at the start."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from services.runtime.settings import EnvironmentSettings


class SinkSettings(EnvironmentSettings):
    """What all sinks share."""

    model_config = SettingsConfigDict(env_prefix="STANCEWIRE_SINK_", frozen=True, extra="ignore", env_ignore_empty=True)

    port: Annotated[
        int,
        Field(
            ge=0,
            le=65_000,
            description="Port of a sink's metrics and health checks. postgres has this one, parquet the next, webhook the one "
            "after, opensearch the fifth after this one. 0: any free one.",
        ),
    ] = 6081


class PostgresSettings(EnvironmentSettings):
    """Where `stancewire sink postgres` writes."""

    model_config = SettingsConfigDict(
        env_prefix="STANCEWIRE_POSTGRES_", frozen=True, extra="ignore", env_ignore_empty=True
    )

    url: Annotated[
        SecretStr | None,
        Field(
            description="The database, such as postgresql://user@host:5432/news?sslmode=verify-full. Any connection string of "
            "libpq is taken."
        ),
    ] = None
    password: Annotated[SecretStr | None, Field(description="The user's password, where it is not in the URL.")] = None
    namespace: Annotated[
        str,
        Field(
            pattern=r"^[a-z_][a-z0-9_]{0,62}$",
            description="The schema of the database that the tables are in. It is created if it is missing.",
        ),
    ] = "stancewire"
    batch_events: Annotated[int, Field(ge=1, le=5_000, description="Most events in one transaction.")] = 200


class ParquetSettings(EnvironmentSettings):
    """Where and how `stancewire sink parquet` writes."""

    model_config = SettingsConfigDict(
        env_prefix="STANCEWIRE_PARQUET_", frozen=True, extra="ignore", env_ignore_empty=True
    )

    folder: Annotated[
        Path | None, Field(description="The folder that the files go to. It is created if it is missing.")
    ] = None
    seconds: Annotated[
        float,
        Field(ge=1, le=86_400, description="Longest time that an event waits until its file is whole, in seconds."),
    ] = 300.0
    megabytes: Annotated[
        int, Field(ge=1, le=4_096, description="MiB of events as JSON after which files are made whole earlier.")
    ] = 256


class WebhookSettings(EnvironmentSettings):
    """Where `stancewire sink webhook` posts alerts, and of what."""

    model_config = SettingsConfigDict(
        env_prefix="STANCEWIRE_WEBHOOK_", frozen=True, extra="ignore", env_ignore_empty=True
    )

    url: Annotated[
        SecretStr | None,
        Field(description="The address that alerts are posted to, such as https://alerts.example/stances."),
    ] = None
    secret: Annotated[
        SecretStr | None,
        Field(
            min_length=16,
            description="What alerts are signed with: text, or whsec_ and base64. The receiver has the same one.",
        ),
    ] = None
    minimum_confidence: Annotated[
        float, Field(ge=0, le=1, description="Stances with a lower confidence raise no alert.")
    ] = 0.6
    attempts: Annotated[
        int,
        Field(
            ge=1,
            le=10,
            description="Number of times that an alert is sent before its event becomes a dead letter, with pauses of 1, 2, 4, … "
            "at most 30 seconds.",
        ),
    ] = 6
    seconds: Annotated[float, Field(gt=0, le=60, description="Longest wait for one answer, in seconds.")] = 10.0
    state: Annotated[
        Path | None,
        Field(
            description="The file that remembers who was last told to be on which side. Not set: webhook.sqlite in "
            "STANCEWIRE_DATA_DIR."
        ),
    ] = None


class OpensearchSettings(EnvironmentSettings):
    """Where `stancewire sink opensearch` writes."""

    model_config = SettingsConfigDict(
        env_prefix="STANCEWIRE_OPENSEARCH_", frozen=True, extra="ignore", env_ignore_empty=True
    )

    url: Annotated[
        SecretStr | None,
        Field(description="The server, OpenSearch or Elasticsearch, such as https://search.example:9200."),
    ] = None
    user: Annotated[str | None, Field(pattern=r"^[^:]+$", description="Who we are there, with a password.")] = None
    password: Annotated[SecretStr | None, Field(description="The user's password.")] = None
    api_key: Annotated[
        SecretStr | None,
        Field(
            description="In place of user and password: a key in its encoded form, sent as `Authorization: ApiKey …`."
        ),
    ] = None
    cafile: Annotated[
        Path | None,
        Field(
            description="A file of certificates. The server's must be signed by one of them. Not set: the system's authorities."
        ),
    ] = None
    index: Annotated[
        str,
        Field(
            pattern=r"^[a-z0-9][a-z0-9_-]{0,99}$",
            description="What is searched: an alias, without withdrawn documents, of the index NAME-1, which is created if it is "
            "missing.",
        ),
    ] = "stancewire"
    batch_events: Annotated[int, Field(ge=1, le=5_000, description="Most events in one request.")] = 200
    seconds: Annotated[float, Field(gt=0, le=15, description="Longest wait for one answer, in seconds.")] = 15.0
