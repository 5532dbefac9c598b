"""Who may ask what is served on loopback: only what calls it by a name of loopback.

A page elsewhere can have its own name resolved to 127.0.0.1 and then read what is served there (DNS rebinding); its name stands in
the request's Host header.
"""

_NAMES = {"127.0.0.1", "localhost", "::1"}


def is_loopback(host: str) -> bool:
    """Whether ``host``, a name or an address without a port, is this machine alone."""
    return host.lower() in _NAMES


def name_of(authority: str) -> str:
    """The host in a Host header, without its port."""
    if authority.startswith("["):
        return authority[1:].partition("]")[0]
    return authority.partition(":")[0]
