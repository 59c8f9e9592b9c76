"""Exact search over the vectors of a small snapshot: a copy of what is in its Chroma collection, in one NumPy file.

Up to `EXACT_RECORDS` vectors a matrix product finds the nearest without error and in less time than a graph (0.1 ms at
1,000), and a command that asks one question need not import chromadb, which takes longer than all the rest (0.4 s).
Chroma stays the store: the file is written from the collection when a snapshot is built, and a larger snapshot has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assistant.errors import IndexUnusable
from assistant.index.vectors import Hit

if TYPE_CHECKING:
    from assistant.index.vectors import Vectors

FILE = "exact.npz"
EXACT_RECORDS = 5_000


def write_exact(folder: Path, collection: Vectors) -> None:
    """Writes the file of a snapshot from its collection; of a large collection, none."""
    (folder / FILE).unlink(missing_ok=True)
    if 0 < collection.count <= EXACT_RECORDS:
        places, vectors = collection.everything()
        order = np.lexsort((places[:, 1], places[:, 0]))  # by sentence
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit = (vectors / np.where(norms == 0, 1, norms)).astype(np.float32)
        np.savez(folder / FILE, places=places[order], vectors=unit[order])


class ExactVectors:
    """The vectors of a small snapshot in memory. Thread-safe.

    Raises (when made):
        IndexUnusable: the file is damaged.
    """

    def __init__(self, folder: Path) -> None:
        try:
            with np.load(folder / FILE, allow_pickle=False) as stored:
                self._places, self._vectors = stored["places"], stored["vectors"]
            numbers = self._places[:, 0]
            self._firsts = np.flatnonzero(np.r_[True, numbers[1:] != numbers[:-1]])  # of each sentence's records
            if len(self._places) != len(self._vectors):
                raise ValueError("lengths differ")
        except (OSError, ValueError, KeyError, IndexError) as exc:
            raise IndexUnusable(f"the index is damaged ({FILE}: {exc}); run `assistant ingest`") from exc
        self.count = len(self._places)

    def nearest(self, vector: Sequence[float], k: int) -> list[Hit]:
        """The `k` sentences nearest to a vector by their best record; fewer if there are fewer; ties by number."""
        asked = np.asarray(vector, dtype=np.float32)
        norm = float(np.linalg.norm(asked)) or 1.0
        similarities = np.einsum("nd,d->n", self._vectors, asked / norm)  # on one thread: BLAS would wake all for this
        best = np.maximum.reduceat(similarities, self._firsts)
        hits = []
        for at in np.argsort(-best, kind="stable")[: max(k, 0)]:
            first = self._firsts[at]
            last = self._firsts[at + 1] if at + 1 < len(self._firsts) else self.count
            record = first + int(np.argmax(similarities[first:last]))
            number, start, end = (int(value) for value in self._places[record])
            hits.append(Hit(number, max(-1.0, min(1.0, float(similarities[record]))), (start, end)))
        return hits

    def close(self) -> None:
        """Nothing is held open."""
