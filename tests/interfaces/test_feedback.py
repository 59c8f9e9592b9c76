"""Readers' thumbs: kept whole, readable by `assistant eval draft`, and bounded."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant.errors import DataFolderError
from assistant.evaluation.drafts import draft_cases
from assistant.interfaces import feedback
from assistant.interfaces.feedback import FeedbackFile

from .conftest import Served
from .fakes import ARTICLE, FakeAssistant
from .responses import problem

GIVEN = {
    "answer_id": "a1",
    "rating": "down",
    "comment": "No:\u2028wrong\n",
    "question": "Trade?\x85",
    "answer": "It says [1]",
}


@pytest.fixture
def kept(served: Served) -> Iterator[Path]:
    path = served.assistant.settings.data / "feedback.jsonl"
    path.unlink(missing_ok=True)
    yield path
    path.unlink(missing_ok=True)


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]


def test_a_thumb_is_kept_and_becomes_a_draft_case(served: Served, kept: Path) -> None:
    for given in ({"answer_id": "a0", "rating": "up"}, GIVEN):
        response = httpx.post(f"{served.url}/v1/feedback", json=given)
        assert (response.status_code, response.json()) == (200, {"status": "recorded"})
    first, second = lines(kept)
    assert set(first) == {"time", "answer_id", "rating"} and first["time"].endswith("+00:00")
    assert {name: second[name] for name in GIVEN} == GIVEN
    (draft,) = draft_cases(kept)
    assert draft["question"] == "Trade?" and "rated: down" in str(draft["note"])
    assert 'assistant_feedback_total{rating="up"} ' in httpx.get(f"{served.url}/metrics").text


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"rating": "sideways"}, "/rating"),
        ({"answer_id": ""}, "/answer_id"),
        ({"answer_id": "x" * 101}, "/answer_id"),
        ({"comment": "x" * 2001}, "/comment"),
        ({"question": "x" * 2001}, "/question"),
        ({"answer": "x" * 20_001}, "/answer"),
        ({"email": "a@b.c"}, "/email"),
        ({"answer_id": None}, "/answer_id"),
    ],
)
def test_what_cannot_be_kept_is_refused(served: Served, kept: Path, wrong: dict[str, Any], pointer: str) -> None:
    told = problem(httpx.post(f"{served.url}/v1/feedback", json={**GIVEN, **wrong}), 422)
    assert [error["pointer"] for error in told["errors"]] == [pointer]
    assert not kept.exists()


def test_half_of_a_surrogate_pair_is_refused(served: Served, kept: Path) -> None:
    body = b'{"answer_id": "a", "rating": "up", "comment": "\\ud800"}'
    problem(httpx.post(f"{served.url}/v1/feedback", content=body, headers={"Content-Type": "application/json"}), 422)
    assert not kept.exists()


@pytest.mark.parametrize(
    "left", [b'{"rating": "u', b"x" * 10_000, b'{"whole": 1}\n{"half', b'{"whole": 1}\n' + b"y" * 9_000]
)
def test_what_a_killed_process_left_of_a_line_is_cut_off(tmp_path: Path, left: bytes) -> None:
    path = tmp_path / "feedback.jsonl"
    path.write_bytes(left)
    FeedbackFile(path).append({"n": 1})
    assert lines(path) == ([{"whole": 1}] if left.startswith(b'{"whole') else []) + [{"n": 1}]


def append(path: Path, number: int) -> None:
    for n in range(50):
        FeedbackFile(path).append({"number": number, "n": n, "text": "x" * 5_000})


def test_processes_do_not_mix_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "feedback.jsonl"
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=append, args=(path, number)) for number in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert sorted((line["number"], line["n"]) for line in lines(path)) == [(k, n) for k in range(3) for n in range(50)]


def test_a_full_file_is_told_and_left_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedback, "MAX_FILE_BYTES", 30)
    file = FeedbackFile(tmp_path / "feedback.jsonl")
    file.append({"n": 1})
    with pytest.raises(DataFolderError, match="feedback.jsonl is full"):
        file.append({"text": "x" * 30})
    assert lines(tmp_path / "feedback.jsonl") == [{"n": 1}]


def test_a_folder_that_cannot_be_written_is_503(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with Served(FakeAssistant(ARTICLE, data=tmp_path / "data")) as server:
        told = problem(httpx.post(f"{server.url}/v1/feedback", json=GIVEN), 503)
        assert told["type"].endswith(":data-folder") and str(tmp_path) not in told["detail"]
