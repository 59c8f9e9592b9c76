"""The Chroma collection of a snapshot: a vector for each sentence, for each clause where it has more than one, and for a short one
with those before it.

chromadb is imported when a collection is opened, not before (0.7 s). Opening and querying a collection writes to its
files, and two processes on one folder are not safe, so a collection belongs to whoever opens it: `ingest` builds in a
folder of its own, and a reader opens a private copy (`snapshots`).
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from assistant.errors import IndexUnusable
from assistant.models.interaction import code_rules
from assistant.text.layout import opening

if TYPE_CHECKING:
    from assistant.index.passages import IndexedSentence
    from assistant.types import Source

FOLDER = "chroma"
_COLLECTION = "clauses"
# Cosine because embedders need not normalise. The graph is denser and searched wider than Chroma's defaults (16, 100,
# 100): the best sentence must not be missed, and a query still takes a few milliseconds at 20,000 records.
_HNSW = {"space": "cosine", "max_neighbors": 32, "ef_construction": 200, "ef_search": 400}
_OPENING = 200  # code points of what stands in for a title
_PROBE_SECONDS = 120
_PROBE = "import sys; from assistant.index.vectors import try_folder; try_folder(sys.argv[1])"


@dataclass(frozen=True, slots=True)
class Hit:
    """A sentence near to a vector: its number, the cosine (-1..1), and its clause (or whole span, or window) that is nearest."""

    number: int
    similarity: float
    clause: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Record:
    """What one vector stands for: a clause, a whole sentence or its window. The id is stable as long as the sentence's number is.

    `embedded` is what the embedder reads: the words after their source's title, which tells what a short sentence is
    about (the best sentence is first for 60 % of the article's questions instead of 55 %).
    """

    number: int
    source_id: str
    start: int
    end: int
    text: str
    embedded: str
    is_sentence: bool

    @property
    def id(self) -> str:
        return f"{self.number}:{self.start}:{self.end}"

    @property
    def digest(self) -> str:
        return digest(self.embedded)

    @property
    def words_digest(self) -> str:
        """What its words are found again by, as long as they are coded by the same weights."""
        return digest(f"{code_rules()}\n{self.embedded}")


def digest(text: str) -> str:
    """What an embedded text is found again by (128 bits of SHA-256)."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def title_before(source: Source, start: int) -> str:
    """What is embedded before a sentence of a source that begins there: its title, or else what the source opens with above it."""
    if source.has_title:
        return f"{source.title}: "
    if not 0 < (end := opening(source.text)) <= start:
        return ""
    words = " ".join(filter(None, (word.strip("#*_|") for word in source.text[:end].split())))
    return f"{words[:_OPENING]}: "


def records_of(sentence: IndexedSentence, source: Source, window: tuple[int, int] | None = None) -> list[Record]:
    """A record for the sentence, one for each clause where it has more than one, and one for its window (`text.sentences.windows`)
    where that is larger: what a transcript or a list says is told apart by what leads to it."""
    title, whole = title_before(source, sentence.start), (sentence.start, sentence.end)
    spans = dict.fromkeys([whole, *sentence.clauses, window or whole])
    cut = [(a, b, source.text[a:b]) for a, b in spans]
    return [
        Record(sentence.number, sentence.source_id, a, b, text, title + text, (a, b) == whole) for a, b, text in cut
    ]


class Vectors:
    """An open collection. Reading is thread-safe; writing is for one thread.

    Raises (everywhere):
        IndexUnusable: the collection is missing, damaged, or of other dimensions than the vector given.
    """

    at_once = 2_000
    """Records that are written or read in a call; Chroma's limit is 5,461."""

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        with self._translated():
            import chromadb
            from chromadb.config import Settings

            settings = Settings(anonymized_telemetry=False, allow_reset=False)
            client: Any = chromadb.PersistentClient(str(folder), settings=settings)  # Any: its type knows no close
            self._client = client
        try:
            self._use(client, _COLLECTION, create=create)
        except IndexUnusable:
            self._client.close()
            raise

    def _use(self, client: Any, name: str, *, create: bool) -> None:
        """Opens or makes the collection of this name."""
        with self._translated():
            if create:
                self._collection: Any = client.create_collection(
                    name, embedding_function=None, configuration={"hnsw": dict(_HNSW)}
                )
            else:
                self._collection = client.get_collection(name, embedding_function=None)
        self._count: int | None = None

    @property
    def count(self) -> int:
        """How many records there are. Chroma counts them one by one (0.4 s of 50,000): so only when it is asked."""
        if self._count is None:
            with self._translated():
                self._count = int(self._collection.count())
        return self._count

    def _translated(self) -> AbstractContextManager[object]:
        """In it Chroma's errors are raised as ours."""
        return _damaged()

    def add(self, records: Sequence[Record], vectors: Mapping[str, Sequence[float]]) -> None:
        """Adds records; `vectors` maps their texts' digests to their vectors (all of one dimension)."""
        with self._translated():
            for at in range(0, len(records), self.at_once):
                batch = records[at : at + self.at_once]
                self._collection.add(
                    ids=[record.id for record in batch],
                    embeddings=[vectors[record.digest] for record in batch],
                    documents=[record.text for record in batch],
                    metadatas=[
                        {
                            "number": record.number,
                            "start": record.start,
                            "end": record.end,
                            "source_id": record.source_id,
                            "digest": record.digest,
                        }
                        for record in batch
                    ],
                )
        self._count = None

    def take_all(self, other: Vectors) -> None:
        """Adds all records of another collection."""
        for at in range(0, other.count, self.at_once):
            with self._translated():
                got = other._collection.get(
                    limit=self.at_once, offset=at, include=["embeddings", "documents", "metadatas"]
                )
                self._collection.add(**{key: got[key] for key in ("ids", "embeddings", "documents", "metadatas")})
        self._count = None
        if self.count != other.count:
            raise IndexUnusable("the index is damaged (its records cannot be copied); run `assistant ingest`")

    def remove(self, numbers: Sequence[int]) -> None:
        """Deletes the records of the sentences with these numbers."""
        with self._translated():
            for at in range(0, len(numbers), self.at_once):
                self._collection.delete(where={"number": {"$in": list(numbers[at : at + self.at_once])}})
        self._count = None

    def known_digests(self, digests: Iterable[str]) -> set[str]:
        """Which of these texts were embedded before."""
        return set(self._ids(digests))

    def known(self, digests: Iterable[str]) -> dict[str, list[float]]:
        """The vectors of those texts that were embedded before, by digest."""
        ids = list(self._ids(digests).values())
        found: dict[str, list[float]] = {}
        for at in range(0, len(ids), self.at_once):
            with self._translated():
                got = self._collection.get(ids=ids[at : at + self.at_once], include=["metadatas", "embeddings"])
            for metadata, vector in zip(got["metadatas"], got["embeddings"], strict=True):
                found[metadata["digest"]] = [float(value) for value in vector]
        return found

    def everything(self) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """All records: their places (n x 3: sentence number, start, end) and vectors (n x dimension)."""
        with self._translated():
            got = self._collection.get(include=["metadatas", "embeddings"])
        places = [(meta["number"], meta["start"], meta["end"]) for meta in got["metadatas"]]
        return np.array(places, dtype=np.int64), np.asarray(got["embeddings"], dtype=np.float32)

    def _ids(self, digests: Iterable[str]) -> dict[str, str]:
        """The id of a record for each of the digests that have any.

        Words that every report ends with stand in any number of records, and Chroma fails where it finds more than SQLite
        has variables (32,766): so some records are read at a time, and their digests are not asked for again.
        """
        wanted = list(dict.fromkeys(digests))
        found: dict[str, str] = {}
        for at in range(0, len(wanted), self.at_once):
            left = wanted[at : at + self.at_once]
            while left:
                with self._translated():
                    got = self._collection.get(
                        where={"digest": {"$in": left}}, include=["metadatas"], limit=self.at_once
                    )
                found |= {metadata["digest"]: each for each, metadata in zip(got["ids"], got["metadatas"], strict=True)}
                left = [each for each in left if each not in found] if len(got["ids"]) == self.at_once else []
        return found

    def nearest(self, vector: Sequence[float], k: int) -> list[Hit]:
        """The `k` sentences nearest to a vector by their best record; fewer if there are fewer; ties by number."""
        if k <= 0 or not self.count:
            return []
        wanted = min(3 * k, self.count)  # a sentence has three records or four
        while True:
            hits = self._best_per_sentence(vector, wanted)
            if len(hits) >= k or wanted == self.count:
                return hits[:k]
            wanted = min(2 * wanted, self.count)

    def close(self) -> None:
        """Frees files, threads and memory; nothing can be asked afterwards."""
        self._client.close()

    def _best_per_sentence(self, vector: Sequence[float], count: int) -> list[Hit]:
        with self._translated():
            # The ids tell all that is needed: to fetch the metadata takes as long as to search (4 ms of 100,000 sentences).
            got = self._collection.query(query_embeddings=[list(vector)], n_results=count, include=["distances"])
            best: dict[int, Hit] = {}
            for record_id, distance in zip(got["ids"][0], got["distances"][0], strict=True):
                number, start, end = map(int, record_id.split(":"))
                similarity = max(-1.0, min(1.0, 1.0 - float(distance)))
                if number not in best or similarity > best[number].similarity:
                    best[number] = Hit(number, similarity, (start, end))
        return sorted(best.values(), key=lambda hit: (-hit.similarity, hit.number))


def try_folder(folder: str | Path) -> None:
    """Opens a collection, reads and queries it once. What it raises, or that it crashes, is the answer."""
    vectors = Vectors(Path(folder))
    try:
        with _damaged():
            one = vectors._collection.peek(1)["embeddings"]
        if len(one):
            vectors.nearest([float(value) for value in one[0]], 1)
    finally:
        vectors.close()


def survives(folder: Path) -> bool:
    """Whether another process opens and queries the collection without failing or crashing. It writes to its files.

    For files that this version of chromadb has not opened before: a segment that does not fit can end the process.
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    try:
        done = subprocess.run(
            [sys.executable, "-c", _PROBE, str(folder)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_PROBE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


@contextmanager
def _damaged() -> Iterator[None]:
    """Chroma's errors, a panic of its Rust core included, as ours."""
    try:
        yield
    except BaseException as exc:
        is_panic = type(exc).__name__ == "PanicException"  # pyo3's, which is no Exception
        if isinstance(exc, IndexUnusable | MemoryError | ImportError) or not (is_panic or isinstance(exc, Exception)):
            raise
        detail = " ".join(str(exc).split())[:200]
        raise IndexUnusable(f"the index is damaged ({FOLDER}: {detail}); run `assistant ingest`") from exc
