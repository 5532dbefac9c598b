"""Writing inputs, and what is read from them."""

import json
from pathlib import Path
from typing import Any

from services.producer.item import Item, Skipped
from services.producer.read import Reading, read

STORY = (
    "Farmers around Kelso welcomed a plan by the regional council to repair the old canal before the summer. "
    "The council has finally listened to us, said Ines Moreau, who grows apples beside the water."
)


def written(folder: Path, name: str, content: str | bytes | dict[str, Any] | list[Any]) -> Path:
    path = folder / name
    if isinstance(content, dict | list):
        content = json.dumps(content)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def found(path: Path, **reading: Any) -> tuple[list[dict[str, Any]], list[str], list[str | None]]:
    """The documents, what is wrong in words, and the forms."""
    documents, faults, forms = [], [], []
    for one in read(str(path), Reading(**reading)):
        if isinstance(one, Item):
            documents.append(json.loads(one.value or b""))
            forms.append(one.form)
        else:
            faults.append(f"{one.origin}: {one.reason if isinstance(one, Skipped) else one.message}")
    return documents, faults, forms


def some(document: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(document.get(name) for name in names)
