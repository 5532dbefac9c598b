"""Poison, and clocks. Python imports this before all else in a process whose path names this folder, as the suite's workers do.

The word of a kind in a document's text makes the stage that reads it behave as code with a bug would. Nothing of the service
knows of it: a worker that is started without this folder reads the same text as any other.
"""

import dataclasses
import functools
import importlib.abc
import importlib.machinery
import importlib.util
import os
import select
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

_FOREVER = 3600
_MORE_THAN_ANY = 2**40


def _hang() -> None:
    time.sleep(_FOREVER)


def _crash() -> None:
    os._exit(3)


def _eat() -> None:
    bytearray(_MORE_THAN_ANY)


_ACTS = {b"poisonhang": _hang, b"poisoncrash": _crash, b"poisoneat": _eat}
_BLOCKS = b"poisonblock"
"""Of the judge, which works in the stage's own process: it blocks the event loop."""


def _poison(acts: Mapping[bytes, Callable[[], None]], agent: ModuleType) -> None:
    setup = agent.setup

    def poisoned(version: str, rows: Any) -> Any:
        core = setup(version, rows)

        def act_and_run(records: Sequence[Any]) -> Any:
            for record in records:
                for word, act in acts.items():
                    if word in (record.value or b""):
                        act()
            return core.run(records)

        return dataclasses.replace(core, run=act_and_run)

    agent.setup = poisoned  # type: ignore[attr-defined]


_CHANGES = {
    "services.entities.agent": functools.partial(_poison, _ACTS),
    "services.dedup.agent": functools.partial(_poison, {_BLOCKS: _hang}),
}


class _Loader(importlib.abc.Loader):
    def __init__(self, inner: importlib.abc.Loader, change: Callable[[ModuleType], None]) -> None:
        self._inner = inner
        self._change = change

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._inner.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._inner.exec_module(module)
        self._change(module)


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        change = _CHANGES.pop(name, None)  # taken out first, so that the search below does not end here again
        if change is None:
            return None
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, change)
        return spec


sys.meta_path.insert(0, _Finder())

if "libfaketime" in os.environ.get("LD_PRELOAD", ""):
    # Python sleeps until a moment of the monotonic clock, which the library refuses (EINVAL) where it is to leave that clock alone.
    time.sleep = lambda seconds: select.select([], [], [], float(seconds)) and None
