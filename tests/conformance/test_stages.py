"""What every stage of the table keeps, whatever it does: the same again, whatever comes in, one outcome each, plain values out.

A stage that is added to the table is tried by these tests without a change here.
"""

import json
import pickle
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from schemas import Event, Status, Work
from services.pipeline import Step
from services.runtime import topology
from services.runtime.agent import Agent, agent
from services.runtime.metrics import Metrics
from services.runtime.records import Failure, Made, Record, work_on
from services.runtime.topology import CANARY_PORT, DOCUMENTS, ENRICHED, STAGES, TOPICS, Counted, Stage
from tests.conftest import ROOT

AT = datetime(2026, 4, 2, 9, 30, tzinfo=UTC)
EVERY = pytest.mark.parametrize("stage", STAGES, ids=lambda stage: str(stage.name))
PLAIN = (str, bytes, int, float, bool, type(None), datetime)


@cache
def step(stage: Stage) -> Step:
    """One for all tests; of a stage with a table each test takes a fresh one."""
    return Step(stage)


def fresh(stage: Stage) -> Step:
    return Step(stage) if stage.table else step(stage)


def documents() -> list[Record]:
    """Whole news, a copy of one, a later revision, one with a date that is none, one that is rejected, one that is withdrawn."""
    shown = json.loads((ROOT / "docs" / "example.json").read_text())
    seeds = [json.loads(path.read_text()) for path in sorted((ROOT / "seeds").glob("*.json"))[:6]]
    told = [shown, *seeds, shown | {"id": "a-copy"}, shown | {"id": "revised", "revision": 2}, {"id": "no", "text": ""}]
    told.append(seeds[0] | {"id": "dated", "published_at": "someday"})
    values = [json.dumps(one).encode() for one in told]
    records = [Record(DOCUMENTS.name, 0, number, None, value, AT.timestamp()) for number, value in enumerate(values)]
    return [*records, Record(DOCUMENTS.name, 0, len(records), b"a-copy", None, AT.timestamp())]


@cache
def inputs(stage: Stage) -> tuple[Record, ...]:
    """What the stages before give to ``stage`` of the documents."""
    if stage.reads is DOCUMENTS:
        return tuple(documents())
    [writer] = [one for one in STAGES if stage.reads == one.writes[0]]
    return tuple(
        Record(one.topic, 0, number, one.key, one.value, AT.timestamp(), one.headers)
        for number, one in enumerate(outputs(writer))
        if one.topic == stage.reads.name
    )


@cache
def outputs(stage: Stage) -> tuple[Made, ...]:
    """What ``stage`` makes of its inputs, each with what the metrics are told of it."""
    made = fresh(stage)(inputs(stage))
    assert all(isinstance(one, Made) for one in made)
    return tuple(one for one in made if isinstance(one, Made))


def told(made: Made | Failure, stage: Stage) -> tuple[Any, ...]:
    """What a stage says of a record, without the times that it took."""
    assert isinstance(made, Made), made
    value = json.loads(made.value)
    event = value if made.status else value["event"]
    event["processing"] |= {"enriched_at": None, "stage_seconds": {}}
    headers = tuple(one for one in made.headers if one[0] != "ce_time")
    return made.topic, made.key, value, headers, made.status, made.facts, made.measures


@EVERY
def test_the_agent_is_as_the_protocol_says(stage: Stage) -> None:
    code = agent(stage)
    for name in ("check", "basis", "setup"):
        assert get_type_hints(getattr(code, name)) == get_type_hints(getattr(Agent, name)), name
    assert code.basis().agent == f"services.{stage.name}.agent"


@EVERY
def test_the_same_input_gives_the_same_again(stage: Stage) -> None:
    records = inputs(stage)
    assert records, f"no document of this suite comes to {stage.name}: add one to documents()"
    first = [told(one, stage) for one in outputs(stage)]
    again = [told(one, stage) for one in Step(stage)(records)]
    assert first == again


@EVERY
def test_how_a_batch_is_cut_changes_nothing(stage: Stage) -> None:
    records = inputs(stage)
    cut = fresh(stage)
    alone = [one for record in records for one in cut([record])]
    assert [told(one, stage) for one in outputs(stage)] == [told(one, stage) for one in alone]


@EVERY
def test_each_input_has_one_outcome_on_a_topic_of_the_row(stage: Stage) -> None:
    for record, one in zip(inputs(stage), outputs(stage), strict=True):
        ended = one.status is not None
        assert one.topic == (ENRICHED if ended else stage.writes[0]).name
        assert ended or stage.writes[0] != ENRICHED
        assert dict(one.headers)["stancewire.origin"].decode() == record.origin


@EVERY
def test_a_rejected_document_leaves_at_once(stage: Stage) -> None:
    (record, *_) = inputs(STAGES[1])
    event = Work.read(record.value or b"").event
    assert stage.leaves(Work(event=event.model_copy(update={"status": Status.REJECTED}), done=True))


@EVERY
def test_a_work_comes_back_from_its_json_as_it_was(stage: Stage) -> None:
    for one in outputs(stage):
        if one.status is None:
            work = Work.read(one.value)
            assert Work.read(work.write()) == work
            assert work.write().encode() == one.value
        else:
            event = Event.model_validate_json(one.value)
            assert event.model_dump_json().encode() == one.value


@EVERY
def test_only_its_own_work_is_noted(stage: Stage) -> None:
    """It adds its name and version to what it works on or changes, takes nothing away, and hands on what is done."""
    for record, one in zip(inputs(stage), outputs(stage), strict=True):
        value = json.loads(one.value)
        processing = (value if one.status else value["event"])["processing"]
        assert stage.name in processing["stage_seconds"]
        if stage.reads is DOCUMENTS:
            continue
        before = Work.read(record.value or b"")
        after = Event.model_validate(value if one.status else value["event"])
        # the last stage completes the id
        same = {"processing": after.processing, "event_id": after.event_id}
        is_changed = after != before.event.model_copy(update=same)
        own = "" if before.done and not is_changed else f",{stage.name}={step(stage).version}"
        assert processing["pipeline"] == before.event.processing.pipeline + own
        assert before.event.processing.models.items() <= processing.get("models", {}).items()


def leaves_of(value: Any) -> Iterator[Any]:
    """Everything that is in ``value``, and that is no container of ours."""
    if isinstance(value, BaseModel):
        yield from leaves_of(dict(value))
    elif type(value) in (list, tuple):
        for one in value:
            yield from leaves_of(one)
    elif type(value) is dict:
        yield from leaves_of([*value.keys(), *value.values()])
    else:
        yield value


@EVERY
def test_nothing_of_a_library_leaves_the_core(stage: Stage) -> None:
    """A span of spaCy holds its whole document, and a number of numpy is no JSON."""
    for work in fresh(stage).core.run(inputs(stage)):
        for value in leaves_of(work):
            assert type(value) in PLAIN or isinstance(value, Status) or type(value).__module__.startswith("schemas"), (
                value
            )


@EVERY
def test_what_leaves_pickles_and_is_small(stage: Stage) -> None:
    """It passes from the NLP process to the stage's own."""
    for record, one in zip(inputs(stage), outputs(stage), strict=True):
        assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301 - our own
        assert len(pickle.dumps(one)) < 50_000 + 10 * len(record.value or b"")


GARBAGE = (None, b"", b"\x00\xff", b"[]", b"null", b'{"event": 1}', b'{"text": "\\ud800"}', b"{" * 5000, b"x" * 100_000)


def assert_one_each(stage: Stage, made: Sequence[Made | Failure], records: Sequence[Record]) -> None:
    assert len(made) == len(records)
    for one in made:
        if isinstance(one, Failure):
            assert one.attempts == 1
        else:
            assert one.topic in {topic.name for topic in (*stage.writes, ENRICHED)}


@EVERY
def test_garbage_costs_itself_alone(stage: Stage) -> None:
    good = inputs(stage)[0]
    bad = [replace(good, key=value, value=value, offset=number) for number, value in enumerate(GARBAGE, start=100)]
    made = fresh(stage)([bad[0], good, *bad[1:]])
    assert_one_each(stage, made, [good, *bad])
    assert told(made[1], stage) == told(fresh(stage)([good])[0], stage)


@EVERY
@given(data=st.data())
def test_any_bytes_have_an_outcome(stage: Stage, data: st.DataObject) -> None:
    keys = st.none() | st.binary(max_size=40)
    some = data.draw(st.lists(st.tuples(keys, st.none() | st.binary(max_size=200)), min_size=1, max_size=4))
    records = [Record(stage.reads.name, 0, number, *one, AT.timestamp()) for number, one in enumerate(some)]
    assert_one_each(stage, step(stage)(records), records)


@EVERY
def test_the_metrics_count_what_the_row_says(stage: Stage) -> None:
    metrics = Metrics(stage)
    metrics.began(inputs(stage), len(inputs(stage)))
    metrics.finished(outputs(stage), 0.1, 0)
    assert metrics.registry.get_sample_value("stancewire_documents_unaccounted", {"stage": stage.name}) == 0
    for found in stage.findings:
        assert found.help.endswith("."), found.name
        assert found.advice.endswith("."), f"{found.name}: say when to look, and what to do"
        if isinstance(found, Counted):
            counted = {
                value: metrics.registry.get_sample_value(
                    f"stancewire_{found.name}_total", {"stage": stage.name, found.label: value}
                )
                for value in found.values
            }
            assert None not in counted.values()
            assert any(counted.values()), f"{found.name}: nothing was counted in the documents of this suite"
        else:
            labels = {"stage": stage.name}
            assert metrics.registry.get_sample_value(f"stancewire_{found.name}_count", labels), (
                f"{found.name}: nothing was measured in the documents of this suite"
            )
    figures = step(stage).core.figures()
    assert figures.keys() == {told.name for told in stage.tells}
    metrics.told(figures)


@EVERY
def test_a_list_that_the_row_names_can_be_followed(stage: Stage) -> None:
    assert (step(stage).core.follows is None) == (stage.guide is None)


@EVERY
def test_the_folder_has_its_page_its_tests_and_the_same_files(stage: Stage) -> None:
    folder = ROOT / "services" / stage.name
    assert {"__init__.py", "agent.py", "core.py", "settings.py"} <= {path.name for path in folder.iterdir()}
    assert sorted((ROOT / "tests" / stage.name).glob("test_*.py")), f"tests/{stage.name} has no tests"


@EVERY
def test_every_setting_says_what_it_does_and_its_default_holds(stage: Stage) -> None:
    for settings in agent(stage).SETTINGS:
        assert settings.model_config.get("frozen")
        assert str(settings.model_config["env_prefix"]).startswith("STANCEWIRE_")
        settings()
        for name, field in settings.model_fields.items():
            assert field.description, f"{settings.__name__}.{name} has no description"


CHANGES: dict[str, tuple[dict[str, Any], str]] = {
    "a name": ({"name": "Not A Name"}, "must be a Python identifier"),
    "a name twice": ({"name": STAGES[0].name}, "Two stages have the name"),
    "the canaries' port": ({"port": CANARY_PORT}, "of the canaries"),
    "a port of another": ({"port": STAGES[0].port}, f"of {STAGES[0].name}"),
    "a port outside": ({"port": 99}, "choose one from 0 to"),
    "reads what nobody writes": ({"reads": topology.Topic("news.nobody", "nothing")}, "write it in a stage above"),
    "writes what nobody reads": ({"writes": (topology.Topic("news.nobody", "nothing"),)}, "No stage reads news.nobody"),
    "writes more": ({"writes": (*STAGES[-2].writes, TOPICS[0])}, "may write one topic"),
    "keeps a topic without a table": ({"keeps": topology.STORIES}, "only a stage with a table can"),
    "a count of many processes": ({"tells": (topology.Told("n", "n", "", counts=True),)}, "only a stage with a table"),
    "a table and models": ({"table": "t"}, "works in its own process"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_row_that_cannot_be_is_named_when_the_table_is_read(change: str) -> None:
    changes, message = CHANGES[change]
    assert not topology.faults(STAGES)
    *before, changed, last = STAGES
    assert message in " ".join(topology.faults((*before, replace(changed, **changes), last)))


def test_the_last_stage_must_write_the_output() -> None:
    assert "it must write news.enriched" in " ".join(topology.faults(STAGES[:-1]))


def test_what_a_stage_keeps_is_compacted() -> None:
    keeps = replace(topology.STORIES, compacted=False)
    assert "must be compacted" in " ".join(topology.faults((*STAGES[:-1], replace(STAGES[-1], keeps=keeps))))


def test_an_agent_that_lacks_something_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    module = agent(STAGES[-1])
    monkeypatch.delattr(module, "basis")
    with pytest.raises(TypeError, match=r"has no basis\(\)"):
        agent(STAGES[-1])


def test_a_document_on_which_a_stage_fails_costs_itself_alone() -> None:
    stage = STAGES[-1]
    run = step(stage).core.run

    def failing(records: Sequence[Record]) -> list[Work]:
        if any(record.offset == 1 for record in records):
            raise RuntimeError("a fault of the core")
        return run(records)

    good = inputs(stage)[0]
    records = [replace(good, offset=number) for number in range(3)]
    made = work_on(stage, "", failing, records)
    assert [type(one) for one in made] == [Made, Failure, Made]
