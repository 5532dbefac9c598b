"""From news articles to ``background.txt``: in how many of them each stem is.

The first line says of how many articles; each other line has a count and the stems that are in so many.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable

from evaluation.data import Article
from services.stories.terms import LONGEST_TITLE, first_words, stem, words

LEAST = 4
"""Stems in fewer articles are left out: they are taken to be as rare as one that was never seen."""
_WIDTH = 130


def written(articles: Iterable[Article]) -> str:
    """The file."""
    counts: Counter[str] = Counter()
    documents = 0
    for article in articles:
        documents += 1
        read = [*words(article.title[:LONGEST_TITLE]), *first_words(article.text)]
        counts.update({stem(word) for word in read} - {""})
    return table(counts, documents)


def table(counts: Counter[str], documents: int) -> str:
    """The file of counts."""
    by_count: defaultdict[int, list[str]] = defaultdict(list)
    for word, count in counts.items():
        if count >= LEAST and not word.isdigit():
            by_count[count].append(word)
    lines = [f"documents {documents}"]
    for count in sorted(by_count, reverse=True):
        line = f"{count}"
        for word in sorted(by_count[count]):
            if len(line) + len(word) > _WIDTH:
                lines.append(line)
                line = f"{count}"
            line += f" {word}"
        lines.append(line)
    return "\n".join(lines) + "\n"
