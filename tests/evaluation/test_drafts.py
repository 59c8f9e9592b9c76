from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from assistant.evaluation.cases import CasesError, load_cases
from assistant.interfaces.cli import main


def test_thumbs_with_a_question_become_drafts(tmp_path: Path) -> None:
    feedback = tmp_path / "feedback.jsonl"
    lines = [
        {
            "answer_id": "a1",
            "rating": "down",
            "comment": "salah",
            "question": "Siapa yang memimpin rapat itu?",
            "answer": "...",
        },
        {"answer_id": "a2", "rating": "up"},
        {"answer_id": "a3", "rating": "up", "question": "Siapa yang memimpin rapat itu?"},
    ]
    feedback.write_text("".join(json.dumps(line) + "\n" for line in lines))
    output = tmp_path / "drafts.jsonl"
    done = CliRunner().invoke(main, ["eval", "draft", str(feedback), "--output", str(output)])
    assert done.exit_code == 0 and done.output.startswith("1 drafts")
    draft = json.loads(output.read_text())
    assert (draft["id"], draft["language"], draft["draft"]) == ("feedback-a1", "id", True)
    assert draft["note"] == "rated: down; comment: salah; answer: ..."
    again = CliRunner().invoke(main, ["eval", "draft", str(feedback), "--output", str(output)])
    assert again.exit_code == 2 and "exists" in again.stderr


def test_a_draft_is_one_line_whatever_the_reader_wrote(tmp_path: Path) -> None:
    feedback, output = tmp_path / "feedback.jsonl", tmp_path / "drafts.jsonl"
    lines = [{"question": "Who\u2028opened it?", "comment": "a\x85b"}, {"question": "Who closed it?"}]
    feedback.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    done = CliRunner().invoke(main, ["eval", "draft", str(feedback), "--output", str(output)])
    assert done.exit_code == 0
    drafts = [json.loads(line) for line in output.read_bytes().strip().split(b"\n")]
    assert [draft["id"] for draft in drafts] == ["feedback-1", "feedback-2"]
    with pytest.raises(CasesError) as told:
        load_cases([output])
    assert str(told.value).count("a draft: give it") == 2


def test_feedback_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["eval", "draft", str(tmp_path), "--output", str(tmp_path / "out")])
    assert done.exit_code == 2 and "cannot be read: Is a directory" in done.stderr


def test_bad_feedback_is_named(tmp_path: Path) -> None:
    feedback = tmp_path / "feedback.jsonl"
    for text in (b"no json\n", b"[1]\n", b"\xff\n"):
        feedback.write_bytes(text)
        done = CliRunner().invoke(main, ["eval", "draft", str(feedback), "--output", str(tmp_path / "out")])
        assert done.exit_code == 2 and "line 1" in done.stderr
