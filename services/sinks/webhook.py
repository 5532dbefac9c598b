"""Alerts by HTTP: who took a side that is watched, or changed it, is posted to one address as JSON, signed.

An alert is sent when the side of a holder toward a target is new, or another one than was told last; ``sides`` remembers that. It
is signed as https://www.standardwebhooks.com says, for which receivers find libraries. What fails for now is tried again with
growing pauses; what is refused, or still fails, becomes a dead letter. Redirects are not followed: the address is the setting's,
and no answer changes it. An answer's body is not read.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from services.runtime.settings import Settings, SettingsError, load
from services.runtime.trace import Headers
from services.sinks.alerts import watched_stands
from services.sinks.settings import WebhookSettings
from services.sinks.sides import Sides
from services.sinks.sink import Arrival, AwayError, RefusedError

_AGAIN = (408, 425, 429)
"""Of the answers below 500, those that ask to be asked again."""
_LONGEST_PAUSE = 30.0
_BASE64 = "whsec_"
"""How a secret begins that is written as Standard Webhooks writes them: base64 follows."""


class _LaterError(Exception):
    """The receiver does not take it now; the message says why."""


class Webhook:
    """An open webhook.

    Args:
        settings: the address, the secret, and what is tried how often.
        state: the file that remembers sides.
        pause: waits for so many seconds.

    Raises:
        AwayError: the file cannot be used. SettingsError: the address or the secret is none.
    """

    most = 1
    """So that an event that takes long, or is sent in vain, costs no other one its place."""
    seconds = 0.0
    size = 1

    def __init__(self, settings: WebhookSettings, state: Path, pause: Callable[[float], None] = time.sleep) -> None:
        self._settings = settings
        self._url, self._host = _address(settings)
        self._secret = _secret(settings)
        self._pause = pause
        try:
            self._sides = Sides(state)
        except (OSError, sqlite3.Error) as error:
            raise AwayError(f"{state}, which remembers what was told, cannot be used: {error}") from error
        self._runner = asyncio.Runner()
        self._session: aiohttp.ClientSession | None = None

    def write(self, arrivals: Sequence[Arrival]) -> int:
        """Send the alerts of these events. Returns how many events had one."""
        return sum(self._alert(arrival) for arrival in arrivals)

    def flush(self) -> None:
        """Nothing: an alert was taken when ``write`` returns."""

    def close(self) -> None:
        """Close the connection and the file."""
        if self._session is not None:
            self._runner.run(self._session.close())
        self._runner.close()
        self._sides.close()

    def _alert(self, arrival: Arrival) -> bool:
        sent = False
        try:
            for stand in watched_stands(arrival.event, self._settings.minimum_confidence):
                last = self._sides.last(stand.pair)
                before, at = last if last is not None else (None, None)
                if at is not None and (stand.at < at or before == stand.side):
                    continue  # older than what was told, or the same
                self._deliver(stand.body(before), arrival.record.trace)
                self._sides.told(stand.pair, stand.side, stand.at)
                sent = True
        except sqlite3.Error as error:
            raise AwayError(f"what was told cannot be remembered: {error}") from error
        return sent

    def _deliver(self, alert: dict[str, Any], trace: Headers) -> None:
        body = json.dumps(alert, ensure_ascii=False).encode()
        for attempt in range(1, self._settings.attempts + 1):
            try:
                self._runner.run(self._post(alert["id"], body, trace))
                return
            except _LaterError as error:
                if attempt == self._settings.attempts:
                    why = f"{self._host} did not take the alert in {attempt} attempts: {error}"
                    raise RefusedError(why) from error
                self._pause(min(2.0 ** (attempt - 1), _LONGEST_PAUSE))

    async def _post(self, identity: str, body: bytes, trace: Headers) -> None:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=self._settings.seconds)
            self._session = aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())
        headers = sign(self._secret, identity, str(int(time.time())), body) | {"Content-Type": "application/json"}
        headers |= {name: value.decode() for name, value in trace}
        try:
            async with self._session.post(self._url, data=body, headers=headers, allow_redirects=False) as answer:
                status = answer.status
        except TimeoutError:
            raise _LaterError(f"no answer in {self._settings.seconds:g} s") from None
        except (aiohttp.ClientError, OSError) as error:
            raise _LaterError(type(error).__name__) from None  # its text has the address, which may hold a secret
        if status in _AGAIN or status >= 500:
            raise _LaterError(f"it answered {status}")
        if 300 <= status < 400:
            raise RefusedError(
                f"{self._host} answered {status}, a redirect, which is not followed; name where it leads"
            )
        if status >= 400:
            raise RefusedError(f"{self._host} answered {status}")


def sign(secret: bytes, identity: str, timestamp: str, body: bytes) -> dict[str, str]:
    """The headers that say who sent ``body`` and when, as Standard Webhooks has them. ``timestamp``: seconds since 1970."""
    signed = f"{identity}.{timestamp}.".encode() + body
    signature = base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
    return {"webhook-id": identity, "webhook-timestamp": timestamp, "webhook-signature": f"v1,{signature}"}


def _address(settings: WebhookSettings) -> tuple[str, str]:
    """The address, and its host for messages: the rest of it may hold a secret."""
    if settings.url is None:
        raise SettingsError("STANCEWIRE_WEBHOOK_URL is not set; give the address that alerts are posted to")
    url = settings.url.get_secret_value()
    try:
        parts = urlsplit(url)
        host = parts.hostname if parts.scheme in ("http", "https") and parts.port != 0 else None
    except ValueError:
        host = None
    if not host:
        raise SettingsError("STANCEWIRE_WEBHOOK_URL: not an address such as https://alerts.example/stances")
    return url, host


def _secret(settings: WebhookSettings) -> bytes:
    if settings.secret is None:
        raise SettingsError("STANCEWIRE_WEBHOOK_SECRET is not set; give the secret that alerts are signed with")
    written = settings.secret.get_secret_value()
    if not written.startswith(_BASE64):
        return written.encode()
    try:
        return base64.b64decode(written.removeprefix(_BASE64), validate=True)
    except binascii.Error:
        raise SettingsError(f"STANCEWIRE_WEBHOOK_SECRET: it begins with {_BASE64}, and no base64 follows") from None


def open_sink() -> Webhook:
    """The sink that the settings describe. Raises AwayError, SettingsError."""
    settings = load(WebhookSettings)
    return Webhook(settings, settings.state or load(Settings).data_dir / "webhook.sqlite")
