"""Which parts of a text say who made it rather than what happened: credits, copyright notices, captions' photo
credits.

These differ between copies of one story, or are the same under unrelated ones. They are left out of the comparison
only, never out of the document. What is recognised is a short line that starts or ends like a credit, a credit in
round brackets, or one at the very end of a text. A credit in the middle of a paragraph, a dateline or an agency's
name at the end stays: it is a word or two. When a line of content is mistaken for a credit, both copies lose it, and
the comparison goes on with all other lines.
"""

import re

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
_AGENCY = re.compile(r"(?:reuters|afp|ap photo|getty images)/[\w .'’-]{3,40}(?:/file photo)?$")
"""A photo's caption with its photographer, as agencies end it."""
_BRACKETS = re.compile(r"\(" + _BY + r"[^()\n]{1,300}\)")
_TAIL = re.compile(r"(?<=[.!?)\"'”’]) {1,4}" + _BY + r"[^\n]{1,300}\Z")

_TRIGGERS = (
    "ing by ", "photo", "copyright", "©", "(c)", "image c", "contributed to this", "rights reserved", "may not be published",
    "getty", "/afp", "/reuters", "reuters/", "afp/", "file – ", "file — ", "file - ",
)  # fmt: skip
"""A text that has none of these has no boilerplate: most are done with after a search for plain words."""


def strip_boilerplate(text: str) -> str:
    """``text``, which must be case-folded, without its boilerplate; its lines stay lines.

    Where nothing but boilerplate is left of it, all of it is kept: otherwise any two such texts would be copies.
    """
    if not any(trigger in text for trigger in _TRIGGERS):
        return text
    lines = _BRACKETS.sub(" ", text).split("\n")
    stripped = "\n".join([line for line in lines if not _is_boilerplate(line)]).rstrip()
    if tail := _TAIL.search(stripped, max(0, len(stripped) - MAX_LINE)):
        stripped = stripped[: tail.start()]
    return stripped if stripped.strip() else text


def _is_boilerplate(line: str) -> bool:
    if len(line) > MAX_LINE:
        return False
    end = line.rstrip(" \t\r.)]")
    return end.endswith(_END) or _START.match(line) is not None or _AGENCY.search(end, len(end) - 70) is not None
