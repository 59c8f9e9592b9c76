"""Questions on the command line, one by one and in batches."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from assistant.evaluation.scoring import broken_invariants
from assistant.index.sources import read_source, scan
from assistant.types import Answer

from .conftest import ASIDE, CHAIR, MODULE, QUESTION, Done, Home


@pytest.mark.parametrize("question", [QUESTION, "Siapa yang memimpin pertemuan itu?", "Кто вёл встречу?"])
def test_a_question_is_answered_with_the_words_of_the_source(made: Home, question: str) -> None:
    done = made.run("ask", question)
    assert (done.status, done.err) == (0, "")
    assert CHAIR in done.out
    assert "\n[1] Report on the 16th ASEAN-Russia Senior Officials Meeting (asean-russia-som-2019.txt, " in done.out


def test_a_source_cannot_command_the_terminal(bare: Home) -> None:
    (bare.seeds / "hostile.txt").write_text("Maria Lund \x1b[2J\x07chaired the harbour board.\n", encoding="utf-8")
    done = bare.run("ask", "Who chaired the harbour board?")
    assert "Maria Lund \ufffd[2J\ufffdchaired" in done.out and "\x1b" not in done.out


def test_what_the_sources_do_not_say_is_declined_with_what_is_near(made: Home) -> None:
    done = made.run("ask", "Who sells umbrellas in Oslo, Norway?")
    assert (done.status, done.err) == (0, "")
    assert "\n  - Report on the 16th ASEAN-Russia" in done.out
    assert "[1]" not in done.out


@pytest.mark.parametrize(
    ("question", "options", "language"), [(QUESTION, (), "en"), (QUESTION, ("--language", "ru"), "ru")]
)
def test_json_is_an_answer(made: Home, question: str, options: tuple[str, ...], language: str) -> None:
    done = made.run("ask", question, "--json", *options)
    answer = Answer.model_validate_json(done.out)
    assert (done.status, answer.status, answer.language, answer.question) == (0, "answered", language, question)
    sources = {source.source_id: source for source in (read_source(made.seeds, path) for path in scan(made.seeds))}
    assert broken_invariants(answer, sources) == []
    assert answer.explanation == ()


def test_explain_says_by_which_evidence(made: Home) -> None:
    assert Answer.model_validate_json(made.run("ask", QUESTION, "--json", "--explain").out).explanation
    plain, explained = (made.run("ask", QUESTION, *options).out for options in ((), ("--explain",)))
    assert explained.startswith(plain.rstrip("\n"))
    assert "\n  - " in explained.removeprefix(plain.rstrip("\n"))


def test_an_index_that_is_missing_or_old_is_made_first(bare: Home) -> None:
    first = bare.run("ask", QUESTION)
    assert (first.status, first.told) == (
        0,
        ["the index in .assistant is missing or older than its sources: ingesting"],
    )
    assert CHAIR in first.out
    assert bare.run("ask", QUESTION) == Done(0, first.out, "")
    (bare.seeds / "aside.txt").write_text(ASIDE)
    third = bare.run("ask", "Who is president of the Tarvic harbour council?")
    assert third.told == first.told
    assert "Maren Oskvist" in third.out


def test_the_module_is_the_same_program(made: Home) -> None:
    assert made.run("ask", QUESTION, program=MODULE) == made.run("ask", QUESTION)


LINES = (
    b'{"id": 7, "question": "Who chaired the meeting?"}',
    b"not json",
    b"",
    b"[1]",
    b'{"id": "c", "question": "Who chaired the meeting?", "answer": "me"}',
    b'{"id": "d", "question": ""}',
    b'{"id": "e", "question": "\xff"}',
    b'{"id": "f", "question": "\\ud800"}',
    b'{"id": "g"}',
    b'{"id": "h", "question": "And his title?", "language": "ru", "history": '
    b'[{"role": "user", "content": "Who chaired the meeting?"}, {"role": "assistant", "content": "Jose Tavares."}]}',
)


def check_batch(out: str) -> None:
    found: list[dict[str, Any]] = [json.loads(line) for line in out.splitlines()]
    assert [each["request_id"] for each in found] == ["7", None, None, "c", "d", None, "f", "g", "h"]
    bad = {each["line"]: each["error"] for each in found if "error" in each}
    assert list(bad) == [2, 4, 5, 6, 7, 8, 9]
    said = ("not JSON", "not a JSON object", "answer: ", "empty", "not UTF-8 at byte ", "not valid text", "question: ")
    assert [part for part, error in zip(said, bad.values(), strict=True) if part not in error] == []
    answers = [Answer.model_validate(each) for each in found if "error" not in each]
    assert [(answer.status, answer.language) for answer in answers] == [("answered", "en"), ("answered", "ru")]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_bad_line_has_its_error_in_its_place(made: Home, tmp_path: Path, end: bytes) -> None:
    questions, answers = tmp_path / "questions.jsonl", tmp_path / "answers.jsonl"
    questions.write_bytes(end.join(LINES))  # the last line has no end
    done = made.run("ask", "--batch", str(questions), "--output", str(answers))
    assert (done.status, done.out) == (1, "")
    assert done.told == ["7 of the lines could not be answered; see their error"]
    check_batch(answers.read_text(encoding="utf-8"))


def test_a_batch_goes_from_stdin_to_stdout(made: Home) -> None:
    done = made.run("ask", "--batch", "-", given=b"\n".join(LINES) + b"\n")
    assert (done.status, len(done.told)) == (1, 1)
    check_batch(done.out)


@pytest.mark.parametrize(("given", "count"), [(b"", 0), (LINES[0] + b"\n" + LINES[-1] + b"\n", 2)])
def test_a_good_batch_ends_well(made: Home, given: bytes, count: int) -> None:
    done = made.run("ask", "--batch", "-", "--output", "-", given=given)
    assert (done.status, done.err, len(done.out.splitlines())) == (0, "", count)
