"""News of two like events (ECB+): documents that share a topic, its words and often its names, and are no copies.

``docs.jsonl.gz`` has one document a line (id, topic, event, text): of each of 43 topics two events, such as two actresses
who went into the same clinic four years apart. A verdict that names a document of another event is a false merge.
Copies within an event are there, since agencies' texts were collected from several sites. What is nearest among documents of
one topic and two events says how far off the rules are.
"""

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from evaluation import overlap
from evaluation.data import DATA, rows
from evaluation.stream import Stream

DEFAULT = DATA / "ecbplus" / "docs.jsonl.gz"


class Document(BaseModel):
    """A document of ECB+, tokenised as it is there."""

    id: str
    topic: str
    event: str
    text: str


def read(path: Path) -> list[Document]:
    """The documents in the file's order.

    Raises:
        DataError: the file is missing or not in the format.
    """
    return list(rows(path, Document))


def measure(documents: Sequence[Document]) -> dict[str, Any]:
    """What became of ``documents``, judged in their order."""
    stream = Stream()
    events = {document.id: document.event for document in documents}
    verdicts = {document.id: stream.read(document.id, document.text) for document in documents}
    found = [(name, str(verdict.of), verdict) for name, verdict in verdicts.items() if verdict.of is not None]
    texts = {document.id: overlap.shingles(document.text) for document in documents}
    apart = [
        (texts[a.id], texts[b.id]) for a, b in combinations(documents, 2) if a.topic == b.topic and a.event != b.event
    ]
    false = [f"{name} = {of}" for name, of, _ in found if events[name] != events[of]]
    return {
        "documents": len(documents),
        "events": len(set(events.values())),
        "pairs_apart": len(apart),
        "nearest_jaccard": max((overlap.jaccard(*pair) for pair in apart), default=None),
        "nearest_containment": max((overlap.containment(*pair) for pair in apart), default=None),
        "false_merges": len(false),
        "false_pairs": false,
        "copies": len(found) - len(false),
        "wrong": sum(not overlap.bears_out(verdict, texts[name], texts[of]) for name, of, verdict in found),
    }
