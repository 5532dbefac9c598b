"""A text file is one document: its first line is the title where it reads like one."""

import re

_LONGEST_TITLE = 200
"""Code points. Headlines are under 120; a longer first line is the lead paragraph."""
_HEADING = re.compile(r"^#{1,6}\s+")
"""What Markdown writes before a headline."""
_ENDS_SENTENCE = re.compile(r"[.:;,][\"'”’)]?$")


def split_title(content: str) -> tuple[str, str]:
    """The title (empty: there is none) and the text of a plain text.

    The first line is the title where a blank line and more text follow it, it is no longer than a headline, and does
    not end as a sentence does: the first paragraph of an article without a title is no title.
    """
    start = len(content) - len(content.lstrip())
    line_end = content.find("\n", start, start + _LONGEST_TITLE + 2)
    if line_end < 0:
        return "", content
    title = _HEADING.sub("", content[start:line_end]).rstrip()
    rest = content[line_end + 1 :]
    next_line, _, text = rest.partition("\n")
    if len(title) > _LONGEST_TITLE or next_line.strip() or not text.strip() or _ENDS_SENTENCE.search(title):
        return "", content
    if not any(map(str.isalnum, title)):
        return "", content
    return title, text.lstrip("\r\n")


_FRONT = re.compile(r"\ufeff?---[ \t]*\r?\n((?:[^\n]{0,2000}\n){1,60}?)---[ \t]*\r?\n")
_SAID = re.compile(r"([A-Za-z][\w-]{0,50}):[ \t]+(\S.*)")


def split_front_matter(content: str) -> tuple[dict[str, str], str]:
    """What a Markdown file says of itself before its text, between two lines of three dashes, and the rest.

    Lines ``name: value`` are read; lists and what is nested are left out. Where there is none of them nothing is split off.
    """
    head = _FRONT.match(content)
    if head is None:
        return {}, content
    lines = [line for row in head[1].splitlines() if (line := _SAID.fullmatch(row.rstrip()))]
    said = {line[1]: line[2].strip("\"'") for line in lines if line[2][0] not in "[{|>&*!"}
    return (said, content[head.end() :]) if said else ({}, content)
