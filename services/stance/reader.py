"""Readers: a passage with a marked target in, the probabilities of its stance out.

``Reader`` is what all of them are, ``LexiconReader`` the one without a model (the other is in ``trained``). Decides how the
cues in a passage add up to probabilities. Which passages there are and whose words they hold is for ``candidates``.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple, Protocol

from schemas.event import Probabilities
from services.stance.judging import Judgement, find_judgements
from services.stance.lexicon import lexicon
from services.stance.page import Mark, Page, Range, make_page

Voice = Literal["speech", "call", "act", "author", "text"]
"""Whose words the scope of a passage is: ``speech``, the holder's own; ``call``, what the holder called the target; ``act``, the
article's about what the holder did or thinks; ``author``, the article's own judgement; ``text``, any of them: the tone of the
passage as a whole."""


class Passage(NamedTuple):
    """What a reader reads. Offsets count code points of ``text``, half open.

    ``target`` is where the target is named; ``scope`` the stretch that may speak of the holder's stance; ``others`` where
    else somebody or something is named, the target itself included. ``issue`` is the name of the issue that the target is,
    empty where it is none; an issue may be judged where nothing names it, and ``target`` is then the empty range (0, 0).
    """

    text: str
    target: tuple[int, int]
    scope: tuple[int, int]
    voice: Voice
    others: tuple[tuple[int, int], ...] = ()
    issue: str = ""


class Reader(Protocol):
    """Reads stances: one answer for each passage, in order; None where it finds no evidence. A call has the passages of one
    field of one document, and its answers depend on nothing else."""

    @property
    def name(self) -> str:
        """Name and version of the method, for ``processing.models``."""
        ...

    def __call__(self, passages: Sequence[Passage]) -> list[Probabilities | None]:
        """Read the passages."""
        ...

    def read(self, documents: Sequence[Sequence[Passage]]) -> list[list[Probabilities | None]]:
        """Read the passages of each document, as a call for each would."""
        return [self(passages) for passages in documents]


TONE = 0.25
"""Vote of a cue that only colours the text around a target; it counts for the tone of a text, never for a stance."""
NEARBY = 0.5
"""Vote of a cue that stands near the target without a tie of grammar: it is right half as often beyond chance."""
NEAR = 8
"""Tokens within which a judging word without a noun phrase of its own reaches a name in its clause."""
_BREAKS = frozenset({"but", "while", "because", "and"})
_JOINS = frozenset({"the", "their", "his", "her", "its", "and", "or", "&", ",", "both", "nor", "as", "well"})


class LexiconReader(Reader):
    """Reads stances by the words of ``lexicon.txt``: a floor, without a model.

    Each cue in the scope that reaches the target votes for its polarity: 1 where grammar ties it to the target (see ``judging``),
    a half where it only stands near. The votes make the probabilities that were measured for their number.
    """

    name = "lexicon-1"

    def __call__(self, passages: Sequence[Passage]) -> list[Probabilities | None]:
        """Read the passages; a text that several passages share with the same names is cut into words once."""
        known: dict[tuple[str, tuple[tuple[int, int], ...]], _Text] = {}
        answers: list[Probabilities | None] = []
        for passage in passages:
            if not _may_judge(passage):
                answers.append(None)
                continue
            spans = tuple(sorted({passage.target, *passage.others}))
            text = known.get((passage.text, spans))
            if text is None:
                text = known[passage.text, spans] = _read(passage.text, spans)
            answers.append(_probabilities(*_votes(passage, text)))
        return answers


@dataclass(frozen=True, slots=True)
class _Text:
    """A passage's text, cut into words: its page, the tokens of each name by its span, and what judges in it."""

    page: Page
    names: dict[tuple[int, int], Range]
    judgements: list[Judgement]


_WORD = re.compile(r"[a-z]+(?:['’-][a-z]+)*")


@cache
def _openers(voice: Voice) -> frozenset[str]:
    """First words of the entries that can show this voice's stance."""
    entries_of = lexicon().items()
    return frozenset(first for first, entries in entries_of if any(voice != "author" or e.verdict for e in entries))


def _may_judge(passage: Passage) -> bool:
    """Whether the scope has a word that opens an entry at all. Most have none, and cutting a sentence into tokens is dear."""
    scope = passage.text[passage.scope[0] : passage.scope[1]].lower()
    return not _openers(passage.voice).isdisjoint(_WORD.findall(scope))


def _read(text: str, spans: Sequence[tuple[int, int]]) -> _Text:
    page = make_page(text, [(0, len(text))], [Mark(start, end, "", "") for start, end in spans])
    names: dict[tuple[int, int], Range] = {}
    for token, number in enumerate(page.marks_of):
        if number >= 0:
            mark = page.marks[number]
            first, _ = names.get((mark.start, mark.end), (token, token))
            names[mark.start, mark.end] = (first, token + 1)
    return _Text(page, names, find_judgements(page))


def _votes(passage: Passage, text: _Text) -> tuple[float, float, float]:
    """The votes for favour, against and neutral."""
    favor = against = neutral = 0.0
    target = text.names.get(passage.target)
    for judgement in text.judgements if target is not None else ():
        start, end = text.page.span(*judgement.cue)
        if start < passage.scope[0] or end > passage.scope[1] or not _heard(judgement, passage.voice):
            continue
        vote = _vote(passage.voice, text.page, judgement, target or (0, 0))
        if judgement.polarity > 0:
            favor += vote
        elif judgement.polarity < 0:
            against += vote
        else:
            neutral += vote
    return favor, against, neutral


def _heard(judgement: Judgement, voice: Voice) -> bool:
    """Whether a cue of this kind shows the stance of this voice.

    A denied attack is no favour: "did not criticise B" shows nothing, but "I do not blame B" does.
    """
    if judgement.negated and judgement.polarity > 0 and judgement.slot != "quality" and not judgement.own:
        return False
    if voice == "text":
        return True
    if judgement.slot in {"lot", "tone"}:
        return False
    if voice == "call":
        return judgement.slot == "quality"
    if voice == "act":
        return judgement.slot in {"act", "relation", "noun"}
    if voice == "author":
        return judgement.slot == "quality" and judgement.verdict and not judgement.negated
    return judgement.own or judgement.slot in {"quality", "deed"}


def _vote(voice: Voice, page: Page, judgement: Judgement, target: Range) -> float:
    """How much a cue says of the target: 1 by grammar, ``NEARBY`` by nearness, ``TONE`` where it only colours its text."""
    if voice == "call":
        return 1.0 if judgement.cue[0] >= target[1] else 0.0
    reached = [begin for begin, end in judgement.reach if begin < target[1] and target[0] < end]
    if reached:
        return 1.0 if any(_is_meant(page, begin, target[0]) for begin in reached) else 0.0
    near = (
        judgement.slot == "quality"
        and voice != "author"
        and _is_near(page, judgement.cue, target, strict=voice != "text")
    )
    if voice == "text":
        return 0.0 if judgement.negated else NEARBY if near else TONE
    return NEARBY if near else 0.0


def _is_meant(page: Page, begin: int, target: int) -> bool:
    """Whether the name at ``target`` is the first one behind ``begin``, or joined to it by "and"."""
    names = [i for i in range(begin, target) if page.marks_of[i] >= 0]
    return not names or all(page.marks_of[i] >= 0 or page.lows[i] in _JOINS for i in range(names[0], target))


def _is_near(page: Page, cue: Range, target: Range, *, strict: bool) -> bool:
    """Whether the target is within ``NEAR`` tokens of the cue in its clause, and no other name is nearer (a tie goes left).

    ``strict`` also asks for a cue without a noun of its own ("an incompetent senator" judges the senator) and no verb between.
    """
    behind = target[0] >= cue[1]
    gap = range(cue[1], target[0]) if behind else range(target[1], cue[0])
    if len(gap) > NEAR or any(page.kinds[i] in ".-," or page.lows[i] in _BREAKS or page.marks_of[i] >= 0 for i in gap):
        return False
    own_noun = cue[1] < len(page.kinds) and page.kinds[cue[1]] in "WM" and page.marks_of[cue[1]] < 0
    if strict and (own_noun or any(page.kinds[i] == "V" for i in gap)):
        return False
    if behind and gap and page.lows[gap[0]] in {"to", "for"}:
        return False  # "a disgrace to B" harms B, it does not judge it.
    if _is_placed(page, target[0]):
        return False
    size = len(gap)
    rivals = range(max(0, cue[0] - size - 1), cue[0]) if behind else range(cue[1], min(len(page.lows), cue[1] + size))
    return not any(page.marks_of[i] >= 0 for i in rivals)


def _is_placed(page: Page, target: int) -> bool:
    """Whether a name only says where or with whom: "the scandal in B" is about the scandal."""
    before = target - 1
    while before >= 0 and page.kinds[before] in "DW":
        before -= 1
    return before >= 0 and page.kinds[before] == "I" and page.lows[before] not in {"of", "by", "about", "like"}


_STRENGTHS = (0.05, 0.5, 1.0, 2.0)
"""Lower ends of the classes of net votes: a colouring word, one near cue, one cue by grammar, two or more."""
_AGAINST = ((0.10, 0.50, 0.40), (0.10, 0.63, 0.27), (0.03, 0.81, 0.16), (0.04, 0.86, 0.10))
_FAVOR = ((0.45, 0.20, 0.35), (0.60, 0.24, 0.16), (0.72, 0.16, 0.12), (0.79, 0.13, 0.08))
"""Shares of favour, against and neutral among the targets with net votes of each class, measured on NewsMTSC's development
sets (785 targets, whole sentences, voice ``text``): 124, 70, 32 and 11 targets against, 83, 25, 14 and 2 for. The classes with
under 20 targets there have the training part's shares (160, 258 and 51 targets), less the seven points by which the others are
lower in the development sets on average."""
_NEUTRAL = (0.15, 0.15, 0.70)
"""For words that say neutrality outright. NewsMTSC has too few to measure: it is as sure as a cue near by."""


def _probabilities(favor: float, against: float, neutral: float) -> Probabilities | None:
    """The answer for these votes; cues that cancel out are no finding."""
    net = favor - against
    strength = bisect_right(_STRENGTHS, abs(net)) - 1
    if neutral > 0 and abs(net) <= neutral:
        shares = _NEUTRAL
    elif strength < 0:
        return None
    else:
        shares = (_FAVOR if net > 0 else _AGAINST)[strength]
    return Probabilities(favor=shares[0], against=shares[1], neutral=shares[2])
