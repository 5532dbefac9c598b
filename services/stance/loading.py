"""A model of this stage out of its folder: what stands beside it, its word pieces, and onnxruntime on one thread."""

import json
from pathlib import Path
from typing import TypeVar

import onnxruntime
from pydantic import BaseModel

from services.text.wordpiece import WordPieces

VOCABULARY, ABOUT = "vocab.txt", "about.json"
"""Files of a model's folder, beside the model itself."""
About = TypeVar("About", bound=BaseModel)


def load_model(
    folder: Path, model: str, about: type[About], setting: str = "STANCEWIRE_STANCE_MODEL"
) -> tuple[About, WordPieces, onnxruntime.InferenceSession]:
    """Load the file ``model`` of a folder and what belongs to it.

    Raises:
        ValueError: it is no folder of such a model; ``setting`` is the variable that named it.
    """
    try:
        beside = about.model_validate(json.loads((folder / ABOUT).read_text(encoding="utf-8")))
        pieces = WordPieces.load(folder / VOCABULARY)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # the stage has a process for each core
        options.enable_mem_pattern = False  # texts have all lengths: a plan of memory for each would pile up
        session = onnxruntime.InferenceSession(
            (folder / model).read_bytes(), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # onnxruntime's have no base of their own
        why = " ".join(str(error).split())[:200]
        raise ValueError(f"{setting}: there is no stance model in {str(folder)!r}: {why}") from error
    return beside, pieces, session
