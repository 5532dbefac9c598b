"""Which holder could have a stance toward which target, and in which words: the questions that a reader is asked.

Decides the pairs and their passages, by the structure of the text alone (quotations, mentions, verbs of stance); what the
stance is, or whether there is one, is for the reader.

For each sentence and each name in it that can be a target, and each place where it speaks of an issue of the user's list:

* speech: where the name stands in what a source says or thinks, the source may have a stance, read in that content.
  Words quoted inside of it are the source's too. So is "he" or "she" at the start of a quotation, for the person that it
  safely means.
* act: where the name stands behind (in the passive, before) a verb or noun of stance, whoever did it may have one, read in
  that verb and its object. An act's object without a name ("the announcement") means the target of the act that was told in
  the two sentences before, if one was.
* near: what somebody says, or wants, within ``NEAR_ISSUE`` sentences of a place that names an issue is asked about the issue
  too: who speaks of a thing need not name it again ("These policies make us less safe").
* call: where somebody calls the name something, read in what it is called.
* author: names outside of all that, read in what is left of the sentence if a word there is a verdict. Quoted words, scare quotes
  included, are never the author's.

A holder has no stance toward itself, nor a speaker toward the name that it is called by ("the Smith campaign"). A issue and
an entity may stand in the same place: each is asked about.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Literal, NamedTuple

from services.stance.acts import actor
from services.stance.grammar import phrase_after, phrase_before, verb_group_start
from services.stance.holders import LOOK_BACK, Resolver, Source
from services.stance.judging import Judgement, find_judgements
from services.stance.kinds import PERSON, VERDICT
from services.stance.lexicon import ACTS
from services.stance.page import Page, Range
from services.stance.quotations import Attribution, find_attributions
from services.stance.reader import Passage, Voice
from services.stance.sources import Verb, subject
from services.stance.watched import Place
from services.stance.words import ACT_NOUNS, BE, SPEAKER_NOUNS
from services.text.words import word_set

TARGET_TYPES = frozenset({"PERSON", "ORG", "GPE", "NORP", "LAW", "EVENT", "FAC"})
"""FAC for the White House and its like, which stand for whoever works there."""
MAX_MENTIONS = 40
"""Names of one sentence that are looked at: more stand in lists, and each costs a passage."""
NEGATION_REACH = 8
"""Tokens before a cue that belong to its scope, for the negation in them."""
SPOKEN = frozenset({"speech", "tell", "think", "according", "quote", "continued", "call"})
"""Manners whose content is the source's own view; the others only name what somebody does."""
WANTED = SPOKEN | {"seek"}
"""Manners whose content may take sides for or against an issue: who threatens to cut a thing's money is against it."""
NEAR_ISSUE = 5
"""Sentences around a place that names an issue which may speak of it: two or three short paragraphs."""
LEAST_NEAR = 5
"""Tokens of words that may speak of an issue without its name; fewer say nothing by themselves."""
COLLECTIVES = frozenset(
    {"administration", "campaign", "government", "team", "office", "staff", "house", "ministry", "department"}
)
FOLLOWERS = word_set(
    "ally allies partner partners foe foes fan fans enemy enemies backer backers admirer admirers citizen citizens son daughter "
    "brother sister father mother wife husband nominee nominees appointee appointees loyalist loyalists loyalists tabloid "
    "newspaper newspapers media company companies player players soldier soldiers troops child children hero heroes"
)
"""Beside the nouns of speakers, those of people and bodies that a name in front only describes."""
MATTERS = frozenset(
    {"investigation", "investigations", "probe", "inquiry", "scandal", "hearing", "hearings", "war", "collusion"}
)
"""Nouns for which a name right in front is only what they are about: the Westland investigation."""
LIGHT_VERBS = word_set(
    "express expresses expressed expressing voice voices voiced voicing announce announces announced pledge pledges pledged offer "
    "offers offered give gives gave show shows showed join joined lead leads led launch launches launched mount mounted renew "
    "renewed reiterate reiterated reaffirm reaffirmed make makes made issue issued throw threw has have had maintain maintained "
    "intensify intensified escalate escalated declare declared raise raised take takes took deliver delivered signal signaled"
)
"""Verbs whose subject holds the stance that their noun names: voiced support for, launched an attack on."""
_BECOMING = frozenset(
    {
        "take",
        "takes",
        "took",
        "has",
        "have",
        "had",
        "feels",
        "felt",
        "became",
        "becomes",
        "remains",
        "remained",
        "seemed",
        "seems",
        "grew",
        "appeared",
        "appears",
        "stayed",
    }
)


class Toward(NamedTuple):
    """What a question is about: the entity of the document, or the issue of the user's list, with this id."""

    kind: Literal["entity", "issue"]
    id: str


class Candidate(NamedTuple):
    """A question: what does ``holder`` (None: the article) think of ``target``? ``evidence`` is a clean span."""

    holder: Source | None
    target: Toward
    passage: Passage
    evidence: Range


class _Name(NamedTuple):
    """Something named: the tokens, what is meant, the entity that they name (none where they only are an issue), and an issue's
    name."""

    first: int
    last: int
    target: Toward
    entity: str
    issue: str = ""

    @classmethod
    def of(cls, first: int, last: int, entity: str) -> "_Name":
        """The place where an entity is named, or a pronoun means it."""
        return cls(first, last, Toward("entity", entity), entity)


class _Frame(NamedTuple):
    """An act of stance: who (tokens, or None for the speaker of ``cue``), its verb or noun, and where its object stands."""

    source: Range | None
    cue: Range
    reach: tuple[Range, ...]
    voice: Voice


def find_candidates(
    page: Page, issues: Sequence[Place] = (), attributions: list[Attribution] | None = None
) -> list[Candidate]:
    """The questions of one page, in the order of its sentences. ``issues``: where it names issues, in order, in clean offsets;
    ``attributions``: the page's, where they are known."""
    return _Finder(page, find_attributions(page) if attributions is None else attributions, issues).run()


class _Finder:
    """What the sentences of one page share while their candidates are found."""

    def __init__(self, page: Page, attributions: list[Attribution], issues: Sequence[Place]) -> None:
        self._page = page
        self._issues = issues
        self._attributions = attributions
        self._resolver = Resolver(page, attributions)
        self._voices = _voices(page, attributions, SPOKEN)
        self._wanted = _voices(page, attributions, WANTED) if issues else self._voices
        self._acts = {a.cue[1]: a for a in attributions if a.manner == "act"}
        self._calls = {a.cue[1]: a for a in attributions if a.manner == "call"}
        self._called = sorted(self._calls)
        self._attributed = [a.cue[0] for a in attributions]
        self._judgements = find_judgements(page, acts=True)
        self._cues = [judgement.cue[0] for judgement in self._judgements]
        self._verdicts = page.having(VERDICT)
        self._he = page.having(PERSON)
        self._last_act: tuple[int, str] = (-LOOK_BACK - 1, "")

    def run(self) -> list[Candidate]:
        found: list[Candidate] = []
        issues = [list(self._issues_named(first, last)) for first, last in self._page.sentences]
        for number, (first, last) in enumerate(self._page.sentences):
            names = [*self._names(first, last), *issues[number]]
            found += self._speeches(first, last, names)
            found += self._near(first, last, issues[max(0, number - NEAR_ISSUE) : number + NEAR_ISSUE + 1])
            for frame in self._frames(first, last):
                found += self._act(number, first, last, names, frame)
            found += self._authored(first, last, names)
        return found

    def _names(self, first: int, last: int) -> list[_Name]:
        page = self._page
        names: list[_Name] = []
        for at in range(bisect_right(page.named, first, key=itemgetter(1)), len(page.named)):
            begin, end, number = page.named[at]
            if begin >= last or len(names) == MAX_MENTIONS:
                break
            mark = page.marks[number]
            begin, end = max(begin, first), min(end, last)
            # A name that is only part of its last token ("B-backed", "anti-B") names nobody.
            if mark.type in TARGET_TYPES and page.ends[end - 1] - 1 <= mark.end and not self._describes(end, last):
                names.append(_Name.of(begin, end, mark.entity))
        return names

    def _issues_named(self, first: int, last: int) -> Iterator[_Name]:
        """The issues that a sentence names in whole words of its own, by the same rules as entities."""
        page = self._page
        begin, end = page.span(first, last)
        at = bisect_left(self._issues, begin, key=lambda place: place.start)
        for place in self._issues[at : at + MAX_MENTIONS]:
            if place.end > end:
                break
            one, behind = bisect_left(page.ends, place.start + 1), bisect_left(page.starts, place.end)
            whole = page.starts[one] == place.start and page.ends[behind - 1] - 1 <= place.end
            if whole and not self._is_within(one, behind) and not self._describes(behind, last):
                yield _Name(one, behind, Toward("issue", place.id), self._entity_at(one, behind), place.name)

    def _is_within(self, first: int, last: int) -> bool:
        """Whether a longer name has these tokens in it: the Carbon Tax Center does not speak of a carbon tax."""
        marks = self._page.marks_of
        before = first > 0 and marks[first - 1] == marks[first] and self._page.lows[first - 1] != "the"
        behind = last < len(marks) and marks[last] == marks[last - 1]
        return (marks[first] >= 0 and before) or (marks[last - 1] >= 0 and behind)

    def _entity_at(self, first: int, last: int) -> str:
        """The entity that all of these tokens name, or nothing: in "the Smith tax" they name none."""
        marks = set(self._page.marks_of[first:last])
        return self._page.marks[marks.pop()].entity if len(marks) == 1 and -1 not in marks else ""

    def _describes(self, after: int, last: int) -> bool:
        """Whether a name only says what kind of person follows: "Brandt supporters", "a British critic", "Brandt's rivals"."""
        for at in range(after, min(last, after + 3)):
            low = self._page.lows[at]
            if low in COLLECTIVES:
                return False
            if low in SPEAKER_NOUNS or low in FOLLOWERS:
                return True
            if at == after and low in MATTERS:
                return True
            if self._page.kinds[at] not in "WPVM":
                return False
        return False

    def _speeches(self, first: int, last: int, names: list[_Name]) -> Iterator[Candidate]:
        """Names in what somebody says or thinks."""
        spoken = [name for name in names if self._voices[name.first] >= 0]
        for name in [*spoken, *self._pronouns(first, last)]:
            attribution = self._attributions[self._voices[name.first]]
            if attribution.manner == "call" and self._page.quote_of[name.first] < 0:
                continue
            for holder in self._resolver(attribution.source):
                if not (
                    self._is_self(holder, attribution.source, name.entity)
                    or self._is_called(attribution.source, self._page.lows[name.last - 1])
                ):
                    yield self._ask(holder, name, self._stretch(name.first, first, last), "speech", first, last, names)

    def _near(self, first: int, last: int, around: Sequence[Sequence[_Name]]) -> Iterator[Candidate]:
        """What is said or wanted in a sentence is asked about the issues named ``around`` it, itself included.

        What is said is read by itself; what somebody wants is told by the article, and read with its verb: "threatened to".
        """
        issues: dict[Toward, _Name] = {}
        for name in (name for names in around for name in names):
            if name.target not in issues or first <= name.first < last:
                issues[name.target] = name
        for index, begin, end in self._stretches(first, last) if issues else ():
            attribution = self._attributions[index]
            source, cue = attribution.source, attribution.cue
            scope = (begin, end) if attribution.manner in SPOKEN else (max(first, min(cue[0], begin)), end)
            asked = [
                name
                for name in issues.values()
                if not (first <= name.first < last) or (begin <= name.first < end and self._voices[name.first] < 0)
            ]
            for holder in self._resolver(source) if asked else ():
                for name in asked:
                    if not self._is_self(holder, source, name.entity):
                        candidate = self._ask(holder, name, scope, "speech", first, last, [])
                        yield candidate if begin <= name.first < end else _unnamed(candidate)

    def _stretches(self, first: int, last: int) -> Iterator[tuple[int, int, int]]:
        """What is said or wanted in a sentence: the attribution that it belongs to, first token, last + 1."""
        begin = first
        for index, run in groupby(self._wanted[first:last]):
            end = begin + len(list(run))
            if index >= 0 and end - begin >= LEAST_NEAR:
                yield index, begin, end
            begin = end

    def _pronouns(self, first: int, last: int) -> list[_Name]:
        """The persons that "he" and the like mean in direct speech, where that is safe."""
        found: list[_Name] = []
        for at in self._he[bisect_left(self._he, first) : bisect_left(self._he, last)]:
            number = self._page.quote_of[at]
            if self._voices[at] < 0 or number < 0:
                continue
            if at - max(first, self._page.quotes[number].first) > 2:
                continue  # Further in, somebody whom the quotation itself names may be meant.
            excluded = frozenset(s.entity for s in self._resolver(self._attributions[self._voices[at]].source))
            entity = self._resolver.person_meant(at, excluded) if excluded else ""
            if entity and len(found) < MAX_MENTIONS:
                found.append(_Name.of(at, at + 1, entity))
        return found

    def _stretch(self, token: int, first: int, last: int) -> Range:
        """The tokens around one that have its voice, within the sentence."""
        voice = self._voices[token]
        begin, end = token, token + 1
        while begin > first and self._voices[begin - 1] == voice:
            begin -= 1
        while end < last and self._voices[end] == voice:
            end += 1
        return begin, end

    def _frames(self, first: int, last: int) -> Iterator[_Frame]:
        """The acts of stance in a sentence, in order, and those that call something a name."""
        for at in range(bisect_left(self._cues, first), bisect_left(self._cues, last)):
            judgement = self._judgements[at]
            if judgement.slot in ACTS:
                source = None if judgement.own else self._doer(judgement, first)
                if source is not None or judgement.own:
                    yield _Frame(source, judgement.cue, judgement.reach, "act")
        for after in self._called[bisect_right(self._called, first) : bisect_left(self._called, last)]:
            called = self._calls[after]
            if called.contents:
                end = phrase_after(self._page, after, last)
                yield _Frame(called.source, called.cue, ((after, max(end, after + 1)),), "call")

    def _doer(self, judgement: Judgement, first: int) -> Range | None:
        """Whose stance an act, a relation or a noun is: the tokens that name it, or None."""
        at = judgement.cue[0]
        if judgement.slot == "act":
            attribution = self._acts.get(judgement.cue[1])
            return attribution.source if attribution is not None else self._actor(judgement.cue, first)
        if judgement.slot == "noun":
            return self._owner(at, first) or self._by(judgement) or self._subject(at, first, LIGHT_VERBS, 5)
        if at > first and self._page.kinds[at - 1] == ",":
            begin = phrase_before(self._page, at - 1, first)
            return (begin, at - 1) if begin < at - 1 else None
        return self._subject(at, first, BE | _BECOMING, 3)

    def _actor(self, cue: Range, first: int) -> Range | None:
        """Who does an act that is no attribution."""
        begin, end = (bisect_left(self._attributed, token) for token in (first, cue[0]))
        before = (attribution for attribution in self._attributions[begin:end] if attribution.manner != "according")
        return actor(self._page, cue, [a.source for a in before if a.source is not None])

    def _owner(self, at: int, first: int) -> Range | None:
        """``her support for``, ``the mayor's attack on``."""
        page = self._page
        while at > first and page.kinds[at - 1] in "WVR":
            at -= 1
        if at > first and page.lows[at - 1] in {"his", "her", "their"}:
            return at - 1, at
        if at > first and page.kinds[at - 1] == "P":
            begin = phrase_before(page, at - 1, first)
            return (begin, at - 1) if begin < at - 1 else None
        return None

    def _by(self, judgement: Judgement) -> Range | None:
        """``the attack on B by A``."""
        for begin, end in judgement.reach:
            for at in range(begin + 1, end - 1):
                if self._page.lows[at] in {"by", "from"}:
                    return at + 1, end
        return None

    def _subject(self, at: int, first: int, verbs: frozenset[str], back: int) -> Range | None:
        """The subject of one of these verbs that stands up to ``back`` tokens before ``at``."""
        for verb in range(at - 1, max(first, at - back) - 1, -1):
            if self._page.lows[verb] in verbs:
                start = verb_group_start(self._page, verb, first)
                return subject(self._page, Verb(verb, verb + 1, start, first, at, "past", frozenset({"act"})), ())
            if self._page.kinds[verb] in ',.-"' or self._page.lows[verb] in {"of", "to"}:
                return None
        return None

    def _act(self, number: int, first: int, last: int, names: list[_Name], frame: _Frame) -> Iterator[Candidate]:
        """The objects of one act, and who did it."""
        voice = self._voices[frame.cue[0]]
        source = frame.source
        if source is None and voice >= 0:
            source = self._attributions[voice].source
        holders = self._resolver(source)
        targets = self._objects(number, names, frame, holders)
        begin = max(first, min(frame.cue[0], *(a for a, _ in frame.reach)) - NEGATION_REACH)
        end = max(frame.cue[1], *(b for _, b in frame.reach)) if frame.voice == "act" else last
        for target in targets:
            if frame.voice == "act" and frame.source is not None and target.target.kind == "entity":
                self._last_act = (number, target.entity)
            for holder in holders:
                if not self._is_self(holder, source, target.entity):
                    yield self._ask(holder, target, (begin, min(end, last)), frame.voice, first, last, names)

    def _objects(self, number: int, names: list[_Name], frame: _Frame, holders: tuple[Source, ...]) -> list[_Name]:
        inside = [name for name in names if any(a <= name.first < b for a, b in frame.reach)]
        issues = [name for name in inside if name.target.kind == "issue"]
        inside = [name for name in inside if name.target.kind == "entity"]
        if frame.voice == "call":
            inside, issues = inside[:1], issues[:1]
        return [*(inside or self._meant(number, frame, holders)), *issues]

    def _meant(self, number: int, frame: _Frame, holders: tuple[Source, ...]) -> list[_Name]:
        """The object of an act that names no entity: whom a pronoun or "the announcement" means."""
        page = self._page
        begin, end = frame.reach[0]
        low = page.lows[begin]
        if low in {"him", "her"} and end == begin + 1:
            entity = self._resolver.person_meant(begin, frozenset(s.entity for s in holders))
            return [_Name.of(begin, end, entity)] if entity else []
        anaphoric = low in {"the", "this", "that"} and any(
            page.lows[i] in ACT_NOUNS for i in range(begin, min(end, begin + 4))
        )
        if anaphoric and number - self._last_act[0] <= LOOK_BACK:
            return [_Name.of(begin, end, self._last_act[1])]
        return []

    def _authored(self, first: int, last: int, names: list[_Name]) -> Iterator[Candidate]:
        """Names in the article's own words, where one of these is a verdict."""
        page = self._page
        begin = end = first
        if not self._has_verdict(first, last):
            return
        for name in names:
            if self._voices[name.first] != -1 or page.quote_of[name.first] >= 0:
                continue
            if not begin <= name.first < name.last <= end:
                begin, end = name.first, name.last
                while begin > first and self._voices[begin - 1] == -1 and page.quote_of[begin - 1] < 0:
                    begin -= 1
                while end < last and self._voices[end] == -1 and page.quote_of[end] < 0:
                    end += 1
            if self._has_verdict(begin, end):
                yield self._ask(None, name, (begin, end), "author", first, last, names)

    def _has_verdict(self, first: int, last: int) -> bool:
        at = bisect_left(self._verdicts, first)
        return at < len(self._verdicts) and self._verdicts[at] < last

    def _is_self(self, holder: Source, source: Range | None, target: str) -> bool:
        """Whether a holder would have a stance toward itself, or toward the name that it goes by."""
        if holder.entity:
            return holder.entity == target
        page = self._page
        if source is None or not any(page.lows[i] in COLLECTIVES for i in range(*source)):
            return False
        return any(page.marks_of[i] >= 0 and page.marks[page.marks_of[i]].entity == target for i in range(*source))

    def _is_called(self, source: Range | None, low: str) -> bool:
        """Whether a body goes by this name: what the Smith administration says of Smith, it says of itself."""
        words = self._page.lows[slice(*source)] if source is not None else []
        return low in words and not COLLECTIVES.isdisjoint(words[words.index(low) + 1 :])

    def _ask(
        self,
        holder: Source | None,
        target: _Name,
        scope: Range,
        voice: Voice,
        first: int,
        last: int,
        names: list[_Name],
    ) -> Candidate:
        page = self._page
        start, end = page.span(first, last)
        spans = [
            (page.starts[n.first] - start, page.ends[n.last - 1] - start)
            for n in names
            if n.target.kind == "entity"
            and n.entity != target.entity
            and not target.first < n.last > n.first < target.last
        ]
        named = page.span(target.first, target.last)
        within = page.span(*scope)
        passage = Passage(
            text=page.text[start:end],
            target=(named[0] - start, named[1] - start),
            scope=(within[0] - start, within[1] - start),
            voice=voice,
            others=tuple(spans),
            issue=target.issue,
        )
        return Candidate(holder, target.target, passage, (start, end))


def _unnamed(candidate: Candidate) -> Candidate:
    """The same question of words in which the issue is not named."""
    return candidate._replace(passage=candidate.passage._replace(target=(0, 0)))


def _voices(page: Page, attributions: list[Attribution], manners: frozenset[str]) -> list[int]:
    """For each token whose words it is: an index of ``attributions``, -1 for the article, -2 for a quotation of nobody known.

    The shortest content that covers a token wins, so that a quotation within a paraphrase is its own speaker's.
    """
    voices = [-1] * len(page.starts)
    spoken = [
        (last - first, first, last, index)
        for index, attribution in enumerate(attributions)
        if attribution.manner in manners
        for first, last in attribution.contents
    ]
    for _, first, last, index in sorted(spoken, reverse=True):
        owner = index if attributions[index].source is not None else -2
        begin = first
        for hole in sorted((attributions[index].source or (0, 0), attributions[index].cue)):
            voices[begin : max(begin, min(hole[0], last))] = [owner] * (min(hole[0], last) - begin)
            begin = max(begin, hole[1])
        voices[begin : max(begin, last)] = [owner] * (last - begin)
    return voices
