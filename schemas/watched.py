"""An entry of the watch list: an entity that a user follows under an id of their own."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from schemas.base import Identifier, Model
from schemas.event import EntityType

MAX_FORM = 200
"""Characters of a name or alias: twice the longest company name in the German register; what is longer is a sentence."""
MAX_ALIASES = 100
"""Other names of one entity. Wikidata's most-named companies and statesmen have some 60 in English."""


def _nameable(form: str) -> str:
    if not any(map(str.isalnum, form)):
        raise ValueError("has no letter and no digit")
    if not form.isprintable():
        raise ValueError("has a line break or another character that does not print")
    return form


Form = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_FORM), AfterValidator(_nameable)
]
"""A name as it is written: with a letter or a digit, on one line."""


class Watched(Model):
    """Somebody or something that is always found, under its user's id. On ``news.watched`` the key is the id.

    A form of one word is found as it is written alone, so that ``Apple`` is not ``apple`` and ``US`` is not ``us``; its
    first letter may be a capital where the form has none (``adidas``, ``Adidas``). In a form of two or more words each word
    may also be written in another way that begins with a capital: ``Bank of Utopia`` is found in ``BANK OF UTOPIA`` and
    ``Bank Of Utopia``, ``Best Buy`` is not found in ``the best buy``. Full stops of abbreviations, the kind of apostrophe and
    of hyphen do not matter: ``N.Y.P.D.`` is ``NYPD``, ``Acme Inc`` is ``Acme Inc.``. Everything else does, accents included.
    """

    id: Annotated[Identifier, Field(description="The user's own id; it is put into the event's entity.")]
    name: Annotated[Form, Field(description="The name that it is known by.")]
    type: Annotated[EntityType, Field(description="What it is, whatever the model says.")]
    aliases: Annotated[tuple[Form, ...], Field(max_length=MAX_ALIASES, description="Its other names.")] = ()

    @property
    def forms(self) -> tuple[str, ...]:
        """The name and the other names, each once."""
        return tuple(dict.fromkeys((self.name, *self.aliases)))
