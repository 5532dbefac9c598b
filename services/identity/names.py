"""Names as they are compared across documents: without what changes from one document to the next.

It decides which two names are one name: ``Donald J. Trump`` and ``Donald Trump``, ``the F.B.I.`` and ``Federal Bureau of
Investigation``. And which names name nobody by themselves: a bare surname, ``the committee``. Whom a name means is left to
``linking`` and ``register``.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from schemas.event import EntityType
from services.entities.vocabulary import (
    COMPANY_SUFFIXES,
    HONORIFICS,
    LONE_HONORIFICS,
    NAME_SUFFIXES,
    NICKNAMES,
    PARTICLES,
    PARTIES,
    PEOPLES,
    SAME_NAMES,
    SHORT_HEADS,
    STATES,
    TITLES,
)
from services.entities.words import find_words, fold
from services.text.words import without_accents, word_set

KINDS: dict[EntityType, str] = {
    "PERSON": "person", "ORG": "body", "NORP": "group", "GPE": "place", "LOC": "place", "FAC": "place", "PRODUCT": "product",
    "EVENT": "event", "WORK_OF_ART": "work", "LAW": "law",
}  # fmt: skip
"""What a key says of the type. Towns, regions and buildings are all places, since documents waver between them."""


_GENERATIONS = {"jr": "jr", "junior": "jr", "sr": "sr", "senior": "sr", "ii": "ii", "iii": "iii", "iv": "iv"}
_DEGREES = NAME_SUFFIXES - _GENERATIONS.keys()
_BARE = frozenset(["de", "la", "le", "di", "del", "della", "du", "dos", "das", "da", "st"])
"""With one of these as its first word, a capital or not, a name is bare: ``Le Pen``. With others it may be full: ``Al Gore``."""
_REGNAL = word_set("pope king queen prince princess emperor empress sultan saint")
_LONGEST = 200
"""Characters of a name that count."""
_ACRONYMS = {
    "fbi": "federal bureau of investigation", "cia": "central intelligence agency",
    "nsa": "national security agency", "dhs": "department of homeland security", "doj": "department of justice",
    "dod": "department of defense", "hhs": "department of health and human services",
    "irs": "internal revenue service", "epa": "environmental protection agency",
    "fda": "food and drug administration", "cdc": "centers for disease control and prevention",
    "nih": "national institutes of health", "fcc": "federal communications commission",
    "ftc": "federal trade commission", "sec": "securities and exchange commission",
    "faa": "federal aviation administration", "fema": "federal emergency management agency",
    "ice": "immigration and customs enforcement", "cbp": "customs and border protection",
    "cbo": "congressional budget office", "nasa": "national aeronautics and space administration",
    "nato": "north atlantic treaty organization", "who": "world health organization",
    "imf": "international monetary fund", "wto": "world trade organization",
    "opec": "organization of the petroleum exporting countries", "aclu": "american civil liberties union",
    "nra": "national rifle association", "naacp": "national association for the advancement of colored people",
    "dnc": "democratic national committee", "rnc": "republican national committee",
    "nypd": "new york police department", "isis": "islamic state", "isil": "islamic state",
    "islamic state of iraq and syria": "islamic state", "islamic state in iraq and syria": "islamic state",
    "nyt": "new york times", "ap": "associated press", "bbc": "british broadcasting corporation",
    "npr": "national public radio", "centers for disease control": "centers for disease control and prevention",
    "department of defence": "department of defense", "pentagon": "department of defense",
    "islamic state group": "islamic state", "house of representatives": "house", "us house": "house",
    "scotus": "supreme court", "wsj": "wall street journal",
    "us immigration and customs enforcement": "immigration and customs enforcement", "fox": "fox news",
    "fox news channel": "fox news",
}  # fmt: skip
"""Other names of bodies that news names by letters, or by more words than one."""
_OF_A_COUNTRY = word_set(
    """house senate congress supreme department justice state treasury census centers environmental food immigration
    customs army navy air marine postal attorney court capitol chamber securities federal"""
)
"""``U.S.`` before one of these says nothing new."""
_SEATS = frozenset(
    ("white house", "pentagon", "capitol", "us capitol", "capitol hill", "kremlin", "supreme court", "wall street", "congress")
)  # fmt: skip
"""Bodies that are called by where they sit, and are taken for places now and then."""
_NICKNAMES = NICKNAMES | {
    "bernie": "bernard", "jerrold": "gerald", "rudy": "rudolph", "mitch": "mitchell", "marty": "martin", "josh": "joshua",
    "nate": "nathan", "russ": "russell", "doug": "douglas", "abe": "abraham", "cindy": "cynthia", "sara": "sarah",
    "adolph": "adolf", "vince": "vincent", "walt": "walter",
}  # fmt: skip
_COMMON = SHORT_HEADS - {"times", "post"} | word_set(
    """administration cabinet government parliament police army navy state board company ministry party group campaign
    embassy legislature justice defense military ag dc office team union church school hospital"""
)
"""A body that is called by one of these alone is another one in each document."""
_COMMON_PARTIES = word_set(
    """conservatives conservative liberals greens socialists communists libertarians libertarian communist socialist
    liberal"""
)
"""Members of a party, or people of that mind."""


class Person(NamedTuple):
    """A person's name in parts, all folded.

    Attributes:
        first: empty for a bare name. last: with its particles. middle: what must not be dropped (``h w`` of the elder Bush).
        suffix: the generation.
    """

    first: str
    middle: str
    last: str
    suffix: str = ""

    @property
    def full(self) -> str:
        """The name as one; empty where it is bare, or its first name is a letter."""
        if len(self.first) < 2:
            return ""
        return " ".join(filter(None, (self.first, self.middle, self.last, self.suffix)))


def kind_of(label: EntityType) -> str:
    """What a key calls a type."""
    return KINDS[label]


@lru_cache(maxsize=16_384)
def normalise(form: str) -> str:
    """A form of a name as the knowledge base has it: folded words without accents, ``the`` and possessives.

    Empty for a form without words.
    """
    words = [fold(word.text) for word in find_words(_plain(form))]
    while words and words[0] == "the":
        words = words[1:]
    return " ".join("and" if word == "&" else word for word in words)


@lru_cache(maxsize=16_384)
def read_person(name: str) -> Person:
    """The parts of a person's name; all empty where nothing of it is a name."""
    words: list[str] = []
    for word in find_words(_plain(name)):
        first, _, second = word.text.partition("-")
        if second and second.islower() and first[:1].isupper():  # Jong-un: given names, not a double surname
            words += [fold(first), fold(second)]
        else:
            words.append(fold(word.text))
    bare = _BARE if name[:1].isupper() else PARTICLES
    suffix = ""
    while len(words) > 1 and (words[-1] in _GENERATIONS or words[-1] in _DEGREES):
        suffix = _GENERATIONS.get(words.pop(), suffix)
    while len(words) > 1 and words[0] in (HONORIFICS if len(words) > 2 else LONE_HONORIFICS):
        words = words[1:]
    if not words:
        return Person("", "", "")
    at = len(words) - 1
    while at and words[at - 1] in (PARTICLES if at > 1 else bare):
        at -= 1
    first, middles, last = words[0] if at else "", words[1:at], " ".join(words[at:])
    if len(first) == 1 and middles and len(middles[0]) > 1:  # J. Edgar Hoover
        first, middles = middles[0], middles[1:]
    initials = [letter for word in middles if len(word) < 3 for letter in word]
    middle = " ".join(initials) if len(initials) > 1 and all(len(word) < 3 for word in middles) else ""
    return Person(_NICKNAMES.get(first, first), middle, last, suffix)


def regnal_key(name: str, aliases: Iterable[str]) -> str | None:
    """The key of somebody whose title and one name are the full name, as ``Pope Francis``; None for others."""
    bare = normalise(name)
    for alias in aliases:
        title, _, rest = normalise(alias).partition(" ")
        if title in _REGNAL and rest == bare:
            return f"person:{title} {rest}"
    return None


@lru_cache(maxsize=16_384)
def name_key(name: str, label: EntityType) -> str | None:
    """The key that a name gives by itself, such as ``person:donald trump``; None for one that names nobody by itself."""
    if label == "PERSON":
        full = read_person(name).full
        return f"person:{full}" if full else None
    plain = normalise(name)
    if not any(map(str.isalpha, plain)):
        return None
    if plain in _SEATS and KINDS[label] in ("body", "place"):
        return _body_key(plain)
    if label in ("NORP", "ORG"):
        party = PARTIES.get(plain)
        if party and plain not in _COMMON_PARTIES:
            return f"body:{party} party"
    if label == "NORP":
        people = plain if plain in PEOPLES or not plain.endswith("s") or plain.endswith("ss") else plain[:-1]
        return f"group:{PEOPLES.get(people, people)}"
    if label == "ORG":
        return _body_key(plain)
    if KINDS[label] == "place":
        place = STATES.get(plain, plain)
        return f"place:{SAME_NAMES.get(place, place)}"
    return f"{KINDS[label]}:{plain}"


def _body_key(plain: str) -> str | None:
    words = plain.split()
    while len(words) > 1 and words[-1] in COMPANY_SUFFIXES:
        words = words[:-1]
    if words[0] == "us" and len(words) > 1 and words[1] in _OF_A_COUNTRY:
        words = words[1:]
    elif words[:2] == ["united", "states"] and len(words) > 2 and words[2] in _OF_A_COUNTRY:
        words = words[2:]
    if len(words) == 1 and (words[0] in _COMMON or words[0] in TITLES):
        return None
    body = " ".join(words)
    body = _ACRONYMS.get(body, body)
    body = SAME_NAMES.get(body, body)
    if body.startswith("department of "):
        body = f"{body.removeprefix('department of ')} department"
    return f"body:{body}"


def _plain(form: str) -> str:
    """``form`` without accents."""
    return without_accents(form[:_LONGEST])[:_LONGEST]
