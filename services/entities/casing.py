"""Headlines in title case or capitals, brought to the case of the story below them.

It decides which words of a headline lose their capital before a model reads it: those that the text does not write with
one, because what a headline names, its story names too. The length stays the same, so that offsets do. Title case hurts a
model trained on sentences: it takes whole clauses for names.
"""

from collections.abc import Iterable, Mapping, Sequence, Set

from services.entities.vocabulary import FUNCTION_WORDS
from services.entities.words import Word, find_words, fold, is_acronym, starts_sentence

_SHARE = 0.7
"""Of the words of four letters and more after the first, so many have a capital in title case. Sentence case has under a
half."""
_FEWEST = 3
"""So many such words are needed to tell."""
_STORY = 50
"""Words from which a text is a story that names what its headline names; below, only words that it writes small are
changed."""


def settle_case(title: str, text: str, capitals: Sequence[Word], small: Set[str]) -> str:
    """``title`` as long as before, where it is in title case or capitals with the case that ``text`` writes.

    ``capitals`` and ``small`` are the words of the text with a capital and in lower case. A title in sentence case is
    returned unchanged.
    """
    own = find_words(title)
    long = [word for word in own[1:] if len(word.text) > 3 and word.text.isalpha()]
    if len(long) < _FEWEST or sum(not word.lower for word in long) < _SHARE * len(long):
        return title
    wanted = {word.text.lower() for word in own}
    great = _usage(text, (word for word in capitals if word.text.lower() in wanted), small)
    loud, story = title.isupper(), text.count(" ") >= _STORY
    letters = list(title)
    for index, word in enumerate(own):
        first = index == 0 or title[own[index - 1].end] == ":"
        new = _cased(word.text, loud, first, small, great, story)
        if len(new) == len(word.text):
            letters[word.start : word.end] = new
    return "".join(letters)


def _usage(text: str, capitals: Iterable[Word], small: Set[str]) -> dict[str, str]:
    """Words that the text writes with a capital where none is due, or at the start of a sentence and never small."""
    great: dict[str, str] = {}
    begins: dict[str, str] = {}
    for word in capitals:
        lower = word.text.lower()
        if not starts_sentence(text, word.start):
            great.setdefault(lower, word.text)
        elif lower not in small:
            begins.setdefault(lower, word.text)
    return begins | great


def _cased(word: str, loud: bool, first: bool, small: Set[str], great: Mapping[str, str], story: bool) -> str:
    lower = word.lower()
    if lower in great:
        return great[lower] if loud or lower not in small else word
    if is_acronym(word) and not loud:
        return word
    if first:
        return word.capitalize() if loud else word
    if story or lower in small or fold(word) in FUNCTION_WORDS:
        return lower
    return word.capitalize() if loud else word
