"""The model of a window, loaded: the probabilities of each pair of holder and target in it.

One window at a time and on one thread, as ``services.stance.encoder`` says why. How the model was made is in
``training/reading``, what it is good for in ``model/README.md``.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from services.stance.loading import load_model
from services.stance.reading.windows import Window

OWN = Path(__file__).parent / "model"
MODEL = "pairs.onnx"
"""The file of a model's folder, beside those that ``loading`` names."""


class About(BaseModel):
    """What stands beside a model: its name and version, and ``weights``, by which a finding's confidence is reckoned from what is
    known of it (``services.stance.reading.findings``)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=100)
    weights: dict[str, float]


class PairEncoder:
    """A model, loaded. One for each process."""

    def __init__(self, folder: Path = OWN) -> None:
        """Load the model of a folder.

        Raises:
            ValueError: it is no folder of such a model.
        """
        self.about, self.pieces, self._session = load_model(folder, MODEL, About)

    def __call__(self, window: Window) -> NDArray[np.float32]:
        """The probabilities of none, favor and against, (holders + 1, targets, 3)."""
        scores = self._session.run(["scores"], inputs(window))[0]
        raised = np.exp(scores - scores.max(-1, keepdims=True))
        shares: NDArray[np.float32] = raised / raised.sum(-1, keepdims=True)
        return shares


def inputs(window: Window) -> dict[str, NDArray[np.int64]]:
    """A window as the model takes it."""
    return {
        "pieces": np.array([window.pieces], np.int64),
        "spans": np.array([span.pieces for span in window.spans], np.int64).reshape(-1, 2),
        "holders": np.array(window.holders, np.int64),
        "targets": np.array(window.targets, np.int64),
        "holding": window.holding.astype(np.int64),
        "targeted": window.targeted.astype(np.int64),
        "pair": window.pair.astype(np.int64),
    }
