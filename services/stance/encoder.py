"""The trained stance model in its folder: texts with their targets in, the probabilities of each stance out.

Decides how the model is run: one text at a time, with its targets, on one thread, so that what is found in it depends on
nothing else (int8 takes the range of a whole batch: another text in it would count, and padding would cost more than a
call, which is 7 % of the time). How it was made is in ``training/stance``, what it is good for in ``model/README.md``.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from services.stance.loading import load_model
from services.stance.questions import Asked, Target, spell

OWN, LARGE = "stancewire-sentences", "stancewire-large"
"""The models that come with the project: the small one, and one that is stronger and takes five times as long."""
FOLDERS = {OWN: Path(__file__).parent / "model", LARGE: Path(__file__).parent / "model-large"}
MODEL = "model.onnx"
"""The file of a model's folder, beside those that ``loading`` names."""

Question = tuple[str, tuple[Target, ...]]
"""A text and the targets asked about."""


Inputs = dict[str, NDArray[np.int64]]
"""Of the model, by name: (1, pieces) thrice, and (targets)."""


class About(BaseModel):
    """What stands beside a model: its name and version, and what brings its confidence to what comes true (Guo et al. 2017).

    Scores are divided by a temperature, toward entities or toward issues. In speech, logarithms of shares are divided by another,
    and ``speech_neutral`` is added to that of neutral: who is quoted takes sides less often than the sentences of the training.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=100)
    temperature: float = Field(gt=0, lt=100)
    topic_temperature: float = Field(gt=0, lt=100)
    speech_temperature: float = Field(default=1.0, gt=0, lt=100)
    speech_neutral: float = Field(default=0.0, gt=-20, lt=20)


class StanceEncoder:
    """A model, loaded. One for each process."""

    def __init__(self, model: str, setting: str = "STANCEWIRE_STANCE_MODEL") -> None:
        """Load one of our own, by its name, or the folder of that name.

        Raises:
            ValueError: it is no folder of a stance model; ``setting`` is the variable that named it.
        """
        folder = FOLDERS.get(model) or Path(model)
        self.about, self._pieces, self._session = load_model(folder, MODEL, About, setting)

    def __call__(self, questions: Sequence[Question]) -> list[NDArray[np.float64]]:
        """For each text the shares of favor, against and neutral, (targets, 3)."""
        scores = self.run(self.cut(questions))
        return [_softmax(raw / self._heat(targets)) for raw, (_, targets) in zip(scores, questions, strict=True)]

    def _heat(self, targets: Sequence[Target]) -> NDArray[np.float64]:
        about = self.about
        heat = [about.topic_temperature if isinstance(target, str) else about.temperature for target in targets]
        return np.array(heat, np.float64).reshape(-1, 1)

    def cut(self, questions: Sequence[Question]) -> list[Inputs]:
        """The texts as the model reads them."""
        return [_inputs(spell(text, targets, self._pieces)) for text, targets in questions]

    def run(self, texts: Sequence[Inputs]) -> list[NDArray[np.float32]]:
        """The model's scores of each text, (targets, 3)."""
        return [self._session.run(["scores"], text)[0] for text in texts]


def _inputs(asked: Asked) -> Inputs:
    parallel = {"pieces": asked.pieces, "positions": asked.positions, "questions": asked.questions}
    return {name: np.array([own], np.int64) for name, own in parallel.items()} | {
        "places": np.array(asked.places, np.int64)
    }


def _softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: NDArray[np.float64] = raised / raised.sum(axis=1, keepdims=True)
    return shares
