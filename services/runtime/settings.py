"""Settings of the runtime: one frozen model, read from the environment (``STANCEWIRE_*``), checked at the start.

Stages have settings of their own in ``services/<stage>/settings.py``; this one decides how work is moved, not what is found.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_BROKER = re.compile(r"^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):[0-9]{1,5}$")

Positive = Annotated[int, Field(gt=0)]
Seconds = Annotated[float, Field(gt=0)]


class SettingsError(ValueError):
    """A setting is wrong; the message names the environment variable."""


class Settings(BaseSettings):
    """What every process of Stancewire is told. Each field is the environment variable ``STANCEWIRE_<FIELD>``."""

    model_config = SettingsConfigDict(env_prefix="STANCEWIRE_", frozen=True, extra="ignore", env_ignore_empty=True)

    brokers: Annotated[
        str | None, Field(description="Kafka brokers, host:port separated by commas. Unset: the local broker's.")
    ] = None
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    ssl_cafile: Annotated[Path | None, Field(description="Certificates that the brokers' are checked against.")] = None
    ssl_certfile: Annotated[Path | None, Field(description="Our own certificate, where the brokers ask for one.")] = (
        None
    )
    ssl_keyfile: Path | None = None
    ssl_password: SecretStr | None = None
    ssl_check_hostname: bool = True
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    sasl_username: str | None = None
    sasl_password: SecretStr | None = None

    prefix: Annotated[
        str,
        Field(pattern=r"^[A-Za-z0-9._-]*$", max_length=64, description="Set before every topic's and group's name."),
    ] = ""
    partitions: Annotated[
        int, Field(gt=0, le=1024, description="Partitions of new topics: the most workers of a stage.")
    ] = 4
    replication: Annotated[int, Field(gt=0, le=16, description="Copies of new topics; 3 in production.")] = 1
    data_dir: Annotated[Path, Field(description="Where the local broker and the workers' tables live.")] = Path(
        ".stancewire"
    )

    read_committed: Annotated[
        bool,
        Field(
            description="Whether documents that a sender sends in a transaction wait for its commit, and are left out where it is "
            "aborted. Off: all are taken as they come."
        ),
    ] = True

    http_host: Annotated[str, Field(description="Where metrics and health are served; loopback unless asked.")] = (
        "127.0.0.1"
    )
    http_port: Annotated[
        int,
        Field(
            ge=0,
            le=65_000,
            description="Port of the first stage's metrics and health, the next stages' follow. 0: any free one.",
        ),
    ] = 6066

    processes: Annotated[
        int, Field(ge=0, le=256, description="NLP processes of each stage. 0: as many as there are cores, at most 8.")
    ] = 0
    batch_documents: Annotated[Positive, Field(le=1000, description="Most documents of a micro-batch.")] = 32
    batch_seconds: Annotated[
        Seconds, Field(le=1, description="Longest wait for a micro-batch to fill; over 1 s Faust ignores SIGTERM.")
    ] = 0.1
    batches_in_flight: Annotated[
        Positive, Field(le=16, description="Micro-batches under work at once: the next is ready when one ends.")
    ] = 3
    document_seconds: Annotated[
        Seconds,
        Field(
            description="Most processor time for one document in one stage; as long without any, or 20 times as long by the clock, "
            "ends it, too."
        ),
    ] = 60.0
    process_memory_mb: Annotated[
        int,
        Field(ge=512, description="Address space of an NLP process; a document that asks for more is dead-lettered."),
    ] = 6144
    session_seconds: Annotated[
        float,
        Field(
            ge=6, le=300, description="After so long without a sign of life a worker's partitions are given to others."
        ),
    ] = 10.0
    stall_seconds: Annotated[
        Seconds,
        Field(description="A partition that has lag and stands still for so long ends the process, to be restarted."),
    ] = 30.0
    drain_seconds: Annotated[Seconds, Field(description="Longest wait for batches in flight on SIGTERM.")] = 30.0
    dead_letter_run: Annotated[
        Positive, Field(description="So many documents dead-lettered one after the other stop the worker.")
    ] = 50
    dead_letter_ratio: Annotated[
        float,
        Field(gt=0, le=1, description="Dead letters above this share of the last 1,000 documents stop the worker."),
    ] = 0.2
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @model_validator(mode="after")
    def _check(self) -> Self:
        for broker in (self.brokers or "").split(",") if self.brokers else ():
            if not _BROKER.match(broker.strip()):
                raise ValueError(f"brokers: {broker.strip()[:100]!r} is not host:port")
        if self.security_protocol.startswith("SASL") and (self.sasl_username is None or self.sasl_password is None):
            raise ValueError("sasl_username: and sasl_password: are needed with a SASL security protocol")
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
