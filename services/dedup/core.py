"""The judge: says of each work whether it copies an earlier document, and what to write to the table that its memory
survives in.

It is a deterministic function of the works in the order they come: time is the works' own ``received_at``. How a text
becomes a fingerprint is ``fingerprint``'s to say, how candidates are found ``index``'s, what is remembered for how
long ``window``'s; where the table is and which way a work goes next is left to the agent.

A work that was judged before, by its ``event_id``, gets the verdict that it got, and changes nothing. A document is
never compared with its own revisions, nor a revision with the copies of the ones before it. Clusters carry the id of
their first document and keep it, also when that document is withdrawn or too old to be compared with: it is a name,
not a pointer.
"""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from schemas import Duplicate, Fingerprint, Status, Work
from schemas.event import Change, Verdict, digest
from services.dedup.changes import Laid, Own
from services.dedup.fingerprint import (
    Fingerprinter,
    Overlap,
    count_shared,
    overlap,
    stamp,
)
from services.dedup.index import estimate
from services.dedup.record import JudgedRecord
from services.dedup.settings import DedupSettings
from services.dedup.subject import STUB, are_alike, are_unlike
from services.dedup.window import Window
from services.kept.rows import microseconds, write_rows
from services.text.clean import clean

EXACT_RULE = "exact-text"
UPDATE_RULE = "same-id"
URL_RULE = "same-url"
HOME_RULE = "same-source-and-title"
VERIFIED = 32
"""Candidates whose shingles are compared, those of the highest estimates: a bound on the work on one document."""
READ = 128
"""Candidates whose rows are read for these: a story that is revised may have thousands of copies of its own, which it is
not compared with."""

NAMESAKES = 8
"""Documents of one id, the newest, that a new one of this id is compared with."""
_NOTHING = 0.05
"""Texts that share less of either's shingles have nothing in common."""
_ALIKE = 0.3
"""Revisions that share more of either's shingles are compared sentence by sentence."""


@dataclass(frozen=True)
class Judgement:
    """What became of one work, and what to write for it.

    Attributes:
        work: the work with its verdict, without its fingerprint. put: rows to write to the table; none for a work
        that was judged before. delete: keys to delete from the table, in this order. overtaken: an earlier event of the same id was
            judged before. A rejected document leaves no row, and may find this true when it is read again.
        beside: another document has its id and its revision, and nothing in common with it; both stay in the window.
    """

    work: Work
    put: Mapping[str, str]
    delete: tuple[str, ...]
    overtaken: bool
    beside: bool = False

    def write(self, table: MutableMapping[str, str]) -> None:
        """Do to ``table``, which holds what was written for all works before, what is to be done before the next."""
        write_rows(table, self.put, self.delete)


@dataclass(frozen=True)
class Comparison:
    """What two texts have in common, and what the judge would say of the second where it has seen the first.

    Attributes:
        shingles_a, shingles_b: distinct shingles kept of each: all, up to ``fingerprint.KEPT``.
        shared: how many of these are in both.
        estimated: Jaccard similarity as the sketches estimate it.
        jaccard: the same, verified.
        containment_a: share of the first text's shingles that the second has.
        containment_b: share of the second text's shingles that the first has.
        verdict: exact, near, excerpt, expansion or unique.
        rule: the rule that said so.
        says_something_new: whether the second has a sentence, or a title, that says what the first does not.
    """

    shingles_a: int
    shingles_b: int
    shared: int
    estimated: float
    jaccard: float
    containment_a: float
    containment_b: float
    verdict: Verdict
    rule: str
    says_something_new: bool


@dataclass(frozen=True)
class _Match:
    """A document that the one judged was found to copy, to be in or to contain; ``new``: it says what that one does not."""

    record: JudgedRecord
    verdict: Verdict
    rule: str
    similarity: float | None = None
    containment: float | None = None
    estimated: float | None = None
    new: bool = False
    changes: tuple[Change, ...] = ()


class _Found(NamedTuple):
    """A document that is alike to the one judged, as their shingles say."""

    record: JudgedRecord
    verdict: Verdict
    overlap: Overlap

    @property
    def rank(self) -> tuple[bool, float, int]:
        """A near copy comes first; then what is most similar; of the equally similar, what was judged first."""
        return self.verdict != "near", -self.overlap.jaccard, self.record.number


class Judge:
    """Judges works one after the other; it holds the window and says how to keep it in a table.

    Args:
        settings: what counts as a copy, and for how long.
        table: where ``Judgement.write`` has put the rows of all judgements so far. The judge only reads it.
    """

    def __init__(self, settings: DedupSettings, table: Mapping[str, str]) -> None:
        self._settings = settings
        self._table = table
        self._stamp = stamp(settings)
        self._near_rule, self._nested_rule = near_rule(settings), nested_rule(settings)
        self._least = settings.least
        self._window = Window(settings, table)

    def __len__(self) -> int:
        """Documents that a new one is compared with."""
        return len(self._window)

    @property
    def version(self) -> str:
        """The method with its parameters, by which rows of the window are told apart."""
        return self._stamp

    @property
    def characters(self) -> int:
        """Characters of the window's fingerprints in the table."""
        return self._window.characters

    @property
    def stale(self) -> tuple[str, ...]:
        """Keys of the loaded rows that are of no use: unreadable, or of another stamp.

        The next judgements ask for their deletion in ``delete``, a few at a time.
        """
        return self._window.stale

    def load(self) -> None:
        """Rebuild the window from the table's rows. What this judge knew before is forgotten."""
        self._window = Window(self._settings, self._table)
        self._window.load()

    def judge(self, work: Work) -> Judgement:
        """Judge ``work``, which changes the window.

        A document that arrives done was rejected and passes through; one that was withdrawn leaves the window.

        Raises:
            ValueError: a document that is not done has no fingerprint, or a broken one. Nothing has changed then.
        """
        event = work.event
        withdrawal = event.status is Status.WITHDRAWN
        received = microseconds(event.processing.received_at)
        overtaken = self._window.knows(event.id)
        if work.done and not withdrawal:
            return Judgement(work.model_copy(update={"fingerprint": None}), {}, (), overtaken)
        known = self._window.find(event.event_id, event.id, received) if overtaken else None
        if known is not None:
            return Judgement(self._answered(work, known), {}, (), known.overtaken)
        record = JudgedRecord(
            number=0,
            event=event.event_id,
            id=event.id,
            revision=event.revision,
            received=received,
            withdrawal=withdrawal,
            overtaken=overtaken,
        )
        fingerprint = None if withdrawal else self._fingerprint(work)
        if fingerprint is not None:
            record.compared(fingerprint)
        due = self._window.due()
        record.number = self._window.advance(received)
        if work.fingerprint is not None and not withdrawal:
            self._decide(record, work)
        key, value = self._window.add(record, fingerprint)
        return Judgement(self._answered(work, record), {key: value}, due, overtaken, record.beside)

    def _fingerprint(self, work: Work) -> Fingerprint | None:
        """What ``work`` is compared by; None where that was made under another stamp.

        Raises:
            ValueError: there is none.
        """
        if work.fingerprint is None:
            raise ValueError("a document that is not done must have a fingerprint")
        return work.fingerprint if work.fingerprint.stamp == self._stamp else None

    def _decide(self, record: JudgedRecord, work: Work) -> None:
        """Write the verdict on ``work`` into ``record``."""
        event, stamped = work.event, work.fingerprint.stamp if work.fingerprint is not None else ""
        record.url = digest(event.url)[:16] if event.url else ""
        record.home = digest(event.source, event.title)[:16] if event.source and event.title else ""
        own = Own(event.text, event.title, self._settings.shingle_words)
        previous = self._previous(record) if record.overtaken else None
        record.indexed = previous is None or record.revision >= previous.revision
        record.replaces = previous.number if previous is not None and record.indexed else 0
        updated = previous if record.indexed else None
        match = (
            self._exact_match(record, previous, own)
            or self._similar_match(record, previous, own)
            or (self._update(record, updated, own) if updated is not None else None)
        )
        if match is None:
            rule = self._searched(record, stamped)
            record.duplicate = Duplicate(verdict="unique", cluster=_own_cluster(record, previous), rule=rule)
        else:
            other = match.record
            itself = other is previous
            record.duplicate = Duplicate(
                verdict=match.verdict,
                cluster=_own_cluster(record, previous) if itself else other.cluster,
                of=None if itself else other.id,
                updates=updated.revision if updated is not None else None,
                similarity=match.similarity,
                containment=match.containment,
                estimated=match.estimated,
                rule=match.rule,
                seconds_after=max(0, record.received - other.received) / 1_000_000,
                changes=match.changes,
            )
            record.skipped = self._skips(match)
        stays = previous is not None and previous.cluster == record.cluster
        record.joined = previous.joined if previous is not None and stays else record.number

    def _previous(self, record: JudgedRecord) -> JudgedRecord | None:
        """The document of the same id that ``record`` is a revision of. Where it has the revision of another one, and nothing in
        common with any, it is none: it is marked to stand beside these."""
        namesakes = list(islice(self._window.standing(record.id), NAMESAKES))
        if not namesakes:
            return None
        kin = [(_in_common(record, other), other) for other in namesakes]
        most, nearest = max(kin, key=lambda one: one[0])  # of equals the newest
        if most > 0:
            return nearest
        if all(other.revision != record.revision for other in namesakes):
            return namesakes[0]
        record.beside = True
        return None

    def _searched(self, record: JudgedRecord, stamped: str) -> str:
        """The rule that a unique document was looked for with."""
        if stamped != self._stamp:
            return f"other-stamp/{stamped}"
        return self._near_rule if len(record.shingles) else EXACT_RULE

    def _exact_match(self, record: JudgedRecord, previous: JudgedRecord | None, own: Own) -> _Match | None:
        """The earliest document with the same words, of the first ``READ``."""
        for other in islice(self._window.exact(record.exact), READ):
            if _may_copy(record, previous, other) and not is_wall(record, other):
                new = record.title != other.title and Laid(own, record, other).has_new_title
                return _Match(other, "exact", EXACT_RULE, 1.0, new=new, changes=own.reported((), new))
        return None

    def _similar_match(self, record: JudgedRecord, previous: JudgedRecord | None, own: Own) -> _Match | None:
        """The most similar near copy; without one, the most similar text that contains this one or is contained in it."""
        if not len(record.shingles):
            return None
        candidates = self._window.candidates(record.shingles, self._least)[:READ]
        others = islice(
            (other for one in candidates if _may_copy(record, previous, other := self._window.record(one))), VERIFIED
        )
        found = [one for other in others if (one := alike(record, other, self._settings)) is not None]
        for one in sorted(found, key=lambda one: one.rank):
            laid = Laid(own, record, one.record)
            if laid.is_same_story(one.overlap, record.url != "" and record.url == one.record.url):
                return self._matched(record, one, laid, own)
        return None

    def _matched(self, record: JudgedRecord, found: _Found, laid: Laid, own: Own) -> _Match:
        """What ``record`` is to a document of the same story that is alike to it."""
        other, (jaccard, inside, around) = found.record, found.overlap
        verdict, rule = told(record, found, laid, self._settings)
        return _Match(
            other,
            verdict,
            rule,
            jaccard,
            max(inside, around),
            self._window.estimate(other.number, record.shingles),
            laid.says_something_new,
            own.reported(laid.changes, laid.has_new_title),
        )

    def _update(self, record: JudgedRecord, previous: JudgedRecord, own: Own) -> _Match:
        """The revision before, however much of it is left."""
        if record.exact == previous.exact:
            return _Match(previous, "update", UPDATE_RULE, 1.0, 1.0)
        if not len(record.shingles) or not len(previous.shingles):
            return _Match(previous, "update", UPDATE_RULE)
        found = overlap(record.shingles, previous.shingles)
        contained = max(found.inside, found.around)
        changes = own.reported(Laid(own, record, previous).changes, False) if contained > _ALIKE else ()
        return _Match(previous, "update", UPDATE_RULE, found.jaccard, contained, changes=changes)

    def _skips(self, match: _Match) -> bool:
        """Whether a document with this verdict ends here."""
        if match.new:
            return False
        match self._settings.policy:
            case "tag":
                return match.verdict == "exact" or (
                    match.verdict == "near" and (match.similarity or 0.0) >= self._settings.skip_similarity
                )
            case "drop":
                return match.verdict in ("exact", "near", "excerpt")
            case "enrich_all":
                return False

    def _answered(self, work: Work, record: JudgedRecord) -> Work:
        """``work`` with the verdict in ``record``."""
        if record.duplicate is None:
            return work.model_copy(update={"fingerprint": None})
        changed: dict[str, object] = {"duplicate": record.duplicate}
        if record.skipped:
            changed["status"] = Status.DUPLICATE
            if self._settings.policy == "drop":
                changed |= {"title": "", "text": "", "metadata": {}}
        event = work.event.model_copy(update=changed)
        return work.model_copy(update={"event": event, "done": record.skipped, "fingerprint": None})


def near_rule(settings: DedupSettings) -> str:
    """The name of the rule that near copies are found by, such as ``minhash-5w-32/jaccard>=0.50``."""
    return f"minhash-{settings.shingle_words}w-{settings.sketch}/jaccard>={settings.near_similarity:.2f}"


def nested_rule(settings: DedupSettings) -> str:
    """The name of the rule that excerpts and expansions are found by, such as ``minhash-5w-32/containment>=0.80``."""
    return f"minhash-{settings.shingle_words}w-{settings.sketch}/containment>={settings.containment:.2f}"


def relation(found: Overlap, settings: DedupSettings) -> Verdict:
    """What a text is to an older one that it has ``found`` in common with: near, excerpt, expansion or unique."""
    if found.jaccard >= settings.near_similarity:
        return "near"
    if max(found.inside, found.around) >= settings.containment:
        return "excerpt" if found.inside >= found.around else "expansion"
    return "unique"


def alike(record: JudgedRecord, other: JudgedRecord, settings: DedupSettings) -> _Found | None:
    """What ``record`` is to ``other`` by the shingles kept of both, where they are alike and not two stories behind one wall."""
    found = overlap(record.shingles, other.shingles)
    verdict = relation(found, settings)
    return None if verdict == "unique" or is_wall(record, other) else _Found(other, verdict, found)


def told(record: JudgedRecord, found: _Found, laid: Laid, settings: DedupSettings) -> tuple[Verdict, str]:
    """The verdict on a document that is alike to another of the same story, and the rule, now that what is new in it is known."""
    other, verdict = found.record, found.verdict
    if laid.says_something_new:
        if record.url and record.url == other.url:
            return "update", URL_RULE
        if record.home and record.home == other.home:
            return "update", HOME_RULE
        if verdict == "near" and laid.only_adds and found.overlap.around >= settings.containment:
            verdict = "expansion"
    return verdict, near_rule(settings) if verdict == "near" else nested_rule(settings)


def is_wall(record: JudgedRecord, other: JudgedRecord) -> bool:
    """Whether what both have in common is the story of neither title."""
    unlike = are_unlike(record.title, other.title)
    return unlike and record.thin and (other.thin or len(record.shingles) < STUB)


def compare(a: str, b: str, settings: DedupSettings, titles: tuple[str, str] = ("", "")) -> Comparison:
    """Compare two texts as received, of different documents under ``titles``, as the judge would.

    The judge may miss a near copy that this finds, with ``1 - settings.candidate_probability(jaccard)``.
    """
    fingerprinter = Fingerprinter(settings)
    own = Own(b, titles[1], settings.shingle_words)
    first, second = fingerprinter(clean(a).text, titles[0]), fingerprinter(own.cleaned.text, titles[1])
    other, record = _recorded(first), _recorded(second)
    found = overlap(other.shingles, record.shingles)
    estimated = estimate(other.shingles[: settings.sketch], record.shingles[: settings.sketch], settings.sketch)
    verdict: Verdict = "unique"
    rule = EXACT_RULE
    new = True
    if first.exact == second.exact and not is_wall(record, other):
        verdict, new = "exact", record.title != other.title and Laid(own, record, other).has_new_title
    elif first.shingles and second.shingles:
        rule = near_rule(settings)
        if (alikeness := alike(record, other, settings)) is not None:
            laid = Laid(own, record, other)
            if laid.is_same_story(alikeness.overlap, False):
                verdict, rule = told(record, alikeness, laid, settings)
                new = laid.says_something_new
    return Comparison(
        shingles_a=len(other.shingles),
        shingles_b=len(record.shingles),
        shared=count_shared(other.shingles, record.shingles),
        estimated=estimated,
        jaccard=found.jaccard,
        containment_a=found.inside,
        containment_b=found.around,
        verdict=verdict,
        rule=rule,
        says_something_new=new,
    )


def _recorded(fingerprint: Fingerprint) -> JudgedRecord:
    record = JudgedRecord(0, "", "", 1, 0, withdrawal=False, overtaken=False)
    record.compared(fingerprint)
    return record


def _own_cluster(record: JudgedRecord, previous: JudgedRecord | None) -> str:
    """The cluster of a document that copies none: its id, made unlike where another one has it."""
    if record.beside:
        return f"{record.id}#{record.event[:8]}"
    if previous is not None and previous.cluster.startswith(f"{record.id}#"):
        return previous.cluster
    return record.id


def _in_common(record: JudgedRecord, other: JudgedRecord) -> float:
    """How much two documents of one id have in common; 0 where nothing says that they are one."""
    if record.exact == other.exact:
        return 2.0
    if len(record.shingles) and len(other.shingles):
        most = max(overlap(record.shingles, other.shingles))
        if most >= _NOTHING:
            return most
    elif not len(other.sentences):
        return _NOTHING  # a short text of an earlier release: nothing is kept that could tell
    facts = len(record.lead & other.lead)
    shared = are_alike(record.title, other.title) or (facts > 1 and 2 * facts >= min(len(record.lead), len(other.lead)))
    return _NOTHING / 2 if shared or not set(record.sentences.tolist()).isdisjoint(other.sentences.tolist()) else 0.0


def _may_copy(record: JudgedRecord, previous: JudgedRecord | None, other: JudgedRecord) -> bool:
    """Whether ``other`` may be what ``record`` copies: not a revision of it, nor what came to its cluster as a copy of one.

    Else a story and its first copy could each be called the copy of the other, and neither be read.
    """
    if record.id in (other.id, other.cluster):
        return False
    return previous is None or other.cluster != previous.cluster or other.joined < previous.joined
