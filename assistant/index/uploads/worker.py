"""Reads one file in a process of its own: `python -m assistant.index.uploads.worker KIND FILE SECONDS BYTES`.

It prints a JSON object, an extract or {"refused": [reason, message]}. Whatever a hostile file does to its reader, it
does within the time and memory given, and to this process alone.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from assistant.errors import UploadError
from assistant.index.uploads.extract import Extract, checked
from assistant.index.uploads.formats import check_content


def main(kind: str, file: str, seconds: str, memory: str) -> None:
    """Reads the file and prints what was found."""
    _limit(int(seconds), int(memory))
    try:
        found: dict[str, object] = checked(_read(kind, Path(file).read_bytes())).to_json()
    except UploadError as exc:
        found = {"refused": [exc.reason, str(exc)]}
    except (MemoryError, RecursionError):
        found = {"refused": ["too_slow", "the file takes more memory to read than is given; save it anew, or split it"]}
    except Exception:
        what = "the file is damaged and cannot be read; save it again and upload that"
        found = {"refused": ["damaged", what]}
    sys.stdout.write(json.dumps(found))


def _read(kind: str, data: bytes) -> Extract:
    check_content(kind, data)
    if kind == "pdf":
        from assistant.index.uploads.pdf import read_pdf

        return read_pdf(data)
    if kind == "docx":
        from assistant.index.uploads.docx import read_docx

        return read_docx(data)
    if kind == "html":
        from assistant.index.uploads.html import read_html

        return read_html(data)
    from assistant.index.uploads.plain import read_md, read_txt

    return (read_md if kind == "md" else read_txt)(data)


def _limit(seconds: int, memory: int) -> None:
    try:
        import resource
    except ImportError:  # not on Windows; the time is kept by who waits for this process
        return
    for what, most in ((resource.RLIMIT_CPU, seconds), (resource.RLIMIT_AS, memory), (resource.RLIMIT_CORE, 0)):
        try:
            resource.setrlimit(what, (most, most))
        except (ValueError, OSError):  # macOS knows no limit of the address space
            continue


if __name__ == "__main__":
    main(*sys.argv[1:5])
