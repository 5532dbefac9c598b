"""Texts whose names are known, damaged in the ways that news arrives in, with the names' true places in the damaged text.

Decides what is written and what breaks it. A text is a list of cells: what one character became, and the name that it is part
of. So the place of a name stays known whatever is done to the text, without the code that is to be tested.
"""

import random
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html.entities import html5

from ftfy import bad_codecs

bad_codecs.ok()  # registers sloppy-windows-1252

_PERSONS = [
    "Maria Lopez",
    "José Hernández",
    "Anna Schröder",
    "Björn Lindqvist",
    "Zoë Martin",
    "François Dubois",
    "Tom Reyes",
    "Kari Østby",
    "Daniel O’Brien",
    "Peter Müller",
    "Elena Núñez",
    "Ahmed Hassan",
    "J. K. Palmer",
    "Emily Carter",
    "Frédéric Leclerc",
    "Karen Whitfield",
]
_PLACES = [
    "Norway",
    "Brazil",
    "São Paulo",
    "Kenya",
    "Zürich",
    "Chicago",
    "Spain",
    "Peru",
    "New Zealand",
    "Germany",
    "Córdoba",
    "Tokyo",
    "South Korea",
    "Málaga",
]
_BODIES = [
    "United Nations",
    "European Central Bank",
    "World Health Organization",
    "Microsoft",
    "Reuters",
    "Bank of England",
    "Boeing",
    "Nestlé",
    "European Union",
    "World Bank",
]
_SENTENCES = (
    "{P} said on Monday that the talks in {G} would go on for another week.",
    "The {B} will open an office in {G} next year, officials said.",
    "“We are not afraid of losing,” {P} told reporters, “and we won’t leave early.”",
    "{P}, who was born in {G}, has worked for the {B} since 2009.",
    "After a long night in {G}, the ministers agreed to cut the fees by 12 percent; nobody was happy.",
    "A spokeswoman for the {B} didn’t answer questions about {P}.",
    "{P}’s lawyers asked the court to wait until the witnesses had come back from {G}.",
    "The price of wheat in {G} rose to $4.50, the highest since the drought.",
    "Is it true that {P} and {P} met in {G}? Neither would say.",
    "The report, which the {B} published on Friday, names {P} only once.",
)
"""Our own. {P} is a person, {G} a place, {B} a body."""
_KINDS = {"P": _PERSONS, "G": _PLACES, "B": _BODIES}
_PARAGRAPHS = (2, 4)
_PER_PARAGRAPH = (1, 4)
_DAMAGES = (1, 4)
"""Fewest and most of each: a short wire item with up to four things wrong."""
_OFTEN = 0.3
"""Share of the places where a damage could be done at which it is done, so that whole and damaged stand side by side."""
_WRAP = 72
"""Characters of a wrapped line, as in mail."""


@dataclass(slots=True)
class Cell:
    """What one character of the text became, and which name it is in (none: -1)."""

    raw: str
    name: int = -1


@dataclass(frozen=True)
class Dirty:
    """A damaged text and the half-open places of its names, in code points."""

    text: str
    names: tuple[tuple[int, int, str], ...]
    damages: tuple[str, ...]


Cells = list[Cell]


def make(seed: int) -> Dirty:
    """The dirty text of this number: always the same."""
    dice = random.Random(seed)  # noqa: S311 - a test's dice, no secrets
    cells, names = _write(dice)
    chosen = sorted(dice.sample(range(len(_ALL)), dice.randint(*_DAMAGES)))
    for number in chosen:
        cells = _ALL[number](cells, dice)
    return Dirty("".join(cell.raw for cell in cells), _places(cells, names), tuple(_ALL[n].__name__ for n in chosen))


def _write(dice: random.Random) -> tuple[Cells, list[str]]:
    cells: Cells = []
    names: list[str] = []
    for paragraph in range(dice.randint(*_PARAGRAPHS)):
        cells += [Cell("\n"), Cell("\n")] if paragraph else []
        for number in range(dice.randint(*_PER_PARAGRAPH)):
            cells += [Cell(" ")] if number else []
            for part in dice.choice(_SENTENCES).replace("}", "{").split("{"):
                if part in _KINDS:
                    names.append(dice.choice(_KINDS[part]))
                    cells += [Cell(letter, len(names) - 1) for letter in names[-1]]
                else:
                    cells += map(Cell, part)
    return cells, names


def _places(cells: Sequence[Cell], names: Sequence[str]) -> tuple[tuple[int, int, str], ...]:
    places: dict[int, tuple[int, int, str]] = {}
    at = 0
    for cell in cells:
        end = at + len(cell.raw)
        if cell.name >= 0:
            places[cell.name] = (places.get(cell.name, (at,))[0], end, names[cell.name])
        at = end
    return tuple(places.values())


def _between(cells: Cells, at: int) -> int:
    """The name that reaches over the border before cell ``at``."""
    return cells[at].name if 0 < at < len(cells) and cells[at - 1].name == cells[at].name else -1


def tokenised(cells: Cells, dice: random.Random) -> Cells:
    """Spaces before punctuation and clitics, throughout, as corpora are printed; initials too."""
    del dice
    made: Cells = []
    for at, cell in enumerate(cells):
        after = cells[at + 1].raw if at + 1 < len(cells) else " "
        attached = at > 0 and cells[at - 1].raw.isalnum()
        stop = cell.raw in ",.;?" and after in " \n”" and attached
        if stop or (cell.raw == "’" and after == "s" and attached):
            made.append(Cell(" ", _between(cells, at)))
        made.append(cell)
    return made


def doubled_spaces(cells: Cells, dice: random.Random) -> Cells:
    """Two spaces, tabs and no-break spaces."""
    return [
        Cell(dice.choice(("  ", "   ", "\xa0", " \t", "\u2009 ")), cell.name)
        if cell.raw == " " and dice.random() < _OFTEN
        else cell
        for cell in cells
    ]


def wrapped(cells: Cells, dice: random.Random) -> Cells:
    """Lines of mail with CRLF at their ends."""
    del dice
    made: Cells = []
    column = 0
    for at, cell in enumerate(cells):
        word = 0
        while at + 1 + word < len(cells) and cells[at + 1 + word].raw[:1].strip():
            word += 1
        if cell.raw == "\n" or (cell.raw == " " and column + word >= _WRAP):
            made.append(Cell("\r\n", cell.name))
            column = 0
        else:
            made.append(cell)
            column += len(cell.raw)
    return made


def decomposed(cells: Cells, dice: random.Random) -> Cells:
    """Accents as characters of their own."""
    del dice
    return [Cell(unicodedata.normalize("NFD", cell.raw), cell.name) for cell in cells]


def mojibake(cells: Cells, dice: random.Random) -> Cells:
    """UTF-8 read as Windows-1252 (with the five codes that it lacks, as browsers do), or as Latin-1."""
    codec = dice.choice(("sloppy-windows-1252", "latin-1"))
    return [Cell(cell.raw.encode().decode(codec), cell.name) for cell in cells]


def entities(cells: Cells, dice: random.Random) -> Cells:
    """HTML's names and numbers for characters beyond ASCII."""
    return [
        Cell(dice.choice((f"&#{ord(cell.raw)};", f"&#x{ord(cell.raw):x};", _named(cell.raw))), cell.name)
        if len(cell.raw) == 1 and not cell.raw.isascii()
        else cell
        for cell in cells
    ]


def _named(character: str) -> str:
    return _NAMES.get(character, f"&#{ord(character)};")


_NAMES = {character: f"&{name}" for name, character in html5.items() if name.endswith(";")}


def tags(cells: Cells, dice: random.Random) -> Cells:
    """Emphasis and links around words, within names too, and paragraphs' tags in place of empty lines."""
    made: Cells = []
    close = ""
    for at, cell in enumerate(cells):
        begins = at == 0 or not cells[at - 1].raw.strip()
        if close and not cell.raw.strip():
            made.append(Cell(close, -1))
            close = ""
        if begins and cell.raw.strip() and dice.random() < _OFTEN / 3:
            mark, close = dice.choice((("<b>", "</b>"), ("<em>", "</em>"), ('<a href="/news?id=7">', "</a>")))
            made.append(Cell(mark, _between(cells, at)))
        paragraph = cell.raw == "\n" and at + 1 < len(cells) and cells[at + 1].raw == "\n"
        made.append(Cell("</p>\n<p>") if paragraph else cell)
    return [Cell("<p>"), *made, Cell(close + "</p>")]


def unseen(cells: Cells, dice: random.Random) -> Cells:
    """Soft hyphens and characters of no width inside words."""
    made: Cells = []
    for at, cell in enumerate(cells):
        inside = at > 0 and cell.raw.isalpha() and cells[at - 1].raw.isalpha() and cell.name == cells[at - 1].name
        if inside and dice.random() < _OFTEN / 3:
            made.append(Cell(dice.choice(("\xad", "\u200b", "\u2060", "\ufeff")), cell.name))
        made.append(cell)
    return made


def straight_quotes(cells: Cells, dice: random.Random) -> Cells:
    """Typewriter's quotation marks."""
    del dice
    plain = {"“": '"', "”": '"', "’": "'"}
    return [Cell(plain.get(cell.raw, cell.raw), cell.name) for cell in cells]


_ALL: tuple[Callable[[Cells, random.Random], Cells], ...] = (
    straight_quotes, tokenised, doubled_spaces, unseen, wrapped, decomposed, mojibake, entities, tags,
)  # fmt: skip
"""In this order: encodings break after what was typed, tags are put around what is then there."""
