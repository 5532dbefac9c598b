"""A page as the model reads it: stretches of some 190 word pieces, with whoever may hold a side and whatever it may be toward.

A window is whole sentences, and before them some that were read already, so that it begins with what is spoken of. Targets
stand in the window's own sentences; holders may stand before them, too. Where somebody goes on speaking who was named
before the window, their name is written in front, with a colon.

Who may hold a side: names of persons, bodies, peoples and places, the sources of attributions, and noun phrases for people
("protesters"). What it may be toward: any name and any noun phrase. A pronoun is whom it means, or nothing.
"""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from schemas.base import FieldName
from services.stance.candidates import COLLECTIVES, FOLLOWERS
from services.stance.grammar import head_of, noun_phrases
from services.stance.holders import HOLDER_TYPES, Resolver, Source
from services.stance.page import Page, Range
from services.stance.quotations import Attribution
from services.stance.words import (
    ALSO_NOUNS,
    DAYS,
    DETERMINERS,
    MODALS,
    POSSESSIVES,
    PREPOSITIONS,
    SPEAKER_NOUNS,
)
from services.text.wordpiece import WordPieces
from services.text.words import word_set

OWN_PIECES = 190
"""Of the sentences that a window is for."""
CONTEXT_PIECES = 30
"""Of the sentences before them, that are read once more."""
MOST_PIECES = 256
MOST_PHRASE = 14
"""Tokens of a noun phrase that can be a target; longer ones are lists and clauses."""
MOST_HOLDERS, MOST_TARGETS = 60, 80
"""Of a window: three times what news has. The first ones are kept."""
_PREFIXED = 2
"""Speakers from before a window that are written in front of it."""
_PREFIX_PIECES = 12

PAIR = (17, 6, 8)
"""How many values each part of what is known of a pair has: how far apart, in which sentence or paragraph, whose words."""
SAME_SENTENCE, OWN_WORDS = 1, 2
"""Of the second part: holder and target are in one sentence. Of the third: the target is in the holder's own words."""
HOLDER, TARGET = (8, 6, 10), (8, 2, 10, 6, 3)
"""Of a holder: what it is, how salient, the manner of its attribution. Of a target: the same, in a quotation, field and place."""
_TYPES = {"PERSON": 0, "ORG": 1, "NORP": 2, "GPE": 3, "LOC": 3, "FAC": 3}
_MANNERS = {
    "speech": 1,
    "tell": 2,
    "think": 3,
    "seek": 4,
    "call": 5,
    "act": 6,
    "noun": 7,
    "according": 1,
    "continued": 1,
    "quote": 1,
}
_DESCRIBED = frozenset({"PERSON", "ORG"})
_TOLD = frozenset({"act", "about", "show"})
"""Manners whose contents are no words of the source."""
_PRONOUNS = word_set("he she they his her their him them")
_ARTICLES = word_set("a an the")
_NOT = frozenset({"n't", "n’t", "not"})
_OWNERS = frozenset({"'s", "’s", "'", "’"})
_LEADING = PREPOSITIONS | DAYS | word_set("along own same very just only even also such sure")
_TRAILING = PREPOSITIONS | word_set("along more also again alone altogether last next go goes")
_SUBJECTS = word_set("i we you they he she who")
_SURE_VERBS = word_set("oppose condemn criticize criticise denounce reject defend endorse abolish prohibit push")
"""Bare words that are no nouns at the beginning of a phrase, or whose noun means the same: "push for"."""
_SIDES = word_set(
    "critic critics opponent opponents supporter supporters advocate advocates proponent proponents backer backers sponsor "
    "sponsors co-sponsor co-sponsors champion champions defender defenders"
)
"""Who is for or against something: with "of" and "for" behind it the side is toward what comes then."""
_CALLS = word_set(
    "call calls called calling dub dubbed brand branded label labeled labelled consider considers considered"
)
_WHERE = word_set("in at on")
_OBJECTS = word_set("it him her them this that")
_ADJECTIVES = word_set(
    "absurd appalling bad best better brave brilliant cruel crazy criminal dead evil fair false good great historic illegal "
    "immoral inhumane insane legal necessary outdated racist reckless right sad smart stupid true unacceptable unfair unjust "
    "unnecessary unwise weak worse worst wrong"
)
_ADJECTIVE = re.compile(r"[a-z]{2,}(?:ous|ful|less|able|ible)|(?:un|anti-?)?(?:american|constitutional|democratic)")
"""What says of a noun in front of it how it is: "called the decision courageous"."""
_OPINIONS = word_set(
    "critical supportive skeptical wary proud fond tired afraid ashamed tolerant dismissive contemptuous view views opinion "
    "opinions approval disapproval support opposition criticism praise condemnation denunciation rejection endorsement blame "
    "call calls demand demands plea pleas"
)
"""What somebody is, has, gives or makes of, for or on something: what that is, the side is toward."""
_DATELINE = 10
"""Most tokens of a dateline."""
_DASHES = frozenset({"-", "–", "—", "--"})
_LOOSE = word_set("from at")
_OF = word_set("of for to about on toward towards")
_VERBS = ALSO_NOUNS | word_set(
    "accept achieve adopt allow avoid ban bar become begin block bring build buy choose close consider create cut "
    "deal defend deny deport destroy develop eliminate end enforce ensure expand find fire fix force get give grant "
    "help hold impeach improve include increase investigate join keep kill launch lead leave legalize let limit lower "
    "make meet move open oppose outlaw overturn pass pay prevent produce prosecute protect prove provide put raise "
    "reach recognize reduce reform remove repeal replace restore restrict save secure see send separate set show shut "
    "start stop strip support take tell treat turn use veto vote win withdraw"
)
"""Base forms that follow "to" as verbs, of which news has most."""
_DROPPED = word_set("it its i me my mine we us our ours you your yours who whom whose which that this these those")


class Span(NamedTuple):
    """A name or a noun phrase: whom or what it means, its tokens on the page, its pieces in the window (half open), the number
    of the attribution that it is the source of, or -1, the entity's type ("PEOPLE" where it is none), and the id of the issue of
    the user's list that it names."""

    party: Source
    tokens: Range
    pieces: Range
    source_of: int
    type: str
    listed: str = ""


class Window(NamedTuple):
    """What the model reads at once. ``holders`` and ``targets`` are indexes of ``spans``; a last holder, behind all, is the author.

    ``pair`` (holders + 1, targets, 3), ``holding`` (holders + 1, 3) and ``targeted`` (targets, 5) are what is known besides.
    ``words`` are the tokens of the window's own sentences. ``speech`` is, for each target, the attribution that its words are
    the contents of, or -1.
    """

    field: FieldName
    words: Range
    pieces: list[int]
    spans: list[Span]
    holders: list[int]
    targets: list[int]
    speech: list[int]
    pair: NDArray[np.uint8]
    holding: NDArray[np.uint8]
    targeted: NDArray[np.uint8]


class Sheet(NamedTuple):
    """A page with its attributions, and the issues of the user's list that it names: tokens and the issue's id."""

    field: FieldName
    page: Page
    attributions: Sequence[Attribution]
    listed: Sequence[tuple[Range, str]] = ()


def windows(sheet: Sheet, pieces: WordPieces, salience: Mapping[str, float], names: Mapping[str, str]) -> list[Window]:
    """The windows of a page, in order. ``salience`` and ``names`` are those of its entities, by id."""
    page = sheet.page
    if not page.starts:
        return []
    return list(_Cutter(sheet, pieces, salience, names).cut())


class _Cutter:
    def __init__(
        self, sheet: Sheet, pieces: WordPieces, salience: Mapping[str, float], names: Mapping[str, str]
    ) -> None:
        self._sheet = sheet
        self._page = page = sheet.page
        self._spell = pieces
        self._salience, self._names = salience, names
        self._spelt = [pieces.pieces(word) for word in page.words]
        self._offsets = [0, *np.cumsum([len(own) for own in self._spelt]).tolist()]
        self._resolver = Resolver(page, sheet.attributions)
        self._sources = {one.source: index for index, one in enumerate(sheet.attributions) if one.source is not None}
        self._speech = _speech(page, sheet.attributions)
        self._sentence = _numbered([first for first, _ in page.sentences], len(page.starts))
        self._paragraph = _numbered(page.breaks, len(page.starts))
        self._types = {mark.entity: mark.type for mark in page.marks}
        self._listed = {last: (first, identity) for (first, last), identity in sheet.listed}
        self._bodies = self._bodies_called()
        self._dateline = self._after_dateline()
        self._found = self._parties()
        self._order = sorted(self._found)

    def cut(self) -> list[Window]:
        sentences, offsets = self._page.sentences, self._offsets
        found = []
        at = 0
        while at < len(sentences):
            first = sentences[at][0]
            after = at + 1
            while after < len(sentences) and offsets[sentences[after][1]] - offsets[first] <= OWN_PIECES:
                after += 1
            before = at
            while before > 0 and offsets[first] - offsets[sentences[before - 1][0]] <= CONTEXT_PIECES:
                before -= 1
            found.append(self._window(sentences[before][0], first, sentences[after - 1][1]))
            at = after
        return found

    def _parties(self) -> dict[Range, tuple[Source, str]]:
        """Whom or what each name and phrase of the page means, and of which type it is."""
        page = self._page
        found: dict[Range, tuple[Source, str]] = {}
        for first, last, mark in page.named:
            held = page.marks[mark]
            found.setdefault((first, last), (Source(entity=held.entity), held.type))
        for first, last in page.sentences:
            for phrase in noun_phrases(page, first, last):
                if phrase not in found and phrase[1] - phrase[0] <= MOST_PHRASE:
                    self._phrase(found, phrase)
        for source in self._sources:
            if source not in found or not found[source][0].entity:
                resolved = self._resolver(source)
                if resolved:
                    found[source] = (resolved[0], self._type_of(resolved[0]))
        heads = {last for _, last in found}
        for (first, last), _ in self._sheet.listed:
            if last not in heads:
                found[first, last] = (Source(name=page.text[slice(*page.span(first, last))]), "")
        return found

    def _phrase(self, found: dict[Range, tuple[Source, str]], phrase: Range) -> None:
        page = self._page
        first, last = phrase
        low = page.lows[first]
        if last - first == 1:
            if low in _PRONOUNS:
                resolved = self._meant(first, low)
                if resolved:
                    found[phrase] = (resolved, self._type_of(resolved))
                return
            if low in _DROPPED:
                return
        begin, end = wording(page, phrase)
        if (begin, end) in found or begin == end or self._is_name(begin, end):
            return
        people = self._are_people(first, last)
        alone = people and low == "the" and "and" not in page.lows[first:last]
        if last - first == 2 and low == "the" and page.words[first + 1] in self._bodies:
            body = self._bodies[page.words[first + 1]]
            if body:
                found[phrase] = (Source(entity=body), "ORG")
                return
        called = self._resolver(phrase) if alone else ()
        if called and called[0].entity:
            found[phrase] = (called[0], self._type_of(called[0]))
            return
        person = self._described(first, last) if people else -1
        if person >= 0:
            found[phrase] = (Source(entity=page.marks[person].entity), page.marks[person].type)
            return
        name = page.text[slice(*page.span(begin, end))]
        if any(letter.isalpha() for letter in name):
            found[phrase] = (Source(name=name), "PEOPLE" if people else "")

    def _bodies_called(self) -> dict[str, str]:
        """The one body that the last word of its name means where it stands for it: "authority" for Northport Transit Authority.
        Empty where there are two."""
        found: dict[str, str] = {}
        for identity in sorted({mark.entity for mark in self._page.marks if mark.type == "ORG"}):
            words = self._names.get(identity, "").split()
            if len(words) > 1 and words[-1].isalpha():
                word = words[-1].casefold()
                found[word] = "" if word in found else identity
        return found

    def _after_dateline(self) -> int:
        """The token at which the text begins, after "NORTHPORT, Ohio (AP) —"."""
        page = self._page
        first, last = page.sentences[0]
        for at in range(first, min(last, first + _DATELINE)):
            if page.words[at] in _DASHES:
                return at if page.words[first].isupper() else 0
        return 0

    def _is_name(self, first: int, last: int) -> bool:
        """Whether a phrase is a name with more around it, so that the name stands for itself: a person's with a title or words
        behind it, or "Republicans on Capitol Hill"."""
        page = self._page
        mark = page.marks_of[head_of(page, first, last)]
        if mark < 0:
            return False
        return page.marks[mark].type == "PERSON" or (
            page.marks[mark].type in ("NORP", "ORG") and page.marks_of[first] == mark
        )

    def _described(self, first: int, last: int) -> int:
        """The mark of the person or body that a phrase describes, or -1: "Brandt, a Democrat", "Novak, chairman of a firm"."""
        page = self._page
        head = page.lows[head_of(page, first, last)]
        is_one = page.lows[first] in _ARTICLES or (
            head in SPEAKER_NOUNS and not head.endswith("s") and last - first > 1
        )
        if first < 2 or page.words[first - 1] != "," or not is_one:
            return -1
        mark = page.marks_of[first - 2]
        return mark if mark >= 0 and page.marks[mark].type in _DESCRIBED else -1

    def _meant(self, token: int, low: str) -> Source | None:
        if low in {"him", "them"}:
            entity = self._resolver.person_meant(token, frozenset()) if low == "him" else ""
            return Source(entity=entity) if entity else None
        resolved = self._resolver((token, token + 1))
        return resolved[0] if resolved else None

    def _are_people(self, first: int, last: int) -> bool:
        page = self._page
        head = page.lows[head_of(page, first, last)]
        return head in SPEAKER_NOUNS or head in COLLECTIVES or head in FOLLOWERS

    def _type_of(self, party: Source) -> str:
        if not party.entity:
            return "PEOPLE"
        return self._types.get(party.entity, "PERSON")

    def _window(self, start: int, first: int, last: int) -> Window:
        """The window of the sentences ``first`` to ``last``, in tokens, with what is before them from ``start`` on."""
        pieces = [self._spell.first]
        spans: list[Span] = []
        holders: list[int] = []
        for number in self._spoken_before(start, first, last):
            source = self._sheet.attributions[number].source
            assert source is not None
            party = self._resolver(source)[0]
            own = self._prefix(party)
            holders.append(len(spans))
            spans.append(Span(party, source, (len(pieces), len(pieces) + len(own)), number, self._type_of(party)))
            pieces += [*own, *self._spell.pieces(":")]
        base = len(pieces) - self._offsets[start]
        room = MOST_PIECES - 1
        pieces += [piece for own in self._spelt[start:last] for piece in own]
        pieces = [*pieces[:room], self._spell.last]
        targets: list[int] = []
        for tokens in self._order[bisect_left(self._order, (start, 0)) : bisect_left(self._order, (last, 0))]:
            place = self._offsets[tokens[0]] + base, self._offsets[tokens[1]] + base
            if tokens[1] > last or place[1] > room or place[0] == place[1]:
                continue
            party, kind = self._found[tokens]
            number = self._sources.get(tokens, -1)
            held = number >= 0 or ((kind in HOLDER_TYPES or kind == "PEOPLE") and not self._is_where(tokens[0]))
            if held and tokens[0] >= self._dateline and len(holders) < MOST_HOLDERS:
                holders.append(len(spans))
            if tokens[0] >= max(first, self._dateline) and len(targets) < MOST_TARGETS and self._is_aimed_at(*tokens):
                targets.append(len(spans))
            spans.append(Span(party, tokens, place, number, kind, self._listed_at(tokens)))
        return self._known(Window(self._sheet.field, (first, last), pieces, spans, holders, targets, *_NOTHING))

    def _is_where(self, token: int) -> bool:
        """Whether what begins here is a place by its words, and not who acts: "in the Senate", "on Capitol Hill"."""
        lows = self._page.lows
        before = token - 2 if token > 1 and lows[token - 1] in _ARTICLES else token - 1
        return before >= 0 and lows[before] in _WHERE

    def _is_aimed_at(self, first: int, last: int) -> bool:
        """Whether somebody may take a side toward a phrase: not where it is who takes one ("a longtime critic of the plan"), or
        what is said of something ("called it a fair deal", "hailed the deal as a gift")."""
        lows = self._page.lows
        before, verb = (lows[first - 1], lows[first - 2]) if first > 1 else ("", "")
        if lows[first] in _ARTICLES and (before == "as" or (before in _OBJECTS and verb in _CALLS)):
            return False
        return not any(lows[at] in _SIDES and lows[at + 1] in _OF for at in range(first, last - 1))

    def _listed_at(self, tokens: Range) -> str:
        """The listed issue that a phrase names: the one that ends with it."""
        first, identity = self._listed.get(tokens[1], (-1, ""))
        return identity if first >= tokens[0] else ""

    def _spoken_before(self, start: int, first: int, last: int) -> list[int]:
        """The attributions of which the window has words and not the source."""
        found: dict[Source, int] = {}
        for number in sorted({number for number in self._speech[first:last] if number >= 0}):
            source = self._sheet.attributions[number].source
            resolved = self._resolver(source) if source is not None and source[0] < start else ()
            if resolved:
                found.setdefault(resolved[0], number)
        return list(found.values())[:_PREFIXED]

    def _prefix(self, party: Source) -> list[int]:
        name = self._names.get(party.entity, party.name)
        own = [piece for word in name.split()[:8] for piece in self._spell.pieces(word)]
        return own[:_PREFIX_PIECES] or list(self._spell.pieces("?"))

    def _known(self, window: Window) -> Window:
        """The window with what is known of its pairs."""
        spans, holders, targets = window.spans, window.holders, window.targets
        speech = [self._speech[spans[at].tokens[0]] for at in targets]
        held, aimed = [spans[at] for at in holders], [spans[at] for at in targets]
        pair = np.zeros((len(holders) + 1, len(targets), 3), np.uint8)
        holding = np.zeros((len(holders) + 1, 3), np.uint8)
        targeted = np.zeros((len(targets), 5), np.uint8)
        holding[-1] = (7, 0, 0)
        pair[-1, :, 0] = 16
        if holders:
            holding[:-1] = [(self._kind(one), self._salient(one), self._manner(one.source_of)) for one in held]
        page, title = self._page, window.field == "title"
        if targets:
            where = 2 if title else 0 if window.words[0] == 0 else 1
            targeted[:] = [
                (
                    self._kind(one),
                    page.quote_of[one.tokens[0]] >= 0,
                    self._manner(number),
                    self._salient(one),
                    where,
                )
                for one, number in zip(aimed, speech, strict=True)
            ]
            pair[-1, :, 2] = [
                7 if number >= 0 or page.quote_of[one.tokens[0]] >= 0 else 6
                for one, number in zip(aimed, speech, strict=True)
            ]
            pair[-1, :, 1] = 0
        if holders and targets:
            self._fill(pair[:-1], held, aimed, speech)
        return window._replace(speech=speech, pair=pair, holding=holding, targeted=targeted)

    def _fill(
        self, pair: NDArray[np.uint8], held: Sequence[Span], aimed: Sequence[Span], speech: Sequence[int]
    ) -> None:
        starts = np.array([one.pieces[0] for one in held]), np.array([one.pieces[0] for one in aimed])
        apart = starts[1][None, :] - starts[0][:, None]
        pair[..., 0] = np.searchsorted(_STEPS, np.abs(apart)) + 8 * (apart < 0)
        place = [
            np.array([[self._sentence[one.tokens[0]], self._paragraph[one.tokens[0]]] for one in own])
            for own in (held, aimed)
        ]
        sentences = place[0][:, None, 0] == place[1][None, :, 0]
        paragraphs = np.abs(place[0][:, None, 1] - place[1][None, :, 1])
        pair[..., 1] = np.where(sentences, SAME_SENTENCE, np.where(paragraphs == 0, 2, np.where(paragraphs == 1, 3, 4)))
        own = np.array([one.source_of for one in held])[:, None]
        of = np.array(speech)[None, :]
        pair[..., 2] = np.where(
            of < 0, np.where(own >= 0, 1, 0), np.where(own == of, OWN_WORDS, np.where(own >= 0, 3, 4))
        )
        same = np.array([[one.party == other.party for other in aimed] for one in held])
        pair[..., 2][same] = 5
        said = [self._said(number) for number in speech]
        by = np.array([[one.party == party for party in said] for one in held]) & (of >= 0) & (own != of) & ~same
        pair[..., 2][by] = OWN_WORDS

    def _said(self, number: int) -> Source | None:
        if number < 0:
            return None
        resolved = self._resolver(self._sheet.attributions[number].source)
        return resolved[0] if resolved else None

    def _kind(self, span: Span) -> int:
        if span.type in _TYPES:
            return _TYPES[span.type]
        return 4 if span.party.entity else 5 if span.type == "PEOPLE" else 6

    def _salient(self, span: Span) -> int:
        if not span.party.entity:
            return 0
        return 1 + int(np.searchsorted(_SALIENT, self._salience.get(span.party.entity, 0.0)))

    def _manner(self, number: int) -> int:
        return 0 if number < 0 else _MANNERS.get(self._sheet.attributions[number].manner, 8)


_NOTHING: tuple[list[int], NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]] = (
    [],
    np.zeros((1, 0, 3), np.uint8),
    np.zeros((1, 3), np.uint8),
    np.zeros((0, 5), np.uint8),
)
_STEPS = np.array([0, 2, 4, 8, 14, 25, 50])
_SALIENT = np.array([0.02, 0.05, 0.1, 0.2])


def wording(page: Page, phrase: Range) -> Range:
    """The tokens of a noun phrase that name what it is of: without articles, "her" and "own", prepositions at the ends, and a verb
    that one found by kinds of words alone may begin with ("would allow abortions", "to bar troops"). "Critical of the plant" and
    "the decision courageous" are of the plant and the decision. Empty where none is left."""
    first, last = phrase
    while first < last and (page.lows[last - 1] in _OWNERS or page.lows[last - 1] in _TRAILING):
        last -= 1
    last = next((at for at in range(first + 1, last) if _is_loose(page, at)), last)
    if last - first > 2 and _is_said_of(page, last - 1):
        last -= 1
    while first < last:
        low = page.lows[first]
        idle = low in DETERMINERS or low in POSSESSIVES or low in _LEADING or _is_rest_of_number(page, first)
        if low in _OPINIONS and first + 2 < last and page.lows[first + 1] in _OF:
            first += 2
        elif _is_verb(page, first) or (idle and first < last - 1):
            first += 1
        elif (
            low not in _OPINIONS
            and first + 3 < last
            and page.lows[first + 1] in _OPINIONS
            and page.lows[first + 2] in _OF
        ):
            first += 3
        else:
            break
    return first, last


def _is_rest_of_number(page: Page, token: int) -> bool:
    """Whether a token is what a comma cuts off a number: "000" of "2,000 troops"."""
    low = page.lows[token]
    return (
        token > 1
        and len(low) == 3
        and low.isdecimal()
        and page.lows[token - 1] == ","
        and page.lows[token - 2].isdecimal()
    )


def _is_loose(page: Page, token: int) -> bool:
    """Whether a preposition inside a phrase begins what is said of the whole clause, mostly: "the law from the start"."""
    return page.marks_of[token] < 0 and page.lows[token] in _LOOSE


def _is_said_of(page: Page, token: int) -> bool:
    """Whether a word says of the noun in front of it how it is."""
    low = page.lows[token]
    described = page.kinds[token] == "W" and (low in _ADJECTIVES or _ADJECTIVE.fullmatch(low) is not None)
    return described and page.kinds[token - 1] in "WM" and page.marks_of[token] < 0


def _is_verb(page: Page, token: int) -> bool:
    """Whether a bare word is the verb of what stands before it, past adverbs: "to", "would", "n't", "we strongly"."""
    if page.kinds[token] != "W":
        return False
    before = token - 1
    while before >= 0 and page.kinds[before] == "R":
        before -= 1
    low = page.lows[before] if before >= 0 else ""
    if low in MODALS or low in _NOT or low in _SUBJECTS or page.lows[token] in _SURE_VERBS:
        return True
    return low == "to" and page.lows[token] in _VERBS


def _numbered(starts: Sequence[int], size: int) -> list[int]:
    """For each token the number of the stretch that it is in; stretches begin at ``starts``."""
    found = np.zeros(size + 1, np.int64)
    for start in starts:
        if 0 < start < size:
            found[start] += 1
    numbers: list[int] = np.cumsum(found).tolist()
    return numbers


def _speech(page: Page, attributions: Sequence[Attribution]) -> list[int]:
    """For each token the attribution whose source's own words it is, or -1: the innermost."""
    found = [-1] * len(page.starts)
    spoken = [
        (last - first, first, last, index)
        for index, one in enumerate(attributions)
        if one.source is not None and one.manner not in _TOLD
        for first, last in one.contents
    ]
    for _, first, last, index in sorted(spoken, reverse=True):
        found[first:last] = [index] * (min(last, len(found)) - first)
    return found
