"""A language as senders name it: ISO 639, BCP 47, a locale, or its name in any language.

Decides what counts as a declaration. What is not understood is none; the text then says what it is written in.
"""

import re
from functools import lru_cache

_MAX_WRITTEN = 100
"""Characters of a declaration that is looked at."""
_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*")
_LONGEST_TAG = 35
_NOTHING = {"", "na", "n/a", "nan", "nil", "none", "null", "unknown", "other", "c", "posix"}
"""Words that stand for no language. `nan` and `na` are codes, too, of Min Nan and of Nauru; here they come from pandas and R."""
_SHORTEST_NAME = 4
"""Letters of a Latin name. Those of languages with three are codes, too, and one letter is a language of China."""
_UNDETERMINED = "und"
_NO_LANGUAGES = {"mul", "mis", "zxx"}
"""Codes for several languages, for one without a code, and for none."""
_DECORATION = re.compile(r"^__label__|[.@][A-Za-z0-9_.@-]+$")
"""fastText's labels; the encoding and variant of a POSIX locale."""
_REGION_IN_WORDS = re.compile(r"\s*(?:\(.*\)|[-–—/]\s.*)$")
_SEPARATORS = re.compile(r"[,;|]")


@lru_cache(4_096)
def read_language(written: str) -> str | None:
    """The tag of the language that ``written`` names; None where it names none, or several.

    A tag of BCP 47 stays as it is, but for its language, which becomes the shortest code of ISO 639: ``eng_US`` is ``en_US``.
    A name becomes the tag that it has. ``und`` stays.
    """
    if len(written) > _MAX_WRITTEN:
        return None
    found = {_one(part) for part in _SEPARATORS.split(written) if part.strip() and "=" not in part}
    if len({tag and tag.replace("_", "-").split("-")[0].lower() for tag in found}) != 1:
        return None
    return min(found, key=lambda tag: (len(tag or ""), tag or ""))


def _one(written: str) -> str | None:
    plain = written.strip()
    if plain.lower() in _NOTHING:
        return None
    plain = _DECORATION.sub("", plain)
    if len(plain) <= _LONGEST_TAG and _TAG.fullmatch(plain):
        code, rest = plain[: _end(plain)], plain[_end(plain) :]
        short = _code(code.lower())
        if short is not None:
            return plain if short == code.lower() else short + rest
    return _named(plain) or _named(_REGION_IN_WORDS.sub("", plain))


def _end(tag: str) -> int:
    """Where the language of a tag ends."""
    return min((at for at in (tag.find("-"), tag.find("_")) if at >= 0), default=len(tag))


def _code(code: str) -> str | None:
    """The shortest code for the language that has ``code``; None where none has."""
    import langcodes  # costs 0.1 s, and few messages name a language in another way than the last ones

    if code in _NO_LANGUAGES:
        return None
    if code == _UNDETERMINED:
        return code
    if not langcodes.Language.get(code).is_valid():
        return None
    short = langcodes.standardize_tag(code, macro=len(code) > 2).partition("-")[0]
    return short if len(short) == 2 else code


def _named(name: str) -> str | None:
    import langcodes

    if not any(map(str.isalpha, name)) or (name.isascii() and len(name) < _SHORTEST_NAME):
        return None
    try:
        return str(langcodes.standardize_tag(langcodes.find(name), macro=True))
    except (LookupError, ValueError):
        return None
