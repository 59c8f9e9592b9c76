"""Snapshots on a Chroma server, so that replicas need no folder that they share.

    assistant-turn-<number>        which snapshot is in use, and who writes (`turns`)
    assistant-<snapshot>           its vectors, as in the collection of a snapshot on disk
    assistant-<snapshot>-files     its other files (manifest, SQLite, vectors for exact search), in compressed pieces

A snapshot is built in a temporary folder of the writer, all but its vectors, which go to the server at once. A reader
copies the files to a private folder, as it does those of a snapshot on disk, and holds them against their hashes; so it
searches words, and a small index's vectors, without the server, and goes on while that is away. The vectors of a larger
index are searched by the server. What is on it is trusted as a data folder is: whoever may write to it decides what is
quoted.
"""

from __future__ import annotations

import base64
import sqlite3
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from assistant.errors import AssistantError, DataFolderError, IndexUnusable
from assistant.index.copies import PrivateCopy
from assistant.index.manifest import FILE, Manifest, check_files, manifest_json, parse_manifest
from assistant.index.passages import Passages
from assistant.index.server.client import ChromaServer
from assistant.index.server.turns import Turns
from assistant.index.snapshots import NAME, Snapshots, new_name, no_room
from assistant.index.vectors import Vectors

_PREFIX, _FILES = "assistant-", "-files"
_PIECE = 256 * 1024  # characters
_PIECES_AT_ONCE = 32  # 8 MB: a server takes 40 MB in a request


class ServerSnapshots(Snapshots):
    """The snapshots on a server. Making one asks nothing.

    Raises (everywhere), besides what `Snapshots` raises:
        IndexUnreachable: the server cannot be used.
    """

    def __init__(self, url: str, patience: float | None = None) -> None:
        self._server = ChromaServer(url, patience)
        self._turns = Turns(self._server)
        self._building: dict[str, PrivateCopy] = {}
        self.where = self._server.where

    def current(self) -> str | None:
        name = self._turns.current()
        if name is not None and not NAME.fullmatch(name):
            raise IndexUnusable(f"the index on {self.where} is damaged (no name is in use); run `assistant ingest`")
        return name

    def folder(self, name: str) -> Path:
        return self._building[name].folder / name

    def records(self, name: str, folder: Path, *, create: bool = False) -> Vectors:
        return ServerVectors(self._server, _PREFIX + name, create=create)

    def manifest(self, name: str) -> Manifest:
        return parse_manifest(self._read(name, FILE))

    def check(self, name: str, manifest: Manifest, *, thorough: bool = False) -> None:  # `prove` reads all
        if self.records(name, Path()).count != manifest.records:
            raise IndexUnusable(f"the index on {self.where} is damaged (records are missing); run `assistant ingest`")

    def prove(self, name: str, manifest: Manifest) -> None:
        self.open_copy(name, manifest).close()

    @contextmanager
    def passages(self, name: str) -> Iterator[Passages]:
        with closing(self.open_copy(name, self.manifest(name))) as copy, closing(Passages(copy.folder)) as passages:
            yield passages

    @contextmanager
    def writing(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error) as exc:
            raise DataFolderError(
                f"the folder for temporary files, {tempfile.gettempdir()}, cannot be written ({exc}); set TMPDIR to "
                "another with room"
            ) from exc

    @contextmanager
    def writer(self, wait: float) -> Iterator[None]:
        with self._turns.taken(wait):
            yield

    def create(self, base: str | None) -> str:
        name = new_name()
        with self.writing():
            self._building[name] = PrivateCopy()
            self.folder(name).mkdir()
        try:
            if base is not None:
                self._download(base, self.manifest(base), self.folder(name))
                with (
                    closing(self.records(name, Path(), create=True)) as new,
                    closing(self.records(base, Path())) as old,
                ):
                    new.take_all(old)
        except BaseException:
            self.drop(name)
            raise
        return name

    def finish(self, name: str, manifest: Manifest) -> None:
        with self._server.calls() as client:
            files = client.create_collection(_PREFIX + name + _FILES, embedding_function=None)
            with self.writing():
                for path in manifest.files:
                    _upload(files, path, (self.folder(name) / path).read_bytes())
            _upload(files, FILE, manifest_json(manifest).encode())

    def drop(self, name: str) -> None:
        self._close(name)
        with suppress(AssistantError):  # what is left is removed by the next `clean`
            if self._turns.current() != name:
                self._remove(name)

    def switch(self, name: str) -> None:
        self._turns.point(name)
        self._close(name)

    def clean(self, *keep: str | None) -> None:
        with suppress(AssistantError):
            for collection in self._server.collections():
                name = collection.removeprefix(_PREFIX).removesuffix(_FILES)
                if collection.startswith(_PREFIX) and NAME.fullmatch(name) and name not in keep:
                    self._server.delete(collection)

    def open_copy(self, name: str, manifest: Manifest) -> PrivateCopy:
        try:
            copy = PrivateCopy()
        except OSError as exc:
            raise no_room(exc) from exc
        try:
            self._download(name, manifest, copy.folder)
        except BaseException:
            copy.close()
            raise
        return copy

    def close(self) -> None:
        self._server.close()

    def _download(self, name: str, manifest: Manifest, folder: Path) -> None:
        """Writes the files of a snapshot into a folder."""
        for path in manifest.files:
            if Path(path).name != path:
                raise IndexUnusable(f"the index on {self.where} is damaged (a file is called {path!a})")
            content = self._read(name, path)
            try:
                (folder / path).write_bytes(content)
            except OSError as exc:
                raise no_room(exc) from exc
        check_files(folder, manifest)

    def _read(self, name: str, path: str) -> bytes:
        """A file of a snapshot, whole."""
        pieces: dict[int, str] = {}
        with self._server.calls() as client:
            files = client.get_collection(_PREFIX + name + _FILES, embedding_function=None)
            while len(pieces) % _PIECES_AT_ONCE == 0:
                ids = [f"{path}:{number}" for number in range(len(pieces), len(pieces) + _PIECES_AT_ONCE)]
                got = files.get(ids=ids, include=["metadatas"])["metadatas"]
                if not got:
                    break
                pieces |= {each["number"]: each["content"] for each in got}
        try:
            return zlib.decompress(base64.b64decode("".join(pieces[number] for number in range(len(pieces)))))
        except (ValueError, KeyError, TypeError, zlib.error) as exc:
            raise IndexUnusable(
                f"the index on {self.where} is damaged ({path} is not what was written); run `assistant ingest`"
            ) from exc

    def _remove(self, name: str) -> None:
        for collection in (_PREFIX + name, _PREFIX + name + _FILES):
            self._server.delete(collection)

    def _close(self, name: str) -> None:
        if copy := self._building.pop(name, None):
            copy.close()


class ServerVectors(Vectors):
    """A collection on a server."""

    at_once = 500  # 3,072 dimensions, and a request stays below 40 MB

    def __init__(self, server: ChromaServer, name: str, *, create: bool = False) -> None:
        self._server = server
        with server.calls() as client:
            self._use(client, name, create=create)

    def close(self) -> None:
        """The connection stays: it is the server's."""

    def _translated(self) -> AbstractContextManager[object]:
        return self._server.calls()


def _upload(files: Any, path: str, content: bytes) -> None:
    """Puts a file into the collection of a snapshot's files. Metadata, because documents are indexed word by word."""
    text = base64.b64encode(zlib.compress(content)).decode()
    pieces = [
        {"path": path, "number": number, "content": text[at : at + _PIECE]}
        for number, at in enumerate(range(0, len(text), _PIECE))
    ]
    for at in range(0, len(pieces), _PIECES_AT_ONCE):
        batch = pieces[at : at + _PIECES_AT_ONCE]
        files.add(
            ids=[f"{path}:{piece['number']}" for piece in batch], embeddings=[[1.0]] * len(batch), metadatas=batch
        )
