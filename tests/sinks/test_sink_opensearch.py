"""Events in a real OpenSearch: all of them, each once, the newest, none that was withdrawn, and what is refused costs no other."""

import json
import shutil
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tried

from schemas import Event, Status
from services.consumer.table import SCHEMA
from services.deadletters.letters import letters
from services.runtime.settings import Settings, SettingsError
from services.sinks.indexed import PROPERTIES, body, identity, missing
from services.sinks.opensearch import OpenSearch, open_sink
from services.sinks.run import Runner
from services.sinks.settings import OpensearchSettings
from services.sinks.sink import SINKS, AwayError, PartlyRefusedError, RefusedError
from tests.consumer.made_events import EVENTS, event
from tests.docs.snippets import ROOT, block
from tests.security.secured import make_certificates
from tests.sinks.searching import Proxy, Searcher, proxy, searching
from tests.sinks.streams import Process, copies, put
from tests.sinks.test_sink_postgres import FIRST, ORDERS, SECOND, arrivals, withdrawal

OPENSEARCH = SINKS[3]
PAGE = ROOT / "docs" / "sinks.md"
BUSY = {"error": {"type": "rejected_execution_exception", "reason": "queue is full"}, "status": 429}
SECRET = "search-pass-4711 é"  # noqa: S105 - made for the test; no output may show it


@pytest.fixture(scope="session")
def searcher() -> Iterator[Searcher]:
    """OpenSearch, as long as the test run."""
    with searching() as running:
        yield running


@pytest.fixture
def index(searcher: Searcher, monkeypatch: pytest.MonkeyPatch) -> Searcher:
    """The same without an index; the settings name it."""
    searcher.clear()
    monkeypatch.setenv("STANCEWIRE_OPENSEARCH_URL", searcher.url)
    return searcher


@pytest.fixture
def between(index: Searcher) -> Iterator[Proxy]:
    """A proxy in front of it."""
    with proxy(index.url) as running:
        yield running


def write(*events: Event) -> int:
    with closing(open_sink()) as sink:
        return sink.write(arrivals(*events))


def through(between: Proxy, pauses: list[float] | None = None, **changes: Any) -> OpenSearch:
    values = OpensearchSettings.model_validate({"url": between.url} | changes)
    return OpenSearch(values, [].append if pauses is None else pauses.append)  # type: ignore[arg-type]


def versions(index: Searcher) -> dict[str, int]:
    index.ask("POST", "/stancewire-1/_refresh")
    hits = index.ask("POST", "/stancewire-1/_search?size=1000&version=true", {})["hits"]["hits"]
    return {hit["_id"]: hit["_version"] for hit in hits}


def test_every_event_is_there_as_it_is_and_a_repeat_changes_none(index: Searcher, stories: Sequence[Event]) -> None:
    current = {one.id: one for one in sorted(stories, key=lambda one: one.revision)}
    assert len(current) < len(stories)
    assert write(*stories) == len(current)
    found = {one["id"]: one for one in index.find()}
    assert found == {name: json.loads(json.dumps(body(one, None))) for name, one in current.items()}
    assert {name: Event.model_validate(one, extra="ignore") for name, one in found.items()} == current
    before = versions(index)
    assert write(*stories) == 0
    assert versions(index) == before


def test_the_questions_of_the_page_have_answers(index: Searcher, stories: Sequence[Event]) -> None:
    write(*stories)
    page = PAGE.read_text()
    index.ask("POST", "/stancewire/_refresh")
    stands, against = (
        index.ask("POST", "/stancewire/_search", json.loads(block(page, kind)))
        for kind in ("json stands", "json sides")
    )
    found = [
        inner["_source"] for hit in stands["hits"]["hits"] for inner in hit["inner_hits"]["stands"]["hits"]["hits"]
    ]
    assert {one["stance"] for one in found} == {"favor", "against"}
    assert all("toll" in one["target"].lower() for one in found)
    buckets = against["aggregations"]["stands"]["against"]["targets"]["buckets"]
    known = {stand["target"] for one in stories for stand in body(one, None)["stands"] if stand["stance"] == "against"}
    assert buckets
    assert {bucket["key"] for bucket in buckets} <= known


def test_who_stands_where_is_asked_of_one_stance_at_a_time(index: Searcher) -> None:
    write(event())

    def found(holder: str, stance: str) -> int:
        asked = [{"term": {"stands.holder": holder}}, {"term": {"stands.stance": stance}}]
        return len(index.find({"query": {"nested": {"path": "stands", "query": {"bool": {"filter": asked}}}}}))

    assert (found("Mara Voss", "favor"), found("Mara Voss", "against"), found("the councillor", "against")) == (1, 0, 1)
    [one] = index.find({"query": {"term": {"metadata_terms": "desk=city"}}})
    assert [(stand["holder"], stand["target"], stand["quote"]) for stand in one["stands"]] == [
        ("the author", "Ito", event().text.split(" Coun")[0]),
        ("Mara Voss", "harbour tunnel", event().text.split(" Coun")[0]),
        ("the councillor", "Mara Voss", "Councillor Ito opposed it."),
    ]


@pytest.mark.parametrize(("events", "title"), ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize("together", [True, False], ids=["one batch", "a batch each"])
def test_what_is_true_now_stands(index: Searcher, events: Sequence[Event], title: str | None, together: bool) -> None:
    with closing(open_sink()) as sink:
        for batch in [events] if together else [(one,) for one in events]:
            sink.write(arrivals(*batch))
    assert [one["title"] for one in index.find()] == [title] * (title is not None)


def test_of_a_withdrawn_document_only_id_and_times_are_left(index: Searcher) -> None:
    write(FIRST, withdrawal(6))
    assert index.find() == []
    [left] = index.find(index="stancewire-1")
    assert left.keys() == {"id", "status", "withdrawn"}


@tried(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=EVENTS)
def test_any_event_can_be_written(index: Searcher, one: Event) -> None:
    index.clear()
    assert write(one) == 1
    assert write(one) == 0
    found = index.find()
    if one.status is Status.WITHDRAWN:
        assert found == []
        return
    assert found == [json.loads(json.dumps(body(one, None)))]
    assert Event.model_validate(found[0], extra="ignore") == one


def test_the_longest_id_terms_and_lists_can_be_written(index: Searcher) -> None:
    entity = event().entities[0]
    many = tuple(entity.model_copy(update={"id": f"e{number}"}) for number in range(1, 2_001))
    stances = tuple(event().stances[1] for _ in range(2_000))
    long = event(id="🚋" * 256, url="é" * 40_000, metadata={"x": "é" * 16_000}, entities=many, stances=stances)
    assert write(long) == 1
    assert write(long) == 0
    [found] = index.find()
    assert (found["id"], len(found["entities"]), len(found["stands"])) == (long.id, 2_000, 2_000)
    assert identity("a") == "a"


def test_every_field_of_an_event_has_a_place_in_the_mapping(index: Searcher) -> None:
    assert set(SCHEMA.names) <= PROPERTIES.keys()
    write(event())
    there = index.ask("GET", "/stancewire-1/_mapping")["stancewire-1"]["mappings"]
    assert there["dynamic"] == "false"
    assert missing(PROPERTIES, there["properties"]) == {}


def test_an_index_of_an_earlier_release_gets_the_fields_that_are_new(index: Searcher) -> None:
    older = {"id": PROPERTIES["id"], "source": {"type": "text"}, "story": {"properties": {"id": {"type": "keyword"}}}}
    index.ask("PUT", "/stancewire-1", {"mappings": {"dynamic": False, "properties": older}})
    write(event())
    there = index.ask("GET", "/stancewire-1/_mapping")["stancewire-1"]["mappings"]["properties"]
    assert there["source"] == {"type": "text"}, "what its owner has chosen stays"
    assert there["story"]["properties"]["saga"]["type"] == "keyword"
    assert there["stands"]["type"] == "nested"


def test_a_template_of_the_users_own_is_left_alone(index: Searcher) -> None:
    write(event())
    ours = index.ask("GET", "/_index_template/stancewire-1")["index_templates"][0]["index_template"]
    index.ask("DELETE", "/stancewire-1")
    ours["template"]["mappings"]["properties"]["title"] = {"type": "text", "analyzer": "simple"}
    index.ask("PUT", "/_index_template/stancewire-1", ours)
    write(event())
    there = index.ask("GET", "/stancewire-1/_mapping")["stancewire-1"]["mappings"]["properties"]
    assert there["title"]["analyzer"] == "simple"


def narrow(index: Searcher) -> None:
    """An index that takes only events whose source is a number."""
    write(event())
    index.ask("DELETE", "/stancewire-1")
    index.ask("PUT", "/stancewire-1", {"mappings": {"properties": {"source": {"type": "long"}}}})


def test_what_is_refused_costs_no_other_one_and_the_revision_before_it_stands(index: Searcher) -> None:
    narrow(index)
    good, old = event(id="good", source="7"), FIRST.model_copy(update={"source": "8"})
    batch = arrivals(good, old, SECOND, event(id="bad", source="secret-4711"))
    with closing(open_sink()) as sink, pytest.raises(PartlyRefusedError) as raised:
        sink.write(batch)
    assert raised.value.changed == 2
    assert raised.value.refused.keys() == {batch[2].record.position, batch[3].record.position}
    assert all("failed to parse field [source] of type [long]" in why for why in raised.value.refused.values())
    assert "4711" not in str(raised.value)
    assert sorted((one["id"], one["revision"]) for one in index.find(index="stancewire-1")) == [
        ("good", 1),
        ("herald-1", 1),
    ]


def test_who_is_busy_is_asked_again_with_growing_pauses(index: Searcher, between: Proxy) -> None:
    pauses: list[float] = []
    with closing(through(between, pauses)) as sink:
        between.says = [(429, BUSY), None, (503, {}), (500, b"<html>"), None, (502, b"")]
        assert sink.write(arrivals(event())) == 1
    assert pauses == [0.5, 1.0, 2.0, 4.0]
    assert index.ids() == ["herald-1"]


def test_of_a_batch_only_what_the_server_had_no_room_for_is_sent_again(index: Searcher, between: Proxy) -> None:
    write(event(id="a"))
    before = versions(index)
    items = [{"create": {"_id": name} | BUSY} for name in ("b", "c")]
    pauses: list[float] = []
    with closing(through(between, pauses)) as sink:
        between.says = [None, (200, {"errors": True, "items": items})]
        assert sink.write(arrivals(event(id="a"), event(id="b"), event(id="c"))) == 2
    assert pauses == [0.5]
    assert index.ids() == ["a", "b", "c"]
    assert versions(index)["a"] == before["a"]


def test_there_is_an_end_to_asking_and_nothing_is_refused(index: Searcher, between: Proxy) -> None:
    with closing(through(between)) as sink:
        between.says = [(429, BUSY)] * 5
        with pytest.raises(
            AwayError, match=r"takes no events: it answered 429, rejected_execution_exception: queue is full"
        ):
            sink.write(arrivals(event()))
        assert sink.write(arrivals(event())) == 1


def test_a_request_that_is_too_large_is_made_smaller(index: Searcher, between: Proxy) -> None:
    with closing(through(between)) as sink:
        between.says = [None, (413, b"")]
        with pytest.raises(RefusedError, match="answered 413"):
            sink.write(arrivals(event(id="a"), event(id="b")))


@pytest.mark.parametrize("status", [401, 403, 404])
def test_who_does_not_let_us_in_is_away_and_costs_no_event(index: Searcher, between: Proxy, status: int) -> None:
    with closing(through(between)) as sink:
        between.says = [None, (status, {"error": {"type": "security_exception", "reason": "no permissions"}})]
        with pytest.raises(AwayError, match=f"does not let us POST /stancewire-1/_bulk: {status}, security_exception"):
            sink.write(arrivals(event()))
        items = [
            {"create": {"_id": "x", "status": 403, "error": {"type": "cluster_block_exception", "reason": "full"}}}
        ]
        between.says = [None, (200, {"errors": True, "items": items})]
        with pytest.raises(AwayError, match=r"takes no documents \(403\): cluster_block_exception: full"):
            sink.write(arrivals(event()))


def test_a_process_that_was_faster_is_not_written_over(index: Searcher, between: Proxy) -> None:
    """Another process, which has lost the partition or got it, writes between the look and the writing."""
    with closing(through(between)) as sink:
        sink.write(arrivals(FIRST))
        done: list[int] = []

        def meanwhile(path: str) -> None:
            if path.endswith("_bulk") and not done:
                done.append(write(SECOND))

        between.before = meanwhile
        assert sink.write(arrivals(received_again(FIRST))) == 0
    assert done == [1]
    assert [one["title"] for one in index.find()] == ["Second"]


def received_again(one: Event) -> Event:
    """The same revision with another result: it takes the place of ``one``, and not of a later revision."""
    return one.model_copy(update={"event_id": "done-again", "title": "Done again"})


def test_a_server_that_is_killed_is_away_and_has_kept_all_that_it_acknowledged(
    index: Searcher, searcher: Searcher
) -> None:
    searcher.must_be_ours()
    write(event(id="before"))
    with closing(OpenSearch(OpensearchSettings.model_validate({"url": index.url}), lambda _: None)) as sink:
        searcher.kill()
        with pytest.raises(AwayError, match="takes no events: ClientConnectorError"):
            sink.write(arrivals(event(id="after")))
        with pytest.raises(AwayError, match=r"127\.0\.0\.1 cannot be used: ClientConnectorError"):
            open_sink()
        searcher.start()
        assert sink.write(arrivals(event(id="after"))) == 1
    assert index.ids() == ["after", "before"]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to make certificates with")
def test_over_tls_we_say_who_we_are_and_only_to_whom_we_trust(index: Searcher, tmp_path: Path) -> None:
    make_certificates(tmp_path)
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trust.load_cert_chain(tmp_path / "broker.pem")
    with proxy(index.url, trust) as between:
        url = f"https://localhost:{between.port}"
        with closing(through(between, url=url, cafile=tmp_path / "ca.crt", user="us", password=SECRET)) as sink:
            sink.write(arrivals(event()))
        with closing(through(between, url=url, cafile=tmp_path / "ca.crt", api_key="aWQ6a2V5")):
            pass
        said = [headers.get("authorization") for _, _, headers in between.got]
        assert said[0] == "Basic dXM6c2VhcmNoLXBhc3MtNDcxMSDDqQ=="
        assert said[-1] == "ApiKey aWQ6a2V5"
        asked = len(between.got)
        for other in (tmp_path / "other.crt", None):
            with pytest.raises(AwayError, match="CERTIFICATE_VERIFY_FAILED") as raised:
                through(between, url=url, user="us", password=SECRET, cafile=other)
            assert "4711" not in str(raised.value)
        assert len(between.got) == asked
    assert index.ids() == ["herald-1"]


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, "STANCEWIRE_OPENSEARCH_URL is not set"),
        ({"URL": "file:///etc/passwd"}, "not an address"),
        ({"URL": "https://[::1/4711"}, "not an address"),
        ({"URL": "https://us:pass-4711@127.0.0.1:9200"}, "not an address"),
        ({"URL": "http://127.0.0.1:1", "USER": "us", "API_KEY": "key-4711"}, "give one of them"),
        ({"URL": "http://127.0.0.1:1", "CAFILE": "/nowhere"}, "CAFILE: /nowhere: No such file"),
        ({"URL": "http://127.0.0.1:1", "CAFILE": __file__}, "no certificate can be read"),
        ({"URL": "http://127.0.0.1:1", "INDEX": "News*"}, "STANCEWIRE_OPENSEARCH_INDEX"),
    ],
)
def test_wrong_settings_are_named_and_secrets_are_not(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], said: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"STANCEWIRE_OPENSEARCH_{name}", value)
    with pytest.raises(SettingsError, match=said) as raised:
        open_sink()
    assert "4711" not in str(raised.value)


def test_an_alias_that_is_an_index_is_said(index: Searcher) -> None:
    index.ask("PUT", "/stancewire", {})
    with pytest.raises(SettingsError, match=r"STANCEWIRE_OPENSEARCH_INDEX: .* cannot be made: 400.*alias"):
        open_sink()


@pytest.mark.broker
@pytest.mark.timeout(600)
def test_killed_and_cut_off_it_leaves_each_event_once(
    fresh: Callable[..., Settings], index: Searcher, searcher: Searcher, stories: Sequence[Event], tmp_path: Path
) -> None:
    searcher.must_be_ours()
    settings = fresh()
    events = copies(list({one.id: one for one in stories}.values()), 20)
    put(settings, events)
    words = ("sink", "opensearch", "--group", "sink")
    few = {"STANCEWIRE_OPENSEARCH_BATCH_EVENTS": "5", "STANCEWIRE_SINK_PORT": "0"}
    first = Process(settings, tmp_path / "first", *words, **few)
    first.until(lambda: there(index) > 20, "no documents")
    first.kill()
    assert 20 < there(index) < len(events)
    second = Process(settings, tmp_path / "second", *words, **few)
    second.until(lambda: second.ask("/ready")[0] == 200, "not ready")
    searcher.kill()
    second.until(lambda: "tries again" in second.log.read_text(), "nothing noticed")
    assert second.ask("/ready")[0] == 503
    searcher.start()
    second.until(lambda: 'lag_events{sink="opensearch"} 0.0' in second.ask("/metrics")[1], "lag")
    second.until(lambda: there(index) == len(events), "documents are missing")
    metrics = second.ask("/metrics")[1]
    assert 'stancewire_sink_open{sink="opensearch"} 1.0' in metrics
    assert 'stancewire_sink_failures_total{cause="sink",sink="opensearch"}' in metrics
    assert second.end() == 0
    assert index.ids() == sorted(one.id for one in events)


def there(index: Searcher) -> int:
    try:
        index.ask("POST", "/stancewire/_refresh")
        return int(index.ask("GET", "/stancewire/_count")["count"])
    except OSError:
        return 0


@pytest.mark.broker
@pytest.mark.timeout(600)
def test_what_is_refused_is_a_dead_letter_and_is_written_when_its_cause_is_mended(
    fresh: Callable[..., Settings], index: Searcher
) -> None:
    settings = fresh(partitions=1)
    narrow(index)
    put(settings, [event(id="first", source="1"), event(id="bad"), event(id="second", source="2")], b"not an event")
    runner = Runner(OPENSEARCH, settings, group="sink", to_end=True)
    runner.run(lambda: False)
    counted = [
        runner.metrics._events.labels("opensearch", what)._value.get() for what in ("written", "refused", "unreadable")
    ]
    assert counted == [2, 1, 1]
    found = [letter.letter for letter in letters(settings)]
    assert {(one.stage, one.reason.value, one.document) for one in found if one} == {
        ("sink-opensearch", "error", "bad"),
        ("sink-opensearch", "schema", None),
    }
    index.ask("DELETE", "/stancewire-1")
    assert Runner(OPENSEARCH, settings, group="sink").again() == 1
    assert index.ids() == ["bad"]
