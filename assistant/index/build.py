"""Builds a snapshot: what `ingest` has found to differ is written, checked and switched to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from assistant.errors import AssistantError, IndexUnusable
from assistant.index.exact import write_exact
from assistant.index.manifest import (
    SCHEMA,
    Manifest,
    chromadb_version,
    hash_files,
    text_hash,
    text_rules,
)
from assistant.index.passages import IndexedSentence, Passages, PassagesWriter
from assistant.index.snapshots import Snapshots
from assistant.index.store import open_snapshot
from assistant.index.vectors import Record, Vectors, records_of
from assistant.models.embedder import Embedder, with_words
from assistant.models.encoder import Encoded
from assistant.models.interaction import codes
from assistant.text.sentences import windows
from assistant.types import Source

Progress = Callable[[int, int], None]
"""Called with how many texts are embedded and how many there are to embed."""

BATCH = 64
"""Texts that are embedded in one call, after which progress is told."""

_CHUNK = 32 * BATCH  # records whose vectors are in memory at a time


T = TypeVar("T", Encoded, list[float])


class OtherDimension(Exception):
    """The embedder's vectors have another dimension than those in the index, under the same identity."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the next snapshot is made of."""

    previous: str | None  # the snapshot in use
    base: str | None  # the snapshot to build upon, or None: a new one
    put: Mapping[str, Source]  # added or changed, by id; everything that can be read if there is no base
    take: tuple[str, ...]  # ids that are removed or changed
    manifest: Manifest | None  # of the base
    kept: tuple[str, ...] = ()  # without a base: ids to take over from the snapshot in use
    reuse: str | None = None  # without a base: a snapshot whose vectors may be used


@dataclass(frozen=True, slots=True)
class _Reusable:
    """An open snapshot whose embeddings may be used."""

    vectors: Vectors
    passages: Passages


class Builder:
    """Builds snapshots; the caller holds the writer's lock. `embedded` counts the texts given to the embedder."""

    def __init__(self, snapshots: Snapshots, embeddings: Embedder, embedder: str, progress: Progress | None) -> None:
        self.embedded = 0
        self._snapshots = snapshots
        self._embeddings = embeddings
        self._words = with_words(embeddings)
        self._embedder = embedder
        self._progress = progress

    def build(self, plan: Plan) -> str:
        """Builds a snapshot, switches to it and returns its name. Whatever is raised, the one in use stays in use.

        Raises:
            OtherDimension: see there; build again without a base.
            DataFolderError: it cannot be written, or cannot be read back. What the embedder raises passes through.
        """
        name = self._snapshots.create(plan.base)
        try:
            manifest = self._write(name, plan)
            self._snapshots.finish(name, manifest)
            with self._snapshots.writing():
                self._check(name)
            self._snapshots.switch(name)
        except BaseException:
            self._snapshots.drop(name)
            raise
        return name

    def check_dimension(self, manifest: Manifest | None) -> None:
        """Raises OtherDimension if the embedder's vectors would not fit to those of a snapshot."""
        if manifest is not None:
            self._check_length(self._embeddings.embed_query("probe"), manifest.dimension)

    def _write(self, name: str, plan: Plan) -> Manifest:
        folder = self._snapshots.folder(name)
        put = dict(plan.put)
        with self._snapshots.writing():
            put |= self._kept(plan)
            records: list[Record] = []
            with PassagesWriter(folder) as writer:
                taken = [number for source_id in plan.take for number in writer.remove(source_id)]
                for source_id in sorted(put):
                    records += _records(writer.add(put[source_id]), put[source_id])
        known = plan.manifest.dimension if plan.manifest else None
        with self._reusable(plan) as reuse, self._opened(name, create=plan.base is None) as collection:
            dimension = self._put_vectors(folder, collection, reuse, records, known)
            with self._snapshots.writing():
                with PassagesWriter(folder) as writer:
                    writer.drop_words()
                collection.remove(taken)
                count = collection.count
                write_exact(folder, collection)
        return self._manifest(folder, plan, put, dimension, count)

    def _manifest(self, folder: Path, plan: Plan, put: Mapping[str, Source], dimension: int, count: int) -> Manifest:
        sources = dict(plan.manifest.sources) if plan.manifest else {}
        texts = dict(plan.manifest.texts) if plan.manifest else {}
        for source_id in plan.take:
            del sources[source_id], texts[source_id]
        sources |= {source_id: source.sha256 for source_id, source in put.items()}
        texts |= {source_id: text_hash(source.text) for source_id, source in put.items()}
        with self._snapshots.writing():
            return Manifest(
                schema=SCHEMA,
                embedder=self._embedder,
                dimension=dimension,
                text_rules=text_rules(),
                chromadb=chromadb_version(),
                sources=dict(sorted(sources.items())),
                texts=dict(sorted(texts.items())),
                sentences=_sentence_count(folder),
                records=count,
                created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
                previous=plan.previous,
                files=hash_files(folder),
            )

    def _kept(self, plan: Plan) -> dict[str, Source]:
        if not plan.kept or plan.previous is None:
            return {}
        with self._snapshots.passages(plan.previous) as passages:
            found = {source_id: passages.source(source_id) for source_id in plan.kept}
        return {source_id: source for source_id, source in found.items() if source is not None}

    @contextmanager
    def _reusable(self, plan: Plan) -> Iterator[_Reusable | None]:
        """What was embedded for the snapshot in use, for one that is not built upon it; None where it cannot be used."""
        if plan.reuse is None:
            yield None
            return
        with ExitStack() as opened:
            found = None
            try:
                copy = self._snapshots.open_copy(plan.reuse, self._snapshots.manifest(plan.reuse))
                opened.callback(copy.close)
                collection = self._snapshots.records(plan.reuse, copy.folder)
                opened.callback(collection.close)
                found = _Reusable(collection, opened.enter_context(closing(Passages(copy.folder))))
            except IndexUnusable:  # then everything is embedded anew
                pass
            yield found

    def _put_vectors(
        self,
        folder: Path,
        collection: Vectors,
        reuse: _Reusable | None,
        records: Sequence[Record],
        dimension: int | None,
    ) -> int:
        """Adds the records with their vectors, and what the words of their sentences mean, old or new; the dimension of
        all vectors."""
        stores = [collection, reuse.vectors] if reuse else [collection]
        digests = dict.fromkeys(record.digest for record in records)
        with self._snapshots.writing():
            known: set[str] = set().union(*(store.known_digests(digests) for store in stores))
        total = self.embedded + sum(each not in known for each in digests)
        for at in range(0, len(records), _CHUNK):
            chunk = records[at : at + _CHUNK]
            vectors: dict[str, list[float]] = {}
            with self._snapshots.writing(), PassagesWriter(folder) as writer:
                for store in stores:
                    vectors |= store.known(record.digest for record in chunk if record.digest not in vectors)
                words = self._known_words(writer, reuse, chunk)
            sentences = [record for record in chunk if record.is_sentence and record.words_digest not in words]
            made = self._made(self._words.encode_documents, sentences, total)
            vectors |= {digest: encoded.vector.tolist() for digest, encoded in made.items()}
            words |= {record.words_digest: _codes(record, made[record.digest]) for record in sentences}
            vectors |= self._made(
                self._embeddings.embed_documents, [r for r in chunk if r.digest not in vectors], total
            )
            for vector in vectors.values():
                dimension = len(vector) if dimension is None else dimension
                self._check_length(vector, dimension)
            with self._snapshots.writing():
                with PassagesWriter(folder) as writer:
                    writer.put_words(words)
                collection.add(chunk, vectors)
        return dimension or 0

    @staticmethod
    def _known_words(writer: PassagesWriter, reuse: _Reusable | None, records: Sequence[Record]) -> dict[str, bytes]:
        wanted = [record.words_digest for record in records if record.is_sentence]
        known = writer.known_words(wanted)
        return (reuse.passages.known_words(wanted) if reuse else {}) | known

    @staticmethod
    def _check_length(vector: Sequence[float], dimension: int) -> None:
        if len(vector) != dimension:
            raise OtherDimension(f"the embedder gives {len(vector)} numbers now, the index holds {dimension}")

    def _made(self, make: Callable[[list[str]], list[T]], records: Sequence[Record], total: int) -> dict[str, T]:
        """What an embedder makes of the records' texts, by their digests."""
        missing = {record.digest: record.embedded for record in records}
        found: dict[str, T] = {}
        digests = list(missing)
        for at in range(0, len(digests), BATCH):
            batch = digests[at : at + BATCH]
            made = make([missing[each] for each in batch])
            if len(made) != len(batch) or not all(map(_is_usable, made)):
                raise AssistantError(f"the embedder {self._embedder} gave no usable vectors; nothing was changed")
            found |= dict(zip(batch, made, strict=True))
            self.embedded += len(batch)
            if self._progress is not None:
                self._progress(self.embedded, max(total, self.embedded))
        return found

    @contextmanager
    def _opened(self, name: str, *, create: bool) -> Iterator[Vectors]:
        with self._snapshots.writing():
            collection = self._snapshots.records(name, self._snapshots.folder(name), create=create)
        try:
            yield collection
        finally:
            collection.close()

    def _check(self, name: str) -> None:
        """Opens the new snapshot as a reader does (its counts must agree) and asks it something."""
        index = open_snapshot(self._snapshots, name, self._embedder)
        try:
            index.matching(["probe"], 1)
            first = index.of_source(next(iter(index.sources)))
            if len(index.nearest([1.0] * index.dimension, 1)) != 1 or not first:
                raise IndexUnusable("the index is damaged (a query finds nothing)")
        finally:
            index.close()


def _records(sentences: Sequence[IndexedSentence], source: Source) -> Iterator[Record]:
    """What is embedded of a source."""
    places = windows((each.start, each.end) for each in sentences)
    for sentence, window in zip(sentences, places, strict=True):
        yield from records_of(sentence, source, window)


def _is_usable(made: Encoded | list[float]) -> bool:
    vector = made.vector if isinstance(made, Encoded) else made
    return len(vector) > 0 and bool(np.isfinite(vector).all())


def _codes(record: Record, encoded: Encoded) -> bytes:
    """What the words of a record mean, without those of the title before it."""
    before = len(record.embedded) - len(record.text)
    own = [n for n, (start, _) in enumerate(encoded.spans) if start >= before]
    return codes(encoded.states[own]).tobytes()


def _sentence_count(folder: Path) -> int:
    passages = Passages(folder)
    passages.close()
    return passages.sentence_count
