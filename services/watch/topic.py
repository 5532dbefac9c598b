"""What is on the topic of a list now, and changes of it. Every delivery is checked, as with documents."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic

from pydantic import ValidationError

from schemas.listed import Listed
from services.consumer.tail import Tail
from services.entities.watchlist import KIND as ENTITIES_KIND
from services.lists.entry import E, Kind, explain, read_change
from services.lists.file import read_list_file
from services.producer.item import Item, Origin, Problem
from services.producer.key import key_of_id
from services.producer.publish import Report, publish
from services.runtime.settings import Settings
from services.runtime.topology import WATCHED_ENTITIES, WATCHED_ISSUES, Topic
from services.stance.watched import KIND as ISSUES_KIND


@dataclass(frozen=True)
class Listing(Generic[E]):
    """A list and the topic that it is kept on."""

    kind: Kind[E]
    topic: Topic


WATCHED_ENTITY_LIST = Listing(ENTITIES_KIND, WATCHED_ENTITIES)
WATCHED_ISSUE_LIST = Listing(ISSUES_KIND, WATCHED_ISSUES)


class Entries(Generic[E]):
    """A topic's entries by id. ``problems``: what is wrong with each message that is not a valid entry, by its key as text."""

    def __init__(self, listing: Listing[E], settings: Settings) -> None:
        """Read the topic to where it ends now.

        Raises:
            ConsumeError: no broker or no topic. SettingsError: no broker is named.
        """
        self.listed: dict[str, E] = {}
        self.problems: dict[str, str] = {}
        with Tail(settings, listing.topic, to_end=True) as tail:
            for record in tail:
                self._take(listing.kind, record.key, record.value)

    def _take(self, kind: Kind[E], key: bytes | None, value: bytes | None) -> None:
        name = (key or b"").decode("utf-8", "replace")
        self.problems.pop(name, None)
        try:
            identity, entry = read_change(kind, key, value)
        except ValueError as error:
            self.problems[name] = str(error)
            return
        self.listed.pop(identity, None)
        if entry is not None:
            self.listed[identity] = entry


def make_entry(listing: Listing[E], fields: Mapping[str, object]) -> E:
    """The entry that a user typed.

    Raises:
        ValueError: it is not a valid entry; the message names the field.
    """
    try:
        return listing.kind.model.model_validate(fields)
    except ValidationError as error:
        raise ValueError(explain(error)) from None


def add(listing: Listing[E], entries: Iterable[E], settings: Settings) -> Report:
    """Put entries on the topic, each in the place of that with its id. Raises PublishError, SettingsError."""
    return publish(map(_item, entries), settings, topic=listing.topic)


def remove(listing: Listing[E], ids: Iterable[str], settings: Settings) -> Report:
    """Take the entries with these ids off the topic; an invalid id is a problem. Raises PublishError, SettingsError."""
    return publish(_tombstones(ids), settings, topic=listing.topic)


def load_file(listing: Listing[E], path: Path, settings: Settings, *, replace: bool) -> Report:
    """Put the entries of a file on the topic; with ``replace`` take all others off it.

    Raises:
        ListFileError: the file has a fault, and nothing was sent. PublishError, ConsumeError, SettingsError: as named.
    """
    entries = read_list_file(listing.kind, path)
    others: list[str] = []
    if replace:
        there = Entries(listing, settings)
        others = sorted((there.listed.keys() | there.problems.keys()) - {entry.id for entry in entries})
    return publish([*map(_item, entries), *_tombstones(filter(None, others))], settings, topic=listing.topic)


def _item(entry: Listed) -> Item:
    return Item(Origin(entry.id), entry.model_dump_json().encode(), entry.id.encode())


def _tombstones(ids: Iterable[str]) -> Iterator[Item | Problem]:
    for identity in ids:
        try:
            yield Item(Origin(identity[:100]), None, key_of_id(identity))
        except ValueError as error:
            yield Problem(Origin(identity[:100]), str(error))
