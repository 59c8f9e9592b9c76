"""Whether a sentence answers a question, told from the states of their words: a small network that reads the two together.

Each word is set beside the words of the other text that it comes nearest to (the alignment of Parikh et al. 2016, "A
decomposable attention model", with the products of Chen et al. 2017, "Enhanced LSTM for natural language inference");
then two layers of a transformer (Vaswani et al. 2017, normalised first) look at all words of both. The encoder reads
neither text again: of a sentence the index holds the words' states, each as `DIMENSIONS` bytes.

`interaction.npz` holds the weights, fitted by `python evals/fit_interaction.py`.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from assistant.models.encoder import WORDS_LAYER, Floats, attention, gelu, normalised

FILE = "interaction.npz"
DIMENSIONS = 64
HEADS = 4
EPSILON = np.float32(1e-5)
LAYERS = 2
STRESS = np.float32(3)
"""Of nearness, so that it is as large as the rest of what a layer is given."""
_SCALE = 127  # of what is kept in a byte

Codes = NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class Interaction:
    """The network. `weights` by name: of a dense layer "x.weight" (outputs x inputs) and "x.bias"."""

    weights: Mapping[str, Floats]

    def codes(self, states: Floats) -> Codes:
        """The states (n x 384) of a passage's pieces as bytes (n x `DIMENSIONS`)."""
        said = unit(states - self.weights["said_mean"])
        found: Codes = np.rint(unit(said @ self.weights["directions"]) * _SCALE).astype(np.int8)
        return found

    def log_odds(self, states: Floats, codes: Codes) -> float:
        """How surely the sentence with these codes answers the question whose pieces have these states (n x 384): 0 is even,
        -7 to 6 are usual. Either has one piece at least.
        """
        asked = unit(states - self.weights["asked_mean"])
        said = unit(codes.astype(np.float32))
        nearness = unit(asked @ self.weights["directions"]) @ said.T
        sharp = nearness * self.weights["sharpness"]
        of_asked = self._dense("asked", asked * np.float32(asked.shape[1] ** 0.5))
        of_said = self._dense("said", said * np.float32(said.shape[1] ** 0.5))
        nearest_asked, nearest_said = nearness.max(axis=1), nearness.max(axis=0)
        x = np.concatenate(
            [
                self.weights["first"][None],
                self._compared(of_asked, _softmax(sharp) @ of_said, nearest_asked) + self.weights["is_asked"],
                self._compared(of_said, _softmax(sharp.T) @ of_asked, nearest_said) + self.weights["is_said"],
            ]
        )
        for layer in range(LAYERS):
            x = self._layer(f"layers.{layer}", x)
        whole = [nearest_asked.mean(), nearest_said.mean(), nearest_asked.max(), nearest_asked.min()]
        at_all = self._dense("whole", 10 * np.array(whole, dtype=np.float32) - 5)
        return float((self._dense("answer", self._normalised("last", x[:1])) + at_all)[0, 0])

    def _compared(self, own: Floats, aligned: Floats, nearest: Floats) -> Floats:
        """Each word with what it is aligned with and how near that is."""
        near = STRESS * np.stack([nearest, nearest**2, nearest - nearest.mean()], axis=1)
        found: Floats = (
            own
            + self._dense("aligned", aligned)
            + self._dense("product", own * aligned)
            + self._dense("nearness", near)
        )
        return found

    def _layer(self, name: str, x: Floats) -> Floats:
        asked = self._dense(f"{name}.attention", self._normalised(f"{name}.attention_norm", x))
        x = x + self._dense(f"{name}.mix", attention(asked, HEADS))
        inner = gelu(self._dense(f"{name}.up", self._normalised(f"{name}.norm", x)))
        found: Floats = x + self._dense(f"{name}.down", inner)
        return found

    def _dense(self, name: str, x: Floats) -> Floats:
        found: Floats = x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]
        return found

    def _normalised(self, name: str, x: Floats) -> Floats:
        return normalised(x, (self.weights[f"{name}.weight"], self.weights[f"{name}.bias"]), EPSILON)


def unit(vectors: Floats) -> Floats:
    """The vectors (n x d) at length 1; of length 0 as they are."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    found: Floats = vectors / np.maximum(lengths, np.float32(1e-12))
    return found


def _softmax(x: Floats) -> Floats:
    found: Floats = np.exp(x - x.max(axis=-1, keepdims=True))
    found /= found.sum(axis=-1, keepdims=True)
    return found


def decoded(content: bytes) -> Codes:
    """Codes out of their bytes."""
    return np.frombuffer(content, dtype=np.int8).reshape(-1, DIMENSIONS)


@cache
def interaction() -> Interaction:
    """The network that ships with the program."""
    content = io.BytesIO(files(__package__).joinpath(FILE).read_bytes())
    with np.load(content, allow_pickle=False) as found:
        return Interaction({name: found[name].astype(np.float32) for name in found.files if name != "source"})


@cache
def code_rules() -> str:
    """A hash of what codes follow from: those made by other weights mean something else."""
    return digest_of_coding(interaction())


def digest_of_coding(network: Interaction) -> str:
    """128 bits of SHA-256."""
    found = hashlib.sha256(f"{WORDS_LAYER} {_SCALE}".encode())
    for name in ("said_mean", "directions"):
        found.update(network.weights[name].tobytes())
    return found.hexdigest()[:32]
