"""``stancewire produce`` on large files, JSON Lines and a web archive of the same size, beside a short script with the same client.

The file is made here, of articles over and over, each with a number in it, or of a made-up story where those are missing; a page of
the archive has menus and scripts around its article, as pages of news have. The command runs as a user calls it, first with
``--check``, then into a real Kafka. Linux only.

* ``cpu_ms``: processor time a document, of the command and all processes that it starts. ``documents_per_second``: what one core
  does, from that; the clock would tell what else runs on the machine.
* ``memory_mb``: most memory of all its processes together (resident pages, which they share counted twice), until it had read a
  tenth, three tenths and all of the file. It is flat where the three are alike.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from io import BytesIO
from itertools import count, cycle, islice
from pathlib import Path
from typing import Any

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from evaluation.bench import BenchError
from evaluation.bench.stages import descendants, kafka
from evaluation.data import ARTICLES, Article, DataError, articles
from services.runtime import topics
from services.runtime.topology import DOCUMENTS as SENT

DOCUMENTS = 160_000
"""Of AllSides, which have some 6,200 bytes: one gigabyte."""
_DIFFERENT = 5_000
_PARTS = (0.1, 0.3, 1.0)
_EVERY_SECONDS = 0.5
_MB = 1_000_000
_COMMAND = [str(Path(sys.executable).with_name("stancewire")), "produce"]
_PLAIN = [sys.executable, "-m", "evaluation.bench.plain"]
_STORY = (
    "The harbor board voted on Monday to close the old pier. Mayor Ana Reyes praised the vote. “The board has failed this town,” "
    "said Leon Katz, who runs a boat yard next to the pier and employs forty people.\n\n"
) * 20
_MENU = "".join(f'<li><a href="/section/{number}">Section {number} of the site</a></li>' for number in range(300))
_SCRIPT = "".join(f'window.set("option{number}", "{number:032x}");' for number in range(500))


def measure(documents: int) -> dict[str, Any]:
    """Processor time and memory of a run over so many lines, and over an archive of as many bytes.

    Raises:
        BenchError: the broker failed, or a run did not take all documents.
    """
    data, made = _articles()
    figures: dict[str, Any] = {}
    with kafka() as settings:
        topics.create(settings)
        topic = settings.prefix + SENT.name
        environment = {"STANCEWIRE_BROKERS": ",".join(settings.bootstrap), "STANCEWIRE_PREFIX": settings.prefix}
        lines, archive = settings.data_dir / "made.jsonl", settings.data_dir / "made.warc"
        written = {lines: write_lines(lines, islice(made, documents))}
        written[archive] = write_archive(archive, made, lines.stat().st_size)
        for path, number in written.items():
            plain = [*_PLAIN, str(path), ",".join(settings.bootstrap), topic]
            figures[path.suffix[1:]] = {
                "documents": number,
                "mb": path.stat().st_size / _MB,
                "check": run([*_COMMAND, "--check", str(path)], path, number, environment),
                "produce": run([*_COMMAND, str(path)], path, number, environment),
                "plain": run(plain, path, number, environment),
            }
    return {"data": data, "documents": documents, **figures}


def write_lines(path: Path, made: Iterable[Article]) -> int:
    """Write documents as JSON Lines; returns how many."""
    number = 0
    with path.open("wb") as file:
        for number, one in enumerate(made, 1):
            found = {"id": f"made-{number}", "title": one.title, "text": one.text, "source": "made.example"}
            file.write(json.dumps(found, ensure_ascii=False).encode() + b"\n")
    return number


def write_archive(path: Path, made: Iterator[Article], size: int) -> int:
    """Write pages into a web archive until it has ``size`` bytes; returns how many."""
    number = 0
    headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=False)
        while file.tell() < size:
            number += 1
            payload = BytesIO(_page(next(made)))
            url = f"https://made.example/{number}"
            writer.write_record(writer.create_warc_record(url, "response", payload=payload, http_headers=headers))
    return number


def _page(one: Article) -> bytes:
    paragraphs = "".join(f"<p>{line}</p>" for line in one.text.split("\n") if line.strip())
    return (
        f'<!DOCTYPE html><html lang="en"><head><title>{one.title}</title><script>{_SCRIPT}</script></head><body>'
        f"<nav><ul>{_MENU}</ul></nav><article><h1>{one.title}</h1>{paragraphs}</article></body></html>"
    ).encode()


def run(command: list[str], path: Path, documents: int, environment: Mapping[str, str]) -> dict[str, Any]:
    """The figures of a command that reads the file at ``path``.

    Raises:
        BenchError: its exit status is not 0.
    """
    highest = dict.fromkeys(_PARTS, 0.0)
    with tempfile.TemporaryFile() as errors:
        with subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=errors, env={**os.environ, **environment}
        ) as running:
            while True:
                ended, status, used = os.wait4(running.pid, os.WNOHANG)
                if ended:
                    running.returncode = os.waitstatus_to_exitcode(status)
                    break
                _look(running.pid, path, highest)
                time.sleep(_EVERY_SECONDS)
        if running.returncode:
            errors.seek(0)
            said = errors.read().decode(errors="replace")[-500:]
            raise BenchError(f"{' '.join(command)} ended with {running.returncode}: {said}")
    seconds = used.ru_utime + used.ru_stime
    return {
        "cpu_ms": 1000 * seconds / documents,
        "documents_per_second": documents / seconds,
        "memory_mb": {f"{part:.0%}": highest[part] / _MB for part in _PARTS},
    }


def _look(pid: int, path: Path, highest: dict[float, float]) -> None:
    """Note the memory of a process and of those that it started, if it is more than before."""
    memory, read = 0, 0
    for one in (pid, *descendants(pid)):
        with suppress(OSError):  # it may end meanwhile
            memory += int(Path(f"/proc/{one}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    with suppress(OSError):
        for link in Path(f"/proc/{pid}/fd").iterdir():
            if link.readlink() == path:
                said = Path(f"/proc/{pid}/fdinfo/{link.name}").read_text()
                read = int(said.split("pos:")[1].split()[0])
    for part in highest:
        if read <= part * path.stat().st_size:
            highest[part] = max(highest[part], memory)


def _articles() -> tuple[str, Iterator[Article]]:
    """Where articles are from, and the articles, without end."""
    try:
        data, found = str(ARTICLES), articles(_DIFFERENT)
    except DataError:
        data, found = "made up", [Article(title="Board closes the old pier", text=_STORY)]
    numbered = zip(count(1), cycle(found), strict=False)
    return data, (Article(title=one.title, text=f"{one.text}\n\nIt has the number {at}.") for at, one in numbered)
