"""From a float32 ONNX file to the int8 one that is shipped, the same way for every model of ours.

int8 as onnxruntime makes it: weights per output channel, inputs per window at run time. Weights take seven bits only
(``reduce_range``): processors without VNNI add two products of bytes in 16 bits, which eight would overflow, and the same
text would have other answers there.
"""

from pathlib import Path

import onnx
from onnxruntime.quantization import QuantType, quantize_dynamic

OPSET = 17
"""Of the ONNX operators: the first with layer normalisation in one piece."""


def write_int8(whole: Path, small: Path) -> None:
    """Quantise the embeddings and the matrix products of ``whole`` into the file ``small``."""
    quantize_dynamic(
        whole, small, per_channel=True, reduce_range=True, weight_type=QuantType.QInt8,
        op_types_to_quantize=["MatMul", "Gather"],
        extra_options={"MatMulConstBOnly": True, "DefaultTensorType": onnx.TensorProto.FLOAT},
    )  # fmt: skip
