"""How a child process is, as it says itself: what it works with, its figures, its memory."""

import resource
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Vitals:
    """How a child is, as it says itself with each chunk. Bytes are 0 where the system does not say.

    ``figures``: by the names of what its stage ``tells``.
    """

    model: str
    figures: Mapping[str, float]
    resident_bytes: int
    address_space_bytes: int


_model = ""
_figures: Callable[[], Mapping[str, float]] = dict


def tell(model: str, figures: Callable[[], Mapping[str, float]]) -> None:
    """In the child, when it is set up: what it works with, and figures that go back with each chunk."""
    global _model, _figures
    _model, _figures = model, figures


def vitals() -> Vitals:
    """How this process is now."""
    try:
        size, resident = Path("/proc/self/statm").read_text().split()[:2]
    except OSError:
        size = resident = "0"
    page = resource.getpagesize()
    return Vitals(_model, dict(_figures()), int(resident) * page, int(size) * page)
