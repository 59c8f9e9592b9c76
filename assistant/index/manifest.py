"""What a snapshot says of itself (`manifest.json`), and whether its files are still those that were written.

The files of a finished snapshot never change. The manifest holds their sizes and hashes, which what is opened or built upon
is held against; the mark `opened-well` holds their sizes and times of change as they were when they were last found good, so
that it can be told without reading them whether an index is as new as its sources.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from assistant.errors import IndexUnusable
from assistant.models.interaction import code_rules

SCHEMA = 11
"""Raised when the layout of a snapshot changes; an index of another number is rebuilt from its sources."""

FILE = "manifest.json"
MARK = "opened-well"


@dataclass(frozen=True, slots=True)
class Manifest:
    """The contents of `manifest.json`."""

    schema: int
    embedder: str  # the embedder's identity
    dimension: int  # of its vectors
    text_rules: str  # of the code and data that cut sentences and make keys
    chromadb: str  # the version that wrote the collection and opened it well
    sources: Mapping[str, str]  # source id: Source.sha256
    texts: Mapping[str, str]  # source id: sha256 of its text alone, by which a renamed source is known again
    sentences: int
    records: int  # vectors
    created: str  # ISO 8601, UTC
    previous: str | None  # the snapshot that it replaced
    files: Mapping[str, tuple[int, str]]  # path in the snapshot: size in bytes, sha256


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Writes the manifest and the mark of a snapshot that was found good."""
    (folder / FILE).write_text(manifest_json(manifest), encoding="utf-8")
    (folder / MARK).write_text(_mark(folder, manifest), encoding="utf-8")


def manifest_json(manifest: Manifest) -> str:
    """The contents of `manifest.json`, which `parse_manifest` reads."""
    return json.dumps(asdict(manifest), ensure_ascii=False, indent=1)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a snapshot of this version.

    Raises:
        IndexUnusable: missing, damaged, or of another version.
    """
    try:
        return parse_manifest((folder / FILE).read_bytes())
    except OSError as exc:
        raise IndexUnusable(f"the index is missing ({folder / FILE}: {exc.strerror}); run `assistant ingest`") from exc


def parse_manifest(content: bytes) -> Manifest:
    """A manifest of this version, from the contents of its file. Raises IndexUnusable: damaged, or of another version."""
    try:
        loaded: dict[str, Any] = json.loads(content.decode())
        schema = loaded["schema"]
        if schema == SCHEMA:
            files = {str(path): (int(size), str(sha256)) for path, (size, sha256) in loaded["files"].items()}
            hashes = {key: {str(a): str(b) for a, b in loaded[key].items()} for key in ("sources", "texts")}
            return Manifest(
                **{field.name: loaded[field.name] for field in fields(Manifest)} | hashes | {"files": files}
            )
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise IndexUnusable(f"the index is damaged ({FILE} is not what was written); run `assistant ingest`") from exc
    raise IndexUnusable(
        f"the index was made by another version of this program (its schema is {schema}, this one's {SCHEMA}); "
        "run `assistant ingest`"
    )


def check_origin(manifest: Manifest, embedder: str) -> None:
    """Whether this program, with this embedder, can use the index.

    Raises:
        IndexUnusable: made with another embedder, or with other rules for sentences and words.
    """
    if manifest.embedder != embedder:
        raise IndexUnusable(
            f"the index was made with another embedder ({manifest.embedder}, now {embedder}); run `assistant ingest`"
        )
    if manifest.text_rules != text_rules():
        raise IndexUnusable(
            "the index was made by another version of this program (its rules for sentences and words differ); "
            "run `assistant ingest`"
        )


def check_files(folder: Path, manifest: Manifest) -> None:
    """Whether the files of a snapshot are those that were written: by the mark, or else by their hashes.

    Raises:
        IndexUnusable: a file is missing or differs.
    """
    with suppress(OSError):
        if _read_mark(folder) == _mark(folder, manifest):
            return
    check_hashes(folder, manifest)


def check_hashes(folder: Path, manifest: Manifest) -> None:
    """Whether the files in a folder are those that were written, by all that they hold: a disk can change a file without
    its size and time. About 1 ms for each MB.

    Raises:
        IndexUnusable: a file is missing or differs.
    """
    for path, (size, sha256) in manifest.files.items():
        try:
            is_same = (folder / path).stat().st_size == size and _sha256(folder / path) == sha256
        except OSError as exc:
            raise IndexUnusable(f"the index is damaged ({path}: {exc.strerror}); run `assistant ingest`") from exc
        if not is_same:
            raise IndexUnusable(f"the index is damaged ({path} is not what was written); run `assistant ingest`")


def is_proven(folder: Path, manifest: Manifest) -> bool:
    """Whether the installed chromadb has opened the collection before: it wrote it, or the mark names it."""
    if manifest.chromadb == chromadb_version():
        return True
    try:
        return _read_mark(folder) == _mark(folder, manifest)
    except OSError:
        return False


def set_mark(folder: Path, manifest: Manifest) -> None:
    """Notes that the snapshot was found good, for the next opening; where the folder is read-only, nothing is noted."""
    with suppress(OSError):
        content = _mark(folder, manifest)
        if _read_mark(folder) != content:
            temporary = folder / f"{MARK}.{os.getpid()}"
            temporary.write_text(content, encoding="utf-8")
            temporary.replace(folder / MARK)


def hash_files(folder: Path) -> dict[str, tuple[int, str]]:
    """The size and SHA-256 of every file in a snapshot that has no manifest yet."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): (path.stat().st_size, _sha256(path)) for path in paths}


def text_hash(text: str) -> str:
    """What `Manifest.texts` holds."""
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=1)
def chromadb_version() -> str:
    """The installed version, without importing it."""
    return importlib.metadata.version("chromadb")


@lru_cache(maxsize=1)
def text_rules() -> str:
    """A hash of the code and data of `assistant.text`, from which sentences, clauses and keys follow, and of the weights
    by which words are coded."""
    found = hashlib.sha256(code_rules().encode())
    for file in _files(resources.files("assistant.text")):
        found.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return found.hexdigest()[:32]


def _files(folder: Traversable) -> list[Traversable]:
    found: list[Traversable] = []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            found += _files(entry) if entry.name != "__pycache__" else []
        elif entry.name.endswith((".py", ".toml", ".tsv")):
            found.append(entry)
    return found


def _read_mark(folder: Path) -> str:
    try:
        return (folder / MARK).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""


def _mark(folder: Path, manifest: Manifest) -> str:
    stats = {path: os.stat(folder / path) for path in sorted(manifest.files)}
    times = {path: [found.st_size, found.st_mtime_ns, found.st_ino] for path, found in stats.items()}
    return json.dumps({"chromadb": chromadb_version(), "files": times})


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
