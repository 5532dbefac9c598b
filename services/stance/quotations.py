"""Who says what: quotations and paraphrases with their source and their cue.

Decides which words of a page are somebody's, and the words that name who. Which entity a source is, is for ``holders`` to
say; what a source thinks of anything, for ``reading``.

The rules, in their order:

1. What is an attribution, with which cue and which source, ``choices`` says: a verb or noun of saying, thinking, wanting, judging
   or showing, and whoever does it. A label before a colon is one too. "According to X" has its source behind it. Nothing
   in direct speech is a cue.
2. The content is what follows the cue to the end of its sentence (after "that", a colon or a quotation mark where one
   stands), or, where nothing follows, what precedes the source; a quotation that touches either belongs to it whole. What
   follows a label is its speaker's to the end of the paragraph.
3. A quotation of four or more words without a cue goes to the source of the attribution right before it in its paragraph, or of the
   unclosed quotation that it continues; else it stays without a source and is nobody's, not the author's either.
   What a phrase or the layout attributes ("in the words of X", a label, a dash and a name) goes before, see ``unworded``.
4. A quotation of one to three words is no speech by itself. Inside of the content of an attribution it belongs to that.

The content of a cue without a class in ``cues.txt`` is its source's own words only where it is a clause with "that" or a
quotation ("made clear that"); else it only tells what is spoken of, wanted or done.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from services.stance.choices import Choice, choose
from services.stance.contents import behind_noun, content_before, contents_around, contents_of, is_quoted, trim
from services.stance.cues import Cue, attribution_cues
from services.stance.grammar import clause_subject, phrase_after, phrase_before
from services.stance.kinds import ACCORDING
from services.stance.likelihood import Weights, weights
from services.stance.page import Page, Quote, Range
from services.stance.proposals import SPEECH_WORDS, Place
from services.stance.sources import Verb
from services.stance.unworded import find_unworded
from services.text.words import word_set

_MANNERS = ("act", "call", "speech", "tell", "seek", "think", "about", "show", "quote")
"""Which class counts where a verb is in several."""
_UNCLASSED = Cue("past", frozenset({"about"}), ())
"""A cue that is in no class of ``cues.txt``."""
_JOINERS = frozenset({"and", "but", "while", "though", "although", "as", "yet", "or", "whereas"})
_UNSPOKEN = frozenset({"act", "about", "seek", "call", "noun", "show"})
"""Manners of which what is attributed ends with its clause."""
_SUBORDINATE = frozenset(
    {
        "although",
        "though",
        "while",
        "when",
        "as",
        "after",
        "before",
        "if",
        "because",
        "since",
        "whereas",
        "even",
        "despite",
    }
)
"""Words at the head of a sentence whose clause ends at a comma, before the main one."""


_INVERTED = frozenset({"had", "were", "should"})
"""With one of these at its head, and no question mark at its end, a sentence begins with a condition."""
_MODALS = frozenset({"would", "could", "might", "should", "'d", "will", "may"})
_CONDITIONS = frozenset({"if", "unless", "were"})
_EXPECTED = word_set(
    "expected likely unlikely poised set scheduled due about ready urged asked invited told forced supposed tempted afraid yet"
)
"""Behind one of these and "to" an act is still to come."""
_UNREAL_REACH = 4


class Attribution(NamedTuple):
    """One source, its cue and what is attributed to it, as half-open token ranges of a page.

    ``source`` is None for a quotation that nobody is named for. ``manner`` is the class of the cue: one of ``cues.txt``,
    ``act`` for a verb of stance, ``noun`` (her claim), ``according`` or ``continued`` (a quotation that goes on without a cue).
    ``nested`` tells that it stands within the content of another one. ``doubtful`` is a naming ("who called B a fool") that is
    less likely an attribution than not: the words are not the article's own, and that is all that it is good for.
    """

    source: Range | None
    cue: Range
    contents: tuple[Range, ...]
    manner: str
    nested: bool = False
    doubtful: bool = False


def find_attributions(page: Page, learnt: Weights | None = None) -> list[Attribution]:
    """All attributions of a page, by their cue's place; ``learnt`` are other weights than those of ``weights.txt``."""
    return attributions_of([page], learnt)[0]


def attributions_of(pages: Sequence[Page], learnt: Weights | None = None) -> list[list[Attribution]]:
    """All attributions of each page, as ``find_attributions`` finds them: in less time where pages are many or short."""
    chosen = choose(pages, learnt or weights())
    return [_attributions(page, own) for page, own in zip(pages, chosen, strict=True)]


def _attributions(page: Page, chosen: Sequence[Choice]) -> list[Attribution]:
    unworded = _unworded(page)
    cued = {token for one in unworded for token in range(*one.cue)}
    relayed = {one.source[0] for one in unworded if one.source is not None and page.lows[one.cue[0]] == "as"}
    kept = [
        choice
        for choice in chosen
        if choice.place.at not in cued and choice.place.at + 1 not in relayed and not _is_unreal(page, choice)
    ]
    found: list[Attribution] = []
    for _, pairs in groupby(_each(page, kept), key=itemgetter(0)):
        found += _in_sentence(page, [(attribution, likely) for _, attribution, likely in pairs])
    return _mark_nested(_with_quotes(page, sorted([*found, *unworded], key=lambda attribution: attribution.cue)))


def _unworded(page: Page) -> list[Attribution]:
    """The attributions that no verb tells, one for each cue."""
    found: dict[Range, Attribution] = {}
    for one in find_unworded(page):
        found.setdefault(one.cue, Attribution(*one))
    return list(found.values())


def _is_unreal(page: Page, choice: Choice) -> bool:
    """Whether what a cue tells has not happened: "would have praised", "is expected to criticize", "Had X told the truth, …"."""
    place = choice.place
    conditional = page.lows[place.first] in _INVERTED and page.words[place.last - 1] != "?"
    if conditional and place.first < place.at < page.kinds.find(",", place.first, place.last):
        return True
    if _manner(_class(page, place.at, place.last)) != "act":
        return False
    group = page.lows[max(place.first, place.at - _UNREAL_REACH) : place.at]
    if not _MODALS.isdisjoint(group):
        return "have" in group or conditional or not _CONDITIONS.isdisjoint(page.lows[place.first : place.last])
    return group[-1:] == ["to"] and not _EXPECTED.isdisjoint(group[-3:-1])


def _in_sentence(page: Page, pairs: Sequence[tuple[Attribution, bool]]) -> list[Attribution]:
    found: list[Attribution] = []
    unlikely: list[Attribution] = []
    for attribution, likely in pairs:
        if not likely:
            unlikely.append(attribution)
            continue
        shorter = (_cut_short(page, earlier, attribution) for earlier in found)
        found = [*(earlier for earlier in shorter if earlier.contents), attribution]
    spans = [span for attribution in found for span in attribution.contents]
    within = (_within(one, spans) for one in unlikely)
    return sorted((*found, *(one for one in within if one is not None)), key=lambda attribution: attribution.cue)


def _within(attribution: Attribution, spans: Sequence[Range]) -> Attribution | None:
    """An unlikely attribution cut to that of ``spans`` in which its cue stands; where it stands in none, a doubtful one or None."""
    around = next((span for span in spans if span[0] <= attribution.cue[0] < span[1]), None)
    if around is None:
        return attribution._replace(doubtful=True) if attribution.manner == "call" else None
    cut = [(max(begin, around[0]), min(end, around[1])) for begin, end in attribution.contents]
    contents = tuple(span for span in cut if span[1] > span[0] and span != around)  # All of it is the other one's.
    return attribution._replace(contents=contents) if contents else None


def _each(page: Page, chosen: Sequence[Choice]) -> list[tuple[int, Attribution, bool]]:
    """The attributions of a page, whether they overlap or not: the first token of the sentence, the attribution, and whether it is
    likely enough not to be nested."""
    found = [
        (choice.place.first, attribution, choice.likely)
        for choice in chosen
        if (attribution := _attribution(page, choice)) is not None
    ]
    for at in page.having(ACCORDING):
        first, last = page.sentence_at(at)
        attribution = _according(page, at, first, last)
        if attribution is not None:
            found.append((first, attribution, True))
    return sorted(found, key=lambda one: (one[0], one[1].cue))


def _attribution(page: Page, choice: Choice) -> Attribution | None:
    """A chosen cue and source with what is attributed, or None where there is nothing."""
    place, source, order = choice.place, choice.source, choice.order
    at, first, last = place.at, place.first, place.last
    if order == "label":
        paragraph = bisect_right(page.breaks, at)
        end = page.breaks[paragraph] if paragraph < len(page.breaks) else len(page.starts)
        return _made(source, (at, at + 1), (trim(page, at + 1, end),), "speech")
    if order == "owner":
        return _made(source, (place.start, at + 1), (behind_noun(page, at + 1, last),), "noun")
    cue = _class(page, at, last)
    after = at + 1 + len(cue.particles)
    if order == "by":
        return _made(source, (place.start, after), _passive(page, place), _manner(cue))
    if order.startswith("after_"):
        told = (behind_noun(page, at + 1, source[0] - 1), behind_noun(page, source[1], last))
        contents = next(((span,) for span in told if span[1] > span[0]), None) or _passive(page, place)
        return _made(source, (place.start, after), contents, "noun")
    manners = cue.manners
    inverted = order == "inverted" and at < source[0]
    if inverted or (after < last and _opens_speech(page, after)):
        manners |= {"speech"}
    verb = Verb(at, after, place.start, first, last, cue.kind, manners)
    if inverted:
        return _made(source, (at, after), contents_around(page, verb, source), "speech")
    contents = contents_of(page, verb, source) or (trim(page, after, last),)
    if contents[0][0] == contents[0][1]:
        contents = content_before(page, first, source[0])
    return _made(source, (place.start, after), contents, _told(page, cue, "speech" in manners, contents))


def _made(source: Range, cue: Range, contents: Sequence[Range], manner: str) -> Attribution | None:
    filled = tuple(span for span in contents if span[1] > span[0])
    return Attribution(source, cue, filled, manner) if filled else None


def _class(page: Page, at: int, last: int) -> Cue:
    """The cue of ``cues.txt`` or the lexicon that stands at a token with its particles, or the one of no class."""
    for cue in attribution_cues().get(page.lows[at], ()):
        after = at + 1 + len(cue.particles)
        if after <= last and tuple(page.lows[at + 1 : after]) == cue.particles:
            return cue
    return _UNCLASSED


def _opens_speech(page: Page, token: int) -> bool:
    """Whether what somebody says or thinks begins at a token: a clause with "that", a quotation, a colon."""
    return page.lows[token] in {"that", ":"} or page.kinds[token] == '"'


def _manner(cue: Cue) -> str:
    return next(manner for manner in _MANNERS if manner in cue.manners)


def _told(page: Page, cue: Cue, spoken: bool, contents: tuple[Range, ...]) -> str:
    """The manner of a cue, by what it is told with: "made clear that" is speech, "decided" only before a quotation."""
    manner = _manner(cue)
    if cue is _UNCLASSED and spoken:
        return "speech"
    return "about" if manner == "quote" and not is_quoted(page, contents) else manner


def _passive(page: Page, place: Place) -> tuple[Range, ...]:
    """``B was denounced by A``: the content is what was before the verb."""
    return ((phrase_before(page, place.start, place.first), place.start),)


def _according(page: Page, at: int, first: int, last: int) -> Attribution | None:
    if page.lows[at + 1 : at + 2] != ["to"] or at + 2 >= last:
        return None
    end = phrase_after(page, at + 2, last, apposed=True)
    if at - first < 2 and last - end < 4:
        # What looks like an apposition is the sentence itself.
        end = phrase_after(page, at + 2, last)
    around = trim(page, first, at), trim(page, end, last)
    contents = tuple(span for span in around if span[1] - span[0] >= 2)
    return Attribution((at + 2, end), (at, at + 2), contents, "according") if contents and end > at + 2 else None


def _cut_short(page: Page, earlier: Attribution, later: Attribution) -> Attribution:
    """The earlier attribution without what is the later one's: "A said this, but B said that", "A knew this, B said"."""
    if later.source is None or not later.contents:
        return earlier
    begin = min(later.source[0], later.cue[0])
    if begin < earlier.cue[1]:
        # "A, who calls B a fool, said …" or "A denounced it, saying …": what follows the later cue is no longer the first one's.
        end = later.cue[0]
    elif later.contents[0][0] < earlier.cue[0] or page.kinds[begin - 1] == ".":
        end = begin
    elif page.kinds[begin - 1] == "," and _is_subordinate(page, earlier.cue[0]):
        # "While A wants it, B said …": the first clause ends with its comma.
        end = begin - 1
    elif _begins_another(page, begin, earlier.manner):
        end = begin - 1
    else:
        return earlier
    contents = (trim(page, first, min(last, end)) for first, last in earlier.contents)
    return earlier._replace(contents=tuple(span for span in contents if span[1] > span[0]))


def _begins_another(page: Page, begin: int, manner: str) -> bool:
    """Whether a source, which begins at a token, begins a clause that an earlier attribution of a manner does not reach into.

    What somebody says goes on over "when" and "after"; what somebody does or wants, mostly not.
    """
    if begin < 2:
        return False
    joiner, before = page.lows[begin - 1], page.kinds[begin - 2]
    if joiner in _JOINERS and (before in ",-" or (page.kinds[begin] == "S" and manner != "speech")):
        return True
    return manner in _UNSPOKEN and (joiner in _SUBORDINATE or (joiner in _JOINERS and before in "R"))


def _is_subordinate(page: Page, token: int) -> bool:
    """Whether a token stands in the clause that opens its sentence with "while", "after" or the like."""
    first = page.sentence_at(token)[0]
    return page.lows[first] in _SUBORDINATE and "," not in page.kinds[first:token]


def _with_quotes(page: Page, found: list[Attribution]) -> list[Attribution]:
    """Give each quotation to an attribution that it touches, or to the speaker before it: see rules 2 and 3."""
    found = list(found)
    owners = _owners(page, found)
    extra: list[Attribution] = []
    source_of: dict[int, Range | None] = {}
    cues = [attribution.cue[0] for attribution in found]
    for number, quote in enumerate(page.quotes):
        if quote.words < SPEECH_WORDS:
            continue
        owner = owners.get(number)
        if owner is not None:
            found[owner] = _grown(found[owner], quote)
            source_of[number] = found[owner].source
            continue
        source = _speaker(page, number, found, cues, source_of)
        source_of[number] = source
        extra.append(Attribution(source, (quote.opened, quote.opened), ((quote.opened, quote.after),), "continued"))
    return sorted([*found, *extra], key=lambda a: (a.cue, a.contents))


def _owners(page: Page, found: list[Attribution]) -> dict[int, int]:
    """Quotation -> the first attribution whose content reaches into it."""
    owners: dict[int, int] = {}
    for index, attribution in enumerate(found):
        for first, last in attribution.contents:
            token = first
            while token < last:
                number = page.quote_of[token]
                if number < 0:
                    token += 1
                    continue
                owners.setdefault(number, index)
                token = max(page.quotes[number].last, token + 1)
    return owners


def _grown(attribution: Attribution, quote: Quote) -> Attribution:
    """The attribution with the whole of a quotation that its content reaches into."""
    contents = tuple(
        (min(first, quote.opened), max(last, quote.after))
        if first < quote.after and quote.opened < last
        else (first, last)
        for first, last in attribution.contents
    )
    return attribution._replace(contents=contents)


def _speaker(
    page: Page,
    number: int,
    found: list[Attribution],
    cues: list[int],
    source_of: dict[int, Range | None],
) -> Range | None:
    """The source of a quotation that no cue reaches: see rule 3."""
    quote = page.quotes[number]
    previous = source_of.get(number - 1)
    if quote.continues and previous is not None:
        return previous
    first = page.sentence_at(quote.opened)[0]
    index = bisect_left(cues, quote.opened) - 1
    if index >= 0 and found[index].source is not None:
        cue = found[index].cue[0]
        same_paragraph = bisect_right(page.breaks, cue) == bisect_right(page.breaks, quote.opened)
        if cue >= first or (same_paragraph and page.sentence_at(cue)[1] == first):
            return found[index].source
    if previous is not None and page.quotes[number - 1].after >= first - 1:
        return previous
    if quote.opened > first:
        return clause_subject(page, first, quote.opened)
    return None


def _mark_nested(found: list[Attribution]) -> list[Attribution]:
    """Mark the attributions whose cue stands within what an earlier or wider one attributes."""
    spans = sorted({span for attribution in found if not attribution.doubtful for span in attribution.contents})
    starts = [first for first, _ in spans]
    reach: list[int] = []
    for _, last in spans:
        reach.append(max(last, reach[-1]) if reach else last)
    marked = []
    for attribution in found:
        own = set(attribution.contents)
        at = bisect_right(starts, attribution.cue[0]) - 1
        nested = False
        while at >= 0 and reach[at] > attribution.cue[0]:
            if spans[at] not in own and spans[at][1] > attribution.cue[0]:
                nested = True
                break
            at -= 1
        marked.append(attribution._replace(nested=True) if nested else attribution)
    return marked
