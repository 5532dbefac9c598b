"""Copies as desks and machines make them: an article changed in one known way.

Every edit is a function of the article, of what other articles are made of, and of a seeded generator: the same on every
machine. How much of the original is left in a copy is theirs to say; whether it is still a copy is the measurement's.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from evaluation.data import Article
from evaluation.overlap import WORD


@dataclass(frozen=True)
class Material:
    """What copies are filled up with, from other articles.

    Attributes:
        words: in their order, each as often as it is used. sentences: with the white space behind them. titles: headlines.
    """

    words: Sequence[str]
    sentences: Sequence[str]
    titles: Sequence[str]


Edit = Callable[[Article, Material, Random], Article]

RUN = 10
"""Words that are changed together where an editor is played: a clause or a short sentence."""
_LEAD = 3
"""Sentences of a lead: agencies' have one or two, and an abbreviation may have split one."""
_SENTENCE = re.compile(r".+?(?:[.!?]['\"’”)]*\s+|\n+|\Z)", re.DOTALL)
_ENDED = re.compile(r"[.!?]['\"’”)]*\s*\Z")
_PUNCTUATION = re.compile(r"([^\w\s'’])")
_CLITIC = re.compile(r"(?i)(n['’]t|['’](?:s|re|ve|ll|d|m))\b")


def sentences(text: str) -> list[str]:
    """The text in pieces that end behind a sentence or a line, white space included; an abbreviation may end one too."""
    return _SENTENCE.findall(text)


def gather(articles: Sequence[Article]) -> Material:
    """What ``articles`` are made of."""
    return Material(
        words=[word for article in articles for word in WORD.findall(article.text)],
        sentences=[f"{piece.strip()} " for article in articles for piece in sentences(article.text) if piece.strip()],
        titles=[article.title for article in articles],
    )


def swap_headline(article: Article, material: Material, random: Random) -> Article:
    """Another headline, the text as it was."""
    return Article(title=random.choice(material.titles), text=article.text)


def cut_lead(article: Article, material: Material, random: Random) -> Article:
    """Without its lead, the first paragraph that ends like a sentence, and what stands above that: captions, credits. Of a
    long paragraph the lead is the first three sentences."""
    paragraphs = article.text.split("\n\n")
    lead = next((number for number, one in enumerate(paragraphs) if _ENDED.search(one)), 0)
    rest = "".join(sentences(paragraphs[lead])[_LEAD:])
    return _with(article, "\n\n".join([rest, *paragraphs[lead + 1 :]]).strip())


def add_caption(article: Article, material: Material, random: Random) -> Article:
    """With a photograph's caption and credit above, as agencies send them."""
    caption = "FILE PHOTO: People walk past the town hall, January 12, 2024. REUTERS/Ann Roe/File Photo"
    return _with(article, f"{caption}\n\n{article.text}")


def add_credits(article: Article, material: Material, random: Random) -> Article:
    """With a photographer's credit above, and below who reported and whose it is."""
    below = "Reporting by Ann Roe and John Doe; Editing by Mary Major\n\nCopyright 2024 The Example Press. All rights reserved."
    return _with(article, f"Photo: Ann Roe/Getty Images\n\n{article.text}\n\n{below}")


def add_links(article: Article, material: Material, random: Random) -> Article:
    """With what sites put between paragraphs, one behind every fourth: links to other articles, newsletters, buttons."""
    fixed = ["Sign up for our newsletter to get the day's news in your inbox.", "Story continues below advertisement"]
    links = [f"Read more: {title}" for title in random.sample(material.titles, min(2, len(material.titles)))]
    paragraphs = article.text.split("\n\n")
    made: list[str] = []
    for start in range(0, len(paragraphs), 4):
        made += [*paragraphs[start : start + 4], random.choice(fixed + links)]
    return _with(article, "\n\n".join([*made, "Follow us on Facebook and Twitter."]))


def reorder(article: Article, material: Material, random: Random) -> Article:
    """Its sentences in any order."""
    pieces = [piece.strip() for piece in sentences(article.text)]
    random.shuffle(pieces)
    return _with(article, " ".join(pieces))


def tokenise(article: Article, material: Material, random: Random) -> Article:
    """With spaces around punctuation and before ``n't`` and ``'s``, as the Penn Treebank writes."""
    return _with(article, re.sub(r"[ \t]+", " ", _PUNCTUATION.sub(r" \1 ", _CLITIC.sub(r" \1", article.text))))


def capitalise(article: Article, material: Material, random: Random) -> Article:
    """In capitals."""
    return _with(article, article.text.upper())


def change(share: float, run: int = 1) -> Edit:
    """So large a share of the text's runs of ``run`` words changed, at least one of them, every word to another one."""

    def edit(article: Article, material: Material, random: Random) -> Article:
        count = len(WORD.findall(article.text))
        runs = range(0, count, run)
        changed = set(random.sample(runs, min(len(runs), max(1, round(share * len(runs))))))
        places = iter(range(count))

        def written(match: re.Match[str]) -> str:
            place = next(places)
            return _other(match[0], material.words, random) if place - place % run in changed else match[0]

        return _with(article, WORD.sub(written, article.text))

    return edit


def excerpt(share: float, start: float = 0.0) -> Edit:
    """The sentences from ``start`` (a share of them) on, so many of them, at least one."""

    def edit(article: Article, material: Material, random: Random) -> Article:
        pieces = sentences(article.text)
        first = int(start * len(pieces))
        return _with(article, "".join(pieces[first : first + max(1, round(share * len(pieces)))]).strip())

    return edit


def embed(share: float) -> Edit:
    """In a longer text of which it is ``share``: as many sentences of other articles before it as behind it."""

    def edit(article: Article, material: Material, random: Random) -> Article:
        wanted = len(article.text) * (1 / share - 1) / 2
        around = [_fill(material.sentences, wanted, random) for _ in range(2)]
        return _with(article, f"{around[0]}\n\n{article.text}\n\n{around[1]}")

    return edit


EDITS: Mapping[str, Edit] = {
    "headline": swap_headline,
    "capitals": capitalise,
    "tokenised": tokenise,
    "credits": add_credits,
    "caption": add_caption,
    "links": add_links,
    "lead_cut": cut_lead,
    "reordered": reorder,
    "excerpt_50": excerpt(0.5),
    "excerpt_30": excerpt(0.3),
    "excerpt_20": excerpt(0.2),
    "excerpt_10": excerpt(0.1),
    "middle_30": excerpt(0.3, start=0.35),
    "within_50": embed(0.5),
    "within_30": embed(0.3),
    "within_20": embed(0.2),
    "within_10": embed(0.1),
}
"""The numbers are percent: how much of the original an excerpt is, how much of a longer text the original."""


def _with(article: Article, text: str) -> Article:
    return Article(title=article.title, text=text)


def _other(word: str, words: Sequence[str], random: Random) -> str:
    """Another word: only one that differs changes anything, and one word in twenty is "the"."""
    other = word
    while other.casefold() == word.casefold():
        other = random.choice(words)
    return other


def _fill(pieces: Sequence[str], characters: float, random: Random) -> str:
    """Pieces drawn one by one until they have so many characters."""
    drawn, size = [], 0
    while size < characters:
        drawn.append(random.choice(pieces))
        size += len(drawn[-1])
    return "".join(drawn).strip()
