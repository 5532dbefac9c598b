"""Attributions that no verb tells: by a phrase ("in the words of X"), by layout (a label, a heading, a dash), and relayed ones.

Decides by words and places alone, and only where a reader would not doubt it; what verbs tell is for ``choices``. Each finding is a
source, a cue and contents as half-open token ranges, and a manner (see ``quotations.Attribution``).
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from services.stance.contents import trim
from services.stance.cues import attribution_cues
from services.stance.grammar import clause_subject, phrase_after, phrase_before, verb_group_start
from services.stance.page import Page, Range
from services.stance.words import BE, OBJECT_PRONOUNS
from services.text.words import word_set

MAX_SIGNATURE = 24
"""Tokens of what stands behind a dash at the end of a quotation: a name, an office, a town."""
MAX_HEADING = 16
"""Tokens of a heading that names who is quoted below it."""
_DASHES = "—–-―~"
_VIEWS = word_set("words view opinion eyes judgment judgement telling account assessment mind perspective phrase")
_AS_TOLD = frozenset(
    {("put", "it"), ("puts", "it"), ("sees", "it"), ("saw", "it"), ("tells", "it"), ("told", "it"), ("has", "it")}
)
_EQUATING = BE | {"means", "meant", "represents", "remains", "remained", "seems", "has", "had"}
_QUOTING = word_set("quoted quotes quoting cited cites citing quote cite heard overheard")
_RELAYING = word_set("saying telling calling describing stating declaring adding insisting arguing warning claiming")
_NOT_SPEAKERS = word_set(
    "note update correction warning breaking photo photos video watch read related more source sources editor"
)
_CAPITALS = r"[A-Z][A-Z.'’-]*(?: [A-Z][A-Z.'’-]*){0,6}"
_ASIDE = r" ?\([^()\n]{1,40}\)"
_ROLE = r"(?:[A-Z0-9][\w.'’&-]*|of|the|and|for|from|on)"
_LABEL = re.compile(
    rf"(?P<name>{_CAPITALS})(?P<rest>(?:{_ASIDE})?(?:, {_ROLE}(?: {_ROLE}){{0,9}}|{_ASIDE}){{0,4}}) ?:(?= |\n|$)"
)
_PARTICLES = "de|la|von|van|der|bin|al"
_TITLED = re.compile(
    rf"(?P<name>[A-Z][\w.'’-]*(?: (?:[A-Z][\w.'’-]*|{_PARTICLES})){{0,5}})"
    rf"(?P<rest>(?:{_ASIDE})(?:, [^:\n]{{1,60}})?(?:{_ASIDE})?) ?:(?= |\n|$)"
)
_LEAST_CONTENT = 4
"""Tokens that a sentence has behind "in the words of X"."""
_LABEL_REACH = 240


class Unworded(NamedTuple):
    """An attribution before it is one of ``quotations``."""

    source: Range
    cue: Range
    contents: tuple[Range, ...]
    manner: str


def find_unworded(page: Page) -> list[Unworded]:
    """All of a page, by their cues' places. Linear in the text: each looks along its sentence, its paragraph or the next one."""
    found = [*_labels(page), *_signatures(page), *_headings(page)]
    for first, last in page.sentences:
        found += _phrases(page, first, last)
        found += _relayed(page, first, last)
        found += _joined_passives(page, first, last)
    return sorted(found, key=lambda one: one.cue)


def _paragraph(page: Page, token: int) -> Range:
    at = bisect_right(page.breaks, token)
    return page.breaks[at - 1], page.breaks[at] if at < len(page.breaks) else len(page.starts)


def _has_person(page: Page, first: int, last: int) -> bool:
    return any(page.marks_of[i] >= 0 and page.marks[page.marks_of[i]].type == "PERSON" for i in range(first, last))


def _has_name(page: Page, first: int, last: int) -> bool:
    return any(page.marks_of[i] >= 0 for i in range(first, last))


def _labels(page: Page) -> Iterator[Unworded]:
    """Speakers of a transcript: ``SEN. TED MARLOW (R), TEXAS: …``, ``ROE (voice-over): …``; up to the next one of several."""
    labels: list[tuple[Range, Range, int]] = []
    for index, first in enumerate(page.breaks):
        if first >= len(page.starts):
            continue
        start = page.starts[first]
        window = page.text[start : start + _LABEL_REACH].partition("\n")[0]
        match = _LABEL.match(window) or _TITLED.match(window)
        if match is None:
            continue
        colon = bisect_left(page.starts, start + match.end() - 1)
        after_name = bisect_left(page.starts, start + match.end("name"))
        if colon >= len(page.starts) or page.words[colon] != ":" or page.lows[first] in _NOT_SPEAKERS:
            continue
        named = _has_person(page, first, after_name) or page.lows[first] in {
            "unidentified",
            "question",
            "crowd",
            "audience",
        }
        if named or (match["rest"] and not _has_name(page, first, after_name)):
            begin = next((i for i in range(first, after_name) if page.marks_of[i] >= 0), first)
            labels.append(((begin, after_name), (colon, colon + 1), index))
    is_transcript = len(labels) > 1
    for number, (source, cue, index) in enumerate(labels):
        end = labels[number + 1][2] if number + 1 < len(labels) else len(page.breaks)
        contents: list[Range] = []
        for paragraph in range(index, end if is_transcript else index + 1):
            first, last = _paragraph(page, page.breaks[paragraph])
            if paragraph > index and page.words[first] in "([":
                break
            span = trim(page, cue[1] if paragraph == index else first, last)
            if span[1] > span[0]:
                contents.append(span)
        if contents:
            yield Unworded(source, cue, tuple(contents), "speech")


def _signatures(page: Page) -> Iterator[Unworded]:
    """``“…” — X, senator`` at the end of a paragraph, or with the dash on a line of its own."""
    for number, quote in enumerate(page.quotes):
        first, last = _paragraph(page, quote.opened)
        at = quote.after
        begin = first
        if at >= last:
            if last >= len(page.starts):
                continue
            at = last
            begin, last = _paragraph(page, at)
        while at < last and page.words[at] in ".,":
            at += 1
        if not (at < last and page.words[at][0] in _DASHES and 0 < last - at - 1 <= MAX_SIGNATURE):
            continue
        if number + 1 < len(page.quotes) and page.quotes[number + 1].opened < last:
            continue
        end = phrase_after(page, at + 1, last)
        if end > at + 1 and _has_name(page, at + 1, end) and (end == last or page.kinds[end] in ',.-"'):
            yield Unworded((at + 1, end), (at, at + 1), _run_of(page, number, begin), "speech")


def _run_of(page: Page, number: int, floor: int) -> tuple[Range, ...]:
    """A quotation with those that it goes on from, paragraph by paragraph."""
    spans: list[Range] = []
    while number >= 0:
        quote = page.quotes[number]
        spans.append((quote.opened, quote.after))
        if not quote.continues:
            break
        number -= 1
    return tuple(sorted(spans))


def _headings(page: Page) -> Iterator[Unworded]:
    """``From Senator X:``, ``X on NATO:`` and a name alone with its colon, before a quotation on its line or on the next."""
    for quote in page.quotes:
        first, last = _paragraph(page, quote.opened)
        if quote.opened == first and first > 0:
            first, last = _paragraph(page, first - 1)
        colon = (quote.opened if quote.opened < last else last) - 1
        if not (first < colon <= first + MAX_HEADING and page.words[colon] == ":"):
            continue
        begin = first + (page.lows[first] in {"from", "by"})
        end = phrase_after(page, begin, colon, apposed=True)
        topical = next((i for i in range(begin + 1, colon) if page.lows[i] in {"on", "about", "regarding"}), None)
        if topical is not None and page.kinds[begin] == "M":
            end = topical
        elif end < colon:
            continue
        if end > begin and (_has_person(page, begin, end) or (begin > first and _has_name(page, begin, end))):
            yield Unworded((begin, end), (colon, colon + 1), ((quote.opened, quote.after),), "speech")


def _phrases(page: Page, first: int, last: int) -> Iterator[Unworded]:
    """``In the words of X, …``, ``in X's view``, ``For X, …``, ``As X put it: …``."""
    for at in range(first, last):
        low = page.lows[at]
        if low not in {"in", "for", "to", "as", "from", "by"} or (page.quote_of[at] >= 0 and _is_long(page, at)):
            continue
        found = _told_as(page, at, last) if low == "as" else _viewed(page, at, first, last)
        if found is None:
            continue
        source, end = found
        contents = _around(page, first, at, end, last)
        if contents:
            yield Unworded(
                source, (at, max(source[1], end)), contents, "speech" if _quoted(page, contents) else "think"
            )
            return


def _is_long(page: Page, at: int) -> bool:
    return page.quotes[page.quote_of[at]].words > 3


def _told_as(page: Page, at: int, last: int) -> tuple[Range, int] | None:
    end = phrase_after(page, at + 1, last, apposed=True)
    if end == at + 1:
        return None
    start = end
    while start < last and page.kinds[start] in "RAN" and page.lows[start] not in {"has", "had"}:
        start += 1
    if tuple(page.lows[start : start + 2]) not in _AS_TOLD:
        return None
    stop = start + 2
    while stop < last and page.kinds[stop] not in ',."-' and page.words[stop] != ":":
        stop += 1
    return ((at + 1, end), stop) if stop - start <= MAX_HEADING else None


def _viewed(page: Page, at: int, first: int, last: int) -> tuple[Range, int] | None:
    """Source and end of ``in the words of X``, ``in X's view``, or of ``for X,`` where a sentence begins that says what is what."""
    low = page.lows[at]
    if low in {"in", "from", "to", "by"}:
        begin = at + 1
        if page.lows[begin : begin + 3 : 2] == ["the", "of"] and page.lows[begin + 1] in _VIEWS:
            end = phrase_after(page, begin + 3, last, apposed=True)
            if at - first <= 2 and last - end < _LEAST_CONTENT:
                end = phrase_after(page, begin + 3, last)  # What looks like an apposition is the sentence itself.
            return ((begin + 3, end), end) if end > begin + 3 else None
        for i in range(begin + 1, min(last, begin + 8)):
            if page.lows[i] in _VIEWS and page.kinds[i - 1] == "P" and _has_name(page, begin, i - 1):
                return (begin, i - 1), i + 1
            if page.kinds[i] in ',."':
                break
    opens = at == first or (at == first + 1 and page.kinds[first] in 'C"')
    if low not in {"for", "to"} or not opens or page.quote_of[at] >= 0:
        return None
    end = phrase_after(page, at + 1, last)
    if not (end < last and page.words[end] == "," and _has_person(page, at + 1, end)):
        return None
    subject = clause_subject(page, end + 1, last)
    if subject is None or subject[0] != end + 1:
        return None
    equates = subject[1] < last and page.lows[subject[1]] in _EQUATING
    return ((at + 1, end), end) if equates else None


def _around(page: Page, first: int, at: int, end: int, last: int) -> tuple[Range, ...]:
    """What a phrase from ``at`` to ``end`` attributes: what follows in its sentence, else what precedes it."""
    after = trim(page, end, last)
    if at - first <= 2 or (after[1] - after[0] >= 2 and page.words[end - 1 : end + 1][-1] == ":"):
        number = page.quote_of[after[0] + 1] if after[0] + 1 < last else -1
        if number >= 0 and page.quotes[number].opened == after[0]:
            after = after[0], max(after[1], page.quotes[number].after)
        return (after,) if after[1] > after[0] else ()
    before = trim(page, first, at)
    return tuple(span for span in (before, after) if span[1] - span[0] >= 2)


def _quoted(page: Page, contents: tuple[Range, ...]) -> bool:
    return any(page.kinds[first] == '"' for first, _ in contents)


def _relayed(page: Page, first: int, last: int) -> Iterator[Unworded]:
    """What somebody says that another one said: ``quoted X as saying``, ``said that X had told him that``, ``told by X that``."""
    told = False
    for at in range(first, last):
        low = page.lows[at]
        if page.quote_of[at] >= 0 and _is_long(page, at):
            continue
        if low in _QUOTING:
            end = phrase_after(page, at + 1, last, apposed=True)
            if end > at + 1 and end + 1 < last and page.lows[end] == "as" and page.lows[end + 1] in _RELAYING:
                span = trim(page, end + 2, last)
                if span[1] > span[0]:
                    yield Unworded((at + 1, end), (end, end + 2), (span,), "speech")
            continue
        if not _speaks(page, at):
            continue
        told, was_told = True, told
        if page.lows[at + 1 : at + 2] == ["by"]:
            end = phrase_after(page, at + 2, last, apposed=True)
            if end > at + 2 and page.lows[end : end + 1] == ["that"]:
                yield Unworded((at + 2, end), (at, at + 2), (trim(page, end, last),), "speech")
            continue
        that = _that_after(page, at, last)
        if that is None:
            continue
        if was_told:
            start = verb_group_start(page, at, first)
            begin = phrase_before(page, start, first)
            if begin < start and (page.lows[begin - 1] == "that" or _has_name(page, begin, start)) and begin > first:
                yield Unworded((begin, start), (start, at + 1), (trim(page, that, last),), "speech")


def _joined_passives(page: Page, first: int, last: int) -> Iterator[Unworded]:
    """``B was denounced by A, praised by C and attacked by D``: what is C's and D's is what was before the first verb."""
    subject: Range | None = None
    for at in range(first + 1, last - 2):
        if page.lows[at + 1] != "by" or page.kinds[at] != "V" or not _acts(page, at):
            continue
        start = verb_group_start(page, at, first)
        if any(page.lows[i] in BE for i in range(start, at)):
            begin = phrase_before(page, start, first)
            subject = (begin, start) if begin < start else None
        elif subject is not None and (
            page.kinds[start - 1] == "," or page.lows[start - 1] in {"and", "but", "or", "then"}
        ):
            end = phrase_after(page, at + 2, last, apposed=page.kinds[start - 1] != ",")
            if end > at + 2:
                yield Unworded((at + 2, end), (start, at + 1), (subject,), "act")


def _acts(page: Page, at: int) -> bool:
    return any("act" in cue.manners and cue.kind == "past" for cue in attribution_cues().get(page.lows[at], ()))


def _speaks(page: Page, at: int) -> bool:
    return page.kinds[at] == "V" and any(
        cue.manners & {"speech", "tell"} and cue.kind in ("past", "s")
        for cue in attribution_cues().get(page.lows[at], ())
    )


def _that_after(page: Page, at: int, last: int) -> int | None:
    """The ``that`` which begins what a verb of speech tells, behind whom it tells it."""
    after = at + 1
    if after < last and page.lows[after] in OBJECT_PRONOUNS:
        after += 1
    elif after < last and page.kinds[after] in "DMW#":
        after = phrase_after(page, after, last)
    return after if after < last and page.lows[after] == "that" and page.lows[after + 1 : after + 2] != ["'s"] else None
