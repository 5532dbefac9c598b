"""What a document is about, as far as its title and its lead say it, and what follows for two texts that are alike.

Two documents may share most of their words and no news: cookie walls and teasers under the titles of unlike stories, press releases
of one firm, weather of two towns. Decided here is whether texts that are alike are of one story; that they are alike,
``fingerprint`` has found. What is kept of a document for this are 32-bit hashes: the stems of its title, and the *facts* of its
lead, which are names, numbers and days.
"""

import re
import zlib
from collections.abc import Iterable, Set

from services.dedup.page import Page
from services.dedup.words import read_words

KEPT = 32
"""Stems of a title, and facts of a lead, that are kept."""
_STEM = 5
"""First letters of a word that stand for its forms: resign, resigns, resigned."""
_ALIKE = 0.8
"""Of the shorter title's stems, the share that alike ones share."""
_UNLIKE = 0.34
"""Titles that share less than this of the shorter one's stems are unlike."""
_BORNE_OUT = 0.34
"""A text that has less than this of its title's stems is not the story that the title announces."""
RUBRIC = 3
"""Stems of the longest title that may head story after story: ``Lottery results``, ``Court report``, ``Gas prices this week``."""
TEMPLATE = 250
"""Words of the longest text that may be of a template under such a title: notices have 60 to 200, and of a longer text so much is
in common that a new opening makes no other story."""
_SHORT = 150
"""Words of the longest text that is a stub where its title is not borne out; a longer one must also speak like a wall."""
STUB = 40
"""Words of a text so short that another one's title does not vouch for it."""
_WALL_WORDS, _WALL_SHARE = 6, 0.05
"""Different words of walls that a wall has at least, and their share of all its words."""
_LEAD_SENTENCES, _LEAD_WORDS = 2, 25
"""A lead is so many sentences, and more where these have fewer words."""
SHARED_LEAD = 0.5
"""Of the facts in two leads that tell stories apart, the share found in the other text from which both are one story."""
QUOTED = 0.8
"""Of the words in common, the share in quotation marks from which two texts share a statement and no story."""
FRAME = 0.6
"""Of the sentences with facts, the share that is new on both sides from which two texts share a frame and no story."""
LEAST_TOLD = 3


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_SMALL = _listed(
    "a about after again against all also am an and any are as at away be because been before being below between both "
    "but by can "
    "could did do does doing don down during each even ever every few for from further get gets got had has have "
    "having he her here "
    "hers him his how i if in into is it its just let ll may me might more most much must my new news no nor not now "
    "of off on once "
    "only or other our out over own re s said same say says she should so some such t than that the their them then "
    "there these they "
    "this those to too under until up us ve very via was we were what when where which while who whom why will with "
    "would you your"
)
"""Words of titles and leads that say nothing of the story."""
_NUMBERS = _listed(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty "
    "thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands million millions billion "
    "billions dozen dozens "
    "half double twice none first second third fourth fifth"
)
_NEGATIONS = (
    "no", "not", "never", "nobody", "nothing", "neither", "nor", "without", "cannot", "t", "false", "untrue", "den",
    "corre", "retra", "withd", "apolo", "clari", "rever", "rescind", "hoax",
)  # fmt: skip
"""Words, or the first letters of words, that turn round what is said, or say that it was turned round."""
_DESK = re.compile(r"\W{0,3}(?:update|wrapup|refile|rpt|repeat)[ -]?\d{0,2} ?[-–—:] ?", re.IGNORECASE)
"""What agencies' desks write before a title when they send a story again."""
_WALL = _listed(
    "access account accounts ad adblock adblocker ads advertisers advertising agree article articles bot browser "
    "captcha click consent "
    "continue cookie cookies device devices disable enable enabled experience free javascript limit limited log login "
    "member members "
    "membership newsletter partners password personalised personalized policy policies preferences premium privacy "
    "reading register "
    "registered robot service services settings sign signed site subscribe subscriber subscribers subscription "
    "subscriptions terms trial "
    "unlimited unlock verify website"
)
_QUOTATION = re.compile(r"[\"“«„]([^\"“”«»„\n]{20,4000})[\"”»“]")


def hashed(word: str) -> int:
    """32 bits of a folded word."""
    return zlib.crc32(word.encode("utf-8", "surrogatepass"))


def is_number(word: str) -> bool:
    """Whether a folded word is a number, in digits or letters."""
    return word in _NUMBERS or (not word.isalpha() and any(map(str.isdigit, word)))


def is_reversal(word: str) -> bool:
    """Whether a folded word turns round what is said."""
    return any(word == one or (len(one) > 2 and word.startswith(one)) for one in _NEGATIONS)


_NOT = frozenset(map(hashed, ("no", "not", "never", "t", "canno")))


def are_opposite(title: Set[int], other: Set[int]) -> bool:
    """Whether of two titles that announce the same one says that it is not so."""
    return bool(title & _NOT) != bool(other & _NOT) and are_alike(title - _NOT, other - _NOT)


def is_small(word: str) -> bool:
    """Whether a folded word says nothing of the story."""
    return word in _SMALL


def title_words(title: str) -> list[str]:
    """The folded words of a title that say what it announces, the first ``KEPT``."""
    codes = read_words(_DESK.sub("", title[:2000], count=1) if _DESK.match(title) else title[:2000]).codes
    words = codes.tobytes().decode("utf-32-le", "surrogatepass").split("\0")
    return [word for word in dict.fromkeys(words) if word and (word not in _SMALL or is_reversal(word))][:KEPT]


def stems(words: Iterable[str]) -> set[int]:
    """The stems of words, hashed."""
    return {hashed(word[:_STEM]) for word in words}


def lead_facts(page: Page) -> set[int]:
    """The facts of the lead, hashed, the first ``KEPT``."""
    found = dict.fromkeys(hashed(page.folded[place]) for place in facts(page, lead(page)))
    return set(list(found)[:KEPT])


def lead(page: Page) -> range:
    """The words of the lead."""
    story = [one for one in page.sentences if not one.furniture]
    if not story:
        return range(0)
    last = story[0].last
    for number, one in enumerate(story):
        if number >= _LEAD_SENTENCES and last - story[0].first >= _LEAD_WORDS:
            break
        last = one.last
    return range(story[0].first, last)


def opening(page: Page) -> range:
    """The words of the story's first sentence."""
    first = next((one for one in page.sentences if not one.furniture), None)
    return range(first.first, first.last) if first else range(0)


def facts(page: Page, places: Iterable[int]) -> list[int]:
    """Which words of ``places`` are names, numbers or days."""
    starts = {one.first for one in page.sentences}
    return [place for place in places if _is_fact(page, place, place in starts)]


def _is_fact(page: Page, place: int, first: bool) -> bool:
    word = page.folded[place]
    if is_number(word):
        return True
    if word in _SMALL:
        return False
    if not page.capitals[place]:
        return False
    return not first or word in page.names or (place + 1 < len(page) and page.capitals[place + 1])


def is_thin(title: str, page: Page) -> bool:
    """Whether the text is not the story that its title announces: a wall, a teaser, a stub, or one without a title."""
    if len(page) > _SHORT and not _is_wall(page):
        return False
    announced = stems(title_words(title))
    borne = announced & stems(page.folded)
    return len(borne) < _BORNE_OUT * len(announced) or not announced


def _is_wall(page: Page) -> bool:
    said = [word for word in page.folded if word in _WALL]
    return len(set(said)) >= _WALL_WORDS and len(said) >= _WALL_SHARE * len(page)


def are_alike(title: Set[int], other: Set[int]) -> bool:
    """Whether two titles announce the same in nearly the same words."""
    return bool(title and other) and len(title & other) >= _ALIKE * min(len(title), len(other))


def are_unlike(title: Set[int], other: Set[int]) -> bool:
    """Whether ``title``, the stems of one, announces what ``other`` does not; where there is no title it announces nothing."""
    if not title:
        return False
    return not other or len(title & other) < _UNLIKE * min(len(title), len(other))


def quotations(text: str) -> list[tuple[int, int]]:
    """What stands in quotation marks."""
    return [match.span(1) for match in _QUOTATION.finditer(text)]
