"""The spaces that tokenisers and corpus makers put around punctuation, clitics, amounts and initials of English text.

Decides which spaces go; nothing else changes except the escapes of the Penn Treebank and of Moses. Where a pattern
can only be a tokeniser's (``do n't``, ``word , word``, ``$ 5``, ``N. Y. P. D.``) it is mended in any text. Where clean
text has it too (French puts a space before ``: ; ? ! %``) it is mended only in a text that looks tokenised as a whole:
see ``looks_tokenised``.
"""

import re
from collections.abc import Iterator

from services.text.offsets import Edit
from services.text.quotes import double_quotes, single_quotes

# Patterns begin with the literal space that goes, then what may follow it, and look back only there: many times faster.
_NO_DUTCH = r"(?!.s (?:morgens|ochtends|middags|avonds|nachts|zomers|winters)\b)"
_POSSESSIVE = rf"""(?<=[\w)"”] )(?=['’][sS](?:[\s.,;:!?"”)\]—-]|$)){_NO_DUTCH}"""
_SPACED = re.compile(
    rf""" (?=[.,n'’])(?:(?<=[\w)\]"”’'%] )\.(?=\s|$)(?! \.)|(?<=[^\s,;:!?] ),(?=\s|$)|{_POSSESSIVE}|n['’]t\b)"""
)
_GLUED = re.compile(r"[,.](?:(?<=\w,)(?=\s)|(?<=[a-z]{4}\.)(?=\s|$))")
"""A full stop counts after four small letters, so that ``Mr.`` and ``Corp.``, which tokenisers leave whole, do not."""

_ESCAPES = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "-LCB-": "{", "-RCB-": "}", "``": "“"}
_ESCAPE = re.compile(
    r"-[LR][RSC]B-(?<!\S-[LR][RSC]B-)(?!\S)"  # brackets
    r"|``(?<!```)(?!`)|''(?<!''')(?<!\d'')(?!')"  # quotation marks, the second also as typed
    r"| @[-,.–]@ "  # long @-@ term
)

_ALWAYS = re.compile(
    r" (?=[,.nN'’\d])(?:"
    + "|".join(
        (
            r"(?<=[^\s,;:!?] )(?=,(?:[\s\"”’']|$))",  # word , word
            r"(?<=[\w)\]\"”’'%] )(?=\.(?:$|\n| ?[\"”’')]| [\"“‘'(]{0,2} ?[A-Z]))",  # end . Next
            r"(?<=[A-Za-z] )(?=(?:n['’]t|N['’]T|['’](?:re|ve|ll|RE|VE|LL))(?![\w'’]))",  # do n't, we 'll
            r"(?<=\bI )(?=['’][md]\b)",
            r"(?<=\b(?:he|He|we|We|it|It) )(?=['’]d\b)",
            r"(?<=\b(?:she|She|you|You|who|Who) )(?=['’]d\b)",
            r"(?<=\b(?:they|They) )(?=['’]d\b)",
            _POSSESSIVE,  # the nation 's
            r"(?<=[$£] )(?=\d)",  # $ 53
        )
    )
    + ")"
)
_IF_TOKENISED = re.compile(
    " (?:"
    + "|".join(
        (
            r"(?<=\S )(?=[,.?!]{1,4}(?:[\s\"”’')\]]|$)|[;:](?:\s|$))",  # word ; word
            r"(?<=\d )(?=%)",
            r"(?<=[(\[{] )(?=\S)",  # ( so )
            r"(?<=\S )(?=[)\]}])",
            r"(?<=[€¥₹] )(?=\d)",
        )
    )
    + ")"
)

# In these, all spaces of the match go.
_DOMAIN = re.compile(r" \.(?<=\w \.) (?=(?:com|org|net|gov|edu)\b)")
_ABBREVIATION = re.compile(
    r"(?:[ap](?= ?\. ?m)|[AP](?= ?\. ?M)|e(?= ?\. ?g)|i(?= ?\. ?e))(?<![\w.].) ?\. ?\w ?\.(?!\w)"  # 5 p . m .
)
_MAYBE_ABBREVIATION = re.compile(r"\. ?[mMge] ?\.")
_CLOCK = re.compile(r"\d(?<!\d\d)\d? : [0-5]\d(?= [apAP] ?\.? ?[mM]\b)")

_INITIALS = re.compile(r"[A-Z](?<![\w.].) ?\.(?: [A-Z] ?\.)+(?!\w)")
_LABEL = re.compile(
    r"\b(?:plan|vitamin|hepatitis|grade|class|type|group|section|part|appendix|exhibit|option|team|block) $",
    re.IGNORECASE,
)
"""After these words a single letter is a word, and its full stop may end the sentence: ``plan B. C. D. Smith said``."""
_LABEL_REACH = 12
"""The longest label, a character before it and the space after it."""

_UNIT = (
    r"(?: ?%|(?: | - |-)(?:percent|per cent|percentage|million|billion|trillion|bn|mn|points?|magnitude|degrees|miles?"
    r"|km|(?:kilo|centi|milli)?met(?:er|re)s?|inch(?:es)?|feet|acres|seconds?|carats?|grams?|kg|pounds|ounces|tons?"
    r"|tonnes|lit(?:er|re)s?)\b)"
)
_NO_COUNT = (
    r"(?: (?:an?|per|each|in|on|for|to|and|or|at|from|by|of|as|but|with|after|before|more|less)\b| ?[,.;:)—-]|$)"
)
_DECIMAL = re.compile(
    rf"[$£€¥] ?\d{{1,3}}(?:,?\d{{3}}){{0,3}} \. (?:\d{{1,3}}(?={_UNIT})|\d\d(?={_NO_COUNT}))"
    rf"|\d(?<![\w.,].)\d{{0,2}}(?:,\d{{3}}){{0,3}} \. \d{{1,3}}(?={_UNIT})"
)
"""Numbers before and after a spaced full stop are one only before a unit, or as a price with cents before a word that
is not counted; else a sentence ends there: ``in 2014 . 3 people``. Without a currency the first part is no year."""
_THOUSANDS = re.compile(r"[$£€¥] ?\d{1,3}(?: , \d{3})+(?!\d)")


def escapes(text: str) -> list[Edit]:
    """Edits that undo the escapes ``-LRB-``, `` `` `` and ``''``, and ``@-@``."""
    return [(found.start(), found.end(), _unescaped(text, found)) for found in _ESCAPE.finditer(text)]


def _unescaped(text: str, escape: re.Match[str]) -> str:
    if escape[0][0] == " ":
        return escape[0][2]
    if escape[0] != "''":
        return _ESCAPES[escape[0]]
    before, after = text[escape.start() - 1 : escape.start()], text[escape.end() : escape.end() + 1]
    if before.isalpha() and after.isalpha():
        return "'"
    return "“" if (not before or before.isspace()) and after and not after.isspace() else "”"


def spaces(text: str) -> list[Edit]:
    """Edits that remove the spaces a tokeniser put; ``text`` has single spaces only."""
    gone = {found.start() for found in _ALWAYS.finditer(text)}
    gone.update(_initials(text), double_quotes(text))
    if " ." in text:
        gone.update(_all_spaces(_DOMAIN, text), _all_spaces(_DECIMAL, text))
    if " , " in text:
        gone.update(_all_spaces(_THOUSANDS, text))
    if _MAYBE_ABBREVIATION.search(text):
        gone.update(_all_spaces(_ABBREVIATION, text))
    if looks_tokenised(text):
        gone.update(found.start() for found in _IF_TOKENISED.finditer(text))
        gone.update(_all_spaces(_CLOCK, text), single_quotes(text))
    return [(at, at + 1, "") for at in sorted(gone)]


def looks_tokenised(text: str) -> bool:
    """Whether more commas, full stops and clitics stand apart from their words than are attached to them.

    Only marks that no language writes apart are counted, so that French is no sign; a title is judged like a text.
    """
    spaced = len(_SPACED.findall(text))
    return spaced > 0 and spaced > len(_GLUED.findall(text))


def _all_spaces(pattern: re.Pattern[str], text: str) -> Iterator[int]:
    for found in pattern.finditer(text):
        yield from (at for at in range(found.start(), found.end()) if text[at] == " ")


def _initials(text: str) -> Iterator[int]:
    """Spaces inside ``U . S .``, ``N. Y. P. D.`` and ``J. K. Rowling``."""
    for found in _INITIALS.finditer(text):
        start = found.start()
        if _LABEL.search(text[max(0, start - _LABEL_REACH) : start]):
            start = text.index(".", start) + 2
        yield from (at for at in range(start, found.end()) if text[at] == " ")
