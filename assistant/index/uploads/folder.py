"""The folder of what was added by upload: `<data>/uploads`, apart from the seeds, so that ingesting those never touches it.

    <data>/uploads/<folder>/text.txt         the text, or text.md
    <data>/uploads/<folder>/text.txt.yaml    what is known of it, as beside a seed
    <data>/uploads/<folder>/upload.json      the name that it was uploaded under, and when
    <data>/uploads/<folder>/original.pdf     the file itself

A folder appears and goes by one rename, so that a process that is killed leaves it whole or not there. Its own name is
made of letters that every file system takes; the source is called after the file.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from assistant.errors import SourceError, UploadConflict, UploadError
from assistant.index.snapshots import writing
from assistant.index.sources import read_source
from assistant.index.uploads.extract import Extract
from assistant.types import UPLOADS, Source

FOLDER = "uploads"
MAX_UPLOADS = 500

_NEW, _GONE = ".new-", ".gone-"
_LEFT_SECONDS = 3600  # after which what a killed process has left is cleared away
_ABOUT = "upload.json"


@dataclass(frozen=True, slots=True)
class Staged:
    """An article that lies ready beside the others."""

    folder: Path
    name: str
    source: Source


class UploadFolder:
    """The uploads in a data folder. Making one touches nothing.

    Raises (everywhere):
        DataFolderError: the data folder cannot be read or written.
    """

    def __init__(self, data: Path) -> None:
        self.root = data / FOLDER
        self._data = data

    def read(self) -> tuple[dict[str, Source], list[SourceError]]:
        """All uploads by source id, and what cannot be read of them."""
        sources: dict[str, Source] = {}
        problems: list[SourceError] = []
        with writing(self._data):
            folders = self._folders()
        for folder in folders:
            try:
                source = self._source(folder)
                sources[source.source_id] = source
            except SourceError as exc:
                problems.append(exc)
        return sources, problems

    def stage(self, extract: Extract, name: str, original: Path) -> Staged:
        """Lays an article ready, so that `placed` can add it at once; `name` is one that `clean_name` gave."""
        folder = self.root / f"{_NEW}{secrets.token_hex(8)}"
        with writing(self._data):
            self._clear()
            folder.mkdir(parents=True)
            self._write(folder, extract, name, original)
            return Staged(folder, name, self._source(folder))

    def discard(self, staged: Staged) -> None:
        """Clears away what was laid ready and not added."""
        shutil.rmtree(staged.folder, ignore_errors=True)

    @contextmanager
    def placed(self, staged: Staged) -> Iterator[None]:
        """Adds an article; where the work within fails, it is not added.

        Raises:
            UploadConflict: another file of its name is there.
            UploadError: there are too many.
        """
        home = self._home(staged.name)
        if home.exists():
            raise UploadConflict(
                "same_name",
                staged.source.source_id,
                f"an article with other words was added as {staged.name}: remove that first, or give this another name",
            )
        if len(self._folders()) >= MAX_UPLOADS:
            raise UploadError(
                "full", f"{MAX_UPLOADS} articles have been added, and no more are taken; remove some first"
            )
        with writing(self._data):
            staged.folder.rename(home)
            _flush(self.root)
        try:
            yield
        except BaseException:
            self._drop(home)
            raise

    @contextmanager
    def without(self, source_id: str) -> Iterator[bool]:
        """Removes an article, and tells whether it was there; where the work within fails, it is there again."""
        home = self._home(source_id.removeprefix(UPLOADS))
        if not home.is_dir():
            yield False
            return
        gone = self.root / f"{_GONE}{secrets.token_hex(8)}"
        with writing(self._data):
            os.utime(home)  # or it would look as if it had been left there long ago
            home.rename(gone)
        try:
            yield True
        except BaseException:
            gone.rename(home)
            raise
        shutil.rmtree(gone, ignore_errors=True)

    def _write(self, folder: Path, extract: Extract, name: str, original: Path) -> None:
        try:
            text = folder / ("text.md" if name.casefold().endswith(".md") else "text.txt")
            text.write_bytes(extract.text.encode("utf-8"))
            text.with_name(f"{text.name}.yaml").write_text(_metadata(extract, name), encoding="utf-8")
            now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
            (folder / _ABOUT).write_text(json.dumps({"name": name, "added": now}), encoding="utf-8")
            shutil.copyfile(original, folder / f"original{PurePosixPath(name).suffix.casefold()}")
            for path in [*folder.iterdir(), folder]:
                _flush(path)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def _folders(self) -> list[Path]:
        try:
            return sorted(path for path in self.root.iterdir() if path.is_dir() and not path.name.startswith("."))
        except FileNotFoundError:
            return []

    def _home(self, name: str) -> Path:
        """Where an article of this name lies. Names that file systems may hold for the same are the same here."""
        letters = re.sub(r"[^a-z0-9]+", "-", PurePosixPath(name).stem.casefold()).strip("-")[:40]
        digest = hashlib.sha256(name.casefold().encode("utf-8", "surrogatepass")).hexdigest()[:16]
        return self.root / (f"{letters}-{digest}" if letters else digest)

    def _source(self, folder: Path) -> Source:
        try:
            name = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))["name"]
            text = next(path for ending in ("txt", "md") if (path := folder / f"text.{ending}").exists())
            if not isinstance(name, str):
                raise TypeError
        except (OSError, ValueError, KeyError, TypeError, StopIteration) as exc:
            what = f"the upload in {folder} is incomplete; remove that folder, and add the article again"
            raise SourceError(UPLOADS + folder.name, what) from exc
        return read_source(folder, text, UPLOADS + name)

    def _drop(self, home: Path) -> None:
        gone = self.root / f"{_GONE}{secrets.token_hex(8)}"
        home.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)

    def _clear(self) -> None:
        if not self.root.is_dir():
            return
        for path in self.root.iterdir():
            if path.name.startswith((_NEW, _GONE)) and time.time() - path.stat().st_mtime > _LEFT_SECONDS:
                shutil.rmtree(path, ignore_errors=True)


def titled(extract: Extract, title: str | None, date: dt.date | None) -> Extract:
    """The extract with what the person who adds it says of it, which goes before what its file says."""
    return replace(extract, title=title or extract.title, date=date or extract.date)


def _metadata(extract: Extract, name: str) -> str:
    import yaml

    fields: dict[str, object] = {
        "title": extract.title or PurePosixPath(name).stem,
        "date": extract.date,
        "publisher": extract.publisher,
        "url": extract.url,
        "file_date": extract.file_date,
        "headings": [list(heading) for heading in extract.headings],
        "pages": list(extract.pages),
    }
    known = {key: value for key, value in fields.items() if value}
    return yaml.safe_dump(known, allow_unicode=True, sort_keys=False, default_flow_style=None, width=1000)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
