"""Where the snapshots of an index lie, which one is in use, and the lock of who writes.

    <data>/index/CURRENT       the name of the snapshot in use, replaced by atomic rename
    <data>/index/<snapshot>/   chroma/, passages.sqlite3, manifest.json, opened-well: never changed once CURRENT named it
    <data>/index/writer.lock   held by `ingest`

A writer builds a new snapshot beside the others, flushes it to the disk and then switches CURRENT; whatever stops it
before that leaves the old one in use. Readers copy a snapshot before they open it, because Chroma writes to the files it
reads, so removing an old snapshot takes nothing from them.
"""

from __future__ import annotations

import datetime as dt
import errno
import os
import re
import secrets
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from assistant.errors import DataFolderError, IndexBusy, IndexUnusable
from assistant.index import vectors
from assistant.index.copies import PrivateCopy, copy_files
from assistant.index.manifest import (
    Manifest,
    check_files,
    check_hashes,
    chromadb_version,
    is_proven,
    read_manifest,
    set_mark,
    write_manifest,
)
from assistant.index.passages import Passages
from assistant.index.vectors import Vectors

_CURRENT = "CURRENT"
_LOCK = "writer.lock"

NAME = re.compile(r"\d{8}T\d{12}-[0-9a-f]{6}")
"""What snapshots are called: the time at which they were begun, and some letters."""


class Snapshots:
    """The `index` folder in a data folder. Making one touches nothing.

    `assistant.index.server.snapshots` has those on a Chroma server; both are made by `snapshots_of`.
    """

    def __init__(self, data: Path) -> None:
        self.where = str(data)  # for messages
        self._data = data
        self._root = data / "index"

    def current(self) -> str | None:
        """The name of the snapshot in use; None if there is none.

        Raises:
            IndexUnusable: CURRENT cannot be read, or holds no name.
        """
        try:
            name = (self._root / _CURRENT).read_text(encoding="ascii").strip()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as exc:
            raise IndexUnusable(f"the index cannot be read ({self._root / _CURRENT}: {exc.strerror})") from exc
        except UnicodeDecodeError:
            name = ""
        if not NAME.fullmatch(name):
            raise IndexUnusable(f"the index is damaged ({self._root / _CURRENT} holds no name); run `assistant ingest`")
        return name

    def folder(self, name: str) -> Path:
        """The folder of a snapshot that is being built."""
        return self._root / name

    def records(self, name: str, folder: Path, *, create: bool = False) -> Vectors:
        """The vectors of a snapshot whose files, or a copy of them, are in `folder`; the caller closes them.

        Raises:
            IndexUnusable: they are missing or damaged.
        """
        return Vectors(folder / vectors.FOLDER, create=create)

    def manifest(self, name: str) -> Manifest:
        """What a finished snapshot says of itself.

        Raises:
            IndexUnusable: missing, damaged, or of another version.
        """
        return read_manifest(self.folder(name))

    def check(self, name: str, manifest: Manifest, *, thorough: bool = False) -> None:
        """Whether a finished snapshot is what was written, as far as can be seen without opening it; `thorough`: by all
        that its files hold.

        Raises:
            IndexUnusable: it is not.
        """
        (check_hashes if thorough else check_files)(self.folder(name), manifest)

    def prove(self, name: str, manifest: Manifest) -> None:
        """Whether a finished snapshot can be built upon: one that is new to the installed chromadb is tried.

        Raises:
            IndexUnusable: it cannot.
        """
        if not is_proven(self.folder(name), manifest):
            self.open_copy(name, manifest).close()

    @contextmanager
    def passages(self, name: str) -> Iterator[Passages]:
        """The texts of a finished snapshot.

        Raises:
            IndexUnusable: they are missing or damaged.
        """
        with closing(Passages(self.folder(name))) as passages:
            yield passages

    def writing(self) -> AbstractContextManager[None]:
        """For writing to a snapshot, and for reading back what was just written. Raises DataFolderError if that fails."""
        return writing(self._data)

    @contextmanager
    def writer(self, wait: float) -> Iterator[None]:
        """Holds the writer's lock; waits for it up to `wait` seconds.

        Raises:
            IndexBusy: another process holds it still.
            DataFolderError: the data folder cannot be written.
        """
        with self.writing():
            self._root.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self._root / _LOCK)
            try:
                lock.acquire(timeout=wait)
            except Timeout as exc:
                raise IndexBusy(
                    f"another process is writing the index in {self._data}; try again when it has finished"
                ) from exc
        try:
            yield
        finally:
            lock.release()

    def create(self, base: str | None) -> str:
        """A new snapshot that is not in use: empty, or a copy of `base` without its manifest. The writer calls it."""
        name = new_name()
        try:
            with self.writing():
                files = read_manifest(self.folder(base)).files if base else ()
                copy_files(self.folder(base or name), self.folder(name), files)
        except BaseException:
            self.drop(name)
            raise
        return name

    def finish(self, name: str, manifest: Manifest) -> None:
        """Completes a snapshot by its manifest: from now on it can be opened."""
        with self.writing():
            write_manifest(self.folder(name), manifest)

    def drop(self, name: str) -> None:
        """Removes a snapshot that was not finished; one that is in use already stays."""
        try:
            in_use = self.current()
        except IndexUnusable:
            in_use = None
        if in_use != name:
            shutil.rmtree(self.folder(name), ignore_errors=True)

    def switch(self, name: str) -> None:
        """Flushes a finished snapshot to the disk and makes it the one in use, at once or not at all.

        Raises:
            DataFolderError: the disk refuses.
        """
        with self.writing():
            for here, _, files in os.walk(self.folder(name)):
                for file in files:
                    _flush(Path(here, file))
                _flush(Path(here))
            temporary = self._root / f"{_CURRENT}.new"
            temporary.write_text(name + "\n", encoding="ascii")
            _flush(temporary)
            _flush(self._root)
            temporary.replace(self._root / _CURRENT)
            _flush(self._root)

    def clean(self, *keep: str | None) -> None:
        """Removes all snapshots but those to keep, whole or not; what cannot be removed stays for the next time."""
        for entry in sorted(self._root.iterdir()):
            if NAME.fullmatch(entry.name) and entry.name not in keep:
                shutil.rmtree(entry, ignore_errors=True)

    def open_copy(self, name: str, manifest: Manifest) -> PrivateCopy:
        """A private copy of a snapshot, whose own files are checked; the caller closes it.

        Raises:
            IndexUnusable: the snapshot is missing or damaged, or the installed chromadb cannot open it.
            DataFolderError: there is no room for the copy.
        """
        folder = self.folder(name)
        try:
            copy = PrivateCopy(folder, manifest.files)
        except FileNotFoundError as exc:
            raise IndexUnusable(f"the index is missing ({exc.filename}); run `assistant ingest`") from exc
        except OSError as exc:
            raise no_room(exc) from exc
        try:
            check_hashes(copy.folder, manifest)
        except IndexUnusable:
            copy.close()
            raise
        if is_proven(folder, manifest) or vectors.survives(copy.folder / vectors.FOLDER):
            set_mark(folder, manifest)
            return copy
        copy.close()
        raise IndexUnusable(
            f"the index cannot be opened (made with chromadb {manifest.chromadb}, now {chromadb_version()}); "
            "run `assistant ingest`"
        )

    def close(self) -> None:
        """Ends what is held open of where the snapshots are, which is nothing on disk; it may be used again."""


def snapshots_of(data: Path, chroma_url: str | None = None, *, patience: float | None = None) -> Snapshots:
    """The snapshots in a data folder, or on a Chroma server, whose answers are waited for `patience` seconds."""
    if chroma_url is None:
        return Snapshots(data)
    from assistant.index.server.snapshots import ServerSnapshots  # which builds upon this module

    return ServerSnapshots(chroma_url, patience)


def new_name() -> str:
    """The name of a snapshot that is begun now."""
    return f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(3)}"


def no_room(problem: OSError) -> DataFolderError:
    """The error for a private copy that cannot be made."""
    return DataFolderError(
        f"the index cannot be copied to {tempfile.gettempdir()} ({problem.strerror}); set TMPDIR to a folder with room"
    )


@contextmanager
def writing(data: Path) -> Iterator[None]:
    """For writing to a data folder, and for reading back what was just written there: whatever fails, the folder refuses.

    Raises:
        DataFolderError: in place of OSError, sqlite3.Error and IndexUnusable.
    """
    try:
        yield
    except OSError as exc:
        reason = _REASONS.get(exc.errno or 0, exc.strerror or str(exc))
        raise DataFolderError(f"the data folder {data} cannot be written: {reason}") from exc
    except (sqlite3.Error, IndexUnusable) as exc:
        reason = " ".join(str(exc.__cause__ or exc).split()).removesuffix("; run `assistant ingest`")[:200]
        raise DataFolderError(f"the data folder {data} cannot be written: {reason}; is the disk full?") from exc


_REASONS = {
    errno.ENOSPC: "the disk is full; free some space, or give another folder with --data",
    errno.EDQUOT: "the disk quota is used up; free some space, or give another folder with --data",
    errno.EROFS: "it is read-only; give another folder with --data",
    errno.EACCES: "no permission; allow it, or give another folder with --data",
    errno.EPERM: "no permission; allow it, or give another folder with --data",
    errno.ENOTDIR: "a part of its path is a file; give another folder with --data",
    errno.EEXIST: "a part of its path is a file; give another folder with --data",
}


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
