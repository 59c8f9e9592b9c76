from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

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


def test_bad_feedback_is_named(tmp_path: Path) -> None:
    feedback = tmp_path / "feedback.jsonl"
    for text in ("no json\n", "[1]\n"):
        feedback.write_text(text)
        done = CliRunner().invoke(main, ["eval", "draft", str(feedback), "--output", str(tmp_path / "out")])
        assert done.exit_code == 2 and "line 1" in done.stderr
