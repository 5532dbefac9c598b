"""Cleaning: a text as received becomes a text that reads as it was printed, with the way back to each raw offset.

Decides the order of the repairs and when they are done. What dirt looks like is decided in ``markup``, ``markdown``,
``mojibake``, ``characters``, ``divided``, ``tokenised`` and ``quotes``. No word is removed and none added: what was destroyed
before stays so. The story alone is the clean text without what ``furniture`` finds around it.
"""

from collections.abc import Callable, Sequence

from services.text import characters, divided, furniture, markdown, markup, mojibake, tokenised
from services.text.offsets import Cleaned, Edit, apply, untouched

__all__ = ["Cleaned", "clean", "clean_story"]

Repair = Callable[[str], list[Edit]]
_REPAIRS: tuple[Repair, ...] = (
    markup.tags,
    markup.entities,
    markdown.marks,
    mojibake.repairs,
    mojibake.compositions,
    characters.substitutes,
    divided.words,
    characters.blanks,
    tokenised.escapes,
    tokenised.spaces,
)
"""In this order: entities make Markdown, mojibake and spaces, mojibake makes spaces, words are divided at line ends, which are
spaces afterwards, punctuation is judged with single spaces."""
_STORY = (*_REPAIRS, furniture.pieces)
"""Furniture is found in whole lines of a text that is clean."""
_MAX_ROUNDS = 5
"""A repair can uncover more dirt (``&lt;p&gt;`` becomes a tag), so they run in turn until none finds anything. Real text is done
within two rounds, with escaped markup three; the limit bounds what dirt nested on purpose costs."""


def clean(raw: str) -> Cleaned:
    """The clean form of ``raw``, whatever is in it. The same input gives the same output, and nothing is raised.

    Mended are: HTML tags, comments, scripts and entities; Markdown; text decoded with the wrong encoding; words divided at line
    ends; characters that are not seen; spaces (one plain space each) and line breaks (a space, or "\\n\\n" between paragraphs);
    and the marks that tokenisers leave, such as ``the nation 's``, ``$ 4 . 1 billion`` and ``" so , " he said .``.
    A text with nothing to mend comes back equal, with ranges for maps.

    A clean text is cleaned to itself, except where dirt was nested deeper than the rounds that are run.
    The time is linear in the length of the text.
    """
    return _repaired(raw, _REPAIRS)


def clean_story(raw: str) -> Cleaned:
    """``clean``, without what a scraper took along from around the story: for all that reads what a document says."""
    return _repaired(raw, _STORY)


def _repaired(raw: str, repairs: Sequence[Repair]) -> Cleaned:
    draft = untouched(raw)
    unchanged = 0  # repairs in a row, up to now, that have found nothing to mend
    for repair in (*repairs,) * _MAX_ROUNDS:
        edits = repair(draft.text)
        mended = apply(draft, edits) if edits else draft
        unchanged = unchanged + 1 if mended.text == draft.text else 0
        draft = mended
        if unchanged == len(repairs):
            break
    return draft
