"""The watch list, and where a text names what is on it.

It decides when a form of a name is found (the rule is ``schemas.watched.WatchedEntity``'s) and which entry it is. What becomes of
the model's own names there is left to ``watching``; what is in force, and how forms are looked up, to ``services.lists``.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from schemas.event import EntityType
from schemas.watched import WatchedEntity
from services.entities.words import Word, find_words, fold
from services.lists.entry import Kind
from services.lists.forms import PLAIN, FormList

MAX_FORMS = 1_000_000
"""Names and aliases of a whole list: 160 MB in each process (100,000 entries with 300,000 names took 48), a fortieth of what it
may have."""
KIND = Kind(WatchedEntity, MAX_FORMS, "watched entity", "watched entities")
_HYPHENS = "-‐‑"
_FOLDED = str.maketrans({"’": "'", "‘": "'", "‐": "-", "‑": "-", ".": None})


class Match(NamedTuple):
    """Where an entry is named: half-open offsets in the text, its id and type.

    ``firm``: whether the name stands by itself; false where a hyphen joins it to a word with a capital that is watched by
    nobody, as ``Royce`` in ``Rolls-Royce``.
    """

    start: int
    end: int
    id: str
    label: EntityType
    firm: bool


class WatchList(FormList[WatchedEntity, EntityType]):
    """The entries in force. Not safe for threads."""

    kind = KIND

    def keys(self, form: str) -> Iterator[tuple[Sequence[str], str]]:
        """Its folded words, and the form itself, whose case counts."""
        words = _folded_words(form)
        if words:
            yield words, form

    def note(self, entry: WatchedEntity) -> EntityType:
        """Its type."""
        return entry.type

    def find(self, text: str) -> list[Match]:
        """Where a cleaned ``text`` names what is watched, in order, without overlaps; of forms that begin at one place the
        longest."""
        if not len(self):
            return []
        words = _split(text)
        keys = [fold(word.text) for word in words]
        found: list[tuple[Match, bool, bool]] = []
        reached = 0
        for at, key in enumerate(keys):
            if at >= reached and self.begins(key):
                reached = at + self._longest(text, words, keys, at, found)
        return list(_settle(found))

    def _longest(
        self, text: str, words: Sequence[Word], keys: Sequence[str], at: int, found: list[tuple[Match, bool, bool]]
    ) -> int:
        """Add what is named at word ``at`` to ``found``, and return of how many words it is; 0: nothing."""
        for length, holders in self.forms_at(keys, at):
            for identity, form in holders:
                stop = at + length
                end = _end(text, words[at:stop], form)
                start = words[at].start - _lead(form)
                if end is not None and (not found or start >= found[-1][0].end):
                    match = Match(start, end, identity, self.noted(identity), True)
                    found.append((match, _joined(text, words, at - 1, at), _joined(text, words, stop, stop - 1)))
                    return length
        return 0


def _split(text: str) -> list[Word]:
    """The words of ``text`` with those at hyphens apart, and without the possessive ending of words in capitals."""
    found: list[Word] = []
    for word in find_words(text):
        start, end, written = word
        if written.isalnum():  # nearly all
            found.append(word)
            continue
        if written.endswith(("'S", "’S")) and len(written) > 3:  # O’S is an initial
            end, written = end - 2, written[:-2]
        if "-" in written or "‑" in written or "‐" in written:
            found += _at_hyphens(start, written)
        else:
            found.append(Word(start, end, written))
    return found


def _at_hyphens(start: int, written: str) -> Iterable[Word]:
    for part in written.translate(str.maketrans("‐‑", "--")).split("-"):
        if part:
            yield Word(start, start + len(part), part)
        start += len(part) + 1


def _folded_words(form: str) -> list[str]:
    if PLAIN.fullmatch(form):
        return form.casefold().split(" ")
    return [fold(word.text) for word in _split(form)]


def _lead(form: str) -> int:
    """Characters of a form before its first word, as in ``@acme``."""
    return _split(form)[0].start


def _end(text: str, words: Sequence[Word], form: str) -> int | None:
    """Where ``form`` ends whose first and last words stand where ``words`` do; None where they are not written as its are.

    A full stop after a letter belongs to the name only if the form has one: ``Malcolm X.`` ends a sentence.
    """
    own = _split(form)
    if len(own) != len(words) or not all(
        _written_alike(word.text, other.text, len(own) == 1) for word, other in zip(words, own, strict=True)
    ):
        return None
    for one, two, mine, next_mine in zip(words, words[1:], own, own[1:], strict=False):
        if _plain(text[one.end : two.start]) != _plain(form[mine.end : next_mine.start]):
            return None
    lead, tail = form[: own[0].start], form[own[-1].end :].rstrip(".")
    start, end = words[0].start, words[-1].end
    if _plain(text[max(0, start - len(lead)) : start]) != _plain(lead):
        return None
    if len(words[-1].text) == 2 and words[-1].text[1] == "." and not own[-1].text.endswith("."):
        end -= 1
    if tail and (_plain(text[end : end + len(tail)]) != _plain(tail) or _goes_on(text, end + len(tail), tail)):
        return None
    return end + len(tail)


def _goes_on(text: str, end: int, tail: str) -> bool:
    return tail[-1].isalnum() and text[end : end + 1].isalnum()


def _written_alike(word: str, wanted: str, alone: bool) -> bool:
    """Whether ``word``, equal but for its case, is written so that it is the form's word ``wanted``."""
    word, wanted = word.translate(_FOLDED), wanted.translate(_FOLDED)
    if word == wanted:
        return True
    if alone:
        return wanted[0].islower() and word[1:] == wanted[1:]
    return not word[0].islower()


def _plain(gap: str) -> str:
    return gap.translate(_FOLDED).casefold()


def _joined(text: str, words: Sequence[Word], neighbour: int, own: int) -> bool:
    """Whether a hyphen joins word ``own`` to the neighbour at that index, and that is no such word as ``led``, ``pro``."""
    if not 0 <= neighbour < len(words):
        return False
    first, second = sorted((words[neighbour], words[own]))
    return text[first.end : second.start] in _HYPHENS and second.start > first.end and not words[neighbour].lower


def _settle(found: Sequence[tuple[Match, bool, bool]]) -> Iterable[Match]:
    """The matches; firm are those that no hyphen joins to anything but each other (``Acme-Umbra``)."""
    for index, (match, left, right) in enumerate(found):
        before = found[index - 1][0].end == match.start - 1 if index else False
        after = found[index + 1][0].start == match.end + 1 if index + 1 < len(found) else False
        yield match._replace(firm=(not left or before) and (not right or after))
