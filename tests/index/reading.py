"""Reads a file of any kind in the process of the test, and tells its headings."""

from __future__ import annotations

from collections.abc import Callable

from assistant.index.uploads.docx import read_docx
from assistant.index.uploads.extract import Extract, checked
from assistant.index.uploads.formats import check_content
from assistant.index.uploads.html import read_html
from assistant.index.uploads.pdf import read_pdf
from assistant.index.uploads.plain import read_md, read_txt

READERS: dict[str, Callable[[bytes], Extract]] = {
    "txt": read_txt, "md": read_md, "html": read_html, "docx": read_docx, "pdf": read_pdf,
}  # fmt: skip


def read(kind: str, data: bytes) -> Extract:
    """As the worker does."""
    check_content(kind, data)
    return checked(READERS[kind](data))


def headings(extract: Extract) -> list[tuple[str, int]]:
    """The words of each heading, and its level."""
    return [(extract.text[start:end], level) for start, end, level in extract.headings]
