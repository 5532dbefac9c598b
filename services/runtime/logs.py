"""How our processes log: on stderr, one line a message, nothing that a terminal would obey, no password.

Ids, keys and names of fields are the senders', and a message that quotes one must not be able to look like two. What a password
is, is known from the environment; that libraries do not log it in another form is for ``kafka`` to see to.
"""

import contextlib
import logging
import os
import re
import sys
from collections.abc import Iterator

from services.runtime.settings import FILE, secret_in

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""All control characters but the tab and the line end, further line ends, and what turns the direction of writing."""
_SHORTEST = 4
"""Characters of a password that is masked: a shorter one is in any text, and masking would only show where."""


class _Lines(logging.Formatter):
    def __init__(self, form: str) -> None:
        super().__init__(form)
        forms = {
            form for one in _secrets() for form in (one, repr(one)[1:-1], ascii(one)[1:-1], repr(one.encode())[2:-1])
        }
        longest_first = sorted(
            map(re.escape, filter(lambda form: len(form) >= _SHORTEST, forms)), key=len, reverse=True
        )
        self._secrets = re.compile("|".join(longest_first)) if longest_first else None

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        record.message = record.message.replace("\n", "\\n")
        return super().formatMessage(record)

    def format(self, record: logging.LogRecord) -> str:
        text = _CONTROLS.sub(lambda found: ascii(found[0])[1:-1], super().format(record))
        return self._secrets.sub("**********", text) if self._secrets else text


def _secrets() -> Iterator[str]:
    """The passwords of the environment, and of the files that it names."""
    for name, value in os.environ.items():
        if re.fullmatch(r"STANCEWIRE_\w*PASSWORD", name):
            yield value
        elif re.fullmatch(rf"STANCEWIRE_\w*PASSWORD{FILE}", name):
            with contextlib.suppress(ValueError):  # it was there when the settings were read; what is gone is in no log
                yield secret_in(value)


def configure(level: str | int, form: str = "%(asctime)s %(levelname)s %(name)s: %(message)s") -> None:
    """Log to stderr from ``level`` on; what is logged already stays as it is set up."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines(form))
    logging.basicConfig(level=level, handlers=[handler])
