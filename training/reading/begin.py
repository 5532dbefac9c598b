"""What the reader begins with: the encoder of the shipped sentence model, whose int8 weights are made float again.

It knows already what favor and against sound like, from 60,000 sentences that its teachers read.
"""

from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor

_PARTS = ("mixed", "out", "wide", "narrow")
"""The products of a layer, in their order."""
_OWN = "student."


def encoder_weights(model: Path) -> dict[str, Tensor]:
    """The weights of ``training.stance.student.Student`` without its head, out of an exported int8 ``model``."""
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in onnx.load(model).graph.initializer}

    def whole(name: str) -> NDArray[np.float32]:
        scale = stored[f"{name}_scale"].astype(np.float32)
        raw: NDArray[np.float32] = (
            stored[f"{name}_quantized"].astype(np.float32) - stored[f"{name}_zero_point"].astype(np.float32)
        ) * scale
        return raw

    found = {
        name.removeprefix(_OWN): torch.tensor(value)
        for name, value in stored.items()
        if name.startswith(_OWN) and value.dtype == np.float32 and not name.endswith("_scale")
    }
    for name in ("words", "places", "kinds"):
        found[f"{name}.weight"] = torch.tensor(whole(f"{_OWN}{name}.weight"))
    products = sorted(
        {
            name.removesuffix("_quantized")
            for name in stored
            if name.startswith("onnx::MatMul") and name.endswith("_quantized")
        },
        key=lambda name: int(name.split("_")[1]),
    )
    for at, name in enumerate(products):
        layer, part = divmod(at, len(_PARTS))
        key = f"layers.{layer}.{_PARTS[part]}.weight"
        found[key] = torch.tensor(whole(name).T.copy())
    return {name: value for name, value in found.items() if not name.startswith("head")}
