"""The work is done although the index cannot be brought up to date; what the machine refuses is told."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from .conftest import ASIDE, PROGRAM, QUESTION, Home, change_schema


def lose_most(home: Home) -> Iterator[str]:
    (home.seeds / "asean-russia-som-2019.txt").unlink()
    (home.seeds / "aside.txt").write_text(ASIDE)
    yield "1 of the 1 indexed sources are gone (asean-russia-som-2019.txt)"


def lose_seeds(home: Home) -> Iterator[str]:
    shutil.rmtree(home.seeds)
    yield "the folder seeds does not exist"


def hold_lock(home: Home) -> Iterator[str]:
    (home.seeds / "aside.txt").write_text(ASIDE)
    with FileLock(home.index / "writer.lock"):
        yield "another process is writing the index in .assistant"


def refuse_writing(home: Home) -> Iterator[str]:
    (home.seeds / "aside.txt").write_text(ASIDE)
    (home.index / "writer.lock").unlink(missing_ok=True)
    (home.index / "writer.lock").mkdir()  # tests may run as root, whom permissions do not stop
    yield "the data folder .assistant cannot be written"


@pytest.mark.parametrize("hinder", [lose_most, lose_seeds, hold_lock, refuse_writing])
def test_a_usable_index_answers_although_it_cannot_be_renewed(made: Home, home: Home, hinder: Any) -> None:
    before = home.snapshot
    for expected in hinder(home):
        done = home.run("ask", QUESTION)
        assert (done.status, done.out) == (0, made.run("ask", QUESTION).out)
        assert expected in done.told[-2]
        assert done.told[-1] == "answering from the index as it was"
    assert home.snapshot == before


def test_an_index_of_another_version_that_cannot_be_rebuilt_is_an_error(home: Home) -> None:
    change_schema(home)
    shutil.rmtree(home.seeds)
    done = home.run("ask", QUESTION)
    assert (done.status, done.out) == (1, "")
    assert done.told == ["seeds: the folder seeds does not exist; make it or give --seeds"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("command", [("ask", QUESTION), ("doctor",), ("ask", "--batch", "q.jsonl")])
def test_an_output_that_cannot_be_written_is_told_in_a_line(home: Home, command: tuple[str, ...]) -> None:
    (home.path / "q.jsonl").write_text(json.dumps({"question": QUESTION}))
    with open("/dev/full", "wb") as full:
        done = subprocess.run([*PROGRAM, *command], cwd=home.path, stdout=full, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (1, b"assistant: the output: No space left on device\n")


def test_a_name_that_no_file_can_have_is_told_in_a_line(home: Home) -> None:
    name = "q" * 5000
    (home.path / "q.jsonl").write_text("{}")
    done = home.run("ask", "--batch", "q.jsonl", "--output", name)
    assert (done.status, done.told) == (1, [f"{name}: File name too long"])


def test_brackets_that_lie_too_deep_are_an_error_of_their_line(home: Home) -> None:
    deep = b'{"question": ' + b"[" * 60_000 + b"]" * 60_000 + b"}"
    done = home.run("ask", "--batch", "-", given=deep + b"\n" + json.dumps({"question": QUESTION}).encode() + b"\n")
    first, second = map(json.loads, done.out.splitlines())
    assert "too deep" in first["error"] and second["status"] == "answered"
    assert done.told == ["1 of the lines could not be answered; see their error"]
