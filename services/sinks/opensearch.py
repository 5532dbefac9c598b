"""Events as documents of an index of OpenSearch or Elasticsearch: what is true now, one for each document of the news.

``plan`` decides what takes the place of what. For that the sink asks what stands of a batch's ids, and then writes with the
sequence number that it saw: where another process was faster, the server refuses, and what stands is asked for again. A version of
its own for each document would need one request less, and cannot say it: a revision counts before a time, until a withdrawal, after
which any revision counts. A withdrawn document leaves its id and a time in its place, hidden from the alias that is searched.

A server acknowledges a document when it is on the disks of all copies that are in step; offsets are committed after that. Of a
document that is refused the server says so in its own place of the answer, and all others are written.

Four kinds of request are all that is needed, so they are made with aiohttp, which is here; the official clients would each speak to
one of the two servers alone.
"""

import asyncio
import json
import ssl
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from services.runtime.settings import SettingsError, load
from services.sinks.indexed import PROPERTIES, STATE, body, identity, missing, state, template, tombstone
from services.sinks.plan import Order, Standing, make_plan
from services.sinks.settings import OpensearchSettings
from services.sinks.sink import Arrival, AwayError, PartlyRefusedError, RefusedError

LAYOUT = 1
"""Version of the documents' rules; the index's name ends with it. A new field of the event needs no new one: it is mapped at the
start."""
_BYTES = 4 * 1024 * 1024
"""Of events in a request. Servers take 100 MB, small ones of a cloud 10, and 5 to 15 are written fastest."""
_PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds before the same is sent again. Five times two answers of 15 s at most are 158 s with these, and after 180 s the sink
counts as hanging. After the last one the sink is opened again, which is tried for ever."""
_LATER = (408, 429, 502, 503, 504)
"""Answers that pass: the server is busy, starts, or is behind a proxy that cannot reach it. 500 is one, too."""
_PREVIEW = " Preview of field's value"
"""From here on a server's reason repeats what is in the document."""


class _LaterError(Exception):
    """The server does not take it now; the message says why."""


@dataclass
class _There:
    """What the index has of the ids that were asked for: what stands, when they were withdrawn, and what a change has to name."""

    standing: dict[str, Standing] = field(default_factory=dict)
    withdrawn: dict[str, Order] = field(default_factory=dict)
    seen: dict[str, dict[str, int]] = field(default_factory=dict)


@dataclass
class _Answers:
    """What a request was answered: the ids that were written, those that were refused and why, and why others must wait."""

    written: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    waiting: dict[str, str] = field(default_factory=dict)


class OpenSearch:
    """An index that is there.

    Args:
        settings: the server, who we are, and the index's name.
        pause: waits for so many seconds.

    Raises:
        AwayError: no server answers, or it does not let us in. SettingsError: a setting is wrong or missing.
    """

    seconds = 0.0
    size = _BYTES

    def __init__(self, settings: OpensearchSettings, pause: Callable[[float], None] = time.sleep) -> None:
        self.most = settings.batch_events
        self._url, self._host = _address(settings)
        self._index = f"{settings.index}-{LAYOUT}"
        self._alias = settings.index
        self._pause = pause
        headers, trust = _login(settings), _trust(settings)
        self._runner = asyncio.Runner()
        self._session = self._runner.run(_open(headers, trust, settings.seconds))
        try:
            self._set_up()
        except _LaterError as error:
            self.close()
            raise AwayError(f"{self._host} cannot be used: {error}") from None
        except (AwayError, SettingsError):
            self.close()
            raise

    def write(self, arrivals: Sequence[Arrival]) -> int:
        """Bring the index up to these events. Returns how many documents changed."""
        waiting, pauses = list(arrivals), iter(_PAUSES)
        changed, refused = 0, dict[str, str]()
        while waiting:
            try:
                answers, at_fault = self._write(waiting)
            except _LaterError as error:
                answers, at_fault = _Answers(waiting={one.event.id: str(error) for one in waiting}), {}
            changed += len(answers.written)
            refused |= at_fault
            # of an id whose newest event is refused, the one before it takes its place
            again = answers.waiting.keys() | answers.refused.keys()
            waiting = [one for one in waiting if one.event.id in again and one.record.position not in refused]
            if answers.waiting and waiting:
                why = next(iter(answers.waiting.values()))
                pause = next(pauses, None)
                if pause is None:
                    raise AwayError(f"{self._host} takes no events: {why}")
                self._pause(pause)
        if refused:
            raise PartlyRefusedError(changed, refused)
        return changed

    def flush(self) -> None:
        """Nothing: a document is safe when it is acknowledged."""

    def close(self) -> None:
        """Close the connections."""
        self._runner.run(self._session.close())
        self._runner.close()

    def _write(self, arrivals: Sequence[Arrival]) -> tuple[_Answers, dict[str, str]]:
        """Write what these events change. Returns the answers, and position -> why of the events that are refused."""
        there = self._look({one.event.id for one in arrivals})
        plan = make_plan(arrivals, there.standing, there.withdrawn)
        gone = there.withdrawn | plan.withdrawn
        bodies = {whose: tombstone(whose, order) for whose, order in plan.withdrawn.items()}
        wanted = {one.event.id: one for one in plan.wanted}
        bodies |= {whose: body(one.event, gone.get(whose)) for whose, one in wanted.items()}
        answers = self._bulk(bodies, there.seen) if bodies else _Answers()
        if stuck := [why for whose, why in answers.refused.items() if whose not in wanted]:
            raise AwayError(f"{self._host} does not take the withdrawal of a document: {stuck[0]}")
        return answers, {wanted[whose].record.position: why for whose, why in answers.refused.items()}

    def _look(self, ids: Iterable[str]) -> _There:
        """What the index has of these ids, what was acknowledged a moment ago included."""
        whose = {identity(one): one for one in ids}
        path = f"/{self._index}/_mget?_source_includes={','.join(STATE)}"
        there = _There()
        for one in self._say("POST", path, {"ids": list(whose)})["docs"]:
            if "error" in one:
                raise _LaterError(_reason(one["error"]))
            if not one["found"]:
                continue
            document = whose[one["_id"]]
            standing, withdrawn = state(one["_source"])
            there.seen[document] = {"if_seq_no": one["_seq_no"], "if_primary_term": one["_primary_term"]}
            if standing is not None:
                there.standing[document] = standing
            if withdrawn is not None:
                there.withdrawn[document] = withdrawn
        return there

    def _bulk(self, bodies: Mapping[str, dict[str, Any]], seen: Mapping[str, dict[str, int]]) -> _Answers:
        lines = []
        for document, one in bodies.items():
            action = "index" if document in seen else "create"
            lines += [{action: {"_id": identity(document)} | seen.get(document, {})}, one]
        said = self._say("POST", f"/{self._index}/_bulk", *lines, is_bulk=True)
        answers = _Answers()
        for document, (answer,) in zip(bodies, (item.values() for item in said["items"]), strict=True):
            status = answer["status"]
            if status < 300:
                answers.written.add(document)
            elif status == 400:
                answers.refused[document] = _reason(answer["error"])
            elif status == 409 or _passes(status):  # 409: another process has written it since we looked
                answers.waiting[document] = _reason(answer["error"])
            else:
                raise AwayError(f"{self._host} takes no documents ({status}): {_reason(answer['error'])}")
        return answers

    def _set_up(self) -> None:
        """Make what is missing: the template, the index, what its mapping lacks."""
        status, found = self._ask("GET", f"/{self._index}/_mapping")
        if status == 404:
            path = f"/_index_template/{self._index}"
            if self._ask("GET", path)[0] == 404:
                self._make(path, template(self._index, self._alias))
            self._make(f"/{self._index}", {})
            return
        if status >= 300:
            raise AwayError(f"{self._host} does not show the index {self._index}: {_told(status, found)}")
        (index,) = found.values()
        if new := missing(PROPERTIES, index["mappings"].get("properties", {})):
            status, said = self._ask("PUT", f"/{self._index}/_mapping", {"properties": new})
            if status >= 400:
                raise AwayError(f"{self._index} cannot be given fields that are new: {_told(status, said)}")

    def _make(self, path: str, what: object) -> None:
        status, said = self._ask("PUT", path, what)
        error = said.get("error", {})
        if status < 300 or error.get("type") == "resource_already_exists_exception":  # another process was quicker
            return
        why = f"{path} cannot be made: {_told(status, said)}"
        if status == 400:
            causes = error.get("caused_by", {})
            raise SettingsError(f"STANCEWIRE_OPENSEARCH_INDEX: {why}{f'; {_reason(causes)}' if causes else ''}")
        raise AwayError(f"{self._host}: {why}")

    def _say(self, method: str, path: str, *lines: object, is_bulk: bool = False) -> Any:
        """What the server answers to a request that it should take.

        Raises:
            RefusedError: what is in it is at fault. AwayError: it refuses us, whatever is in it. _LaterError: as of ``_ask``.
        """
        status, said = self._ask(method, path, *lines, is_bulk=is_bulk)
        if status < 300:
            return said
        if is_bulk and status in (400, 413):
            raise RefusedError(f"{self._host} answered {_told(status, said)}")
        raise AwayError(f"{self._host} does not let us {method} {path.partition('?')[0]}: {_told(status, said)}")

    def _ask(self, method: str, path: str, *lines: object, is_bulk: bool = False) -> tuple[int, Any]:
        """The status and the JSON of an answer. Raises _LaterError: there is none, or it asks us to come again."""
        data = b"".join(json.dumps(one, ensure_ascii=False).encode() + b"\n" for one in lines) or None
        kind = "application/x-ndjson" if is_bulk else "application/json"
        try:
            status, text = self._runner.run(self._send(method, path, data, kind))
        except TimeoutError:
            raise _LaterError(f"no answer in {self._session.timeout.total:g} s") from None
        except (aiohttp.ClientError, OSError) as error:
            raise _LaterError(f"{type(error).__name__}: {str(error)[:200]}") from None
        try:
            said = json.loads(text)
        except ValueError:
            said = {}
        if _passes(status):
            raise _LaterError(f"it answered {_told(status, said)}")
        if status < 300 and not said:
            raise AwayError(f"{self._host} does not answer as OpenSearch does; STANCEWIRE_OPENSEARCH_URL may be wrong")
        return status, said

    async def _send(self, method: str, path: str, data: bytes | None, kind: str) -> tuple[int, bytes]:
        headers = {"Content-Type": kind} if data else {}
        address = self._url + path
        async with self._session.request(method, address, data=data, headers=headers, allow_redirects=False) as answer:
            return answer.status, await answer.read()


async def _open(headers: Mapping[str, str], trust: ssl.SSLContext | bool, seconds: float) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        headers=headers,
        timeout=aiohttp.ClientTimeout(total=seconds),
        cookie_jar=aiohttp.DummyCookieJar(),
        connector=aiohttp.TCPConnector(ssl=trust),
    )


def _passes(status: int) -> bool:
    return status in _LATER or status == 500


def _told(status: int, said: Any) -> str:
    """An answer that says no, for a person."""
    error = said.get("error") if isinstance(said, dict) else None
    return f"{status}, {_reason(error)}" if error else str(status)


def _reason(error: Any) -> str:
    """What a server says is wrong, without what it repeats of the document."""
    if not isinstance(error, dict):
        return " ".join(str(error).split())[:300]
    said = f"{error.get('type')}: {error.get('reason')}"
    return " ".join(said.partition(_PREVIEW)[0].split())[:300]


def _address(settings: OpensearchSettings) -> tuple[str, str]:
    """The address without a slash at its end, and its host for messages."""
    if settings.url is None:
        raise SettingsError(
            "STANCEWIRE_OPENSEARCH_URL is not set; give the server, such as https://search.example:9200"
        )
    url = settings.url.get_secret_value().rstrip("/")
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        good = good and not (parts.username or parts.password or parts.query or parts.fragment)
    except ValueError:
        good = False
    if not good:
        raise SettingsError(
            "STANCEWIRE_OPENSEARCH_URL: not an address such as https://search.example:9200; who we are is given by "
            "STANCEWIRE_OPENSEARCH_USER and _PASSWORD, or _API_KEY"
        )
    return url, parts.hostname or ""


def _login(settings: OpensearchSettings) -> dict[str, str]:
    if settings.api_key is not None:
        if settings.user is not None:
            raise SettingsError("STANCEWIRE_OPENSEARCH_API_KEY, _USER: give one of them")
        return {"Authorization": f"ApiKey {settings.api_key.get_secret_value()}"}
    if settings.user is None:
        return {}
    password = settings.password.get_secret_value() if settings.password else ""
    return {"Authorization": aiohttp.encode_basic_auth(settings.user, password)}


def _trust(settings: OpensearchSettings) -> ssl.SSLContext | bool:
    if settings.cafile is None:
        return True
    try:
        return ssl.create_default_context(cafile=str(settings.cafile))
    except (OSError, ssl.SSLError) as error:
        why = "no certificate can be read from it" if isinstance(error, ssl.SSLError) else error.strerror
        raise SettingsError(f"STANCEWIRE_OPENSEARCH_CAFILE: {settings.cafile}: {why}") from None


def open_sink() -> OpenSearch:
    """The sink that the settings describe. Raises AwayError, SettingsError."""
    return OpenSearch(load(OpensearchSettings))
