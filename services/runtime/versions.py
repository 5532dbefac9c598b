"""The version of a stage's results: a digest of all that could change what it makes of a document.

It is read from the files that are there, so that nobody has to remember to change it: the sources that the stage's agent imports,
the word lists beside them, the libraries that these import, the files of its models, and its settings. How work is moved (this
package, and its settings) is left out. It is the same in a checkout and where the same files are installed.
"""

import ast
import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import get_args

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

_ROOT = Path(__file__).parent.parent.parent
_OURS = ("services", "schemas")
_MOVES = __name__.rpartition(".")[0]
"""This package: it decides how work is moved, not what is found."""
_ABOVE = _MOVES.partition("services")[0]
"""What the names of our packages begin with: nothing in a checkout, ``stancewire.`` in a wheel (``deploy.wheel``)."""
_IGNORED = {".md", ".pyc"}


@dataclass(frozen=True)
class Basis:
    """What the results of a stage depend on.

    ``agent``: the name of the module that begins its imports. ``models``: of settings that name models, the folders named, by the
    setting's name and then by what they are used for; their files count, wherever they lie.
    """

    agent: str
    settings: Sequence[BaseSettings]
    models: Mapping[str, Mapping[str, Path]] = field(default_factory=dict)

    def version(self) -> str:
        """12 hexadecimal digits. It reads all files of the models: 0.2 to 0.6 s."""
        files, libraries = _code(self.agent)
        parts = {
            "python": sys.version_info[:2],  # it brings the tables of Unicode
            "code": [[str(path.relative_to(_ROOT)), _hash_code(path)] for path in files],
            "libraries": _versions(libraries),
            "settings": [self._values(settings) for settings in self.settings],
            "models": {
                name: {use: _folder(folder) for use, folder in folders.items()} for name, folders in self.models.items()
            },
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:12]

    def _values(self, settings: BaseSettings) -> object:
        """The settings without those that name files: what is in the files counts."""
        fields = type(settings).model_fields
        named = {name for name, one in fields.items() if name in self.models or is_path(one)}
        return settings.model_dump(mode="json", exclude=named)


def is_path(setting: FieldInfo) -> bool:
    """Whether a setting names a file."""
    return Path in (setting.annotation, *get_args(setting.annotation))


def _code(agent: str) -> tuple[list[Path], set[str]]:
    """The files of ``agent`` and of all of ours that it imports, and the names of the libraries that they import."""
    found: dict[str, Path] = {}
    libraries: set[str] = set()
    waiting = [agent]
    while waiting:
        name = waiting.pop()
        path = _source(name)
        if name in found or path is None or name.startswith(_MOVES):
            continue
        found[name] = path
        for imported in _imports(path.read_bytes()):
            if imported.removeprefix(_ABOVE).partition(".")[0] in _OURS:
                waiting.append(imported)
            else:
                libraries.add(imported.partition(".")[0])
    beside = {
        other
        for folder in {path.parent for path in found.values()}
        for other in folder.iterdir()
        if other.is_file() and other.suffix not in {".py", *_IGNORED}
    }
    return sorted({*found.values(), *beside}), libraries - sys.stdlib_module_names


def _source(name: str) -> Path | None:
    """The file of a module or package of ours; None where ``name`` is something in one."""
    path = _ROOT.joinpath(*name.removeprefix(_ABOVE).split("."))
    return next((one for one in (path.with_suffix(".py"), path / "__init__.py") if one.is_file()), None)


@lru_cache(maxsize=1_000)
def _imports(source: bytes) -> list[str]:
    """The names that a source imports; of ``from a import b`` both ``a`` and ``a.b``, since b may be a module."""
    found = []
    waiting: list[ast.AST] = [ast.parse(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif not isinstance(
            node, ast.expr
        ):  # nothing is imported inside an expression, and most of a source is in them
            waiting += ast.iter_child_nodes(node)
    return found


def _versions(libraries: set[str]) -> dict[str, str]:
    """The versions of the packages that have the modules ``libraries``."""
    having = [one for one in distributions() if not libraries.isdisjoint(_modules(one))]
    return {one.metadata["Name"]: one.version for one in reversed(having)}  # of two of a name the first is imported


def _modules(package: Distribution) -> set[str]:
    """The names of the modules that a package installs, as ``importlib.metadata.packages_distributions`` has them. That reads the
    metadata of all packages, too, and takes 0.3 s, more than all else that a version needs."""
    if told := package.read_text("top_level.txt"):
        return set(told.split())
    files = [line.partition(",")[0] for line in (package.read_text("RECORD") or "").splitlines()]
    return {name.partition("/")[0].removesuffix(".py") for name in files if name.endswith(".py")}


def _folder(folder: Path) -> list[list[str]]:
    """The files under ``folder`` with their digests."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix not in _IGNORED)
    return [[path.relative_to(folder).as_posix(), _hash(path)] for path in files]


def _hash_code(path: Path) -> str:
    """The digest of a file of ours, wherever our packages lie."""
    return hashlib.sha256(path.read_bytes().replace(b"stancewire.", b"")).hexdigest()


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
