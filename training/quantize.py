"""From a float32 ONNX file to the int8 one that is shipped, the same way for every model of ours.

int8 as onnxruntime makes it: weights per output channel, inputs per window at run time. Weights take seven bits only
(``reduce_range``): processors without VNNI add two products of bytes in 16 bits, which eight would overflow, and the same
text would have other answers there.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

OPSET = 17
"""Of the ONNX operators: the first with layer normalisation in one piece."""
_MOST = 127
"""The largest weight, in its channel's scale."""


def write_int8(whole: Path, small: Path, *, in_float: str = "") -> None:
    """Quantise the embeddings and the matrix products of ``whole`` into the file ``small``.

    Products with ``in_float`` in their names have their weights in int8 in the file alone, which become float32 when the model is
    loaded: for inputs of which one in a thousand is so large that eight bits have no room for the others.
    """
    kept = [node.name for node in onnx.load(whole).graph.node if _is_kept(node, in_float)]
    quantize_dynamic(
        whole, small, per_channel=True, reduce_range=True, weight_type=QuantType.QInt8,
        op_types_to_quantize=["MatMul", "Gather"], nodes_to_exclude=kept,
        extra_options={"MatMulConstBOnly": True, "DefaultTensorType": onnx.TensorProto.FLOAT},
    )  # fmt: skip
    if kept:
        model = onnx.load(small)
        _shrink(model.graph, in_float)
        onnx.save(model, small)


def _is_kept(node: onnx.NodeProto, in_float: str) -> bool:
    return bool(in_float) and node.op_type == "MatMul" and in_float in node.name


def _shrink(graph: onnx.GraphProto, in_float: str) -> None:
    """Put eight bits and a scale for each output channel in the place of the weights of products in float."""
    stored = {tensor.name: tensor for tensor in graph.initializer}
    nodes = list(graph.node)
    for node in [node for node in nodes if _is_kept(node, in_float)]:
        name = node.input[1]
        weights = numpy_helper.to_array(stored[name])
        scale = (np.abs(weights).max(axis=0) / _MOST).astype(np.float32)
        graph.initializer.remove(stored[name])
        graph.initializer.extend([
            numpy_helper.from_array(np.round(weights / scale).astype(np.int8), f"{name}_int8"),
            numpy_helper.from_array(scale, f"{name}_scale"),
        ])  # fmt: skip
        nodes[:0] = [
            helper.make_node("Cast", [f"{name}_int8"], [f"{name}_whole"], to=TensorProto.FLOAT),
            helper.make_node("Mul", [f"{name}_whole", f"{name}_scale"], [name]),
        ]
    del graph.node[:]
    graph.node.extend(nodes)
