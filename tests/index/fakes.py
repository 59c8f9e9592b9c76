"""An embedder that needs no model, and seeds to try an index on."""

from __future__ import annotations

import hashlib
import math
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from langchain_core.embeddings import Embeddings

from assistant.models.encoder import Encoded, Floats

ROOT = Path(__file__).parents[2]
IDENTITY = "fake-1"
WIDTH = 384

SENTENCES = {
    "asean.txt": "Jose Tavares led the meeting in Kuta. Trade reached 18 billion dollars in 2017.\n\nRussia sent a delegation.",
    "trade.md": "Exports of rice grew last year. Imports of steel fell, and the ministry published its report on Monday.",
    "deep/energy.txt": "Gas prices rose in winter. The committee will meet again in March.",
}


class FakeEmbeddings(Embeddings):
    """Words hashed to `dimension` buckets, L2-normalised: equal texts have equal vectors, shared words bring nearer. So
    do the states of equal words."""

    def __init__(self, dimension: int = 16) -> None:
        self.dimension = dimension
        self.texts: list[str] = []

    def embed_query(self, text: str) -> list[float]:
        vector = [0.01] * self.dimension
        for word in text.casefold().split():
            vector[hashlib.sha256(word.strip(".,!?").encode()).digest()[0] % self.dimension] += 1.0
        norm = math.sqrt(sum(value * value for value in vector))
        return [value / norm for value in vector]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.texts += texts
        return [self.embed_query(text) for text in texts]

    def encode_query(self, text: str) -> Encoded:
        return _encoded(text, self.embed_query(text))

    def query_states(self, text: str) -> Floats:
        return self.encode_query(text).states

    def encode_documents(self, texts: Sequence[str]) -> list[Encoded]:
        return list(map(_encoded, texts, self.embed_documents(list(texts))))


def _encoded(text: str, vector: Sequence[float]) -> Encoded:
    spans = tuple(word.span() for word in re.finditer(r"\w+", text))
    states = [_state(text[start:end].casefold()) for start, end in spans]
    return Encoded(np.asarray(vector), np.array(states, dtype=np.float32).reshape(-1, WIDTH), spans)


@lru_cache(maxsize=10_000)
def _state(word: str) -> Floats:
    """The same for the same word, and for no other."""
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8])
    return np.random.default_rng(seed).standard_normal(WIDTH, dtype=np.float32)


def write_seeds(folder: Path, texts: dict[str, str] | None = None) -> Path:
    for name, text in (SENTENCES if texts is None else texts).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())
    return folder


def start(code: str, *arguments: object) -> subprocess.Popen[str]:
    """Runs Python code in another process that can import the program and `fakes`."""
    path = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
