"""Who says what: quotations and paraphrases with their source and their cue.

Decides which words of a page are somebody's, and the words that name who. Which entity a source is, is for ``holders`` to
say; what a source thinks of anything, for ``reading``.

The rules, in their order:

1. A verb of ``cues.txt`` (or a verb of stance, which also says what somebody thinks) outside of direct speech is a cue where
   a source is found for it: the noun phrase or pronoun before it, over its auxiliaries, adverbs and an apposition; the noun
   phrase after it where it is inverted; the subject of the sentence where it is a participle or joined by "and". "According
   to X" has its source behind it.
2. The content is what follows the cue to the end of its sentence (after "that", a colon or a quotation mark where one
   stands), or, where nothing follows, what precedes the source; a quotation that touches either belongs to it whole.
3. A quotation of four or more words without a cue goes to the source of the attribution right before it in its paragraph, or of the
   unclosed quotation that it continues; else it stays without a source and is nobody's, not the author's either.
4. A quotation of one to three words is no speech by itself. Inside of the content of an attribution it belongs to that.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.stance.contents import MAX_ADVERBIAL, contents_around, contents_of, is_quoted, trim
from services.stance.cues import Cue, attribution_cues
from services.stance.grammar import clause_subject, is_noun_use, phrase_after, phrase_before, verb_group_start
from services.stance.page import Page, Quote, Range
from services.stance.sources import Verb, inverted_source, passive_source, subject
from services.stance.words import BE, CUE_NOUNS, DOCUMENT_NOUNS

SPEECH_WORDS = 4
"""A quotation of fewer words is a name, a title or a word held at arm's length, not speech."""
_MANNERS = ("act", "call", "speech", "tell", "seek", "think", "about", "show", "quote")
"""Which class counts where a verb is in several."""
_TAKEN = frozenset({"that", "to", "for", "of", "on", "about", "against", "over"})
"""What a noun of saying takes behind it: her claim that, their support for."""
_JOINERS = frozenset({"and", "but", "while", "though", "although", "as", "yet", "or", "whereas"})
_POSSESSORS = frozenset({"his", "her", "their"})


@dataclass(frozen=True, slots=True)
class Attribution:
    """One source, its cue and what is attributed to it, as half-open token ranges of a page.

    ``source`` is None for a quotation that nobody is named for. ``manner`` is the class of the cue: one of ``cues.txt``,
    ``act`` for a verb of stance, ``according`` or ``continued`` (a quotation that goes on without a cue). ``nested`` tells
    that it stands within the content of another one.
    """

    source: Range | None
    cue: Range
    contents: tuple[Range, ...]
    manner: str
    nested: bool = False


def find_attributions(page: Page) -> list[Attribution]:
    """All attributions of a page, by their cue's place."""
    found: list[Attribution] = []
    for first, last in page.sentences:
        found += _in_sentence(page, first, last)
    return _mark_nested(_with_quotes(page, found))


def _in_sentence(page: Page, first: int, last: int) -> list[Attribution]:
    found: list[Attribution] = []
    for at in range(first, last):
        attribution = _at(page, at, first, last, found)
        if attribution is not None:
            shorter = (_cut_short(page, earlier, attribution) for earlier in found)
            found = [*(earlier for earlier in shorter if earlier.contents), attribution]
    return found


def _at(page: Page, at: int, first: int, last: int, earlier: Sequence[Attribution]) -> Attribution | None:
    """The attribution whose cue begins at a token, or None."""
    low = page.lows[at]
    if low == "according":
        return _according(page, at, first, last)
    cues = attribution_cues().get(low, ())
    if not (cues or low in CUE_NOUNS) or _is_speech(page, at):
        return None
    if low in CUE_NOUNS and at > first and page.kinds[at - 1] in "DPMWV":
        possessed = _possessed(page, at, first, last)
        if possessed is not None:
            return possessed
    if page.kinds[at] == "M":
        return None
    for cue in cues:
        after = at + 1 + len(cue.particles)
        if after <= last and tuple(page.lows[at + 1 : after]) == cue.particles:
            found = _at_verb(page, cue, at, after, first, last, earlier)
            if found is not None:
                return found
    return None


def _is_speech(page: Page, token: int) -> bool:
    number = page.quote_of[token]
    return number >= 0 and page.quotes[number].words >= SPEECH_WORDS


def _at_verb(
    page: Page, cue: Cue, at: int, after: int, first: int, last: int, earlier: Sequence[Attribution]
) -> Attribution | None:
    start = verb_group_start(page, at, first)
    verb = Verb(at, after, start, first, last, cue.kind, cue.manners)
    if cue.manners & {"speech", "quote"}:
        speaker = inverted_source(page, verb)
        around = contents_around(page, verb, speaker) if speaker is not None else ()
        if around:
            return Attribution(speaker, (at, after), around, "speech")
    if is_noun_use(page, at, start, first, cue.kind):
        return None
    if cue.kind == "past" and any(low in BE for low in page.lows[start:at]):
        return _passive(page, verb)
    sources = [a.source for a in earlier if a.source is not None and a.manner != "according"]
    source = subject(page, verb, sources)
    if source is None or (cue.manners == {"show"} and not _is_document(page, source)):
        return None
    contents = contents_of(page, verb, source)
    if not contents or ("quote" in cue.manners and not is_quoted(page, contents)):
        return None
    return Attribution(source, (start, after), contents, _manner(cue))


def _manner(cue: Cue) -> str:
    return next(manner for manner in _MANNERS if manner in cue.manners)


def _is_document(page: Page, source: Range) -> bool:
    return any(low in DOCUMENT_NOUNS or low.rstrip("s") in DOCUMENT_NOUNS for low in page.lows[source[0] : source[1]])


def _passive(page: Page, verb: Verb) -> Attribution | None:
    """``B was denounced by A``: the content is what was before the verb."""
    source = passive_source(page, verb)
    begin = phrase_before(page, verb.start, verb.first)
    if source is None or begin == verb.start:
        return None
    manner = next(manner for manner in _MANNERS if manner in verb.manners)
    return Attribution(source, (verb.start, verb.after), ((begin, verb.start),), manner)


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


def _possessed(page: Page, at: int, first: int, last: int) -> Attribution | None:
    """``her claim that …``, ``the mayor's opposition to …``: the source is the possessor, the content what the noun takes."""
    if at + 1 >= last or page.lows[at + 1] not in _TAKEN:
        return None
    owner = at
    while owner > first and owner > at - 3 and page.kinds[owner - 1] in "WMV":
        owner -= 1
    if owner > first and page.lows[owner - 1] in _POSSESSORS:
        source = (owner - 1, owner)
    elif owner > first and page.kinds[owner - 1] == "P":
        source = (phrase_before(page, owner - 1, first), owner - 1)
    else:
        return None
    end = at + 1
    verbs = 1 if page.lows[at + 1] == "that" else 0  # Those of the clause itself.
    while end < min(last, at + 2 * MAX_ADVERBIAL) and page.kinds[end] not in '.-"':
        if page.kinds[end] == "A":
            verbs -= 1
        if verbs < 0 or (page.kinds[end] == "," and end > at + 3):
            break
        end += 1
    if source[0] == source[1] or end - at <= 2:
        return None
    return Attribution(source, (owner, at + 1), ((at + 1, end),), "noun")


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
    elif (
        begin >= 2
        and page.lows[begin - 1] in _JOINERS
        and (page.kinds[begin - 2] in ",-" or (page.kinds[begin] == "S" and earlier.manner != "speech"))
    ):
        end = begin - 1
    else:
        return earlier
    contents = (trim(page, first, min(last, end)) for first, last in earlier.contents)
    return replace(earlier, contents=tuple(span for span in contents if span[1] > span[0]))


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
    return replace(attribution, contents=contents)


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
    spans = sorted({span for attribution in found for span in attribution.contents})
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
        marked.append(replace(attribution, nested=nested))
    return marked
