"""From the trained student to the folder that ``services.stance.encoder`` reads: int8 ONNX, the vocabulary, a temperature."""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from evaluation.speech import LABELS, pairs
from evaluation.speech import read as read_labels
from services.stance.encoder import MODEL, StanceEncoder
from services.stance.loading import ABOUT, VOCABULARY
from services.stance.reader import Passage
from services.stance.trained import TrainedReader
from services.text.wordpiece import WordPieces
from training.quantize import OPSET, write_int8
from training.stance.data import Example
from training.stance.student import Student

_TEMPERATURES = np.arange(0.5, 3.0, 0.01)


class _Fixed(nn.Module):
    """The student for one text at a time."""

    def __init__(self, student: Student) -> None:
        super().__init__()
        self.student = student

    def forward(self, pieces: Tensor, positions: Tensor, questions: Tensor, places: Tensor) -> Tensor:
        scores: Tensor = self.student(pieces, positions, questions, torch.zeros_like(places), places)
        return scores


def export(
    name: str, student: Student, pieces: WordPieces, named: Sequence[Example], issues: Sequence[Example], output: Path
) -> None:
    """Write the model ``name`` into the folder ``output``. The temperatures are those that make these annotated texts likeliest.

    The large one's products that narrow a layer again are in float32: with all in int8 it is 1.3 worse on NewsMTSC and 3.5 on
    issues, with these in float it is as good as whole, and half as slow again.
    """
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "float.onnx"
        write_float(student, whole)
        write_int8(whole, output / MODEL, in_float="/narrow/" if student.distances is not None else "")
    pieces.save(output / VOCABULARY)
    about = {"name": name, "temperature": 1.0, "topic_temperature": 1.0}
    _write(about, output)
    encoder = StanceEncoder(str(output))
    about |= {"temperature": heat(encoder, named), "topic_temperature": heat(encoder, issues)}
    _write(about, output)
    hot, neutral = fit_speech(TrainedReader(StanceEncoder(str(output))), pairs(read_labels(LABELS)))
    _write(about | {"speech_temperature": hot, "speech_neutral": neutral}, output)


def _write(about: dict[str, str | float], output: Path) -> None:
    (output / ABOUT).write_text(json.dumps(about) + "\n", encoding="utf-8")


def write_float(student: Student, path: Path) -> None:
    """Write ``student`` as float32 ONNX."""
    inputs = {
        "pieces": torch.tensor([[101, 7592, 102, 2, 7592]]),
        "positions": torch.tensor([[0, 1, 2, 1, 1]]),
        "questions": torch.tensor([[0, 0, 0, 1, 1]]),
        "places": torch.tensor([3]),
    }
    axes = {name: {1: "pieces"} for name in inputs} | {"places": {0: "asked"}, "scores": {0: "asked"}}
    torch.onnx.export(
        _Fixed(student).eval(), tuple(inputs.values()), path, input_names=list(inputs), output_names=["scores"],
        dynamic_axes=axes, opset_version=OPSET, dynamo=False,
    )  # fmt: skip


def fit_speech(reader: TrainedReader, asked: Sequence[tuple[Passage, int]]) -> tuple[float, float]:
    """The temperature, and what is added for neutral, that make these judged pairs likeliest."""
    answers = [reader([passage])[0] for passage, _ in asked]
    shares = np.array([[one.favor, one.against, one.neutral] for one in answers if one is not None])
    gold = np.array([{1: 0, -1: 1, 0: 2}[label] for (_, label), one in zip(asked, answers, strict=True) if one])
    logs = np.log(np.maximum(shares, 1e-4))

    def lost(fit: tuple[float, float]) -> float:
        raised = logs / fit[0] + np.array([0, 0, fit[1]])
        raised -= np.log(np.exp(raised).sum(axis=1, keepdims=True))
        return -float(raised[np.arange(len(gold)), gold].mean())

    fits = [(float(hot), float(neutral)) for hot in _TEMPERATURES for neutral in np.arange(-2.0, 2.01, 0.05)]
    hot, neutral = min(fits, key=lost)
    return round(hot, 2), round(neutral, 2)


def heat(encoder: StanceEncoder, devs: Sequence[Example]) -> float:
    """By what the scores are to be divided (Guo et al. 2017), at a temperature of 1 now."""
    read = encoder([(one.text, tuple(ask.issue or ask.target for ask in one.asks)) for one in devs])
    shares = np.concatenate(read)
    gold = np.array([int(np.argmax(ask.shares)) for one in devs for ask in one.asks])

    def lost(value: float) -> float:
        raised: NDArray[np.float64] = np.log(np.maximum(shares, 1e-12)) / value
        raised -= np.log(np.exp(raised).sum(axis=1, keepdims=True))
        return -float(raised[np.arange(len(gold)), gold].mean())

    return round(float(min(_TEMPERATURES, key=lost)), 2)
