"""A stream that is rich in copies, of given texts or of words made up here; the same seed makes the same stream."""

import itertools
import json
import random
from collections.abc import Iterable, Sequence

Message = tuple[bytes, bytes | None]
"""Key and value of the documents' topic; no value: a withdrawal."""

_SYLLABLES = ("ba", "ke", "li", "mo", "nu", "ra", "se", "ti", "vo", "za", "du", "po")
_WORDS = 120
"""Of a text. A changed word changes five of its 116 shingles: two leave a Jaccard similarity of 0.84, eight one of about 0.5."""
_KINDS = {"new": 50, "exact": 14, "near": 10, "related": 8, "revised": 8, "withdrawn": 5, "again": 5}
"""How many of a hundred: ``near`` ends as a duplicate, ``related`` is near or not and goes on."""


class Copies:
    """Makes the messages one after the other."""

    def __init__(self, seed: int, texts: Iterable[str] = ()) -> None:
        """``texts``: what new documents say; when they are used up, words made up here."""
        self._random = random.Random(seed)  # noqa: S311 - any stream will do
        self._words = ["".join(self._random.choices(_SYLLABLES, k=3)) for _ in range(4000)]
        self._texts = iter(texts)
        self._standing: dict[str, tuple[int, list[str]]] = {}  # revision and text of what is not withdrawn
        self._sent: list[Message] = []
        self._numbers = itertools.count()

    def take(self, count: int) -> list[Message]:
        """The next ``count`` messages."""
        for _ in range(count):
            self._sent.append(self._next())
        return self._sent[len(self._sent) - count :]

    def text(self) -> str:
        """A text that no document of the stream has."""
        return " ".join(self._text(_WORDS))

    def _next(self) -> Message:
        kind = self._random.choices(tuple(_KINDS), tuple(_KINDS.values()))[0]
        number = next(self._numbers)
        if kind == "new" or not self._standing:
            return self._document(f"story-{number}", 1, self._new())
        if kind == "again":
            return self._random.choice(self._sent[-100:])
        chosen = self._random.choice(tuple(self._standing))
        revision, words = self._standing[chosen]
        match kind:
            case "withdrawn":
                del self._standing[chosen]
                return chosen.encode(), None
            case "revised":
                newest = self._changed(words, 2) if self._random.random() < 0.6 else self._new()
                return self._document(chosen, revision + 1, newest)
            case _:
                changes = {"exact": 0, "near": 1, "related": 8}.get(kind, 0)
                return self._document(f"{kind}-{number}", 1, self._changed(words, changes))

    def _new(self) -> list[str]:
        given = next(self._texts, None)
        return self._text(_WORDS) if given is None else given.split(" ")

    def _document(self, id: str, revision: int, words: Sequence[str]) -> Message:
        self._standing[id] = (revision, list(words))
        return document(id, " ".join(words), revision=revision)

    def _text(self, count: int) -> list[str]:
        return self._random.choices(self._words, k=count)

    def _changed(self, words: Sequence[str], changes: int) -> list[str]:
        changed = list(words)
        for place in self._random.sample(range(len(words)), min(changes, len(words))):
            changed[place] = self._random.choice(self._words)
        return changed


def document(id: str, text: str, **fields: object) -> Message:
    """A document that the intake stage takes."""
    return id.encode(), json.dumps({"id": id, "text": text, "language": "en", **fields}).encode()
