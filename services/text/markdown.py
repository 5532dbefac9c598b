"""Markdown that was left in a text: links, images, emphasis, headings, quotations, rules, tables, notes, escapes.

Decides what is markup and what only looks so ("5 * 3", "snake_case", "f***", "[sic]"). As with HTML, what a reader would not
see goes, and what ends a block ends a paragraph. Bullets stay: they are read as items of a list, and a dash may attribute.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from services.text.offsets import Edit

_MARKUP = re.compile(r"[\[*_#>~`|\\=]|^[ \t]*-", re.MULTILINE)
"""Without one of these a text has no Markdown."""

_TARGET = r"(?:<[^<>\n]*+>|[^\s()<>]*+(?:\([^\s()]*+\)[^\s()]*+){0,4})"
_TITLE = r"(?:\s{1,4}(?:\"[^\"\n]*+\"|'[^'\n]*+'))?"
_BRACKET = re.compile(
    rf"\\.|!?\[(?!\^)|\](?:\([ \n]?(?P<target>{_TARGET}){_TITLE}[ \n]?\)|\[(?P<label>[^\[\]\n]{{0,100}})\])?"
    r"|(?P<end>\n[ \t]*\n)"
)
"""What opens and closes the words of a link; the end of a paragraph closes all."""
_ADDRESS = re.compile(r"[/.#?%@:]|^$")
"""A link leads to something with one of these, or to nothing; ``[word](aside)`` is no link."""
_DEFINITION = re.compile(
    r"^[ ]{0,3}\[(?P<label>[^\[\]\n]{1,100})\]:[ \t]*+(?:<[^<>\n]*+>|(?=[^\s<>]*[/.#])[^\s<>]++)"
    r"(?:[ \t]++[\"'(][^\n]*+|[ \t]*+)$",
    re.MULTILINE,
)
_LONGEST_LABEL = 100
"""Characters of the name by which a link says where it leads, and"""
_LONGEST_REST = 120
"""of what may follow a link on its line in a list, with the name of an outlet."""
_NOTE = re.compile(r"(?m:^(?P<own>[ ]{0,3}\[\^[^\[\]\s]{1,60}\]:[ \t]*))|\[\^[^\[\]\s]{1,60}\](?!:)")
"""``[^1]``, and at the beginning of its own line ``[^1]: ``."""

_RULE = re.compile(r"^[ \t]*(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,}|={3,}[ \t]*|(?:```|~~~)[^\n`]*)$", re.M)
"""A line that parts what is above from what is below: a rule, what underlines a heading, the fence of a listing."""
_HEADING = re.compile(r"^[ ]{0,3}#{1,6}[ \t]+(?=[^\s#])", re.MULTILINE)
_QUOTED = re.compile(r"^[ ]{0,3}(?:>[ \t]?)+(?![\d=])", re.MULTILINE)
_ROW = re.compile(r"^[ \t]*\|(?:[^\n|]*\|){1,64}[ \t]*$", re.MULTILINE)

_RUN = re.compile(
    r"(?P<address>(?:https?://|www\.)[^\s*<>()\[\]]*[^\s*<>()\[\]_.,:;!?\"'])"
    r"|(?P<escape>\\++(?=[`*_{}\[\]()#+.!|~>-]))"
    r"|(?P<run>[*_~]++)|(?P<code>`)|(?P<end>\n[ \t]*\n)"
)
_MARK = re.compile(r"\*{1,3}|_{1,3}|~~")
_MOST_MARKS = 6
"""Marks in a row, as in ``**_so_**``; more are no emphasis."""
_BEFORE_OPENING = re.compile(r"[\s(\[{\"'“‘«„‚¿¡—–|:;,.!?>-]")
_AFTER_CLOSING = re.compile(r"[\s)\]}\"'”’»“—–|:;,.!?<(\[/-]")
_CODE = re.compile(r"`(?<![`\w]`)(?=[^\s`])[^`\n]{1,80}(?<!\s)`(?![`\w'])")
_BULLET = re.compile(r"[ \t]*(?:[-*+•]|\d{1,3}[.)])?[ \t]*[*_]{0,3}$")
_BULLET_REACH = 12
_LEAST_LISTED = 3
"""Words of a link that may be a headline: with fewer it may be a name that a sentence begins with."""
_NAMED = r"(?:[A-Z0-9][\w.&’'-]{0,30}|of|the|and|de|&|ago|hours?|days?)"
_OUTLET = re.compile(
    r"[*_]{0,3}(?:[ \t\xa0]|&nbsp;){0,9}[-–—|·•:(,]?(?:[ \t\xa0]|&nbsp;){0,9}[*_]{0,3}"
    rf"{_NAMED}(?: {_NAMED}){{0,6}}\)?[*_]{{0,3}}[ \t]{{0,9}}(?=\n|$)"
)


class _Run(NamedTuple):
    """Marks of emphasis that may begin something: where they stand, and how many."""

    start: int
    length: int


def marks(text: str) -> list[Edit]:
    """Edits that take Markdown out. Headings, rules, quotations and cells of tables leave a paragraph break, all else nothing.

    The time is linear in the length of the text.
    """
    if not _MARKUP.search(text):
        return []
    found = [*_links(text), *_blocks(text), *_emphases(text)]
    return sorted(found, key=lambda edit: (edit[0], -edit[1]))


def names_an_outlet(headline: str, rest: str) -> bool:
    """Whether ``rest``, which stands on one line behind a link, only says who published ``headline``, the words of the link.

    So it is in the lists of aggregators; the two are no sentence.
    """
    return headline.count(" ") >= _LEAST_LISTED - 1 and bool(_OUTLET.match(rest))


def _links(text: str) -> Iterator[Edit]:
    """Links without their addresses, no images, no numbers of notes, no lines that only say where links lead."""
    if "[" not in text:
        return
    labels = set()
    for found in _DEFINITION.finditer(text):
        if not found["label"].startswith("^"):
            labels.add(found["label"].casefold())
            yield found.start(), found.end(), "\n\n"
    yield from ((note.start(), note.end(), "\n\n" if note["own"] else "") for note in _NOTE.finditer(text))
    opened: list[re.Match[str]] = []
    for found in _BRACKET.finditer(text):
        if found["end"]:
            opened.clear()
        elif found[0] in ("[", "!["):
            opened.append(found)
        elif found[0][0] == "]" and opened:
            opener = opened.pop()
            if not _leads_somewhere(text, opener, found, labels):
                continue
            if opener[0] == "![":
                yield opener.start(), found.end(), ""
            else:
                yield opener.start(), opener.end(), ""
                yield found.start(), found.end(), "\n\n" if _is_listed(text, opener, found) else ""


def _leads_somewhere(text: str, opener: re.Match[str], closer: re.Match[str], labels: set[str]) -> bool:
    if closer["target"] is not None:
        return bool(_ADDRESS.search(closer["target"]))
    label = closer["label"] or text[opener.end() : min(closer.start(), opener.end() + _LONGEST_LABEL + 1)]
    return label.casefold() in labels


def _is_listed(text: str, opener: re.Match[str], closer: re.Match[str]) -> bool:
    """Whether a link is an aggregator's: the headline begins its line, and behind it is only who published it."""
    reach = max(0, opener.start() - _BULLET_REACH)
    line = text.rfind("\n", reach, opener.start()) + 1 or (0 if reach == 0 else -1)
    if line < 0 or not _BULLET.match(text[line : opener.start()]):
        return False
    rest = text[closer.end() : closer.end() + _LONGEST_REST].partition("\n")[0]
    headline = text[opener.end() : min(closer.start(), opener.end() + _LONGEST_REST)]
    return len(rest) < _LONGEST_REST and names_an_outlet(headline, rest)


def _blocks(text: str) -> Iterator[Edit]:
    yield from ((found.start(), found.end(), "\n\n") for found in _RULE.finditer(text))
    if "#" in text:
        yield from _headings(text)
    if ">" in text:
        before = -1
        for found in _QUOTED.finditer(text):
            goes_on = before >= 0 and text.find("\n", before) + 1 == found.start()
            yield found.start(), found.end(), "" if goes_on else "\n\n"
            before = found.end()
    if "|" in text:
        for row in _ROW.finditer(text):
            if not set(row[0]) - set("|:- \t"):
                yield row.start(), row.end(), "\n\n"
            else:
                yield from ((at, at + 1, "\n\n") for at in range(row.start(), row.end()) if text[at] == "|")


def _headings(text: str) -> Iterator[Edit]:
    for found in _HEADING.finditer(text):
        yield found.start(), found.end(), "\n\n"
        end = text.find("\n", found.end())
        end = len(text) if end < 0 else end
        bare = text[found.end() : end].rstrip()
        if bare.endswith("#"):
            bare = bare.rstrip("#")
            if bare[-1:].isspace():
                yield found.end() + len(bare), end, ""
        if end < len(text):
            yield end, end + 1, "\n\n"


def _emphases(text: str) -> Iterator[Edit]:
    """Marks around words, found as CommonMark does, with a stack of openers; and escapes. Within a word they are letters."""
    opened: dict[str, list[_Run]] = {"*": [], "_": [], "~": []}
    for found in _RUN.finditer(text):
        if found["end"]:
            for runs in opened.values():
                runs.clear()
        elif found["escape"]:
            yield found.start(), found.end(), ""
        elif found["code"]:
            code = _CODE.match(text, found.start())
            if code:
                yield code.start(), code.start() + 1, ""
                yield code.end() - 1, code.end(), ""
        elif found["run"]:
            yield from _pair(text, found.start(), found[0], opened)


def _pair(text: str, start: int, run: str, opened: dict[str, list[_Run]]) -> Iterator[Edit]:
    """The edits for a run of marks that ends something; else it is noted as one that may begin something."""
    if len(run) > _MOST_MARKS or (len(run) > len("***") and len(set(run)) == 1):
        return
    before, after = text[start - 1 : start], text[start + len(run) : start + len(run) + 1]
    closes = bool(before.strip()) and (not after or _AFTER_CLOSING.match(after))
    opens = bool(after.strip()) and (not before or _BEFORE_OPENING.match(before))
    for part in _MARK.finditer(run):
        at, left, openers = start + part.start(), len(part[0]), opened[part[0][0]]
        while closes and left and openers:
            opener = openers.pop()
            used = min(left, opener.length)
            rest = opener.length - used
            yield opener.start + rest, opener.start + opener.length, ""
            yield at, at + used, ""
            at, left = at + used, left - used
            if rest:
                openers.append(_Run(opener.start, rest))
        if left and opens:
            openers.append(_Run(at, left))
