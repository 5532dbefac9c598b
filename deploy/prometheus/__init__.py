"""A Prometheus on this machine for ``make run``, where the binary is installed: with the configuration and rules of production.

Its data, log and the copy of the configuration are in the run's folder. Debian's package is ``prometheus``.
"""

import functools
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from services.runtime.parent import die_with_parent

HERE = Path(__file__).parent
_START_SECONDS = 30.0


class PrometheusError(RuntimeError):
    """It did not start; the message says where its log is."""


class LocalPrometheus:
    """A running Prometheus, at ``address``: a URL."""

    def __init__(self, address: str, process: "subprocess.Popen[bytes]") -> None:
        self.address = f"http://{address}"
        self._process = process

    def stop(self) -> None:
        """End it and wait until it is gone."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def is_installed() -> bool:
    """Whether there is a binary to start."""
    return shutil.which("prometheus") is not None


def start(folder: Path, targets: Sequence[str]) -> LocalPrometheus:
    """Start it on a free port of loopback and wait until it answers.

    Args:
        folder: for data, log and configuration; made if missing.
        targets: host:port of what is scraped.

    Raises:
        PrometheusError: it is not installed or did not start.
    """
    binary = shutil.which("prometheus")
    if binary is None:
        raise PrometheusError("Prometheus is not installed: no command prometheus is on the PATH")
    folder = folder.resolve()
    shutil.copytree(HERE, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (folder / "targets.json").write_text(json.dumps([{"targets": list(targets)}]))
    address = f"127.0.0.1:{_free_port()}"
    log = folder / "prometheus.log"
    with log.open("ab") as to:
        process = subprocess.Popen(
            [
                binary,
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address={address}",
                "--storage.tsdb.retention.time=1d",
                "--log.level=warn",
            ],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=to,
            stderr=to,
            start_new_session=True,  # Ctrl-C is for the command; it stops this when the stages are done
            preexec_fn=functools.partial(die_with_parent, os.getpid()),
        )
    running = LocalPrometheus(address, process)
    deadline = time.monotonic() + _START_SECONDS
    while not _answers(address):
        if process.poll() is not None or time.monotonic() > deadline:
            running.stop()
            raise PrometheusError(f"Prometheus did not start; see {log}")
        time.sleep(0.2)
    return running


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{address}/-/ready", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
