"""The metrics are those of the catalogue, the queries ask for metrics that there are, and nothing in a document makes a series."""

import random
import re
from datetime import UTC, datetime

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics import MetricWrapperBase

from schemas import Event, Processing, Reason, Rejection, Status, Work
from schemas.base import CANARY_PREFIX
from schemas.event import Duplicate, Entity, Evidence, Holder, Mention, Probabilities, Stance, Target
from services.canary.core import KINDS
from services.runtime.deadletter import Maker, failure_event
from services.runtime.metrics import CanaryMetrics, Metrics, ServeMetrics, SinkMetrics
from services.runtime.records import Failure, Made, Record, wrap
from services.runtime.topology import CANARIES, STAGES, Stage, named
from services.runtime.vitals import Vitals
from tests.deploy.queries import ROOT, alerts, names, rules, shown

CATALOGUE = "\n".join((ROOT / "docs" / name).read_text() for name in ("metrics.md", "stages.md"))
ROW = re.compile(r"^\| `(stancewire_\w+)` \| (\w+) \| (.*?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
NOW = datetime(2026, 3, 1, tzinfo=UTC)
OTHERS = (CanaryMetrics(KINDS).registry, SinkMetrics("postgres").registry, ServeMetrics().registry)
"""What is served beside the stages."""


def declared() -> dict[str, tuple[str, set[str], str]]:
    """Name -> kind, labels without ``stage``, meaning."""
    found = {}
    registries = (*(Metrics(stage).registry for stage in STAGES), *OTHERS)
    for collector in [one for registry in registries for one in registry._collector_to_names]:
        if isinstance(collector, MetricWrapperBase):
            family = next(iter(collector.describe()))
            name = family.name + {"counter": "_total", "info": "_info"}.get(family.type, "")
            labels = {"pipeline"} if family.type == "info" else set(collector._labelnames) - {"stage", "sink"}
            found[name] = (family.type, labels, family.documentation)
    return found


def test_the_catalogue_is_what_is_declared() -> None:
    rows = {
        name: (kind, set(re.findall(r"`(\w+)`", labels)), text)
        for name, kind, labels, text, _ in ROW.findall(CATALOGUE)
    }
    assert rows == declared()


def exposed() -> set[str]:
    """Every name that Prometheus gets, those of the process with them."""
    text = ""
    for stage in STAGES:
        metrics = Metrics(stage)
        metrics.children([Vitals("m", {}, 1, 1)], 1, 0, 0)
        text += generate_latest(metrics.registry).decode()
    text += "".join(generate_latest(registry).decode() for registry in OTHERS)
    return set(re.findall(r"^(\w+)[{ ]", text, re.MULTILINE))


@pytest.mark.parametrize(("name", "query"), (shown() | alerts()).items())
def test_queries_ask_for_metrics_that_there_are(name: str, query: str) -> None:
    asked = names(query)
    assert asked or query.startswith("up{")
    assert asked <= exposed() | {rule["record"] for rule in rules("recording")}, name


def test_links_of_the_catalogue_lead_to_alerts() -> None:
    assert set(re.findall(r"operations\.md#(\w+)\)", CATALOGUE)) <= {name.lower() for name in alerts()}


def series(registry: CollectorRegistry) -> int:
    return sum(len(family.samples) for family in registry.collect() if family.name.startswith("stancewire"))


def word(chance: random.Random) -> str:
    return "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=12))


def made(chance: random.Random, stage: Stage, number: int) -> Made:
    """What the stage makes of a document that nobody has seen: its source, names and topics are its own."""
    entity = Entity(
        id="e1",
        name=word(chance),
        type=chance.choice(["PERSON", "ORG", "LAW"]),
        watched=word(chance),
        salience=1,
        aliases=(word(chance),),
        mentions=(Mention(field="text", start=0, end=4, text="Jane"),),
    )
    stance = Stance(
        holder=Holder(kind="speaker", name=word(chance)),
        target=Target(kind="issue", issue=word(chance)),
        stance=chance.choice(["favor", "against", "neutral"]),
        basis=chance.choice(["speech", "act", "article"]),
        confidence=1,
        probabilities=Probabilities(favor=1, against=0, neutral=0),
        evidence=(Evidence(field="text", start=0, end=4),),
    )
    rejection = Rejection(reason=chance.choice(list(Reason)), field=word(chance), message=word(chance))
    status = chance.choice(list(Status))
    event = Event(
        event_id=word(chance),
        id=word(chance),
        status=status,
        source=word(chance),
        metadata={word(chance): word(chance)},
        text="Jane",
        language=word(chance)[:2],
        entities=(entity,),
        stances=(stance,),
        duplicate=Duplicate(
            verdict=chance.choice(["unique", "near"]),
            cluster=word(chance),
            similarity=chance.random(),
            rule=word(chance),
        ),
        rejection=rejection if status in (Status.REJECTED, Status.DEAD_LETTERED) else None,
        processing=Processing(
            pipeline=word(chance),
            received_at=NOW,
            notes=(f"id: {word(chance)}", word(chance)),
            models={stage.name: word(chance), word(chance): word(chance)},
        ),
    )
    result = wrap(stage, "", Work(event=event, done=chance.random() < 0.5), record(number), chance.random())
    assert not isinstance(result, Failure)
    return result


def record(number: int) -> Record:
    return Record("news.documents", number % 7, number, b"key", b"value", NOW.timestamp() + number)


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: str(stage.name))
def test_no_document_makes_a_series(stage: Stage) -> None:
    metrics = Metrics(stage)
    metrics.works_with("one")
    metrics.children([Vitals("one", {}, 1, 1)] * 2, 10, 0, 0)
    before = series(metrics.registry)
    chance = random.Random(5)  # noqa: S311 - nothing is secret
    for number in range(2_500):  # of each stage: 10,000 and more
        metrics.began([record(number)], 1)
        metrics.finished([made(chance, stage, number)], chance.random(), 0)
    metrics.irregular(3, 4)
    metrics.committed()
    metrics.children([Vitals("two", {"spacy_strings": 5, word(chance): 1}, 9, 9), None], 10, 3, 4)
    metrics.works_with("two")
    assert series(metrics.registry) == before < 250


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"stancewire_{name}", labels)


def test_notes_are_counted_by_the_field_that_they_are_about() -> None:
    metrics = Metrics(STAGES[0])
    metrics.finished([made(random.Random(1), STAGES[0], 1)] * 2, 0.1, 0)  # noqa: S311
    assert value(metrics, "notes_total", stage="intake", field="id") == 2
    assert value(metrics, "notes_total", stage="intake", field="published_at") == 0


def test_what_has_no_outcome_and_is_not_in_flight_is_told() -> None:
    metrics = Metrics(named("stance"))
    metrics.began([record(1), record(2)], 2)
    assert value(metrics, "documents_unaccounted", stage="stance") == 0
    metrics.finished([made(random.Random(1), named("stance"), 1)], 0.1, 0)  # noqa: S311
    assert value(metrics, "documents_unaccounted", stage="stance") == 1


def test_the_children_are_told_and_a_dead_one_has_no_memory() -> None:
    metrics = Metrics(named("entities"))
    metrics.children(
        [Vitals("m", {"spacy_strings": 5, "list_entries": 2}, 10, 20), Vitals("m", {"spacy_strings": 7}, 1, 2)],
        99,
        0,
        0,
    )
    assert value(metrics, "spacy_strings", stage="entities") == 7
    assert value(metrics, "list_entries", stage="entities") == 2
    assert value(metrics, "model_info", stage="entities", model="m") == 1
    metrics.children([None, Vitals("m", {"spacy_strings": 7}, 1, 2)], 99, 2, 5)
    metrics.children([None, Vitals("m", {"spacy_strings": 7}, 1, 2)], 99, 3, 5)
    assert value(metrics, "nlp_resident_bytes", stage="entities", process="0") == 0
    assert value(metrics, "nlp_processes", stage="entities") == 1
    assert value(metrics, "nlp_process_restarts_total", stage="entities") == 3
    assert value(metrics, "retries_total", stage="entities", cause="process") == 5


def test_canaries_are_counted_apart_and_their_events_go_to_their_own_topic() -> None:
    metrics = Metrics(named("intake"))
    name = f"{CANARY_PREFIX}1:story"
    metrics.began([record(1), Record("news.documents", 0, 2, name.encode(), b"", 0)], 2)
    assert value(metrics, "canary_documents_taken_total", stage="intake") == 1
    for stage in STAGES:
        event = Event(
            event_id="1", id=name, status=Status.REJECTED, processing=Processing(pipeline="1", received_at=NOW)
        )
        out = wrap(stage, "p-", Work(event=event, done=True), record(1), 0.1)
        assert isinstance(out, Made)
        goes = CANARIES if stage.leaves(Work(event=event, done=True)) else stage.writes[0]
        assert out.topic == "p-" + goes.name
        failed = failure_event(
            Maker(stage, "v1"),
            Record(stage.reads.name, 0, 0, name.encode(), b"", 0),
            Failure(Reason.ERROR, "E", "", 1),
            "p-",
            NOW,
        )
        assert failed.topic == "p-" + CANARIES.name


def test_what_a_round_of_canaries_found_is_told() -> None:
    metrics = CanaryMetrics(KINDS)
    get = metrics.registry.get_sample_value
    assert get("stancewire_canary_agreement") == 0
    metrics.ended([("stance", True), ("exact", True), ("near", False), ("withdrawn", None)], 0.4)
    assert get("stancewire_canary_agreement") == 0.5
    assert get("stancewire_canary_rounds_total", {"outcome": "missing"}) == 1
    assert get("stancewire_canary_facts_total", {"fact": "near", "outcome": "failed"}) == 1
    assert get("stancewire_canary_facts_total", {"fact": "withdrawn", "outcome": "missing"}) == 1
    assert get("stancewire_canary_seconds_count") == 1
    metrics.crossed()
    metrics.ended([("stance", True)], None)
    assert get("stancewire_canary_agreement") == 1
    assert get("stancewire_canary_seconds_count") == 1
    assert {
        outcome: get("stancewire_canary_rounds_total", {"outcome": outcome})
        for outcome in ("crossed", "agreed", "differed")
    } == {"crossed": 1, "agreed": 1, "differed": 0}
