"""Builds the wheel: the packages of the repository go under ``stancewire/``, so that the wheel takes one name and no other.

Without it a user's own ``schemas/`` or ``services/`` and ours would stand in each other's way. Only names of modules change, in
imports and where a string begins with one. The build stops where an import would still ask for a name that the wheel does not
have. A checkout and an editable installation keep the names as they are.
"""

import ast
import re
import shutil
from pathlib import Path

from setuptools.command.build_py import build_py
from setuptools.command.egg_info import egg_info

_MOVED = ("deploy", "schemas", "services")
_NAME = re.compile(rf"""(^[ ]*from[ ]|["'])(?=(?:{"|".join(_MOVED)})(?:[.][a-z_{{]|[ ]import[ ]))""", re.MULTILINE)


class Build(build_py):  # type: ignore[misc] # setuptools has no types
    """setuptools' ``build_py``, which lays the files down that go into a wheel."""

    def run(self) -> None:
        """Lay the files down. Raises ValueError where an import cannot be given the new name."""
        super().run()
        if self.editable_mode:
            return
        inside = Path(self.build_lib) / "stancewire"
        for name in _MOVED:
            shutil.rmtree(inside / name, ignore_errors=True)  # of an earlier build
            (inside.parent / name).rename(inside / name)
        (inside / "deploy" / "wheel.py").unlink()
        for source in inside.rglob("*.py"):
            source.write_text(move(source.read_text("utf-8"), str(source)), "utf-8")


class Information(egg_info):  # type: ignore[misc] # setuptools has no types
    """setuptools' ``egg_info``, which writes what the wheel says of itself."""

    def run(self) -> None:
        """Write it, with the one name that the wheel takes."""
        super().run()
        Path(self.egg_info, "top_level.txt").write_text("stancewire\n", "utf-8")


def move(code: str, name: str) -> str:
    """A source with the names of our packages as they are in the wheel; ``name`` of the file is for the error.

    Raises:
        ValueError: an ``import services.x`` is left: it binds ``services``. Write ``from services import x``.
    """
    moved = _NAME.sub(r"\1stancewire.", code)
    for node in ast.walk(ast.parse(moved)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if left := [one for one in names if one.partition(".")[0] in _MOVED]:
            raise ValueError(f"{name}: write 'from ... import ...' for {left[0]}: only that can be moved")
    return moved
