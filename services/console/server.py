"""The console over HTTP: the page, what it asks for as JSON, and live updates as server-sent events. Glue.

Everything that it holds is touched on its event loop alone. What a reader could make expensive is bounded: the length of an
address, the number of pages with live updates, what waits for a slow one, the words that are compared.
"""

import asyncio
import contextlib
import json
import logging
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from aiohttp import web

from schemas.base import MAX_ID
from services.canary.settings import CanarySettings
from services.canary.story import OURS, Story, read_story
from services.console.backlog import Backlog
from services.console.canaries import Sightings
from services.console.core import Kept, Kind, State, card, subjects
from services.console.settings import ConsoleSettings
from services.console.source import Arrival, Position, Source, read_arrival
from services.console.stories import Stories, shown
from services.console.strip import Strip
from services.console.views import compare, document, listed, standing
from services.console.wanted import Selection, select
from services.consumer.ranking import order_of
from services.consumer.stories import Told, read_told
from services.runtime.kafka import ask_admission
from services.runtime.loopback import is_loopback, name_of
from services.runtime.settings import Settings, load
from services.runtime.topology import CANARIES, ENRICHED, STORIES

log = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"
_LONGEST_PATH = 4_096
"""Of an address. An id of 256 characters, each three bytes and those escaped, has 2,304."""
_CARDS = 100
"""Of a first look at the stream, and the most that wait for a slow reader; the page holds twice as many."""
_TICK_SECONDS = 0.25
"""A page is told four times a second: at 50 documents a second some twelve cards at a time."""
_STRIP_TICKS = 4
_CANARIES = 20
"""Events of canaries that are read at the start: three rounds have eighteen."""
_RECORDS = 5
"""Messages of stories that are read at the start for each that is kept: a story has one for each of its documents, until the broker
has compacted the topic."""
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_PAGES = ("/", "/stories", "/stands", "/document")


@dataclass(eq=False)
class _Reader:
    """A page that gets live updates: what waits for it."""

    wanted: Selection | None
    cards: dict[str, Kept] = field(default_factory=dict)
    gone: dict[str, None] = field(default_factory=dict)
    passed_over: int = 0

    def tell(self, id: str, kept: Kept | None) -> None:
        """A document came, or went."""
        self.cards.pop(id, None)
        if kept is None or self.wanted is None or not self.wanted(kept):
            self.gone[id] = None  # a revision that is not wanted takes its card away too
            while len(self.gone) > 20 * _CARDS:
                self.gone.pop(next(iter(self.gone)))
            return
        self.gone.pop(id, None)
        self.cards[id] = kept
        if len(self.cards) > _CARDS:
            self.cards.pop(next(iter(self.cards)))
            self.passed_over += 1

    def drain(self) -> dict[str, Any] | None:
        """What waits, and nothing waits any more."""
        if not self.cards and not self.gone:
            return None
        told = {"cards": [card(one) for one in self.cards.values()], "gone": list(self.gone), "over": self.passed_over}
        self.cards, self.gone, self.passed_over = {}, {}, 0
        return told


class Console:
    """What the handlers share: the state, the strip, the readers."""

    def __init__(
        self, settings: ConsoleSettings, story: Story | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.state = State(settings.documents, settings.megabytes * 1024 * 1024)
        self.stories = Stories(settings.stories)
        self.strip = Strip()
        self.sightings = Sightings(story or read_story(OURS))
        self.position = Position()
        self.readers: set[_Reader] = set()
        self.pages = 0
        """Open pages: those that follow the stream, and those that follow the strip alone."""
        self.pipeline: dict[str, int] = {}
        self.seen = 0

    def take(self, arrivals: Sequence[Arrival], position: Position) -> None:
        """Take in what came. On the loop."""
        self.position = position
        for arrival in arrivals:
            if self.strip.add(arrival.event, arrival.at):
                self.seen += 1
            for change in self.state.add(arrival.event, arrival.raw):
                for reader in self.readers:
                    reader.tell(change.id, change.kept)

    def sight(self, arrivals: Sequence[Arrival]) -> None:
        """Take in canaries. On the loop."""
        for arrival in arrivals:
            self.sightings.add(arrival.event, arrival.at)

    def tell(self, came: Sequence[Told]) -> None:
        """Take in stories. On the loop."""
        for told in came:
            if told.problem is None:
                self.stories.add(told.id, told.story)

    def figures(self) -> dict[str, Any]:
        """The strip."""
        position = self.position
        return self.strip.figures(self.clock()) | {
            "lag": position.lag,
            "problem": position.problem,
            "caught_up": position.caught_up,
            "kept": len(self.state),
            "most": self.settings.documents,
            "seen": self.seen,
            "stories": self.stories.changes,
            "pipeline": self.pipeline,
            "canary": self.sightings.figures(self.clock()),
        }


class _RefusalError(Exception):
    """A request that is not answered: its status, and why in one line."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def application(console: Console) -> web.Application:
    """The aiohttp application on ``console``."""
    app = web.Application(middlewares=[_guard(console.settings)], client_max_size=1024)
    views = _Views(console)
    for path in (*_PAGES, "/document/{id:.*}"):
        app.router.add_get(path, views.page)
    app.router.add_get("/favicon.ico", views.icon)
    app.router.add_get("/ready", views.ready)
    app.router.add_get("/api/stream", views.stream)
    app.router.add_get("/api/live", views.live)
    app.router.add_get("/api/strip", views.figures)
    app.router.add_get("/api/document", views.document)
    app.router.add_get("/api/compare", views.compare)
    app.router.add_get("/api/stories", views.stories)
    app.router.add_get("/api/story", views.story)
    app.router.add_get("/api/stands", views.stands)
    app.router.add_get("/api/subjects", views.subjects)
    app.router.add_static("/static", STATIC, show_index=False)
    return app


def _guard(settings: ConsoleSettings) -> Any:
    only_here = is_loopback(settings.host)

    @web.middleware
    async def guard(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        try:
            if len(request.raw_path) > _LONGEST_PATH:
                raise _RefusalError(414, f"the address is too long; it may have {_LONGEST_PATH} characters")
            if only_here and not is_loopback(name_of(request.host)):
                # a page elsewhere whose name was made to point here must not read the news that is shown here
                raise _RefusalError(
                    403,
                    "this page is served on loopback only; open it as http://127.0.0.1, or set STANCEWIRE_CONSOLE_HOST",
                )
            answer = await handler(request)
        except _RefusalError as refusal:
            answer = _json({"error": str(refusal)}, refusal.status)
        except web.HTTPException as error:
            told = {404: "no such page", 405: "only GET requests are answered"}.get(error.status, error.reason)
            answer = _json({"error": told}, error.status) if error.status >= 400 else error
        except ConnectionResetError:
            raise
        except Exception:
            log.exception("a request failed")
            answer = _json({"error": "the request failed; the console's log says why"}, 500)
        if not answer.prepared:
            answer.headers.update(_HEADERS)
            answer.headers.setdefault("Cache-Control", "no-cache")
        return answer

    return guard


def _json(body: dict[str, Any], status: int = 200) -> web.Response:
    data = json.dumps(body, separators=(",", ":")).encode() + b"\n"
    return web.Response(
        body=data, status=status, content_type="application/json", headers={"Cache-Control": "no-store"}
    )


class _Views:
    def __init__(self, console: Console) -> None:
        self._console = console

    async def page(self, request: web.Request) -> web.StreamResponse:
        return web.FileResponse(STATIC / "page.html")

    async def icon(self, request: web.Request) -> web.StreamResponse:
        return web.FileResponse(STATIC / "icon.svg")

    async def ready(self, request: web.Request) -> web.StreamResponse:
        position = self._console.position
        ok = position.caught_up and not position.problem
        return _json({"ok": ok, "lag": position.lag, "problem": position.problem}, 200 if ok else 503)

    async def figures(self, request: web.Request) -> web.StreamResponse:
        _query(request)
        return _json(self._console.figures())

    async def stream(self, request: web.Request) -> web.StreamResponse:
        wanted = _selection(request)
        found = []
        for looked, kept in enumerate(self._console.state, 1):
            if wanted(kept):
                found.append(card(kept))
                if len(found) == _CARDS:
                    break
            if looked % 200 == 0:
                await asyncio.sleep(0)  # others' turn
                if looked > len(self._console.state):
                    break
        return _json({"cards": found, "kept": len(self._console.state)})

    async def live(self, request: web.Request) -> web.StreamResponse:
        only_strip = request.query.get("only") == "strip"
        wanted = None if only_strip else _selection(request)
        console, readers = self._console, self._console.readers
        if console.pages >= console.settings.readers:
            raise _RefusalError(503, "too many pages are open; close one or raise STANCEWIRE_CONSOLE_READERS")
        answer = web.StreamResponse(
            headers=_HEADERS | {"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        reader = _Reader(wanted)
        console.pages += 1
        if not only_strip:
            readers.add(reader)
        try:
            await answer.prepare(request)
            tick = 0
            while True:
                if tick % _STRIP_TICKS == 0:
                    await answer.write(_event("strip", console.figures()))
                if (told := reader.drain()) is not None:
                    await answer.write(_event("cards", told))
                tick += 1
                await asyncio.sleep(_TICK_SECONDS)
        except (ConnectionResetError, asyncio.CancelledError):
            return answer
        finally:
            console.pages -= 1
            readers.discard(reader)

    async def document(self, request: web.Request) -> web.StreamResponse:
        query = _query(request, "id")
        kept = self._find(query["id"])
        cluster = self._console.state.cluster(kept)
        return _json(await asyncio.to_thread(document, kept, cluster))

    async def compare(self, request: web.Request) -> web.StreamResponse:
        query = _query(request, "id", "other")
        first, second = self._find(query["id"]), self._find(query["other"])
        return _json(await asyncio.to_thread(compare, first, second))

    async def stories(self, request: web.Request) -> web.StreamResponse:
        query = _query(request, optional=("sort", "text", "source"))
        if any(len(value) > 200 for value in query.values()):
            raise _RefusalError(400, "a filter may have at most 200 characters")
        try:
            order = order_of(query.get("sort", "largest"))
        except ValueError as error:
            raise _RefusalError(400, str(error)) from None
        return _json(self._console.stories.listed(order, query.get("text", ""), query.get("source", "")))

    async def story(self, request: web.Request) -> web.StreamResponse:
        found = self._console.stories.get(_query(request, "id")["id"])
        if found is None:
            raise _RefusalError(404, "this story is not here: it has not arrived yet, is gone, or is too old")
        return _json(shown(found, self._console.state))

    async def stands(self, request: web.Request) -> web.StreamResponse:
        query = _query(request, ("entity", "issue"), optional=("source", "basis"))
        kind: Kind = "issue" if "issue" in query else "entity"
        source, basis = query.get("source", ""), query.get("basis", "")
        if len(source) > 200:
            raise _RefusalError(400, "source: may have at most 200 characters")
        try:
            return _json(standing(self._console.state, kind, _text(kind, query[kind]), source, basis))
        except ValueError as error:
            raise _RefusalError(400, str(error)) from None

    async def subjects(self, request: web.Request) -> web.StreamResponse:
        query = _query(request, optional=("q", "kind"))
        typed, kind = query.get("q", ""), query.get("kind")
        if len(typed) > 200:
            raise _RefusalError(400, "q: may have at most 200 characters")
        if kind is not None and kind not in get_args(Kind):
            raise _RefusalError(400, f"unknown kind {kind[:50]!r}; choose one of {', '.join(get_args(Kind))}")
        return _json({"subjects": listed(subjects(self._console.state, typed, 24, kind))})  # type: ignore[arg-type]

    def _find(self, id: str) -> Kept:
        if not id or len(id) > MAX_ID:
            raise _RefusalError(400, f"id: must have 1 to {MAX_ID} characters")
        kept = self._console.state.get(id)
        if kept is None:
            raise _RefusalError(404, "this document is not here: it has not arrived yet, was withdrawn, or is too old")
        return kept


def _text(name: str, value: str) -> str:
    if not value.strip() or len(value) > 200:
        raise _RefusalError(400, f"{name}: must have 1 to 200 characters")
    return value


def _query(request: web.Request, *needed: str | tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, str]:
    """The query's parameters: each of ``needed`` once (of a tuple, one of them), and what else there is refused."""
    known = {name for one in needed for name in ((one,) if isinstance(one, str) else one)} | set(optional)
    found = dict(request.query)
    if unknown := sorted(found.keys() - known):
        raise _RefusalError(
            400,
            f"unknown parameter {unknown[0][:50]!r}" + (f"; choose one of {', '.join(sorted(known))}" if known else ""),
        )
    if len(found) != len(request.query):
        raise _RefusalError(400, "a parameter is given twice; give it once")
    for one in needed:
        names = (one,) if isinstance(one, str) else one
        if sum(name in found for name in names) != 1:
            raise _RefusalError(400, f"give {' or '.join(names)}")
    return found


def _selection(request: web.Request) -> Selection:
    try:
        return select({name: request.query.getall(name) for name in request.query})
    except ValueError as error:
        raise _RefusalError(400, str(error)) from None


def _event(name: str, body: dict[str, Any]) -> bytes:
    return f"event: {name}\ndata: {json.dumps(body, separators=(',', ':'))}\n\n".encode()


@contextlib.asynccontextmanager
async def _running(console: Console) -> AsyncIterator[str]:
    """The application on its socket; gives the address."""
    settings = console.settings
    runner = web.AppRunner(
        application(console), access_log=None, max_line_size=16 * 1024, shutdown_timeout=1.0, handle_signals=False
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.host, settings.port)
        await site.start()
        port = runner.addresses[0][1]
        shown = f"[{settings.host}]" if ":" in settings.host else settings.host
        yield f"http://{shown}:{port}"
    finally:
        await runner.cleanup()


@contextlib.contextmanager
def serving(settings: Settings, console_settings: ConsoleSettings) -> Iterator[str]:
    """The console on a thread of its own for as long as the context lasts; gives its address.

    Raises:
        OSError: the port is taken. SettingsError: no broker is named, or those that answer refuse us.
    """
    ask_admission(settings)  # said now, where we are not let in; a broker that is away is waited for
    console = Console(console_settings, read_story(load(CanarySettings).story))
    with hosting(console) as (address, loop):

        def on_loop(work: Callable[[], None]) -> None:
            done = threading.Event()

            def and_tell() -> None:
                work()
                done.set()

            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(and_tell)
                done.wait(30)

        def take(arrivals: Sequence[Arrival], position: Position) -> None:
            on_loop(lambda: console.take(arrivals, position))

        def sight(arrivals: Sequence[Arrival], position: Position) -> None:
            on_loop(lambda: console.sight(arrivals))

        def tell_stories(came: Sequence[Told], position: Position) -> None:
            on_loop(lambda: console.tell(came))

        def tell(waiting: dict[str, int]) -> None:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(setattr, console, "pipeline", waiting)

        threads: tuple[Source[Any] | Backlog, ...] = (
            Source(settings, ENRICHED, console_settings.documents, read_arrival, take),
            Source(settings, CANARIES, _CANARIES, read_arrival, sight),
            Source(settings, STORIES, _RECORDS * console_settings.stories, read_told, tell_stories),
            Backlog(settings, tell),
        )
        for thread in threads:
            thread.start()
        try:
            yield address
        finally:
            for thread in threads:
                thread.stop()


@contextlib.contextmanager
def hosting(console: Console) -> Iterator[tuple[str, asyncio.AbstractEventLoop]]:
    """``console`` on a thread with an event loop, without a source; gives its address and the loop.

    Raises:
        OSError: the port is taken.
    """
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    started = threading.Event()
    outcome: list[str | BaseException] = []

    async def main() -> None:
        try:
            async with _running(console) as address:
                outcome.append(address)
                started.set()
                await stop.wait()
        except BaseException as error:
            outcome.append(error)
            raise
        finally:
            started.set()

    def run() -> None:
        with contextlib.suppress(OSError, asyncio.CancelledError):
            loop.run_until_complete(main())
        loop.close()

    thread = threading.Thread(target=run, name="console-http", daemon=True)
    thread.start()
    started.wait()
    first = outcome[0]
    if isinstance(first, BaseException):
        thread.join()
        raise first
    try:
        yield first, loop
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
