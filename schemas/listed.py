"""What the entries of a user's lists share: an id of their own, a name, and other forms of it."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from schemas.base import Identifier, Model

MAX_FORM = 200
"""Characters of a form: twice the longest company name in the German register; what is longer is a sentence."""
MAX_OTHERS = 100
"""Other forms of one entry. Wikidata's most-named companies and statesmen have some 60 in English."""


def _nameable(form: str) -> str:
    if not any(map(str.isalnum, form)):
        raise ValueError("has no letter and no digit")
    if not form.isprintable():
        raise ValueError("has a line break or another character that does not print")
    return form


Form = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_FORM), AfterValidator(_nameable)
]
"""A name or phrase as it is written: with a letter or a digit, on one line."""
Forms = Annotated[tuple[Form, ...], Field(max_length=MAX_OTHERS)]


class Listed(Model):
    """An entry of a list. On the list's topic the key is the id."""

    id: Annotated[Identifier, Field(description="The user's own id, which events give.")]
    name: Annotated[Form, Field(description="The name that it is known by.")]

    @property
    def others(self) -> tuple[str, ...]:
        """The other forms, each kind of list under its own name for them."""
        return ()

    @property
    def forms(self) -> tuple[str, ...]:
        """The name and the other forms, each once."""
        return tuple(dict.fromkeys((self.name, *self.others)))
