"""What one document tells of names, as a small note that a row of a table can hold: whom it names in full, how these are titled,
and in what company.

It decides what is kept of a document, and how it is written. What is made of many notes is ``register``'s to say.
"""

import base64
import json
import zlib
from array import array
from collections.abc import Sequence
from typing import NamedTuple

from schemas.event import Entity
from services.entities.titles import gender_of
from services.entities.vocabulary import FEMALE_NAMES, MALE_NAMES
from services.entities.words import fold
from services.identity.names import read_person

_BEARERS = 24
"""People of one document that are kept, the most salient. An article of 1,000 words has some eight."""
_COMPANY = 24
"""Keys that are kept of all that a document names, the most salient: they say what it is about."""
_TITLES = 4
_LONGEST = 120
"""Characters of a key and of a name; who has a longer one is called by no surname alone."""
_NO_TITLE = frozenset({"mr", "mrs", "ms", "miss", "dr", "former", "then", "the", "sir"})


class Bearer(NamedTuple):
    """Somebody whom a document names in full.

    Attributes:
        key: the entity's. first, last: names, folded; ``first`` is empty where the key is that of a bare name (``watched:…``).
        gender: ``m``, ``f`` or empty. titles: words, folded.
    """

    key: str
    first: str
    last: str
    gender: str
    titles: tuple[str, ...]


class Note(NamedTuple):
    """What one document tells of names.

    Attributes:
        bearers: the people, the most salient first. company: hashes of the keys of all entities, in the same order.
    """

    bearers: tuple[Bearer, ...] = ()
    company: "array[int]" = array("I")

    def write(self) -> str:
        """The note as text, for ``read_note``; empty for one of nobody."""
        if not self.bearers:
            return ""
        packed = base64.b64encode(self.company.tobytes()).decode()
        return json.dumps([packed, *([*one[:4], *one.titles] for one in self.bearers)], separators=(",", ":"))


def read_note(written: str) -> Note:
    """The note that ``Note.write`` was asked for. Of one that names nobody, the company is not kept.

    Raises:
        ValueError: it is none.
    """
    if not written:
        return Note()
    packed, *bearers = json.loads(written)
    company = array("I", base64.b64decode(packed, validate=True))
    return Note(
        tuple(Bearer(key, first, last, gender, tuple(titles)) for key, first, last, gender, *titles in bearers), company
    )


def note(entities: Sequence[Entity]) -> Note:
    """The note of a document's entities."""
    keyed = [(entity, entity.key) for entity in sorted(entities, key=lambda one: -one.salience) if entity.key]
    bearers: list[Bearer] = []
    for entity, key in keyed:
        if entity.type == "PERSON" and len(bearers) < _BEARERS and len(key) <= _LONGEST:
            name = read_person(entity.name)
            if name.last and len(name.last) <= _LONGEST:
                titles, gender = titles_of(entity)
                bearers.append(
                    Bearer(key, name.first if name.full else "", name.last, gender or _gender(name.first), titles)
                )
    return Note(tuple(bearers), array("I", [hash_key(key) for _, key in keyed[:_COMPANY]]))


def titles_of(entity: Entity) -> tuple[tuple[str, ...], str]:
    """The words of the titles that the document gives a person, and the gender that they tell."""
    words: dict[str, None] = {}
    gender = ""
    for alias in entity.aliases:
        before = alias.split()[:-1]
        gender = gender or gender_of(" ".join(before[:3]))
        words |= dict.fromkeys(fold(word) for word in before)
    own = {fold(word) for word in entity.name.split()}
    kept = [word for word in words if word not in own and word not in _NO_TITLE and len(word) <= _LONGEST]
    return tuple(kept[:_TITLES]), gender


def hash_key(key: str) -> int:
    """32 bits of a key: the same in every process."""
    return zlib.crc32(key.encode("utf-8", "surrogatepass"))


def _gender(first: str) -> str:
    return "m" if first in MALE_NAMES else "f" if first in FEMALE_NAMES else ""
