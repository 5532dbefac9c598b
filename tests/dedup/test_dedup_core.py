import itertools
import json
import random
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import Duplicate, Fingerprint, Status, Work
from services.dedup.core import READ, Judgement, compare
from services.dedup.fingerprint import Fingerprinter, kept_shingles, overlap
from services.dedup.index import DEPTH, SketchIndex
from services.dedup.settings import DedupSettings
from services.dedup.window import DELETED, SLICES
from services.kept.places import Places
from tests.dedup.kept import KeptJudge

Make = Callable[..., Work]
Text = Callable[..., str]
NEAR_RULE = "minhash-5w-32/jaccard>=0.50"


def verdict(judgement: Judgement) -> Duplicate:
    found = judgement.work.event.duplicate
    assert found is not None
    return found


@pytest.fixture
def judge() -> KeptJudge:
    return KeptJudge(DedupSettings())


def test_unique(judge: KeptJudge, make_work: Make, make_text: Text) -> None:
    work = make_work("a", make_text("a"))
    made = judge.judge(work)
    assert verdict(made) == Duplicate(verdict="unique", cluster="a", rule=NEAR_RULE)
    assert (made.work.event.status, made.work.done, made.work.fingerprint) == (Status.ENRICHED, False, None)
    assert made.work.event.model_copy(update={"duplicate": None}) == work.event
    assert (len(made.put), made.delete, made.overtaken, len(judge)) == (1, (), False, 1)


def test_exact_copy_of_the_earliest(judge: KeptJudge, make_work: Make, make_text: Text) -> None:
    for number, name in enumerate(("a", "b", "c")):
        made = judge.judge(make_work(name, make_text("a").upper() if name == "b" else make_text("a"), hours=number))
    assert verdict(made) == Duplicate(
        verdict="exact", cluster="a", of="a", similarity=1.0, rule="exact-text", seconds_after=7200
    )
    assert (made.work.event.status, made.work.done) == (Status.DUPLICATE, True)


def test_near_copy_above_skip(judge: KeptJudge, make_work: Make, make_text: Text) -> None:
    judge.judge(make_work("a", make_text("a")))
    made = judge.judge(make_work("b", make_text("a", changed=(50,)), hours=1))
    found = verdict(made)
    assert (found.verdict, found.of, found.cluster, found.rule, found.seconds_after) == (
        "near",
        "a",
        "a",
        NEAR_RULE,
        3600,
    )
    assert found.similarity == 91 / 101
    assert found.estimated == pytest.approx(0.9, abs=0.2)
    assert [(change.kind, change.start, change.end) for change in found.changes] == [("changed", 0, 389)]
    assert (made.work.event.status, made.work.done) == (
        Status.ENRICHED,
        False,
    )  # it has a number that the other has not


def test_near_copy_that_says_nothing_new_ends(judge: KeptJudge, make_work: Make, make_text: Text) -> None:
    judge.judge(make_work("a", make_text("a")))
    made = judge.judge(make_work("b", make_text("a", words=90)))
    assert (verdict(made).verdict, verdict(made).similarity) == ("near", 86 / 96)
    assert (made.work.event.status, made.work.done) == (Status.DUPLICATE, True)


def test_near_copy_below_skip_goes_on(judge: KeptJudge, make_work: Make, make_text: Text) -> None:
    judge.judge(make_work("a", make_text("a")))
    made = judge.judge(make_work("b", make_text("a", changed=(20, 50, 80))))
    assert verdict(made).similarity == 81 / 111
    assert (made.work.event.status, made.work.done) == (Status.ENRICHED, False)


def test_policy_enrich_all(make_work: Make, make_text: Text) -> None:
    judge = KeptJudge(DedupSettings(policy="enrich_all"))
    judge.judge(make_work("a", make_text("a")))
    for name, changed in (("b", ()), ("c", (50,))):
        made = judge.judge(make_work(name, make_text("a", changed=changed)))
        assert verdict(made).verdict != "unique"
        assert (made.work.event.status, made.work.done) == (Status.ENRICHED, False)


def test_policy_drop_ends_copies_and_excerpts_without_their_text(make_work: Make, make_text: Text) -> None:
    judge = KeptJudge(DedupSettings(policy="drop"))
    judge.judge(make_work("a", make_text("a")))
    dropped = [
        judge.judge(make_work(name, make_text("a", **changes)))
        for name, changes in (("exact", {}), ("near", {"words": 90}), ("excerpt", {"words": 30}))
    ]
    for made in dropped:
        event = made.work.event
        assert (event.status, made.work.done) == (Status.DUPLICATE, True)
        assert (event.title, event.text, event.metadata) == ("", "", {})
        assert event.id == verdict(made).verdict
    longer = judge.judge(make_work("more", make_text("a") + " " + make_text("b", 200)))
    assert (verdict(longer).verdict, longer.work.event.status) == ("expansion", Status.ENRICHED)
    assert longer.work.event.text != ""


def test_excerpt(judge: KeptJudge, make_work: Make, make_text: Text) -> None:
    judge.judge(make_work("a", make_text("a", 400)))
    made = judge.judge(make_work("b", make_text("a", 50, changed=(10,)), hours=1))
    found = verdict(made)
    assert found == Duplicate(
        verdict="excerpt",
        cluster="a",
        of="a",
        similarity=41 / (396 + 46 - 41),
        containment=41 / 46,
        estimated=found.estimated,
        changes=found.changes,
        rule="minhash-5w-32/containment>=0.80",
        seconds_after=3600,
    )
    assert (made.work.event.status, made.work.done) == (Status.ENRICHED, False)


def test_expansion(judge: KeptJudge, make_work: Make, make_text: Text) -> None:
    judge.judge(make_work("a", make_text("a", 50)))
    found = verdict(judge.judge(make_work("b", make_text("x", 200) + " " + make_text("a", 50) + make_text("y", 200))))
    assert (found.verdict, found.of, found.cluster) == ("expansion", "a", "a")
    assert found.containment == 45 / 46  # its last word has grown


def test_a_passage_in_common_is_no_excerpt(judge: KeptJudge, make_work: Make, make_text: Text) -> None:
    judge.judge(make_work("a", make_text("q", 60) + " " + make_text("a", 200)))
    assert verdict(judge.judge(make_work("b", make_text("q", 60) + " " + make_text("b", 60)))).verdict == "unique"


@given(st.sampled_from((0.05, 0.1, 0.2)), st.randoms(use_true_random=False))
@settings(max_examples=3, deadline=None)
def test_parts_are_found_as_often_as_the_formula_says(share: float, rng: random.Random) -> None:
    """Within four standard errors, of 200 passages from anywhere in texts of a thousand words."""
    configuration = DedupSettings(window_documents=400)
    fingerprinter, found = Fingerprinter(configuration), 0
    index = SketchIndex(places := Places(400), configuration.sketch)
    for number in range(1, 201):
        words = [f"{number}w{place}" for place in range(1000)]
        place = places.take(number)
        places.live[place] = True
        index.add(place, kept_shingles(fingerprinter(" ".join(words))))
        start = rng.randrange(int(1000 * (1 - share)))
        part = " ".join(words[start : start + int(1000 * share)])
        found += place in index.candidates(kept_shingles(fingerprinter(part)), configuration.least)
    expected = 1 - (1 - share) ** configuration.sketch
    assert found / 200 == pytest.approx(expected, abs=4 * (expected * (1 - expected) / 200) ** 0.5 + 0.01)


def test_the_most_similar_wins_then_the_earliest(judge: KeptJudge, make_work: Make, make_text: Text) -> None:
    judge.judge(make_work("far", make_text("a", changed=(30, 50))))
    judge.judge(make_work("first", make_text("a", changed=(50,), mark="y")))
    judge.judge(make_work("second", make_text("a", changed=(50,), mark="z")))
    found = verdict(judge.judge(make_work("copy", make_text("a"))))
    assert (found.of, found.cluster) == ("first", "far")


def test_short_texts_are_compared_exactly(judge: KeptJudge, make_work: Make, make_text: Text) -> None:
    made = judge.judge(make_work("a", make_text("a", words=19)))
    assert verdict(made) == Duplicate(verdict="unique", cluster="a", rule="exact-text")
    assert verdict(judge.judge(make_work("b", make_text("a", words=18)))).verdict == "unique"
    assert verdict(judge.judge(make_work("c", make_text("a", words=19)))).of == "a"


def test_received_before_its_original(judge: KeptJudge, make_work: Make, make_text: Text) -> None:
    judge.judge(make_work("a", make_text("a"), hours=2))
    assert verdict(judge.judge(make_work("b", make_text("a"), hours=1))).seconds_after == 0


def test_redelivered_is_the_same_and_changes_nothing(judge: KeptJudge, make_work: Make, make_text: Text) -> None:
    works = [
        make_work(name, make_text("a", changed=changed)) for name, changed in (("a", ()), ("b", (9,)), ("c", (9, 8)))
    ]
    first = [judge.judge(work) for work in works]
    for work, before in zip(works, first, strict=True):
        again = judge.judge(work)
        assert (again.work, again.overtaken, again.put, again.delete) == (before.work, before.overtaken, {}, ())
    later = works[0].model_copy(
        update={
            "event": works[0].event.model_copy(update={"processing": make_work("a", "a", hours=5).event.processing})
        }
    )
    assert verdict(judge.judge(later)) == verdict(first[0])
    assert len(judge) == 3


def test_a_revision_is_an_update_and_not_its_own_copy(judge: KeptJudge, make_work: Make, make_text: Text) -> None:
    judge.judge(make_work("a", make_text("a")))
    for number, (revision, before, changed, shared) in enumerate(
        ((2, 1, (50,), 91), (3, 2, (), 91), (3, 3, (51,), 91), (4, 3, range(100), 0)), start=1
    ):
        made = judge.judge(make_work("a", make_text("a", changed=tuple(changed)), revision=revision, hours=number))
        assert verdict(made).model_copy(update={"changes": ()}) == Duplicate(
            verdict="update",
            cluster="a",
            updates=before,
            similarity=shared / (2 * 96 - shared),
            containment=shared / 96,
            rule="same-id",
            seconds_after=3600,
        )
        assert (made.overtaken, made.work.event.status, made.work.done) == (True, Status.ENRICHED, False)
    assert len(judge) == 1
    found = verdict(judge.judge(make_work("b", make_text("a", changed=tuple(range(100))))))
    assert (found.verdict, found.of, found.updates) == ("exact", "a", None)


def test_an_update_of_the_same_words(judge: KeptJudge, make_work: Make, make_text: Text) -> None:
    for words in (100, 5):
        judge.judge(make_work(f"a{words}", make_text("a", words)))
        found = verdict(judge.judge(make_work(f"a{words}", make_text("a", words), revision=7)))
        assert (found.verdict, found.updates, found.similarity, found.of) == ("update", 1, 1.0, None)
    found = verdict(judge.judge(make_work("a5", make_text("b", 6), revision=8)))
    assert (found.verdict, found.updates, found.similarity, found.containment) == ("update", 7, None, None)


def test_a_revision_is_compared_with_others(judge: KeptJudge, make_work: Make, make_text: Text) -> None:
    judge.judge(make_work("x", make_text("x")))
    judge.judge(make_work("a", make_text("a")))
    found = verdict(judge.judge(make_work("a", make_text("x"), revision=2)))
    assert (found.verdict, found.of, found.cluster, found.updates) == ("exact", "x", "x", 1)
    assert verdict(judge.judge(make_work("b", make_text("a")))).verdict == "unique"


def test_a_revision_is_not_a_copy_of_its_copies(judge: KeptJudge, make_work: Make, make_text: Text) -> None:
    judge.judge(make_work("a", make_text("a")))
    judge.judge(make_work("b", make_text("a")))
    assert verdict(judge.judge(make_work("a", make_text("a", changed=(5,)), revision=2))).verdict == "update"
    found = verdict(judge.judge(make_work("b", make_text("a", changed=(5,)), revision=2)))
    assert (found.verdict, found.of, found.cluster) == ("exact", "a", "a")


def test_a_revision_is_not_a_copy_of_what_joined_its_cluster_later(
    judge: KeptJudge, make_work: Make, make_text: Text
) -> None:
    judge.judge(make_work("head", make_text("a")))
    judge.judge(make_work("a", make_text("a", changed=(50,))))
    assert verdict(judge.judge(make_work("b", make_text("a", changed=(50,))))).of == "a"
    found = verdict(judge.judge(make_work("a", make_text("a", changed=(50, 52)), revision=2)))
    assert (found.of, found.similarity) == ("head", 89 / 103)


def test_a_revision_is_not_a_copy_of_its_copies_when_the_first_is_too_old(make_work: Make, make_text: Text) -> None:
    judge = KeptJudge(DedupSettings(window_hours=12))
    judge.judge(make_work("a", make_text("a")))
    judge.judge(make_work("b", make_text("a"), hours=10))
    judge.judge(make_work("late", make_text("late"), hours=13.1))
    assert len(judge) == 2
    assert (
        verdict(judge.judge(make_work("a", make_text("a", changed=(5,)), revision=2, hours=13.2))).verdict == "unique"
    )
    assert verdict(judge.judge(make_work("c", make_text("a"), hours=13.3))).of == "b"


def test_withdrawn_copies_do_not_hide_others(judge: KeptJudge, make_work: Make, make_text: Text) -> None:
    judge.judge(make_work("first", make_text("a")))
    for number in range(2 * DEPTH):
        judge.judge(make_work(f"d{number}", make_text("a") + f" tail{number}"))
    for number in range(2 * DEPTH):
        judge.judge(make_work(f"d{number}", "", hours=1, status=Status.WITHDRAWN))
    assert verdict(judge.judge(make_work("copy", make_text("a") + " end", hours=2))).of == "first"


def test_of_a_revised_story_with_very_many_copies_some_are_read(
    judge: KeptJudge, make_work: Make, make_text: Text
) -> None:
    judge.judge(make_work("a", make_text("a")))
    for number in range(2 * READ):
        judge.judge(make_work(f"b{number}", make_text("a")))
    before = judge.table.reads
    assert verdict(judge.judge(make_work("a", make_text("a"), revision=2))).verdict == "update"
    assert judge.table.reads - before <= 2 * READ + 1


def test_a_late_older_revision_does_not_replace(judge: KeptJudge, make_work: Make, make_text: Text) -> None:
    judge.judge(make_work("a", make_text("new"), revision=2))
    late = judge.judge(make_work("a", make_text("old"), revision=1))
    assert (verdict(late).verdict, late.overtaken) == ("unique", True)
    assert verdict(judge.judge(make_work("b", make_text("old")))).verdict == "unique"
    assert verdict(judge.judge(make_work("c", make_text("new")))).of == "a"


def test_withdrawn_leaves_and_its_cluster_keeps_the_name(judge: KeptJudge, make_work: Make, make_text: Text) -> None:
    judge.judge(make_work("a", make_text("a")))
    judge.judge(make_work("b", make_text("a"), hours=1))
    work = make_work("a", "", hours=2, status=Status.WITHDRAWN)
    gone = judge.judge(work)
    assert (gone.work, gone.overtaken, len(judge)) == (work, True, 1)
    found = verdict(judge.judge(make_work("c", make_text("a"), hours=3)))
    assert (found.of, found.cluster) == ("b", "a")
    back = judge.judge(make_work("a", make_text("other"), hours=4))
    assert (verdict(back).verdict, back.overtaken) == ("unique", True)


def test_published_again_after_a_withdrawal(judge: KeptJudge, make_work: Make, make_text: Text) -> None:
    first = make_work("a", make_text("a"), hours=1)
    judge.judge(first)
    gone = make_work("a", "", hours=2, status=Status.WITHDRAWN)
    judge.judge(gone)
    again = judge.judge(make_work("a", make_text("a"), hours=3))
    assert (verdict(again).verdict, len(judge), len(again.put)) == ("unique", 1, 1)
    for work in (first, gone):
        assert judge.judge(work).put == {}
    assert len(judge) == 1
    judge.judge(make_work("a", "", hours=4, status=Status.WITHDRAWN))
    assert len(judge) == 0


def test_rejected_passes_through(judge: KeptJudge, make_work: Make, make_text: Text) -> None:
    work = make_work("a", make_text("a"), status=Status.REJECTED)
    assert judge.judge(work) == Judgement(work=work, put={}, delete=(), overtaken=False)
    judge.judge(make_work("a", make_text("a")))
    assert judge.judge(work).overtaken
    assert len(judge) == 1


def test_other_stamps_are_never_compared(judge: KeptJudge, make_work: Make, make_text: Text) -> None:
    text = make_text("a")
    other = Fingerprinter(DedupSettings(shingle_words=4))(text)
    foreign = make_work("a", text).model_copy(update={"fingerprint": other})
    found = verdict(judge.judge(foreign))
    assert (found.verdict, found.rule) == ("unique", f"other-stamp/{other.stamp}")
    assert verdict(judge.judge(make_work("b", text))).verdict == "unique"
    assert verdict(judge.judge(foreign.model_copy(update={"event": make_work("c", text).event}))).verdict == "unique"


@pytest.mark.parametrize(
    "broken",
    [None, {"exact": "not hexadecimal"}, {"shingles": "AAAA"}, {"shingles": "!"}],
)
def test_a_broken_fingerprint_changes_nothing(
    judge: KeptJudge, make_work: Make, make_text: Text, broken: dict[str, str] | None
) -> None:
    work = make_work("a", make_text("a"))
    assert work.fingerprint is not None
    fingerprint = None if broken is None else work.fingerprint.model_copy(update=broken)
    with pytest.raises(ValueError, match=r".+"):
        judge.judge(work.model_copy(update={"fingerprint": fingerprint}))
    assert len(judge) == 0
    assert list(judge.judge(work).put) == list(KeptJudge(DedupSettings()).judge(work).put)


def test_the_window_ends_by_time(make_work: Make, make_text: Text) -> None:
    judge = KeptJudge(DedupSettings(window_hours=12, replay_documents=1))
    judge.judge(make_work("a", make_text("a")))
    assert verdict(judge.judge(make_work("in", make_text("a"), hours=12))).of == "a"
    judge.judge(make_work("late", make_text("late"), hours=13.1))
    found = verdict(judge.judge(make_work("out", make_text("a"), hours=12)))
    assert (found.of, found.cluster) == ("in", "a")


def test_the_window_ends_by_documents(make_work: Make, make_text: Text) -> None:
    settings = DedupSettings(window_documents=24, replay_documents=5)
    judge = KeptJudge(settings)
    table: dict[str, str] = {}
    for number in range(200):
        made = judge.judge(make_work(f"d{number}", make_text(f"t{number}", words=30)))
        for key in made.delete:
            del table[key]
        table.update(made.put)
        assert len(judge) <= 24
        assert len(judge) >= min(number + 1, 24 - 24 // SLICES)
        assert len(table) <= 24 + 24 // SLICES + 1
    assert verdict(judge.judge(make_work("new", make_text("t170", words=30)))).verdict == "unique"
    assert verdict(judge.judge(make_work("copy", make_text("t190", words=30)))).of == "d190"


def test_the_window_ends_by_bytes(make_work: Make, make_text: Text) -> None:
    judge = KeptJudge(DedupSettings(window_bytes=1_000_000, replay_documents=1))
    size = len(fingerprint_of(make_work("a", make_text("t0-", 2000))))
    for number in range(300):
        judge.judge(make_work(f"d{number}", make_text(f"t{number}-", 2000)))
        assert judge.characters <= 1_000_000 + size
        assert len(judge) >= min(number + 1, (1_000_000 - 1_000_000 // SLICES) // size - 1)
    assert sum(map(len, judge.table.values())) < 1_200_000
    assert verdict(judge.judge(make_work("new", make_text("t100-", 2000)))).verdict == "unique"
    assert verdict(judge.judge(make_work("copy", make_text("t290-", 2000)))).of == "d290"
    characters = judge.characters
    judge.load()
    assert judge.characters == characters


def fingerprint_of(work: Work) -> str:
    assert work.fingerprint is not None
    return work.fingerprint.shingles


def test_a_row_that_is_gone_costs_the_documents_that_need_it(
    judge: KeptJudge, make_work: Make, make_text: Text
) -> None:
    made = judge.judge(make_work("a", make_text("a")))
    for key in made.put:
        del judge.table[key]
    with pytest.raises(LookupError, match="no row of judgement 1"):
        judge.judge(make_work("b", make_text("a")))
    assert verdict(judge.judge(make_work("c", make_text("c")))).verdict == "unique"
    assert verdict(judge.judge(make_work("d", make_text("c")))).of == "c"


def test_rows_are_deleted_a_few_at_a_time(make_work: Make, make_text: Text) -> None:
    judge = KeptJudge(DedupSettings(window_hours=1, replay_documents=1))
    written = [
        key
        for number in range(3 * DELETED)
        for key in judge.judge(make_work(f"d{number}", make_text(f"t{number}"))).put
    ]
    judge.judge(make_work("late", make_text("late"), hours=5))
    deleted = [judge.judge(make_work(f"e{number}", make_text(f"e{number}"), hours=5)).delete for number in range(4)]
    assert [len(keys) for keys in deleted] == [DELETED] * 3 + [0]
    assert list(itertools.chain(*deleted)) == written


def test_verdict_is_kept_beyond_the_window(make_work: Make, make_text: Text) -> None:
    judge = KeptJudge(DedupSettings(window_hours=1, replay_documents=3))
    judge.judge(make_work("a", make_text("a")))
    copy = make_work("b", make_text("a"))
    first = judge.judge(copy)
    judge.judge(make_work("late", make_text("late"), hours=50))
    again = judge.judge(copy)
    assert (again.work, again.put) == (first.work, {})


def rows_of(judge: KeptJudge, works: list[Work]) -> dict[str, str]:
    return {key: value for work in works for key, value in judge.judge(work).put.items()}


def test_load_leaves_out_what_it_cannot_use(make_work: Make, make_text: Text) -> None:
    settings = DedupSettings()
    works = [make_work(f"d{number}", make_text(f"t{number}")) for number in range(4)]
    rows = rows_of(KeptJudge(settings), works)
    keys = list(rows)
    other = KeptJudge(DedupSettings(shingle_words=4))
    fingerprint = Fingerprinter(DedupSettings(shingle_words=4))(make_text("t9"))
    old = rows_of(other, [make_work("d9", make_text("t9")).model_copy(update={"fingerprint": fingerprint})])
    bad = {"no-number": rows[keys[0]], "empty": "", "list": "[]", "text": "Ünsinn\ud800"}
    bad[keys[1]] = json.dumps(json.loads(rows[keys[1]]) | {"number": "x"})
    judge = KeptJudge(settings, dict(reversed((rows | bad | old).items())))
    assert judge.stale == tuple(sorted([*bad, *old]))
    assert len(judge) == 3
    made = judge.judge(make_work("new", make_text("t1")))
    assert verdict(made).verdict == "unique"
    assert made.delete == judge.stale[:DELETED]
    assert not set(made.put) & set(rows)


def test_load_of_nothing(make_work: Make, make_text: Text) -> None:
    judge = KeptJudge(DedupSettings())
    judge.judge(make_work("a", make_text("a")))
    judge.table.clear()
    judge.load()
    assert (len(judge), judge.stale) == (0, ())
    assert verdict(judge.judge(make_work("b", make_text("a")))).verdict == "unique"


def test_load_with_a_smaller_window(make_work: Make, make_text: Text) -> None:
    works = [make_work(f"d{number}", make_text(f"t{number}"), hours=number / 100) for number in range(60)]
    rows = rows_of(KeptJudge(DedupSettings()), works)
    for small in (
        DedupSettings(window_documents=12),
        DedupSettings(window_hours=0.01),
        DedupSettings(window_documents=1),
    ):
        judge = KeptJudge(small, rows)
        assert judge.judge(works[-1]).put == {}
        assert verdict(judge.judge(make_work("new", make_text("new"), hours=1))).verdict == "unique"
        assert len(judge) <= 12


def test_against_a_plain_search(make_work: Make, make_text: Text) -> None:
    """Over a few hundred documents with many copies, every verdict is what comparing with each earlier document says."""
    rng = random.Random(12)  # noqa: S311 - the same on every run; a short excerpt may be missed
    settings = DedupSettings()
    judge = KeptJudge(settings)
    letters = str.maketrans(
        "0123456789", "abcdefghij"
    )  # a number tells a story from another one; here words are to count alone
    seen: list[tuple[str, Fingerprint, Duplicate]] = []
    for number in range(400):
        words, changed = rng.choice((15, 60, 120, 300)), rng.sample(range(60), rng.choice((0, 0, 1, 2, 4, 8)))
        text = make_text(f"t{rng.randrange(12)}-", words, tuple(changed), rng.choice("xyz"))
        work = make_work(f"d{number}", text.translate(letters))
        assert work.fingerprint is not None
        found = verdict(judge.judge(work))
        assert _told(found) == _searched(settings, work.fingerprint, seen, work.event.id)
        seen.append((work.event.id, work.fingerprint, found))
    assert {one.verdict for _, _, one in seen} == {"unique", "exact", "near", "excerpt", "expansion"}


def _told(found: Duplicate) -> tuple[object, ...]:
    return found.verdict, found.of, found.cluster, found.similarity, found.containment


def _searched(
    settings: DedupSettings, made: Fingerprint, seen: list[tuple[str, Fingerprint, Duplicate]], own: str
) -> tuple[object, ...]:
    for name, other, its in seen:
        if other.exact == made.exact:
            return "exact", name, its.cluster, 1.0, None
    found = []
    for place, (_, other, _) in enumerate(seen):
        if not made.shingles or not other.shingles:
            continue
        common = overlap(kept_shingles(made), kept_shingles(other))
        contained = max(common.inside, common.around)
        if common.jaccard >= settings.near_similarity:
            found.append((0, -common.jaccard, place, "near", contained))
        elif contained >= settings.containment:
            nested = "excerpt" if contained == common.inside else "expansion"
            found.append((1, -common.jaccard, place, nested, contained))
    if not found:
        return "unique", None, own, None, None
    _, similarity, place, said, contained = min(found)
    name, _, its = seen[place]
    return said, name, its.cluster, -similarity, contained


def test_compare(make_text: Text) -> None:
    settings = DedupSettings()
    a, b = make_text("a"), make_text("a", changed=(50,)) + " " + make_text("b", 50)
    made = compare(a, b, settings)
    assert (made.shingles_a, made.shingles_b, made.shared) == (96, 146, 91)
    assert (made.jaccard, made.containment_a, made.containment_b) == (91 / 151, 91 / 96, 91 / 146)
    assert made.estimated == pytest.approx(made.jaccard, abs=0.25)
    assert (made.verdict, made.rule) == ("near", NEAR_RULE)
    assert (compare(a, a.upper(), settings).verdict, compare(a, a, settings).rule) == ("exact", "exact-text")
    assert compare(a, make_text("b"), settings).verdict == "unique"
    assert compare("Too short.", "Not long.", settings).rule == "exact-text"


@pytest.mark.parametrize("withdrawn", [0, 1, 2], ids=["documents", "and withdrawals", "withdrawals alone"])
def test_an_id_that_came_often_costs_no_more_than_one_that_came_twice(
    make_work: Make, make_text: Text, withdrawn: int
) -> None:
    judge = KeptJudge(DedupSettings(window_documents=1000, replay_documents=1000))

    def come(number: int) -> Work:
        gone = withdrawn == 2 or (withdrawn == 1 and number % 2 == 1)
        if gone:
            return make_work("unknown", "", hours=number / 1000, status=Status.WITHDRAWN)
        return make_work("unknown", make_text(f"t{number}-"), hours=number / 1000, revision=number)

    def lines(works: list[Work]) -> int:
        """Lines of the judge and the window that are run for ``works``: what it costs, whatever the machine does."""
        count = 0

        def trace(frame: FrameType, event: str, argument: Any) -> Any:
            nonlocal count
            count += event == "line"
            is_ours = frame.f_code.co_filename.split("/services/")[-1].startswith(("dedup/", "kept/"))
            return trace if is_ours else None

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            for work in works:
                judge.judge(work)
        finally:
            sys.settrace(before)
        return count

    works = [come(number) for number in range(900)]
    for work in works[:20]:
        judge.judge(work)
    few = lines(works[20:100])
    for work in works[100:820]:
        judge.judge(work)
    assert lines(works[820:]) < 1.5 * few
