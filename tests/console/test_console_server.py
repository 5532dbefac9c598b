"""The console over HTTP, by aiohttp's own client: what is asked rightly is answered, everything else refused in one line."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from schemas import Status
from services.console.server import Console, application
from services.console.settings import ConsoleSettings
from services.console.source import Arrival, Position
from tests.consumer.made_events import event, near_copy, rejected

Ask = Callable[[str], Awaitable[ClientResponse]]


def served(use: Callable[[Console, TestClient[Any, Any]], Awaitable[None]], **settings: int) -> None:
    """Run ``use`` with a console that holds a few events, and a client of it."""

    async def run() -> None:
        console = Console(ConsoleSettings.model_validate(settings), clock=lambda: 1_000_010.0)
        take(
            console,
            event(),
            near_copy().model_copy(update={"id": "copy-1", "event_id": "c"}),
            rejected().model_copy(update={"id": "bad-1", "event_id": "b"}),
        )
        async with TestClient(TestServer(application(console))) as client:
            await use(console, client)

    asyncio.run(run())


def take(console: Console, *events: Any) -> None:
    arrivals = [Arrival(one, one.model_dump_json().encode(), 1_000_009.0) for one in events]
    console.take(arrivals, Position(lag=3, caught_up=True, problem=""))


async def told(client: TestClient[Any, Any], path: str) -> dict[str, Any]:
    answer = await client.get(path)
    assert answer.status == 200, await answer.text()
    body: dict[str, Any] = await answer.json()
    return body


def test_the_views_are_answered() -> None:
    async def use(console: Console, client: TestClient[Any, Any]) -> None:
        stream = await told(client, "/api/stream")
        assert {card["id"] for card in stream["cards"]} == {"herald-1", "copy-1", "bad-1"}
        assert [card["id"] for card in (await told(client, "/api/stream?stance=against&entity=voss"))["cards"]] == [
            "herald-1"
        ]
        document = await told(client, "/api/document?id=herald-1")
        assert "".join(piece["t"] for piece in document["text_pieces"]) == event().text
        assert [stance["stance"] for stance in document["stances"]] == ["favor", "against", "neutral"]
        standing = await told(client, "/api/stands?entity=mara+voss")
        assert [(one["holder"], one["stance"]) for one in standing["stands"]] == [("the councillor", "against")]
        issue = await told(client, "/api/stands?issue=TUNNEL-1")
        assert (issue["name"], issue["type"], issue["documents"]) == ("harbour tunnel", "issue", 1)
        assert [(one["holder"], one["stance"], one["basis"], one["id"]) for one in issue["stands"]] == [
            ("Mara Voss", "favor", "speech", "herald-1")
        ]
        narrowed = await told(client, "/api/stands?issue=harbour+tunnel&source=herald&basis=speech")
        assert (narrowed["stands"], narrowed["also"]) == (issue["stands"], ["tunnel-1"])
        for narrow in ("source=times", "basis=act"):
            assert (await told(client, f"/api/stands?issue=harbour+tunnel&{narrow}"))["stands"] == []
        [listed] = (await told(client, "/api/subjects?kind=issue"))["subjects"]
        assert (listed["name"], listed["ref"], listed["favor"]) == ("harbour tunnel", "tunnel-1", 1)
        assert [one["name"] for one in document["issues"]] == ["harbour tunnel"]
        assert {"i1", "e1", "e2"} == {piece["e"] for piece in document["text_pieces"] if "e" in piece}
        cards = (await told(client, "/api/stream?issue=harbour"))["cards"]
        assert [(card["id"], card["issues"]) for card in cards] == [
            ("herald-1", [{"name": "harbour tunnel", "ref": "tunnel-1"}])
        ]
        assert "Mara Voss" in {one["name"] for one in (await told(client, "/api/subjects?q=voss"))["subjects"]}
        assert (await told(client, "/api/compare?id=herald-1&other=copy-1"))["same"] > 0
        strip = await told(client, "/api/strip")
        assert (strip["lag"], strip["recent"], strip["kept"]) == (3, {"enriched": 1, "duplicate": 1, "rejected": 1}, 3)
        assert [one["reason"] for one in strip["failures"]] == ["too_long"]

    served(use)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nowhere", 404),
        ("/api/nowhere", 404),
        ("/static/../server.py", 404),
        ("/static/%2e%2e/server.py", 404),
        ("/static/", 403),
        ("/api/document", 400),
        ("/api/document?id=", 400),
        ("/api/document?id=" + "x" * 257, 400),
        ("/api/document?id=none", 404),
        ("/api/document?id=%ff%00", 404),
        ("/api/document?id=a&id=b", 400),
        ("/api/document?id=herald-1&x=1", 400),
        ("/api/compare?id=herald-1", 400),
        ("/api/compare?id=herald-1&other=none", 404),
        ("/api/stands", 400),
        ("/api/stands?entity=+", 400),
        ("/api/stands?entity=a&issue=b", 400),
        ("/api/stands?issue=" + "x" * 201, 400),
        ("/api/stands?topic=a", 400),
        ("/api/stands?issue=a&basis=b", 400),
        ("/api/stands?issue=a&source=" + "x" * 201, 400),
        ("/api/subjects?kind=topic", 400),
        ("/api/subjects?q=" + "x" * 201, 400),
        ("/api/stream?stance=maybe", 400),
        ("/api/stream?verdict=x", 400),
        ("/api/stream?color=red", 400),
        ("/api/stream?text=" + "x" * 201, 400),
        ("/api/stream?" + "&".join(["text=a"] * 11), 400),
        ("/api/live?stance=against:", 400),
        ("/api/strip?x=1", 400),
        ("/?" + "x" * 5_000, 414),
        ("/document/" + "x" * 5_000, 414),
    ],
)
def test_what_cannot_be_answered_is_one_line_of_json(path: str, status: int) -> None:
    async def use(console: Console, client: TestClient[Any, Any]) -> None:
        answer = await client.get(path)
        body = await answer.text()
        assert answer.status == status, body
        assert answer.content_type == "application/json"
        assert body.count("\n") == 1
        assert len(body) < 500
        assert json.loads(body)["error"]

    served(use)


def test_only_get_is_answered() -> None:
    async def use(console: Console, client: TestClient[Any, Any]) -> None:
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
            for path in ("/", "/api/stream", "/document/x"):
                answer = await client.request(method, path, data=b"x" * 10_000)
                assert (answer.status, (await answer.json())["error"]) == (405, "only GET requests are answered")

    served(use)


def test_a_page_elsewhere_cannot_read_a_loopback_console() -> None:
    async def use(console: Console, client: TestClient[Any, Any]) -> None:
        for host, status in (
            ("news.example", 403),
            ("127.0.0.1.news.example:80", 403),
            ("localhost:6080", 200),
            ("[::1]:6080", 200),
        ):
            assert (await client.get("/api/strip", headers={"Host": host})).status == status, host

    served(use)


@pytest.mark.parametrize("id", ["a/b", "../x", "50%", "%2F", "q?a=b#c", "<script>", "\"'", "ü 漢", "a&b=c", "."])
def test_any_id_has_an_address(id: str) -> None:
    async def use(console: Console, client: TestClient[Any, Any]) -> None:
        take(console, event(id=id, event_id="odd"))
        assert (await told(client, f"/api/document?id={quote(id, safe='')}"))["id"] == id
        page = await client.get(
            f"/document?id={quote(id, safe='')}" if id == "." else f"/document/{quote(id, safe='')}"
        )
        assert (page.status, page.content_type) == (200, "text/html")

    served(use)


def test_everything_comes_with_a_strict_policy_and_the_page_has_nothing_inline() -> None:
    async def use(console: Console, client: TestClient[Any, Any]) -> None:
        for path in ("/", "/stands", "/document/x", "/static/page.js", "/api/strip", "/nowhere"):
            answer = await client.get(path)
            assert answer.headers["Content-Security-Policy"].startswith("default-src 'self';"), path
            assert "unsafe" not in answer.headers["Content-Security-Policy"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
        page = await (await client.get("/")).text()
        assert "<style" not in page
        assert "style=" not in page
        assert "<script>" not in page

    served(use)


def test_live_updates_are_what_was_asked_for_and_withdrawals_take_cards_away() -> None:
    async def use(console: Console, client: TestClient[Any, Any]) -> None:
        answer = await client.get("/api/live?source=new.example")
        assert answer.content_type == "text/event-stream"
        assert len(console.readers) == 1
        take(
            console,
            event(id="n1", event_id="n1", source="new.example"),
            event(id="o1", event_id="o1", source="old.example"),
        )
        cards = await heard(answer, "cards")
        assert [card["id"] for card in cards["cards"]] == ["n1"]
        take(console, event(id="n1", event_id="w", status=Status.WITHDRAWN))
        assert (await heard(answer, "cards"))["gone"] == ["n1"]
        answer.close()
        refused = await client.get("/api/live?stance=maybe")
        assert refused.status == 400

    served(use)


def test_a_slow_reader_costs_no_more_than_its_cards() -> None:
    async def use(console: Console, client: TestClient[Any, Any]) -> None:
        answer = await client.get("/api/live")
        take(console, *(event(id=f"n{n}", event_id=f"n{n}") for n in range(500)))
        cards = await heard(answer, "cards")
        assert (len(cards["cards"]), cards["over"], cards["cards"][-1]["id"]) == (100, 400, "n499")

    served(use)


@pytest.mark.parametrize("follows", ["/api/live", "/api/live?only=strip"])
def test_readers_are_bounded(follows: str) -> None:
    async def use(console: Console, client: TestClient[Any, Any]) -> None:
        first = await client.get(follows)
        for other in ("/api/live", "/api/live?only=strip"):
            assert (await client.get(other)).status == 503
        first.close()

    served(use, readers=1)


async def heard(answer: ClientResponse, name: str) -> dict[str, Any]:
    """The next server-sent event of that name."""
    while True:
        kind = (await asyncio.wait_for(answer.content.readline(), 10)).decode().strip()
        data = (await answer.content.readline()).decode().removeprefix("data: ")
        await answer.content.readline()
        if kind == f"event: {name}":
            body: dict[str, Any] = json.loads(data)
            return body


def test_ready_says_whether_it_follows() -> None:
    async def use(console: Console, client: TestClient[Any, Any]) -> None:
        assert (await client.get("/ready")).status == 200
        console.take([], Position(problem="no broker"))
        answer = await client.get("/ready")
        assert (answer.status, (await answer.json())["problem"]) == (503, "no broker")

    served(use)
