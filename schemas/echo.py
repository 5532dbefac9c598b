"""A wrong value in the words of a fault."""

_MOST = 40
"""Characters of a wrong value that are shown: enough to find it, too few to carry a payload into a log."""
_MOST_NUMBER = 10**18
"""A number from here on is not shown: Python refuses to print very long ones."""


def shown(value: object) -> str:
    """A wrong value in a few words: a short one as it is, of a long one the beginning."""
    match value:
        case dict():
            return "an object"
        case list():
            return "an array"
        case str():
            return repr(value[:_MOST]) + (f" … ({len(value)} characters)" if len(value) > _MOST else "")
        case int() if abs(value) >= _MOST_NUMBER:
            return "a number of more than 18 digits"
        case None:
            return "null"
        case _:
            return repr(value)[:_MOST]
