"""The process of its own in which a file is read: what it gives and refuses, and its limits."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import SettingsError, UploadError
from assistant.index.uploads import convert as converting
from assistant.index.uploads.convert import convert, require_packages
from assistant.index.uploads.extract import Extract
from assistant.index.uploads.formats import MAX_FILE_BYTES

from .files import docx, locked_pdf, paragraph, pdf
from .reading import read


def made(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_a_worker_reads_what_its_parent_gets(tmp_path: Path) -> None:
    data = pdf("The board met.", "It met again.", info="/Title (\\(Board\\)) /CreationDate (D:20190221)")
    extract = convert(made(tmp_path, "x", data), "minutes.PDF")
    assert extract == read("pdf", data)
    assert (extract.title, extract.pages) == ("(Board)", (0, 16))
    with pytest.raises(UploadError, match="needs a password") as told:
        convert(made(tmp_path, "x", locked_pdf("secret")), "minutes.pdf")
    assert told.value.reason == "password"


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("txt", b"The board met."),
        ("md", b"# Board\n\nIt met."),
        ("html", b"<title>Board</title><p>It met.</p>"),
        ("docx", docx(paragraph("The board met."))),
        ("pdf", pdf("The board met.")),
    ],
)
def test_the_worker_prints_what_it_reads(tmp_path: Path, kind: str, data: bytes) -> None:
    assert Extract.from_json(worked(made(tmp_path, "x", data), kind)) == read(kind, data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"words", "mismatch"), (b"%PDF-1.4 and no more", "damaged"), (locked_pdf("secret"), "password")],
)
def test_the_worker_prints_why_it_refuses(tmp_path: Path, data: bytes, reason: str) -> None:
    assert worked(made(tmp_path, "x", data), "pdf")["refused"][0] == reason


def worked(file: Path, kind: str) -> dict[str, Any]:
    """What the worker prints when it is run by itself, with half a minute and 4 GB."""
    command = [sys.executable, "-m", "assistant.index.uploads.worker", kind, str(file), "30", str(4 << 30)]
    found: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return found


def test_a_worker_is_given_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[dict[str, str]] = []
    run = subprocess.run

    def watched(*args: Any, **options: Any) -> Any:
        given.append(options["env"])
        return run(*args, **options)

    monkeypatch.setenv("OPENAI_API_KEY", "hush")
    monkeypatch.setattr(subprocess, "run", watched)
    assert convert(made(tmp_path, "x", b"words"), "x.txt").text == "words"
    assert "PATH" in given[0] and "hush" not in given[0].values()


def test_reading_ends_in_time_and_memory(tmp_path: Path) -> None:
    file = made(tmp_path, "x", b"words")
    with pytest.raises(UploadError) as told:
        convert(file, "x.txt", seconds=0)
    assert told.value.reason == "too_slow"
    large = made(tmp_path, "y", b"word " * 9_000_000)
    with pytest.raises(UploadError) as told:
        convert(large, "y.txt", memory=60_000_000)
    assert told.value.reason in ("too_slow", "damaged")  # the interpreter itself may have too little


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with path.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(UploadError, match="larger than 50 MB"):
        convert(path, "x.txt")


def test_a_missing_package_is_named_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    require_packages()
    monkeypatch.setattr(converting, "_PACKAGES", ("no_such_package",))
    with pytest.raises(SettingsError, match=r'pip install "meeting-assistant\[uploads\]"'):
        require_packages()
