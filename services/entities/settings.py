"""Settings of the entities stage: one frozen model, read from the environment (``STANCEWIRE_ENTITIES_*``)."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

OWN = "stancewire"
"""The pipeline that comes with the project, in ``OWN_FOLDER``: our tagger and spaCy's sentence splitter."""
OWN_FOLDER = Path(__file__).parent / "model"
_LANGUAGE = re.compile(r"[a-z]{2,3}")


class EntitySettings(BaseSettings):
    """Which model reads, in what portions, and what is always found."""

    model_config = SettingsConfigDict(
        env_prefix="STANCEWIRE_ENTITIES_", frozen=True, extra="ignore", env_ignore_empty=True
    )

    model: Annotated[
        str,
        Field(
            min_length=1,
            max_length=1024,
            description="spaCy pipeline that finds entities: an installed package, a folder, or stancewire for our own.",
        ),
    ] = OWN
    models: Annotated[
        Mapping[str, str],
        NoDecode,
        Field(
            description="Pipelines for other languages, such as de=de_core_news_sm,fr=/models/fr. All other languages use "
            "STANCEWIRE_ENTITIES_MODEL. STANCEWIRE_INTAKE_LANGUAGES says which languages are accepted.",
        ),
    ] = {}
    piece_characters: Annotated[
        int,
        Field(ge=1_000, le=200_000, description="Most characters of a text read at once: it bounds memory."),
    ] = 20_000
    """It bounds the memory of a reading, which grows with the piece, not with the text."""
    watch_file: Annotated[
        Path | None,
        Field(
            description="File of entities that are always found: JSON Lines, or CSV with id,name,type,aliases (A|B)."
        ),
    ] = None
    kb_file: Annotated[
        Path | None,
        Field(
            description="Knowledge base that entities are linked to, a file made by `stancewire kb build`. If it is not set, "
            "countries, states of the US and large towns are known."
        ),
    ] = None
    link_confidence: Annotated[
        float,
        Field(ge=0.5, le=1, description="Least confidence, 0.5 to 1, of a link. Higher: fewer and surer links."),
    ] = 0.6

    @field_validator("models", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """Read ``language=pipeline`` separated by commas; a pipeline's name or folder has no comma in it."""
        if not isinstance(value, str):
            return value
        models: dict[str, str] = {}
        for entry in value.split(","):
            language, equals, model = (part.strip() for part in entry.partition("="))
            if not (equals and model and _LANGUAGE.fullmatch(language)):
                raise ValueError(f"{entry.strip()[:100]!r} is not language=pipeline, such as de=de_core_news_sm")
            if language in models:
                raise ValueError(f"{language} has two pipelines")
            models[language] = model
        return models
