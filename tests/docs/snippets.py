"""What tests take from a page: its fenced blocks, the commands in them, and whether one JSON is a part of another."""

import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted(
    path
    for pattern in (
        "*.md",
        "docs/**/*.md",
        "services/**/README.md",
        "evaluation/**/README.md",
        "seeds/README.md",
        "examples/clients/README.md",
    )
    for path in ROOT.glob(pattern)
)
"""Every page that people read."""
_FENCE = re.compile(r"^```(.*?)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(page: str) -> list[tuple[str, str]]:
    """The fenced blocks of a page, in order: what stands behind the opening fence, and what is in the block."""
    return [(kind.strip(), content) for kind, content in _FENCE.findall(page)]


def block(page: str, kind: str) -> str:
    """The first block of this kind."""
    found = [content for name, content in blocks(page) if name == kind]
    assert found, f"the page has no {kind} block"
    return found[0]


def command_lines(page: str) -> list[list[str]]:
    """The words of each ``stancewire …`` line in a block, without its comment."""
    lines = [line for _, content in blocks(page) for line in content.splitlines()]
    return [line.split("#")[0].split()[1:] for line in lines if line.startswith("stancewire ")]


def assert_part(part: Any, whole: Any, at: str = "event") -> None:
    """Whether ``part`` is ``whole`` with things left out: keys of an object, elements of a list."""
    if isinstance(part, dict):
        for key, value in part.items():
            assert key in whole, f"{at}.{key}"
            assert_part(value, whole[key], f"{at}.{key}")
    elif isinstance(part, list):
        rest = iter(whole)
        for number, element in enumerate(part):
            assert any(_is_part(element, other) for other in rest), f"{at}[{number}]"
    else:
        assert part == whole, at


def _is_part(part: Any, whole: Any) -> bool:
    try:
        assert_part(part, whole)
    except (AssertionError, TypeError):
        return False
    return True
