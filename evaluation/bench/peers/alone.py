"""``python -m evaluation.bench.peers.alone [MODEL [names]]``: no Kafka. The limit of what any program around it can do.

A line on stdin is a JSON list of documents, a line on stdout the number of them, when they are done. Without a model it does what
all programs do; with one it is ``nlp.pipe`` over title and text, with all that a pipeline comes with or only its ``names``.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

Do = Callable[[list[dict[str, Any]]], object]


def work(*arguments: str) -> Do:
    """What is done with documents."""
    if not arguments:
        from evaluation.bench.peers.enrich import Enricher

        enrich = Enricher()
        return lambda documents: [enrich(json.dumps(one).encode()) for one in documents]
    import spacy

    from evaluation.stock import exhaust
    from services.entities.reading import load_pipeline

    model, *names = arguments
    nlp = load_pipeline(model) if names else spacy.load(model)
    return lambda documents: exhaust(nlp, [f"{one['title']}\n\n{one['text']}" for one in documents])


if __name__ == "__main__":
    do = work(*sys.argv[1:])
    for line in sys.stdin:
        documents = json.loads(line)
        do(documents)
        sys.stdout.write(f"{len(documents)}\n")
        sys.stdout.flush()
