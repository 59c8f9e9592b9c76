"""Whatever is wrong is one clear line and an exit status."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from assistant import __version__

from .conftest import ASIDE, CHAIR, QUESTION, Done, Home, change_schema


@pytest.mark.parametrize(
    "arguments",
    [
        ("ask",),
        ("ask", QUESTION, "--batch", "-"),
        ("ask", QUESTION, "--loud"),
        ("answer",),
        ("serve", "--port", "99999"),
        ("serve", "--host", "0.0.0.0", "--port", "0"),
        ("ask", ""),
        ("ask", "?!"),
        ("ask", "a" * 2001),
        ("ask", QUESTION, "--language", "zz-!!"),
        ("ask", b"who is \xff\xfe?"),
        ("ask", "--batch", "missing.jsonl"),
        ("ask", "--batch", "-", "--output", "missing/answers.jsonl"),
    ],
    ids=lambda arguments: repr(arguments)[:40],
)
def test_used_wrongly_it_says_so_and_ends_with_2(made: Home, arguments: tuple[str | bytes, ...]) -> None:
    done = made.run(*arguments)
    assert (done.status, done.out) == (2, "")
    assert "Traceback" not in done.err
    assert done.err.startswith("Usage: ") or len(done.told) == 1


def test_a_setting_that_cannot_be_used_is_named(home: Home) -> None:
    (home.path / ".env").write_text("ASSISTANT_EMBEDDINGS=nonsense\n")
    done = home.run("ask", QUESTION)
    assert (done.status, done.out, len(done.told)) == (2, "", 1)
    assert "ASSISTANT_EMBEDDINGS" in done.told[0]


@pytest.mark.parametrize("command", [(), ("ask",), ("ingest",), ("serve",), ("slack",), ("doctor",)])
def test_help_touches_nothing(tmp_path: Path, command: tuple[str, ...]) -> None:
    home = Home(tmp_path)
    done = home.run(*command, "--help")
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("Usage: assistant")
    assert done.out == home.run(*command, "-h").out
    assert list(tmp_path.iterdir()) == []


def test_version(tmp_path: Path) -> None:
    assert Home(tmp_path).run("--version").out == f"assistant, version {__version__}\n"


def spoil_seeds(home: Home, how: str) -> str:
    """Makes the seeds unusable; what is then to be said."""
    shutil.rmtree(home.seeds)
    if how == "a file":
        home.seeds.write_text(ASIDE)
        return "is a file, not a folder"
    if how == "missing":
        return "does not exist"
    home.seeds.mkdir()
    if how == "unreadable":
        (home.seeds / "bad.txt").write_bytes(b"\xff\xfeK\0")
        return "bad.txt: is not UTF-8 but UTF-16 (byte 0xFF at offset 0)"
    return "no .txt or .md file in seeds"


@pytest.mark.parametrize("command", [("ask", QUESTION), ("ingest",)], ids=["ask", "ingest"])
@pytest.mark.parametrize("how", ["missing", "empty", "a file", "unreadable"])
def test_unusable_seeds_are_one_line(bare: Home, how: str, command: tuple[str, ...]) -> None:
    expected = spoil_seeds(bare, how)
    done = bare.run(*command)
    assert (done.status, done.out) == (1, "")
    assert expected in done.told[-1]
    assert len(done.told) == (2 if command[0] == "ask" and how == "unreadable" else 1)


def test_a_data_folder_below_a_file(bare: Home) -> None:
    done = bare.run("ingest", "--data", "seeds/_about.md/data")
    assert (done.status, done.out, len(done.told)) == (1, "", 1)
    assert "a part of its path is a file" in done.told[0]


def test_debug_shows_where_an_error_comes_from(bare: Home) -> None:
    done = bare.run("--debug", "ingest", "--seeds", "nowhere")
    assert done.status == 1
    assert done.err.startswith("Traceback (most recent call last):\n")
    assert done.err.endswith("\nassistant: seeds: the folder nowhere does not exist; make it or give --seeds\n")


def cut_manifest(home: Home) -> str:
    manifest = home.snapshot / "manifest.json"
    manifest.write_bytes(manifest.read_bytes()[:100])
    return "damaged (manifest.json is not what was written)"


def change_passages(home: Home) -> str:
    with (home.snapshot / "passages.sqlite3").open("r+b") as file:
        file.seek(200)
        file.write(b"\xff" * 300)
    return "damaged (passages.sqlite3 is not what was written)"


def lose_vectors(home: Home) -> str:
    shutil.rmtree(home.snapshot / "chroma")
    return "damaged (chroma/"


def lose_snapshot(home: Home) -> str:
    shutil.rmtree(home.snapshot)
    return "missing"


def change_pointer(home: Home) -> str:
    (home.index / "CURRENT").write_bytes(b"\xffnonsense\n")
    return "CURRENT holds no name"


@pytest.mark.parametrize(
    "spoil", [change_schema, cut_manifest, change_passages, lose_vectors, lose_snapshot, change_pointer]
)
def test_an_unusable_index_is_rebuilt_and_that_is_said(home: Home, spoil: Any) -> None:
    expected = spoil(home)
    done = home.run("ask", QUESTION)
    assert done.status == 0
    assert CHAIR in done.out
    assert len(done.told) == 2
    assert done.told[1].startswith("rebuilt from the sources: ")
    assert expected in done.told[1]
    assert home.run("ask", QUESTION) == Done(0, done.out, "")
