"""Each check of the fault suite fails where it must: runs that went well, and then doctored."""

import asyncio
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from evaluation.faults.books import Books, Findings, Input, content, outcome
from evaluation.faults.kinds import KINDS, plan
from evaluation.faults.relay import Relay
from evaluation.faults.run import is_clean
from evaluation.made_copies import Copies
from evaluation.recorded import Answer, Told
from schemas import DeadLetter, Event, Processing, Reason, Rejection, Status, Story
from schemas.event import Duplicate
from services.runtime.topology import DOCUMENTS, ENRICHED, ENTITIES, FINGERPRINTS, STAGES, STANCES, UNIQUE

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ALONE = Duplicate(verdict="unique", of=None, cluster="a", rule="r")


def event(id: str = "a", status: Status = Status.ENRICHED, **fields: object) -> Event:
    processing = Processing(pipeline="1", received_at=NOW, enriched_at=NOW, stage_seconds={"stance": 0.1})
    values = {"event_id": f"e-{id}", "id": id, "status": status, "processing": processing, "duplicate": ALONE} | fields
    return Event.model_validate(values)


def origin(offset: int, partition: int = 0) -> str:
    return f"{DOCUMENTS.name}/{partition}/{offset}"


class Made:
    """The books of a run in which documents with these keys went through all stages, one a second, on one partition."""

    def __init__(self, *keys: str) -> None:
        self.books = Books()
        self.right: dict[str, Answer] = {}
        self.stories: dict[str, Told] = {}
        for offset, key in enumerate(keys):
            self.send(offset, key)
            for topic in (FINGERPRINTS, UNIQUE, ENTITIES, STANCES):
                self.books.note(topic.name, 0, offset, origin(offset))
            self.end(offset, event(key), offset)

    def send(self, offset: int, key: str) -> None:
        self.books.note_input(origin(offset), Input(0, offset, key, at=float(offset)))
        self.books.note(DOCUMENTS.name, 0, offset, origin(offset))

    def end(self, at: int, one: Event, of: int) -> None:
        """An event at the offset ``at`` of the document at ``of``, half a second after it was sent."""
        made = outcome(one, at + 0.5)
        self.books.note_outcome(origin(of), made)
        self.books.note(ENRICHED.name, 0, at, origin(of))
        self.right.setdefault(origin(of), made.answer)
        self.stories.setdefault(origin(of), made.told)

    def check(self) -> Findings:
        return self.books.check(self.right, self.stories)

    def wrong(self) -> set[str]:
        """The names of the checks that fail."""
        return {name for name, cases in self.check().faults.items() if cases}


def test_a_run_that_went_well_has_nothing_wrong() -> None:
    found = Made("a", "b", "a").check()
    assert not any(found.faults.values())
    assert (found.inputs, found.repeats, found.statuses) == (3, 0, {"enriched": 3})


def test_an_input_without_an_event_is_lost_and_an_event_without_an_input_a_stray() -> None:
    made = Made("a")
    made.send(1, "b")
    assert made.check().lost == [origin(1)]
    assert made.books.waiting() == 1
    made.end(1, event("c"), of=7)
    assert made.check().strays == [origin(7)]


def test_a_repeat_is_counted_and_must_be_the_same() -> None:
    made = Made("a")
    again = event("a", processing=Processing(pipeline="1", received_at=NOW, stage_seconds={"stance": 9.0}))
    made.end(1, again, of=0)
    assert made.check().repeats == 1
    assert made.wrong() == set()
    made.end(2, event("a", title="another"), of=0)
    assert made.wrong() == {"changed"}
    assert made.check().changed == [f"{origin(0)}: title"]
    assert "enriched_at" not in content(again)["processing"]


def test_what_the_broker_refused_and_then_took_has_one_event_id() -> None:
    refused = event("large-1", Status.DEAD_LETTERED, rejection=Rejection(reason=Reason.ERROR, message=""))
    made = Made("large-1")
    made.end(1, refused, of=0)
    made.books.note_letter(origin(0), _letter())
    assert made.wrong() == set()
    made.end(2, event("large-1", event_id="another"), of=0)
    assert "changed" in made.wrong()


def test_a_document_that_is_its_own_copy_is_seen() -> None:
    made = Made()
    made.send(0, "a")
    made.end(0, event("a", Status.DUPLICATE, duplicate=Duplicate(verdict="exact", of="a", cluster="a", rule="r")), of=0)
    assert made.wrong() == {"self_duplicates"}


def test_order_counts_within_a_key_and_not_beyond() -> None:
    made = Made()
    for offset, key in enumerate(("a", "b", "a")):
        made.send(offset, key)
    for at, of in enumerate((1, 0, 2)):
        made.end(at, event("ab"[of % 2]), of=of)
    assert made.wrong() == set()
    made = Made()
    for offset, key in enumerate(("a", "b", "a")):
        made.send(offset, key)
    for at, of in enumerate((2, 1, 0)):
        made.end(at, event("ab"[of % 2], event_id=f"e-{of}"), of=of)
    assert made.check().disordered == [origin(0)]


def test_order_counts_within_a_partition_since_keys_move_where_one_is_added() -> None:
    made = Made()
    made.send(7, "a")
    moved = origin(0, partition=4)
    made.books.note_input(moved, Input(4, 0, "a", at=8.0))
    made.end(0, event("a"), of=7)
    made.books.note_outcome(moved, outcome(event("a", event_id="e-2"), 9.0))
    made.books.note(ENRICHED.name, 0, 1, moved)
    made.right[moved] = Answer("", "e-2", Status.ENRICHED, ALONE)
    assert made.wrong() == set()


def test_a_document_that_is_sent_again_may_overtake_since_its_event_is_out_already() -> None:
    made = Made()
    for offset in range(3):
        made.send(offset, "a")
    for at, (of, event_id) in enumerate([(0, "e-1"), (2, "e-1"), (1, "e-2")]):
        made.end(at, event("a", event_id=event_id), of=of)
    assert made.wrong() == set()


def test_a_verdict_that_the_judge_did_not_give_is_seen() -> None:
    made = Made("a", "b")
    made.right[origin(1)] = Answer("", "e-b", Status.DUPLICATE, ALONE)
    assert made.check().wrong_verdicts == [origin(1)]
    del made.right[origin(1)]  # the judge never had it, and it was not rejected
    assert made.check().wrong_verdicts == [origin(1)]


def test_a_story_or_a_key_that_the_keeper_did_not_give_is_seen() -> None:
    made = Made("a", "b")
    assert made.check().wrong_stories == []
    right = made.stories[origin(1)]
    story = Story(id="a", saga="a", similarity=0.5, rule="joined", documents=2, sources=1)
    made.stories[origin(1)] = Told(story, right.keys)
    assert made.check().wrong_stories == [origin(1)]
    made.stories[origin(1)] = Told(right.story, ("person:ann roe",))
    assert made.check().wrong_stories == [origin(1)]


@pytest.mark.parametrize(
    ("key", "reason", "wrong"),
    [
        ("poisonhang-1", Reason.TIMED_OUT, False),
        ("poisonhang-1", Reason.CRASHED, True),
        ("poisoneat-1", None, True),
        ("large-1", Reason.ERROR, False),
        ("large-1", None, False),
        ("story-1", Reason.CRASHED, True),
    ],
)
def test_only_what_must_fail_may_fail(key: str, reason: Reason | None, wrong: bool) -> None:
    made = Made()
    made.send(0, key)
    failed = event(key, Status.DEAD_LETTERED, rejection=Rejection(reason=reason, message="")) if reason else event(key)
    made.end(0, failed, of=0)
    assert bool(made.check().unexpected) is wrong
    assert bool(made.check().without_letter) is (reason is not None)
    made.books.note_letter(origin(0), _letter())
    assert not made.check().without_letter


def _letter() -> DeadLetter:
    return DeadLetter(
        topic="t", partition=0, offset=0, origin=origin(0), stage="entities", status=Status.DEAD_LETTERED,
        reason=Reason.CRASHED, message="", pipeline="1", configuration="c", failed_at=NOW,
    )  # fmt: skip


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_a_commit_ahead_of_its_outputs_is_seen_at_every_stage(stage: object) -> None:
    stages = dict(zip(("documents", "fingerprints", "unique", "entities", "stances"), STAGES, strict=True))
    number = list(stages.values()).index(stage)  # type: ignore[arg-type]
    inner = (FINGERPRINTS.name, UNIQUE.name, ENTITIES.name, STANCES.name, ENRICHED.name)
    ends = {(name, 0): 2 for name in inner}
    for committed, wrong in ((2, 0), (3, 1)):
        made = Made("a", "b", "c")
        looked, ahead = made.books.ahead(STAGES[number], {0: committed}, ends)
        assert (looked, len(ahead)) == (committed, wrong)
        assert made.books.ahead(STAGES[number], {0: committed}, ends) == (0, [])  # each offset is looked at once
    assert origin(2) in ahead[0]


def test_books_say_how_far_they_were_read() -> None:
    made = Made("a", "b")
    assert made.books.has_read({(ENRICHED.name, 0): 2})
    assert not made.books.has_read({(ENRICHED.name, 0): 3})
    made.books.reached(ENRICHED.name, 0, 3)  # what is there is the end of a transaction
    assert made.books.has_read({(ENRICHED.name, 0): 3})


def test_recovery_takes_a_document_of_each_partition_that_was_sent_after_the_end_and_passed_all_stages() -> None:
    made = Made("a", "b")
    assert made.books.recovered(0.5, 1) == 1.5
    assert made.books.recovered(0.5, 2) is None
    made.send(2, "c")
    assert made.books.recovered(1.5, 1) is None
    made.end(2, event("c", Status.DUPLICATE), of=2)
    assert made.books.recovered(1.5, 1) is None


def test_a_run_is_clean_only_where_nothing_is_wrong() -> None:
    good: dict[str, object] = dict.fromkeys(
        ("lost", "strays", "changed", "self_duplicates", "disordered", "wrong_verdicts", "wrong_stories", "unexpected",
         "without_letter", "ahead", "not_sent"), 0,
    ) | {"stuck": None, "workers_ended": []}  # fmt: skip
    assert is_clean(good)
    for name in good:
        assert not is_clean(good | {name: 1}), name


def test_a_plan_has_every_kind_and_is_its_seeds() -> None:
    planned = plan(KINDS, 40, 3)
    assert set(planned) == set(KINDS)
    assert planned == plan(KINDS, 40, 3) != plan(KINDS, 40, 4)
    assert len(plan(KINDS, 5, 3)) == 5
    assert plan(KINDS, 400, 3).count("added_partition") == 1
    assert plan({"added_partition": KINDS["added_partition"]}, 4, 3) == ["added_partition"]


def test_a_stream_takes_its_texts_in_their_order_and_then_makes_them_up() -> None:
    made = Copies(1, iter(["the first text of all", "the second"])).take(60)
    assert b"the first text of all" in (made[0][1] or b"")
    assert len({value for _, value in made}) > 20


@pytest.fixture
def relay() -> Iterator[Relay]:
    """A relay to a server that answers what it is sent."""
    loop = asyncio.new_event_loop()

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            writer.write(data)
        writer.close()

    import threading

    server = loop.run_until_complete(asyncio.start_server(echo, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    one = Relay({port: server.sockets[0].getsockname()[1]})
    yield one
    one.close()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


def _connect(relay: Relay) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", relay.ports[0]), 2)
    made.settimeout(0.5)
    return made


def test_a_silent_cut_passes_nothing_and_what_waited_arrives(relay: Relay) -> None:
    with _connect(relay) as one:
        one.sendall(b"a")
        assert one.recv(9) == b"a"
        relay.cut(refuse=False)
        one.sendall(b"b")
        with pytest.raises(TimeoutError):
            one.recv(9)
        relay.heal()
        assert one.recv(9) == b"b"


def test_a_loud_cut_resets_what_is_open_and_refuses_what_is_new(relay: Relay) -> None:
    with _connect(relay) as one:
        one.sendall(b"a")
        assert one.recv(9) == b"a"
        relay.cut(refuse=True)
        with pytest.raises(ConnectionResetError):
            one.recv(9)
        with _connect(relay) as two, pytest.raises(ConnectionResetError):
            two.recv(9)
        relay.heal()
    with _connect(relay) as three:
        three.sendall(b"c")
        assert three.recv(9) == b"c"


def test_a_slow_relay_takes_its_time(relay: Relay) -> None:
    relay.slow(100)
    with _connect(relay) as one:
        one.settimeout(5)
        started = time.monotonic()
        one.sendall(bytes(50))
        assert len(one.recv(99)) == 50
        assert time.monotonic() - started > 0.9
