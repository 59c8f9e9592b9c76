"""Runs: errors are errors, a killed run goes on, and a folder is one run's."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from assistant.errors import UsageError
from assistant.evaluation.cases import Case, CasesError
from assistant.evaluation.program import Reply
from assistant.evaluation.records import RECORDS, Run, read_run
from assistant.evaluation.runs import Corpora, find_cases, run
from assistant.types import Question

from .made import CASES, TEXT, Scripted, perfect


@pytest.fixture
def corpora(tmp_path: Path) -> Corpora:
    folder = tmp_path / "corpora" / "made"
    folder.mkdir(parents=True)
    (folder / "a.txt").write_text(TEXT, encoding="utf-8")
    return Corpora(tmp_path / "seeds", tmp_path / "corpora")


REPLIES: dict[str, Reply | Exception] = {each.asks[0].question: perfect(each) for each in CASES}


def said(question: str) -> str:
    reply = REPLIES[question]
    assert isinstance(reply, Reply)
    return reply.answer.answer


def start(output: Path, corpora: Corpora, replies: Mapping[str, Reply | Exception] = REPLIES, workers: int = 1) -> Run:
    return run(CASES, output, corpora=corpora, opener=lambda seeds, data: Scripted(replies), workers=workers)


def written(cases: tuple[Case, ...], path: Path) -> Path:
    lines = []
    for case in cases:
        fields = json.loads(case.model_dump_json())
        lines.append(
            json.dumps(
                {
                    **{k: v for k, v in fields.items() if k not in ("asks", "draft", "note")},
                    **fields["asks"][0],
                    "category": case.category,
                }
            )
        )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("workers", [1, 4])
def test_every_case_is_written_down(tmp_path: Path, corpora: Corpora, workers: int) -> None:
    done = start(tmp_path / "run", corpora, workers=workers)
    assert [each.case for each in done.cases] == list(CASES)
    assert all(record.verdict.right for record in done.records)
    assert done.missing == 0 and done.errors == []


def test_a_failure_is_an_error_and_the_rest_go_on(tmp_path: Path, corpora: Corpora) -> None:
    broken: dict[str, Reply | Exception] = {**REPLIES, "Who was absent?": TimeoutError("no answer in 5 s")}
    done = start(tmp_path / "run", corpora, broken)
    assert done.errors == [("c8", "TimeoutError: no answer in 5 s")]
    assert len(done.records) == 7
    again = start(tmp_path / "run", corpora)  # only what failed is tried again
    assert again.errors == [] and len(again.records) == 8


def test_what_is_done_is_not_asked_again(tmp_path: Path, corpora: Corpora) -> None:
    start(tmp_path / "run", corpora)
    program = Scripted(REPLIES)
    run(CASES, tmp_path / "run", corpora=corpora, opener=lambda seeds, data: program)
    assert program.asked == []


@pytest.mark.parametrize("cut", [1, 40, 2_000])
def test_half_a_line_is_done_again(tmp_path: Path, corpora: Corpora, cut: int) -> None:
    whole = start(tmp_path / "run", corpora)
    records = tmp_path / "run" / RECORDS
    records.write_bytes(records.read_bytes()[:-cut])
    again = start(tmp_path / "run", corpora)
    assert same(again, whole)


def same(a: Run, b: Run) -> bool:
    """Whether two runs are the same, times aside."""

    def timeless(found: Run) -> list[object]:
        return [
            (
                r.key,
                r.answer.model_copy(update={"id": "", "timings_ms": {}}),
                r.verdict,
                r.came.score,
                r.came.gold_ranks,
            )
            for r in found.records
        ]

    return timeless(a) == timeless(b) and a.missing == b.missing


def test_a_folder_with_another_run_is_refused(tmp_path: Path, corpora: Corpora) -> None:
    start(tmp_path / "run", corpora)
    with pytest.raises(UsageError, match="a run of something else \\(digest, cases differ\\)"):
        run(CASES[:3], tmp_path / "run", corpora=corpora, opener=lambda seeds, data: Scripted(REPLIES))


def test_a_folder_without_a_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no run"):
        read_run(tmp_path)


def test_dialogues_have_their_own_answers_as_history(tmp_path: Path, corpora: Corpora) -> None:
    turns = tuple(each.asks[0] for each in CASES[:3])
    dialogue = CASES[0].model_copy(update={"asks": turns, "category": "dialogue"})
    seen: list[Question] = []

    class Listening(Scripted):
        def ask(self, question: Question) -> Reply:
            seen.append(question)
            return super().ask(question)

    done = run([dialogue], tmp_path / "run", corpora=corpora, opener=lambda seeds, data: Listening(REPLIES))
    assert [record.turn for record in done.records] == [0, 1, 2]
    assert [turn.content for turn in seen[2].history] == [
        turns[0].question, said(turns[0].question), turns[1].question, said(turns[1].question),
    ]  # fmt: skip


def test_gold_that_is_not_in_the_source_is_listed(tmp_path: Path, corpora: Corpora) -> None:
    bad = CASES[0].model_copy(
        update={
            "asks": (
                CASES[0]
                .asks[0]
                .model_copy(
                    update={
                        "gold": CASES[1].asks[0].gold
                        and (CASES[1].asks[0].gold[0].model_copy(update={"text": "Bu Ratna"}),)
                    }
                ),
            )
        }
    )
    path = written((bad, CASES[1]), tmp_path / "cases.jsonl")
    with pytest.raises(CasesError) as told:
        find_cases([path], corpora)
    assert str(told.value) == "c1: a.txt does not hold “Bu Ratna”"


def test_drafts_are_not_run(tmp_path: Path, corpora: Corpora) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(
        '{"id": "d", "group": "d", "language": "en", "category": "fact", "corpus": "made", "question": "?", "draft": true}\n'
    )
    with pytest.raises(CasesError, match="a draft: give it"):
        find_cases([path], corpora)


SLOW = """
import sys, time
from pathlib import Path
from assistant.evaluation.runs import Corpora, run
from tests.evaluation.made import CASES, Scripted, perfect

class Slow(Scripted):
    def ask(self, question):
        time.sleep(0.15)
        return super().ask(question)

replies = {each.asks[0].question: perfect(each) for each in CASES}
run(CASES, Path(sys.argv[1]), corpora=Corpora(Path("x"), Path(sys.argv[2])), opener=lambda seeds, data: Slow(replies))
"""


def test_a_run_killed_half_way_and_resumed_is_the_same(tmp_path: Path, corpora: Corpora) -> None:
    whole = start(tmp_path / "whole", corpora)
    output = tmp_path / "killed"
    root = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW, str(output), str(corpora.folder)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    try:
        deadline = time.monotonic() + 60
        while not (output / RECORDS).exists() or (output / RECORDS).read_bytes().count(b"\n") < 3:
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.02)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert 0 < read_run(output).missing < len(CASES)
    assert same(start(output, corpora), whole)


def test_two_runs_do_not_write_one_folder(tmp_path: Path, corpora: Corpora) -> None:
    from filelock import FileLock

    (tmp_path / "run").mkdir()
    with FileLock(tmp_path / "run" / ".lock"), pytest.raises(UsageError, match="being written by another run"):
        start(tmp_path / "run", corpora)
