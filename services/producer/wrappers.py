"""Finding the articles in what an interface answered: a list of objects somewhere in one object."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from services.producer.fields import look_up
from services.producer.shapes import JSON_FEED, Shape, domain, has_text, holds_articles, is_article, shape_of, unwrap

_DEEPEST = 5
_LISTS = frozenset(
    ("articles", "items", "results", "docs", "posts", "news", "data", "stories", "hits", "value", "entries", "records")
)
"""What answers call their list; one of these that is empty is an answer without articles, not an article without text."""
_NAMED = 5


class ManyListsError(ValueError):
    """It cannot be said which list holds the articles; the message names them."""


@dataclass(frozen=True)
class Found:
    """The records of an answer. ``shape``: whose they are, where the answer itself says so."""

    records: list[Any]
    path: str
    shape: Shape | None = None


def find_records(value: dict[str, Any], path: str | None) -> Found | None:
    """The articles in ``value``, or None where it is an article itself.

    Args:
        path: where they are, as the user says it.

    Raises:
        ManyListsError: several lists could be meant, or ``path`` is not there.
    """
    if path is not None:
        return Found(_at(value, path), path)
    if str(value.get("version", "")).startswith("https://jsonfeed.org/") and isinstance(value.get("items"), list):
        return Found([_feed_item(item, value) for item in value["items"]], "items", JSON_FEED)
    if has_text(value) or shape_of(value) is not None:
        return None
    lists = list(_lists(value, "", 0))
    articles = [(where, found) for where, found in lists if any(is_article(unwrap(one)) for one in found[:_NAMED])]
    if len(articles) == 1:
        return Found(articles[0][1], articles[0][0])
    if articles:
        raise ManyListsError(_which(articles))
    if is_article(value) or is_article(unwrap(value)) or "title" in value:
        return None
    if value and all(isinstance(one, dict) and is_article(unwrap(one)) for one in value.values()):
        return Found([{"id": name, **one} for name, one in value.items()], "*")
    if len(lists) == 1:
        return Found(lists[0][1], lists[0][0])
    if not lists and (empty := _empty(value, 0)) is not None:
        return Found([], empty)
    return None


def _at(value: Any, path: str) -> list[Any]:
    found = look_up(value, path)
    if isinstance(found, list):
        return found
    if isinstance(found, dict):
        return [found]
    lists = list(_lists(value, "", 0))
    raise ManyListsError(f"there is nothing at --records {path[:100]}" + (f"; {_which(lists)}" if lists else ""))


def _which(lists: Iterable[tuple[str, list[Any]]]) -> str:
    paths = [path for path, _ in lists][:_NAMED]
    return f"lists of objects are at {', '.join(paths)}; say which with --records {paths[0]}"


def _lists(value: dict[str, Any], path: str, depth: int) -> Iterator[tuple[str, list[Any]]]:
    for name, inner in value.items():
        where = f"{path}.{name}" if path else str(name)
        if isinstance(inner, list) and inner and isinstance(inner[0], dict) and holds_articles(name):
            yield where, inner
        elif isinstance(inner, dict) and depth < _DEEPEST:
            yield from _lists(inner, where, depth + 1)


def _empty(value: dict[str, Any], depth: int) -> str | None:
    for name, inner in value.items():
        if inner == [] and name in _LISTS:
            return name
        if isinstance(inner, dict) and depth < _DEEPEST and (found := _empty(inner, depth + 1)) is not None:
            return f"{name}.{found}"
    return None


def _feed_item(item: Any, feed: dict[str, Any]) -> Any:
    """An item with the feed's name, and an id that is unique outside of the feed."""
    if not isinstance(item, dict):
        return item
    name = str(feed.get("title") or "").strip()
    source = domain(item.get("url") or item.get("external_url") or feed.get("home_page_url")) or name
    made = {"source": source, "language": feed.get("language"), "authors": feed.get("authors"), "feed": name, **item}
    made = {field: value for field, value in made.items() if value not in (None, "")}
    identity = str(made.get("id", ""))
    if identity.isdecimal() and source:
        made["id"] = f"{source}/{identity}"
    return made
