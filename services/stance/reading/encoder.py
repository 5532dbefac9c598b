"""The model of a window, loaded: the probabilities of each pair of holder and target in it.

One window at a time and on one thread, as ``services.stance.encoder`` says why. How the model was made is in
``training/reading``, what it is good for in ``model/README.md``.
"""

import json
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from services.stance.reading.windows import Window
from services.text.wordpiece import WordPieces

OWN = Path(__file__).parent / "model"
MODEL, VOCABULARY, ABOUT = "pairs.onnx", "vocab.txt", "about.json"
"""The files of a model's folder."""


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
        try:
            self.about = About.model_validate(json.loads((folder / ABOUT).read_text(encoding="utf-8")))
            self.pieces = WordPieces.load(folder / VOCABULARY)
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1  # the stage has a process for each core
            options.enable_mem_pattern = False  # windows have all lengths: a plan of memory for each would pile up
            self._session = onnxruntime.InferenceSession(
                (folder / MODEL).read_bytes(), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime's have no base of their own
            why = " ".join(str(error).split())[:200]
            raise ValueError(f"STANCEWIRE_STANCE_MODEL: there is no stance model in {str(folder)!r}: {why}") from error

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
