import itertools
import json
import random
from collections.abc import Callable

import pytest

from schemas import Duplicate, Fingerprint, Status, Work
from services.dedup.core import Judge, Judgement, compare
from services.dedup.fingerprint import Fingerprinter, jaccard, signature_values
from services.dedup.index import DEPTH
from services.dedup.settings import DedupSettings
from services.dedup.window import DELETED, SLICES

Make = Callable[..., Work]
Text = Callable[..., str]
NEAR_RULE = "minhash-5w-128/jaccard>=0.50"


def verdict(judgement: Judgement) -> Duplicate:
    found = judgement.work.event.duplicate
    assert found is not None
    return found


@pytest.fixture
def judge() -> Judge:
    return Judge(DedupSettings())


def test_unique(judge: Judge, make_work: Make, make_text: Text) -> None:
    work = make_work("a", make_text("a"))
    made = judge.judge(work)
    assert verdict(made) == Duplicate(verdict="unique", cluster="a", rule=NEAR_RULE)
    assert (made.work.event.status, made.work.done, made.work.fingerprint) == (Status.ENRICHED, False, None)
    assert made.work.event.model_copy(update={"duplicate": None}) == work.event
    assert (len(made.put), made.delete, made.overtaken, len(judge)) == (1, (), False, 1)


def test_exact_copy_of_the_earliest(judge: Judge, make_work: Make, make_text: Text) -> None:
    for number, name in enumerate(("a", "b", "c")):
        made = judge.judge(make_work(name, make_text("a").upper() if name == "b" else make_text("a"), hours=number))
    assert verdict(made) == Duplicate(
        verdict="exact", cluster="a", of="a", similarity=1.0, rule="exact-text", seconds_after=7200
    )
    assert (made.work.event.status, made.work.done) == (Status.DUPLICATE, True)


def test_near_copy_above_skip(judge: Judge, make_work: Make, make_text: Text) -> None:
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
    assert found.estimated == pytest.approx(0.9, abs=0.15)
    assert (made.work.event.status, made.work.done) == (Status.DUPLICATE, True)


def test_near_copy_below_skip_goes_on(judge: Judge, make_work: Make, make_text: Text) -> None:
    judge.judge(make_work("a", make_text("a")))
    made = judge.judge(make_work("b", make_text("a", changed=(20, 50, 80))))
    assert verdict(made).similarity == 81 / 111
    assert (made.work.event.status, made.work.done) == (Status.ENRICHED, False)


def test_policy_enrich_all(make_work: Make, make_text: Text) -> None:
    judge = Judge(DedupSettings(policy="enrich_all"))
    judge.judge(make_work("a", make_text("a")))
    for name, changed in (("b", ()), ("c", (50,))):
        made = judge.judge(make_work(name, make_text("a", changed=changed)))
        assert verdict(made).verdict != "unique"
        assert (made.work.event.status, made.work.done) == (Status.ENRICHED, False)


def test_the_most_similar_wins_then_the_earliest(judge: Judge, make_work: Make, make_text: Text) -> None:
    judge.judge(make_work("far", make_text("a", changed=(30, 50))))
    judge.judge(make_work("first", make_text("a", changed=(50,), mark="y")))
    judge.judge(make_work("second", make_text("a", changed=(50,), mark="z")))
    found = verdict(judge.judge(make_work("copy", make_text("a"))))
    assert (found.of, found.cluster) == ("first", "far")


def test_short_texts_are_compared_exactly(judge: Judge, make_work: Make, make_text: Text) -> None:
    made = judge.judge(make_work("a", make_text("a", words=19)))
    assert verdict(made) == Duplicate(verdict="unique", cluster="a", rule="exact-text")
    assert verdict(judge.judge(make_work("b", make_text("a", words=18)))).verdict == "unique"
    assert verdict(judge.judge(make_work("c", make_text("a", words=19)))).of == "a"


def test_received_before_its_original(judge: Judge, make_work: Make, make_text: Text) -> None:
    judge.judge(make_work("a", make_text("a"), hours=2))
    assert verdict(judge.judge(make_work("b", make_text("a"), hours=1))).seconds_after == 0


def test_redelivered_is_the_same_and_changes_nothing(judge: Judge, make_work: Make, make_text: Text) -> None:
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


def test_a_revision_is_not_its_own_copy(judge: Judge, make_work: Make, make_text: Text) -> None:
    judge.judge(make_work("a", make_text("a")))
    for revision, changed in ((2, (50,)), (3, ()), (3, (51,))):
        made = judge.judge(make_work("a", make_text("a", changed=changed), revision=revision))
        assert verdict(made) == Duplicate(verdict="unique", cluster="a", rule=NEAR_RULE)
        assert made.overtaken
    assert len(judge) == 1
    found = verdict(judge.judge(make_work("b", make_text("a", changed=(51,)))))
    assert (found.verdict, found.of) == ("exact", "a")


def test_a_revision_is_compared_with_others(judge: Judge, make_work: Make, make_text: Text) -> None:
    judge.judge(make_work("x", make_text("x")))
    judge.judge(make_work("a", make_text("a")))
    found = verdict(judge.judge(make_work("a", make_text("x"), revision=2)))
    assert (found.verdict, found.of, found.cluster) == ("exact", "x", "x")
    assert verdict(judge.judge(make_work("b", make_text("a")))).verdict == "unique"


def test_a_revision_is_not_a_copy_of_its_copies(judge: Judge, make_work: Make, make_text: Text) -> None:
    judge.judge(make_work("a", make_text("a")))
    judge.judge(make_work("b", make_text("a")))
    assert verdict(judge.judge(make_work("a", make_text("a", changed=(5,)), revision=2))).verdict == "unique"
    found = verdict(judge.judge(make_work("b", make_text("a", changed=(5,)), revision=2)))
    assert (found.verdict, found.of, found.cluster) == ("exact", "a", "a")


def test_a_revision_is_not_a_copy_of_what_joined_its_cluster_later(
    judge: Judge, make_work: Make, make_text: Text
) -> None:
    judge.judge(make_work("head", make_text("a")))
    judge.judge(make_work("a", make_text("a", changed=(50,))))
    assert verdict(judge.judge(make_work("b", make_text("a", changed=(50,))))).of == "a"
    found = verdict(judge.judge(make_work("a", make_text("a", changed=(50, 52)), revision=2)))
    assert (found.of, found.similarity) == ("head", 89 / 103)


def test_a_revision_is_not_a_copy_of_its_copies_when_the_first_is_too_old(make_work: Make, make_text: Text) -> None:
    judge = Judge(DedupSettings(window_hours=12))
    judge.judge(make_work("a", make_text("a")))
    judge.judge(make_work("b", make_text("a"), hours=10))
    judge.judge(make_work("late", make_text("late"), hours=13.1))
    assert len(judge) == 2
    assert (
        verdict(judge.judge(make_work("a", make_text("a", changed=(5,)), revision=2, hours=13.2))).verdict == "unique"
    )
    assert verdict(judge.judge(make_work("c", make_text("a"), hours=13.3))).of == "b"


def test_withdrawn_copies_do_not_hide_others(judge: Judge, make_work: Make, make_text: Text) -> None:
    judge.judge(make_work("first", make_text("a")))
    for number in range(2 * DEPTH):
        judge.judge(make_work(f"d{number}", make_text("a") + f" tail{number}"))
    for number in range(2 * DEPTH):
        judge.judge(make_work(f"d{number}", "", hours=1, status=Status.WITHDRAWN))
    assert verdict(judge.judge(make_work("copy", make_text("a") + " end", hours=2))).of == "first"


def test_a_late_older_revision_does_not_replace(judge: Judge, make_work: Make, make_text: Text) -> None:
    judge.judge(make_work("a", make_text("new"), revision=2))
    late = judge.judge(make_work("a", make_text("old"), revision=1))
    assert (verdict(late).verdict, late.overtaken) == ("unique", True)
    assert verdict(judge.judge(make_work("b", make_text("old")))).verdict == "unique"
    assert verdict(judge.judge(make_work("c", make_text("new")))).of == "a"


def test_withdrawn_leaves_and_its_cluster_keeps_the_name(judge: Judge, make_work: Make, make_text: Text) -> None:
    judge.judge(make_work("a", make_text("a")))
    judge.judge(make_work("b", make_text("a"), hours=1))
    work = make_work("a", "", hours=2, status=Status.WITHDRAWN)
    gone = judge.judge(work)
    assert (gone.work, gone.overtaken, len(judge)) == (work, True, 1)
    found = verdict(judge.judge(make_work("c", make_text("a"), hours=3)))
    assert (found.of, found.cluster) == ("b", "a")
    back = judge.judge(make_work("a", make_text("other"), hours=4))
    assert (verdict(back).verdict, back.overtaken) == ("unique", True)


def test_published_again_after_a_withdrawal(judge: Judge, make_work: Make, make_text: Text) -> None:
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


def test_rejected_passes_through(judge: Judge, make_work: Make, make_text: Text) -> None:
    work = make_work("a", make_text("a"), status=Status.REJECTED)
    assert judge.judge(work) == Judgement(work=work, put={}, delete=(), overtaken=False)
    judge.judge(make_work("a", make_text("a")))
    assert judge.judge(work).overtaken
    assert len(judge) == 1


def test_other_stamps_are_never_compared(judge: Judge, make_work: Make, make_text: Text) -> None:
    text = make_text("a")
    other = Fingerprinter(DedupSettings(shingle_words=4))(text)
    foreign = make_work("a", text).model_copy(update={"fingerprint": other})
    found = verdict(judge.judge(foreign))
    assert (found.verdict, found.rule) == ("unique", f"other-stamp/{other.stamp}")
    assert verdict(judge.judge(make_work("b", text))).verdict == "unique"
    assert verdict(judge.judge(foreign.model_copy(update={"event": make_work("c", text).event}))).verdict == "unique"


@pytest.mark.parametrize(
    "broken",
    [None, {"exact": "not hexadecimal"}, {"signature": "AAAA"}, {"signature": "AAAAAA=="}, {"shingles": "!"}],
)
def test_a_broken_fingerprint_changes_nothing(
    judge: Judge, make_work: Make, make_text: Text, broken: dict[str, str] | None
) -> None:
    work = make_work("a", make_text("a"))
    assert work.fingerprint is not None
    fingerprint = None if broken is None else work.fingerprint.model_copy(update=broken)
    with pytest.raises(ValueError, match=r".+"):
        judge.judge(work.model_copy(update={"fingerprint": fingerprint}))
    assert len(judge) == 0
    assert list(judge.judge(work).put) == list(Judge(DedupSettings()).judge(work).put)


def test_the_window_ends_by_time(make_work: Make, make_text: Text) -> None:
    judge = Judge(DedupSettings(window_hours=12, replay_documents=1))
    judge.judge(make_work("a", make_text("a")))
    assert verdict(judge.judge(make_work("in", make_text("a"), hours=12))).of == "a"
    judge.judge(make_work("late", make_text("late"), hours=13.1))
    found = verdict(judge.judge(make_work("out", make_text("a"), hours=12)))
    assert (found.of, found.cluster) == ("in", "a")


def test_the_window_ends_by_documents(make_work: Make, make_text: Text) -> None:
    settings = DedupSettings(window_documents=24, replay_documents=5)
    judge = Judge(settings)
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


def test_rows_are_deleted_a_few_at_a_time(make_work: Make, make_text: Text) -> None:
    judge = Judge(DedupSettings(window_hours=1, replay_documents=1))
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
    judge = Judge(DedupSettings(window_hours=1, replay_documents=3))
    judge.judge(make_work("a", make_text("a")))
    copy = make_work("b", make_text("a"))
    first = judge.judge(copy)
    judge.judge(make_work("late", make_text("late"), hours=50))
    again = judge.judge(copy)
    assert (again.work, again.put) == (first.work, {})


def rows_of(judge: Judge, works: list[Work]) -> dict[str, str]:
    return {key: value for work in works for key, value in judge.judge(work).put.items()}


def test_load_leaves_out_what_it_cannot_use(make_work: Make, make_text: Text) -> None:
    settings = DedupSettings()
    works = [make_work(f"d{number}", make_text(f"t{number}")) for number in range(4)]
    rows = rows_of(Judge(settings), works)
    keys = list(rows)
    other = Judge(DedupSettings(shingle_words=4))
    fingerprint = Fingerprinter(DedupSettings(shingle_words=4))(make_text("t9"))
    old = rows_of(other, [make_work("d9", make_text("t9")).model_copy(update={"fingerprint": fingerprint})])
    bad = {"no-number": rows[keys[0]], "empty": "", "list": "[]", "text": "Ünsinn\ud800"}
    bad[keys[1]] = json.dumps(json.loads(rows[keys[1]]) | {"number": "x"})
    judge = Judge(settings)
    judge.load(reversed((rows | bad | old).items()))
    assert judge.stale == tuple(sorted([*bad, *old]))
    assert len(judge) == 3
    made = judge.judge(make_work("new", make_text("t1")))
    assert verdict(made).verdict == "unique"
    assert made.delete == judge.stale
    assert not set(made.put) & set(rows)


def test_load_of_nothing(make_work: Make, make_text: Text) -> None:
    judge = Judge(DedupSettings())
    judge.judge(make_work("a", make_text("a")))
    judge.load(())
    assert (len(judge), judge.stale) == (0, ())
    assert verdict(judge.judge(make_work("b", make_text("a")))).verdict == "unique"


def test_load_with_a_smaller_window(make_work: Make, make_text: Text) -> None:
    works = [make_work(f"d{number}", make_text(f"t{number}"), hours=number / 100) for number in range(60)]
    rows = rows_of(Judge(DedupSettings()), works)
    for small in (
        DedupSettings(window_documents=12),
        DedupSettings(window_hours=0.01),
        DedupSettings(window_documents=1),
    ):
        judge = Judge(small)
        judge.load(rows.items())
        assert len(judge) <= 12
        assert judge.judge(works[-1]).put == {}
        assert verdict(judge.judge(make_work("new", make_text("new"), hours=1))).verdict == "unique"


def test_against_a_plain_search(make_work: Make, make_text: Text) -> None:
    """Over a few hundred documents with many copies, every verdict is what comparing with each earlier document says."""
    rng = random.Random(11)  # noqa: S311 - the same on every run
    settings = DedupSettings()
    judge = Judge(settings)
    seen: list[tuple[str, Fingerprint, Duplicate]] = []
    for number in range(400):
        words, changed = rng.choice((15, 60, 120)), rng.sample(range(60), rng.choice((0, 0, 1, 2, 4, 8)))
        work = make_work(f"d{number}", make_text(f"t{rng.randrange(12)}-", words, tuple(changed), rng.choice("xyz")))
        assert work.fingerprint is not None
        found = verdict(judge.judge(work))
        assert found == _searched(settings, work.fingerprint, found, seen)
        seen.append((work.event.id, work.fingerprint, found))
    assert {one.verdict for _, _, one in seen} == {"unique", "exact", "near"}


def _searched(
    settings: DedupSettings, made: Fingerprint, found: Duplicate, seen: list[tuple[str, Fingerprint, Duplicate]]
) -> Duplicate:
    for name, other, its in seen:
        if other.exact == made.exact:
            return found.model_copy(update={"verdict": "exact", "of": name, "cluster": its.cluster, "similarity": 1.0})
    near = [
        (-jaccard(made, other), place)
        for place, (_, other, _) in enumerate(seen)
        if other.signature and made.signature and _share_a_band(settings, made, other)
    ]
    similarity, place = min(near, default=(0.0, 0))
    if -similarity < settings.near_similarity:
        return found.model_copy(update={"verdict": "unique", "of": None, "similarity": None})
    name, _, its = seen[place]
    return found.model_copy(update={"verdict": "near", "of": name, "cluster": its.cluster, "similarity": -similarity})


def _share_a_band(settings: DedupSettings, a: Fingerprint, b: Fingerprint) -> bool:
    used = settings.bands * settings.rows
    same = (signature_values(a) == signature_values(b))[:used].reshape(settings.bands, settings.rows)
    return bool(same.all(axis=1).any())


def test_compare(make_text: Text) -> None:
    settings = DedupSettings()
    a, b = make_text("a"), make_text("a", changed=(50,)) + " " + make_text("b", 50)
    made = compare(a, b, settings)
    assert (made.shingles_a, made.shingles_b, made.shared) == (96, 146, 91)
    assert (made.jaccard, made.containment_a, made.containment_b) == (91 / 151, 91 / 96, 91 / 146)
    assert made.estimated == pytest.approx(made.jaccard, abs=0.2)
    assert (made.verdict, made.rule) == ("near", NEAR_RULE)
    assert (compare(a, a.upper(), settings).verdict, compare(a, a, settings).rule) == ("exact", "exact-text")
    assert compare(a, make_text("b"), settings).verdict == "unique"
    assert compare("Too short.", "Not long.", settings).rule == "exact-text"
