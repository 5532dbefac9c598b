"""Texts and the targets asked about, as the encoder reads them: in word pieces, one text once, whatever number of targets.

A text is ``[CLS] text [SEP]``. Each target is a *question* behind it: a mark (``ENTITY`` or ``TOPIC``), then the target's own
pieces again, at the positions that they have in the text, or, for a topic, its wording. The pieces of a question see the
text and their question; the pieces of the text see the text alone. So a text costs the same for one target and for ten, and
no question sees another (after Zhong and Chen 2021, A Frustratingly Easy Approach, "approximation").
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.text.wordpiece import WordPieces

ENTITY, TOPIC = 2, 3
"""Ids of the marks: ``[unused1]`` and ``[unused2]`` of the vocabulary."""
MOST_PIECES = 256
"""Pieces of a text: of 300,000 news sentences one in a thousand is longer, and a reader's comment of 200 words fits."""
_ROOM = MOST_PIECES - 2
MOST_QUESTION = 24
"""Pieces of a target's name or wording."""

Target = tuple[int, int] | str
"""Where a text names an entity (code points), or the wording of a topic."""

_PART = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Asked:
    """A text with its questions. The lists run in parallel: ``questions`` is 0 for the text, i for its i-th question;
    ``places`` are the marks, one for each target, in order."""

    pieces: list[int]
    positions: list[int]
    questions: list[int]
    places: list[int]


def spell(text: str, targets: Sequence[Target], pieces: WordPieces) -> Asked:
    """A text with its questions. What is over ``MOST_PIECES`` is cut around the first name that is asked about; a name that is no
    longer there is asked about at the nearer end."""
    names = [target for target in targets if not isinstance(target, str)]
    words = _words(text, sorted({bound for name in names for bound in name}), pieces)
    flat = [piece for word in words for piece in word.pieces]
    skipped = _skipped(words, len(flat), names)
    made = [pieces.first, *flat[skipped : skipped + _ROOM], pieces.last]
    asked = Asked(made, list(range(len(made))), [0] * len(made), [])
    for target in targets:
        if isinstance(target, str):
            _ask(asked, TOPIC, 1, [piece for word in _words(target, (), pieces) for piece in word.pieces])
        else:
            own = [word for word in words if target[0] <= word.start and word.end <= target[1]]
            place = 1 + own[0].place - skipped if own else 1
            _ask(asked, ENTITY, place, [piece for word in own for piece in word.pieces])
    return asked


class _Word(NamedTuple):
    """A word at ``start:end`` (code points), or a part of one where a name's bound cuts it; ``place`` counts pieces of the text."""

    start: int
    end: int
    place: int
    pieces: tuple[int, ...]


def _words(text: str, bounds: Iterable[int], pieces: WordPieces) -> list[_Word]:
    words: list[_Word] = []
    place = 0
    for start, end in _cut(text, bounds):
        own = pieces.pieces(text[start:end])
        words.append(_Word(start, end, place, own))
        place += len(own)
    return words


def _skipped(words: Sequence[_Word], size: int, names: Sequence[tuple[int, int]]) -> int:
    """The pieces at the beginning that are left out of a text of ``size`` pieces."""
    if size <= _ROOM or not names:
        return 0
    middle = next((word.place for word in words if word.start >= names[0][0]), 0)
    return max(0, min(middle - _ROOM // 2, size - _ROOM))


def _ask(asked: Asked, mark: int, place: int, pieces: Sequence[int]) -> None:
    """Put a question behind the others. Its mark and its first piece stand at the position ``place``."""
    own = [mark, *pieces[:MOST_QUESTION]]
    asked.places.append(len(asked.pieces))
    asked.questions.extend([len(asked.places)] * len(own))
    asked.pieces.extend(own)
    asked.positions.extend(min(max(1, place) + max(0, ahead - 1), MOST_PIECES - 1) for ahead in range(len(own)))


def _cut(text: str, bounds: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The words of a text, cut at white space and at ``bounds`` (in order)."""
    ahead = iter(bounds)
    bound = next(ahead, len(text))
    for match in _PART.finditer(text):
        start, end = match.span()
        while bound <= start:
            bound = next(ahead, len(text) + 1)
        while bound < end:
            yield start, bound
            start = bound
            bound = next(ahead, len(text) + 1)
        yield start, end
