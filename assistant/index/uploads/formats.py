"""Which files can be added, told by their names and by what is in them, and how much of each is taken."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath

from assistant.errors import UploadError

ENDINGS = {".txt": "txt", ".md": "md", ".pdf": "pdf", ".docx": "docx", ".html": "html", ".htm": "html"}
"""The kind of file that each ending stands for."""

MAX_FILE_BYTES = 50_000_000
MAX_CHARACTERS = 1_000_000
"""Code points of a text: some 350 pages. To embed 310,000 took three minutes on two busy cores."""
MAX_TITLE = 300
_MAX_NAME = 120  # characters of a name: with three bytes each, and percent-encoded, its address stays below 2,000

_HEAD = 1024  # bytes among which a pdf must say what it is (as its readers have it)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # the stream of an OLE file that holds an encrypted docx


def size(count: int) -> str:
    """A number of bytes in words."""
    return f"{count / 1e6:.4g} MB"


def too_large() -> UploadError:
    """What is told of a file over the limit."""
    return UploadError(
        "too_large", f"the file is larger than {size(MAX_FILE_BYTES)}; split it, or leave out its pictures"
    )


def clean_name(given: str) -> str:
    """The name of a file as its source is called: composed (NFC), without characters that are not seen, not too long.

    Raises:
        UploadError: it is no name of a file (a path, nothing before the ending), or its ending is not known.
    """
    name = unicodedata.normalize("NFC", given).strip()
    name = "".join(char for char in name if not unicodedata.category(char).startswith("C"))
    stem, dot, rest = name.rpartition(".")
    stem, ending = (stem, f".{rest.casefold()}") if dot else (name, "")
    if "/" in given or "\\" in given or not stem.strip(". _"):
        raise UploadError(
            "name", f"{given[:80]!a} is no name of a file; give a name such as minutes.pdf, without a folder"
        )
    if ending not in ENDINGS:
        known = ", ".join(ENDINGS)
        raise UploadError("type", f"files of this type cannot be read; save it as one of {known}")
    return f"{stem[: _MAX_NAME - len(ending)].rstrip()}.{rest}"


def kind_of(name: str) -> str:
    """The kind of file that a cleaned name promises: txt, md, pdf, docx or html."""
    return ENDINGS[PurePosixPath(name).suffix.casefold()]


def check_content(kind: str, data: bytes) -> None:
    """Whether a file's bytes can be of its kind.

    Raises:
        UploadError: they are of another, empty, encrypted, or of Word's older format.
    """
    if not data.strip():
        raise UploadError("empty", "the file is empty")
    is_pdf, is_zip, is_ole = b"%PDF-" in data[:_HEAD], data.startswith(b"PK\x03\x04"), data.startswith(_OLE)
    if kind == "docx" and is_ole:
        if _ENCRYPTED in data:
            raise UploadError("password", "the file needs a password; save it without one and upload it again")
        raise UploadError("old_word", "the file is in Word's older format (.doc); save it as .docx and upload it again")
    if is_pdf != (kind == "pdf") or is_zip != (kind == "docx") or is_ole:
        raise UploadError(
            "mismatch", f"the file is no {kind} file, whatever its name says; give it the ending that it needs"
        )
