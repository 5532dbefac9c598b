"""Stories to list and show."""

from datetime import UTC, datetime, timedelta
from typing import Any

from schemas import StoryRecord
from schemas.story import Bucket, Outlet, Quote, Side, StoryEntity, StoryIssue, Told

NOON = datetime(2026, 3, 11, 12, tzinfo=UTC)


def story(id: str = "herald-1", *buckets: tuple[int, int], **changes: Any) -> StoryRecord:
    """A story whose timeline has for each of the ``buckets`` hours before noon and a number of documents."""
    buckets = buckets or ((3, 2), (0, 1))
    told = Told(id=id, title=f"Council backs the tunnel ({id})", source="herald.example")
    count = sum(documents for _, documents in buckets)
    fields: dict[str, Any] = {
        "id": id,
        "saga": id,
        "head": told,
        "first_seen": NOON - timedelta(hours=max(hours for hours, _ in buckets)),
        "last_seen": NOON - timedelta(hours=min(hours for hours, _ in buckets)),
        "documents": count,
        "copies": 1,
        "source_count": 2,
        "sources": (
            Outlet(name="herald.example", documents=count - 1, copies=1),
            Outlet(name="times.example", documents=1),
        ),
        "titles": (
            Told(id="copy-1", title="Council backs the tunnel", source="herald.example", copy_of=id),
            Told(id="times-1", title="Tunnel divides the city", source="times.example"),
        ),
        "timeline": tuple(
            Bucket(start=NOON - timedelta(hours=hours), documents=documents)
            for hours, documents in sorted(buckets, reverse=True)
        ),
        "entities": (StoryEntity(name="Mara Voss", type="PERSON", documents=2),),
        "issues": (StoryIssue(name="harbour tunnel", documents=3),),
        "sides": (
            Side(
                holder="Mara Voss",
                holder_kind="entity",
                target="harbour tunnel",
                target_kind="issue",
                favor=2,
                against=0,
                quotes=(
                    Quote(
                        document=id,
                        source="herald.example",
                        stance="favor",
                        words="a gift to the city",
                        basis="speech",
                        confidence=0.9,
                    ),
                ),
            ),
            Side(
                holder="times.example",
                holder_kind="author",
                target="harbour tunnel",
                target_kind="issue",
                favor=0,
                against=1,
                quotes=(
                    Quote(
                        document="times-1",
                        source="times.example",
                        stance="against",
                        words="The tunnel should never be dug.",
                        basis="article",
                        confidence=0.7,
                    ),
                ),
            ),
        ),
    }
    return StoryRecord.model_validate(fields | changes)
