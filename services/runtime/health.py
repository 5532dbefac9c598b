"""Metrics and health over HTTP: ``/metrics``, ``/live``, ``/ready``, answered by a thread, so also when the loop hangs.

*Live* means: the loop beats, and where there is lag the books move: documents are taken, done, published, committed. *Ready*
means: live, in the group with its partitions, tables recovered, models loaded. Neither is a wish: a process that stands still
with lag says so, and its supervisor or orchestrator acts.
"""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from socketserver import ThreadingMixIn
from typing import Any, Protocol
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app

from services.runtime.loopback import is_loopback, name_of

_BEAT_SECONDS = 15.0
"""A loop that has not beaten for so long is blocked: nothing in it may take even one second."""


class Checks(Protocol):
    """What is asked over HTTP: whether all is well, and the facts that say so."""

    def live(self) -> tuple[bool, dict[str, Any]]:
        """Whether the process should go on living."""

    def ready(self) -> tuple[bool, dict[str, Any]]:
        """Whether it does its work."""


@dataclass
class Health:
    """What the loop tells, and what follows from it. Times are seconds of ``clock``, which is monotonic.

    Args:
        stall_seconds: a partition with lag that gives nothing for longer stands still.
        stuck_seconds: where something is to be done and nothing at all has moved for longer, it is stuck; over the longest work on
            one document, for as long as which nothing may move.
    """

    stall_seconds: float
    clock: Callable[[], float] = time.monotonic
    stuck_seconds: float = 90.0
    models_loaded: bool = False
    assigned: bool = False
    recovered: bool = True
    draining: bool = False
    still_seconds: float = 0.0
    _beaten_at: float | None = None
    _moved_at: float | None = None

    def beat(self) -> None:
        """The loop runs."""
        self._beaten_at = self.clock()

    def moved(self) -> None:
        """Something was done, or nothing is to be done."""
        self._moved_at = self.clock()

    def live(self) -> tuple[bool, dict[str, Any]]:
        """Whether the process should go on living, and why."""
        silent = self.clock() - self._beaten_at if self._beaten_at is not None else 0.0
        stuck = self.clock() - self._moved_at if self._moved_at is not None else 0.0
        ok = silent < _BEAT_SECONDS and self.still_seconds < self.stall_seconds and stuck < self.stuck_seconds
        return ok, {
            "loop_silent_seconds": round(silent, 1),
            "still_seconds": round(self.still_seconds, 1),
            "stuck_seconds": round(stuck, 1),
        }

    def ready(self) -> tuple[bool, dict[str, Any]]:
        """Whether documents are being taken, and what is missing."""
        ok = self.models_loaded and self.assigned and self.recovered and not self.draining and self.live()[0]
        return ok, {
            "models_loaded": self.models_loaded,
            "assigned": self.assigned,
            "recovered": self.recovered,
            "draining": self.draining,
        }


_CONNECTIONS = 32
"""At once; further ones are hung up on. A scraper and an orchestrator need two."""
_REQUEST_SECONDS = 10.0
"""From the connection to the end of the answer, so that a client that sends a byte now and then holds a thread no longer."""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 16

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._open: dict[socket.socket, float] = {}
        self._lock = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer on a thread, where there are not too many."""
        with self._lock:
            full = len(self._open) >= _CONNECTIONS
            if not full:
                self._open[request] = time.monotonic()
        if full:
            self.shutdown_request(request)
        else:
            super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Hang up."""
        with self._lock:
            self._open.pop(request, None)
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """Twice a second: wake the threads whose clients take too long."""
        with self._lock:
            for request, since in self._open.items():
                if time.monotonic() - since > _REQUEST_SECONDS:
                    with contextlib.suppress(OSError):
                        request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that hangs up is not news, and it could fill the log."""


class _Quiet(WSGIRequestHandler):
    timeout = _REQUEST_SECONDS  # a client that sends nothing is hung up on

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: scrapes are not news."""


def serve(health: Checks, registry: CollectorRegistry, host: str, port: int) -> int:
    """Serve until the process ends; returns the port.

    Raises:
        OSError: the port is taken.
    """
    metrics = make_wsgi_app(registry)
    only_here = is_loopback(host)
    checks = {"/live": health.live, "/ready": health.ready}

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if only_here and not is_loopback(name_of(environ.get("HTTP_HOST", host))):
            return _answer(start_response, "403 Forbidden", {"error": "this answers on loopback only"})
        if environ.get("REQUEST_METHOD") not in ("GET", "HEAD"):
            return _answer(start_response, "405 Method Not Allowed", {"error": "only GET is answered"})
        if path == "/metrics":
            answer: Iterable[bytes] = metrics(environ, start_response)
            return answer
        if path in checks:
            ok, facts = checks[path]()
            return _answer(start_response, "200 OK" if ok else "503 Service Unavailable", {"ok": ok} | facts)
        return _answer(start_response, "404 Not Found", {"error": "there are /metrics, /live and /ready"})

    server = make_server(host, port, app, server_class=_Server, handler_class=_Quiet)
    threading.Thread(target=server.serve_forever, name="http", daemon=True).start()
    return int(server.server_port)


def _answer(start_response: Callable[..., Any], status: str, body: dict[str, Any]) -> Iterable[bytes]:
    data = json.dumps(body).encode() + b"\n"
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(data)))])
    return [data]
