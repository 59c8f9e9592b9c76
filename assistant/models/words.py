"""What words mean, as numbers: the states of a text's pieces, made so short that an index can hold them.

Two words that mean the same in their sentences, in whatever languages, have states in nearly the same direction once the
mean of all states is taken off (Dou and Neubig 2021 align translations so). The `DIMENSIONS` directions in which states
differ most keep what is needed of that. `words.npz` holds them, fitted by `python -m assistant.evaluation.fit_words`.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from assistant.models.encoder import Encoded, Floats

FILE = "words.npz"
DIMENSIONS = 32
"""As many as 384 at telling which questions the sources answer: areas under the curve of 0.929 and 0.927."""
_SCALE = 127  # of what is kept in a byte

Codes = NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class AskedWord:
    """A word of a question: its direction (`DIMENSIONS`, of length 1), and how near to one of its words the sentence that
    answers is expected to come (`necessity`, in standard deviations; a name is, a word like "type" is not). The latter is
    Zhao and Callan's (2010) term necessity, learned from answerable questions."""

    direction: Floats
    necessity: float


@dataclass(frozen=True, slots=True, eq=False)
class WordSpace:
    """The numbers of `words.npz`: means of states (384), directions (384 x `DIMENSIONS`), the weights of necessity (384
    and a constant), and how near words of a question and of the answering sentences usually come: mean and standard
    deviation within a language, and between two (2 x 2)."""

    asked_mean: Floats
    said_mean: Floats
    directions: Floats
    necessity: Floats
    usual: Floats

    def codes(self, states: Floats) -> Codes:
        """The states (n x 384) of a passage's pieces as bytes (n x `DIMENSIONS`)."""
        found: Codes = np.rint(self._short(states - self.said_mean) * _SCALE).astype(np.int8)
        return found

    def asked(self, encoded: Encoded, spans: Sequence[tuple[int, int]]) -> tuple[AskedWord, ...]:
        """The words that stand at these spans of a question."""
        if not spans:
            return ()
        states = np.stack([encoded.state(start, end) for start, end in spans]) - self.asked_mean
        needed = unit(states) @ self.necessity[:-1] + self.necessity[-1]
        return tuple(AskedWord(d, float(n)) for d, n in zip(self._short(states), needed, strict=True))

    def nearness(self, asked: Sequence[AskedWord], said: Sequence[Codes], *, same_language: bool) -> Floats:
        """How near each asked word comes to the nearest word of each text: (texts x words), in standard deviations from
        what is usual; a text without words as far as can be."""
        mean, deviation = self.usual[0 if same_language else 1]
        found: Floats = (cosines(asked, said) - mean) / deviation
        return found

    def _short(self, states: Floats) -> Floats:
        return unit(states @ self.directions)


def unit(vectors: Floats) -> Floats:
    """The vectors (n x d) at length 1; of length 0 as they are."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    found: Floats = vectors / np.maximum(lengths, np.float32(1e-12))
    return found


def cosines(asked: Sequence[AskedWord], said: Sequence[Codes]) -> Floats:
    """The cosine of each asked word with the nearest word of each text: (texts x words); -1 for a text without words."""
    found = np.full((len(said), len(asked)), -1.0, dtype=np.float32)
    full = [n for n, codes in enumerate(said) if len(codes)]
    if full and asked:
        rows = unit(np.concatenate([said[n] for n in full]).astype(np.float32))
        starts = np.cumsum([0, *(len(said[n]) for n in full[:-1])])
        found[full] = np.maximum.reduceat(rows @ np.stack([word.direction for word in asked]).T, starts)
    return found


def decoded(content: bytes) -> Codes:
    """Codes out of their bytes."""
    return np.frombuffer(content, dtype=np.int8).reshape(-1, DIMENSIONS)


@cache
def word_space() -> WordSpace:
    """The numbers that ship with the program."""
    with np.load(io.BytesIO(_content()), allow_pickle=False) as found:
        return WordSpace(**{name: found[name] for name in WordSpace.__dataclass_fields__})


@cache
def word_rules() -> str:
    """A hash of them: what codes can be compared with."""
    return hashlib.sha256(_content()).hexdigest()[:32]


def _content() -> bytes:
    return files(__package__).joinpath(FILE).read_bytes()
