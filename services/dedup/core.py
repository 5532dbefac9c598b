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
from datetime import UTC, datetime, timedelta
from itertools import islice

from schemas import Duplicate, Fingerprint, Status, Work
from schemas.event import Verdict
from services.dedup.fingerprint import (
    Fingerprinter,
    Overlap,
    count_shared,
    kept_shingles,
    overlap,
    stamp,
)
from services.dedup.index import estimate
from services.dedup.record import Record
from services.dedup.settings import DedupSettings
from services.dedup.window import Window

EXACT_RULE = "exact-text"
UPDATE_RULE = "same-id"
VERIFIED = 32
"""Candidates whose shingles are compared, those of the highest estimates: a bound on the work on one document."""
READ = 128
"""Candidates whose rows are read for these: a story that is revised may have thousands of copies of its own, which it is
not compared with."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Judgement:
    """What became of one work, and what to write for it.

    Attributes:
        work: the work with its verdict, without its fingerprint. put: rows to write to the table; none for a work
        that was judged before. delete: keys to delete from the table, in this order. overtaken: an earlier event of
        the same id was judged before, so that this one must not take a shorter way. A rejected
            document leaves no row, and may find this true when it is read again; the longer way is never wrong.
    """

    work: Work
    put: Mapping[str, str]
    delete: tuple[str, ...]
    overtaken: bool

    def write(self, table: MutableMapping[str, str]) -> None:
        """Do to ``table``, which holds what was written for all works before, what is to be done before the next."""
        for key in self.delete:
            del table[key]
        for key, value in self.put.items():
            table[key] = value


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


@dataclass(frozen=True)
class _Match:
    """A document that the one judged was found to copy, to be in or to contain."""

    record: Record
    verdict: Verdict
    rule: str
    similarity: float | None = None
    containment: float | None = None
    estimated: float | None = None

    @property
    def rank(self) -> tuple[bool, float, int]:
        """A near copy comes first; then what is most similar; of the equally similar, what was judged first."""
        return self.verdict != "near", -(self.similarity or 0.0), self.record.number


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
        received = _microseconds(event.processing.received_at)
        overtaken = self._window.knows(event.id)
        if work.done and not withdrawal:
            return Judgement(work.model_copy(update={"fingerprint": None}), {}, (), overtaken)
        known = self._window.find(event.event_id, event.id, received) if overtaken else None
        if known is not None:
            return Judgement(self._answered(work, known), {}, (), known.overtaken)
        record = Record(
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
            self._decide(record, work.fingerprint.stamp)
        key, value = self._window.add(record, fingerprint)
        return Judgement(self._answered(work, record), {key: value}, due, overtaken)

    def _fingerprint(self, work: Work) -> Fingerprint | None:
        """What ``work`` is compared by; None where that was made under another stamp.

        Raises:
            ValueError: there is none.
        """
        if work.fingerprint is None:
            raise ValueError("a document that is not done must have a fingerprint")
        return work.fingerprint if work.fingerprint.stamp == self._stamp else None

    def _decide(self, record: Record, stamped: str) -> None:
        """Write the verdict into ``record``, whose fingerprint was made under the stamp ``stamped``."""
        previous = self._window.standing(record.id) if record.overtaken else None
        record.indexed = previous is None or record.revision >= previous.revision
        updated = previous if record.indexed else None
        match = (
            self._exact_match(record, previous)
            or self._similar_match(record, previous)
            or (self._update(record, updated) if updated is not None else None)
        )
        if match is None:
            record.duplicate = Duplicate(verdict="unique", cluster=record.id, rule=self._searched(record, stamped))
        else:
            other = match.record
            itself = other.id == record.id
            record.duplicate = Duplicate(
                verdict=match.verdict,
                cluster=record.id if itself else other.cluster,
                of=None if itself else other.id,
                updates=updated.revision if updated is not None else None,
                similarity=match.similarity,
                containment=match.containment,
                estimated=match.estimated,
                rule=match.rule,
                seconds_after=max(0, record.received - other.received) / 1_000_000,
            )
            record.skipped = self._skips(match)
        stays = previous is not None and previous.cluster == record.cluster
        record.joined = previous.joined if previous is not None and stays else record.number

    def _searched(self, record: Record, stamped: str) -> str:
        """The rule that a unique document was looked for with."""
        if stamped != self._stamp:
            return f"other-stamp/{stamped}"
        return self._near_rule if len(record.shingles) else EXACT_RULE

    def _exact_match(self, record: Record, previous: Record | None) -> _Match | None:
        """The earliest document with the same words, of the first ``READ``."""
        for other in islice(self._window.exact(record.exact), READ):
            if _may_copy(record, previous, other):
                return _Match(other, "exact", EXACT_RULE, 1.0)
        return None

    def _similar_match(self, record: Record, previous: Record | None) -> _Match | None:
        """The most similar near copy; where there is none, the most similar text that this one is in or that is in it."""
        if not len(record.shingles):
            return None
        found = self._window.candidates(record.shingles, self._least)[:READ]
        others = islice(
            (other for number in found if _may_copy(record, previous, other := self._window.record(number))), VERIFIED
        )
        matches = [match for other in others if (match := self._compared(record, other)) is not None]
        return min(matches, key=lambda match: match.rank, default=None)

    def _compared(self, record: Record, other: Record) -> _Match | None:
        """What ``record`` is to ``other``, by the shingles kept of both."""
        found = overlap(record.shingles, other.shingles)
        verdict = relation(found, self._settings)
        if verdict == "unique":
            return None
        rule = self._near_rule if verdict == "near" else self._nested_rule
        estimated = self._window.estimate(other.number, record.shingles)
        return _Match(other, verdict, rule, found.jaccard, max(found.inside, found.around), estimated)

    def _update(self, record: Record, previous: Record) -> _Match:
        """The revision before, however much of it is left."""
        if record.exact == previous.exact:
            return _Match(previous, "update", UPDATE_RULE, 1.0, 1.0)
        if not len(record.shingles) or not len(previous.shingles):
            return _Match(previous, "update", UPDATE_RULE)
        found = overlap(record.shingles, previous.shingles)
        return _Match(previous, "update", UPDATE_RULE, found.jaccard, max(found.inside, found.around))

    def _skips(self, match: _Match) -> bool:
        """Whether a document with this verdict ends here."""
        match self._settings.policy:
            case "tag":
                return match.verdict == "exact" or (
                    match.verdict == "near" and (match.similarity or 0.0) >= self._settings.skip_similarity
                )
            case "drop":
                return match.verdict in ("exact", "near", "excerpt")
            case "enrich_all":
                return False

    def _answered(self, work: Work, record: Record) -> Work:
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


def compare(a: str, b: str, settings: DedupSettings) -> Comparison:
    """Compare two cleaned texts, of different documents, as the judge would.

    The judge may miss a near copy that this finds, with ``1 - settings.candidate_probability(jaccard)``.
    """
    fingerprinter = Fingerprinter(settings)
    first, second = fingerprinter(a), fingerprinter(b)
    kept_a, kept_b = kept_shingles(first), kept_shingles(second)
    comparable = bool(first.shingles and second.shingles)
    found = overlap(kept_a, kept_b)
    estimated = estimate(kept_a[: settings.sketch], kept_b[: settings.sketch], settings.sketch)
    verdict: Verdict = "unique"
    rule = EXACT_RULE
    if first.exact == second.exact:
        verdict = "exact"
    elif comparable:
        verdict = relation(Overlap(found.jaccard, found.around, found.inside), settings)
        rule = nested_rule(settings) if verdict in ("excerpt", "expansion") else near_rule(settings)
    return Comparison(
        shingles_a=len(kept_a),
        shingles_b=len(kept_b),
        shared=count_shared(kept_a, kept_b),
        estimated=estimated,
        jaccard=found.jaccard,
        containment_a=found.inside,
        containment_b=found.around,
        verdict=verdict,
        rule=rule,
    )


def _may_copy(record: Record, previous: Record | None, other: Record) -> bool:
    """Whether ``other`` may be what ``record`` copies: not a revision of it, nor what came to its cluster as a copy of one.

    Else a story and its first copy could each be called the copy of the other, and neither be read.
    """
    if record.id in (other.id, other.cluster):
        return False
    return previous is None or other.cluster != previous.cluster or other.joined < previous.joined


def _microseconds(time: datetime) -> int:
    """Microseconds since 1970; a time without a zone is taken as UTC."""
    aware = time if time.tzinfo is not None else time.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(microseconds=1)
