"""GUM's news (Zeldes, The GUM Corpus, LRE 2017): texts, named mentions, who is whom, and how salient each is.

An archive holds WebAnno TSV 3.2 files, one a document; other files, such as OntoGUM's, which has the same chains without
singletons, types and links, are passed over. The first sentence is the headline, the rest the text, a sentence a line.
GUM stores tokens without the spaces between; the text is written as a newspaper would (no space before a comma, none around
a hyphen).

GUM marks whole noun phrases (``Raymond Chan of People Power``) of names, common nouns and pronouns alike. What is a name is
told by the head of the phrase:

* A phrase ends, for this, before its first comma, bracket, preposition, relative or verb in the lists below, and before a
  possessive ending. Its head is the last token left (``Chan``). A phrase that goes on after a preposition and ends in words
  with a capital that are in no smaller phrase has the last of these (``Ambassador to the United States Hamdullah Mohib``).
* The phrase is named if its head begins with a capital or holds a digit beside one, is no pronoun, month or title, and, where
  it is the first word of a sentence, is also written so within one. Times, plants, animals and substances are left out.
* Of several phrases with one head the smallest counts (``Aceh`` of ``Aceh, Indonesia``).

Two mentions are one entity's if they are joined by coreference, anaphora, apposition or predication, or have one link to
Wikipedia; bridging and discourse deixis join nothing. Adjectives (``Indonesian coast``) are not annotated.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evaluation.data import DataError, members, reading
from services.entities.vocabulary import CALENDAR, FUNCTION_WORDS, TITLES


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


SUMMARIES = 5
"""Summaries of each document, by which salience was annotated: one by a person, four by models."""
_TYPES = frozenset({"person", "organization", "place", "event", "object", "abstract"})
"""GUM's types that can be one of ours."""
_IDENTITY = frozenset({"coref", "ana", "cata", "appos", "pred"})
"""Relations that say that two mentions are one."""
_BORDERS = _words(
    """, ; : ( [ – — of in at on from for to with by near off who whom whose which that where when as during under over
    about after before against outside inside between into through is was are were located held lifting including called
    named based"""
)
"""Tokens that end the part of a noun phrase that has its head."""
_PRONOUNS = _words(
    "i me my mine myself he him she hers it we us our ours they them you your yours one someone everyone"
)
_TIGHT = _words(", . ; : ? ! ) ] % ” ’ 's ’s n't n’t")
"""Tokens without a space before them, and"""
_OPEN = "opened"
_OPENING = _words("( [ “ ‘ $ £ € #") | {_OPEN}
"""those without one after, a straight quotation mark that opens among them."""
_QUOTES = ('"', "'")
_CELL = re.compile(r"(.*)\[(\d+)\]")
_TARGET = re.compile(r"([\d-]+)(?:\[(\d+)_(\d+)\])?")


@dataclass(frozen=True, slots=True)
class Gold:
    """A named mention. ``start`` and ``end`` cover the noun phrase, ``head`` is the last character of its head; all count
    the code points of ``field``. ``entity`` is the number of the entity in its document."""

    field: str
    start: int
    end: int
    head: int
    entity: int


@dataclass(frozen=True, slots=True)
class Document:
    """A news story with its named mentions, and for each entity in how many of the five summaries it stands (0 to 5), and GUM's
    type and its page of Wikipedia (empty: it has none)."""

    title: str
    text: str
    mentions: tuple[Gold, ...]
    salience: dict[int, int]
    pages: dict[int, tuple[str, str]] = field(default_factory=dict)


@dataclass(slots=True)
class _Token:
    id: str
    form: str
    field: str = ""
    start: int = 0
    end: int = 0
    first: bool = False


@dataclass(slots=True)
class _Phrase:
    """A markable: its type, link and salience, its tokens by index."""

    type: str
    link: str
    salient: int
    tokens: list[int] = field(default_factory=list)


def read(archive: Path) -> list[Document]:
    """The documents of an archive that have a named mention.

    Raises:
        DataError: it is missing or not in the format, or there is no such document.
    """
    with reading(archive):
        found = [_document(text) for path, text in members(archive).items() if path.suffix == ".tsv"]
    named = [document for document in found if document.mentions]
    if not named:
        raise DataError(f"{archive}: no named mention in it")
    return named


def _document(content: str) -> Document:
    tokens: list[_Token] = []
    phrases: dict[str, _Phrase] = {}
    joins: list[tuple[str, str]] = []
    for line in content.split("\n"):
        if not line.strip() or line.startswith("#"):
            continue
        cells = line.rstrip("\r").split("\t")
        if len(cells) < 10:
            raise ValueError(f"{line[:50]!r} has not the ten columns of a token")
        _read_phrases(cells, len(tokens), phrases)
        joins += _read_joins(cells)
        tokens.append(_Token(cells[0], cells[2]))
    title, text = _write(tokens)
    entities = _entities(phrases, joins)
    return Document(
        title, text, tuple(_named(tokens, phrases, entities)), _salience(phrases, entities), _pages(phrases, entities)
    )


def _cells(cell: str, token: str) -> dict[str, str]:
    """``person[2]|event[3]`` -> value by the phrase's number; a phrase of one token alone may have none."""
    found: dict[str, str] = {}
    for part in cell.split("|") if cell != "_" else ():
        match = _CELL.fullmatch(part)
        found[match[2] if match else f"at {token}"] = match[1] if match else part
    return found


def _read_phrases(cells: Sequence[str], index: int, phrases: dict[str, _Phrase]) -> None:
    salience, links = _cells(cells[5], cells[0]), _cells(cells[6], cells[0])
    for number, kind in _cells(cells[3], cells[0]).items():
        phrase = phrases.setdefault(
            number, _Phrase(kind, links.get(number, "_").strip("*"), salience.get(number, "").count("s"))
        )
        phrase.tokens.append(index)


def _read_joins(cells: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Pairs of phrases that are one. A relation names the token where the other begins, and both where it can."""
    own = list(_cells(cells[3], cells[0]))
    for relation, target in zip(cells[8].split("|"), cells[9].split("|"), strict=False):
        match = _TARGET.fullmatch(target)
        if relation in _IDENTITY and match:
            here = match[3] if match[3] not in (None, "0") else f"at {cells[0]}"
            there = match[2] if match[2] not in (None, "0") else f"at {match[1]}"
            yield (here if here in own or len(own) != 1 else own[0]), there


def _write(tokens: Sequence[_Token]) -> tuple[str, str]:
    """Title and text; sets where each token is."""
    fields = {"title": "", "text": ""}
    sentence, before, open_ = "", "", ""
    for token in tokens:
        number = token.id.partition("-")[0]
        token.field = "title" if number == "1" else "text"
        token.first = number != sentence
        if token.first:
            sentence, open_ = number, ""
        so_far = fields[token.field]
        closes = token.form == open_ or (token.form == "'" and before.endswith("s"))
        tight = token.form in _TIGHT or closes or before in _OPENING or "-" in (token.form, before)
        gap = "\n" if token.first and so_far else "" if tight or not so_far else " "
        token.start = len(so_far) + len(gap)
        token.end = token.start + len(token.form)
        fields[token.field] = so_far + gap + token.form
        before = token.form
        if token.form in _QUOTES and not closes:
            open_, before = token.form, _OPEN
        elif token.form == open_:
            open_ = ""
    return fields["title"], fields["text"]


def _entities(phrases: dict[str, _Phrase], joins: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The entity of each phrase."""
    parent = {number: number for number in phrases}

    def root(number: str) -> str:
        while parent[number] != number:
            number = parent[number]
        return number

    for one, other in joins:
        if one in parent and other in parent:
            parent[root(one)] = root(other)
    linked: dict[str, str] = {}
    for number, phrase in phrases.items():
        if phrase.link not in ("", "_"):
            parent[root(number)] = root(linked.setdefault(phrase.link, number))
    numbers: dict[str, int] = {}
    return {number: numbers.setdefault(root(number), len(numbers)) for number in phrases}


def _salience(phrases: dict[str, _Phrase], entities: dict[str, int]) -> dict[int, int]:
    found: dict[int, int] = defaultdict(int)
    for number, phrase in phrases.items():
        found[entities[number]] = max(found[entities[number]], phrase.salient)
    return dict(found)


def _pages(phrases: dict[str, _Phrase], entities: dict[str, int]) -> dict[int, tuple[str, str]]:
    """The type and the page of each entity: those of its first phrase that has a page, else of its first."""
    found: dict[int, tuple[str, str]] = {}
    for number, phrase in phrases.items():
        page = "" if phrase.link == "_" else phrase.link
        if page and not found.get(entities[number], ("", ""))[1]:
            found[entities[number]] = phrase.type, page
        found.setdefault(entities[number], (phrase.type, page))
    return found


def _named(tokens: Sequence[_Token], phrases: dict[str, _Phrase], entities: dict[str, int]) -> Iterator[Gold]:
    within = {token.form for token in tokens if not token.first and token.form[:1].isupper()}
    inner: dict[int, int] = defaultdict(lambda: len(tokens))
    for phrase in phrases.values():
        for index in phrase.tokens:
            inner[index] = min(inner[index], len(phrase.tokens))
    heads: dict[int, str] = {}
    for number, phrase in sorted(phrases.items(), key=lambda item: len(item[1].tokens)):
        own = [index for index in phrase.tokens if inner[index] == len(phrase.tokens)]
        head = _head(tokens, phrase.tokens, own)
        if phrase.type in _TYPES and _is_name(_first_part(tokens, head), within):
            heads.setdefault(head, number)
    for head, number in sorted(heads.items()):
        first, last = tokens[phrases[number].tokens[0]], tokens[phrases[number].tokens[-1]]
        end = last.end if last.field == first.field else tokens[head].end
        yield Gold(first.field, first.start, end, tokens[head].end - 1, entities[number])


def _head(tokens: Sequence[_Token], phrase: Sequence[int], own: Sequence[int]) -> int:
    """The index of a phrase's head; ``own`` are its tokens that are in no smaller phrase."""
    end = len(phrase)
    while end > 1 and tokens[phrase[end - 1]].form in ("'s", "’s", "'", "’"):
        end -= 1
    border = next((at for at in range(1, end) if tokens[phrase[at]].form in _BORDERS), end)
    last = phrase[end - 1]
    trailing = last in own and phrase[max(0, end - 2)] in own and tokens[phrase[end - 2]].form[:1].isupper()
    office = tokens[phrase[border - 1]].form.lower() in TITLES
    return last if border < end and office and trailing and tokens[last].form[:1].isupper() else phrase[border - 1]


def _first_part(tokens: Sequence[_Token], index: int) -> _Token:
    """Where the word begins that ends with a token: ``Cheuk`` for the ``yan`` of ``Cheuk-yan``."""
    while index > 1 and tokens[index - 1].form == "-" and not tokens[index].first:
        index -= 2
    return tokens[index]


def _is_name(token: _Token, within: set[str]) -> bool:
    folded = token.form.casefold()
    if folded in _PRONOUNS or folded in CALENDAR or folded in FUNCTION_WORDS or folded in TITLES:
        return False
    capital = token.form[:1].isupper() or (token.form[:1].isdigit() and any(map(str.isupper, token.form)))
    return capital and (not token.first or token.form in within)
