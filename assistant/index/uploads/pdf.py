"""Reads PDF files: the text of each page, where the pages begin, and the headings that their outline names."""

from __future__ import annotations

import datetime as dt
import io
import logging
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

from assistant.errors import UploadError
from assistant.index.uploads.extract import MAX_HEADINGS, Extract, tidy, title_of

if TYPE_CHECKING:
    from pypdf import PdfReader

MAX_PAGES = 2_000

_LETTERS = 3
"""Letters a page, on average, below which a PDF holds pictures of pages: a scan may carry page numbers or a stamp."""
_SOFT_BREAK = re.compile("\u00ad\n?")  # a hyphen that is only there because a line ended
_BLANK_LINES = re.compile(r"\n{3,}")
_ENDS = re.compile(r"[.!?…:;。！？।]['\"”’»)\]]*$")
_NO_TITLE = re.compile(
    r"^(?:microsoft (?:word|powerpoint|excel)\b|untitled|document\d*$|.*\.[a-z]{2,5}$)", re.IGNORECASE
)


def read_pdf(data: bytes) -> Extract:
    """The text of all pages, and what the file says of itself.

    Pages are joined by a line break, by an empty line where the last sentence of a page has ended: a sentence that runs
    over to the next page stays whole.

    Raises:
        UploadError: it needs a password, holds pictures only, has too many pages, or is damaged.
    """
    from pypdf import PdfReader
    from pypdf.errors import LimitReachedError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):  # many can be opened by everybody, with no password at all
            raise UploadError("password", "the file needs a password; save it without one and upload it again")
        if len(reader.pages) > MAX_PAGES:
            raise UploadError(
                "too_long",
                f"the file has {len(reader.pages):,} pages, more than the {MAX_PAGES:,} that are taken; split it",
            )
        pages = [_tidied(page.extract_text()) for page in reader.pages]
    except (UploadError, MemoryError):
        raise
    except LimitReachedError as exc:
        raise UploadError("bomb", "the file unpacks to far more than a document holds; it was not read") from exc
    except Exception as exc:  # its reader raises whatever a damaged file leads it to
        raise UploadError("damaged", "the file is damaged and cannot be read; save it again and upload that") from exc
    if sum(map(str.isalpha, "".join(pages))) < _LETTERS * max(1, len(pages)):
        raise UploadError(
            "scanned",
            "the file holds pictures of its pages and no text; run OCR (text recognition) and upload it again",
        )
    named: dict[int, list[tuple[str, int]]] = {}
    with suppress(Exception):  # the text is there; what a file says of itself beside it may be broken
        named = _outline(reader)
    pages = [_apart(page, named.get(number, [])) for number, page in enumerate(pages)]
    text, starts = _joined(pages)
    title, made = None, None
    with suppress(Exception):
        title, made = _said(reader)
    return Extract(text, title=title, file_date=made, headings=_headings(text, starts, named), pages=starts)


def _tidied(text: str | None) -> str:
    return _BLANK_LINES.sub("\n\n", _SOFT_BREAK.sub("", tidy(text or ""))).strip()


def _joined(pages: list[str]) -> tuple[str, tuple[int, ...]]:
    """The text, and where each page begins in it."""
    pieces: list[str] = []
    starts: list[int] = []
    length, before = 0, ""
    for page in pages:
        if page:
            gap = "" if not before else "\n\n" if _ENDS.search(before) else "\n"
            pieces += [gap, page]
            starts.append(length + len(gap) if length else 0)
            length += len(gap) + len(page)
            before = page
        else:
            starts.append(length)
    return "".join(pieces), tuple(starts)


def _outline(reader: PdfReader) -> dict[int, list[tuple[str, int]]]:
    """By page, from 0: the headings that the outline has there, with their levels."""
    found: dict[int, list[tuple[str, int]]] = {}
    for entry, level in islice(_entries(reader.outline), MAX_HEADINGS):
        page, words = reader.get_destination_page_number(entry), " ".join(str(entry.title).split())
        if page is not None and page >= 0 and words:
            found.setdefault(page, []).append((words, level))
    return found


def _entries(outline: list[Any], level: int = 1) -> Iterator[tuple[Any, int]]:
    for entry in outline:
        if isinstance(entry, list):
            yield from _entries(entry, min(level + 1, 6))
        else:
            yield entry, level


def _line(words: str) -> re.Pattern[str]:
    """A heading where it stands by itself, perhaps with its number: its words may occur in sentences too."""
    spaced = r"\s+".join(map(re.escape, words.split()))
    return re.compile(rf"^(?:[\dIVXivx]+(?:\.\d+)*[.)]?\s+)?{spaced}$", re.MULTILINE)


def _apart(page: str, headings: list[tuple[str, int]]) -> str:
    """The page with its headings in paragraphs of their own, where no sentence runs on from them."""
    for words, _ in headings:
        page = _line(words).sub(lambda found: f"\n\n{found[0]}\n\n", page, count=1)
    return _BLANK_LINES.sub("\n\n", page).strip()


def _headings(
    text: str, starts: tuple[int, ...], named: dict[int, list[tuple[str, int]]]
) -> tuple[tuple[int, int, int], ...]:
    found: set[tuple[int, int, int]] = set()
    ends = (*starts[1:], len(text))
    for page, headings in named.items():
        for words, level in headings:
            if place := _line(words).search(text, starts[page], ends[page]):
                found.add((*place.span(), level))
    kept: list[tuple[int, int, int]] = []
    for heading in sorted(found):
        if not kept or heading[0] >= kept[-1][1]:
            kept.append(heading)
    return tuple(kept)


def _said(reader: PdfReader) -> tuple[str | None, dt.date | None]:
    """Its title, unless a program has put a name of a file there, and the day when the file was made."""
    about = reader.metadata
    if about is None:
        return None, None
    title = title_of(about.title)
    made = about.creation_date
    return None if title is None or _NO_TITLE.match(title) else title, made.date() if made else None
