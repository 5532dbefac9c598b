"""An entry of the list of watched entities: somebody or something that a user follows under an id of their own."""

from typing import Annotated

from pydantic import Field

from schemas.event import EntityType
from schemas.listed import Forms, Listed


class WatchedEntity(Listed):
    """Somebody or something that is always found, under its user's id. On ``news.watched.entities`` the key is the id.

    A form of one word is found as it is written alone, so that ``Apple`` is not ``apple`` and ``US`` is not ``us``; its
    first letter may be a capital where the form has none (``adidas``, ``Adidas``). In a form of two or more words each word
    may also be written in another way that begins with a capital: ``Bank of Utopia`` is found in ``BANK OF UTOPIA`` and
    ``Bank Of Utopia``, ``Best Buy`` is not found in ``the best buy``. Full stops of abbreviations, the kind of apostrophe and
    of hyphen do not matter: ``N.Y.P.D.`` is ``NYPD``, ``Acme Inc`` is ``Acme Inc.``. Everything else does, accents included.
    """

    type: Annotated[EntityType, Field(description="What it is, whatever the model says.")]
    aliases: Annotated[Forms, Field(description="Its other names.")] = ()

    @property
    def others(self) -> tuple[str, ...]:
        """The other names."""
        return self.aliases
