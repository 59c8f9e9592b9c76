"""The SQLite file of a snapshot: the sources' texts, their sentences, a full-text table of the sentences' keys, and what
the sentences' words mean (`models.interaction`), found by the digest of what the embedder read.

Once its snapshot is in use the file is never changed, so readers open it as immutable: no locks, no journal, and any
number of connections. Connections are lent from a small stack: a query holds one alone, so threads do not wait for each
other, and closing is in one place (one connection a thread would outlive the threads of a pool).
"""

from __future__ import annotations

import datetime as dt
import json
import re
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sized
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from assistant.errors import IndexUnusable
from assistant.index.vectors import records_of
from assistant.text.languages import language_of
from assistant.text.layout import NOTHING, Under, above
from assistant.text.matchable import matchable, written, written_tokens
from assistant.text.sentences import split
from assistant.text.tokens import index_terms, tokens
from assistant.types import Heading, Source

FILE = "passages.sqlite3"

K = TypeVar("K", int, str)

# The tokenizer `ascii` takes every character above U+007F as part of a term. `unicode61` would cut keys at joiners and at
# letters newer than its Unicode 6.1, and fold them by rules that Python does not share, so that the document frequency
# of a key could not be looked up. Keys are kept beside the sentences (external content), because a term can be taken out
# of an FTS5 table only by giving the keys that were put in; SQLite has `contentless_delete` since 3.43 only.
_SCHEMA = """
create table sources (
    source_id text primary key, sha256 text not null, title text not null, language text, date text, publisher text,
    url text, note text, questions text not null, pages text not null, headings text not null, file_date text,
    text text not null
) without rowid;
create table sentences (
    number integer primary key, source_id text not null, start integer not null, end integer not null,
    paragraph_start integer not null, paragraph_end integer not null, clauses text not null, keys text not null,
    under text not null, matchable text not null, digest text not null
);
create table tokens (number integer primary key, content text not null);
create table words (digest text primary key, codes blob not null) without rowid;
create index sentences_of_source on sentences (source_id, number);
create virtual table terms using fts5(
    keys, content='sentences', content_rowid='number', tokenize="ascii tokenchars '_.+-'"
);
create virtual table vocabulary using fts5vocab('terms', 'row');
"""

_NOT_IN_TERM = re.compile(r"[^0-9a-z_.+\-\x80-\U0010ffff]")
_ASCII_LOWER = {ord(upper): upper.lower() for upper in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
_SOURCE_COLUMNS = (
    "source_id, sha256, title, language, date, publisher, url, note, questions, pages, headings, file_date, text"
)
_AT_ONCE = 500  # bound parameters of a statement: SQLite's oldest limit is 999


@dataclass(frozen=True, slots=True)
class IndexedSentence:
    """A sentence of a source. Numbers are consecutive within a source; between sources at least one is left out.

    Offsets are into the source's text: 0-based, end exclusive, in code points.
    """

    number: int
    source_id: str
    start: int
    end: int
    paragraph: tuple[int, int]
    clauses: tuple[tuple[int, int], ...]
    text: str
    under: Under = NOTHING


Row = tuple[int, str, int, int, int, int, str, str]
"""Of a sentence: number, source_id, start, end, paragraph start, paragraph end, clauses and those it stands under as JSON."""


def term(key: str) -> str:
    """A lexical key as the full-text table holds it: one term, whatever characters the key has."""
    return _NOT_IN_TERM.sub("_", key.translate(_ASCII_LOWER))


class PassagesWriter:
    """Changes the file of a snapshot that is not in use yet. Use it as a context manager: it commits, or rolls back.

    Raises (everywhere):
        sqlite3.Error: the file cannot be written; the caller knows the data folder and translates.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / FILE
        is_new = not path.exists()
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("pragma journal_mode = memory")  # a snapshot that was cut short is thrown away
        self._db.execute("pragma synchronous = off")  # the snapshot is flushed as a whole before it is switched to
        if is_new:
            self._db.executescript(_SCHEMA)
        last = self._db.execute("select max(number) from sentences").fetchone()[0]
        self._next = 0 if last is None else last + 2  # counted on, so that a number removed now is not given again

    def __enter__(self) -> Self:
        self._db.execute("begin")
        return self

    def __exit__(self, kind: object, value: object, trace: object) -> None:
        with closing(self._db):
            self._db.execute("rollback" if kind else "commit")

    def remove(self, source_id: str) -> list[int]:
        """Takes a source out; the numbers that its sentences had."""
        rows = self._db.execute("select number, keys from sentences where source_id = ?", (source_id,)).fetchall()
        self._db.executemany("insert into terms (terms, rowid, keys) values ('delete', ?, ?)", rows)
        self._db.executemany("delete from tokens where number = ?", [(number,) for number, _ in rows])
        self._db.execute("delete from sentences where source_id = ?", (source_id,))
        self._db.execute("delete from sources where source_id = ?", (source_id,))
        return [number for number, _ in rows]

    def add(self, source: Source) -> list[IndexedSentence]:
        """Puts a source in; its sentences with their numbers."""
        day = source.date.isoformat() if source.date else None
        about = (
            source.title,
            source.language,
            day,
            source.publisher,
            source.url,
            source.note,
            json.dumps(source.questions),
            json.dumps(source.pages),
            json.dumps([astuple(heading) for heading in source.headings]),
            source.file_date.isoformat() if source.file_date else None,
        )
        values = (source.source_id, source.sha256, *about, source.text)
        self._db.execute(f"insert into sources ({_SOURCE_COLUMNS}) values ({', '.join('?' * len(values))})", values)
        added: list[IndexedSentence] = []
        language = language_of(source.language, source.text)
        sentences = split(source.text)
        marked = {(heading.start, heading.end) for heading in source.headings}
        runs = above(source.text, [(each.start, each.end) for each in sentences], marked)
        for number, (found, places) in enumerate(zip(sentences, runs, strict=True), self._next):
            text = source.text[found.start : found.end]
            keys = " ".join(filter(None, map(term, index_terms(text, language))))
            span = (source.source_id, found.start, found.end, found.paragraph, found.clauses)
            under = Under(*(tuple(self._next + n for n in numbers) for numbers in places))
            sentence = IndexedSentence(number, *span, text, under)
            clauses, digest = json.dumps(found.clauses), records_of(sentence, source)[0].words_digest
            said = tokens(text, language)
            words = written(matchable(said, source.date))
            place = (number, source.source_id, found.start, found.end, *found.paragraph)
            row = (*place, clauses, keys, json.dumps(under), words, digest)
            self._db.execute(f"insert into sentences values ({_marks(row)})", row)
            self._db.execute("insert into tokens values (?, ?)", (number, written_tokens(said)))
            self._db.execute("insert into terms (rowid, keys) values (?, ?)", (number, keys))
            added.append(sentence)
        self._next += len(added) + 1
        return added

    def known_words(self, digests: Iterable[str]) -> dict[str, bytes]:
        """As of `Passages`."""
        return known_words(self._db, digests)

    def put_words(self, codes: Mapping[str, bytes]) -> None:
        """Says what words mean, by their sentences' digests."""
        self._db.executemany("insert or replace into words values (?, ?)", codes.items())

    def drop_words(self) -> None:
        """Forgets those of sentences that are not there any more."""
        self._db.execute("delete from words where digest not in (select digest from sentences)")


class Passages:
    """Reads the file of a snapshot; thread-safe.

    Raises (everywhere):
        IndexUnusable: the file is missing or damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._closed = False
        with self._connection() as db:
            ids = [row[0] for row in db.execute("select source_id from sources order by source_id")]
            self.source_ids: tuple[str, ...] = tuple(ids)
            self.sentence_count: int = db.execute("select count(*) from sentences").fetchone()[0]

    def source(self, source_id: str) -> Source | None:
        """A source with its text."""
        with self._connection() as db:
            row = db.execute(f"select {_SOURCE_COLUMNS} from sources where source_id = ?", (source_id,)).fetchone()
        if row is None:
            return None
        found_id, sha256, title, language, date, publisher, url, note, questions, pages, headings, file_date, text = row
        return Source(
            source_id=found_id,
            text=text,
            title=title,
            sha256=sha256,
            language=language,
            date=_day(date),
            publisher=publisher,
            url=url,
            note=note,
            questions=tuple(json.loads(questions)),
            pages=tuple(json.loads(pages)),
            headings=tuple(Heading(*each) for each in json.loads(headings)),
            file_date=_day(file_date),
        )

    def sentence_rows(self, numbers: Iterable[int]) -> list[Row]:
        """Those that exist."""
        wanted = list(dict.fromkeys(numbers))
        rows: list[Row] = []
        with self._connection() as db:
            for at in range(0, len(wanted), _AT_ONCE):
                batch = wanted[at : at + _AT_ONCE]
                rows += db.execute(f"{_SENTENCE} where number in ({_marks(batch)})", batch).fetchall()
        return rows

    def sentence_rows_of(self, source_id: str) -> list[Row]:
        """All sentences of a source, in order."""
        with self._connection() as db:
            return db.execute(f"{_SENTENCE} where source_id = ? order by number", (source_id,)).fetchall()

    def numbers_of(self, source_id: str) -> range:
        """The numbers of all sentences of a source."""
        query = "select min(number), max(number) from sentences where source_id = ?"
        with self._connection() as db:
            first, last = db.execute(query, (source_id,)).fetchone()
        return range(0) if first is None else range(first, last + 1)

    def matching(self, keys: Iterable[str], k: int) -> list[tuple[int, float]]:
        """The numbers of up to `k` sentences that hold any of the keys, with their BM25 score (> 0), best first."""
        terms = dict.fromkeys(filter(None, map(term, keys)))
        if not terms or k <= 0:
            return []
        query = " OR ".join(f'"{each}"' for each in terms)
        with self._connection() as db:
            return db.execute(
                "select rowid, -bm25(terms) from terms where terms match ? order by bm25(terms), rowid limit ?",
                (query, k),
            ).fetchall()

    def matchable(self, numbers: Iterable[int]) -> dict[int, str]:
        """What these sentences can be matched by, as `assistant.text.matchable` writes it."""
        with self._connection() as db:
            return _by(db, "select number, matchable from sentences where number in", numbers)

    def tokens(self, numbers: Iterable[int]) -> dict[int, str]:
        """The tokens of these sentences, as `assistant.text.matchable` writes them."""
        with self._connection() as db:
            return _by(db, "select number, content from tokens where number in", numbers)

    def words(self, numbers: Iterable[int]) -> dict[int, bytes]:
        """The codes of these sentences' words."""
        with self._connection() as db:
            return _by(db, "select number, codes from sentences join words using (digest) where number in", numbers)

    def known_words(self, digests: Iterable[str]) -> dict[str, bytes]:
        """The codes of words by `Record.words_digest`, as far as there are some."""
        with self._connection() as db:
            return known_words(db, digests)

    def frequencies(self, keys: Iterable[str]) -> dict[str, int]:
        """In how many sentences each key occurs."""
        terms = {key: term(key) for key in keys}
        wanted = list(dict.fromkeys(terms.values()))
        found: dict[str, int] = {}
        with self._connection() as db:
            for each in wanted:  # fts5vocab looks a term up by `=` only; `in` would read the whole vocabulary
                row = db.execute("select doc from vocabulary where term = ?", (each,)).fetchone()
                found[each] = row[0] if row else 0
        return {key: found[value] for key, value in terms.items()}

    def close(self) -> None:
        """Closes every connection; one that is lent now is closed when it comes back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        try:
            if connection is None:
                uri = self._path.absolute().as_uri() + "?mode=ro&immutable=1"
                connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
            yield connection
        except sqlite3.Error as exc:
            raise IndexUnusable(f"the index is damaged ({FILE}: {exc}); run `assistant ingest`") from exc
        finally:
            if connection is not None:
                self._give_back(connection)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(connection)
                return
        connection.close()


def known_words(db: sqlite3.Connection, digests: Iterable[str]) -> dict[str, bytes]:
    """The codes of words by their digests, as far as there are some."""
    return _by(db, "select digest, codes from words where digest in", digests)


def _by(db: sqlite3.Connection, query: str, keys: Iterable[K]) -> dict[K, Any]:
    """The rows of a query for keys, in which a value follows the key."""
    wanted = list(dict.fromkeys(keys))
    batches = (wanted[at : at + _AT_ONCE] for at in range(0, len(wanted), _AT_ONCE))
    return {key: value for batch in batches for key, value in db.execute(f"{query} ({_marks(batch)})", batch)}


_SENTENCE = "select number, source_id, start, end, paragraph_start, paragraph_end, clauses, under from sentences"


def _day(written: str | None) -> dt.date | None:
    return dt.date.fromisoformat(written) if written else None


def _marks(values: Sized) -> str:
    return ", ".join("?" * len(values))
