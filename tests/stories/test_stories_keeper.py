"""What copies, revisions and withdrawals do to stories, what rows are written, and what is published of a story."""

from itertools import pairwise

import pytest

from schemas import Status, Work
from schemas.base import CANARY_PREFIX
from schemas.event import Story
from services.stories.keeper import DELETED
from services.stories.settings import StoriesSettings
from services.stories.weighing import NOTHING, packed, scaled, unpacked
from tests.stories.kept import KeptKeeper, gone, work
from tests.stories.news import FERRY, OTHERS, STRIKE

SETTINGS = StoriesSettings(window_documents=100, replay_documents=20)


def keeper(**changed: float) -> KeptKeeper:
    return KeptKeeper(SETTINGS.model_copy(update=changed))


def story(kept: KeptKeeper, work: Work) -> Story:
    found = kept.place(work).work.event.story
    assert found is not None
    return found


def test_a_document_joins_the_story_that_its_words_tell() -> None:
    kept = keeper()
    opened = story(kept, work("a", FERRY[0], source="harbor.example"))
    joined = story(kept, work("b", FERRY[1], 1, source="coast.example"))
    assert (opened.id, opened.of, opened.rule, opened.documents, opened.sources) == (
        "a",
        None,
        "opened/story<0.3",
        1,
        1,
    )
    assert (joined.id, joined.of, joined.rule, joined.documents, joined.sources) == (
        "a",
        "a",
        "joined/story>=0.3",
        2,
        2,
    )
    assert story(kept, work("c", OTHERS[0], 1)).id == "c"


@pytest.mark.parametrize("verdict", ["exact", "near", "excerpt"])
def test_a_copy_is_of_the_story_of_what_it_copies_and_is_no_voice(verdict: str) -> None:
    kept = keeper()
    kept.place(work("a", FERRY[0], source="harbor.example"))
    copied = story(kept, work("b", OTHERS[0], 1, copies="a", verdict=verdict, source="b", status=Status.DUPLICATE))  # type: ignore[arg-type]
    assert (copied.id, copied.of, copied.rule, copied.similarity) == ("a", "a", "copy", 1.0)
    assert (copied.documents, copied.sources) == (1, 1)
    kept.publish()
    record = kept.topic["a"]
    assert (record.documents, record.copies, record.source_count, record.titles[0].copy_of) == (1, 1, 2, "a")
    assert story(kept, work("c", OTHERS[0], 2)).id == "c", "nothing is compared with a copy"


def test_a_copy_of_a_copy_finds_the_story_by_the_cluster() -> None:
    kept = keeper()
    kept.place(work("a", FERRY[0]))
    assert story(kept, work("c", ("", ""), 1, copies="b", cluster="a")).id == "a"


def test_a_document_follows_its_copy_that_came_first() -> None:
    """A copy is judged before what it copies has been read, and may be before it on the topic."""
    kept = keeper()
    early = story(kept, work("copy", FERRY[0], copies="a", status=Status.DUPLICATE))
    assert (early.id, early.documents) == ("copy", 0)
    late = story(kept, work("a", FERRY[0], 1))
    assert (late.id, late.of, late.rule, late.documents) == ("copy", "copy", "copied", 1)
    assert story(kept, work("b", FERRY[1], 2)).id == "copy"


def test_what_adds_to_another_text_is_placed_by_its_own_words() -> None:
    kept = keeper()
    kept.place(work("a", FERRY[0]))
    assert story(kept, work("roundup", STRIKE[0], 1, copies="a", verdict="expansion")).id == "roundup"


def test_a_revision_takes_the_place_of_the_one_before() -> None:
    kept = keeper()
    kept.place(work("a", FERRY[0]))
    kept.place(work("b", FERRY[1], 1))
    again = story(kept, work("b", FERRY[2], 2, revision=2))
    assert (again.id, again.of, again.documents) == ("a", "a", 2)
    elsewhere = story(kept, work("b", STRIKE[0], 3, revision=3))
    assert (elsewhere.id, elsewhere.documents) == ("b", 1)
    kept.publish()
    assert {name: record.documents for name, record in kept.topic.items()} == {"a": 1, "b": 1}


def test_a_revision_that_comes_late_counts_nowhere() -> None:
    kept = keeper()
    kept.place(work("a", FERRY[0], revision=2))
    late = story(kept, work("a", STRIKE[0], 1, revision=1))
    assert (late.id, late.of, late.rule, late.documents) == ("a", "a", "older-revision", 1)
    assert story(kept, work("b", STRIKE[1], 2)).id == "b"


def test_a_story_that_lost_its_first_document_keeps_its_name_and_the_next_one_of_that_id_has_another() -> None:
    kept = keeper()
    kept.place(work("a", FERRY[0]))
    kept.place(work("b", FERRY[1], 1))
    other = work("a", STRIKE[0], 2, revision=2)
    found = story(kept, other)
    assert found.id == f"a#{other.event.event_id[:8]}"
    kept.publish()
    assert {name: record.head.id for name, record in kept.topic.items()} == {"a": "b", found.id: "a"}


def test_two_documents_of_one_id_that_the_judge_keeps_apart_both_stay() -> None:
    kept = keeper()
    kept.place(work("1", FERRY[0]))
    beside = work("1", STRIKE[0], 1, cluster="1#12345678")
    assert story(kept, beside).id == f"1#{beside.event.event_id[:8]}"
    assert story(kept, work("b", FERRY[1], 2)).id == "1"
    again = story(kept, work("1", STRIKE[1], 3, revision=2, cluster="1#12345678"))
    assert again.documents == 1
    assert kept.stories == 2
    kept.place(gone("1", 4))
    kept.publish()
    assert kept.topic.keys() == {"1"}


def test_a_withdrawal_takes_the_document_out_and_a_story_without_documents_ends() -> None:
    kept = keeper()
    kept.place(work("a", FERRY[0]))
    kept.place(work("b", FERRY[1], 1))
    kept.publish()
    withdrawn = kept.place(gone("a", 2)).work
    assert withdrawn.event.story is None
    assert [(name, record and record.documents) for name, record in kept.changes()] == [("a", 1)]
    kept.place(gone("b", 3))
    assert kept.changes() == [("a", None)]
    assert kept.stories == 0
    assert story(kept, work("b", FERRY[1], 4)).rule == "opened/story<0.3", "sent again after it was withdrawn"


def test_canaries_and_what_was_rejected_pass() -> None:
    kept = keeper()
    for one in (work(f"{CANARY_PREFIX}1", FERRY[0]), work("r", FERRY[0], status=Status.REJECTED)):
        placement = kept.place(one)
        assert (placement.work, placement.put) == (one, {})
    assert (len(kept), kept.stories, kept.changes()) == (0, 0, [])


def test_a_work_that_comes_again_changes_nothing_and_its_story_is_told_again() -> None:
    kept = keeper()
    first = kept.place(work("a", FERRY[0])).work
    kept.place(work("b", FERRY[1], 1))
    kept.changes()
    placement = kept.place(work("a", FERRY[0], 5))  # sent again, later
    assert placement.work.event.story == first.event.story
    assert (placement.put, placement.delete, len(kept)) == ({}, (), 2)
    assert [name for name, _ in kept.changes()] == ["a"]


def test_a_story_ends_with_the_window_and_says_so() -> None:
    kept = keeper()
    kept.place(work("a", FERRY[0]))
    kept.publish()
    kept.place(work("b", OTHERS[0], 7 * 24 + 1))
    assert [(name, record is None) for name, record in kept.changes()] == [("a", True), ("b", False)]


def test_the_table_is_bounded_and_rows_are_small() -> None:
    kept = keeper(window_documents=30, replay_documents=10)
    rows = []
    for number in range(200):
        placement = kept.place(work(f"d{number}", (*FERRY, *STRIKE, *OTHERS)[number % 7], number / 60))
        assert len(placement.delete) <= DELETED
        rows.append(len(kept.table))
        assert max(map(len, placement.put.values())) < 3_000
    assert max(rows) <= 30 + 10 + 2
    assert len(kept) == 30


def test_rows_that_cannot_be_read_are_left_out_and_deleted() -> None:
    kept = keeper()
    for number in range(5):
        kept.place(work(f"d{number}", FERRY[number % 3], number))
    broken = {**kept.table, "of-an-earlier-release": "{}"}
    last, *_ = sorted(kept.table, reverse=True)
    broken[last] = "{"
    again = KeptKeeper(SETTINGS, broken)
    assert len(again) == 4
    assert story(again, work("d4", FERRY[1], 4)).documents == 5
    assert "of-an-earlier-release" not in again.table


def test_a_large_story_is_told_by_its_newest_documents() -> None:
    kept = keeper(window_documents=300)
    for number in range(250):
        kept.place(work(f"d{number}", FERRY[number % 3], number / 60, source=f"s{number % 120}"))
    kept.publish()
    record = kept.topic["d0"]
    assert (record.documents, record.source_count, record.head.id) == (250, 120, "d0")
    assert [one.id for one in record.titles[:2]] == ["d249", "d248"]
    assert sum(bucket.documents for bucket in record.timeline) == 100


def test_a_vector_comes_back_from_its_text_to_the_last_bit() -> None:
    kept = keeper()
    for told in (*FERRY, ("Ferry", ""), ("a", "ferry " * 40)):
        one = kept.clusterer.weigh(*told)
        again = unpacked(packed(one))
        assert again.title == one.title
        assert all((a == b).all() for a, b in zip(again[:3], one[:3], strict=True))
        assert (again.heaviest == one.heaviest).all()
    assert len(unpacked(packed(NOTHING)).hashes) == 0
    assert all(a >= b for a, b in pairwise(one.weights[one.heaviest].tolist()))
    assert scaled(one.hashes, (one.weights * (1 << 15)).astype("u2"), one.titled).title == one.title
    with pytest.raises(ValueError, match="no terms"):
        unpacked("AAAA")


def keys(kept: KeptKeeper, work: Work) -> list[str | None]:
    return [entity.key for entity in kept.place(work).work.event.entities]


def named(kept: KeptKeeper, times: int) -> None:
    for number in range(times):
        kept.place(work(f"n{number}", OTHERS[0], names=("Ines Moran", "Tom Hale")))


def test_a_bare_surname_gets_the_key_of_whom_the_stream_names() -> None:
    kept = keeper()
    assert keys(kept, work("first", FERRY[0], names=("Moran",))) == [None]
    named(kept, 6)
    assert keys(kept, work("a", FERRY[0], 1, names=("Moran", "Lund"))) == ["person:ines moran", None]
    assert keys(kept, work("b", FERRY[1], 1, names=("Ann Moran", "Ines Moran", "Moran"))) == [
        "person:ann moran",
        "person:ines moran",
        None,
    ], "a document that names several of that name does not say which"


def test_a_document_that_comes_again_gets_the_keys_that_it_got() -> None:
    kept = keeper()
    named(kept, 6)
    sent = work("a", FERRY[0], 1, names=("Moran",))
    first = keys(kept, sent)
    for number in range(15):
        kept.place(work(f"m{number}", OTHERS[1], 2, names=("Ann Moran",)))
    assert keys(kept, work("b", FERRY[1], 2, names=("Moran",))) != first
    assert keys(kept, sent) == first == ["person:ines moran"]
    assert keys(KeptKeeper(SETTINGS, kept.table), sent) == first


def test_a_copy_and_a_revision_that_comes_late_get_keys() -> None:
    kept = keeper()
    named(kept, 6)
    kept.place(work("a", FERRY[0], 1, revision=3))
    assert keys(kept, work("a", FERRY[0], 2, revision=2, names=("Moran",))) == ["person:ines moran"]
    assert keys(kept, work("b", FERRY[0], 2, copies="a", names=("Moran",))) == ["person:ines moran"]


def test_names_are_remembered_for_so_many_documents_as_verdicts() -> None:
    kept = keeper(replay_documents=10)
    named(kept, 6)
    for number in range(4):
        kept.place(work(f"o{number}", OTHERS[1]))
    assert keys(kept, work("a", FERRY[0], 1, names=("Moran",))) == ["person:ines moran"]
    for number in range(10):
        kept.place(work(f"p{number}", OTHERS[1]))
    assert keys(kept, work("b", FERRY[0], 1, names=("Moran",))) == [None]


def test_the_record_of_a_story_counts_a_bare_name_as_whom_it_means() -> None:
    kept = keeper()
    named(kept, 6)
    kept.place(work("a", FERRY[0], 1, names=("Ines Moran",)))
    kept.place(work("b", FERRY[1], 1, names=("Moran",)))
    kept.publish()
    assert [(one.name, one.documents) for one in kept.topic["a"].entities] == [("Ines Moran", 2)]
