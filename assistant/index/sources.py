"""Reads a seeds folder: which files are sources, their text exactly as it stands, and their metadata.

A source is a file with a known ending, in the folder or in folders inside it; names that begin with `_` or `.` are left
out. Its text is its bytes decoded as strict UTF-8 without a leading byte order mark; nothing else is changed, because
offsets refer to it. Metadata comes from `<name>.yaml` beside it; without that file nothing is guessed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import SeedsError, SourceError
from assistant.types import Heading, Source

KNOWN_ENDINGS = (".txt", ".md")
OTHER_ENDINGS = tuple(".pdf .docx .doc .odt .rtf .html .htm .pptx .xlsx .csv .eml .yaml .yml".split())
"""Of documents that somebody may take for sources, and of metadata, which may have the wrong name."""

MAX_BYTES = 20_000_000
"""A larger file is refused: it is a data dump rather than an article, and would hold the memory of every reader."""

MAX_METADATA_BYTES = 64_000

MAX_QUESTIONS = 60
"""Example questions that a source's metadata may list."""

_BOM = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
MAX_PAGES, MAX_HEADINGS = 2_000, 500
"""Pages and headings that a source's metadata may list."""

_WORDS = frozenset({"title", "publisher", "language", "url", "note"})
_KEYS = _WORDS | {"date", "questions", "pages", "headings", "file_date"}


@dataclass(frozen=True, slots=True)
class _Metadata:
    title: str | None = None
    date: dt.date | None = None
    publisher: str | None = None
    language: str | None = None
    url: str | None = None
    note: str | None = None
    questions: tuple[str, ...] = ()
    pages: tuple[int, ...] = ()
    headings: tuple[Heading, ...] = ()
    file_date: dt.date | None = None


def scan(folder: Path) -> list[Path]:
    """The paths of the sources in `folder` and the folders inside it, ordered by source id; nothing is read yet.

    Raises:
        SeedsError: the folder is missing, not a folder, unreadable, or has no source in it.
    """
    found = [path for path in _files(folder) if _ends(path, KNOWN_ENDINGS)]
    if not found:
        endings = " or ".join(KNOWN_ENDINGS)
        others = passed_over(folder)
        more = f"\nseeds: {others}" if others else ""
        raise SeedsError(f"seeds: no {endings} file in {folder}; put one there or give --seeds{more}")
    return sorted(found, key=lambda path: source_id_of(folder, path))


def passed_over(folder: Path) -> str | None:
    """In words, which documents and metadata `scan` passes over because of their names, and what to do; None where there are none.

    Raises:
        SeedsError: the folder is missing, not a folder, or unreadable.
    """
    files = list(_files(folder))
    read = {path.with_name(f"{path.name}.yaml") for path in files if _ends(path, KNOWN_ENDINGS)}
    others = sorted(source_id_of(folder, path) for path in files if _ends(path, OTHER_ENDINGS) and path not in read)
    if not others:
        return None
    shown = ", ".join(map(repr, others[:3])) + (", ..." if len(others) > 3 else "")
    return (
        f"{len(others)} passed over ({shown}): only {' and '.join(KNOWN_ENDINGS)} files are read, with what <file>.yaml tells "
        "of each; save the others as text, or add PDF, Word and HTML files on the page"
    )


def _files(folder: Path) -> Iterator[Path]:
    """The files in `folder` and the folders inside it that are not hidden."""
    _check_folder(folder)
    seen: set[tuple[int, int]] = set()  # folders by device and inode: links may point back up

    def refuse(problem: OSError) -> None:
        raise SeedsError(
            f"seeds: the folder {problem.filename} cannot be read ({problem.strerror}); allow reading it, or move it away"
        ) from problem

    for here, folders, names in os.walk(folder, onerror=refuse, followlinks=True):
        place = _identity(here)
        if place is None or place in seen:
            folders.clear()
            continue
        seen.add(place)
        folders[:] = sorted(name for name in folders if not _is_hidden(name))
        yield from (Path(here, name) for name in names if not _is_hidden(name))


def source_id_of(folder: Path, path: Path) -> str:
    """A source's id: its path under the seeds folder with `/`, in Unicode's composed form (NFC)."""
    return unicodedata.normalize("NFC", path.relative_to(folder).as_posix())


def read_source(folder: Path, path: Path, source_id: str | None = None) -> Source:
    """The source at `path`, which lies under the seeds folder `folder`; `source_id` if it is not told by the path.

    Raises:
        SourceError: it or its metadata cannot be used; the message says what is wrong and where.
    """
    source_id = source_id or source_id_of(folder, path)
    if not _is_utf8(source_id):
        shown = source_id.encode("utf-8", "backslashreplace").decode()
        raise SourceError(shown, "its file name is not UTF-8; rename it")
    text = decoded(source_id, _read(source_id, path, MAX_BYTES))
    metadata = _read_metadata(source_id, path.with_name(path.name + ".yaml"))
    _check_places(source_id, path, text, metadata)
    title = metadata.title or unicodedata.normalize("NFC", path.stem)
    return Source(
        source_id=source_id,
        text=text,
        title=title,
        sha256=_fingerprint(text, title, metadata),
        language=metadata.language,
        date=metadata.date,
        publisher=metadata.publisher,
        url=metadata.url,
        note=metadata.note,
        questions=metadata.questions,
        pages=metadata.pages,
        headings=metadata.headings,
        file_date=metadata.file_date,
    )


def _check_folder(folder: Path) -> None:
    try:
        is_folder = stat.S_ISDIR(folder.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError) as exc:
        raise SeedsError(f"seeds: the folder {folder} does not exist; make it or give --seeds") from exc
    except OSError as exc:
        raise SeedsError(
            f"seeds: the folder {folder} cannot be read ({exc.strerror}); give another with --seeds"
        ) from exc
    if not is_folder:
        raise SeedsError(f"seeds: {folder} is a file, not a folder; give the folder that holds it with --seeds")


def _identity(folder: str) -> tuple[int, int] | None:
    try:
        found = os.stat(folder)
    except OSError:  # gone since it was listed
        return None
    return found.st_dev, found.st_ino


def _is_hidden(name: str) -> bool:
    return name.startswith(("_", "."))


def _ends(path: Path, endings: tuple[str, ...]) -> bool:
    return path.name.casefold().endswith(endings)


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _read(source_id: str, path: Path, limit: int) -> bytes:
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):  # opening a pipe would wait for ever
            raise SourceError(source_id, f"{path.name} is not a regular file; replace it with one, or remove it")
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except FileNotFoundError as exc:
        raise SourceError(source_id, f"{path.name} is gone: it was moved or deleted while it was being read") from exc
    except OSError as exc:
        raise SourceError(source_id, f"{path.name} cannot be read: {exc.strerror}") from exc
    if len(data) > limit:
        size = max(found.st_size, len(data))
        raise SourceError(source_id, f"{path.name} is {_size(size)}, larger than the limit of {_size(limit)}; split it")
    return data


def _size(count: int) -> str:
    return f"{count / 1e6:.4g} MB" if count >= 1e6 else f"{count / 1e3:.4g} kB"


def decoded(source_id: str, data: bytes) -> str:
    """The text of a file's bytes.

    Raises:
        SourceError: it is not UTF-8, or empty.
    """
    if data.startswith(_UTF16_MARKS):
        raise SourceError(source_id, f"is not UTF-8 but UTF-16 (byte 0x{data[0]:02X} at offset 0); save it as UTF-8")
    body = data.removeprefix(_BOM)
    if b"\0" in body:
        at = data.index(b"\0")
        raise SourceError(source_id, f"is binary, not text (a NUL byte at offset {at}); save it as UTF-8 text")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as exc:
        at = exc.start + len(data) - len(body)
        raise SourceError(source_id, f"is not UTF-8 (byte 0x{data[at]:02X} at offset {at}); save it as UTF-8") from exc
    if not text or text.isspace():
        raise SourceError(source_id, "is empty; put text in it, or remove it")
    return text


def _read_metadata(source_id: str, path: Path) -> _Metadata:
    if not path.exists():
        return _Metadata()
    import yaml

    try:
        loaded = yaml.safe_load(_read(source_id, path, MAX_METADATA_BYTES).decode("utf-8-sig"))
    except (yaml.YAMLError, ValueError, RecursionError) as exc:  # ValueError: not UTF-8, or a day that does not exist
        raise SourceError(source_id, f"{path.name} is not valid YAML: {' '.join(str(exc).split())[:200]}") from exc
    if loaded is None:
        return _Metadata()
    if not isinstance(loaded, dict):
        raise SourceError(source_id, f"{path.name} must hold `key: value` lines ({', '.join(sorted(_KEYS))})")
    unknown = [str(key) for key in loaded if key not in _KEYS]
    if unknown:
        raise SourceError(source_id, f"{path.name}: unknown key {unknown[0]!r}; known are {', '.join(sorted(_KEYS))}")
    words = {key: _words(source_id, path, key, value) for key, value in loaded.items() if key in _WORDS}
    url = words.get("url")
    if url is not None and not url.startswith(("https://", "http://")):  # it becomes a link that people click
        raise SourceError(source_id, f"{path.name}: url must begin with https:// or http://")
    questions = loaded.get("questions") or []
    if not isinstance(questions, list) or len(questions) > MAX_QUESTIONS:
        raise SourceError(source_id, f"{path.name}: questions must be a list of {MAX_QUESTIONS} at most, a line each")
    asked = tuple(_words(source_id, path, "questions", question) or "" for question in questions)
    return _Metadata(
        date=_day(source_id, path, "date", loaded.get("date")),
        questions=asked,
        pages=_pages(source_id, path, loaded.get("pages")),
        headings=_headings(source_id, path, loaded.get("headings")),
        file_date=_day(source_id, path, "file_date", loaded.get("file_date")),
        **words,
    )


def _words(source_id: str, path: Path, key: str, value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip() or not _is_utf8(value):
        raise SourceError(source_id, f"{path.name}: {key} must be words, not {value!r:.60}; put them in quotes")
    return value.strip()


def _pages(source_id: str, path: Path, value: object) -> tuple[int, ...]:
    told = f"{path.name}: pages must be the offsets at which pages begin, such as [0, 1250], {MAX_PAGES} at most"
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > MAX_PAGES or not all(type(each) is int for each in value):
        raise SourceError(source_id, told)
    if value[:1] != [0] or sorted(value) != value:
        raise SourceError(source_id, f"{told}, the first at 0")
    return tuple(value)


def _headings(source_id: str, path: Path, value: object) -> tuple[Heading, ...]:
    told = f"{path.name}: headings must be a list of [start, end, level], {MAX_HEADINGS} at most, in order"
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > MAX_HEADINGS:
        raise SourceError(source_id, told)
    found: list[Heading] = []
    for each in value:
        if not isinstance(each, list) or len(each) != 3 or not all(type(number) is int for number in each):
            raise SourceError(source_id, told)
        heading = Heading(*each)
        if not (found[-1].end if found else 0) <= heading.start < heading.end or not 1 <= heading.level <= 6:
            raise SourceError(source_id, told)
        found.append(heading)
    return tuple(found)


def _check_places(source_id: str, path: Path, text: str, metadata: _Metadata) -> None:
    last = max((*metadata.pages, *(heading.end for heading in metadata.headings)), default=0)
    if last > len(text):
        raise SourceError(
            source_id, f"{path.name}.yaml: a page or heading lies at {last}, the text has {len(text)} characters"
        )


def _day(source_id: str, path: Path, key: str, value: object) -> dt.date | None:
    if value is None or (isinstance(value, dt.date) and not isinstance(value, dt.datetime)):
        return value
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value.strip())
        except ValueError:
            pass
    raise SourceError(source_id, f"{path.name}: {key} must be a day such as 2019-02-20, not {str(value)!r:.60}")


def _fingerprint(text: str, title: str, metadata: _Metadata) -> str:
    date = metadata.date.isoformat() if metadata.date else None
    rest = [title, date, metadata.publisher, metadata.language, metadata.url, metadata.note, *metadata.questions]
    if metadata.pages or metadata.headings or metadata.file_date:
        headings = [[each.start, each.end, each.level] for each in metadata.headings]
        rest.append(json.dumps([metadata.pages, headings, str(metadata.file_date)]))
    digest = hashlib.sha256(text.encode())
    digest.update(b"\0" + json.dumps(rest, ensure_ascii=True).encode())  # a text has no NUL: nothing is ambiguous
    return digest.hexdigest()
