"""What is read out of a file: its text, and what it says of itself. Its readers are in `plain`, `html`, `docx`, `pdf`."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import asdict, dataclass, replace
from typing import Any

from assistant.errors import UploadError
from assistant.index.uploads.formats import MAX_CHARACTERS, MAX_TITLE

MAX_HEADINGS = 500

_NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\f\x85\u2028]")
_TRAILING = re.compile(r"(?<![^\S\n])[^\S\n]+(?=\n|$)")  # looked for once a run of spaces, not once a space
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?![\d-])")

_UNREADABLE = 0.2
"""The share of characters that stand for no letter, from which a text is taken for unreadable: fonts without a table of
their characters give close to 1, and a text with formulas below 0.05."""


@dataclass(frozen=True, slots=True)
class Extract:
    """A file's text and what it says of itself. Offsets count code points; `headings` are (start, end, level)."""

    text: str
    title: str | None = None
    date: dt.date | None = None  # of the article
    publisher: str | None = None
    url: str | None = None
    file_date: dt.date | None = None  # of the file
    headings: tuple[tuple[int, int, int], ...] = ()
    pages: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Its fields as JSON's values."""
        days = {
            name: day.isoformat() if day else None for name in ("date", "file_date") for day in [getattr(self, name)]
        }
        return asdict(self) | days

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Extract:
        """The inverse of `to_json`."""
        days = {name: day_of(fields[name]) for name in ("date", "file_date")}
        places = {"headings": tuple(map(tuple, fields["headings"])), "pages": tuple(fields["pages"])}
        return cls(**fields | days | places)


def clean(text: str) -> str:
    """A text without what is no text: control characters and halves of surrogate pairs. Lines end in one way."""
    return _SURROGATE.sub("\ufffd", _NOT_TEXT.sub("", _LINE_ENDS.sub("\n", text)))


def tidy(text: str) -> str:
    """The same without spaces at the ends of lines."""
    return _TRAILING.sub("", clean(text))


def title_of(words: str | None) -> str | None:
    """A title in one line; None if there are no words in it."""
    line = " ".join("".join(" " if unicodedata.category(c)[0] == "C" else c for c in words or "").split())
    return line[:MAX_TITLE].rstrip() if any(map(str.isalnum, line)) else None


def day_of(words: str | None) -> dt.date | None:
    """The day at the beginning of a date and time in ISO 8601; None if there is none."""
    found = _DAY.match((words or "").strip())
    try:
        return dt.date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def checked(extract: Extract) -> Extract:
    """The extract, if its text is one that can be asked about.

    Raises:
        UploadError: there are no words in it, it is too long, or its characters stand for nothing.
    """
    text = extract.text
    if not any(map(str.isalnum, text)):
        raise UploadError("empty", "the file has no words in it")
    if len(text) > MAX_CHARACTERS:
        raise UploadError(
            "too_long",
            f"its text has {len(text):,} characters, more than the {MAX_CHARACTERS:,} that are taken; split it",
        )
    strange = sum(char == "\ufffd" or unicodedata.category(char) in ("Co", "Cn") for char in text)
    if strange > _UNREADABLE * sum(not char.isspace() for char in text):
        raise UploadError(
            "garbled", "its characters cannot be read (its fonts do not tell which letters they show); run OCR on it"
        )
    return replace(extract, headings=extract.headings[:MAX_HEADINGS])
