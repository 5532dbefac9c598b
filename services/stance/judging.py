"""Which words of a page judge, what they judge, and which way after negation: one ``Judgement`` for each cue.

Decides what stands in a sentence, by the entries of ``lexicon.txt`` and the word order around them. Whose judgement it is
and of which entity is for ``candidates`` and ``reader``.

How a cue reaches its target, by its slot (see ``lexicon.txt``):

* act, relation, noun: the noun phrase behind it, up to the end of its clause (in the passive the one before it). Of the
  names in it the first counts, and those joined to it by "and", "or" or commas.
* quality: the subject where it stands behind a form of "be"; the subject of the clause behind it where "that" or "for" follows
  ("it is outrageous that B did"); the rest of its noun phrase, its possessor and what "of", "by" or "from" joins to it.
  Without any of these, it reaches whatever name is nearest in its clause: see ``reader``.
* deed: its subject. lot: its object, or its subject in the passive. tone: nothing.

Negation is a negative word, or a verb of refusing, in the verb's group or within three words before the cue in its clause.
A verb of ending before a cue ("stop the attacks on B") turns it round too. Two acts that are joined by "neither" and "nor" are
neutral. A judgement in a question or behind "if" is none.
"""

from typing import NamedTuple

from services.stance.grammar import (
    NOMINAL,
    apposed_subject,
    is_noun_use,
    phrase_after,
    phrase_before,
    verb_group_start,
)
from services.stance.kinds import ACT, JUDGES
from services.stance.lexicon import ACTS, Entry, Slot, lexicon
from services.stance.page import Page, Range
from services.stance.words import BE, INNER_PREPOSITIONS, NEGATIONS, SELF_PRONOUNS
from services.text.words import word_set

MAX_OBJECT = 14
"""Tokens behind a cue in which its object is looked for: a longer noun phrase has its names in front."""
NEGATION_WINDOW = 3
"""Words before a cue in which a negation counts, as in NegEx-like rules, here cut at the clause."""
REFUSALS = word_set(
    "refuse refuses refused refusing decline declines declined declining fail fails failed failing unwilling reluctant "
    "neglected neglects stopped"
)
ENDINGS = word_set(
    "stop stops stopped stopping end ends ended ending halt halts halted cease ceases prevent prevents prevented combat "
    "fight fights fighting fought against oppose opposes opposed condemn condemns condemned denounce denounces denounced "
    "reject rejects rejected counter resist resisted resists dismiss dismissed dispute disputed deny denies denied "
    "rebut rebutted refute refuted abandon abandoned without lack lacks lacked drop dropped withdraw withdrew withdrawn "
    "rescind rescinded lose lost loses losing weaken"
)
"""Verbs that turn a following cue round: stop the attacks on, withdrew his support for."""
HARMS = word_set(
    "impeachment resignation removal ouster ousting defeat indictment arrest prosecution conviction imprisonment dismissal firing "
    "expulsion execution assassination killing murder punishment demise downfall overthrow detention deportation censure"
)
"""What somebody suffers: who supports it is against them, who condemns it is for them."""
HEDGES = frozenset({"could", "might", "may", "if", "unless", "whether"})
DUTIES = frozenset({"should", "must", "shall", "can", "ca", "would"})
"""Modals that say what another ought to do or could do, which is no stance of theirs: only the speaker's own count with them."""
CLAUSE = 25
"""Tokens back from a cue in which an opening "if" is looked for."""


class Judgement(NamedTuple):
    """One cue: ``cue`` is its token range, ``polarity`` 1, -1 or (for a cue that says so) 0, negation taken in.

    ``reach`` are the token ranges of what it is about; empty where only nearness can tell. ``own`` tells that its subject is
    "I" or "we". ``verdict`` marks words that only an opinion is written with. ``negated`` is true where ``polarity`` was
    turned round.
    """

    cue: Range
    polarity: int
    slot: Slot
    reach: tuple[Range, ...]
    own: bool = False
    verdict: bool = False
    negated: bool = False


def find_judgements(page: Page, *, acts: bool = False) -> list[Judgement]:
    """The judgements of a page, in order of their cues; with ``acts`` hardly more than those of the slots ``ACTS``."""
    table = lexicon()
    found: list[Judgement] = []
    sentences = iter(page.sentences)
    first = last = 0
    for at in page.having(ACT if acts else JUDGES):
        while at >= last:
            first, last = next(sentences)
        if page.marks_of[at] >= 0 or (page.kinds[at] == "M" and at > first):
            continue
        taken: set[Slot] = set()
        for entry in table[page.lows[at]]:
            if entry.slot in taken or (acts and entry.slot not in ACTS and not entry.rest):
                continue
            if entry.rest and not _goes_on(page, at + 1, entry.rest):
                continue
            judgement = _judge(page, at, first, last, entry)
            if judgement is None:
                continue
            taken.add(entry.slot)
            questioned = "?" in page.words[max(first, last - 2) : last] or _supposed(page, at, first)
            if entry.slot in {"lot", "tone"} or not questioned:
                found.append(judgement)
            if entry.rest or entry.slot in {"relation", "noun"}:
                break
    return found


def _goes_on(page: Page, at: int, rest: tuple[str, ...]) -> bool:
    """Whether these words stand from a token on."""
    return at < len(page.lows) and page.lows[at] == rest[0] and tuple(page.lows[at : at + len(rest)]) == rest


def _supposed(page: Page, at: int, first: int) -> bool:
    """Whether "if" or its like opens the clause of a cue."""
    for i in range(at - 1, max(first, at - CLAUSE) - 1, -1):
        if page.words[i] in ",;:":
            return False
        if page.lows[i] in {"if", "unless", "whether"}:
            return True
    return False


def _judge(page: Page, at: int, first: int, last: int, entry: Entry) -> Judgement | None:
    after = at + 1 + len(entry.rest)
    if after > last:
        return None
    if entry.slot == "tone":
        polarity, negated = _turned(page, at, first, entry.slot, entry.polarity)
        return Judgement((at, after), polarity, "tone", (), negated=negated)
    if entry.slot == "quality":
        return _quality(page, at, first, last, entry)
    if entry.slot in {"relation", "noun"}:
        reach = _object(page, after, last)
        polarity, negated = _turned(page, at, first, entry.slot, entry.polarity * _harm(page, reach))
        own = bool(SELF_PRONOUNS & set(page.lows[max(first, at - 6) : at]))
        return Judgement((at, after), polarity, entry.slot, reach, own, negated=negated) if reach else None
    return _verb(page, at, after, first, last, entry)


def _verb(page: Page, at: int, after: int, first: int, last: int, entry: Entry) -> Judgement | None:
    start = verb_group_start(page, at, first)
    infinitive = at > first and page.lows[at - 1] == "to"
    if not infinitive and is_noun_use(page, at, start, first, entry.form):
        return None
    group = page.lows[start:at]
    if any(low in HEDGES for low in group) or (start > first and page.lows[start - 1] in HEDGES):
        return None
    passive = entry.form == "past" and any(low in BE for low in group)
    subject = (phrase_before(page, start, first), start)
    if subject[0] > first and page.lows[subject[0] - 1] in HEDGES:
        return None
    reach: tuple[Range, ...]
    if entry.slot == "deed":
        if passive or infinitive:
            return None
        reach = (_head_part(page, subject),) if subject[0] < subject[1] else ()
    elif passive:
        reach = (subject,) if subject[0] < subject[1] else ()
    else:
        reach = _object(page, after, last)
        if reach and page.lows[at].startswith("blam") and page.lows[reach[0][1] : reach[0][1] + 1] == ["on"]:
            reach = _object(page, reach[0][1] + 1, last)  # "blamed the loss on B"
    if not reach:
        return None
    own_way = entry.polarity * (_harm(page, reach) if entry.slot == "act" else 1)
    polarity, negated = _turned(page, start if start < at else at, first, entry.slot, own_way)
    if any(low in NEGATIONS or low in REFUSALS for low in group):
        polarity, negated = -own_way, True
    own = subject[0] < subject[1] and page.lows[subject[0]] in SELF_PRONOUNS
    own = own or ((infinitive or entry.form == "ing") and bool(SELF_PRONOUNS & set(page.lows[max(first, at - 8) : at])))
    if "nor" in group and "neither" in page.lows[max(first, start - 8) : start]:
        polarity, negated = 0, False  # "neither endorsed nor opposed B"
    if not own and any(low in DUTIES for low in group) and (entry.slot == "deed" or "would" not in group):
        return None
    return Judgement((at, after), polarity, entry.slot, reach, own, negated=negated)


def _head_part(page: Page, phrase: Range) -> Range:
    """A noun phrase without its possessor: whoever did something is not whoever owns the doer."""
    for at in range(phrase[1] - 1, phrase[0], -1):
        if page.kinds[at] == "P":
            return at + 1, phrase[1]
    return phrase


def _object(page: Page, after: int, last: int) -> tuple[Range, ...]:
    """The noun phrase behind a cue, with those joined to it; empty where there is none."""
    at = after
    while at < last and (
        page.kinds[at] == "R" or page.lows[at] in {"both", "all"} or (page.kinds[at] == '"' and at == after)
    ):
        at += 1
    end = at
    bound = min(last, after + MAX_OBJECT)
    while end < bound:
        kind, low = page.kinds[end], page.lows[end]
        if kind in "DMW#PS" or low in {"of", "by", "from", "him", "them", "me", "us", "it", "her"}:
            if kind == "S" and end > at:
                break
        elif kind == '"' or (kind == "V" and low.endswith(("ed", "ing")) and end > at and page.kinds[end - 1] in "DP"):
            pass
        elif low in {"and", "or", "&", ","} and end > at and end + 1 < bound and page.kinds[end + 1] in "MD":
            behind = phrase_after(page, end + 1, last)
            if behind < last and page.kinds[behind] in "AVN":
                break  # "opposed A, and B did": B begins a clause of its own.
        elif (
            low == ","
            and end + 1 < bound
            and page.kinds[end + 1] == "C"
            and end + 2 < bound
            and page.kinds[end + 2] == "M"
        ):
            pass
        else:
            break
        end += 1
    return ((at, end),) if end > at else ()


_OUTSIDE = frozenset({"for", "in", "at", "on", "with", "from", "and", "or"})
"""Words behind which a noun phrase speaks of something else: "a disgraceful night in B"."""


def _harm(page: Page, reach: tuple[Range, ...]) -> int:
    """-1 where the object is a harm to whoever is named in it (B's impeachment, the arrest of B), else 1."""
    return -1 if any(page.lows[i] in HARMS for begin, end in reach for i in range(begin, end)) else 1


def _quality(page: Page, at: int, first: int, last: int, entry: Entry) -> Judgement:
    subject = _subject_of_be(page, at, first)
    reach = [subject] if subject is not None else []
    if at + 1 < last and page.lows[at + 1] in _THAT and (subject is None or page.lows[subject[0]] == "it"):
        end = phrase_after(page, at + 2, last)
        if end > at + 2:
            reach.append((at + 2, end))
    phrase = _own_phrase(page, at, first, last)
    if phrase != (at, at + 1):
        reach.append(phrase)
    polarity, negated = _turned(page, at, first, entry.slot, entry.polarity)
    return Judgement((at, at + 1), polarity, "quality", tuple(reach), verdict=entry.verdict, negated=negated)


_THAT = frozenset({"that", "for", "how", "when", "if", "what"})
"""What follows a judgement of what somebody does: it is outrageous that B did, a disgrace for B to do."""


def _own_phrase(page: Page, at: int, first: int, last: int) -> Range:
    """The noun phrase around a judging word with its possessor, and what "of", "by" and "from" join to it."""
    begin = phrase_before(page, at, first) if at > first and page.kinds[at - 1] in NOMINAL | {"D"} else at
    inner = [i for i in range(begin, at) if page.lows[i] in INNER_PREPOSITIONS and page.marks_of[i] < 0]
    begin = inner[-1] + 1 if inner else begin
    end = max(_until_outside(page, at, phrase_after(page, at, last)), at + 1)
    # A quotation may end between the word and its owner: the "latest threat" from B.
    behind = end + 1 if end + 1 < last and page.kinds[end] == '"' else end
    while behind < last and page.lows[behind] in {"by", "from", "of"} and behind - at < MAX_OBJECT:
        more = _until_outside(page, behind, phrase_after(page, behind + 1, last))
        if more <= behind + 1:
            break
        end = behind = more
    return begin, end


def _until_outside(page: Page, at: int, end: int) -> int:
    """``end``, or the first word behind ``at`` where the phrase turns to something else."""
    return next((i for i in range(at + 1, end) if page.lows[i] in _OUTSIDE and page.marks_of[i] < 0), end)


def _subject_of_be(page: Page, at: int, first: int) -> Range | None:
    """The subject where a form of "be" (or "called", "seemed") stands before the word and only its modifiers between."""
    verb = at - 1
    while verb >= first and verb > at - 8:
        low = page.lows[verb]
        if low in BE or low in {
            "seems",
            "seemed",
            "looks",
            "looked",
            "became",
            "becomes",
            "remains",
            "remained",
            "sounds",
        }:
            break
        if page.kinds[verb] not in 'RNDW#"' and low not in {"and", "a", "an", "as"}:
            return None
        verb -= 1
    else:
        return None
    if verb < first:
        return None
    start = verb_group_start(page, verb, first)
    begin = phrase_before(page, start, first)
    if begin == start and start > first and page.kinds[start - 1] == ",":
        return apposed_subject(page, start - 1, first)
    if begin == start and start > first and page.lows[start - 1] in {"it", "that", "this"}:
        begin = start - 1
    if begin == start or (begin > first and (page.kinds[begin - 1] == "I" or page.lows[begin - 1].endswith("ing"))):
        return None  # "whoever opposes B is right": B is not the subject.
    return begin, start


def _turned(page: Page, at: int, first: int, slot: Slot, polarity: int) -> tuple[int, bool]:
    """The polarity after what stands before the cue in its clause, and whether it was turned round."""
    flips = 0
    seen = 0
    for i in range(at - 1, max(first, at - 8) - 1, -1):
        low = page.lows[i]
        if page.kinds[i] in ",.-" or low in {"but", "because", "who", "which", "while"}:
            break
        if low in NEGATIONS and seen < NEGATION_WINDOW:
            if page.lows[i + 1 : i + 2] != ["only"]:
                flips += 1
        elif (low in ENDINGS and seen < NEGATION_WINDOW and slot != "quality" and (polarity < 0 or low in _LOSSES)) or (
            low in REFUSALS and seen < NEGATION_WINDOW and i + 1 < at and page.lows[i + 1] in {"to", "in"}
        ):
            flips += 1
        if page.kinds[i] not in "DAR":
            seen += 1
    return (-polarity, True) if flips % 2 else (polarity, False)


_LOSSES = frozenset(
    {
        "without",
        "lack",
        "lacks",
        "lacked",
        "withdraw",
        "withdrew",
        "withdrawn",
        "rescind",
        "rescinded",
        "drop",
        "dropped",
    }
)
"""Endings that also turn favour round: withdrew his endorsement of."""
