"""Stancewire beside what a team would write itself: the same models, the same Kafka, the same documents.

Each program is a module of its own, as short as a good user would write it. ``programs`` says how they are started, ``exchange``
how documents get in and events out, ``rounds`` what is measured. Nothing heavy is imported here: what this package imports, every
program holds in memory.
"""

from typing import Any

DOCUMENTS = 36
"""At each share of copies, in all rounds together."""


def measure(documents: int) -> dict[str, Any]:
    """As ``rounds.measure``."""
    from evaluation.bench.peers import rounds

    return rounds.measure(documents)
