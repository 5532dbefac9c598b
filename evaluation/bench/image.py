"""What the image weighs, without Docker: the steps of ``deploy/image/Dockerfile`` are run in a folder, and its files are measured.

The base image is not here, so what is measured is what is laid upon it. The commands are the Dockerfile's, word for word; only its
two folders, ``/build`` and ``/opt/stancewire``, are elsewhere, and ``python`` is the one that runs this.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from string import Template
from typing import Any

from evaluation.bench import BenchError

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "deploy" / "image" / "Dockerfile"
STORY = ROOT / "docs" / "example.json"
DOCUMENTS = 1
"""Documents that are enriched by what was built, as a proof that it works."""
_MB = 1_000_000
_LARGEST = 12
NOBODY = 10001
"""The user of the image."""


def measure(documents: int) -> dict[str, Any]:
    """Megabytes of all that is laid upon the base, of its largest packages, and of the larger stance model's layer.

    Raises:
        BenchError: a step failed, or what was built does not work.
    """
    with tempfile.TemporaryDirectory(prefix="image-") as made:
        folder = Path(made)
        folder.chmod(0o755)
        build(folder)
        (library,) = (folder / "opt" / "stancewire" / "lib").glob("python3.*/site-packages")
        for _ in range(documents):
            event = run(folder, "enrich", "--json", str(STORY))
            if json.loads(event)["status"] != "enriched":
                raise BenchError(f"the document was not enriched: {event[:500]}")
        packages = {one.name: _size([one]) for one in library.iterdir() if one.is_dir()}
        largest = dict(sorted(packages.items(), key=lambda item: -item[1])[:_LARGEST])
        return {
            "image_mb": _size([folder / "opt"]),
            "large_mb": _size([folder / "build" / "large"]),
            "largest_mb": largest,
        }


def instructions(stage: str) -> Iterator[tuple[str, str]]:
    """The instructions of a stage of the Dockerfile, each with what follows it on its line or lines."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE.read_text(), flags=re.MULTILINE).replace("\\\n", "")
    inside = False
    for line in filter(None, map(str.strip, text.splitlines())):
        word, _, rest = line.partition(" ")
        if word == "FROM":
            inside = rest.endswith(f" AS {stage}")
        elif inside:
            yield word, rest.strip()


def build(folder: Path) -> None:
    """Run the stage ``build`` in ``folder``, with the files that ``.dockerignore`` lets through.

    Raises:
        BenchError: a step failed; the message has the end of what it said.
    """
    context = _context()
    python = folder / "bin" / "python"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\nexec "{Path(sys.base_prefix) / "bin" / "python3"}" "$@"\n')
    python.chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("STANCEWIRE_", "PYTHON"))}
    environment["PATH"] = f"{python.parent}{os.pathsep}{environment['PATH']}"
    at = folder
    for word, rest in instructions("build"):
        match word:
            case "ENV":
                named = dict(part.split("=", 1) for part in rest.split())
                environment |= {name: value for name, value in named.items() if name != "PIP_NO_CACHE_DIR"}
            case "ARG":
                environment |= dict([rest.split("=", 1)])
            case "WORKDIR":
                at = folder / rest.lstrip("/")
                at.mkdir(parents=True)
            case "COPY":
                *sources, target = Template(rest).substitute(environment).split()
                for source in sources:
                    _copy(source, at / target, context)
            case "RUN":
                _step(_placed(rest, folder), at, environment)
            case _:
                raise BenchError(f"{DOCKERFILE}: {word} is not known here")


def run(folder: Path, *arguments: str, status: int = 0, **variables: str) -> str:
    """What ``stancewire`` says that was built in ``folder``; it runs as the image's user, where that one may read Python.

    Raises:
        BenchError: it ended with another status.
    """
    home = folder / "data"
    home.mkdir(exist_ok=True)
    binaries = folder / "opt" / "stancewire" / "bin"
    python = (binaries / "python").resolve()
    other = os.geteuid() == 0 and all(one.stat().st_mode & 0o001 for one in (python, *python.parents))
    if other:
        os.chown(home, NOBODY, NOBODY)
    ended = subprocess.run(
        [str(binaries / "stancewire"), *arguments],
        cwd=home,
        env={"PATH": str(binaries), "PYTHONDONTWRITEBYTECODE": "1", "STANCEWIRE_DATA_DIR": str(home)} | variables,
        capture_output=True,
        text=True,
        check=False,
        user=NOBODY if other else None,
        group=NOBODY if other else None,
        extra_groups=[] if other else None,
    )
    if ended.returncode != status:
        raise BenchError(f"{arguments} ended with {ended.returncode}: {ended.stderr[-1000:]}")
    return ended.stdout + (ended.stderr if status else "")


def _placed(command: str, folder: Path) -> str:
    return re.sub(r"(?<![\w./])/(?=(?:build|opt/stancewire)\b)", f"{folder}/", command)


def _step(command: str, at: Path, environment: Mapping[str, str]) -> None:
    ended = subprocess.run(
        ["/bin/sh", "-c", command], cwd=at, env=environment, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        raise BenchError(f"{command}\nended with {ended.returncode}: {ended.stderr[-1000:]}")


def _context() -> list[str]:
    """The files of the checkout that Docker is sent, by their paths."""
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line]
    named = [ROOT / rule.removeprefix("!") for rule in rules if rule.startswith("!")]
    files = [path for one in named for path in ([one] if one.is_file() else one.rglob("*")) if path.is_file()]
    return [name for name in (path.relative_to(ROOT).as_posix() for path in sorted(files)) if _sent(name, rules)]


def _sent(name: str, rules: Iterable[str]) -> bool:
    """Whether the last rule that fits a file, or a folder that it is in, lets it through."""
    parts = name.split("/")
    above = ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
    sent = True
    for rule in rules:
        pattern = rule.removeprefix("!").removeprefix("**/")
        fits = any(fnmatch(one.rpartition("/")[2] if "**/" in rule else one, pattern) for one in above)
        sent = rule.startswith("!") if fits else sent
    return sent


def _copy(source: str, target: Path, context: Iterable[str]) -> None:
    """As COPY does: a file into the folder ``target``, what is in a folder as ``target``."""
    found = [name for name in context if name == source or name.startswith(f"{source}/")]
    if not found:
        raise BenchError(f"COPY {source}: .dockerignore leaves nothing of it")
    for name in found:
        to = target / (name.removeprefix(f"{source}/") if name != source else Path(name).name)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, to)


def _size(folders: Iterable[Path]) -> float:
    """Megabytes of the files in some folders."""
    sizes = (one.lstat().st_size for folder in folders for one in folder.rglob("*") if not one.is_dir())
    return round(sum(sizes) / _MB, 1)
