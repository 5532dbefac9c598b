"""Which parts of a text say who made it rather than what happened: credits, copyright notices, captions' photo
credits.

These differ between copies of one story, or are the same under unrelated ones. They are left out of the comparison
only, never out of the document. What is recognised is a short line that starts or ends like a credit, a credit in
round brackets, or one at the very end of a text. A credit in the middle of a paragraph, a dateline or an agency's
name at the end stays: it is a word or two. When a line of content is mistaken for a credit, both copies lose it, and
the comparison goes on with all other lines.
"""

import re
from collections.abc import Sequence

MAX_LINE = 300
"""Code points of the longest line that is taken for boilerplate. News paragraphs are often longer, credits hardly
ever."""

_BY = r"(?:additional |with )?(?:reporting|writing|editing)(?: and (?:reporting|writing|editing))? by "
_START = re.compile(
    r"[\s(\[*•⦁_|–—-]{0,9}(?:"  # bullets and brackets
    + _BY
    + r"|(?:©|\(?c\)|copyright)\W{0,5}(?:©|\(c\)|copyright|(?:19|20)\d\d)"
    + r"|photo(?:graph|grapher)?s?(?: credit)?s?(?: by |:)"
    + r"|image (?:copyright|caption|credit) |(?:ap|afp|reuters|file) photos?\b(?:[^a-z]{0,3}$| ?[:–—-])"
    + r"|file [–—-] "
    + r"|this (?:material|story|article) may not be published)"
)
_END = (
    "contributed to this report", "contributed to this story", "contributed to this article", "all rights reserved",
    "getty images", "getty images/file", "ap photo", "ap photos", "afp photo", "reuters photo", "/afp", "/reuters",
)  # fmt: skip
_AGENCY = re.compile(
    r"(?:^|(?<=[.!?)\"”'’|–—-] ))(?:reuters|afp|ap photo|getty images) ?/ ?[\w .'’-]{3,40}(?: ?/ ?file photo)?$"
)
"""A photo's caption with its photographer, as agencies end it; "a Reuters/Ipsos poll" at the end of a sentence is none."""
_BRACKETS = re.compile(r"\(" + _BY + r"[^()\n]{1,300}\)")
_TAIL = re.compile(r"(?<=[.!?)\"'”’]) {1,300}" + _BY + r"[^\n]{1,300}\Z")

_TRIGGERS = (
    "ing by ", "photo", "copyright", "©", "(c)", "image c", "contributed to this", "rights reserved", "may not be published",
    "getty", "/afp", "/reuters", "reuters/", "afp/", "file – ", "file — ", "file - ",
)  # fmt: skip
"""A text that has none of these has no boilerplate: most are done with after a search for plain words."""


def strip_boilerplate(text: str) -> str:
    """``text``, which must be case-folded, without its boilerplate; its lines stay lines, a credit in brackets a space.

    Where nothing but boilerplate is left of it, all of it is kept: otherwise any two such texts would be copies.
    """
    spans = credit_spans(text)
    if not spans:
        return text
    pieces: list[str] = []
    at = 0
    for start, end in spans:
        pieces += text[at:start], "" if text[start:end].endswith("\n") or end == len(text) else " "
        at = end
    return "".join([*pieces, text[at:]]).rstrip()


def credit_spans(text: str) -> list[tuple[int, int]]:
    """Where ``text``, which must be case-folded, has boilerplate: half-open offsets, in order, without overlaps.

    A line that is left out is meant with its line break. None where nothing else would be left.
    """
    if not any(trigger in text for trigger in _TRIGGERS):
        return []
    spans: list[tuple[int, int]] = []
    rest: tuple[int, str] | None = (
        None  # the last line that stays and is not blank: where it starts, and what stays of it
    )
    at = 0
    for line in text.split("\n"):
        end = at + len(line)
        inner = [match.span() for match in _BRACKETS.finditer(line)]
        if _is_boilerplate(_BRACKETS.sub(" ", line) if inner else line):
            spans.append((at, min(end + 1, len(text))))
        else:
            spans += [(at + start, at + stop) for start, stop in inner]
            if blanked := _blanked(line, inner).rstrip():
                rest = at, blanked
        at = end + 1
    if rest is None:
        return []
    start, line = rest
    if tail := _TAIL.search(line, max(0, len(line) - MAX_LINE)):
        spans = [span for span in spans if span[0] < start + tail.start()]
        spans.append((start + tail.start(), len(text)))
    return spans


def _blanked(line: str, spans: Sequence[tuple[int, int]]) -> str:
    """``line`` with spaces for what is in ``spans``."""
    pieces: list[str] = []
    at = 0
    for start, end in spans:
        pieces += line[at:start], " " * (end - start)
        at = end
    return "".join([*pieces, line[at:]])


def _is_boilerplate(line: str) -> bool:
    if len(line) > MAX_LINE:
        return False
    end = line.rstrip(" \t\r.)]")
    return (
        end.endswith(_END) or _START.match(line) is not None or _AGENCY.search(end, max(0, len(end) - 70)) is not None
    )
