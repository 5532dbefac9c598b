"""A list in force: which entry each form belongs to, found by the words that it is made of.

It decides who has a form that two entries have (the one whose id comes first), what is in force after changes, and by which
digest a list is known. How a form becomes words, and where a text has them, is left to each kind of list. A list changes in place.

Forms are looked up by their words as a kind folds them: for each word that begins a form, one look-up for each length that
forms beginning so have, the longest first. So the time grows with the text and hardly with the list.
"""

import hashlib
import re
from abc import ABC, abstractmethod
from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from typing import Generic, NamedTuple, TypeVar

from services.lists.entry import E, Kind
from services.text.clean import clean

PLAIN = re.compile(r"[A-Za-z0-9]+(?: [A-Za-z0-9]+)*")
"""Words of plain letters with single spaces: nothing in them is to be mended or folded but their case."""
_DIGEST_BITS = 64
"""Two lists that somebody uses have the same digest once in 10^19."""

N = TypeVar("N")
"""What a list notes of each entry beside its forms."""
Holder = tuple[str, str]
"""The id of an entry, and its form as ``FormList.keys`` gives it."""


class Clash(NamedTuple):
    """A form that two entries have: it is found for ``id``, which comes first. Of several others the first is named."""

    form: str
    id: str
    other: str


class ListFullError(ValueError):
    """One more entry would be more forms than the kind's lists may have."""


class _Entry(NamedTuple, Generic[N]):
    note: N
    forms: tuple[str, ...]
    """As cleaned, like the texts that they are looked for in."""
    number: int


class FormList(ABC, Generic[E, N]):
    """The entries in force. Not safe for threads. A kind of list says what its ``keys`` and the ``note`` of an entry are."""

    kind: Kind[E]

    def __init__(self, base: Iterable[E] = ()) -> None:
        """``base``: the entries that are there unless another of the same id is put.

        Raises:
            ListFullError: they have too many forms.
        """
        self._base = {entry.id: entry for entry in base}
        self._entries: dict[str, _Entry[N]] = {}
        self._forms: dict[str, tuple[Holder, ...]] = {}  # words -> who has them, by id
        self._lengths: dict[str, int] = {}  # first word -> bit n-1 is set where a form of n words begins so
        self._uses: dict[str, int] = {}  # first word -> how many forms begin so
        self._count = 0
        self._sum = 0
        self.clashes = [clash for entry in self._base.values() for clash in self._add(entry)]
        """The forms that two entries of the base have."""

    @abstractmethod
    def keys(self, form: str) -> Iterable[tuple[Sequence[str], str]]:
        """The words under which a cleaned form is found, and how it is then written; nothing for a form without words. Forms
        of two entries clash where both are the same."""

    @abstractmethod
    def note(self, entry: E) -> N:
        """What is noted of an entry."""

    def __len__(self) -> int:
        """Entries in force."""
        return len(self._entries)

    @property
    def digest(self) -> str:
        """The same for the same entries, whatever the order in which they came; empty for an empty list."""
        return f"{self._sum:0{_DIGEST_BITS // 4}x}" if self._entries else ""

    def put(self, entry: E) -> list[Clash]:
        """Add an entry in the place of that with its id, and return the forms that others have too.

        Raises:
            ListFullError: the list is full; it is as before.
        """
        before = self._entries.get(entry.id)
        if self._count + len(entry.forms) - len(before.forms if before else ()) > self.kind.most:
            raise ListFullError(f"the list is full: it has {self._count} names and may have {self.kind.most}")
        self._remove(entry.id)
        return self._add(entry)

    def delete(self, id: str) -> None:
        """Take away what was put under ``id``; an entry of the base is in force again."""
        self._remove(id)
        if id in self._base:
            self._add(self._base[id])

    def begins(self, word: str) -> bool:
        """Whether a form begins with this folded word."""
        return word in self._lengths

    def forms_at(self, words: Sequence[str], at: int) -> Iterator[tuple[int, tuple[Holder, ...]]]:
        """The forms that the folded words from ``at`` on are: how many words, and who has it; the longest first."""
        lengths = self._lengths.get(words[at], 0)
        while lengths:
            length = lengths.bit_length()
            lengths ^= 1 << (length - 1)
            holders = self._forms.get(" ".join(words[at : at + length]))
            if holders and at + length <= len(words):
                yield length, holders

    def noted(self, id: str) -> N:
        """The note of an entry in force."""
        return self._entries[id].note

    def _add(self, entry: E) -> list[Clash]:
        forms = {form: keys for form in map(_cleaned, entry.forms) if (keys := list(self.keys(form)))}
        if self._count + len(forms) > self.kind.most:
            raise ListFullError(f"the list has more than {self.kind.most} names, the most that it may have")
        clashes: dict[Clash, None] = {}
        for form, keys in forms.items():
            for words, written in keys:
                key = " ".join(words)
                others = self._forms.get(key, ())
                if (entry.id, written) in others:
                    continue
                holder = next((first for first, other in others if other == written), None)
                if holder is not None:
                    clashes[Clash(form, *sorted((entry.id, holder)))] = None
                place = bisect(others, (entry.id, written))
                self._forms[key] = (*others[:place], (entry.id, written), *others[place:])
                self._lengths[words[0]] = self._lengths.get(words[0], 0) | 1 << (len(words) - 1)
                self._uses[words[0]] = self._uses.get(words[0], 0) + 1
        content = hashlib.sha256(entry.model_dump_json().encode()).digest()
        number = int.from_bytes(content[: _DIGEST_BITS // 8])
        self._entries[entry.id] = _Entry(self.note(entry), tuple(forms), number)
        self._count += len(forms)
        self._sum = (self._sum + number) % 2**_DIGEST_BITS
        return list(clashes)

    def _remove(self, id: str) -> None:
        entry = self._entries.pop(id, None)
        if entry is None:
            return
        for form in entry.forms:
            for words, written in self.keys(form):
                self._take_off(id, words, written)
        self._count -= len(entry.forms)
        self._sum = (self._sum - entry.number) % 2**_DIGEST_BITS

    def _take_off(self, id: str, words: Sequence[str], written: str) -> None:
        key = " ".join(words)
        there = self._forms.get(key, ())
        left = tuple(one for one in there if one != (id, written))
        if len(left) == len(there):  # two forms of one entry with the same key
            return
        if left:
            self._forms[key] = left
        else:
            del self._forms[key]
        self._uses[words[0]] -= 1
        if not self._uses[words[0]]:  # until then a length that is no more costs a look-up in vain
            del self._uses[words[0]], self._lengths[words[0]]


def _cleaned(form: str) -> str:
    """A form as cleaning leaves it in a text; plain words have nothing to mend."""
    return form if PLAIN.fullmatch(form) else clean(form).text.strip()
