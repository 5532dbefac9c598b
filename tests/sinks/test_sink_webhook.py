"""Alerts on a real HTTP server: of what is watched, once for each change, signed, tried again, and never sent elsewhere."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from schemas import Event
from services.deadletters.letters import letters
from services.runtime.records import Record
from services.runtime.settings import Settings, SettingsError, load
from services.sinks.alerts import watched_stands
from services.sinks.run import Runner
from services.sinks.settings import WebhookSettings
from services.sinks.sides import Sides
from services.sinks.sink import SINKS, Arrival, RefusedError
from services.sinks.webhook import Webhook, open_sink
from tests.consumer.made_events import RECEIVED, event, rejected
from tests.docs.snippets import ROOT, assert_part, block
from tests.sinks.streams import put
from tests.sinks.test_sink_postgres import received

SECRET = "a secret of the tests"  # noqa: S105


@dataclass
class Receiver:
    """A receiver: what it got, and what it answers, the last answer for ever. ``None`` as an answer: none for a while."""

    port: int = 0
    answers: list[int | None] = field(default_factory=lambda: [204])
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    location: str = ""
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook/path-secret-4711"

    @property
    def alerts(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.got]


@pytest.fixture
def receivers() -> Iterator[Callable[[], Receiver]]:
    servers: list[tuple[ThreadingHTTPServer, Receiver]] = []

    def make() -> Receiver:
        receiver = Receiver()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                status = receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0]
                if status is None:
                    receiver.released.wait(30)
                    return
                self.send_response(status)
                self.send_header("Location", receiver.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        receiver.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append((server, receiver))
        return receiver

    yield make
    for server, receiver in servers:
        receiver.released.set()
        server.shutdown()
        server.server_close()


@pytest.fixture
def receiver(receivers: Callable[[], Receiver]) -> Receiver:
    return receivers()


def webhook(url: str, state: Path, pauses: list[float] | None = None, **settings: object) -> Webhook:
    values = WebhookSettings.model_validate({"url": url, "secret": SECRET} | settings)
    return Webhook(values, state / "sides.sqlite", [].append if pauses is None else pauses.append)  # type: ignore[arg-type]


def arrival(one: Event) -> Arrival:
    return Arrival(Record("news.enriched", 0, 0, one.id.encode(), b"", 0.0), one)


def against(minutes: float, id: str = "later") -> Event:
    """Who was in favor of the tunnel is against it."""
    stances = tuple(
        one.model_copy(update={"stance": "against"}) if one.target.issue else one for one in event().stances
    )
    return received(event(id=id, stances=stances), minutes)


def test_an_alert_says_who_stands_where_and_is_signed(receiver: Receiver, tmp_path: Path) -> None:
    with closing(webhook(receiver.url, tmp_path)) as sink:
        assert sink.write([arrival(received(event(), 0))]) == 1
    assert [alert["summary"] for alert in receiver.alerts] == [
        "Mara Voss is in favor of harbour tunnel",
        "the councillor is against Mara Voss",
    ]
    headers, body = receiver.got[0]
    assert headers["content-type"] == "application/json"
    assert headers["webhook-id"] == receiver.alerts[0]["id"]
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 600
    signed = b".".join((headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body))
    expected = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"


def test_the_page_shows_an_alert_as_it_is(receiver: Receiver, tmp_path: Path) -> None:
    with closing(webhook(receiver.url, tmp_path)) as sink:
        sink.write([arrival(received(event(), 0)), arrival(against(9))])
    page = (ROOT / "docs" / "sinks.md").read_text()
    shown = json.loads(block(page, "json alert"))
    assert shown.keys() == receiver.alerts[-1].keys()
    assert shown["document"].keys() == receiver.alerts[-1]["document"].keys()
    assert_part({name: shown[name] for name in shown if name not in ("id", "document")}, receiver.alerts[-1])


def test_the_verifier_of_the_page_takes_what_is_sent_and_nothing_else(receiver: Receiver, tmp_path: Path) -> None:
    with closing(webhook(receiver.url, tmp_path)) as sink:
        sink.write([arrival(received(event(), 0))])
    names: dict[str, Any] = {}
    exec(block((ROOT / "docs" / "sinks.md").read_text(), "python verify"), names)  # noqa: S102 - our own page
    headers, body = receiver.got[0]
    assert names["is_ours"](SECRET, headers, body)
    assert not names["is_ours"](SECRET, headers, body + b" ")
    assert not names["is_ours"]("another secret of the tests", headers, body)
    assert not names["is_ours"](SECRET, headers | {"webhook-timestamp": "1000000000"}, body)


def test_a_side_is_told_once_and_again_when_it_changes(receiver: Receiver, tmp_path: Path) -> None:
    first, second = received(event(), 0), against(9)
    for batch in ([first, first], [second], [first, second], [received(rejected(), 20)]):
        with closing(webhook(receiver.url, tmp_path)) as sink:  # each time a new process
            for one in batch:
                sink.write([arrival(one)])
    told = [(alert["type"], alert["before"], alert["stance"]) for alert in receiver.alerts]
    assert told == [
        ("stance.new", None, "favor"),
        ("stance.new", None, "against"),
        ("stance.changed", "favor", "against"),
    ]
    assert receiver.alerts[-1]["summary"] == "Mara Voss is now against harbour tunnel"


def test_an_alert_that_comes_twice_has_one_id(receiver: Receiver, tmp_path: Path) -> None:
    for state in ("a", "b"):  # the process died before it noted that it had told it
        with closing(webhook(receiver.url, tmp_path / state)) as sink:
            sink.write([arrival(received(event(), 0))])
    ids = [alert["id"] for alert in receiver.alerts]
    assert ids[:2] == ids[2:]
    assert len(set(ids)) == 2


def test_only_what_is_watched_and_sure_enough_is_told() -> None:
    def told(one: Event, minimum: float = 0.6) -> set[str]:
        return {stand.body(None)["summary"] for stand in watched_stands(one, minimum)}

    assert len(told(event())) == 2
    assert told(event(), 0.85) == {"Mara Voss is in favor of harbour tunnel"}
    nobody = tuple(one.model_copy(update={"watched": None}) for one in event().entities)
    assert told(event(entities=nobody)) == {"Mara Voss is in favor of harbour tunnel"}
    nothing = tuple(one.model_copy(update={"watched": None}) for one in event().issues)
    assert told(event(entities=nobody, issues=nothing)) == set()


def test_what_fails_for_now_is_tried_again_with_growing_pauses(receiver: Receiver, tmp_path: Path) -> None:
    receiver.answers = [500, 429, 503, 200]
    pauses: list[float] = []
    with closing(webhook(receiver.url, tmp_path, pauses)) as sink:
        assert sink.write([arrival(received(event(), 0))]) == 1
    assert pauses == [1, 2, 4]
    assert len({alert["id"] for alert in receiver.alerts[:4]}) == 1
    assert len(receiver.got) == 5


def test_what_is_refused_is_not_tried_again(receiver: Receiver, tmp_path: Path) -> None:
    receiver.answers = [404]
    with closing(webhook(receiver.url, tmp_path)) as sink, pytest.raises(RefusedError, match="answered 404") as raised:
        sink.write([arrival(received(event(), 0))])
    assert len(receiver.got) == 1
    assert "4711" not in str(raised.value)


def test_there_is_an_end_to_trying(receiver: Receiver, tmp_path: Path) -> None:
    receiver.answers = [500]
    with (
        closing(webhook(receiver.url, tmp_path, attempts=3)) as sink,
        pytest.raises(RefusedError, match="in 3 attempts: it answered 500"),
    ):
        sink.write([arrival(received(event(), 0))])
    assert len(receiver.got) == 3


def test_a_redirect_is_not_followed(receivers: Callable[[], Receiver], tmp_path: Path) -> None:
    receiver, other = receivers(), receivers()
    for status in (301, 302, 307, 308):
        receiver.answers, receiver.location = [status], other.url
        with closing(webhook(receiver.url, tmp_path)) as sink, pytest.raises(RefusedError, match="redirect"):
            sink.write([arrival(received(event(), 0))])
    assert other.got == []


def test_a_receiver_that_is_silent_or_away_is_given_up(receiver: Receiver, tmp_path: Path) -> None:
    receiver.answers = [None]
    with (
        closing(webhook(receiver.url, tmp_path, attempts=2, seconds=0.2)) as sink,
        pytest.raises(RefusedError, match=r"in 2 attempts: no answer in 0\.2 s"),
    ):
        sink.write([arrival(received(event(), 0))])
    with (
        closing(webhook("http://127.0.0.1:1/path-secret-4711", tmp_path, attempts=2)) as sink,
        pytest.raises(RefusedError, match="ClientConnectorError") as raised,
    ):
        sink.write([arrival(received(event(), 0))])
    assert "4711" not in str(raised.value)


def test_what_is_remembered_is_bounded(tmp_path: Path) -> None:
    with closing(Sides(tmp_path / "sides", most=3)) as sides:
        for number in range(10):
            sides.told(f"pair {number}", "favor", received(event(), number).processing.received_at)
        assert [number for number in range(10) if sides.last(f"pair {number}")] == [7, 8, 9]
        assert sides.last("pair 9") == ("favor", received(event(), 9).processing.received_at)
        assert RECEIVED.year == 2026


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, "STANCEWIRE_WEBHOOK_URL is not set"),
        ({"URL": "http://127.0.0.1/x"}, "STANCEWIRE_WEBHOOK_SECRET is not set"),
        ({"URL": "file:///etc/passwd", "SECRET": SECRET}, "not an address"),
        ({"URL": "https://[::1/4711", "SECRET": SECRET}, "not an address"),
        ({"URL": "http://127.0.0.1/x", "SECRET": "whsec_not base64 4711!"}, "no base64 follows"),
        ({"URL": "http://127.0.0.1/x", "SECRET": "short-4711"}, "STANCEWIRE_WEBHOOK_SECRET: "),
    ],
)
def test_wrong_settings_are_named_and_secrets_are_not(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], said: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"STANCEWIRE_WEBHOOK_{name}", value)
    with pytest.raises(SettingsError, match=said) as raised:
        open_sink()
    assert "4711" not in str(raised.value)


@pytest.mark.broker
@pytest.mark.timeout(300)
def test_what_a_receiver_refuses_is_a_dead_letter_and_is_told_later(
    fresh: Callable[..., Settings], receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = fresh(partitions=1)
    put(settings, [received(event(), 0), against(5), received(rejected(), 6, id="bad")])
    monkeypatch.setenv("STANCEWIRE_WEBHOOK_URL", receiver.url)
    monkeypatch.setenv("STANCEWIRE_WEBHOOK_SECRET", SECRET)
    monkeypatch.setenv("STANCEWIRE_DATA_DIR", str(settings.data_dir))
    assert load(Settings).data_dir == settings.data_dir
    receiver.answers = [204, 204, 400, 204]
    Runner(SINKS[2], settings, group="alerts", to_end=True).run(lambda: False)
    [letter] = letters(settings)
    assert letter.letter is not None
    assert (letter.letter.stage, letter.letter.document) == ("sink-webhook", "later")
    assert letter.letter.message == "127.0.0.1 answered 400"
    assert Runner(SINKS[2], settings, group="alerts").again() == 1
    assert [alert["summary"] for alert in receiver.alerts][-1] == "Mara Voss is now against harbour tunnel"
    Runner(SINKS[2], settings, group="others", to_end=True).run(lambda: False)  # reads all again: nothing is new
    assert len(receiver.got) == 4
