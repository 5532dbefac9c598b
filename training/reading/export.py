"""From the trained reader to the folder that ``services.stance.reading.encoder`` loads: int8 ONNX and the vocabulary."""

import tempfile
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from services.stance.reading.encoder import MODEL
from training.quantize import OPSET, write_int8
from training.reading.model import PairReader


class _One(nn.Module):
    """The reader for one window at a time."""

    def __init__(self, reader: PairReader) -> None:
        super().__init__()
        self.reader = reader

    def forward(
        self,
        pieces: Tensor,
        spans: Tensor,
        holders: Tensor,
        targets: Tensor,
        holding: Tensor,
        targeted: Tensor,
        pair: Tensor,
    ) -> Tensor:
        own = self.reader
        hidden = own.encode(pieces, torch.zeros(1, 1, 1, 1))[0]
        sums = torch.cumsum(functional.pad(hidden, (0, 0, 1, 0)), 0)
        read = own.spans(hidden, sums, spans)
        held = torch.cat([own.holder(read[holders]), own.author(hidden[:1])])
        held = held + sum(table(holding[:, at]) for at, table in enumerate(own.holder_known))
        aimed = own.target(read[targets]) + sum(table(targeted[:, at]) for at, table in enumerate(own.target_known))
        known = sum(table(pair[..., at]) for at, table in enumerate(own.pair_known))
        scores: Tensor = own.judge(held[:, None], own.product(held)[:, None], aimed[None], known)
        return scores


def export(reader: PairReader, output: Path) -> None:
    """Write the model of ``reader`` into the folder ``output``."""
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "float.onnx"
        write_float(reader, whole)
        write_int8(whole, output / MODEL)


def write_float(reader: PairReader, path: Path) -> None:
    """Write ``reader`` as float32 ONNX."""
    inputs = {
        "pieces": torch.tensor([[101, 7592, 7592, 102]]),
        "spans": torch.tensor([[1, 2], [2, 3]]),
        "holders": torch.tensor([0]),
        "targets": torch.tensor([0, 1]),
        "holding": torch.zeros(2, 3, dtype=torch.long),
        "targeted": torch.zeros(2, 5, dtype=torch.long),
        "pair": torch.zeros(2, 2, 3, dtype=torch.long),
    }
    axes = {
        "pieces": {1: "pieces"}, "spans": {0: "spans"}, "holders": {0: "holders"}, "targets": {0: "targets"},
        "holding": {0: "voices"}, "targeted": {0: "targets"}, "pair": {0: "voices", 1: "targets"},
        "scores": {0: "voices", 1: "targets"},
    }  # fmt: skip
    torch.onnx.export(
        _One(reader).eval(), tuple(inputs.values()), path, input_names=list(inputs), output_names=["scores"],
        dynamic_axes=axes, opset_version=OPSET, dynamo=False,
    )  # fmt: skip
