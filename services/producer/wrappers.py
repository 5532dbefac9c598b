"""Finding the articles in what an interface answered: a list of objects somewhere in one object."""

import re
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
_JSON_FEED = re.compile(r"https?://(?:www\.)?jsonfeed\.org/")


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
    if _JSON_FEED.match(str(value.get("version", ""))) and isinstance(value.get("items"), list):
        return Found([_feed_item(item, value) for item in value["items"]], "items", JSON_FEED)
    if (rows := _by_columns(value)) is not None:
        return Found(rows, "of its rows")
    if has_text(value) or shape_of(value) is not None:
        return None
    lists = list(_lists(value, "", 0))
    articles = [(where, found) for where, found in lists if any(is_article(unwrap(one)) for one in found[:_NAMED])]
    if len(articles) == 1:
        where, records = articles[0]
        return Found([one for one in records if _is_no_other_thing(one)], where)
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


def _by_columns(value: dict[str, Any]) -> list[Any] | None:
    """The rows of a table that was written by columns, or as lists under their names, as pandas does; None where it is none."""
    names, rows = value.get("columns"), value.get("data")
    if isinstance(names, list) and isinstance(rows, list) and names and all(isinstance(row, list) for row in rows):
        return [dict(zip(map(str, names), row, strict=False)) for row in rows]
    columns = list(value.values())
    first = columns[0] if columns else None
    if not isinstance(first, dict) or not all(isinstance(one, dict) and one.keys() == first.keys() for one in columns):
        return None
    made = [{name: column[row] for name, column in value.items()} for row in first]
    return made if made and is_article(made[0]) else None


def _is_no_other_thing(record: Any) -> bool:
    """False where a record says that it is no article: a page's JSON-LD has its publisher and its pictures beside the story."""
    kind = str(record.get("@type") or "") if isinstance(record, dict) else ""
    return not kind or any(word in kind for word in ("Article", "Posting", "Report", "Review"))


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
            if len(inner) == 1 and depth < _DEEPEST and not is_article(unwrap(inner[0])):
                yield from _lists(inner[0], where, depth + 1)
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
