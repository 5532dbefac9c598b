"""One function for each way in: it takes any bytes, and raises where something does not hold that is promised of whatever arrives.

A target uses the real parts and decides nothing of its own about them. It is deterministic, so that an input that breaks it can be
kept as a test. ``SEEDS`` are inputs of each that get far, to begin from.
"""

import contextlib
import io
import json
import logging
import os
import re
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from pydantic import ValidationError
from rich.console import Console

from schemas import Status, WatchedEntity, WatchedIssue, Work
from schemas.base import MAX_EXPLANATION, MAX_ID, MAX_MESSAGE_BYTES
from services.cli import main, terminal
from services.console.core import State, card
from services.console.wanted import select
from services.consumer.follow import read_event
from services.consumer.show import show_received
from services.consumer.start import parse_start
from services.deadletters.book import read_book
from services.deadletters.letters import read_letter
from services.deadletters.show import show_letter
from services.dedup.fingerprint import Fingerprinter
from services.dedup.settings import DedupSettings
from services.entities.watchlist import WatchList
from services.intake.core import Incoming, Intake
from services.intake.settings import IntakeSettings
from services.lists.entry import Kind, read_change
from services.lists.file import ListFileError, read_list_file
from services.lists.forms import FormList
from services.producer.feed import NotAFeedError, entries
from services.producer.files import FORMATS
from services.producer.item import Item, Problem
from services.producer.read import Reading, read
from services.runtime.records import Record, decode
from services.stance.watched import IssueList
from services.text.clean import clean
from services.text.safe import visible

_NOW = datetime(2026, 3, 11, 7, 30, tzinfo=UTC)
_NOT_SHOWN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_JOINERS = "\u200c\u200d"


def document(data: bytes) -> None:
    """A message of the documents' topic: the first byte is the length of its key."""
    key, value = _cut(data)
    incoming = Incoming(key or None, value, _NOW, "news.documents/0/0")
    (work,) = _intake()([incoming])
    event = work.event
    assert Work.model_validate_json(work.model_dump_json()) == work
    assert 1 <= len(event.id) <= MAX_ID
    if event.status is Status.REJECTED:
        assert work.done
        assert event.rejection is not None
        assert 0 < len(event.rejection.message) <= MAX_EXPLANATION
        return
    assert event.status is Status.ENRICHED
    assert not work.done
    assert work.fingerprint is not None
    _check_clean(event.text)
    _check_clean(event.title)
    if not event.processing.notes:
        assert (event.title, event.text) == _fields(value)


def _fields(value: bytes) -> tuple[str, str]:
    """Title and text as another reader of JSON sees them. Of a name that is there twice both take the last."""
    found = json.loads(value.decode())
    return found.get("title") or "", found["text"]


def cleaning(data: bytes) -> None:
    """A text, in UTF-8 with lone surrogates let through."""
    _check_clean(data.decode("utf-8", "surrogatepass" if data[:1] == b"\xed" else "replace") if _decodes(data) else "")


def _decodes(data: bytes) -> bool:
    try:
        data.decode("utf-8", "surrogatepass" if data[:1] == b"\xed" else "replace")
    except UnicodeDecodeError:
        return False
    return True


def _check_clean(raw: str) -> None:
    cleaned = clean(raw)
    assert len(cleaned.starts) == len(cleaned.ends) == len(cleaned.text)
    reached = (0, 0)
    for start, end in zip(cleaned.starts, cleaned.ends, strict=True):
        assert 0 <= start < end <= len(raw)
        assert (start, end) >= reached
        assert end >= reached[1]
        reached = (start, end)
    cleaned.text.encode()
    assert clean(raw) == cleaned


def feed(data: bytes) -> None:
    """RSS or Atom, as the child process of the producer parses it."""
    try:
        found = entries(data)
    except NotAFeedError as error:
        assert len(str(error)) < 400
        return
    for number, entry in enumerate(found, 1):
        assert entry.number == number
        assert entry.fault or entry.fields["text"].strip()
        written = json.dumps(entry.fields, ensure_ascii=False).encode()
        assert len(written) < 50 * len(data) + 20_000, "entities were expanded"


def file(data: bytes) -> None:
    """A file that the producer reads, but no feed or page: the first byte is its format, the second how it is read."""
    kinds = [one for one in FORMATS if one not in ("feed", "html")]
    first, second = (*data[:2], 0, 0)[:2]
    columns = {"text": "body", "title": "head"} if second & 2 else {}
    reading = Reading(kinds[first % len(kinds)], bool(second & 1), columns, "content" if second & 4 else "name")
    for found in read("-", reading, io.BytesIO(data[2:])):
        if not isinstance(found, Item | Problem):  # what was passed over, and how the file was read
            str(found).encode(errors="surrogatepass")
            continue
        str(found.origin).encode()
        if isinstance(found, Item):
            assert found.value is not None
            assert len(found.value) <= MAX_MESSAGE_BYTES
            assert found.key is None or 0 < len(found.key.decode()) <= MAX_ID
            if not reading.raw and reading.format != "raw":
                assert isinstance(json.loads(found.value), dict)


def listed(data: bytes) -> None:
    """The lists of watched entities and issues: as a file (JSON Lines or CSV), and as messages of their Kafka topics."""
    first = data[0] if data else 0
    listed: FormList[Any, Any] = WatchList() if first & 1 else IssueList()
    with contextlib.suppress(ListFileError):
        for entry in read_list_file(listed.kind, _written(data[1:], ".csv" if first & 2 else ".jsonl")):
            listed.put(entry)
    ids = []
    for line in data[1:].split(b"\n")[:20]:
        key, value = _cut(line)
        for change in ((key, value), _own_key(listed.kind, value)):
            try:
                identity, made = read_change(listed.kind, *change)
            except ValueError as error:
                assert [visible(str(error))] == str(error).splitlines(), "a log would show more than one line"
                continue
            ids.append(identity)
            if made is not None:
                listed.put(made)
    listed.find("Acme said Bank of Utopia and " + data.decode("utf-8", "replace"))  # type: ignore[attr-defined]
    for identity in [*ids, *listed._entries]:
        listed.delete(identity)
    assert (len(listed), listed.digest, listed._forms, listed._lengths) == (0, "", {}, {})


def _own_key(kind: Kind[Any], value: bytes) -> tuple[bytes, bytes]:
    try:
        return kind.model.model_validate_json(value).id.encode(), value
    except (ValidationError, UnicodeEncodeError):
        return b"?", value


def event(data: bytes) -> None:
    """A message of the output topic, as ``consume``, the console and a late stage read it; the same as a dead letter."""
    key, value = _cut(data)
    headers = tuple((f"stancewire.{name}", value[:300]) for name in ("topic", "stage", "message")) + _headers(key)
    record = Record("news.enriched", 0, 7, key, value, 1_000.0, headers)
    shown = io.StringIO()
    console = Console(file=shown, width=100, force_terminal=False)
    received = read_event(record)
    show_received(console, received)
    letter = read_letter(record)
    show_letter(console, letter)
    for line in shown.getvalue().split("\n"):
        assert not [c for c in line if unicodedata.category(c) in _NOT_SHOWN and c not in _JOINERS], repr(line)
    with contextlib.suppress(ValidationError):
        decode(record)
    assert record.attempt >= 1
    assert re.fullmatch(r"[A-Za-z0-9._-]+/[0-9]+/[0-9]+", record.origin)
    read_book(3, value[:200].decode("utf-8", "replace"))
    if received.event is not None:
        state = State(10, 1_000_000)
        for change in state.add(received.event, value):
            if change.kept is not None:
                json.dumps(card(change.kept)).encode()
                list(state.named("acme"))


def _headers(key: bytes) -> tuple[tuple[str, bytes], ...]:
    names = (
        "stancewire.origin",
        "stancewire.attempt",
        "stancewire.failed_at",
        "stancewire.reason",
        "stancewire.status",
    )
    return tuple(zip(names, key.split(b"\x01"), strict=False))


def query(data: bytes) -> None:
    """What a person types or a page asks: where to start, and the filters of the stream."""
    words = data.decode("utf-8", "surrogateescape")
    try:
        start = parse_start(words, _NOW)
    except ValueError as error:
        assert len(str(error)) < 400
    else:
        assert start in ("beginning", "end") or (isinstance(start, datetime) and start.timestamp() >= 0)
    try:
        wanted = select(parse_qs(words, keep_blank_values=True, max_num_fields=100))
    except ValueError as error:
        assert len(str(error)) < 400
        return
    for kept in _kept():
        assert wanted(kept) in (True, False)


def call(data: bytes) -> None:
    """The command line: arguments apart by line ends, without a broker; what would start one, or a model, is left out."""
    arguments = data.decode("utf-8", "surrogateescape").replace("\0", "").split("\n")[:20]
    if any(one in ("run", "broker", "enrich", "inspect", "worker", "console", "canary") for one in arguments) or any(
        one.startswith("--") and ("install" in one or "show-c" in one) for one in arguments
    ):
        return
    said = io.StringIO()
    with _no_settings(), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), _arguments(arguments):
        kafka = logging.getLogger("kafka")
        before = (
            terminal.out._file,
            terminal.err._file,
            sys.stdin,
            kafka.level,
        )  # ``file`` would be today's stdout, for ever
        terminal.out.file = terminal.err.file = said
        sys.stdin = io.TextIOWrapper(io.BytesIO(b'{"text": "x"}'))
        try:
            main()
            status: Any = 0
        except SystemExit as end:
            status = end.code
        finally:
            terminal.out._file, terminal.err._file, sys.stdin, level = before
            kafka.setLevel(level)
    assert status in (None, 0, 1, 2), status
    assert "Traceback" not in said.getvalue()


@contextlib.contextmanager
def _arguments(arguments: Sequence[str]) -> Iterator[None]:
    before, sys.argv = sys.argv, ["stancewire", *arguments]
    try:
        yield
    finally:
        sys.argv = before


@contextlib.contextmanager
def _no_settings() -> Iterator[None]:
    """A folder of its own, where no broker is, and no setting from outside."""
    before, here = dict(os.environ), Path.cwd()
    for name in before:
        if name.startswith("STANCEWIRE_"):
            del os.environ[name]
    os.chdir(_folder())
    try:
        yield
    finally:
        os.chdir(here)
        os.environ.clear()
        os.environ.update(before)


def _cut(data: bytes) -> tuple[bytes, bytes]:
    """The key, as long as the first byte says, and the rest."""
    size = data[0] if data else 0
    return data[1 : 1 + size], data[1 + size :]


def _written(content: bytes, suffix: str) -> Path:
    path = _folder() / f"list{suffix}"
    path.write_bytes(content)
    return path


@cache
def _folder() -> Path:
    _folder.kept = tempfile.TemporaryDirectory()  # type: ignore[attr-defined]
    return Path(_folder.kept.name)  # type: ignore[attr-defined]


@cache
def _intake() -> Intake:
    return Intake(IntakeSettings(), "0", Fingerprinter(DedupSettings()))


@cache
def _kept() -> tuple[Any, ...]:
    state = State(10, 1_000_000)
    (work,) = _intake()([Incoming(b"k", _DOCUMENT, _NOW, "t/0/0")])
    return tuple(change.kept for change in state.add(work.event, work.event.model_dump_json().encode()))


_DOCUMENT = json.dumps(
    {
        "id": "herald-1", "url": "https://herald.example/1", "source": "herald.example", "title": "Tunnel &amp; council",
        "text": "Mara Voss called the harbour tunnel a gift to the city. <p>Councillor Ito opposed it .</p>",
        "published_at": "2026-03-11T06:00:00Z", "language": "en", "revision": 2, "metadata": {"a": [1, {"b": None}]},
    }
).encode()  # fmt: skip
_WATCHED = (
    WatchedEntity(id="ACME", name="Acme Rocket Works", type="ORG", aliases=("Acme", "A.C.M.E."))
    .model_dump_json()
    .encode()
)
_ISSUE = WatchedIssue(id="ferry", name="free ferries", phrases=("ferry fares",)).model_dump_json().encode()
_RSS = b"""<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "b">]><rss version="2.0"><channel><title>T</title><item><title>A</title>
<guid>7</guid><link>https://a.example/</link><pubDate>Wed, 11 Mar 2026 06:00:00 GMT</pubDate>
<description>&lt;p&gt;S</description></item>
</channel></rss>"""
_ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>
<entry><id>urn:x</id><title>A</title><updated>2026-03-11T06:00:00Z</updated>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Hi</div></content><link href="https://a.example/"/></entry></feed>"""
_EVENT = (
    b'{"event_id":"e","id":"a","status":"enriched","title":"T","text":"Acme rose.","entities":[{"id":"e1","name":"Acme",'
    b'"type":"ORG","salience":1.0,"mentions":[{"field":"text","start":0,"end":4,"text":"Acme"}]}],"stances":[{"holder":'
    b'{"kind":"author"},"target":{"kind":"entity","entity":"e1"},"stance":"favor","confidence":0.9,"probabilities":{"favor":0.9,'
    b'"against":0.05,"neutral":0.05},"evidence":[{"field":"text","start":0,"end":10}]}],"processing":{"pipeline":"0",'
    b'"received_at":"2026-03-11T07:30:00Z"}}'
)

TARGETS: Mapping[str, Callable[[bytes], None]] = {
    target.__name__: target for target in (document, cleaning, feed, file, listed, event, query, call)
}
SEEDS: Mapping[str, Sequence[bytes]] = {
    "document": [b"\x01k" + _DOCUMENT, b"\x00" + b'{"text": "\\ud83d\\ude00 na\xc3\xafve"}', b'\x00{"text": 3}'],
    "cleaning": [
        "<p>It 's &amp;amp; â€œ said</p> N . Y . $ 4 . 1\u2028`` so ''".encode(),
        "e\u0301 \xad\u200b\ufb01".encode(),
    ],
    "feed": [_RSS, _ATOM],
    "file": [
        bytes([number, how]) + content
        for number, content in enumerate(
            [
                b"Head\n\nBody.\n",
                b"[" + _DOCUMENT + b',{"text":"x"}]',
                _DOCUMENT + b"\n" + _DOCUMENT,
                b'text,title,metadata\n"a ""b""\nc",d,"{""x"":1}"\n',
                b"body\thead\na\tb\n",
                b"\xff",
            ]
        )
        for how in (0, 3)
    ],
    "listed": [
        b"\x01" + _WATCHED,
        b"\x00" + _ISSUE,
        b"\x03id,name,type,aliases\nA,Acme,ORG,B|C\n",
        b"\x01\x04ACME" + _WATCHED,
    ],
    "event": [b"\x00" + _EVENT, b"\x20news.documents/0/3\x012\x012026-03-11" + _EVENT, b"\x03abc{}"],
    "query": [
        b"2026-03-27T18:00",
        b"15m",
        b"entity=Acme&stance=against%3Aacme&source=*.example&status=enriched&text=tunnel",
    ],
    "call": [
        b"consume\n--from\nend\n--stance\nfavor:x\n--limit\n3",
        b"produce\nx.csv\n--map\ntext=body\n--rate\n2",
        b"settings",
        b"watch\nadd\nA\nAcme\n--type\nORG",
        b"deadletters\nreplay\n--max\n3\n--reason\nschema",
        b"deadletters\nshow\n0:1",
        b"topics\ncreate",
        b"withdraw\na",
        b"targets\nload\nx.csv\n--replace",
        b"produce\n-\n--format\njsonl\n--raw\n--limit\n1",
    ],
}
