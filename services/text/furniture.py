"""What a scraper took along from around a story: advertisements' marks, players, headlines of other stories, credits of pictures.

Decides what is no word of the story by wordings that stand in no story: each is found whole or left alone. It goes, since its
headlines and names would be read as if the story had said them: a page of The Hill writes ``Trump Donald John TrumpGOP senators
balk at trial MORE said`` where the reader sees ``Trump said``.
"""

import re
from collections.abc import Callable, Iterator

from services.text.offsets import Edit

_BREAK = "\n\n"
_NAME = r"[^\W\d_a-z][\w'’-]*"
_MAKER = r"[^\n]{1,80}?"
_LINES = (
    r"(?i:advertisement|story continued below|article continues below|continue reading(?: the main story)?|media playback is "
    r"unsupported on your device|newsletter sign up|embedded content|hide caption|enlarge this image|photos|related articles):?"
    r"|Sign up for [^\n.]{1,60} Newsletters? Manage Newsletters"
    r"|(?:Advertisement )?(?:Newsletter Sign Up )?Continue reading the main story(?: Please verify you're not a robot[^\n]{0,900})?"
    r"|(?i:click here) (?:TO GET THE|to get the|for more from|for reprint)[^\n]{1,60}"
    r"|Copyright (?:©|\(c\)) \d{4} [^\n]{1,120}"
    r"|(?:Read or )?Share this story: https?://\S{1,200}"
    r"|Follow @\w{1,30}"
    r"|SEE ALSO: [^\n]{1,160}"
    r"|\( ?(?:RELATED|VIDEO|PHOTOS|Also on POLITICO): [^\n()]{1,160}\)"
)
_WIDGET = re.compile(
    rf"\b(?P<shown>{_NAME})(?:,? Jr\.)?(?P<from> (?:(?:{_NAME}\.?|\([^()\n]{{1,20}}\)) ){{1,6}}(?P=shown)"
    r"(?=[^\W_a-z'’.,;:)-]|['\"‘“])[^\n]{5,500}? MORE)\b"
)
"""The Hill's box on a person: the name as shown, the full name, glued to it the headlines of other stories, and ``MORE``."""
_MORE = re.compile(
    rf"\b(?!(?:Read|See|Learn|Find|Get|View|Show|Watch|Click) ){_NAME}[a-z](?P<from> MORE)(?= [a-z(]|['’]s\b|[,.;])(?! than\b)"
)
_FOUND: tuple[tuple[str, re.Pattern[str], str], ...] = (
    (" MORE", _WIDGET, ""),
    (" MORE", _MORE, ""),
    ("JUST WATCHED", re.compile(
        r"JUST WATCHED ([^\n]{1,160}?) Replay More Videos (?:\.\.\.|…) MUST WATCH \1(?: \d\d:\d\d)?"), _BREAK),
    ("toggle caption", re.compile(
        rf"(?:Enlarge this image )?toggle caption (?:(?P<who>{_MAKER}) (?P=who)(?!\S)|[^\n]{{1,80}}$)", re.MULTILINE), _BREAK),
    ("Image c", re.compile(rf"Image copyright {_MAKER}(?: Image caption (?=\S)|$)|^Image caption (?=\S)", re.MULTILINE), _BREAK),
    ("Media playback", re.compile(r"Media playback is unsupported on your device Media caption (?=\S)"), _BREAK),
    ("Story highlights", re.compile(r"^Story highlights (?=\S)", re.MULTILINE), _BREAK),
    ("Listen · ", re.compile(r"Listen · \d{1,2}:\d\d \d{1,2}:\d\d"), _BREAK),
    ("Hide Caption", re.compile(r"Hide Caption(?: \d+ of \d+)?"), _BREAK),
    ("", re.compile(rf"^(?:{_LINES})$", re.MULTILINE), _BREAK),
)  # fmt: skip
"""Words that stand in it, what it is, and what comes in its place. ``from`` is where it begins, if not with the match."""


def pieces(text: str) -> list[Edit]:
    """The edits that take the furniture out, in order.

    Every wording has a bound, so that the time is linear in the length of the text.
    """
    return sorted(
        edit for needle, pattern, instead in _FOUND if needle in text for edit in _edits(text, pattern, instead)
    )


def _edits(text: str, pattern: re.Pattern[str], instead: str) -> Iterator[Edit]:
    start: Callable[[re.Match[str]], int] = (
        (lambda found: found.start("from")) if "from" in pattern.groupindex else (lambda found: found.start())
    )
    yield from ((start(found), found.end(), instead) for found in pattern.finditer(text))
