"""Settings of the runtime: one frozen model, read from the environment (``STANCEWIRE_*``), checked at the start.

Stages have settings of their own in ``services/<stage>/settings.py``; this one decides how work is moved, not what is found.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar, get_args

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

_BROKER = re.compile(r"^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):[0-9]{1,5}$")

Positive = Annotated[int, Field(gt=0)]
Seconds = Annotated[float, Field(gt=0)]


class SettingsError(ValueError):
    """A setting is wrong; the message names the environment variable."""


FILE = "_FILE"
"""Put behind the variable of a secret, it is the variable of a file that holds the secret, as orchestrators mount one."""


def secrets(model: type[BaseSettings]) -> list[str]:
    """The fields of a settings model that are secrets."""
    return [
        name
        for name, field in model.model_fields.items()
        if SecretStr in (field.annotation, *get_args(field.annotation))
    ]


def secret_in(path: str) -> str:
    """What a secret's file holds, without the line end that editors put there.

    Raises:
        ValueError: it cannot be read, or holds nothing; the message says why.
    """
    try:
        held = Path(path).read_text("utf-8").removesuffix("\n").removesuffix("\r")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ValueError(f"{path} cannot be read: {why}") from None
    if not held:
        raise ValueError(f"{path} is empty")
    return held


class _SecretFiles(EnvSettingsSource):
    """The secrets whose variables name files."""

    def __call__(self) -> dict[str, Any]:
        found = {}
        for name in secrets(self.settings_cls):
            variable = f"{self.env_prefix}{name}".upper()
            path = self.env_vars.get((variable + FILE).lower())
            if path is None:
                continue
            if self.env_vars.get(variable.lower()) is not None:
                raise SettingsError(f"{variable}, {variable}{FILE}: both are set; unset one of them")
            try:
                found[name] = secret_in(path)
            except ValueError as error:
                raise SettingsError(f"{variable}{FILE}: {error}") from None
        return found


class EnvironmentSettings(BaseSettings):
    """A settings model whose secrets may also come from files: ``STANCEWIRE_SASL_PASSWORD_FILE=/run/secrets/kafka``."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is given in the call, the environment, the files that it names."""
        return init_settings, env_settings, _SecretFiles(settings_cls)


class Settings(EnvironmentSettings):
    """What every process of Stancewire is told. Each field is the environment variable ``STANCEWIRE_<FIELD>``."""

    model_config = SettingsConfigDict(env_prefix="STANCEWIRE_", frozen=True, extra="ignore", env_ignore_empty=True)

    brokers: Annotated[
        str | None, Field(description="Kafka brokers, as host:port, separated by commas. Not set: the local broker.")
    ] = None
    security_protocol: Annotated[
        Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"],
        Field(description="How the brokers are spoken to: SSL encrypts, SASL logs in."),
    ] = "PLAINTEXT"
    ssl_cafile: Annotated[
        Path | None,
        Field(description="A file of certificates. The brokers' certificates must be signed by one of them."),
    ] = None
    ssl_certfile: Annotated[Path | None, Field(description="Our own certificate, where the brokers ask for one.")] = (
        None
    )
    ssl_keyfile: Annotated[Path | None, Field(description="The private key of our own certificate.")] = None
    ssl_password: Annotated[SecretStr | None, Field(description="Opens the private key, where it has a password.")] = (
        None
    )
    ssl_check_hostname: Annotated[
        bool, Field(description="Whether a broker's certificate must name the host that we connect to.")
    ] = True
    sasl_mechanism: Annotated[
        Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"], Field(description="How the log-in is made, with SASL.")
    ] = "SCRAM-SHA-512"
    sasl_username: Annotated[str | None, Field(description="The user's name, with SASL.")] = None
    sasl_password: Annotated[SecretStr | None, Field(description="The user's password, with SASL.")] = None

    prefix: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9._-]*$",
            max_length=64,
            description="Put before the name of every topic and consumer group.",
        ),
    ] = ""
    partitions: Annotated[
        int, Field(gt=0, le=1024, description="Number of partitions of new topics. A stage can have as many workers.")
    ] = 4
    replication: Annotated[
        int, Field(gt=0, le=16, description="Number of replicas of new topics. Use 3 in production.")
    ] = 1
    data_dir: Annotated[Path, Field(description="Folder of the local broker and of the workers' tables.")] = Path(
        ".stancewire"
    )

    read_committed: Annotated[
        bool,
        Field(
            description="Whether documents that are sent in a transaction wait for its commit, and are left out if it is "
            "aborted. Off: all documents are taken at once."
        ),
    ] = True

    http_host: Annotated[
        str, Field(description="Address on which metrics and health are served. Anybody who reaches it can read them.")
    ] = "127.0.0.1"
    http_port: Annotated[
        int,
        Field(
            ge=0,
            le=65_000,
            description="Port of metrics and health. Each stage adds its own number to it. 0: any free port.",
        ),
    ] = 6066

    processes: Annotated[
        int,
        Field(
            ge=0, le=256, description="Number of NLP processes of each heavy stage. 0: one for each core, at most 8."
        ),
    ] = 0
    batch_documents: Annotated[
        Positive, Field(le=1000, description="Largest number of documents in a micro-batch.")
    ] = 32
    batch_seconds: Annotated[
        Seconds, Field(le=1, description="Longest wait for a micro-batch to fill, in seconds.")
    ] = 0.1
    batches_in_flight: Annotated[
        Positive,
        Field(
            le=16, description="Number of micro-batches under work at once, so that the next is ready when one ends."
        ),
    ] = 3
    document_seconds: Annotated[
        Seconds,
        Field(
            description="Most processor time for one document in one stage, in seconds. A document also fails after as long "
            "without any processor time, or after 20 times as long by the clock."
        ),
    ] = 60.0
    process_memory_mb: Annotated[
        int,
        Field(
            ge=512, description="Address space of an NLP process, in MiB. A document that needs more is dead-lettered."
        ),
    ] = 6144
    session_seconds: Annotated[
        float,
        Field(
            ge=6,
            le=300,
            description="Seconds without a sign of life after which other workers get a worker's partitions.",
        ),
    ] = 10.0
    stall_seconds: Annotated[
        Seconds,
        Field(
            description="Seconds after which a partition that has documents and makes no progress ends the process, "
            "which is restarted."
        ),
    ] = 30.0
    drain_seconds: Annotated[
        Seconds, Field(description="Longest wait for unfinished documents on SIGTERM, in seconds.")
    ] = 30.0
    dead_letter_run: Annotated[
        Positive, Field(description="Number of failed documents in a row after which the worker stops.")
    ] = 50
    dead_letter_ratio: Annotated[
        float,
        Field(
            gt=0,
            le=1,
            description="Share of failed documents among the last 1,000 above which the worker stops: 0.2 is a fifth.",
        ),
    ] = 0.2
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"], Field(description="The least severe messages that are logged.")
    ] = "INFO"
    log_format: Annotated[
        Literal["text", "json"], Field(description="How each line of the log is written: as text, or as a JSON object.")
    ] = "text"
    otel: Annotated[
        bool,
        Field(
            description="Whether OpenTelemetry spans are sent, by OTLP over HTTP: of documents in stages, of events in sinks, of "
            "requests to `stancewire serve`. It needs the extra `otel`. Where to is said by OpenTelemetry's own variables, "
            "such as OTEL_EXPORTER_OTLP_ENDPOINT."
        ),
    ] = False

    @model_validator(mode="after")
    def _check(self) -> Self:
        for broker in (self.brokers or "").split(",") if self.brokers else ():
            if not _BROKER.match(broker.strip()):
                raise ValueError(f"brokers: {broker.strip()[:100]!r} is not host:port, such as localhost:9092")
        if self.security_protocol.startswith("SASL") and (self.sasl_username is None or self.sasl_password is None):
            raise ValueError(
                "sasl_username: set it and STANCEWIRE_SASL_PASSWORD, or choose a STANCEWIRE_SECURITY_PROTOCOL without SASL"
            )
        for name in ("ssl_cafile", "ssl_certfile", "ssl_keyfile"):
            path = getattr(self, name)
            if path is not None and not path.is_file():
                raise ValueError(f"{name}: no such file: {path}")
        return self

    @property
    def process_count(self) -> int:
        """NLP processes of each stage."""
        return self.processes or min(os.cpu_count() or 1, 8)

    @property
    def bootstrap(self) -> list[str]:
        """The brokers to connect to.

        Raises:
            SettingsError: none is named and no local broker has been started.
        """
        if self.brokers:
            return [broker.strip() for broker in self.brokers.split(",")]
        address = self.data_dir / "broker" / "address"
        try:
            return [address.read_text().strip()]
        except FileNotFoundError:
            raise SettingsError(
                "STANCEWIRE_BROKERS is not set and no local broker is running: "
                "set it to host:port, or start one with `stancewire broker`"
            ) from None


S = TypeVar("S", bound=BaseSettings)


def load(model: Callable[[], S]) -> S:
    """Read a settings model from the environment.

    Raises:
        SettingsError: a variable is wrong. The message names it and never repeats a secret.
    """
    prefix = str(getattr(model, "model_config", {}).get("env_prefix", ""))
    try:
        return model()
    except ValidationError as error:
        raise SettingsError("; ".join(_explain(prefix, part["loc"], part["msg"]) for part in error.errors())) from None


def _explain(prefix: str, location: tuple[int | str, ...], message: str) -> str:
    if not location:
        name, _, message = message.removeprefix("Value error, ").partition(": ")
    else:
        name = str(location[0])
    return f"{prefix}{name.upper()}: {message}"
