"""The tagger: a spaCy component that finds names with a small encoder, run by onnxruntime.

``nlp.add_pipe("news_tagger")`` or a pipeline folder that names it; it sets ``doc.ents`` and reads ``doc.sents`` where they
are set before it. How the encoder was made is in ``training/entities``, what it is good for in ``model/README.md``.

A document is read in windows of whole sentences, one by one: without padding, and so that a document's names depend on
nothing but itself (quantisation takes the range of a whole batch: neighbours would count).
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc, Span, Token

from services.text.wordpiece import SHAPES, WordPieces, shape

TYPES = ("PERSON", "NORP", "FAC", "ORG", "GPE", "LOC", "PRODUCT", "EVENT", "WORK_OF_ART", "LAW")
TAGS = ("O", *(f"{place}-{kind}" for kind in TYPES for place in "BI"))
"""The outputs of the encoder, in order: outside, beginning or inside of a name of each type."""
MOST_PIECES = 128
"""Pieces of a window: five sentences of news. Twice as many cost a sixth more time (attention) and gave no better names."""
SHARES = "news_tagger_shares"

_MODEL, _VOCABULARY = "model.onnx", "vocab.txt"
_FORBIDDEN = -1e4
"""Score of an I- that continues nothing: below any that the encoder gives."""
_STEPS = np.array(
    [[0.0 if now[0] != "I" or before[2:] == now[2:] else _FORBIDDEN for now in TAGS] for before in TAGS], np.float32
)
_INSIDE = np.array([tag[0] == "I" for tag in TAGS])
_KINDS = np.array([0, *(1 + at // 2 for at in range(len(TAGS) - 1))])

Ids = list[int]


class NewsTagger:
    """The component. Not safe for threads, like the rest of a pipeline."""

    def __init__(self) -> None:
        self._pieces: WordPieces | None = None
        self._session: onnxruntime.InferenceSession | None = None
        self._model = b""

    @property
    def labels(self) -> tuple[str, ...]:
        """The types that it gives."""
        return TYPES

    def __call__(self, doc: Doc) -> Doc:
        """Set ``doc.ents``, and in ``doc.user_data[SHARES]`` for each of them how probable each of ``TYPES`` is.

        Raises:
            ValueError: no encoder was loaded (``from_disk``).
        """
        if self._pieces is None:
            raise ValueError("the news tagger has no encoder: load the pipeline from a folder")
        words = [token for token in doc if not token.is_space]
        texts = [token.text for token in words]
        spelled = spell(texts, self._pieces)
        names: list[Span] = []
        shares: list[tuple[float, ...]] = []
        for first, last in cut(spelled, _starts(doc, words), MOST_PIECES):
            scores = self._scores(texts[first:last], spelled[first:last])
            for begin, end, kind in spans(decode(scores)):
                names.append(Span(doc, words[first + begin].i, words[first + end - 1].i + 1, kind))
                shares.append(weigh(scores[begin:end]))
        doc.set_ents(names)
        doc.user_data[SHARES] = shares
        return doc

    def pipe(self, stream: Iterable[Doc], batch_size: int = 1) -> Iterator[Doc]:
        """Each document by itself: a batch would change what is found."""
        yield from map(self, stream)

    def to_disk(self, path: Path, exclude: Iterable[str] = ()) -> None:
        """Write the encoder and its vocabulary into the folder ``path``."""
        if self._pieces is None:
            raise ValueError("the news tagger has no encoder to write")
        Path(path).mkdir(parents=True, exist_ok=True)
        (Path(path) / _MODEL).write_bytes(self._model)
        self._pieces.save(Path(path) / _VOCABULARY)

    def from_disk(self, path: Path, exclude: Iterable[str] = ()) -> "NewsTagger":
        """Read the encoder from the folder ``path``."""
        self._pieces = WordPieces.load(Path(path) / _VOCABULARY)
        self._model = (Path(path) / _MODEL).read_bytes()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # the stage has a process for each core
        options.enable_mem_pattern = False  # windows have all lengths: a plan of memory for each would pile up
        self._session = onnxruntime.InferenceSession(self._model, options, providers=["CPUExecutionProvider"])
        return self

    def _scores(self, words: Sequence[str], spelled: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """The scores of the tags of each word, (words, tags): those of its first piece."""
        assert self._pieces is not None
        assert self._session is not None
        pieces, shapes, firsts = encode(words, spelled, self._pieces)
        inputs = {"pieces": np.array([pieces], np.int64), "shapes": np.array([shapes], np.int64)}
        scores: NDArray[np.float32] = self._session.run(["scores"], inputs)[0]
        return scores[0, firsts]


@Language.factory("news_tagger", assigns=["doc.ents", "token.ent_iob", "token.ent_type"])
def make(nlp: Language, name: str) -> NewsTagger:
    """The component, empty; the encoder comes with ``from_disk``."""
    return NewsTagger()


def spell(words: Iterable[str], pieces: WordPieces) -> list[Sequence[int]]:
    """The pieces of each word; what has none (a control character) is unknown."""
    return [pieces.pieces(word) or (pieces.unknown,) for word in words]


def cut(spelled: Sequence[Sequence[int]], starts: Sequence[int], most: int) -> Iterator[tuple[int, int]]:
    """The windows of a document: first word and last + 1. Together they are all words, in order.

    Each has at most ``most`` pieces, the two at its ends included, and ends where a sentence does (the next begins at one of
    the words ``starts``), except inside a sentence that is longer than a window.
    """
    room = most - 2
    first = size = at = 0
    for end in [*starts[1:], len(spelled)] if spelled else []:
        length = sum(map(len, spelled[at:end]))
        if size and size + length > room:
            yield first, at
            first, size = at, 0
        if length > room:
            for word in range(at, end):
                if size + len(spelled[word]) > room:
                    yield first, word
                    first, size = word, 0
                size += len(spelled[word])
        else:
            size += length
        at = end
    if first < at:
        yield first, at


def encode(words: Sequence[str], spelled: Sequence[Sequence[int]], pieces: WordPieces) -> tuple[Ids, Ids, Ids]:
    """A window as the encoder reads it: its pieces, how their words are written, and the place of each word's first piece."""
    ids, shapes, firsts = [pieces.first], [0], []
    for word, own in zip(words, spelled, strict=True):
        written = shape(word)
        firsts.append(len(ids))
        ids += own
        shapes.append(written)
        shapes += [written + len(SHAPES)] * (len(own) - 1)
    return [*ids, pieces.last], [*shapes, 0], firsts


def decode(scores: NDArray[np.float32]) -> list[int]:
    """The best tags of ``scores`` (words, tags) in which each I- continues a name of its type (Viterbi)."""
    best = scores.argmax(axis=1)
    kinds = _KINDS[best]
    inside = _INSIDE[best]
    if not inside.any() or (not inside[0] and (kinds[1:] == kinds[:-1])[inside[1:]].all()):
        return [int(tag) for tag in best]  # the best of each word is the best of all, since it is allowed
    total = scores[0] + np.where(_INSIDE, _FORBIDDEN, 0)
    back = []
    for row in scores[1:]:
        paths = total[:, None] + _STEPS
        before = paths.argmax(axis=0)
        total = paths[before, np.arange(len(TAGS))] + row
        back.append(before)
    tags = [int(total.argmax())]
    for before in reversed(back):
        tags.append(int(before[tags[-1]]))
    return tags[::-1]


def weigh(scores: NDArray[np.float32]) -> tuple[float, ...]:
    """How probable each of ``TYPES`` is for a name with these ``scores`` (words, tags), as shares of 1: a product over words."""
    begins, insides = scores[0, 1::2], scores[1:, 2::2]
    mean = (begins + insides.sum(axis=0)) / len(scores)
    raised = np.exp(mean - mean.max())
    return tuple(float(share) for share in raised / raised.sum())


def spans(tags: Sequence[int]) -> Iterator[tuple[int, int, str]]:
    """The names in ``tags``: first word, last + 1, type."""
    first: int | None = None
    for at, tag in enumerate([*tags, 0]):
        if first is not None and TAGS[tag][0] != "I":
            yield first, at, TAGS[tags[first]][2:]
            first = None
        if TAGS[tag][0] == "B":
            first = at


def _starts(doc: Doc, words: Sequence[Token]) -> list[int]:
    """The words that begin a sentence: the first, and those after a sentence's end."""
    if not doc.has_annotation("SENT_START"):
        return [0]
    begun = False
    starts: list[int] = []
    numbers = {token.i: number for number, token in enumerate(words)}
    for token in doc:
        begun = begun or bool(token.is_sent_start)
        if begun and token.i in numbers:
            starts.append(numbers[token.i])
            begun = False
    return starts if starts[:1] == [0] else [0, *starts]
