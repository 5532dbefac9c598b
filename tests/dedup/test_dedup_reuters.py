"""Against an oracle: every pair of Reuters items with its exact Jaccard similarity (which leaves out very common shingles, and so
is a lower bound of ours), replayed as a stream."""

from pathlib import Path

from evaluation.dedup import read, replay

ITEMS = 3_000
"""The first sixth of the stream: 483 pairs, of which 89 are half alike. One that is not found is more than the limit allows."""


def test_recall_against_the_oracle(shared: Path) -> None:
    stream, pairs = read(shared / "data" / "reuters21578", ITEMS)
    assert len(pairs) > 100
    done = replay(stream, pairs)
    recalls = done.recall(0.5), done.recall(0.8)
    assert recalls[0] is not None
    assert recalls[0] >= 0.99
    assert recalls[1] == 1.0
    assert done.wrong() == []
