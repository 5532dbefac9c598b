"""Sinks on a real Kafka: killed and cut off in between, every event is there once; what is refused becomes a dead letter."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from evaluation.postgres import Server
from schemas import Event
from services.deadletters.letters import letters
from services.deadletters.replay import replay
from services.runtime.settings import Settings
from services.sinks.run import Runner, SinkStoppedError
from services.sinks.sink import SINKS
from tests.consumer.made_events import event
from tests.otlp import attributes, receiver
from tests.sinks.streams import Process, copies, put
from tests.sinks.test_sink_postgres import Database, count, counts, expected

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]
POSTGRES = SINKS[0]


def run(settings: Settings) -> Runner:
    """One run to the end of the topic, in this process."""
    runner = Runner(POSTGRES, settings, group="sink", to_end=True)
    runner.run(lambda: False)
    return runner


def test_killed_and_cut_off_it_leaves_each_event_once(
    fresh: Callable[..., Settings], database: Database, server: Server, stories: Sequence[Event], tmp_path: Path
) -> None:
    settings = fresh()
    events = copies(list({one.id: one for one in stories}.values()), 20)
    put(settings, events)
    words = ("sink", "postgres", "--group", "sink")
    few = {"STANCEWIRE_POSTGRES_BATCH_EVENTS": "5", "STANCEWIRE_SINK_PORT": "0"}
    first = Process(settings, tmp_path / "first", *words, **few)
    first.until(lambda: _there(database) > 20, "no rows")
    first.kill()
    assert 20 < count(database, "documents") < len(events)
    second = Process(settings, tmp_path / "second", *words, **few)
    second.until(lambda: second.ask("/ready")[0] == 200, "not ready")
    database.close()
    server.stop()
    second.until(lambda: "tries again" in second.log.read_text(), "nothing noticed")
    assert second.ask("/ready")[0] == 503
    assert second.ask("/live")[0] == 200
    server.start()
    with server.connect() as again:
        second.until(lambda: count(again, "documents") == len(events), "rows are missing")
        second.until(lambda: 'lag_events{sink="postgres"} 0.0' in second.ask("/metrics")[1], "lag")
        metrics = second.ask("/metrics")[1]
        assert 'stancewire_sink_open{sink="postgres"} 1.0' in metrics
        assert 'stancewire_sink_failures_total{cause="sink",sink="postgres"}' in metrics
        assert second.end() == 0
        assert counts(again) == expected(events)
        assert run(settings).metrics.total <= 5  # the last batch was perhaps not committed before the server went
        assert counts(again) == expected(events)
    assert "pg-pass" not in (tmp_path / "first").read_text() + (tmp_path / "second").read_text()


def _there(database: Database) -> int:
    [[table]] = database.execute("SELECT to_regclass('stancewire.documents')::text")
    return count(database, "documents") if table else 0


def test_what_is_refused_is_a_dead_letter_and_is_written_when_its_cause_is_mended(
    fresh: Callable[..., Settings], altered: Database
) -> None:
    settings = fresh(partitions=1)
    put(settings, [event(id="first")])
    run(settings)
    altered.execute("ALTER TABLE stancewire.documents ADD CONSTRAINT ours CHECK (source <> 'bad')")
    trace = ("traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    events = [event(id="second"), event(id="bad", source="bad"), event(id="third")]
    put(settings, events, b"not an event", headers=[trace, ("other", b"x")])
    metrics = run(settings).metrics
    assert [metrics._events.labels("postgres", what)._value.get() for what in ("written", "refused", "unreadable")] == [
        2,
        1,
        1,
    ]
    found = [letter.letter for letter in letters(settings)]
    assert all(letter.record.trace == (trace,) for letter in letters(settings))
    assert {(one.stage, one.reason.value, one.document) for one in found if one} == {
        ("sink-postgres", "error", "bad"),
        ("sink-postgres", "schema", None),
    }
    report = replay(settings)
    assert (report.replayed, report.passed_over, report.ok) == (0, 2, True)
    with pytest.raises(SinkStoppedError, match="is refused again"):
        Runner(POSTGRES, settings, group="sink").again()
    altered.execute("ALTER TABLE stancewire.documents DROP CONSTRAINT ours")
    assert Runner(POSTGRES, settings, group="sink").again() == 1
    assert [row[0] for row in altered.execute("SELECT id FROM stancewire.documents ORDER BY id")] == [
        "bad",
        "first",
        "second",
        "third",
    ]


def test_too_much_that_is_refused_ends_it_before_a_letter_is_sent(
    fresh: Callable[..., Settings], altered: Database
) -> None:
    settings = fresh(partitions=1, dead_letter_run=2)
    put(settings, [event(id="first")])
    run(settings)
    altered.execute("ALTER TABLE stancewire.documents ADD CONSTRAINT ours CHECK (source <> 'bad')")
    put(settings, [event(id=f"bad-{number}", source="bad") for number in range(3)])
    for _ in range(2):
        with pytest.raises(SinkStoppedError, match=r"3 documents in a row failed.*violates check"):
            run(settings)
    assert list(letters(settings)) == []
    altered.execute("ALTER TABLE stancewire.documents DROP CONSTRAINT ours")
    run(settings)
    assert count(altered, "documents") == 4


def test_each_event_has_a_span_when_it_is_written(
    fresh: Callable[..., Settings], altered: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = fresh(partitions=1, otel=True)
    trace, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    put(settings, [event(id="first")])
    altered.execute("DROP SCHEMA IF EXISTS stancewire CASCADE")
    with receiver() as received:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", received.endpoint)
        run(settings)
        altered.execute("ALTER TABLE stancewire.documents ADD CONSTRAINT ours CHECK (source <> 'bad')")
        put(
            settings,
            [event(id="second"), event(id="bad", source="bad")],
            headers=[("traceparent", f"00-{trace}-{parent}-01".encode())],
        )
        run(settings)
    spans = {attributes(span)["stancewire.document.id"]: span for _, span in received.spans}
    assert {service for service, _ in received.spans} == {"stancewire-sink-postgres"}
    assert {name: attributes(span)["stancewire.outcome"] for name, span in spans.items()} == {
        "first": "written",
        "second": "written",
        "bad": "refused",
    }
    assert not spans["first"].parent_span_id
    assert {spans[name].parent_span_id.hex() for name in ("second", "bad")} == {parent}
    (letter,) = letters(settings)
    assert dict(letter.record.trace)["traceparent"] == f"00-{trace}-{spans['bad'].span_id.hex()}-01".encode()
