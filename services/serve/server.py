"""The HTTP service on its port. A request is answered when the broker has acknowledged all that is in it. Glue.

What a sender could make expensive is bounded: the size of a body, unpacked, the documents in it, the time to send it or even its
head, and the requests that are worked on at once. Nothing is read of a request without a token.
"""

import asyncio
import contextlib
import contextvars
import hmac
import json
import logging
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aiohttp import web

from services.intake.settings import IntakeSettings
from services.producer.client import PublishError, close, connect
from services.producer.key import key_of_id
from services.producer.publish import Report, publish, withdraw
from services.runtime.logs import about
from services.runtime.metrics import Outcome, ServeMetrics
from services.runtime.settings import Settings, SettingsError, load
from services.runtime.spans import spans_of_requests
from services.runtime.trace import TRACEPARENT, TRACESTATE, Headers, carried, trace_id
from services.serve.core import KINDS, BadBodyError, EncodingError, Reader, TooLargeError, unpack
from services.serve.openapi import describe
from services.serve.settings import ServeSettings

log = logging.getLogger(__name__)

_SILENT = logging.getLogger(f"{__name__}.http")
"""For what aiohttp says of bytes that are no HTTP: a trace for each, with which a sender could fill the log. What fails in a
handler is in our own."""
_SILENT.disabled = True
_SHORTEST_TOKEN = 16
_AGAIN_SECONDS = 2.0
_SILENT_SECONDS = 15.0
"""A loop that has not beaten for so long is blocked: what takes longer runs on threads."""
_HEAD_BYTES = 8_190
_SHUTDOWN_SECONDS = 30.0
"""On SIGTERM open requests get so long: the broker's answer takes at most 25 s."""


class _RefusalError(Exception):
    """A request that is refused: its status, its outcome for the metrics, and the body of the answer."""

    def __init__(self, status: int, outcome: Outcome, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.outcome = outcome
        self.body = {"error": message} | more


class Service:
    """What the handlers share.

    Args:
        settings: where the brokers are.
        serve: the service's own settings.

    Raises:
        SettingsError: there is no token, or one that is too short; spans are asked for, and OpenTelemetry is not installed.
    """

    def __init__(self, settings: Settings, serve: ServeSettings) -> None:
        self.settings = settings
        self.serve = serve
        self.most = serve.megabytes * 1024 * 1024
        self.metrics = ServeMetrics()
        self._tokens = _tokens(serve)
        self.spans = spans_of_requests(settings)
        self._reader = Reader(load(IntakeSettings), serve.documents)
        self._threads = ThreadPoolExecutor(serve.requests, thread_name_prefix="serve")
        self._producer: Any = None
        self._lock = threading.Lock()
        self._beaten = time.monotonic()
        self.open = 0
        self.busy: dict[Any, None] = {}
        """The connections on which a request is being answered."""

    def live(self) -> tuple[bool, dict[str, Any]]:
        """Whether the loop runs."""
        silent = time.monotonic() - self._beaten
        return silent < _SILENT_SECONDS, {"loop_silent_seconds": round(silent, 1)}

    def ready(self) -> tuple[bool, dict[str, Any]]:
        """Whether there is a connection to the broker."""
        return self._producer is not None, {"broker": self._producer is not None}

    def beat(self) -> None:
        """The loop runs."""
        self._beaten = time.monotonic()

    def admits(self, header: str) -> bool:
        """Whether the value of an Authorization header has one of the tokens."""
        scheme, _, token = header.partition(" ")
        given = token.strip().encode("utf-8", "surrogateescape")
        fits = [hmac.compare_digest(given, one) for one in self._tokens]
        return scheme.lower() == "bearer" and any(fits)

    async def run(self, work: Callable[[], Any]) -> Any:
        """Do ``work`` on a thread. What is logged there is about the same request."""
        context = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(self._threads, context.run, work)

    def take(self, body: bytes, encoding: str, kind: str, trace: Headers) -> list[str]:
        """Send the documents of a body, in its trace; returns their ids when all are acknowledged. On a thread."""
        try:
            taken = self._reader(unpack(body, encoding, self.most), kind)
        except TooLargeError as error:
            raise _RefusalError(413, "too_large", str(error)) from None
        except EncodingError as error:
            raise _RefusalError(415, "invalid", str(error)) from None
        except BadBodyError as error:
            problems = [{"at": one.at, "message": one.message} for one in error.wrong]
            raise _RefusalError(400, "invalid", str(error), **({"problems": problems} if problems else {})) from None
        self._send(lambda producer: publish(taken.items, self.settings, headers=trace, producer=producer))
        return list(taken.ids)

    def withdraw(self, identity: str, trace: Headers) -> list[str]:
        """Send a tombstone in the request's trace; returns its id when it is acknowledged. On a thread."""
        try:
            key_of_id(identity)
        except ValueError as error:
            raise _RefusalError(400, "invalid", str(error)) from None
        self._send(lambda producer: withdraw([identity], self.settings, headers=trace, producer=producer))
        return [identity]

    def _send(self, send: Callable[[Any], Report]) -> None:
        producer = self._producer
        if producer is None:
            raise _RefusalError(503, "unavailable", "Kafka is away; send the same again")
        try:
            report = send(producer)
            why = "" if report.ok else report.stopped or (report.undelivered[0].reason if report.undelivered else "")
        except PublishError as error:
            report, why = None, str(error)
        if report is not None:
            self.metrics.acknowledged(report.delivered)
        if report is None or not report.ok:
            log.warning("documents were not acknowledged: %s", why)
            self._drop(producer)  # after a failure it fails all that is in flight: a new one is made
            said = "the broker did not acknowledge all documents; send the same again"
            raise _RefusalError(503, "unavailable", said, acknowledged=report.delivered if report else 0)

    def connect(self) -> bool:
        """See that there is a connection to the broker; False where it does not answer. On a thread."""
        if self._producer is None:
            try:
                made = connect(self.settings)
            except (PublishError, SettingsError) as error:
                log.warning("documents cannot be taken: %s", error)
                return False
            self._producer = made
        return True

    def _drop(self, producer: Any) -> None:
        with self._lock:
            if self._producer is producer:
                self._producer = None
        close(producer)

    def end(self) -> None:
        """Let go of the broker."""
        self._threads.shutdown(cancel_futures=True)
        if self._producer is not None:
            self._drop(self._producer)
        self.spans.close()


def _tokens(serve: ServeSettings) -> list[bytes]:
    written = serve.token.get_secret_value() if serve.token is not None else ""
    tokens = [one.strip().encode() for one in written.split(",") if one.strip()]
    if not tokens or min(map(len, tokens)) < _SHORTEST_TOKEN:
        raise SettingsError(
            f"STANCEWIRE_SERVE_TOKEN: give the token that senders must have, at least {_SHORTEST_TOKEN} characters"
        )
    return tokens


def application(service: Service) -> web.Application:
    """The aiohttp application on ``service``."""
    app = web.Application(middlewares=[_traced, _guard(service)], client_max_size=service.most)
    described = json.dumps(describe(service.serve)).encode()

    async def documents(request: web.Request) -> web.Response:
        kind = request.content_type
        if kind not in KINDS or (request.charset or "utf-8").lower().replace("-", "") != "utf8":
            raise _RefusalError(415, "invalid", f"the Content-Type must be one of {', '.join(KINDS)}, in UTF-8")
        body, encoding = await request.read(), request.headers.get("Content-Encoding", "").strip().lower()
        return await _sent(service, request, "/documents", lambda trace: service.take(body, encoding, kind, trace))

    async def withdrawal(request: web.Request) -> web.Response:
        identity = request.match_info["id"]
        return await _sent(service, request, "/documents/{id}", lambda trace: service.withdraw(identity, trace))

    async def openapi(request: web.Request) -> web.Response:
        return web.Response(body=described, content_type="application/json")

    app.router.add_post("/documents", documents)
    app.router.add_delete("/documents/{id:.+}", withdrawal)
    app.router.add_get("/openapi.json", openapi)
    return app


async def _sent(
    service: Service, request: web.Request, route: str, send: Callable[[Headers], list[str]]
) -> web.Response:
    """The answer with the ids of what ``send`` has sent, in the trace that it is given: that of the request, or one of our own."""
    span = service.spans.begin(request.method, route, _trace(request))
    try:
        with about(trace_id=trace_id(span.trace)):
            ids = await service.run(lambda: send(span.trace))
    except _RefusalError as refusal:
        span.end(refusal.status)
        raise
    except Exception:
        span.end(500)
        raise
    span.end(202, len(ids))
    return _json({"ids": ids}, 202)


@web.middleware
async def _traced(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """What is logged meanwhile is about the request's trace."""
    with about(trace_id=trace_id(_trace(request))):
        return await handler(request)


def _guard(service: Service) -> Any:
    @web.middleware
    async def guard(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        started = time.monotonic()
        service.busy[request.protocol] = None
        try:
            answer = await _answered(service, request, handler)
        except _RefusalError as refusal:
            service.metrics.answered(refusal.outcome)
            answer = _json(refusal.body, refusal.status)
            if refusal.status == 401:
                answer.headers["WWW-Authenticate"] = "Bearer"
            if refusal.status == 503:
                answer.headers["Retry-After"] = "2"
            answer.force_close()  # what is left of the body is not read
        except Exception:
            log.exception("a request failed")
            service.metrics.answered("failed")
            answer = _json({"error": "the request failed; the service's log says why"}, 500)
        else:
            if answer.status == 202:
                service.metrics.answered("accepted", time.monotonic() - started)
        finally:
            service.busy.pop(request.protocol, None)
        answer.headers.update({"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"})
        return answer

    return guard


def _trace(request: web.Request) -> Headers:
    """The trace that the request is part of. Several ``tracestate`` are one list; several ``traceparent`` are none."""
    names = [name for name in (TRACEPARENT, TRACESTATE) if name in request.headers]
    return carried((name, ",".join(request.headers.getall(name)).encode("utf-8", "surrogateescape")) for name in names)


async def _answered(
    service: Service, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Check the token and the load, and answer within the time that a sender has."""
    if request.path != "/openapi.json" and not service.admits(request.headers.get("Authorization", "")):
        raise _RefusalError(401, "unauthorized", "give a token that is valid, as Authorization: Bearer TOKEN")
    if service.open >= service.serve.requests:
        raise _RefusalError(503, "busy", "too many requests at once; send the same again")
    if (request.content_length or 0) > service.most:
        raise _RefusalError(413, "too_large", f"the body may have at most {service.most} bytes")
    service.open += 1
    try:
        if request.can_read_body:
            async with asyncio.timeout(service.serve.seconds):
                await request.read()
        return await handler(request)
    except TimeoutError:
        said = f"the request did not arrive within {service.serve.seconds:g} s"
        raise _RefusalError(408, "too_slow", said) from None
    except web.HTTPRequestEntityTooLarge:
        raise _RefusalError(413, "too_large", f"the body may have at most {service.most} bytes") from None
    except web.HTTPException as error:
        told = {404: "there are POST /documents, DELETE /documents/ID and GET /openapi.json"}
        raise _RefusalError(error.status, "invalid", told.get(error.status, error.reason)) from None
    except web.RequestPayloadError:
        raise _RefusalError(400, "invalid", "the body ended early") from None
    finally:
        service.open -= 1


def _json(body: dict[str, Any], status: int = 200) -> web.Response:
    data = json.dumps(body, ensure_ascii=False).encode() + b"\n"
    return web.Response(body=data, status=status, content_type="application/json")


@contextlib.asynccontextmanager
async def running(service: Service) -> AsyncIterator[str]:
    """The service on its socket, as long as the context lasts; gives the address. Raises OSError: the port is taken."""
    runner = web.AppRunner(
        application(service),
        access_log=None,
        logger=_SILENT,
        auto_decompress=False,  # we unpack, so that what is not packed rightly has an answer like any other
        handle_signals=False,
        lingering_time=1.0,
        max_line_size=_HEAD_BYTES,
        max_field_size=_HEAD_BYTES,
        shutdown_timeout=_SHUTDOWN_SECONDS,
    )
    await runner.setup()
    tasks = [asyncio.create_task(_keep_connected(service)), asyncio.create_task(_hang_up(service, runner))]
    try:
        await web.TCPSite(runner, service.serve.host, service.serve.port).start()
        host = f"[{service.serve.host}]" if ":" in service.serve.host else service.serve.host
        yield f"http://{host}:{runner.addresses[0][1]}"
    finally:
        for task in tasks:
            task.cancel()
        await runner.cleanup()
        await asyncio.to_thread(service.end)


async def _keep_connected(service: Service) -> None:
    while True:
        await asyncio.to_thread(service.connect)
        await asyncio.sleep(_AGAIN_SECONDS)


async def _hang_up(service: Service, runner: web.AppRunner) -> None:
    """Hang up on who sends a byte of a request's head now and then, or nothing after an answer."""
    idle: dict[Any, float] = {}
    while True:
        service.beat()
        now = time.monotonic()
        connections = runner.server.connections if runner.server is not None else []
        idle = {one: idle.get(one, now) for one in connections if one not in service.busy}
        for one, since in idle.items():
            if now - since > service.serve.seconds and one.transport is not None:
                one.transport.abort()
        await asyncio.sleep(min(1.0, service.serve.seconds / 4))
