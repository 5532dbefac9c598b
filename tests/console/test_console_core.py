"""What is kept of the stream: bounded, the same after any repetition, and stances counted once."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas import Duplicate, Event, Holder, Processing, Rejection, Status, Target
from schemas.base import Reason
from services.console.core import State, fold, keep, stands, subjects
from services.console.strip import WINDOW, Strip
from services.console.views import standing
from services.console.wanted import select
from tests.consumer.made_events import EVENTS, RECEIVED, event, near_copy, rejected, stance


def raw(one: Event) -> bytes:
    return one.model_dump_json().encode()


def told(events: Sequence[Event], documents: int = 100, size: int = 10**9) -> State:
    state = State(documents, size)
    for one in events:
        state.add(one, raw(one))
    return state


def shown(state: State) -> list[tuple[str, str]]:
    return [(kept.id, kept.event_id) for kept in state]


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Events as a topic has them: documents, revisions, failures and withdrawals, each with an event id of its own."""
    made = []
    for number, (name, revision, status) in enumerate(
        draw(
            st.lists(
                st.tuples(
                    st.sampled_from("abcdef"),
                    st.integers(1, 3),
                    st.sampled_from(
                        [Status.ENRICHED, Status.ENRICHED, Status.DUPLICATE, Status.REJECTED, Status.WITHDRAWN]
                    ),
                ),
                max_size=25,
            )
        )
    ):
        fault = Rejection(reason=Reason.SCHEMA, message="x") if status is Status.REJECTED else None
        processing = Processing(pipeline="t", received_at=RECEIVED + timedelta(seconds=draw(st.integers(0, 50))))
        made.append(
            event(
                id=name,
                event_id=f"ev-{number}",
                revision=revision,
                status=status,
                rejection=fault,
                processing=processing,
                entities=(),
                stances=(),
                duplicate=Duplicate(verdict="unique", cluster=draw(st.sampled_from([name, "a"])), rule="r"),
            )
        )
    return made


@given(histories(), st.data())
def test_repeating_the_last_events_changes_nothing(events: list[Event], data: st.DataObject) -> None:
    end = data.draw(st.integers(0, len(events)))
    again = data.draw(st.integers(0, end))
    repeated = events[:end] + events[again:end] + events[end:]
    assert shown(told(repeated)) == shown(told(events))


@given(histories())
def test_the_newest_revision_since_the_last_withdrawal_stands(events: list[Event]) -> None:
    state = told(events)
    for name in "abcdef":
        mine = [one for one in events if one.id == name]
        out = max((number for number, one in enumerate(mine) if one.status is Status.WITHDRAWN), default=-1)
        mine = mine[out + 1 :]
        good = [one for one in mine if one.status is not Status.REJECTED]
        best = max(one.revision for one in good or mine) if mine else None
        kept = state.get(name)
        assert (kept.revision if kept else None) == best
        assert kept is None or not good or kept.status is not Status.REJECTED


@given(histories(), st.integers(1, 4), st.integers(1, 6_000))
def test_it_is_bounded_and_its_indexes_hold_what_it_holds(events: list[Event], documents: int, size: int) -> None:
    state = State(documents, size)
    there: dict[str, str] = {}
    for one in events:
        for change in state.add(one, raw(one)):
            if change.kept:
                there[change.id] = change.kept.event_id
            else:
                there.pop(change.id, None)
        assert len(state) <= documents
        assert state.bytes <= size or len(state) == 1
        assert dict(shown(state)) == there  # who is told of every change has what the state has
    for kept in state:
        assert kept in state.cluster(kept)
    assert state.bytes == sum(len(kept.raw) for kept in state)
    for kept in list(state):
        state.add(event(id=kept.id, event_id="w", status=Status.WITHDRAWN), b"")
    assert (len(state), state.bytes, state._by_name, state._by_cluster, state._order) == (0, 0, {}, {}, [])


@given(st.lists(histories(), min_size=2, max_size=3), st.randoms())
def test_the_order_between_partitions_does_not_matter(parts: list[list[Event]], random: Any) -> None:
    renamed = [
        [one.model_copy(update={"id": f"{number}-{one.id}", "event_id": f"{number}-{one.event_id}"}) for one in part]
        for number, part in enumerate(parts)
    ]
    in_turn = [one for part in renamed for one in part]
    queues = [list(part) for part in renamed]
    mixed = []
    while any(queues):
        mixed.append(random.choice([queue for queue in queues if queue]).pop(0))
    assert shown(told(mixed)) == shown(told(in_turn))


@given(EVENTS)
def test_any_event_can_be_kept(one: Event) -> None:
    kept = keep(one, raw(one))
    assert keep(one, raw(one)) == kept
    state = told([one])
    subjects(state, "", 10)
    for named in (*kept.issues, *kept.names):
        stands(state, named.kind, named.name)


def test_names_are_compared_folded() -> None:
    assert fold("  The  CITY\u00a0Council ") == "city council"
    assert fold("the") == "the"


def test_copies_count_once_and_are_named() -> None:
    first = event(event_id="1", id="one", duplicate=Duplicate(verdict="unique", cluster="one", rule="r"))
    copy = Duplicate(verdict="near", cluster="one", of="one", rule="r")
    later = Processing(pipeline="t", received_at=RECEIVED + timedelta(minutes=1))
    second = event(event_id="2", id="two", source="copy.example", duplicate=copy, processing=later)
    third = event(event_id="3", id="three", processing=later)
    state = told([second, first, third])
    toward, own = stands(state, "entity", "mara voss")
    assert [(one.said.kept.id, one.said.side.stance, [copy.id for copy in one.copies]) for one in toward] == [
        ("one", "against", ["two"]),
        ("three", "against", []),
    ]
    assert {one.said.side.toward.name for one in own} == {"harbour tunnel"}
    assert stands(state, "entity", "VOSS") == (toward, own)
    assert stands(state, "entity", "Q-7") == (toward, own)
    issue, _ = stands(state, "issue", "Harbour Tunnel")
    assert [one.said.side.holder for one in issue] == ["Mara Voss", "Mara Voss"]
    found = subjects(state, "mar", 5)
    assert (found[0].name, found[0].documents, found[0].sides) == ("Mara Voss", 3, {"against": 2})


def test_a_revision_takes_its_former_stances_away() -> None:
    state = told([event(), event(event_id="ev-2", revision=2, stances=())])
    assert stands(state, "issue", "harbour tunnel") == ([], [])
    assert stands(told([event(), event(event_id="w", status=Status.WITHDRAWN)]), "entity", "Voss") == ([], [])


def test_the_filters_are_those_of_the_consumer() -> None:
    kept = keep(event(), raw(event()))
    for query in (
        {"source": ["HERALD"]},
        {"source": ["*.example"]},
        {"entity": ["voss"]},
        {"issue": ["nothing", "The Harbour"]},
        {"issue": ["tunnel-1"]},
        {"stance": ["favor:harbour"]},
        {"verdict": ["unique"]},
        {"text": ["GIFT to"]},
        {"status": ["enriched"]},
        {},
        {"text": [" "]},
    ):
        assert select(query)(kept), query
    for query in (
        {"source": ["zebra"]},
        {"entity": ["nobody"]},
        {"issue": ["voss"]},
        {"stance": ["favor:voss"]},
        {"verdict": ["near"]},
        {"text": ["giftig"]},
    ):
        assert not select(query)(kept), query


def test_the_strip_counts_events_once_and_only_the_last_minutes() -> None:
    strip = Strip()
    done = event(event_id="1").processing.model_copy(update={"enriched_at": RECEIVED + timedelta(seconds=2)})
    assert strip.add(event(event_id="1", processing=done), 1000.0)
    assert not strip.add(event(event_id="1"), 1001.0)
    assert strip.add(near_copy().model_copy(update={"event_id": "2"}), 1001.0)
    assert strip.add(rejected().model_copy(update={"event_id": "3"}), 1002.0)
    figures = strip.figures(1003.0)
    assert figures["recent"] == {"enriched": 1, "duplicate": 1, "rejected": 1}
    assert (figures["latency"], figures["rate"], figures["reasons"]) == (2.0, 0.3, {"too_long": 1})
    assert sum(figures["series"]) * figures["step"] == 3
    later = strip.figures(1003.0 + WINDOW)
    assert (later["recent"], later["latency"], later["reasons"], later["total"]["enriched"]) == ({}, None, {}, 1)


def test_an_articles_own_voice_is_its_sources() -> None:
    side = stance(Holder(kind="author"), Target(kind="issue", issue="i1"), "favor", 0.9, (0, 4))
    state = told([event(event_id=str(n), id=str(n), source=f"{n}.example", stances=(side,)) for n in range(2)])
    toward, _ = stands(state, "issue", "tunnel-1")
    assert [one.said.side.holder for one in toward] == ["0.example", "1.example"]


def test_a_watched_issue_is_one_in_whatever_words() -> None:
    def told_of(id: str, name: str, watched: str | None) -> Event:
        issue = event().issues[0].model_copy(update={"name": name, "watched": watched})
        unique = Duplicate(verdict="unique", cluster=id, rule="r")
        return event(id=id, event_id=id, issues=(issue,), duplicate=unique)

    state = told([
        told_of("a", "harbour tunnel", "tunnel-1"), told_of("b", "the Dig", "tunnel-1"), told_of("c", "Harbour  Tunnel", None),
        told_of("d", "dig", None), told_of("e", "ferry", "other"),
    ])  # fmt: skip

    def documents(name: str) -> set[str]:
        return {one.said.kept.id for one in stands(state, "issue", name)[0]}

    assert documents("Harbour tunnel") == {"a", "b", "c"}
    assert documents("TUNNEL-1") == {"a", "b"}
    assert documents("dig") == {"a", "b", "d"}
    assert documents("ferry") == documents("other") == {"e"}
    assert documents("i1") == documents("tunnel") == set()
    found = subjects(state, "", 10, "issue")
    assert {(one.ref, one.documents) for one in found} == {
        ("tunnel-1", 2), ("Harbour Tunnel", 1), ("dig", 1), ("other", 1),
    }  # fmt: skip
    page = standing(state, "issue", "tunnel-1")
    assert (page["documents"], page["type"], len(page["stands"])) == (2, "issue", 2)
    assert {fold(page["name"]), *page["also"]} == {"harbour tunnel", "dig"}


def test_most_of_an_events_issues_and_their_words_are_bounded() -> None:
    issue = event().issues[0]
    many = tuple(
        issue.model_copy(update={"id": f"i{number}", "name": f"{number} " + "x" * 100_000, "watched": None})
        for number in range(50)
    )
    kept = keep(event(issues=many), b"")
    assert len(kept.issues) == 50
    assert max(len(key) for one in kept.issues for key in (*one.keys, one.name, one.ref)) <= 120
