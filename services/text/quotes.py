"""Quotation marks with a space on either side, as tokenisers leave them: which of them open and which close.

Decides which spaces beside a mark go. A mark that is attached to a word on one side says itself what it is; it stays.
"""

import re
from collections.abc import Iterator

_FLOATING = re.compile(r"\"(?<!\S\")(?!\S)")
_CURLY = re.compile(r" (?:(?<=[\s(\[—-]“ )|(?<=^“ )|(?=”(?:[\s.,;:!?)\]—-]|$)))(?=\S)")
_BEFORE_OPENING = " ([{—–-/"
_AFTER_CLOSING = " .,;:!?)]}—–-/"

# What a reading costs. Only the order matters: an attached mark outweighs two lost marks, a lost mark outweighs a hint.
_ATTACHED = 5
"""Reading a mark against the side on which it is attached."""
_LOST = 2
"""Two marks in a row that open, or that close: one between them was lost."""
_HINT = 1
"""Reading a mark against the words beside it."""

_OPENS_AFTER = re.compile(
    r"(?::|\b(?:said|says|say|saying|added|asked|replied|wrote|declared|told \w{1,20}) ?,) ?$"
)  # She said , " We
_CLOSES_AFTER = re.compile(r"[,.?!…] ?$")
_CLOSES_BEFORE = re.compile(
    r" (?:(?:he|she|they|it|we|I|who|said|says|according|the [a-z]+ (?:said|says))\b"
    r"|[A-Z][\w.’']* (?:[A-Z][\w.’']* )?(?:said|says)\b)"
)  # , " Ms. Roe said
_BEFORE_PUNCTUATION = re.compile(r" [,.;)](?: |$)")
_REACH = 32
"""Characters before a mark in which hints are looked for: the longest hint and its spaces."""
_MOST_HINTED = 2_000
"""Marks in a text up to which hints are looked for. More than any newspaper prints go by attachment and turns alone."""

_FLOATING_SINGLE = re.compile(r"['’‘`](?<!\S['’‘`])(?!\S)")
_YEARS = re.compile(r"['’] \d0s\b")


def double_quotes(text: str) -> Iterator[int]:
    """Where the spaces are that stand inside quotation marks: after one that opens, before one that closes."""
    if ("“ " in text or " ”" in text) and "„" not in text:  # in German “ closes
        yield from (found.start() for found in _CURLY.finditer(text))
    if _FLOATING.search(text):
        has_hints = text.count('"') <= _MOST_HINTED
        for start, end in _paragraphs(text):
            marks = [found.start() for found in re.finditer('"', text[start:end])]
            yield from (start + at for at in _inside_double(text[start:end], marks, has_hints))


def single_quotes(text: str) -> Iterator[int]:
    """Where the spaces are that stand inside single quotation marks, or before the apostrophe of ``states ' rights``.

    For tokenised text only. Straight marks open and close by turns within a paragraph. Where their number is odd, one
    after an s is an apostrophe: the one that leaves the quotations shortest.
    """
    if not _FLOATING_SINGLE.search(text):
        return
    for start, end in _paragraphs(text):
        paragraph = text[start:end]
        for at, opens in _single_directions(paragraph):
            beside = at + 1 if opens else at - 1
            if 0 <= beside < len(paragraph):
                yield start + beside


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for paragraph in text.split("\n"):
        yield start, start + len(paragraph)
        start += len(paragraph) + 1


def _inside_double(paragraph: str, marks: list[int], has_hints: bool) -> Iterator[int]:
    costs = [_costs(paragraph, at, has_hints) for at in marks]
    for at, opens in zip(marks, _directions(costs), strict=True):
        if _neighbours(paragraph, at) == (" ", " "):
            beside = at + 1 if opens else at - 1
            if 0 <= beside < len(paragraph):
                yield beside


def _neighbours(paragraph: str, at: int) -> tuple[str, str]:
    """The characters beside ``at``; the ends of the paragraph count as spaces."""
    return paragraph[at - 1] if at else " ", paragraph[at + 1] if at + 1 < len(paragraph) else " "


def _directions(costs: list[tuple[int, int]]) -> list[bool]:
    """For each mark of a paragraph, by its costs of opening and of closing, whether it opens.

    The cheapest reading in which marks open and close by turns: a shortest path over two states, outside and inside a
    quotation, so that one lost mark does not turn all that follow.
    """
    outside, inside = 0, _LOST
    came_from_inside: list[tuple[bool, bool]] = []
    for opening, closing in costs:
        ends_outside = (outside + closing + _LOST, inside + closing)
        ends_inside = (outside + opening, inside + opening + _LOST)
        came_from_inside.append((ends_outside[1] <= ends_outside[0], ends_inside[1] < ends_inside[0]))
        outside, inside = min(ends_outside), min(ends_inside)
    is_inside = inside + _HINT < outside
    directions: list[bool] = []
    for earlier in reversed(came_from_inside):
        directions.append(is_inside)
        is_inside = earlier[is_inside]
    return directions[::-1]


def _costs(paragraph: str, at: int, has_hints: bool) -> tuple[int, int]:
    """What it costs to read the mark at ``at`` as opening, and as closing."""
    left, right = _neighbours(paragraph, at)
    may_open, may_close = left in _BEFORE_OPENING, right in _AFTER_CLOSING
    if may_open != may_close:
        return (0, _ATTACHED) if may_open else (_ATTACHED, 0)
    if not has_hints or left != " " or right != " ":
        return 0, 0
    before = paragraph[max(0, at - _REACH) : at]
    opens = (at == 0) + bool(_OPENS_AFTER.search(before))
    closes = (at + 1 == len(paragraph)) + bool(_BEFORE_PUNCTUATION.match(paragraph, at + 1))
    closes += bool(_CLOSES_AFTER.search(before) and _CLOSES_BEFORE.match(paragraph, at + 1))
    return _HINT * closes, _HINT * opens


def _single_directions(paragraph: str) -> Iterator[tuple[int, bool]]:
    turns: list[int] = []
    for found in _FLOATING_SINGLE.finditer(paragraph):
        at = found.start()
        if _YEARS.match(paragraph, at):
            yield at, True
        elif found[0] in "‘’":
            yield at, found[0] == "‘"
        else:
            turns.append(at)
    if len(turns) % 2:
        apostrophe = _apostrophe(paragraph, turns)
        if apostrophe is not None:
            yield turns.pop(apostrophe), False
    yield from ((at, index % 2 == 0) for index, at in enumerate(turns))


def _apostrophe(paragraph: str, marks: list[int]) -> int | None:
    """Which of an odd number of marks stands after an s and leaves, when it is taken out, the shortest quotations."""
    before = [0]  # before[i]: length of the quotations in the first 2i marks, paired from the first on
    after = [0]  # after[i]: the same in the last 2i
    for index in range(0, len(marks) - 1, 2):
        before.append(before[-1] + marks[index + 1] - marks[index])
        after.append(after[-1] + marks[-1 - index] - marks[-2 - index])
    lengths = {
        2 * index: before[index] + after[-1 - index]
        for index in range(len(before))
        if paragraph[max(0, marks[2 * index] - 2) : marks[2 * index]].lower() == "s "
    }
    return min(lengths, key=lengths.__getitem__, default=None)
