"""The verbs that attribute words or thoughts to somebody: those of ``cues.txt``, and the acts of the lexicon.

A verb of stance attributes too: who denounces something thinks ill of it.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path

from services.stance.lexicon import lexicon
from services.stance.words import inflect

_TABLE = Path(__file__).with_name("cues.txt")
_Key = tuple[str, str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Cue:
    """One form of a verb of attribution.

    ``kind`` is what form it is (``base``, ``s``, ``past``, ``ing``), ``manners`` the classes that the verb is in (those of
    ``cues.txt``, and ``act``), ``particles`` the words that must follow.
    """

    kind: str
    manners: frozenset[str]
    particles: tuple[str, ...]


@cache
def cue_table() -> dict[str, tuple[Cue, ...]]:
    """Form of the first word -> its cues of ``cues.txt``, those with more particles first."""
    return _table(_verbs())


@cache
def attribution_cues() -> dict[str, tuple[Cue, ...]]:
    """The same, with the lexicon's acts under the manner ``act``."""
    acts = (
        ((first, entry.form, entry.rest), "act")
        for first, entries in lexicon().items()
        for entry in entries
        if entry.slot == "act"
    )
    return _table(chain(_verbs(), acts))


def _table(verbs: Iterator[tuple[_Key, str]]) -> dict[str, tuple[Cue, ...]]:
    manners: defaultdict[_Key, set[str]] = defaultdict(set)
    for key, manner in verbs:
        manners[key].add(manner)
    table: defaultdict[str, list[Cue]] = defaultdict(list)
    for (form, kind, particles), classes in manners.items():
        table[form].append(Cue(kind, frozenset(classes), particles))
    return {
        form: tuple(sorted(cues, key=lambda c: (-len(c.particles), c.particles, c.kind)))
        for form, cues in table.items()
    }


def _verbs() -> Iterator[tuple[_Key, str]]:
    manner = ""
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            manner = line.strip("[] ")
        elif not line.startswith("#"):
            for entry in line.split():
                verb, *past = entry.split(":")
                lemma, *particles = verb.split("_")
                for form, kind in inflect(":".join([lemma, *(word.split("_")[0] for word in past)])):
                    yield (form, kind, tuple(particles)), manner
