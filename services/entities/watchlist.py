"""The watch list, and where a text names what is on it.

It decides when a form of a name is found (the rule is ``schemas.watched.Watched``'s) and which entry it is. What becomes of
the model's own names there is left to ``watching``. A list changes in place, between two documents.

Forms are looked up by their folded words: for each word of a text that begins a form, one look-up for each length that
forms beginning so have, the longest first. So the time grows with the text and hardly with the list.
"""

import hashlib
import re
from bisect import bisect
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pydantic import ValidationError

from schemas.event import EntityType
from schemas.watched import Watched
from services.entities.words import Word, find_words, fold
from services.text.clean import clean

MAX_FORMS = 1_000_000
"""Names and aliases of a whole list: 160 MB in each process (100,000 entries with 300,000 names took 48), a fortieth of what it
may have."""
_HYPHENS = "-‐‑"
_PLAIN = re.compile(r"[A-Za-z0-9]+(?: [A-Za-z0-9]+)*")
_FOLDED = str.maketrans({"’": "'", "‘": "'", "‐": "-", "‑": "-", ".": None})
_DIGEST_BITS = 64
"""Two lists that somebody uses have the same digest once in 10^19."""


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


class Clash(NamedTuple):
    """A form that two entries have: it is found for ``id``, which comes first. Of several others the first is named."""

    form: str
    id: str
    other: str


class WatchListFullError(ValueError):
    """One more entry would be more than ``MAX_FORMS`` forms."""


class _Entry(NamedTuple):
    label: EntityType
    forms: tuple[str, ...]
    """As cleaned, like the texts that they are looked for in."""
    number: int


class WatchList:
    """The entries in force. Not safe for threads."""

    def __init__(self, base: Iterable[Watched] = ()) -> None:
        """``base``: the entries that are there unless another of the same id is put.

        Raises:
            WatchListFullError: they have too many forms.
        """
        self._base = {watched.id: watched for watched in base}
        self._entries: dict[str, _Entry] = {}
        self._forms: dict[str, tuple[tuple[str, str], ...]] = {}  # folded words -> (id, form), by id
        self._lengths: dict[str, int] = {}  # first word -> bit n-1 is set where a form of n words begins so
        self._uses: dict[str, int] = {}  # first word -> how many forms begin so
        self._count = 0
        self._sum = 0
        self.clashes = [clash for watched in self._base.values() for clash in self._add(watched)]
        """The forms that two entries of the base have."""

    def __len__(self) -> int:
        """Entries in force."""
        return len(self._entries)

    @property
    def digest(self) -> str:
        """The same for the same entries, whatever the order in which they came; empty for an empty list."""
        return f"{self._sum:0{_DIGEST_BITS // 4}x}" if self._entries else ""

    def put(self, watched: Watched) -> list[Clash]:
        """Add an entry in the place of that with its id, and return the forms that others have too.

        Raises:
            WatchListFullError: the list is full; it is as before.
        """
        before = self._entries.get(watched.id)
        if self._count + len(watched.forms) - len(before.forms if before else ()) > MAX_FORMS:
            raise WatchListFullError(f"the watch list has {self._count} names, and may have {MAX_FORMS}")
        self._remove(watched.id)
        return self._add(watched)

    def delete(self, id: str) -> None:
        """Take away what was put under ``id``; an entry of the base is in force again."""
        self._remove(id)
        if id in self._base:
            self._add(self._base[id])

    def find(self, text: str) -> list[Match]:
        """Where a cleaned ``text`` names what is watched, in order, without overlaps; of forms that begin at one place the
        longest."""
        if not self._entries:
            return []
        words = _split(text)
        keys = [fold(word.text) for word in words]
        found: list[tuple[Match, bool, bool]] = []
        reached = 0
        for at, key in enumerate(keys):
            if key in self._lengths and at >= reached:
                reached = at + self._longest(text, words, keys, at, found)
        return list(_settle(found))

    def _longest(
        self, text: str, words: Sequence[Word], keys: Sequence[str], at: int, found: list[tuple[Match, bool, bool]]
    ) -> int:
        """Add what is named at word ``at`` to ``found``, and return of how many words it is; 0: nothing."""
        lengths = self._lengths[keys[at]]
        while lengths:
            length = lengths.bit_length()
            lengths ^= 1 << (length - 1)
            for identity, form in self._forms.get(" ".join(keys[at : at + length]), ()):
                stop = at + length
                end = _end(text, words[at:stop], form) if stop <= len(words) else None
                start = words[at].start - _lead(form)
                if end is not None and (not found or start >= found[-1][0].end):
                    match = Match(start, end, identity, self._entries[identity].label, True)
                    found.append((match, _joined(text, words, at - 1, at), _joined(text, words, stop, stop - 1)))
                    return length
        return 0

    def _add(self, watched: Watched) -> list[Clash]:
        forms = {form: words for form in map(_cleaned, watched.forms) if (words := _folded_words(form))}
        if self._count + len(forms) > MAX_FORMS:
            raise WatchListFullError(f"the watch list has more than {MAX_FORMS} names")
        clashes: list[Clash] = []
        for form, words in forms.items():
            key = " ".join(words)
            others = self._forms.get(key, ())
            holder = next((first for first, other in others if other == form), None)
            if holder is not None:
                clashes.append(Clash(form, *sorted((watched.id, holder))))
            place = bisect(others, (watched.id, form))
            self._forms[key] = (*others[:place], (watched.id, form), *others[place:])
            self._lengths[words[0]] = self._lengths.get(words[0], 0) | 1 << (len(words) - 1)
            self._uses[words[0]] = self._uses.get(words[0], 0) + 1
        content = hashlib.sha256(watched.model_dump_json().encode()).digest()
        entry = _Entry(watched.type, tuple(forms), int.from_bytes(content[: _DIGEST_BITS // 8]))
        self._entries[watched.id] = entry
        self._count += len(forms)
        self._sum = (self._sum + entry.number) % 2**_DIGEST_BITS
        return clashes

    def _remove(self, id: str) -> None:
        entry = self._entries.pop(id, None)
        if entry is None:
            return
        for form in entry.forms:
            words = _folded_words(form)
            key = " ".join(words)
            left = tuple(one for one in self._forms[key] if one != (id, form))
            if left:
                self._forms[key] = left
            else:
                del self._forms[key]
            self._uses[words[0]] -= 1
            if not self._uses[words[0]]:  # until then a length that is no more costs a look-up in vain
                del self._uses[words[0]], self._lengths[words[0]]
        self._count -= len(entry.forms)
        self._sum = (self._sum - entry.number) % 2**_DIGEST_BITS


def read_change(key: bytes | None, value: bytes | None) -> tuple[str, Watched | None]:
    """The id and the new entry (None: it is deleted) in a message of the watch list's topic.

    Raises:
        ValueError: it is neither; the message says what is wrong.
    """
    if not key:
        raise ValueError("it has no key")
    identity = key.decode("utf-8", "replace")
    if value is None:
        return identity, None
    try:
        watched = Watched.model_validate_json(value)
    except ValidationError as error:
        raise ValueError(explain(error)) from None
    if watched.id != identity:
        raise ValueError("id: is not the message's key")
    return identity, watched


def explain(error: ValidationError) -> str:
    """The first fault of an entry: its field and what is wrong with it; nothing of what it holds."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    field = ".".join(str(part) for part in first["loc"])[:50]
    return f"{field}: {first['msg']}" if field else first["msg"]


def _cleaned(form: str) -> str:
    """A form as cleaning leaves it in a text; words of plain letters with single spaces have nothing to mend."""
    return form if _PLAIN.fullmatch(form) else clean(form).text.strip()


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
    if _PLAIN.fullmatch(form):
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
