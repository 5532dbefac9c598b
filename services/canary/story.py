"""The story that canaries tell: its text, and what must be found in it. Ours is ``story.json``; a user may name another file."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, ValidationError, model_validator

from schemas.base import MAX_TEXT, MAX_TITLE, Model
from schemas.event import EntityType, Label

OURS = Path(__file__).with_name("story.json")
_LEAST_WORDS = 60
"""A near copy is made by cutting the end off; of fewer words too few shingles are left to compare."""
_MAX_BYTES = 4 * 1024 * 1024
_CUT = 0.9


class KnownEntity(Model):
    """An entity that must be found, and aliases that must be merged into it."""

    name: Annotated[str, Field(min_length=1)]
    type: EntityType
    aliases: tuple[str, ...] = ()


class KnownStance(Model):
    """A stance that must be found, by the names of its entities. ``holder`` None: the article's own voice."""

    holder: str | None = None
    target: str
    stance: Label


class Story(Model):
    """A document with known answers."""

    title: Annotated[str, Field(max_length=MAX_TITLE)] = ""
    text: Annotated[str, Field(max_length=MAX_TEXT)]
    language: Annotated[str, Field(description="Language that the event must have, such as en.")] = "en"
    entities: tuple[KnownEntity, ...] = ()
    stances: tuple[KnownStance, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (count := len(self.text.split())) < _LEAST_WORDS:
            raise ValueError(f"text: has {count} words; a canary needs at least {_LEAST_WORDS}")
        return self

    @property
    def shortened(self) -> str:
        """The text without its last tenth: a near copy."""
        words = self.text.split(" ")
        return " ".join(words[: int(len(words) * _CUT)])


def read_story(path: Path) -> Story:
    """The story in a JSON file.

    Raises:
        ValueError: it cannot be read or is not a valid story; the message names the file and the field.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ValueError(f"{path}: is larger than {_MAX_BYTES} bytes, the most that a story may have")
        return Story.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise ValueError(f"{path}: {where + ': ' if where else ''}{first['msg']}") from None
