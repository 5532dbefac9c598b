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

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import sqrt

import numpy as np

from schemas import Fingerprint, Status, Work
from schemas.event import Verdict
from services.dedup.fingerprint import (
    Fingerprinter,
    UInt32s,
    containment,
    count_shared,
    estimate,
    jaccard,
    jaccard_of,
    kept_shingles,
    signature_values,
    stamp,
)
from services.dedup.record import Record
from services.dedup.settings import DedupSettings
from services.dedup.window import Window

EXACT_RULE = "exact-text"
VERIFIED = 32
"""Candidates whose shingles are compared, those of the highest estimates: a bound on the work on one document."""
SLACK = 4.0
"""Standard errors that an estimate may lie below ``near_similarity`` and still be verified; one near copy in 30,000
lies lower."""

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


@dataclass(frozen=True)
class Comparison:
    """What two texts have in common, and what the judge would say of the second where it has seen the first.

    Attributes:
        shingles_a, shingles_b: distinct shingles kept of each: all, up to ``fingerprint.KEPT``.
        shared: how many of these are in both.
        estimated: Jaccard similarity as the signatures estimate it.
        jaccard: the same, verified.
        containment_a: share of the first text's shingles that the second has.
        containment_b: share of the second text's shingles that the first has.
        verdict: exact, near or unique.
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
    record: Record
    verdict: Verdict
    similarity: float
    estimated: float | None


class Judge:
    """Judges works one after the other; it holds the window in memory and says how to keep it in a table."""

    def __init__(self, settings: DedupSettings) -> None:
        self._settings = settings
        self._stamp = stamp(settings)
        self._near_rule = near_rule(settings)
        error = sqrt(settings.near_similarity * (1 - settings.near_similarity) / settings.permutations)
        self._least = settings.near_similarity - SLACK * error
        self._window = Window(settings)

    def __len__(self) -> int:
        """Documents that a new one is compared with."""
        return len(self._window)

    @property
    def stale(self) -> tuple[str, ...]:
        """Keys of the loaded rows that are of no use: unreadable, of another stamp, or too old.

        The next judgements ask for their deletion in ``delete``, a few at a time.
        """
        return self._window.stale

    def load(self, rows: Iterable[tuple[str, str]]) -> None:
        """Rebuild the window from the table's rows, key and value, in any order. What was judged before is forgotten."""
        self._window = Window(self._settings)
        self._window.load(rows)

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
        known = self._window.find(event.event_id, event.id, received)
        if known is not None:
            return Judgement(_answered(work, known), {}, (), known.overtaken)
        evidence = None if withdrawal else self._evidence(work)
        due = self._window.due()
        record = Record(
            number=self._window.advance(received),
            event=event.event_id,
            id=event.id,
            revision=event.revision,
            received=received,
            withdrawal=withdrawal,
            overtaken=overtaken,
        )
        if evidence is None:
            key, value = self._window.add(record, None, None)
        else:
            self._decide(record, evidence)
            key, value = self._window.add(record, evidence.fingerprint, evidence.signature)
        return Judgement(_answered(work, record), {key: value}, due, overtaken)

    def _evidence(self, work: Work) -> "_Evidence":
        """What ``work`` is compared by.

        Raises:
            ValueError: see ``judge``.
        """
        fingerprint = work.fingerprint
        if fingerprint is None:
            raise ValueError("a document that is not done must have a fingerprint")
        if fingerprint.stamp != self._stamp:
            return _Evidence(
                None, b"", np.empty(0, np.uint32), np.empty(0, np.uint32), f"other-stamp/{fingerprint.stamp}"
            )
        signature = signature_values(fingerprint)
        if len(signature) not in (0, self._settings.permutations):
            raise ValueError(f"a signature has {len(signature)} values, the stamp says {self._settings.permutations}")
        rule = self._near_rule if len(signature) else EXACT_RULE
        return _Evidence(fingerprint, bytes.fromhex(fingerprint.exact), signature, kept_shingles(fingerprint), rule)

    def _decide(self, record: Record, evidence: "_Evidence") -> None:
        """Write the verdict into ``record``."""
        previous = self._window.standing(record.id)
        match = self._exact_match(record, previous, evidence) or self._near_match(record, previous, evidence)
        if match is None:
            record.verdict, record.cluster, record.rule = "unique", record.id, evidence.rule
        else:
            record.verdict, record.cluster, record.of = match.verdict, match.record.cluster, match.record.id
            record.similarity, record.estimated = match.similarity, match.estimated
            record.rule = EXACT_RULE if match.verdict == "exact" else self._near_rule
            record.seconds_after = max(0, record.received - match.record.received) / 1_000_000
            record.skipped = self._settings.policy == "tag" and (
                match.verdict == "exact" or match.similarity >= self._settings.skip_similarity
            )
        stays = previous is not None and previous.cluster == record.cluster
        record.joined = previous.joined if previous is not None and stays else record.number
        record.indexed = previous is None or record.revision >= previous.revision
        if record.indexed:
            record.exact, record.shingles = evidence.exact, evidence.shingles.tobytes()

    def _exact_match(self, record: Record, previous: Record | None, evidence: "_Evidence") -> _Match | None:
        """The earliest document with the same words."""
        for other in self._window.exact(evidence.exact):
            if _may_copy(record, previous, other):
                return _Match(other, "exact", 1.0, None)
        return None

    def _near_match(self, record: Record, previous: Record | None, evidence: "_Evidence") -> _Match | None:
        """The most similar document from ``near_similarity`` on; of equally similar ones the earliest."""
        if not len(evidence.signature):
            return None
        found = self._window.candidates(evidence.signature, self._least)
        likely = [(-share, other.number, other) for other, share in found if _may_copy(record, previous, other)]
        best: _Match | None = None
        for share, _, other in sorted(likely, key=lambda one: one[:2])[:VERIFIED]:
            similarity = jaccard_of(evidence.shingles, np.frombuffer(other.shingles, "<u4"))
            if similarity < self._settings.near_similarity:
                continue
            if best is None or (similarity, -other.number) > (best.similarity, -best.record.number):
                best = _Match(other, "near", similarity, -share)
        return best


@dataclass(frozen=True)
class _Evidence:
    """What a document is compared by; ``rule`` is what a unique one was looked for with."""

    fingerprint: Fingerprint | None
    exact: bytes
    signature: UInt32s
    shingles: UInt32s
    rule: str


def near_rule(settings: DedupSettings) -> str:
    """The name of the rule that near copies are found by, such as ``minhash-5w-128/jaccard>=0.50``."""
    return f"minhash-{settings.shingle_words}w-{settings.permutations}/jaccard>={settings.near_similarity:.2f}"


def compare(a: str, b: str, settings: DedupSettings) -> Comparison:
    """Compare two cleaned texts, of different documents, as the judge would.

    The judge may miss a near copy that this finds, with ``1 - settings.candidate_probability(jaccard)``.
    """
    fingerprinter = Fingerprinter(settings)
    first, second = fingerprinter(a), fingerprinter(b)
    kept_a, kept_b = kept_shingles(first), kept_shingles(second)
    similarity = jaccard(first, second)
    comparable = bool(first.signature and second.signature)
    exact = first.exact == second.exact
    near = comparable and similarity >= settings.near_similarity
    return Comparison(
        shingles_a=len(kept_a),
        shingles_b=len(kept_b),
        shared=count_shared(kept_a, kept_b),
        estimated=estimate(first, second),
        jaccard=similarity,
        containment_a=containment(first, second),
        containment_b=containment(second, first),
        verdict="exact" if exact else "near" if near else "unique",
        rule=EXACT_RULE if exact or not comparable else near_rule(settings),
    )


def _may_copy(record: Record, previous: Record | None, other: Record) -> bool:
    """Whether ``other`` may be what ``record`` copies: not a revision of it, nor what came to its cluster as a copy of one.

    Else a story and its first copy could each be called the copy of the other, and neither be read.
    """
    if record.id in (other.id, other.cluster):
        return False
    return previous is None or other.cluster != previous.cluster or other.joined < previous.joined


def _answered(work: Work, record: Record) -> Work:
    """``work`` with the verdict in ``record``."""
    if record.verdict is None:
        return work.model_copy(update={"fingerprint": None})
    status = Status.DUPLICATE if record.skipped else work.event.status
    event = work.event.model_copy(update={"status": status, "duplicate": record.duplicate})
    return work.model_copy(update={"event": event, "done": record.skipped, "fingerprint": None})


def _microseconds(time: datetime) -> int:
    """Microseconds since 1970; a time without a zone is taken as UTC."""
    aware = time if time.tzinfo is not None else time.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(microseconds=1)
