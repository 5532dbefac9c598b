"""What a document says that another one, which it is alike to, does not: sentence by sentence, from what is kept of the other.

Kept are the other's shingles and a hash of each of its sentences, not its words. A sentence is known where its hash is among
those, or all shingles inside it are: so it does not matter how either text is cut into sentences, nor what stood between them. Else
it may still say the same: the words that differ are tried in the forms that desks give them (numbers in digits, British
spelling, hyphens, a "the" more or less), and a form is right when it brings the other's shingles back. What stays
unexplained is new. Beside sentences, ``Laid`` tells whether both are of one story at all.

Deterministic, and linear in the text but for the forms, which are bounded.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Literal, NamedTuple

import numpy as np

from schemas import event
from schemas.base import MAX_CHANGES
from services.dedup import subject
from services.dedup.fingerprint import KEPT, Overlap
from services.dedup.page import Page, Sentence
from services.dedup.record import JudgedRecord
from services.dedup.words import UInt32s, high, read_words, shingle_hashes, word_hashes
from services.text.clean import Cleaned, clean

_CHANGED = 0.4
"""Share of a sentence's words that the other text has too, from which it is a changed sentence and not an added one."""
_MOST_FORMS = 24
"""Words of one sentence that are explained by another form; more is another sentence."""
_MOST_TRIED = 400
"""Words of one document for which forms are tried: a bound on the work."""
_KNOWN = 0.6
"""Of a long text not all shingles are kept: from this share on, those that are speak for the others."""
_LONGEST_SPLIT = 20
_FILLERS = ("the", "a", "an", "that", "on", "in", "at", "of", "and", "also", "which", "who", "had", "has", "have", "s")
"""Words that desks put in and take out. None of them turns round what is said, or who did it to whom."""
_SPELLINGS = (
    ("our", "or"), ("ise", "ize"), ("isa", "iza"), ("isi", "izi"), ("yse", "yze"), ("tre", "ter"), ("ence", "ense"),
    ("ogue", "og"), ("elled", "eled"), ("elling", "eling"), ("eller", "eler"), ("mme", "m"), ("ae", "e"),
)  # fmt: skip


def _listed(words: str) -> tuple[str, ...]:
    return tuple(words.split())


_NUMERALS = _listed(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen "
    "twenty"
)
_TENS = ("thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SHORT_FORMS = {
    "january": ("jan",), "february": ("feb",), "march": ("mar",), "april": ("apr",), "august": ("aug",),
    "september": ("sept", "sep"), "october": ("oct",), "november": ("nov",), "december": ("dec",),
    "monday": ("mon",), "tuesday": ("tue", "tues"),
    "wednesday": ("wed",), "thursday": ("thu", "thurs"), "friday": ("fri",), "saturday": ("sat",), "sunday": ("sun",),
    "mister": ("mr",), "doctor": ("dr",), "senator": ("sen",), "representative": ("rep",), "governor": ("gov",),
    "percent": ("pct",), "kilometres": ("km",), "kilometers": ("km",), "government": ("govt",), "company": ("co",),
}  # fmt: skip
_FORMS: dict[str, set[str]] = {}
for _word, _figures in [
    *((word, f"{number}") for number, word in enumerate(_NUMERALS)),
    *((word, f"{number}0") for number, word in enumerate(_TENS, 3)),
]:
    _FORMS.setdefault(_word, set()).add(_figures)
    _FORMS.setdefault(_figures, set()).add(_word)
for _word, _shorter in _SHORT_FORMS.items():
    for _other in _shorter:
        _FORMS.setdefault(_word, set()).add(_other)
        _FORMS.setdefault(_other, set()).add(_word)


class Change(NamedTuple):
    """A stretch of the clean text that differs: of ``removed`` sentences there is only the place."""

    kind: Literal["added", "changed", "removed"]
    start: int
    end: int


class Own:
    """The document that is judged, read when it is first needed.

    Args:
        text: as received. title: as received. size: words of a shingle.
    """

    def __init__(self, text: str, title: str, size: int) -> None:
        self._raw, self.title, self.size = text, title, size

    @cached_property
    def cleaned(self) -> Cleaned:
        """The text as it was fingerprinted."""
        return clean(self._raw)

    @cached_property
    def page(self) -> Page:
        """The cleaned text in words and sentences."""
        return Page(self.cleaned.text)

    @cached_property
    def shingles(self) -> UInt32s:
        """The hashes of all shingles, in order."""
        return high(shingle_hashes(self.page.hashes, self.size))

    @cached_property
    def sentences(self) -> list[int]:
        """A hash of each sentence, in order."""
        hashes: list[int] = self.page.sentence_hashes().tolist()
        return hashes

    @cached_property
    def facts(self) -> list[int]:
        """Which words are names, numbers or days."""
        return subject.facts(self.page, range(len(self.page)))

    @cached_property
    def facts_hashed(self) -> set[int]:
        """These words, hashed."""
        return {subject.hashed(self.page.folded[place]) for place in self.facts}

    def reported(self, changes: Sequence[Change], new_title: bool) -> tuple[event.Change, ...]:
        """``changes`` by offsets of the document as received, and its title before them where that is new."""
        made = [event.Change(field="title", start=0, end=len(self.title), kind="changed")] if new_title else []
        for kind, start, end in changes[:MAX_CHANGES]:
            if start < end:
                first, last = self.cleaned.span(start, end)
            else:
                first = last = self.cleaned.ends[start - 1] if start else 0
            made.append(event.Change(field="text", start=first, end=last, kind=kind))
        return tuple(made[:MAX_CHANGES])


class Laid:
    """A document laid over another one, which is alike to it.

    Args:
        own: the document. record: what is kept of it. other: what is kept of the other.
    """

    def __init__(self, own: Own, record: JudgedRecord, other: JudgedRecord) -> None:
        self._own, self._record, self._other = own, record, other
        self._page, self._size = own.page, own.size
        self._tried = 0
        self._held, self._unknown = self._look_up(own.shingles)

    def _look_up(self, shingles: UInt32s) -> tuple["np.ndarray", "np.ndarray"]:
        """Which shingles the other has, and of which that is not known."""
        kept = self._other.shingles
        if not len(kept):
            return np.zeros(len(shingles), np.bool_), np.ones(len(shingles), np.bool_)
        at = np.minimum(kept.searchsorted(shingles), len(kept) - 1)
        held = kept[at] == shingles
        return held, (shingles > kept[-1]) & (len(kept) >= KEPT)

    @cached_property
    def _covered(self) -> "np.ndarray":
        """Which words stand in a shingle that the other has."""
        edges = np.zeros(len(self._page) + 1, np.int32)
        at = np.flatnonzero(self._held)
        np.add.at(edges, at, 1)
        np.add.at(edges, at + self._size, -1)
        return np.cumsum(edges[:-1]) > 0

    # whether it is the same story

    def is_same_story(self, found: Overlap, same_url: bool) -> bool:
        """Whether both tell one story, though their titles, their leads or what they have in common may say otherwise.

        Args:
            found: what they have in common. same_url: both stood under the same address.
        """
        if same_url:
            return True
        apart = self._is_other_subject() or self._is_other_lead() or self._is_a_statement() or self._is_a_frame(found)
        return not apart

    def _is_other_subject(self) -> bool:
        """Each title names somebody, some place or some day that its own text has and the other has not."""
        page = self._page
        mine, theirs = self._record.title - self._other.title, self._other.title - self._record.title
        if not mine or not theirs or theirs & subject.stems(page.folded):
            return False
        named = [place for place in self._own.facts if not subject.is_number(page.folded[place])]
        places = [place for place in named if subject.stems([page.folded[place]]) <= mine]
        return bool(places) and not self._covered[places].any()

    def _is_other_lead(self) -> bool:
        """Both leads are there, and what they name tells the stories apart: neither text has the other's.

        In a short text under a rubric the first sentence counts alone: the second may be of a template.
        """
        page, other = self._page, self._other
        if not other.lead:
            return False
        same_title = subject.are_alike(self._record.title, other.title)
        rubric = same_title and len(self._record.title) <= subject.RUBRIC and len(page) <= subject.TEMPLATE
        named = subject.facts(page, subject.opening(page) if rubric else subject.lead(page))
        hashes = [subject.hashed(page.folded[place]) for place in named]
        same = sum(bool(self._covered[place]) for place in named)
        apart = {
            one for one, place in zip(hashes, named, strict=True) if not self._covered[place] and one not in other.lead
        }
        if not apart or same >= _weigh(same + len(apart)):
            return False
        if same and same_title and not rubric:
            return False  # the same announcement, with one thing in common at least
        theirs = other.lead - set(hashes)
        if rubric:
            theirs -= {subject.hashed(page.folded[place]) for place in self._own.facts if self._covered[place]}
        return bool(theirs) and len(theirs & self._own.facts_hashed) < _weigh(len(theirs))

    def _is_a_statement(self) -> bool:
        """What both have in common is a quotation, and little else."""
        page, covered = self._page, self._covered
        quoted = np.zeros(len(page), np.bool_)
        for start, end in subject.quotations(page.text):
            quoted[page.starts.searchsorted(start) : page.starts.searchsorted(end)] = True
        shared, own = int(covered.sum()), len(page) - int(quoted.sum())
        if not shared or int((covered & quoted).sum()) < subject.QUOTED * shared or own < self._size * 3:
            return False
        lead = [place for place in subject.lead(page) if not quoted[place]]
        return int((covered & ~quoted).sum()) < 0.3 * own and bool(lead) and float(covered[lead].mean()) < 0.5

    def _is_a_frame(self, found: Overlap) -> bool:
        """What is news in both is new, and what they have in common is what stands around it."""
        if not self._other.title or max(found) >= 0.8:
            return False
        page, named = self._page, set(self._own.facts)
        told = [one for one in page.sentences if not one.furniture and not named.isdisjoint(range(one.first, one.last))]
        new = [one for one in told if self._covered[one.first : one.last].mean() < 0.5]
        return len(new) >= subject.LEAST_TOLD and len(new) >= subject.FRAME * len(told)

    # what it says that the other does not

    @cached_property
    def changes(self) -> list[Change]:
        """What differs, in order: added and changed sentences that say something new, and where sentences were removed."""
        page, known = self._page, self._known_sentences
        hashes = self._own.sentences
        made: list[Change] = []
        gone = self._gone(hashes)
        if gone.get(-1):
            made.append(Change("removed", 0, 0))
        for number, one in enumerate(page.sentences):
            if hashes[number] not in known and not one.furniture and self._is_new(one, number):
                share = float(self._covered[one.first : one.last].mean())
                made.append(Change("changed" if share >= _CHANGED else "added", one.start, one.end))
            if number in gone:
                made.append(Change("removed", one.end, one.end))
        return made

    @property
    def says_something_new(self) -> bool:
        """Whether there is anything in it that the other does not say, its title included."""
        return self.has_new_title or any(change.kind != "removed" for change in self.changes)

    @property
    def only_adds(self) -> bool:
        """Whether all that differs are sentences that were added."""
        return all(change.kind == "added" for change in self.changes)

    @cached_property
    def has_new_title(self) -> bool:
        """Whether its title has a number, or turns something round, as neither its text nor the other's title does."""
        title = self._record.title
        if title == self._other.title or subject.are_unlike(title, self._other.title):
            return False
        if subject.are_opposite(title, self._other.title):
            return True
        words = subject.title_words(self._own.title)
        known = self._other.title | subject.stems(self._page.folded)
        return any(
            (subject.is_number(word) or subject.is_reversal(word)) and not subject.stems(_forms_of(word)) & known
            for word in words
        )

    @cached_property
    def _known_sentences(self) -> set[int]:
        return set(self._other.sentences.tolist())

    def _gone(self, hashes: Sequence[int]) -> dict[int, int]:
        """How many of the other's sentences stood behind which of this one's (-1: before the first) and are in it no more."""
        gone: dict[int, int] = {}
        if not self._lost_any:
            return gone
        own = {one: number for number, one in reversed(list(enumerate(hashes)))}
        at = -1
        for one in self._other.sentences.tolist():
            if one in own:
                at = own[one]
            else:
                gone[at] = gone.get(at, 0) + 1
        before = -1
        for number, one in enumerate(self._page.sentences):  # a changed sentence stands for one that was there
            if hashes[number] in self._known_sentences:
                before = number
            elif gone.get(before) and self._covered[one.first : one.last].mean() >= _CHANGED:
                gone[before] -= 1
        return {number: count for number, count in gone.items() if count}

    @cached_property
    def _lost_any(self) -> bool:
        own = np.unique(self._own.shingles)
        kept = self._other.shingles
        at = np.minimum(own.searchsorted(kept), len(own) - 1) if len(own) else np.zeros(len(kept), np.intp)
        return not len(own) or bool((own[at] != kept).any())

    def _is_new(self, one: Sentence, number: int) -> bool:
        """Whether a sentence whose hash the other has not says what it does not."""
        first, last, size = one.first, one.last, self._size
        if last - first < size:
            around = self._held[max(0, last - size) : first + 1]
            return not around.any() and self._tells(first, last)
        inside = slice(first, last - size + 1)
        held, unknown = self._held[inside], self._unknown[inside]
        if int(unknown.sum()) > (1 - _KNOWN) * len(held):
            return self._tells(first, last)
        if bool((held | unknown).all()):
            return number > 0 and self._is_cut_in_front(first)
        return not self._is_explained(first, last) and self._tells(first, last)

    def _is_cut_in_front(self, first: int) -> bool:
        """Whether the other's sentence began with more: who said it, perhaps, or that it is not so."""
        if not len(self._other.sentences):
            return False
        return not (self._held[first - 1] or self._unknown[first - 1])

    def _tells(self, first: int, last: int) -> bool:
        """Whether words tell anything: a number, a reversal, or some words that are not small."""
        words = self._page.folded[first:last]
        if any(subject.is_number(word) or subject.is_reversal(word) for word in words):
            return True
        return sum(not subject.is_small(word) for word in words) >= 2

    def _is_explained(self, first: int, last: int) -> bool:
        """Whether the words become the other's when some are put in another form."""
        size = self._size
        held = self._held[first : last - size + 1]
        if not held.any():  # a short one is tried with what stands beside it
            if first >= size and self._held[first - size]:
                return self._is_explained(first - size, last)
            if last + size <= len(self._page) and self._held[last]:
                return self._is_explained(first, last + size)
            return False
        start = int(held.argmax())
        hashes, words = self._page.hashes[first:last].tolist(), self._page.folded[first:last]
        stop = start + self._size
        known = hashes[start:stop]
        return self._reaches(known, hashes[stop:], words[stop:], False) and self._reaches(
            known[::-1], hashes[:start][::-1], words[:start][::-1], True
        )

    def _reaches(self, known: list[int], hashes: list[int], words: list[str], backwards: bool) -> bool:
        """Whether the words that follow ``known`` can be brought to what the other has there; ``backwards``: all is reversed."""
        at, forms = 0, 0
        out = list(known)
        while at < len(hashes):
            if self._has(out, [hashes[at]], backwards):
                out.append(hashes[at])
                at += 1
                continue
            forms += 1
            self._tried += 1
            if forms > _MOST_FORMS or self._tried > _MOST_TRIED:
                return False
            for taken, put in _alternatives(words, at, backwards):
                made = list(map(_hash_of, put))
                following = hashes[at + taken : at + taken + 1]
                if (made or following or at + taken == len(hashes)) and self._has(out, made + following, backwards):
                    out += made + following
                    at += taken + len(following)
                    break
            else:
                return False
        return True

    def _has(self, out: Sequence[int], added: Sequence[int], backwards: bool) -> bool:
        """Whether the other has every shingle that ends in one of ``added`` after ``out``."""
        if not added:
            return True
        run = [*out[len(out) - self._size + 1 :], *added] if self._size > 1 else list(added)
        words = np.array(run[::-1] if backwards else run, np.uint64)
        held, unknown = self._look_up(high(shingle_hashes(words, self._size)))
        return bool((held | unknown).all())


def _weigh(count: int) -> float:
    return subject.SHARED_LEAD * count


def _forms_of(word: str) -> set[str]:
    return {word, *_FORMS.get(word, ())}


def _alternatives(words: Sequence[str], at: int, backwards: bool) -> Iterator[tuple[int, tuple[str, ...]]]:
    """What may stand in the other text for the words at ``at``: how many of them are taken, and what is put there."""
    word = words[at]
    if word in _FILLERS:
        yield 1, ()
    for filler in _FILLERS:
        yield 0, (filler,)
    for form in sorted(_spellings(word)):
        yield 1, (form,)
    if word in _FILLERS:
        for filler in _FILLERS:
            yield 1, (filler,)
    if at + 1 < len(words):
        pair = words[at + 1] + word if backwards else word + words[at + 1]
        yield 2, (pair,)
    if 3 < len(word) <= _LONGEST_SPLIT:
        for cut in range(1, len(word)):
            yield 1, (word[cut:], word[:cut]) if backwards else (word[:cut], word[cut:])


@lru_cache(4096)
def _spellings(word: str) -> frozenset[str]:
    made = set(_FORMS.get(word, ()))
    for one, other in _SPELLINGS:
        for old, new in ((one, other), (other, one)):
            if len(word) > 4 and old in word[1:]:
                place = word.rindex(old)
                made.add(word[:place] + new + word[place + len(old) :])
    return frozenset(made)


@lru_cache(8192)
def _hash_of(word: str) -> int:
    return int(word_hashes(read_words(word))[0]) if word else 0
