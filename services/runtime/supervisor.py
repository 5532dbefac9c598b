"""The supervisor: one process for each stage, started again when it dies, drained when we are told to stop."""

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import IO

from services.runtime.asking import answer
from services.runtime.ending import EXIT_CONFIGURATION, EXIT_DEAD_LETTER_LIMIT
from services.runtime.parent import PARENT, RESTARTS
from services.runtime.settings import Settings
from services.runtime.topology import STAGES, Stage

log = logging.getLogger(__name__)

_FINAL = {
    EXIT_CONFIGURATION: "has a wrong setting, topic or port",
    EXIT_DEAD_LETTER_LIMIT: "stopped because too many documents fail",
}
"""Exit codes after which starting again would not help."""
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 30.0
"""Seconds before a restart: doubled at each death, so that a broker that is gone is not asked a thousand times a minute …"""
_HEALTHY_SECONDS = 60.0
"""… and back to the first after so long a life."""
_ASK_SECONDS, _NOT_LIVE = 5.0, 3
"""How often a stage is asked whether it is live, and how often in a row it must say that it is not before it is killed: it may
have woken from standing still, and not have noticed yet."""
_STOP_GRACE = 15.0
"""Seconds beyond the drain before a process that will not end is killed."""


class StageStoppedError(RuntimeError):
    """A stage's process ended in a way that a restart does not mend."""


@dataclass
class _Child:
    stage: Stage
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    wait: float = _FIRST_WAIT
    due_at: float = 0.0
    restarts: int = 0
    ask_at: float = 0.0
    not_live: int = 0


class Supervisor:
    """Keeps the processes of some stages alive.

    Args:
        stages: what to run.
        settings: resolved ones; the brokers are handed on.
        log_to: where the processes' logs go; None is our own stderr.
        http_port: base port of metrics and health.
    """

    def __init__(
        self, stages: Sequence[Stage], settings: Settings, http_port: int, log_to: IO[bytes] | None = None
    ) -> None:
        self._children = [_Child(stage) for stage in stages]
        self._settings = settings
        self._http_port = http_port
        self._log_to = log_to
        self._environment = os.environ | {
            "STANCEWIRE_BROKERS": ",".join(settings.bootstrap),
            "STANCEWIRE_HTTP_PORT": str(http_port),
            PARENT: str(os.getpid()),
        }

    def check(self) -> None:
        """Start what is not running and due; call it a few times a second.

        Raises:
            StageStoppedError: a stage ended for good; the message says which and why.
        """
        now = time.monotonic()
        for child in self._children:
            if child.process is not None and (code := child.process.poll()) is not None:
                self._died(child, code, now)
            if child.process is None and now >= child.due_at:
                self._start(child, now)
            if self._http_port and now >= child.ask_at:
                self._ask(child, now)

    def ready(self) -> bool:
        """Whether every stage says that it is ready."""
        return self._http_port != 0 and all(
            answer(self._settings.http_host, self.port(c.stage), "ready", 2) for c in self._children
        )

    def port(self, stage: Stage) -> int:
        """The port of the stage's metrics and health."""
        return self._http_port + stage.port

    def stop(self) -> bool:
        """Stop all, letting them finish what is under work. Returns whether all ended by themselves, with status 0."""
        running = [child.process for child in self._children if child.process is not None]
        for process in running:
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + self._settings.drain_seconds + _STOP_GRACE
        well = True
        for process in running:
            try:
                well &= process.wait(max(0.1, deadline - time.monotonic())) == 0
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                well = False
        for child in self._children:
            child.process = None
        return well

    def _start(self, child: _Child, now: float) -> None:
        child.process = subprocess.Popen(
            # -P: a ``services/`` in the folder that we were started in is not ours
            [sys.executable, "-P", "-m", "services.runtime.process", child.stage.name],
            env=self._environment | {RESTARTS: str(child.restarts)},
            stdin=subprocess.DEVNULL,
            stdout=self._log_to,
            stderr=self._log_to,
            start_new_session=True,  # Ctrl-C reaches us alone; we let the stages drain
        )
        child.started_at = now

    def _ask(self, child: _Child, now: float) -> None:
        """Kill a stage that says, again and again, that it is not live; no answer says nothing."""
        child.ask_at = now + _ASK_SECONDS
        host, port = self._settings.http_host, self.port(child.stage)
        child.not_live = child.not_live + 1 if answer(host, port, "live", 0.5) is False else 0
        if child.not_live >= _NOT_LIVE and child.process is not None:
            log.error("the stage %s reports that it is not live; it is killed and started again", child.stage.name)
            child.process.kill()
            child.not_live = 0

    def _died(self, child: _Child, code: int, now: float) -> None:
        child.process = None
        if code in _FINAL:
            raise StageStoppedError(f"the stage {child.stage.name} {_FINAL[code]} (exit {code}); see its log")
        if now - child.started_at > _HEALTHY_SECONDS:
            child.wait = _FIRST_WAIT
        child.due_at = now + child.wait
        child.restarts += 1
        log.warning("the stage %s ended with %d; starting it again in %.1f s", child.stage.name, code, child.wait)
        child.wait = min(child.wait * 2, _LONGEST_WAIT)


def free_base(host: str, wanted: int) -> int:
    """``wanted`` or the next higher port from which on there are enough free ones for all stages."""
    for base in range(wanted or 6066, 65_000, 10):
        if all(_is_free(host, base + stage.port) for stage in STAGES):
            return base
    raise OSError(f"no free ports for the stages from {wanted or 6066} on: set STANCEWIRE_HTTP_PORT to a lower one")


def free_port(host: str, wanted: int, reserved: Collection[int] = ()) -> int:
    """``wanted`` or the next higher port that is free, and not reserved for what starts later."""
    for port in range(wanted, 65_536):
        if port not in reserved and _is_free(host, port):
            return port
    raise OSError(f"no free port from {wanted} on")


def _is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind((host, port))
        except OSError:
            return False
        return True
