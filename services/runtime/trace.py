"""W3C Trace Context on a document's way: which of the headers of its message are passed on, from the document to its event.

``traceparent`` and ``tracestate`` are the sender's and not to be trusted: one that is not as the recommendation
(https://www.w3.org/TR/trace-context/) has it, or longer, is dropped, and harms no document. What is valid is passed on to the byte.
Spans of our own are made in ``otel``.
"""

import re
from collections.abc import Iterable

TRACEPARENT, TRACESTATE = "traceparent", "tracestate"
Headers = tuple[tuple[str, bytes], ...]

_PARENT = re.compile(rb"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-[!-~]{1,200})?")
"""Version, trace, parent, flags; a version after 00 may say more. 200 bytes of it: nobody has such a version yet."""
_MEMBER = re.compile(
    rb"(?P<key>[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})"
    rb"=[ -+\--<>-~]{0,255}[!-+\--<>-~]"
)
STATE_BYTES, _MEMBERS = 512, 32
"""The recommendation: 512 characters of a list must be passed on, and it has at most 32 members."""


def carried(headers: Iterable[tuple[str, bytes]]) -> Headers:
    """The trace context among the headers of a message, as headers: none where there is no valid ``traceparent``.

    Of several with one name the last counts, as for OpenTelemetry's own Kafka clients.
    """
    given = dict(headers)
    parent, state = given.get(TRACEPARENT, b""), given.get(TRACESTATE, b"")
    if not _is_parent(parent):
        return ()
    return ((TRACEPARENT, parent), (TRACESTATE, state)) if _is_state(state) else ((TRACEPARENT, parent),)


def trace_id(headers: Iterable[tuple[str, bytes]]) -> str | None:
    """The id of the trace that the headers of a message belong to, 32 hexadecimal digits; None where there is none."""
    found = carried(headers)
    return found[0][1][3:35].decode() if found else None


def _is_parent(value: bytes) -> bool:
    found = _PARENT.fullmatch(value)
    return found is not None and not (found[1] == b"00" and found[3])


def _is_state(value: bytes) -> bool:
    members = [one for member in value.split(b",") if (one := member.strip(b" \t"))]
    if len(value) > STATE_BYTES or not 0 < len(members) <= _MEMBERS:
        return False
    found = [_MEMBER.fullmatch(member) for member in members]
    keys = {one["key"] for one in found if one is not None}
    return len(keys) == len(members)
