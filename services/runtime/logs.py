"""How our processes log: on stderr, one line a message, nothing that a terminal would obey, no secret; as text, or as JSON.

Ids, keys and names of fields are the senders', and a message that quotes one must not be able to look like two. What a secret is,
is known from the environment; that libraries do not log it in another form is for ``kafka`` to see to.

JSON is written by the formatter here and not by a library: the fields are few, and the masking has to come before the quoting.
"""

import contextlib
import json
import logging
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Literal
from urllib.parse import unquote, urlsplit

from services.runtime.settings import FILE, secret_in

Form = Literal["text", "json"]
TERMINAL = ""
"""In the place of a process' name: whoever looks at it has started it, and needs no time and no name."""

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""All controls but the tab and the line end, further line ends, what turns the direction of writing, halves of characters."""
_SHORTEST = 4
"""Characters of a secret that is masked: a shorter one is in any text, and masking would only show where."""
_MASK = "**********"
_SECRET = re.compile(r"STANCEWIRE_\w*(PASSWORD|SECRET|TOKEN|API_KEY|URL)")
"""The variables of secrets: a test holds that every setting that is one has such a name. A sink's URL may have a password in it."""
_OTLP_HEADERS = re.compile(r"OTEL_EXPORTER_OTLP_(\w+_)?HEADERS")
"""Variables of OpenTelemetry in which a collector's key stands: name=value, name=value."""
_IN_LIBPQ = re.compile(r"password\s*=\s*('(?:[^'\\]|\\.)*'|[^\s&]+)")
_about: ContextVar[Mapping[str, str]] = ContextVar("about", default=MappingProxyType({}))


@contextlib.contextmanager
def about(**known: str | None) -> Iterator[None]:
    """What is logged in this context is about this: fields of a line of JSON, such as document_id and trace_id."""
    token = _about.set({**_about.get(), **{name: value for name, value in known.items() if value is not None}})
    try:
        yield
    finally:
        _about.reset(token)


class _Masked(logging.Formatter):
    """Finds the secrets of the environment when it is made, and hides them."""

    def __init__(self, form: str = "") -> None:
        super().__init__(form)
        forms = {form for one in _secrets() for form in _forms(one)}
        longest_first = sorted(
            map(re.escape, filter(lambda form: len(form) >= _SHORTEST, forms)), key=len, reverse=True
        )
        self._secrets = re.compile("|".join(longest_first)) if longest_first else None

    def masked(self, text: str) -> str:
        return self._secrets.sub(_MASK, text) if self._secrets else text


class _Lines(_Masked):
    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        record.message = record.message.replace("\n", "\\n")
        return super().formatMessage(record)

    def format(self, record: logging.LogRecord) -> str:
        return self.masked(_CONTROLS.sub(lambda found: ascii(found[0])[1:-1], super().format(record)))


class _Json(_Masked):
    """An object a line: time, level, logger, message; what is known of the process and of what it is about; the exception."""

    def __init__(self, process: Mapping[str, str]) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **self._process,
            **_about.get(),
        }
        if record.exc_info:
            said["exception"] = self.formatException(record.exc_info)
        line = json.dumps({name: self.masked(value) for name, value in said.items()}, ensure_ascii=False)
        return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", line)


def _forms(secret: str) -> Iterator[str]:
    """How a secret may stand in a line."""
    yield from (secret, repr(secret)[1:-1], ascii(secret)[1:-1], repr(secret.encode("utf-8", "surrogateescape"))[2:-1])
    yield from (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])


def _secrets() -> Iterator[str]:
    """The secrets of the environment, and of the files that it names."""
    for name, value in os.environ.items():
        if _SECRET.fullmatch(name):
            yield from _parts(name, value)
        elif _SECRET.fullmatch(name.removesuffix(FILE)):
            with contextlib.suppress(ValueError):  # it was there when the settings were read; what is gone is in no log
                yield from _parts(name.removesuffix(FILE), secret_in(value))
        elif _OTLP_HEADERS.fullmatch(name):
            for header in value.split(","):
                key = (header.partition("=")[2] or header).strip()  # one that is malformed is warned of
                yield from (key, unquote(key))


def _parts(name: str, value: str) -> Iterator[str]:
    """A secret as a whole, and what in it is one by itself: each of several tokens, the password of an address."""
    yield value
    if name.endswith("TOKEN"):
        yield from (one.strip() for one in value.split(","))
    if name.endswith("URL"):
        with contextlib.suppress(ValueError):  # it is no address
            password = urlsplit(value).password or ""
            yield from (password, unquote(password))
        for one in _IN_LIBPQ.findall(value):
            yield from (one, one.strip("'"), unquote(one))


def configure(level: str | int, process: str | None = None, form: Form = "text", stage: str | None = None) -> None:
    """Log to stderr from ``level`` on; what is logged already stays as it is set up.

    Args:
        level: the least severe that is logged.
        process: its name in the lines; None: the stage's, or each line has its logger's.
        form: how the lines are written.
        stage: whose process it is.
    """
    handler = logging.StreamHandler(sys.stderr)
    if form == "json":
        known = {"process": process, "stage": stage}
        handler.setFormatter(_Json({name: value for name, value in known.items() if value}))
        logging.captureWarnings(True)  # else they are printed, in lines of their own kind
    elif process == TERMINAL:
        handler.setFormatter(_Lines("%(levelname)s: %(message)s"))
    else:
        handler.setFormatter(_Lines(f"%(asctime)s %(levelname)s {process or stage or '%(name)s'}: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler])
