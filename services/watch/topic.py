"""What is on the topic ``news.watched`` now, and changes of it. Every delivery is checked, as with documents."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from schemas import Watched
from services.consumer.tail import Tail
from services.entities.watchfile import read_watch_file
from services.entities.watchlist import explain, read_change
from services.producer.item import Item, Origin, Problem
from services.producer.key import key_of_id
from services.producer.publish import Report, publish
from services.runtime.settings import Settings
from services.runtime.topology import WATCHED


class Entries:
    """The topic's entries by their ids. ``problems``: what is wrong with messages that are none, by their key as text."""

    def __init__(self, settings: Settings) -> None:
        """Read the topic to where it ends now.

        Raises:
            ConsumeError: no broker or no topic. SettingsError: no broker is named.
        """
        self.watched: dict[str, Watched] = {}
        self.problems: dict[str, str] = {}
        with Tail(settings, WATCHED, to_end=True) as tail:
            for record in tail:
                self._take(record.key, record.value)

    def _take(self, key: bytes | None, value: bytes | None) -> None:
        name = (key or b"").decode("utf-8", "replace")
        self.problems.pop(name, None)
        try:
            identity, watched = read_change(key, value)
        except ValueError as error:
            self.problems[name] = str(error)
            return
        self.watched.pop(identity, None)
        if watched is not None:
            self.watched[identity] = watched


def make_entry(id: str, name: str, type: str, aliases: Sequence[str]) -> Watched:
    """The entry that a user typed.

    Raises:
        ValueError: it is none; the message names the field.
    """
    try:
        return Watched.model_validate({"id": id, "name": name, "type": type.strip().upper(), "aliases": tuple(aliases)})
    except ValidationError as error:
        raise ValueError(explain(error)) from None


def add(entries: Iterable[Watched], settings: Settings) -> Report:
    """Put entries on the topic, each in the place of that with its id. Raises PublishError, SettingsError."""
    return publish(map(_item, entries), settings, topic=WATCHED)


def remove(ids: Iterable[str], settings: Settings) -> Report:
    """Take the entries with these ids off the topic; what is no id is a problem. Raises PublishError, SettingsError."""
    return publish(_tombstones(ids), settings, topic=WATCHED)


def load_file(path: Path, settings: Settings, *, replace: bool) -> Report:
    """Put the entries of a file on the topic; with ``replace`` take all others off it.

    Raises:
        WatchFileError: the file has a fault, and nothing was sent. PublishError, ConsumeError, SettingsError: as named.
    """
    entries = read_watch_file(path)
    others: list[str] = []
    if replace:
        there = Entries(settings)
        others = sorted((there.watched.keys() | there.problems.keys()) - {entry.id for entry in entries})
    return publish([*map(_item, entries), *_tombstones(filter(None, others))], settings, topic=WATCHED)


def _item(watched: Watched) -> Item:
    return Item(Origin(watched.id), watched.model_dump_json().encode(), watched.id.encode())


def _tombstones(ids: Iterable[str]) -> Iterator[Item | Problem]:
    for identity in ids:
        try:
            yield Item(Origin(identity[:100]), None, key_of_id(identity))
        except ValueError as error:
            yield Problem(Origin(identity[:100]), str(error))
