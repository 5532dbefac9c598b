"""Characters that do not print, spaces of all kinds, and line breaks.

Decides what a reader does not see and what counts as the end of a paragraph. What is printed stays, except Latin
ligatures (``ﬁ``), Windows-1252 punctuation among the control codes, and an apostrophe lost to U+FFFD between letters.
"""

import re
from itertools import pairwise

from services.text.offsets import Edit

_LINE = "\n\r\x0b\u2028"
_PARAGRAPH = "\x0c\u2029"
_SPACE = " \t\x1c-\x1f\x7f\xa0\u1680\u2000-\u200a\u202f\u205f\u3000" + _LINE + _PARAGRAPH
_JOINERS = "\u200c\u200d"
_UNSEEN = (
    "\x00-\x08\x0e-\x1b\x81\x8d\x8f\x90\x9d\xad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0001" + _JOINERS
)
"""Control characters (not DEL: wire copy has it for a lost space), soft hyphens, zero-width characters, marks of direction
and of order."""
_UNDEFINED = {0x81, 0x8D, 0x8F, 0x90, 0x9D}
"""Codes that Windows-1252 gives no character."""
_CODES = {chr(code): bytes([code]).decode("cp1252") for code in range(0x80, 0xA0) if code not in _UNDEFINED}
"""What U+0080 to U+009F mean in text that passed for Latin-1: Windows-1252."""
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_INSTEAD = _CODES | _LIGATURES | {"\ufffd": "’"}
"""A lone surrogate is no character at all and becomes U+FFFD."""
_WRONG = re.compile(
    f"[{''.join(_INSTEAD)}\ud800-\udfff](?:(?<!\ufffd)|(?<=[^\\W\\d_]\ufffd)(?=(?:s|t|d|m|re|ve|ll)\\b))"
)

# Both begin with a set of characters: that is what ``re`` searches for fastest.
_BLANK = re.compile(f"[{_SPACE}{_UNSEEN}](?:[{_SPACE}{_UNSEEN}]+|(?<! ))")
"""A run of characters that leaves a space, a break or nothing. A single plain space does not count."""
_BLANK_IN_ASCII = re.compile(r"[\x00-\x20\x7f](?:[\x00-\x20\x7f]+|(?<! ))")
_SEEN = re.compile(f"[{_SPACE}]")
_BREAK = re.compile(f"\r\n|[{_LINE}]")
_NEW_PARAGRAPH = re.compile(f"[{_PARAGRAPH}]")

_WIDEST_WRAP = 120
"""The longest line of a text that can be wrapped at a fixed width. Paragraphs on a line each are longer."""
_NARROWEST_WRAP = 50
"""The longest line from which a text counts as wrapped if nothing else tells. Programs wrap at 60 to 80 characters; lists, poems
and tables are mostly narrower, and need the sign of ``_WRAPPED``."""
_WRAPPED = 0.5
"""Of the lines of a wrapped text after one that ends no sentence, so many or more begin with a small letter: in wire copy nine
in ten, in lists and poems hardly any."""
_SOME_SMALL, _ALL_FULL, _LEAST_LINES = 0.15, 0.9, 4
"""In a narrow column full of names fewer begin so; then nine in ten such lines, of four at least, must be filled."""
_FILLED = 0.85
"""A wrapped line and the next line's first word fill this share of the width; a shorter line was ended on purpose."""
_ITEM = re.compile(
    r"[•▪‣·*-] "
    r"|[A-Z][A-Z.'’,-]{0,40}(?: [A-Z(][A-Z.'’,()-]{0,40}){0,7}: "  # JANE ROE, HOST: Welcome
    r"|[(\[][A-Z][A-Z '’,-]{0,80}[)\]][ \t]*(?:[\n\r]|$)"  # (APPLAUSE)
)
"""What begins a line that is no wrapped line's rest: an item of a list, who speaks in a transcript, a sound in it."""
_ENDED = re.compile("[.!?:;…\"”’')\\]]")
_INDENTED = re.compile(r"[ \t]{2}$|\t$")
_HYPHENATED = re.compile(r"(?<=\w)-$")
_WORD = re.compile(rf"[^{_SPACE}]{{1,{_WIDEST_WRAP}}}")
_SUSPENDED = re.compile(r"(?:and|or|to|nor|but)\b")
"""``pre- and post-war``: the hyphen ends its word, and a space follows."""


def substitutes(text: str) -> list[Edit]:
    """Edits that put the right characters for ligatures, control codes that meant punctuation, and surrogates."""
    if text.isascii():
        return []
    return [(found.start(), found.end(), _INSTEAD.get(found[0], "\ufffd")) for found in _WRONG.finditer(text)]


def blanks(text: str) -> list[Edit]:
    """Edits that leave single spaces and paragraph breaks ("\\n\\n"), none at the ends, and nothing that is not seen.

    A single line break is a space where it continues a sentence (no full stop before it, a small letter after it) or
    where the text is wrapped at a fixed width; else, and before an indented line that begins a sentence, it ends a
    paragraph, as in texts of one paragraph a line.
    """
    edits: list[Edit] = []
    width = 0
    line = 0
    for found in (_BLANK_IN_ASCII if text.isascii() else _BLANK).finditer(text):
        run, (first, last) = found[0], found.span()
        if run == "\n\n" and first > 0 and last < len(text):  # as most are
            line = last
            continue
        breaks = len(_BREAK.findall(run)) + 2 * len(_NEW_PARAGRAPH.findall(run))
        if breaks == 1:
            width = width or _width(text)
        new = _left_by(text, first, last, breaks, width, line)
        if breaks:
            line = last
        if new != run:
            edits.append((first, last, new))
    if text.startswith(" ") and not (edits and edits[0][0] == 0):
        edits.insert(0, (0, 1, ""))
    if text.endswith(" ") and not (edits and edits[-1][1] == len(text)):
        edits.append((len(text) - 1, len(text), ""))
    return edits


def _width(text: str) -> int:
    """The length of the longest line of a text that is wrapped; of another one a length that none of these has.

    A narrow text is wrapped where most of its lines go on with a small letter; or where the lines are filled, which lists, poems
    and tables do not keep up, and at least some go on with a small letter.
    """
    lines = text.splitlines()
    width = max(map(len, lines))
    if not 0 < width < _NARROWEST_WRAP:
        return width
    pairs = [(before.rstrip(), after.strip()) for before, after in pairwise(lines) if before.strip() and after.strip()]
    open_ended = [(before, after) for before, after in pairs if not _ENDED.match(before[-1])]
    small = sum(after[0].islower() for _, after in open_ended)
    if small >= _WRAPPED * len(open_ended):
        return width
    full = sum(len(before) + 1 + len(after.split(maxsplit=1)[0]) >= _FILLED * width for before, after in open_ended)
    is_column = small >= _SOME_SMALL * len(open_ended) and full >= _ALL_FULL * len(open_ended)
    return width if is_column and len(open_ended) >= _LEAST_LINES else _WIDEST_WRAP + 1


def _left_by(text: str, first: int, last: int, breaks: int, width: int, line: int) -> str:
    """What stays of the run ``text[first:last]`` with ``breaks`` line breaks, which ends a line begun at ``line``."""
    run = text[first:last]
    if first == 0 or last == len(text):
        return ""
    if breaks > 1:
        return "\n\n"
    if breaks == 1:
        return _single_break(text, first, last, width, line)
    if _SEEN.search(run):
        return " "
    joins = run in _JOINERS and min(text[first - 1], text[last]) > "\u02ff"  # in emoji, Persian and Indic scripts
    return run if joins else ""


def _single_break(text: str, first: int, last: int, width: int, line: int) -> str:
    is_ended = _ENDED.match(text, first - 1)
    if _ITEM.match(text, last) or (is_ended and _INDENTED.search(text, first, last)):
        return "\n\n"
    if text[last].islower() and not is_ended:
        is_hyphenated = _HYPHENATED.search(text, max(0, first - 2), first) and not _SUSPENDED.match(text, last)
        return "" if is_hyphenated else " "
    word = _WORD.match(text, last)
    filled = first - line + 1 + (word.end() - last if word else 0)
    return " " if width <= _WIDEST_WRAP and filled >= _FILLED * width else "\n\n"
