"""Where a text says who made it: datelines' agencies, credits of pictures, bylines, who reported and edited, whom somebody told.

It decides which mentions are only that, so that they count little in what the document is about.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

_MAKERS = (
    "AP|The Associated Press|Associated Press|Reuters|REUTERS|Thomson Reuters|AFP|Agence France-Presse|UPI|Bloomberg(?: News)?|DPA"
    "|dpa|ANSA|EFE|Xinhua|TASS|Tass|Interfax|PTI|ANI|IANS|Kyodo(?: News)?|Yonhap|PA(?: Media| Wire)?|AAP|Getty(?: Images)?"
    "|EPA(?:-EFE)?|Shutterstock|Alamy|Unsplash|Flickr|Pool|POOL|ZUMA(?: Press)?|Sipa|SIPA|Imago|Anadolu(?: Agency)?|Handout"
)
_OUTLETS = rf"{_MAKERS}|CNN|NPR|BBC(?: News)?|CBC|CBS(?: News)?|NBC(?: News)?|ABC(?: News)?|Fox News|Politico|POLITICO|Axios|MSNBC"
_PICTURE = r"Photo(?:s|graphs?)?|Images?|Pictures?|Illustrations?|Videos?|Graphics?|Credits?|PHOTOS?|CREDITS?|IMAGES?"
_NAME = r"[^\W\d_a-z][\w.'’-]{0,30}"
_BRACKET = re.compile(r"[(\[]([^()\[\]\n]{2,160})[)\]]")
_LINE = re.compile(r"^[^\n]{2,240}$", re.MULTILINE)
_SLASHED = re.compile(rf"/ ?(?:{_MAKERS})\b|\b(?:REUTERS|AP Photo|AFP|EPA|Getty Images) ?/ ?(?:{_NAME} ?){{1,4}}")
_TAKEN_BY = re.compile(rf"(?:{_NAME} ){{0,4}}{_NAME} ?$")
_NAME_REACH = 100
"""Characters before ``/Getty Images`` in which the name of who took the picture is looked for."""
_PICTURED = re.compile(rf"\b(?:{_PICTURE})(?: credit)?(?: by|:| courtesy of):? (?:{_NAME} ?){{1,4}}")
_IN_BRACKET = re.compile(
    rf"^(?:{_MAKERS})$|\b(?:{_PICTURE})(?: credit)?(?: by|:| courtesy)|/ ?(?:{_MAKERS})\b|\b(?:{_MAKERS}) ?(?:Photo|/)"
    rf"|\bvia (?:{_MAKERS})"
)
_IN_LINE = re.compile(
    rf"^(?:{_PICTURE})(?: credits?)?(?: by\b| courtesy\b|:)[^.]*\.?$|^(?:By|BY) {_NAME} {_NAME}[^.!?]*$"
    r"|^(?:©|\(c\)|Copyright\b)|^(?:Follow|Subscribe|Sign up|Read more|Related)\b"
)
_STAFF = re.compile(
    r"(?P<on>\b(?:[Rr]eporting|[Ww]riting|[Ee]diting|Compiled|Translated)(?: and (?:writing|editing|reporting))? by (?=[A-Z]))"
    r"|\bcontributed (?:to this|reporting|from)\b|\breported from\b"
)
_TOLD = re.compile(
    rf"\b(?:told|tells|telling|reported by|seen by|obtained by|interview (?:with|on)) (?:the )?(?:{_OUTLETS}|The {_NAME} {_NAME})\b"
)
_SENTENCE = re.compile(r"[a-z)\]\"”’]{3}[.!?]\s|\n")
_REACH = 300
"""Characters on each side of what tells of the staff up to which its sentence is taken."""


def find_credits(text: str) -> list[tuple[int, int]]:
    """The stretches of a text as received that only say who made it, in order and without overlaps: half-open offsets.

    The time is linear in the length of the text.
    """
    merged: list[tuple[int, int]] = []
    for start, end in sorted(_find(text)):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((start, end))
    return merged


def is_credit(credited: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    """Whether a mention stands in one of ``credited``, which are in order."""
    at = bisect_right(credited, start, key=lambda span: span[0]) - 1
    return at >= 0 and end <= credited[at][1]


def _find(text: str) -> Iterator[tuple[int, int]]:
    yield from (found.span() for found in _BRACKET.finditer(text) if _IN_BRACKET.search(found[1]))
    yield from (found.span() for found in _LINE.finditer(text) if _IN_LINE.match(found[0]))
    yield from (found.span() for found in _PICTURED.finditer(text))
    for found in _SLASHED.finditer(text) if "/" in text else ():
        taken = (
            _TAKEN_BY.search(text[max(0, found.start() - _NAME_REACH) : found.start()]) if found[0][0] == "/" else None
        )
        yield found.start() - (len(taken[0]) if taken else 0), found.end()
    yield from (found.span() for found in _TOLD.finditer(text))
    for found in _STAFF.finditer(text):
        start = found.start()
        before = text[max(0, start - _REACH) : start]
        ends = [one.end() for one in _SENTENCE.finditer(before)]
        begin = start - len(before) + (ends[-1] if ends else 0)
        line = text.find("\n", found.end(), found.end() + _REACH)
        after = None if found["on"] else _SENTENCE.search(text, found.end(), found.end() + _REACH)
        stop = after.start() + len(".") if after else line if line >= 0 else min(len(text), found.end() + _REACH)
        yield (start if found["on"] else begin), stop
