"""A TCP relay between a worker and the broker, so that the network between them can be cut without root.

Decides what a cut is: *silent*, nothing passes and nobody is told, as where a cable is pulled; or *refused*, what is open is
reset and what is new is refused. When and for how long is the kinds' to say.
"""

import asyncio
import contextlib
import functools
import socket
import struct
import threading
from collections.abc import Coroutine, Mapping
from typing import Any

_CHUNK = 64 * 1024
_REFUSAL_SECONDS = 0.1
"""Before a refusal: clients try again at once, hundreds of times a second on loopback, which no network would let them."""


class Relay:
    """Passes connections on, on a thread of its own. ``ports``: where to, by the port where it listens; all on loopback."""

    def __init__(self, ports: Mapping[int, int]) -> None:
        self.ports = tuple(ports)
        self._to = dict(ports)
        self._loop = asyncio.new_event_loop()
        self._flows = asyncio.Event()
        self._refuses = False
        self._pace: float | None = None
        self._connections: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[Any]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"relay {self.ports}", daemon=True)
        self._thread.start()
        self._do(self._start())

    def cut(self, refuse: bool) -> None:
        """Cut the network: silently, or so that both sides are told."""
        self._do(self._cut(refuse))

    def slow(self, pace: float) -> None:
        """Let so many bytes a second through on each connection."""
        self._pace = pace

    def heal(self) -> None:
        """Let everything through again; what waited in a silent cut arrives."""
        self._pace = None
        self._do(self._heal())

    def close(self) -> None:
        """End the relay and what it passes on."""
        self._do(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _do(self, what: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(10)

    async def _start(self) -> None:
        self._flows.set()
        self._servers = [
            await asyncio.start_server(functools.partial(self._serve, to), "127.0.0.1", port)
            for port, to in self._to.items()
        ]

    async def _cut(self, refuse: bool) -> None:
        self._flows.clear()
        self._refuses = refuse
        if refuse:
            self._reset()

    async def _heal(self) -> None:
        self._refuses = False
        self._flows.set()

    async def _stop(self) -> None:
        for server in self._servers:
            server.close()
        self._reset()
        for one in self._serving:
            one.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    def _reset(self) -> None:
        for writer in self._connections:
            _abort(writer)

    async def _serve(self, to: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            if self._refuses:
                raise ConnectionRefusedError
            inner_reader, inner = await asyncio.open_connection("127.0.0.1", to)
            ends = {writer, inner}
            self._connections |= ends
            pumps = [asyncio.create_task(self._pump(*pair)) for pair in ((reader, inner), (inner_reader, writer))]
            try:
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for pump in pumps:
                    pump.cancel()
                await asyncio.gather(*pumps, return_exceptions=True)
                self._connections -= ends
                for one in ends:
                    one.transport.abort()
            return
        await asyncio.sleep(_REFUSAL_SECONDS)
        _abort(writer)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(_CHUNK):
            await self._flows.wait()
            if self._pace is not None:
                await asyncio.sleep(len(data) / self._pace)
            writer.write(data)
            await writer.drain()


def _abort(writer: asyncio.StreamWriter) -> None:
    """Reset the connection, so that the other side has an error and no end of data."""
    ours: socket.socket = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
