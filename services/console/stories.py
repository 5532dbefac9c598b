"""The stories that the console keeps, and what the page shows of them: plain data for JSON. Pure: no I/O, no clock."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from schemas import StoryRecord
from schemas.story import MAX_SHOWN, Side, Told
from services.console.core import State, seconds
from services.consumer.ranking import Order, growing_since, growth, ranked, wanted
from services.text.safe import printed, safe

SHOWN = 100
"""Stories of one look at the list."""
_NAME = 120
_OUTLETS = 4


class Stories:
    """At most ``most`` stories: those whose newest document is the latest. A record has at most 64 KiB."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[str, StoryRecord] = {}
        self.changes = 0
        """How often a story came, changed or went: a page looks again where this has moved."""

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, id: str) -> StoryRecord | None:
        """The story ``id``."""
        return self._kept.get(id)

    def add(self, id: str, story: StoryRecord | None) -> None:
        """Take in a story as it is now; None: it is gone."""
        self.changes += 1
        self._kept.pop(id, None)
        if story is None:
            return
        self._kept[id] = story
        if len(self._kept) > self._most:
            oldest = min(self._kept.values(), key=lambda one: (one.last_seen, one.id))
            del self._kept[oldest.id]

    def listed(self, order: Order, text: str = "", source: str = "") -> dict[str, Any]:
        """The first stories of an ``order`` with ``text`` in a title and ``source`` as a part of an outlet's name."""
        words = [text.strip()] if text.strip() else []
        patterns = [source.strip() if set("*?") & set(source) else f"*{source.strip()}*"] if source.strip() else []
        found = [one for one in ranked(self._kept.values(), order) if wanted(one, words, patterns)]
        since = growing_since(self._kept.values()) if self._kept else None
        return {
            "stories": [_row(one, since) for one in found[:SHOWN]],
            "found": len(found),
            "kept": len(self._kept),
            "most": self._most,
        }


def _row(story: StoryRecord, since: datetime | None) -> dict[str, Any]:
    return {
        "id": story.id,
        "title": safe(story.head.title, MAX_SHOWN),
        "documents": story.documents,
        "copies": story.copies,
        "outlets": story.source_count,
        "sources": [safe(one.name, _NAME) for one in story.sources[:_OUTLETS]],
        "first": seconds(story.first_seen),
        "last": seconds(story.last_seen),
        "new": growth(story, since) if since is not None else 0,
        "timeline": _timeline(story),
        "favor": sum(side.favor > 0 for side in story.sides),
        "against": sum(side.against > 0 for side in story.sides),
        "on": [{"kind": kind, "name": name} for kind, name in dict.fromkeys(_target(side) for side in story.sides)][:3],
    }


def shown(story: StoryRecord, state: State) -> dict[str, Any]:
    """The page of one story. ``state``: the documents that are kept; others are named without a link."""
    targets: dict[tuple[str, str], list[Side]] = {}
    for side in story.sides:
        targets.setdefault(_target(side), []).append(side)
    return _row(story, None) | {
        "saga": safe(story.saga, _NAME),
        "head": _told(story.head, state),
        "all_sources": [
            {"name": safe(one.name, _NAME), "documents": one.documents, "copies": one.copies} for one in story.sources
        ],
        "titles": [_told(one, state) for one in story.titles],
        "entities": [
            {"name": safe(one.name, _NAME), "type": one.type, "documents": one.documents} for one in story.entities
        ],
        "issues": [{"name": safe(one.name, _NAME), "documents": one.documents} for one in story.issues],
        "targets": [
            {
                "kind": kind,
                "name": name,
                "favor": _camp(sides, "favor", state),
                "against": _camp(sides, "against", state),
            }
            for (kind, name), sides in targets.items()
        ],
    }


def _target(side: Side) -> tuple[str, str]:
    return side.target_kind, safe(side.target, _NAME)


def _camp(sides: Iterable[Side], stance: str, state: State) -> list[dict[str, Any]]:
    """The holders of one side, those that the most documents tell of first."""
    found = [
        {
            "holder": safe(side.holder, _NAME),
            "kind": side.holder_kind,
            "documents": side.favor if stance == "favor" else side.against,
            "both": side.favor > 0 and side.against > 0,
            "quotes": [
                {
                    "id": one.document,
                    "here": state.get(one.document) is not None,
                    "source": safe(one.source, _NAME),
                    "words": printed(one.words, MAX_SHOWN),
                    "basis": one.basis,
                    "confidence": round(one.confidence, 3),
                }
                for one in side.quotes
                if one.stance == stance
            ],
        }
        for side in sides
        if (side.favor if stance == "favor" else side.against)
    ]
    return sorted(found, key=lambda one: -one["documents"])


def _told(one: Told, state: State) -> dict[str, Any]:
    return {
        "id": one.id,
        "here": state.get(one.id) is not None,
        "title": safe(one.title, MAX_SHOWN),
        "source": safe(one.source, _NAME),
        "at": seconds(one.published_at) if one.published_at is not None else None,
        "copy": one.copy_of is not None,
    }


def _timeline(story: StoryRecord) -> dict[str, Any]:
    return {
        "step": 3_600 if story.step == "hour" else 86_400,
        "buckets": [[seconds(one.start), one.documents, one.copies] for one in story.timeline],
    }
