"""What the reader begins with: a shipped model, whose int8 weights are made float again.

Either the encoder of the sentence model, which knows already what favor and against sound like, from 60,000 sentences that its
teachers read; or the reader that was shipped last, when more articles are added to what that one learnt.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor

_PARTS = ("mixed", "out", "wide", "narrow")
"""The products of a layer, in their order."""
_LAST = ("inner", "outer")
"""Those of the network over pairs that have no name in the file, in their order behind the layers'."""
_OWN, _READER = "student.", "reader."
_INT8 = "_quantized"
_TURNED = "_Transposed"

Stored = Mapping[str, NDArray[np.generic]]


def encoder_weights(model: Path) -> dict[str, Tensor]:
    """The weights of ``training.stance.student.Student`` without its head, out of an exported int8 ``model``."""
    stored = _stored(model)
    found = _named(stored, _OWN)
    for at, name in enumerate(_products(stored)):
        found[_of_layer(at)] = _float(stored, name).T.contiguous()
    return {name: value for name, value in found.items() if not name.startswith("head")}


def reader_weights(model: Path) -> dict[str, Tensor]:
    """The weights of ``training.reading.model.PairReader``, out of an exported int8 ``model``."""
    stored = _stored(model)
    found = _named(stored, _READER)
    products = _products(stored)
    layers = len(products) - len(_LAST)
    for at, name in enumerate(products):
        key = f"encoder.{_of_layer(at)}" if at < layers else f"{_LAST[at - layers]}.weight"
        found[key] = _float(stored, name).T.contiguous()
    return found


def _stored(model: Path) -> Stored:
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in onnx.load(model).graph.initializer}


def _named(stored: Stored, own: str) -> dict[str, Tensor]:
    """What has the name of a weight in the file, which begins with ``own``: floats as they are, tables, and turned products."""
    found = {
        name.removeprefix(own): torch.tensor(value)
        for name, value in stored.items()
        if name.startswith(own) and value.dtype == np.float32 and not name.endswith("_scale")
    }
    for name in (name.removesuffix(_INT8) for name in stored if name.startswith(own) and name.endswith(_INT8)):
        whole = _float(stored, name)
        found[name.removeprefix(own).removesuffix(_TURNED)] = whole.T.contiguous() if name.endswith(_TURNED) else whole
    return found


def _products(stored: Stored) -> list[str]:
    """The products without a name of their own, in the order of the model."""
    names = (name.removesuffix(_INT8) for name in stored if name.startswith("onnx::MatMul") and name.endswith(_INT8))
    return sorted(names, key=lambda name: int(name.split("_")[1]))


def _of_layer(at: int) -> str:
    layer, part = divmod(at, len(_PARTS))
    return f"layers.{layer}.{_PARTS[part]}.weight"


def _float(stored: Stored, name: str) -> Tensor:
    raw, zero, scale = (stored[f"{name}_{part}"].astype(np.float32) for part in ("quantized", "zero_point", "scale"))
    return torch.tensor((raw - zero) * scale)
