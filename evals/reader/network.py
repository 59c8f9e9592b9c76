"""The network that reads a question together with a sentence: the encoder's last two layers, and what ships of it."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn
from torch.export import Dim
from torch.nn import functional

from assistant.models.encoder import WORDS_LAYER, load_encoder
from assistant.models.graph import send_nothing
from assistant.models.interaction import CODING, DIMENSIONS, READING
from evals.reader.products import multiply_in_bytes

ALL_LAYERS, HEADS, EPSILON = 12, 12, 1e-12
"""The encoder's."""
STRESS = 3.0
"""Of nearness, so that it is as large as the rest of what a layer is given."""
MOST, SPREADS = 127, 4
"""A byte holds up to four standard deviations."""
DROPOUT = 0.1
DENSE = ("attention", "mixing", "up", "down")
"""The dense layers of a layer."""
BITS, BLOCK = 4, 32
"""Of the dense layers that ship, so many weights with a scale and a zero of their own: log-odds are 0.1 off (correlation 0.999). With
blocks of 128 without a zero they were 0.5 off after learning from the cases (0.952), and what is read told less: an area under the
curve of 0.873 on the article, not 0.900."""
RANK, MOST_OF_CHANGE = 16, 15
"""Of the change of low rank: of 8 dense layers it has 196,608 weights, each of which ships as a whole number up to 15."""
CHANGES = (".into", ".out")
"""What the names of its parts end in."""


class Layer(nn.Module):
    """A layer of the encoder, to begin with as that has it, over the pieces of two texts."""

    def __init__(self, number: int) -> None:
        super().__init__()
        query, key, value, mixing, up, down = (f"l{number}.{name}" for name in ("q", "k", "v", "ao", "fi", "fo"))
        self.attention, self.mixing = _dense(query, key, value), _dense(mixing)
        self.up, self.down = _dense(up), _dense(down)
        self.attention_norm, self.norm = _norm(f"l{number}.aln"), _norm(f"l{number}.oln")

    def forward(self, x: Tensor, real: Tensor) -> Tensor:
        shape = (*x.shape[:2], 3, HEADS, x.shape[-1] // HEADS)
        query, key, value = self.attention(x).view(shape).permute(2, 0, 3, 1, 4)
        taken = functional.scaled_dot_product_attention(query, key, value, attn_mask=real[:, None, None, :])
        x = self.attention_norm(x + self._dropped(self.mixing(taken.transpose(1, 2).reshape(x.shape))))
        found: Tensor = self.norm(x + self._dropped(self.down(functional.gelu(self.up(x)))))
        return found

    def _dropped(self, x: Tensor) -> Tensor:
        return functional.dropout(x, DROPOUT, self.training)


class Changed(nn.Module):
    """A dense layer that stays as it is, and beside it a change of low rank, which learns (Hu et al. 2022, "LoRA")."""

    def __init__(self, dense: nn.Linear) -> None:
        super().__init__()
        self.dense = dense
        self.into = nn.Parameter(torch.randn(dense.in_features, RANK) / math.sqrt(dense.in_features))
        self.out = nn.Parameter(torch.zeros(RANK, dense.out_features))

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.dense(x) + x @ self.into @ self.out
        return found


def _weight(name: str) -> Tensor:
    return torch.tensor(load_encoder().weight(name))


def _dense(*names: str) -> nn.Linear:
    """The dense layers of these names as one that gives what each gives."""
    weights, biases = (torch.cat([_weight(f"{name}.{kind}") for name in names]) for kind in "wb")
    found = nn.Linear(*weights.T.shape)
    found.weight, found.bias = nn.Parameter(weights), nn.Parameter(biases)
    return found


def _norm(name: str) -> nn.LayerNorm:
    found = nn.LayerNorm(load_encoder().dimension, EPSILON)
    found.weight, found.bias = (nn.Parameter(_weight(f"{name}.{kind}")) for kind in "wb")
    return found


class Network(nn.Module):
    """Made of the mean state of the questions' pieces and of the sentences', and the `DIMENSIONS` directions that the latter
    are reduced to (384 x `DIMENSIONS`)."""

    def __init__(self, asked_mean: Tensor, said_mean: Tensor, directions: Tensor) -> None:
        super().__init__()
        self.register_buffer("asked_mean", asked_mean)
        self.register_buffer("said_mean", said_mean)
        self.register_buffer("spread", torch.ones(DIMENSIONS))
        width = len(said_mean)
        self.directions, self.restored = nn.Parameter(directions.clone()), nn.Linear(DIMENSIONS, width)
        self.restored.weight, self.restored.bias = nn.Parameter(directions.clone()), nn.Parameter(said_mean.clone())
        self.nearness = nn.Linear(3, width)
        nn.init.zeros_(self.nearness.weight)
        nn.init.zeros_(self.nearness.bias)
        self.is_asked, self.is_said = nn.Parameter(torch.zeros(width)), nn.Parameter(torch.zeros(width))
        self.first = nn.Parameter(said_mean.clone())
        self.layers = nn.ModuleList(Layer(number) for number in range(WORDS_LAYER, ALL_LAYERS))
        self.answer, self.whole = nn.Linear(3 * width, 1), nn.Linear(4, 1)
        nn.init.normal_(self.answer.weight, std=0.01)

    def forward(self, asked: Tensor, is_asked: Tensor, said: Tensor, is_said: Tensor) -> Tensor:
        """Log-odds (batch) for states (batch x pieces x 384) and which of the pieces there are (batch x pieces)."""
        return self.read(asked, is_asked, self.reduced(said), is_said)

    def reduced(self, said: Tensor) -> Tensor:
        """The states of a sentence's pieces, in `DIMENSIONS`."""
        return (said - self.said_mean) @ self.directions

    def read(self, asked: Tensor, is_asked: Tensor, said: Tensor, is_said: Tensor) -> Tensor:
        """Log-odds (batch) for states of which those of the sentences are reduced; the question may be one for all."""
        near = _unit(_unit(asked - self.asked_mean) @ self.directions) @ _unit(said).transpose(1, 2)
        nearest_asked = near.masked_fill(~is_said[:, None], -1).amax(2) * is_asked
        nearest_said = near.masked_fill(~is_asked[:, :, None], -1).amax(1) * is_said
        sentences, pieces = said.shape[0], asked.shape[1]
        x = torch.cat(
            [
                self.first.expand(sentences, 1, -1),
                asked + self.is_asked + self._nearness(nearest_asked, is_asked),
                self.restored(said) + self.is_said + self._nearness(nearest_said, is_said),
            ],
            1,
        )
        real = torch.cat([torch.ones_like(is_said[:, :1]), is_asked.expand(sentences, -1), is_said], 1)
        x = functional.dropout(x, DROPOUT, self.training)
        for layer in self.layers:
            x = layer(x, real)
        ends = [
            x[:, 0],
            _mean(x[:, 1 : 1 + pieces], is_asked[..., None], 1),
            _mean(x[:, 1 + pieces :], is_said[..., None], 1),
        ]
        whole = [
            _mean(nearest_asked, is_asked), _mean(nearest_said, is_said),
            nearest_asked.amax(1, keepdim=True), nearest_asked.masked_fill(~is_asked, 9).amin(1, keepdim=True),
        ]  # fmt: skip
        pooled = functional.dropout(torch.cat([end.reshape(sentences, -1) for end in ends], -1), DROPOUT, self.training)
        found: Tensor = self.answer(pooled) + self.whole(10 * torch.cat(whole, 1) - 5)
        return found[:, 0]

    def _nearness(self, nearest: Tensor, real: Tensor) -> Tensor:
        """What tells a piece how near the other text comes to it."""
        found: Tensor = self.nearness(STRESS * torch.stack([nearest, nearest**2, nearest - _mean(nearest, real)], -1))
        return found


class Coding(nn.Module):
    """What ships to make the codes of a sentence: states (pieces x 384) as bytes (pieces x `DIMENSIONS`)."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, states: Tensor) -> Tensor:
        codes = torch.round(self.network.reduced(states) / self.network.spread * (MOST / SPREADS))
        return torch.clamp(codes, -MOST, MOST).to(torch.int8)


class Reading(nn.Module):
    """What ships to read a question (its states, pieces x 384) with a sentence (its codes, pieces x `DIMENSIONS`)."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, asked: Tensor, codes: Tensor) -> Tensor:
        asked, said = asked[None], codes[None].float() * self.network.spread * (SPREADS / MOST)
        is_asked, is_said = (torch.ones_like(states[:, :, 0], dtype=torch.bool) for states in (asked, said))
        return self.network.read(asked, is_asked, said, is_said)


def change(network: Network) -> list[nn.Parameter]:
    """Has nothing of a network learn but a change of low rank to the dense layers of its layers, which are given."""
    network.requires_grad_(False)
    for layer in network.layers:
        for name in DENSE:
            setattr(layer, name, Changed(getattr(layer, name)))
    return [each for name, each in network.named_parameters() if name.endswith(CHANGES)]


def _unit(x: Tensor) -> Tensor:
    return functional.normalize(x, dim=-1)


def _mean(x: Tensor, real: Tensor, dim: int = -1) -> Tensor:
    """Over what there is, which keeps its dimension."""
    return (x * real).sum(dim, keepdim=True) / real.sum(dim, keepdim=True)


def write(network: Network, folder: Path) -> None:
    """The two graphs that ship."""
    coding = _exported(Coding(network), {"states": torch.randn(11, len(network.said_mean))}, "codes")
    (folder / CODING).write_bytes(coding.SerializeToString())
    write_reading(network, folder / READING)


def write_reading(network: Network, file: Path) -> None:
    """The graph that reads."""
    send_nothing()
    from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

    states, codes = torch.randn(11, len(network.said_mean)), torch.ones(30, DIMENSIONS, dtype=torch.int8)
    reading = _exported(Reading(network), {"asked": states, "codes": codes}, "log_odds")
    changes = [node.name for node in reading.graph.node if node.op_type == "MatMul" and node.input[1].endswith(CHANGES)]
    quantizer = MatMulNBitsQuantizer(
        reading, bits=BITS, block_size=BLOCK, is_symmetric=False, accuracy_level=4, op_types_to_quantize=("MatMul",),
        nodes_to_exclude=changes,
    )  # fmt: skip
    quantizer.process()
    model = quantizer.model.model
    _shrink_changes(model.graph)
    multiply_in_bytes(model)
    file.write_bytes(model.SerializeToString())


def _shrink_changes(graph: onnx.GraphProto) -> None:
    """Has the parts of a change of low rank in bytes, with a scale for each direction; ONNX Runtime makes floats of them when it
    loads the graph."""
    for part in [each for each in graph.initializer if each.name.endswith(CHANGES)]:
        weights = numpy_helper.to_array(part)
        scale = np.abs(weights).max(0 if part.name.endswith(CHANGES[0]) else 1, keepdims=True) / MOST_OF_CHANGE
        codes, whole = np.round(weights / scale).astype(np.int8), f"{part.name}_whole"
        graph.initializer.remove(part)
        graph.initializer.extend(
            numpy_helper.from_array(values, f"{part.name}_{kind}")
            for kind, values in (("codes", codes), ("scale", scale.astype(np.float32)))
        )
        graph.node.insert(0, onnx.helper.make_node("Mul", [whole, f"{part.name}_scale"], [part.name]))
        cast = onnx.helper.make_node("Cast", [f"{part.name}_codes"], [whole], to=onnx.TensorProto.FLOAT)
        graph.node.insert(0, cast)


def _exported(module: nn.Module, inputs: dict[str, Tensor], output: str) -> onnx.ModelProto:
    """A module as a graph over texts of any lengths, without what the exporter notes of where it was made."""
    sizes = tuple({0: Dim(f"of_{name}")} for name in inputs)
    names = {"input_names": list(inputs), "output_names": [output]}
    program = torch.onnx.export(module.eval(), tuple(inputs.values()), dynamo=True, dynamic_shapes=sizes, **names)
    model: onnx.ModelProto = program.model_proto
    for part in (model, model.graph, *model.graph.node, *model.graph.value_info, *model.graph.initializer):
        del part.metadata_props[:]
        part.doc_string = ""
    for value in (*model.graph.input, *model.graph.output):
        del value.metadata_props[:]
    return model


def describe(source: str, folder: Path) -> None:
    """Notes in the graph that reads what it was made from."""
    model = onnx.load(folder / READING)
    onnx.helper.set_model_props(model, {"source": source})
    (folder / READING).write_bytes(model.SerializeToString())
