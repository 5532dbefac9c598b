"""Texts and the targets asked about, as the encoder reads them: in word pieces, one text once, whatever number of targets.

A text is ``[CLS] text [SEP]``. Each target is a *question* behind it: a mark (``ENTITY`` or ``ISSUE``), then the target's own
pieces again, at the positions that they have in the text, or, for an issue, its wording. The pieces of a question see the
text and their question; the pieces of the text see the text alone. So a text costs the same for one target and for ten, and
no question sees another (after Zhong and Chen 2021, A Frustratingly Easy Approach, "approximation").
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.text.wordpiece import WordPieces

ENTITY, ISSUE = 2, 3
"""Ids of the marks: ``[unused1]`` and ``[unused2]`` of the vocabulary."""
MOST_PIECES = 256
"""Pieces of a text: of 300,000 news sentences one in a thousand is longer, and a reader's comment of 200 words fits."""
_ROOM = MOST_PIECES - 2
MOST_QUESTION = 24
"""Pieces of a target's name or wording."""

Target = tuple[int, int] | str
"""Where a text names an entity (code points), or the wording of an issue."""


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
    flat, place_of = _flat(text, sorted({bound for name in names for bound in name}), pieces)
    skipped = _skipped(flat, place_of, names)
    made = [pieces.first, *flat[skipped : skipped + _ROOM], pieces.last]
    asked = Asked(made, list(range(len(made))), [0] * len(made), [])
    for target in targets:
        if isinstance(target, str):
            _ask(asked, ISSUE, 1, _flat(target, (), pieces)[0])
        else:
            begin, end = place_of[target[0]], place_of[target[1]]
            _ask(asked, ENTITY, 1 + begin - skipped if begin < end else 1, flat[begin:end])
    return asked


def _flat(text: str, bounds: Iterable[int], pieces: WordPieces) -> tuple[list[int], dict[int, int]]:
    """The pieces of a text, cut at white space and at ``bounds`` (code points, in order), and how many are before each of these."""
    flat: list[int] = []
    place_of: dict[int, int] = {}
    start = 0
    for bound in (*bounds, len(text)):
        for word in text[start:bound].split():
            flat += pieces.pieces(word)
        place_of[bound] = len(flat)
        start = bound
    return flat, place_of


def _skipped(flat: Sequence[int], place_of: Mapping[int, int], names: Sequence[tuple[int, int]]) -> int:
    """The pieces at the beginning that are left out of a text that has too many."""
    if len(flat) <= _ROOM or not names:
        return 0
    middle = place_of[names[0][0]]
    return max(0, min(middle - _ROOM // 2, len(flat) - _ROOM))


def _ask(asked: Asked, mark: int, place: int, pieces: Sequence[int]) -> None:
    """Put a question behind the others. Its mark and its first piece stand at the position ``place``."""
    own = [mark, *pieces[:MOST_QUESTION]]
    asked.places.append(len(asked.pieces))
    asked.questions.extend([len(asked.places)] * len(own))
    asked.pieces.extend(own)
    asked.positions.extend(min(max(1, place) + max(0, ahead - 1), MOST_PIECES - 1) for ahead in range(len(own)))
