"""Products with 4-bit weights, computed with bytes."""

from __future__ import annotations

from collections.abc import Mapping

import onnx
from onnx import TensorProto, helper

from assistant.models.encoder import BLOCK

LARGEST = 64.0
"""Of a weight in bytes. Processors without VNNI add two products of a byte up to 255 with a weight in 16 bits, which 127 overflows
(so `reduce_range` of ONNX Runtime's own quantisation): with 64 all processors compute the same."""
FEWEST = BLOCK
"""Inputs of a product that is worth it."""
WITH_BLOCKS = 21
"""The first version of ONNX in which weights of 4 bits have a scale for each block."""

_LARGEST, _OUTPUTS = "largest", "outputs"


def multiply_in_bytes(model: onnx.ModelProto) -> None:
    """Has each product with 4-bit weights (`MatMulNBits`, an even number of blocks with zeros of their own) computed with bytes.

    It takes half the time (14 pieces asked and 60 said: 3.3 ms instead of 6.8, side by side), and log-odds are 0.015 off in the
    mean, 0.05 for one in twenty. The file keeps the 4 bits: ONNX Runtime makes bytes of them, with a scale for each output, when
    it loads the graph, for it computes once what is the same for every input; that takes it 0.03 s longer.
    """
    graph = model.graph
    weights = {each.name: each for each in graph.initializer}
    nodes = list(graph.node)
    del graph.node[:]
    for node in nodes:
        graph.node.extend(_in_bytes(node, weights) if node.op_type == "MatMulNBits" else [node])
    graph.initializer.append(helper.make_tensor(_LARGEST, TensorProto.FLOAT, [1], [LARGEST]))
    graph.initializer.append(helper.make_tensor(_OUTPUTS, TensorProto.INT64, [1], [1]))
    (own,) = (each for each in model.opset_import if not each.domain)
    own.version = max(own.version, WITH_BLOCKS)


def _in_bytes(product: onnx.NodeProto, weights: Mapping[str, TensorProto]) -> list[onnx.NodeProto]:
    """The nodes that give what a product does; its weights are described anew, and are the same bytes."""
    sizes = {each.name: helper.get_attribute_value(each) for each in product.attribute}
    inputs, outputs = sizes["K"], sizes["N"]
    x, *described = product.input
    if inputs <= FEWEST or sizes["block_size"] != BLOCK or inputs % (2 * BLOCK):
        return [product]
    packed, scales, zeros = described
    for name, kind, columns in (
        (packed, TensorProto.UINT4, inputs),
        (scales, TensorProto.FLOAT, inputs // BLOCK),
        (zeros, TensorProto.UINT4, inputs // BLOCK),
    ):
        weights[name].data_type = kind
        weights[name].dims[:] = [outputs, columns]
    made: list[onnx.NodeProto] = []

    def node(kind: str, *given: str, **attributes: object) -> str:
        made.append(helper.make_node(kind, given, [f"{product.name}_{len(made)}"], **attributes))
        return str(made[-1].output[0])

    floats = node("DequantizeLinear", packed, scales, zeros, axis=1, block_size=BLOCK)
    step = node("Div", node("ReduceMax", node("Abs", floats), _OUTPUTS, keepdims=0), _LARGEST)
    codes = node("QuantizeLinear", floats, step, axis=0, output_dtype=TensorProto.INT8)
    codes = node("Transpose", codes, perm=[1, 0])
    made.append(
        helper.make_node("DynamicQuantizeMatMul", [x, codes, step], list(product.output), domain="com.microsoft")
    )
    return made
