"""The trained reader: the encoder says what a passage means for its target, the lexicon whether an act or a judgement is there.

Which words each voice is read in:

* speech: the holder's own words alone (the scope). The encoder decides; toward an issue that they do not name, neutral is no
  finding.
* text: the passage as a whole. The encoder decides.
* act, call: the article tells what somebody does or says of the target. Whether it tells that at all is for the lexicon
  (a verb of stance, a name called), which knows who does what to whom; where it does, both are asked, and their answers are
  averaged in the logarithm.
* author: most of news is nobody's opinion, though it is good or bad news for somebody, and that is what the encoder was
  trained on. So the article's own voice is read only where the lexicon finds a word that judges the target, as acts are, and
  neutral is no finding there.
"""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from schemas.event import Probabilities
from services.stance.encoder import StanceEncoder
from services.stance.questions import Target
from services.stance.reader import LexiconReader, Passage

_FLOOR = 1e-4
"""The least share that an answer gives: that of the fourth place."""


class TrainedReader:
    """Reads stances by a trained encoder. An answer depends on the passages of its call alone."""

    def __init__(self, encoder: StanceEncoder) -> None:
        self._encoder = encoder
        self._lexicon = LexiconReader()
        self.name = f"{encoder.about.name}+{self._lexicon.name}"

    def __call__(self, passages: Sequence[Passage]) -> list[Probabilities | None]:
        """Read the passages; the stretches that several of them share are read once."""
        return self.read([passages])[0]

    def read(self, documents: Sequence[Sequence[Passage]]) -> list[list[Probabilities | None]]:
        """Read the passages of each document: all are looked at before the first is encoded."""
        asked = [self._ask(passages) for passages in documents]
        shares = iter(self._encoder([(text, tuple(own)) for one in asked for text, own in one.texts.items()]))
        return [self._answers(passages, one, shares) for passages, one in zip(documents, asked, strict=True)]

    def _ask(self, passages: Sequence[Passage]) -> "_Asked":
        told = [index for index, passage in enumerate(passages) if passage.voice in {"act", "call", "author"}]
        lexical = dict(zip(told, self._lexicon([passages[index] for index in told]), strict=True))
        asked = _Asked(lexical, {}, {})
        for index, passage in enumerate(passages):
            if lexical.get(index, passage) is None:
                continue
            text, target = _question(passage)
            targets = asked.texts.setdefault(text, {})
            targets.setdefault(target, len(targets))
            asked.places[index] = (text, targets[target])
        return asked

    def _answers(
        self, passages: Sequence[Passage], asked: "_Asked", shares: Iterator[NDArray[np.float64]]
    ) -> list[Probabilities | None]:
        read = {text: next(shares).tolist() for text in asked.texts}
        answers: list[Probabilities | None] = [None] * len(passages)
        for index, (text, place) in asked.places.items():
            answer = _answer(*read[text][place])
            if passages[index].voice == "speech" and not passages[index].issue:
                answer = self._spoken(answer)
            if _is_nothing(passages[index]) and answer.neutral >= max(answer.favor, answer.against):
                continue
            other = asked.lexical.get(index)
            answers[index] = answer if other is None else _both(answer, other)
        return answers

    def _spoken(self, answer: Probabilities) -> Probabilities:
        about = self._encoder.about
        favor, against, neutral = (
            max(share, _FLOOR) ** (1 / about.speech_temperature)
            for share in (answer.favor, answer.against, answer.neutral)
        )
        return _answer(favor, against, neutral * math.exp(about.speech_neutral))


class _Asked(NamedTuple):
    """What the passages of a document come to: by the number of a passage what the lexicon finds, and its text and the number of
    its target there; ``texts`` are the texts with their targets, each with its number."""

    lexical: dict[int, Probabilities | None]
    places: dict[int, tuple[str, int]]
    texts: dict[str, dict[Target, int]]


def _question(passage: Passage) -> tuple[str, Target]:
    """The stretch that the encoder reads, and its target there."""
    start, end = passage.scope if passage.voice in {"speech", "author"} else (0, len(passage.text))
    if passage.issue:
        return passage.text[start:end], passage.issue
    if not start <= passage.target[0] < passage.target[1] <= end:
        start, end = 0, len(passage.text)
    return passage.text[start:end], (passage.target[0] - start, passage.target[1] - start)


def _is_nothing(passage: Passage) -> bool:
    """Whether neutral is no finding: for the article's own voice, and for words in which an issue is not even named."""
    return passage.voice == "author" or (passage.voice == "speech" and passage.target == (0, 0))


def _both(one: Probabilities, other: Probabilities) -> Probabilities:
    """The mean of two answers in the logarithm."""
    names = ("favor", "against", "neutral")
    raised = [math.sqrt(max(getattr(one, name), _FLOOR) * max(getattr(other, name), _FLOOR)) for name in names]
    return _answer(*raised)


def _answer(favor: float, against: float, neutral: float) -> Probabilities:
    total = favor + against + neutral
    return Probabilities(favor=favor / total, against=against / total, neutral=neutral / total)
