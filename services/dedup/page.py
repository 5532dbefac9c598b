"""A text as it is compared sentence by sentence: where sentences are, and which of them are the site's and not the story's.

The cuts need not be right, only the same in a copy: what is compared inside a sentence does not hang on them. Credits are
left out before (``boilerplate``). Left out here are datelines, by-lines, and *furniture*: links, newsletters, buttons,
notices of who publishes. It is known by how a sentence or a short line begins; a line of content that is mistaken for it
costs that line only.
"""

import re
from typing import NamedTuple

import numpy as np

from services.dedup.words import Places, UInt32s, UInt64s, Words, read_words, run_hashes, word_hashes

_MAX_LINE = 240
"""Code points of the longest line that is furniture as a whole."""
_MAX_DATELINE = 90
_TOP = 3
"""Paragraphs at the top in which a dateline or a by-line is looked for, and at the bottom a by-line."""

_BREAK = re.compile(r"[.!?…][\"'’”»)\]]{0,4}[ \t]+|\n+")
_ABBREVIATED = re.compile(
    r"(?:^|[\s(\"“'‘])(?:mr|mrs|ms|dr|prof|sen|rep|gov|gen|col|maj|capt|cpl|sgt|lt|rev|hon|st|jr|sr|no|vs|inc|ltd|corp|co|bros"
    r"|jan|feb|mar|apr|aug|sept?|oct|nov|dec|[a-z](?:\.[a-z]){0,3})$",
    re.IGNORECASE,
)
_AGENCIES = r"(?:thomson )?reuters|ap|afp|upi|dpa|ansa|efe|tass|xinhua|kyodo|pa(?: media)?|cnn|bloomberg|(?:the )?associated press"
_DATELINE = re.compile(
    r"[\s*]*(?:"
    r"[A-Z][A-Z'’.-]+(?:[ ,]+[A-Z][\w'’.-]*){0,5}(?:,? (?:[A-Za-z]{3,9}\.? \d{1,2}|\d{1,2} [A-Za-z]{3,9}\.?))?(?:,? \d{4})?"
    r"(?: ?\([\w /.-]{2,30}\))?"
    rf"|[^\n.!?()—–]{{0,60}}\((?i:{_AGENCIES})\)"
    r") ?(?:[—–]|-{1,2}(?= ))\s*"
)
_FURNITURE = re.compile(
    r"[\W_]{0,6}(?:"
    # links
    r"(?:click|tap) (?:here|on|the link|to)\b"
    r"|(?:read|see|learn|find out|discover) (?:more|also|next|the full|our full|this next)\b|(?:also (?:read|see)|see also)\b"
    r"|(?:more|related)(?: (?:news|stories|articles|coverage|on this(?: story)?|from \w{1,20}))?\s?:"
    r"|(?:watch|listen|video|photos?|images?|pictures?|gallery|recommended|related|topics|tags|filed under"
    r"|trending|most read|most popular|must read|comments?)\s?[:|]"
    r"|(?:you (?:may|might) also|don.?t miss|up next|continue reading|keep reading|read on|scroll down|skip to)\b"
    r"|for more (?:information|news|stories|on this)\b|\d{1,3} ?min(?:ute)?s? read\b"
    r"|this is a (?:developing|breaking)\b|check back (?:later|soon|for)\b|more (?:soon|to (?:come|follow))\W{0,3}$"
    r"|\((?:updates?|adds?|recasts?|rewrites|repeats|changes|removes|writes)\b[^()]{0,120}\)"  # agencies' notes to desks
    # newsletters, accounts, buttons
    r"|(?:sign up|subscribe|log ?in|advertisement|advertise with us|donate|leave a comment|copy link)\b"
    r"|register\b.{0,30}\b(?:free|newsletter|account)|(?:get|have|want|receive) .{0,60}\b(?:newsletter|your inbox|alerts)\b"
    r"|our .{0,30}\b(?:newsletter|app)\b|(?:download|get|try|install) the .{0,30}\bapp\b"
    r"|(?:follow|like|find|join|contact|e-?mail|write to) us\b|(?:follow|contact|e-?mail) (?:me|him|her|the "
    r"(?:author|writer))\b"
    r"|follow .{0,60}\bon (?:twitter|x|facebook|instagram|threads|bluesky|linkedin|youtube|mastodon|tiktok|telegram|whatsapp)\b"
    r"|join (?:the (?:conversation|discussion|debate)|our)\b|(?:share|print|save) this\b|share (?:on|via)\b"
    r"|support (?:our|(?:independent|local|quality) (?:journalism|news|reporting))\b|(?:story|article) continues\b"
    r"|this article continues\b|(?:sponsored|promoted)(?: content)?\W{0,3}$"
    r"|by (?:using|continuing|clicking|signing)\b.{0,60}\byou (?:agree|accept|consent)\b|we use cookies\b|we and our partners\b"
    r"|accept (?:all )?cookies\b|terms of (?:use|service)\b|privacy policy\b"
    r"|comments (?:are|have been) (?:now )?(?:closed|disabled|turned off)\b|have you been affected\b|let us know\b"
    r"|(?:do you have|have you got|got) (?:a |any |more )?(?:story|stories|tips?|news|information)\b|send (?:us|your)\b"
    r"|e-?mail:? \S{1,60}@"
    # who publishes, and when
    r"|(?:this|the) (?:story|article|post|piece|report|version)\b.{0,40}\b(?:originally|first|previously) "
    r"(?:appeared|published|ran)\b"
    r"|(?:originally|first) (?:published|appeared)\b.{0,60}$|republished (?:with|from|under)\b|all rights reserved|©|copyright\b"
    r"|this material may not be (?:published|reproduced)\b"
    r"|this (?:story|article|post|piece|report)\b.{0,20}\b(?:has been|was|is being) (?:"
    r"updated(?: (?:at|on) .{0,40})?\W{0,3}$|edited for (?:style|length|clarity)"
    r"|(?:published|republished|reproduced|syndicated|produced|provided|translated) (?:by|from|with|in|under)\b)"
    r"|(?:last )?(?:updated|published|posted|modified)\b[\w:, ()+/-]{0,60}(?:[ap]\.m\.)?[\w ,()]{0,20}$"
    # who wrote
    r"|(?:reporting|writing|editing|compiled|edited|written) by\b|additional reporting\b"
    rf"|(?:{_AGENCIES}|(?:staff|agencies|staff and agencies|wire (?:reports|services)|from (?:wire|staff) reports?)"
    r"|with (?:files|reporting|agencies|inputs?)\b.{0,60})\W{0,4}$"
    r"|[\w.'’ -]{3,60}(?:,| is) (?:an? )?(?:[\w-]{1,20} ){0,4}(?:reporter|correspondent|staff "
    r"writer|columnist|journalist|contributor)"
    r"(?: (?:for|at|with|in|based|covering) .{0,60})?\W{0,3}$"
    r"|[\w.'’ -]{3,60} (?:reports|reporting|writes) from [\w ,'’-]{2,40}\W{0,3}$"
    r"|[\w.,'’ -]{3,120} contributed (?:reporting|research|to (?:this|the) (?:report|reporting|story|article))\b"
    r"|[\w.'’ -]{3,60} can be (?:reached|contacted|followed) (?:at|on|via|by) .{0,60}(?:@|twitter|e-?mail)"
    r")",
    re.IGNORECASE,
)
_BYLINE = re.compile(r"[\W_]{0,4}(?:by|from|words|story|text)\b:? [^\n.!?;]{2,80}$", re.IGNORECASE)
_ENDED = re.compile(r"[.!?:;…\"'’”»)\]]\s*$")
_FEW = 3
"""Words of a line that does not end like a sentence and has no number: a button or a heading, not news."""


class Sentence(NamedTuple):
    """A sentence: its words, ``first`` to ``last`` (half open), and where it stands in the text, ``start`` to ``end``."""

    first: int
    last: int
    start: int
    end: int
    furniture: bool


class Page:
    """One cleaned text.

    Attributes:
        text: as it was given. hashes: a 64-bit hash of each word. starts, ends: where each word stands in the text.
        sentences: in order, those without words left out.
    """

    def __init__(self, text: str, words: Words | None = None) -> None:
        self.text = text
        self._words = read_words(text) if words is None else words
        self.hashes: UInt64s = word_hashes(self._words)
        self.starts: Places = self._words.at[self._words.starts]
        self.ends: Places = self._words.at[self._words.ends - 1] + 1 if len(self._words.ends) else self.starts
        self.sentences = self._cut()
        self._folded: list[str] | None = None
        self._capitals: list[bool] | None = None
        self._names: frozenset[str] | None = None

    def __len__(self) -> int:
        """How many words it has."""
        return len(self.hashes)

    @property
    def folded(self) -> list[str]:
        """The words, folded."""
        if self._folded is None:
            joined = self._words.codes.tobytes().decode("utf-32-le", "surrogatepass")
            self._folded = [word for word in joined.split("\0") if word]
        return self._folded

    @property
    def capitals(self) -> list[bool]:
        """Of each word whether it begins with a capital."""
        if self._capitals is None:
            self._capitals = [self.text[start].isupper() for start in self.starts.tolist()]
        return self._capitals

    @property
    def names(self) -> frozenset[str]:
        """The words, folded, that stand somewhere with a capital that is not a sentence's."""
        if self._names is None:
            firsts = {one.first for one in self.sentences}
            capitals = enumerate(zip(self.folded, self.capitals, strict=True))
            self._names = frozenset(word for at, (word, capital) in capitals if capital and at not in firsts)
        return self._names

    def sentence_hashes(self) -> UInt32s:
        """A hash of each sentence, in order."""
        firsts = np.array([one.first for one in self.sentences], np.intp)
        lasts = np.array([one.last for one in self.sentences], np.intp)
        return run_hashes(self.hashes, firsts, lasts)

    def _cut(self) -> list[Sentence]:
        text = self.text
        lines = [match.span() for match in re.finditer(r"[^\n]+", text)] if len(self.starts) else []
        spans: list[tuple[int, int, bool]] = []  # start, end, and whether the line is furniture
        for number, (start, end) in enumerate(lines):
            edge = number < _TOP or number >= len(lines) - _TOP
            furniture = end - start <= _MAX_LINE and self._is_furniture(start, end, edge)
            if number < _TOP and not furniture:
                dateline = _DATELINE.match(text, start, min(end, start + _MAX_DATELINE))
                start = dateline.end() if dateline else start
            spans += [(*span, furniture) for span in _cut_line(text, start, end)]
        firsts = self.starts.searchsorted([start for start, _, _ in spans]).tolist()
        lasts = self.starts.searchsorted([end for _, end, _ in spans]).tolist()
        return [
            Sentence(first, last, start, end, furniture or self._is_furniture(start, end, False))
            for first, last, (start, end, furniture) in zip(firsts, lasts, spans, strict=True)
            if first < last
        ]

    def _is_furniture(self, start: int, end: int, edge: bool) -> bool:
        text = self.text
        if _FURNITURE.match(text, start, min(end, start + _MAX_LINE)):
            return True
        if end - start > _MAX_LINE or _ENDED.search(text, max(start, end - 4), end):
            return False
        if edge and _BYLINE.match(text, start, end):
            return True
        words = text[start:end].split()
        return len(words) <= _FEW and not any(map(str.isdigit, text[start:end]))


def _cut_line(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The sentences of one line, without white space around them."""
    spans, at = [], start
    for match in _BREAK.finditer(text, start, end):
        stop = match.end()
        following = text[stop : stop + 1]
        if text[match.start()] == "." and (
            _ABBREVIATED.search(text, max(0, match.start() - 12), match.start()) or following.islower()
        ):
            continue
        spans.append((at, match.end() - 1))
        at = stop
    spans.append((at, end))
    trimmed = [(first, len(text[first:last].rstrip()) + first) for first, last in spans]
    return [(first, last) for first, last in trimmed if first < last]
