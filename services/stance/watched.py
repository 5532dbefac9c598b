"""The list of issues, and where a text speaks of one.

It decides when a wording of an issue stands in a text (the rule is ``schemas.issue.WatchedIssue``'s): the words of a phrase, one
after the other, in one line and with nothing but spaces, hyphens and apostrophes between. Whether somebody takes a stance there
is left to ``candidates`` and a reader; what is in force, and how forms are looked up, to ``services.lists``. Linear in the text:
each word is tried at most once for each length that phrases beginning with it have.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from schemas.issue import WatchedIssue
from services.lists.entry import Kind
from services.lists.forms import FormList
from services.stance.plurals import numbers

MAX_PHRASES = 100_000
"""Names and phrases of a whole list: ten thousand issues in ten wordings each take 35 MB in each process. A thesaurus
of politics has fewer (EuroVoc: 7,000 concepts)."""
KIND = Kind(WatchedIssue, MAX_PHRASES, "watched issue", "watched issues")
_TOKEN = re.compile(
    r"(?<![^\W_])(?:[^\W\d_]\.){1,12}[^\W\d_](?![^\W_])\.?"  # U.S and U.S., whose last full stop may end a sentence, too
    r"|[^\W_]+"
    r"|[^\w \t]|_|\n"
)
_LINKS = frozenset("-‐‑'’‘")
"""Hyphens and apostrophes within a word are nothing; anything else between two words parts them."""
_ARTICLES = frozenset({"a", "an", "the"})
_ACRONYM = 4
"""Letters from which on capitals may also be written as a name: Nato and Unicef, but neither Us nor Ice."""


class Place(NamedTuple):
    """Where an issue is named: half-open offsets in the text, its id and the name that the user gave it."""

    start: int
    end: int
    id: str
    name: str


class _Word(NamedTuple):
    start: int
    end: int
    folded: str


class IssueList(FormList[WatchedIssue, str]):
    """The issues in force. Not safe for threads."""

    kind = KIND

    def keys(self, form: str) -> Iterator[tuple[Sequence[str], str]]:
        """Its folded words, with the last one in both numbers; one word in capitals is written so."""
        words = _split(form)
        if len(words) > 1 and words[0].folded in _ARTICLES:
            del words[0]
        folded = [word.folded for word in words]
        if not any(map(str.isalnum, folded)):
            return
        written = form[words[0].start : words[0].end] if len(words) == 1 else ""
        if written.isupper() and folded[0].isalpha():
            yield folded, folded[0].upper()
            return
        for last in numbers(folded[-1]):
            yield [*folded[:-1], last], ""

    def note(self, entry: WatchedIssue) -> str:
        """Its name."""
        return entry.name

    def find(self, text: str) -> list[Place]:
        """Where a cleaned ``text`` names an issue, in order, without overlaps: of phrases that overlap the longest in words, of
        equal ones the first."""
        if not len(self):
            return []
        words = _split(text)
        folded = [word.folded for word in words]
        found = [
            (length, at, identity)
            for at, word in enumerate(folded)
            if self.begins(word)
            for length, identity in self._longest(text, words, folded, at)
        ]
        kept: list[Place] = []
        taken = bytearray(len(words))
        for length, at, identity in sorted(found, key=lambda one: (-one[0], one[1])):
            if not any(taken[at : at + length]):
                taken[at : at + length] = b"\x01" * length
                kept.append(Place(words[at].start, words[at + length - 1].end, identity, self.noted(identity)))
        return sorted(kept)

    def _longest(self, text: str, words: Sequence[_Word], folded: Sequence[str], at: int) -> Iterator[tuple[int, str]]:
        """The longest phrase at a word: how many words, and whose it is."""
        for length, holders in self.forms_at(folded, at):
            for identity, written in holders:
                if not written or _in_capitals(text[words[at].start : words[at].end]):
                    yield length, identity
                    return


def _in_capitals(word: str) -> bool:
    return word.isupper() or (len(word) >= _ACRONYM and word[0].isupper())


def _split(text: str) -> list[_Word]:
    """The words of ``text``, folded, and the signs between them that part words. A possessive ``s`` is none."""
    found: list[_Word] = []
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        written = match.group()
        before, after = text[start - 1 : start], text[end : end + 1]
        if written in _LINKS and before.isalnum() and (after.isalnum() or written not in "-‐‑"):
            continue
        if written in "sS" and before in ("'", "’") and found and found[-1].end == start - 1:
            continue
        found.append(_Word(start, end, written.replace(".", "").casefold() or written))
    return found
