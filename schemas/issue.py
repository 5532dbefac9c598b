"""An entry of the list of watched issues: what a user wants to know the stances toward, in words of their own."""

from typing import Annotated

from pydantic import Field

from schemas.listed import Forms, Listed


class WatchedIssue(Listed):
    """An issue that stances are sought toward, under its user's id. On ``news.watched.issues`` the key is the id.

    A document speaks of it where the words of its name or of a phrase stand, one after the other: ``sanctuary cities``.
    Upper and lower case do not matter, nor do hyphens, possessive endings (``women's rights``, ``women rights``), an article
    at the beginning of the name (``a carbon tax``), full stops of abbreviations (``U.S.``, ``US``) and whether the last word is
    singular or plural. A form of one word in capitals is found in capitals (``ICE``, not ``ice``), one of four letters or more
    also with a capital (``Nato``). Of phrases that overlap the longest is found.
    """

    phrases: Annotated[Forms, Field(description="Other wordings that mean the same issue.")] = ()

    @property
    def others(self) -> tuple[str, ...]:
        """The other wordings."""
        return self.phrases
