"""What speaks for or against an attribution: the traits of a cue in its place and of a source beside it, as strings.

Decides only what is looked at (words, their kinds, their order); what a trait weighs was learnt, see ``likelihood``. The
letter in front of a trait tells which one it is, so that the same word in two places is two traits.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from services.stance.grammar import head_of
from services.stance.page import Page, Range
from services.stance.proposals import SPEECH_WORDS, Place, Proposal, is_speech, stem
from services.stance.words import BE, DOCUMENT_NOUNS, POSSESSIVES, SPEAKER_NOUNS, TIMES, word_set

_LOOK_AHEAD = 9
"""Tokens behind a cue in which "that", "to" and a quotation tell what follows: "told the paper on Monday that"."""
_GROUP = 4
"""Tokens of a cue's auxiliaries and adverbs that are looked at; more are rare."""
_BETWEEN = 6
"""Tokens between a source and its cue whose kinds are looked at; beyond, there is as good as never the same again."""
_SAYING = word_set("said says say told tells saying stated wrote added")
"""Where one of these stands, a sentence has its speaker, and other cues are rather part of what is said."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What the cues of one sentence share: its quotations and the places of its verbs of saying."""

    quotes: str
    saying: list[int]


@dataclass(frozen=True, slots=True)
class CueTraits:
    """The traits of a cue, and the parts of them that its sources' traits are joined with."""

    all: tuple[str, ...]
    stem: str
    follows: str
    passive: bool
    form: str
    ahead: str
    group: str


def setting(page: Page, first: int, last: int) -> Setting:
    """The setting of a sentence, the tokens ``first`` to ``last``."""
    saying = [i for i in range(first, last) if page.lows[i] in _SAYING and not is_speech(page, i)]
    quotes, before = "", -1
    for number in page.quote_of[first:last]:
        if number >= 0 and number != before and len(quotes) < 2:
            quotes += "Q" if page.quotes[number].words >= SPEECH_WORDS else "q"
        before = number
    ends = page.quote_of[last - 1] >= 0 or page.kinds[last - 1] == '"'
    return Setting(quotes + ("$" if ends else ""), saying)


def cue_traits(page: Page, place: Place, around: Setting) -> CueTraits:
    """What speaks for or against a word as a cue, whatever its source."""
    lows, kinds = page.lows, page.kinds
    at, start, first, last = place.at, place.start, place.first, place.last
    low, root = lows[at], stem(lows[at])
    one, one_kind = (lows[at + 1], kinds[at + 1]) if at + 1 < last else ("$", "$")
    two, two_kind = (lows[at + 2], kinds[at + 2]) if at + 2 < last else ("$", "$")
    before, before_kind = (lows[at - 1], kinds[at - 1]) if at > first else ("^", "^")
    follows = one if one in {":", "that", "to"} else one_kind
    group = " ".join(lows[start : min(at, start + _GROUP)])
    passive = not BE.isdisjoint(lows[start:at])
    form = next((end for end in ("ing", "ed", "s") if low.endswith(end)), "")
    ahead = _ahead(page, at, last)
    opener = kinds[start - 1] if start > first else "^"
    said = min(2, bisect_left(around.saying, at)), bisect_right(around.saying, at) < len(around.saying)
    traits = (
        f"a{low}", f"b{root}", f"c{root} {one}", f"d{one}", f"e{one_kind}{two_kind}", f"f{root} {follows}", f"g{two}",
        f"h{before}", f"i{form} {group}", f"j{ahead}", f"k{root} {ahead}", f"l{opener}{before_kind}{form}",
        f"m{root}{passive}{form}", f"n{around.quotes} {opener} {ahead}", f"o{said}", f"p{root}{said}", f"q{one} {two}",
        f"r{before} {root}", f"s{kinds[at]}{form} {follows}",
    )  # fmt: skip
    return CueTraits(traits, root, follows, passive, form, ahead, group)


def _ahead(page: Page, at: int, last: int) -> str:
    """The first thing behind a cue that tells a content, and how far it is."""
    for i in range(at + 1, min(last, at + 1 + _LOOK_AHEAD)):
        low, kind = page.lows[i], page.kinds[i]
        if low == "that" or kind == '"':
            return f"{low if kind == 'C' else kind}{min(i - at, 3)}"
        if low == "to" and i + 1 < last and page.kinds[i + 1] in "WV":
            return f"to{min(i - at, 3)}"
        if kind in ",.":
            return "stop"
    return ""


def source_traits(page: Page, place: Place, cue: CueTraits, proposal: Proposal) -> tuple[str, ...]:
    """What speaks for or against a source of a cue."""
    first, order = place.first, proposal.order
    begin, end = proposal.source
    kind, head = _head(page, proposal.source)
    between, gap = _between(page, place, proposal.source)
    before, before_kind = (page.lows[begin - 1], page.kinds[begin - 1]) if begin > first else ("^", "^")
    named = "M" in page.kinds[begin:end]
    return (
        f"A{order}", f"B{order} {cue.stem}", f"C{head}", f"D{kind} {order}", f"E{kind} {cue.stem}", f"F{between}",
        f"G{order} {between}", f"H{before}", f"I{before_kind} {order}", f"J{order} {gap}",
        f"K{_rough(end - begin)} {kind}", f"L{page.lows[begin]}", f"M{page.lows[end - 1]}",
        f"N{order}{cue.passive}{cue.form}", f"O{order} {cue.follows}", f"P{order}{cue.passive} {cue.stem}",
        f"Q{kind} {cue.follows} {order}", f"R{kind}{named}{begin == first}", f"S{order} {cue.group}",
        f"T{before} {order} {kind}", f"U{kind} {cue.ahead}",
    )  # fmt: skip


def _between(page: Page, place: Place, source: Range) -> tuple[str, int]:
    """The kinds of the words between a source and its cue, and roughly how many there are."""
    if source[1] <= place.start:
        return "".join(page.kinds[source[1] : min(place.start, source[1] + _BETWEEN)]), _rough(place.start - source[1])
    if source[0] > place.at:
        return "behind" + "".join(page.kinds[place.at + 1 : min(source[0], place.at + 4)]), _rough(source[0] - place.at)
    return "beside", 0


def _rough(count: int) -> int:
    """A count, the more roughly the larger it is."""
    return count if count < 4 else next((step for step in (4, 6, 10) if count < {4: 6, 6: 10, 10: 20}[step]), 20)


def _head(page: Page, source: Range) -> tuple[str, str]:
    """What kind of source it is, and the word that it is about; of a name only that it is one."""
    at = head_of(page, *source)
    low, kind = page.lows[at], page.kinds[at]
    if kind == "S" or low in POSSESSIVES:
        return low, low
    if low in SPEAKER_NOUNS:
        return "speaker", low
    if low in DOCUMENT_NOUNS or low.rstrip("s") in DOCUMENT_NOUNS:
        return "document", low
    if kind in "M#":
        return kind, kind
    if low in TIMES:
        return "time", low
    return ("words" if low.endswith("s") else "word"), low
