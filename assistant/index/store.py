"""The read view of an index: one open snapshot (`Index`), and the one in use whatever `ingest` does (`LiveIndex`)."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from assistant.errors import AssistantError, IndexUnusable
from assistant.index import exact
from assistant.index.exact import ExactVectors
from assistant.index.manifest import check_origin
from assistant.index.passages import IndexedSentence, Passages, Row
from assistant.index.snapshots import Snapshots, snapshots_of
from assistant.index.vectors import Hit, Vectors
from assistant.models.interaction import DIMENSIONS, Codes, decoded
from assistant.text.languages import language_of
from assistant.text.layout import Under
from assistant.text.matchable import Matchable, read, read_tokens
from assistant.text.tokens import is_kept, keep
from assistant.types import Source

__all__ = ["Hit", "Index", "IndexedSentence", "LiveIndex", "open_index"]

LOOK_SECONDS = 1.0
"""How often, at most, it is looked whether another snapshot is in use."""

PAUSES = 4
"""A look that fails is followed by a pause this many times as long: a question waits for a Chroma server that hangs, and
the next ones should not."""

RETRY_SECONDS = 10.0
"""How often, at most, a snapshot that could not be used is tried again: its files may still be on their way (a data folder
that is being copied), or may only have been out of reach (no file descriptor left)."""

MATCHED_ROWS = 2_500
"""Sentences that a lexical search looks through (each key's own counted), so that its time does not grow with the index.
On 800 questions of IDK-MRC's training split and its 13,913 sentences, leaving the more frequent keys out finds no less:
the right sentence is among twelve for 60 %, with all keys for 58 %. Of 100,000 sentences it takes 2 ms instead of 30."""

_CACHED_SENTENCES = 50_000  # of a larger corpus none are cached: 50,000 take about 40 MB
_CACHED_SOURCES = 64
_CACHED_KEYS = 100_000
_CACHED_MATCHABLE = 20_000  # sentences, 60 MB
_ATTEMPTS = 3  # a snapshot that is replaced twice while it is being copied is gone


class _Sources(Mapping[str, Source]):
    """The sources by id, in the order of their ids; texts are read when asked for."""

    def __init__(self, passages: Passages) -> None:
        self._ids = dict.fromkeys(passages.source_ids)
        self._read = lru_cache(maxsize=_CACHED_SOURCES)(passages.source)

    def __getitem__(self, source_id: str) -> Source:
        if source_id not in self._ids:
            raise KeyError(source_id)
        source = self._read(source_id)
        if source is None:
            raise IndexUnusable(f"the index is damaged (the text of {source_id} is missing); run `assistant ingest`")
        return source

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)


class Index:
    """One open snapshot: read-only and thread-safe. Made by `open_index`.

    Raises (everywhere):
        IndexUnusable: what it reads is damaged.
    """

    def __init__(
        self,
        snapshot: str,
        passages: Passages,
        records: Vectors | ExactVectors,
        dimension: int,
        on_close: Callable[[], None],
    ) -> None:
        self.snapshot = snapshot
        self.sources: Mapping[str, Source] = _Sources(passages)
        self.sentence_count = passages.sentence_count
        self.dimension = dimension
        self._passages = passages
        self._vectors = records
        self._on_close = on_close
        self._sentences: dict[int, IndexedSentence] = {}
        self._words: dict[int, Codes] = {}
        self._frequencies: dict[str, int] = {}
        self._matchable: dict[int, Matchable] = {}

    def nearest(self, vector: list[float], k: int) -> list[Hit]:
        """The `k` sentences whose best record (itself or a clause) is nearest to the vector, most similar first.

        Raises:
            IndexUnusable: the vector has not `dimension` numbers (or see above).
        """
        if len(vector) != self.dimension:
            raise IndexUnusable(
                f"the embedder gives {len(vector)} numbers, the index holds {self.dimension}; run `assistant ingest`"
            )
        return self._vectors.nearest(vector, k)

    def matching(self, keys: Iterable[str], k: int) -> list[tuple[int, float]]:
        """Up to `k` sentences that hold any of the keys: (number, BM25 score > 0), best first.

        Of the keys the rarest are looked for, until `MATCHED_ROWS` sentences hold one; all, in a small index.
        """
        return self._passages.matching(self._rarest(keys), k)

    def frequencies(self, keys: Iterable[str]) -> dict[str, int]:
        """In how many sentences each key occurs (0..sentence_count)."""
        wanted = list(dict.fromkeys(keys))
        if len(self._frequencies) > _CACHED_KEYS:
            self._frequencies = {}
        cache = self._frequencies
        unknown = [key for key in wanted if key not in cache]
        found = self._passages.frequencies(unknown) if unknown else {}
        cache.update(found)
        return {key: found[key] if key in found else cache[key] for key in wanted}

    def sentences(self, numbers: Iterable[int]) -> list[IndexedSentence]:
        """The sentences of these numbers, in their order; unknown and repeated numbers are left out."""
        wanted = list(dict.fromkeys(numbers))
        found = {number: self._sentences[number] for number in wanted if number in self._sentences}
        missing = [number for number in wanted if number not in found]
        if missing:
            found |= {each.number: each for each in map(self._sentence, self._passages.sentence_rows(missing))}
        return [found[number] for number in wanted if number in found]

    def matchable(self, numbers: Iterable[int]) -> dict[int, Matchable]:
        """What these sentences can be matched by; unknown numbers are left out."""
        wanted = list(dict.fromkeys(numbers))
        if len(self._matchable) > _CACHED_MATCHABLE:
            self._matchable = {}
        cache = self._matchable
        found = {number: cache[number] for number in wanted if number in cache}
        missing = [number for number in wanted if number not in found]
        try:
            kept = {at: read(each) for at, each in self._passages.matchable(missing).items()} if missing else {}
        except ValueError as exc:
            raise IndexUnusable(f"the index is damaged ({exc}); run `assistant ingest`") from exc
        cache.update(kept)
        return found | kept

    def keep_tokens(self, sentences: Iterable[IndexedSentence]) -> None:
        """Has `tokens` give the tokens of these sentences as they were found when they were indexed, as far as it has kept none.
        What is not there is read anew."""
        unread: dict[int, tuple[str, str]] = {}
        languages: dict[str, str] = {}
        for each in sentences:
            if each.source_id not in languages:
                source = self.sources[each.source_id]
                languages[each.source_id] = language_of(source.language, source.text)
            if not is_kept(each.text, languages[each.source_id]):
                unread[each.number] = each.text, languages[each.source_id]
        try:
            for number, content in self._passages.tokens(unread).items() if unread else ():
                text, language = unread[number]
                keep(text, language, read_tokens(content, text))
        except (TypeError, ValueError) as exc:
            raise IndexUnusable(f"the index is damaged ({exc}); run `assistant ingest`") from exc

    def words(self, numbers: Iterable[int]) -> dict[int, Codes]:
        """The words of these sentences, for `models.interaction`."""
        wanted = list(dict.fromkeys(numbers))
        found = {number: self._words[number] for number in wanted if number in self._words}
        missing = [number for number in wanted if number not in found]
        kept = self._passages.words(missing) if missing else {}
        if len(kept) < len(missing) or any(len(codes) % DIMENSIONS for codes in kept.values()):
            raise IndexUnusable("the index is damaged (words of a sentence are missing); run `assistant ingest`")
        read = {number: decoded(codes) for number, codes in kept.items()}
        if self.sentence_count <= _CACHED_SENTENCES:
            self._words.update(read)
        return found | read

    def of_source(self, source_id: str) -> list[IndexedSentence]:
        """The sentences of a source in order; none for an unknown id."""
        return [self._sentence(row) for row in self._passages.sentence_rows_of(source_id)]

    def numbers_of(self, source_id: str) -> range:
        """The numbers of all sentences of a source; none for an unknown id."""
        return self._passages.numbers_of(source_id)

    def close(self) -> None:
        """Frees files and memory; nothing can be asked afterwards."""
        self._passages.close()
        self._vectors.close()
        self._on_close()

    def _rarest(self, keys: Iterable[str]) -> list[str]:
        """The keys that occur, rarest first, as many as `MATCHED_ROWS` allows and at least one."""
        occurs = {key: count for key, count in self.frequencies(keys).items() if count}
        kept: list[str] = []
        rows = 0
        for key in sorted(occurs, key=lambda key: (occurs[key], key)):
            rows += occurs[key]
            if kept and rows > MATCHED_ROWS:
                break
            kept.append(key)
        return kept

    def _sentence(self, row: Row) -> IndexedSentence:
        number, source_id, start, end, paragraph_start, paragraph_end, clauses, under = row
        if number in self._sentences:
            return self._sentences[number]
        text = self.sources[source_id].text[start:end]
        spans = tuple((int(a), int(b)) for a, b in json.loads(clauses))
        place = (number, source_id, start, end, (paragraph_start, paragraph_end))
        sentence = IndexedSentence(*place, spans, text, Under(*map(tuple, json.loads(under))))
        if self.sentence_count <= _CACHED_SENTENCES:
            self._sentences[number] = sentence
        return sentence


def open_index(data: Path, embedder: str) -> Index:
    """The index in use of a data folder, opened; raises as `open_current`."""
    return open_current(Snapshots(data), embedder)


def open_current(snapshots: Snapshots, embedder: str) -> Index:
    """The snapshot in use, opened.

    Raises:
        IndexUnusable: missing, damaged, or made by another version or with another embedder than the identity given.
        DataFolderError: there is no room for a private copy.
        IndexUnreachable: the Chroma server that holds it cannot be used.
    """
    for attempt in range(_ATTEMPTS):
        name = snapshots.current()
        if name is None:
            raise IndexUnusable(f"there is no index in {snapshots.where}; run `assistant ingest`")
        try:
            return open_snapshot(snapshots, name, embedder)
        except IndexUnusable:
            if attempt == _ATTEMPTS - 1 or snapshots.current() == name:
                raise
    raise AssertionError("unreachable")


def open_snapshot(snapshots: Snapshots, name: str, embedder: str) -> Index:
    """A finished snapshot, opened; raises as `open_current`."""
    manifest = snapshots.manifest(name)
    check_origin(manifest, embedder)
    copy = snapshots.open_copy(name, manifest)
    passages: Passages | None = None
    try:
        passages = Passages(copy.folder)
        is_small = (copy.folder / exact.FILE).exists()
        records = ExactVectors(copy.folder) if is_small else snapshots.records(name, copy.folder)
    except BaseException:
        if passages is not None:
            passages.close()
        copy.close()
        raise
    index = Index(name, passages, records, manifest.dimension, copy.close)
    if (passages.sentence_count, records.count, set(passages.source_ids)) != (
        manifest.sentences,
        manifest.records,
        set(manifest.sources),
    ):
        index.close()
        raise IndexUnusable("the index is damaged (its parts do not agree); run `assistant ingest`")
    return index


class _Lease:
    """An open index, and how many read it."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.readers = 0
        self.is_retired = False


class LiveIndex:
    """The index in use, reopened when `ingest` has switched to another. Thread-safe; nothing is opened until asked.

    A new snapshot that cannot be opened leaves the old one in use, with the reason in `problem`.
    """

    def __init__(
        self,
        data: Path,
        embedder: str,
        *,
        chroma_url: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.problem: AssistantError | None = None
        self._embedder = embedder
        self._clock = clock
        self._snapshots = snapshots_of(data, chroma_url)
        self.where = self._snapshots.where  # for messages
        self._state = threading.Lock()  # of the lease and its count: never held while something is opened
        self._opening = threading.Lock()
        self._lease: _Lease | None = None
        self._looked = float("-inf")
        self._refused: tuple[str, float] | None = None  # the snapshot that `problem` is about, and when it was tried

    @contextmanager
    def open(self) -> Iterator[Index]:
        """Lends the index in use; it stays open while it is lent, whatever is ingested meanwhile.

        Raises:
            IndexUnusable: missing, damaged, or made by another version or embedder.
            DataFolderError: there is no room for a private copy.
            IndexUnreachable: the Chroma server that holds it cannot be used.
        """
        lease = self._borrow()
        try:
            yield lease.index
        finally:
            self._give_back(lease)

    def renew(self) -> None:
        """Looks at once whether another snapshot is in use, and waits until it is open.

        Raises: as `open`, where none was open yet.
        """
        with self._opening:
            self._look()
            self._looked = self._clock()

    def close(self) -> None:
        """Closes the index once nobody reads it. `open` would open it again."""
        with self._opening:
            self._swap(None)
            self._snapshots.close()

    def _borrow(self) -> _Lease:
        while True:
            self._refresh()
            with self._state:
                if self._lease is not None:
                    self._lease.readers += 1
                    return self._lease

    def _give_back(self, lease: _Lease) -> None:
        with self._state:
            lease.readers -= 1
            is_done = lease.is_retired and not lease.readers
        if is_done:
            lease.index.close()

    def _refresh(self) -> None:
        if self._lease is not None and self._clock() - self._looked < LOOK_SECONDS:
            return
        # While one thread opens the new index the others go on with the old one; without one they wait for it.
        if not self._opening.acquire(blocking=self._lease is None):
            return
        try:
            now = self._clock()
            if self._lease is not None and now - self._looked < LOOK_SECONDS:
                return
            self._look()
            took = self._clock() - now
            self._looked = now + (PAUSES + 1) * took if self.problem else now
        finally:
            self._opening.release()

    def _look(self) -> None:
        if self._lease is None:
            self._swap(open_current(self._snapshots, self._embedder))
            return
        name: str | None = None
        try:
            name = self._snapshots.current()
            if name is None or name == self._lease.index.snapshot or self._is_refused(name):
                return
            self._swap(open_current(self._snapshots, self._embedder))
        except AssistantError as exc:
            self.problem = exc
            self._refused = (name, self._clock()) if name and isinstance(exc, IndexUnusable) else None

    def _is_refused(self, name: str) -> bool:
        return (
            self._refused is not None and self._refused[0] == name and self._clock() - self._refused[1] < RETRY_SECONDS
        )

    def _swap(self, index: Index | None) -> None:
        self.problem = self._refused = None
        with self._state:
            old, self._lease = self._lease, _Lease(index) if index else None
            if old is not None:
                old.is_retired = True
            is_done = old is not None and not old.readers
        if old is not None and is_done:
            old.index.close()
