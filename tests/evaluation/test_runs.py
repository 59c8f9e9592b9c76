"""Runs: errors are errors, a killed run goes on, and a folder is one run's."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from assistant.errors import AssistantError, UsageError
from assistant.evaluation.cases import Case, CasesError, load_cases
from assistant.evaluation.program import Reply
from assistant.evaluation.records import RECORDS, Run, read_run
from assistant.evaluation.runs import Corpora, find_cases, run, spread
from assistant.interfaces.cli import main
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


def test_a_case_that_failed_says_so_on_one_line(tmp_path: Path, corpora: Corpora) -> None:
    broken: dict[str, Reply | Exception] = {**REPLIES, "Who was absent?": ValueError("no\n answer")}
    assert start(tmp_path / "run", corpora, broken).errors == [("c8", "ValueError: no answer")]


def test_a_limit_is_spread_over_the_whole() -> None:
    assert [each.id for each in spread(CASES, 5)] == ["c1", "c2", "c4", "c5", "c7"]
    assert spread(CASES, 8) == spread(CASES, 99) == list(CASES)


def test_an_output_that_cannot_be_written_is_told(tmp_path: Path, corpora: Corpora) -> None:
    (tmp_path / "file").touch()
    for output in (tmp_path / "file", tmp_path / "file" / "run"):
        with pytest.raises(UsageError, match="cannot be written .*; give another --output"):
            start(output, corpora)


def test_a_full_disk_is_told_and_the_run_goes_on_when_there_is_room(tmp_path: Path, corpora: Corpora) -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, before[1]))  # bytes of a file: some records, not all
    try:
        with pytest.raises(AssistantError, match="File too large; when that is mended, the same command goes on"):
            start(tmp_path / "run", corpora)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert 0 < read_run(tmp_path / "run").missing < len(CASES)
    assert same(start(tmp_path / "run", corpora), start(tmp_path / "whole", corpora))


GOOD_CASE = {"id": "i", "group": "g", "language": "en", "category": "fact", "corpus": "made", "question": "?"}
GOLD = {"gold": [{"source_id": "a.txt", "text": "Ibu Ratna"}]}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"\xff", "not UTF-8 at byte 0"),
        (b"{", "not JSON: "),
        (b"[" * 100_000, "recursion"),
        (b"[1]", "not a JSON object"),
        (b"null", "not a JSON object"),
        ({"turns": []}, "a list of at least one question"),
        ({"turns": {"question": "?"}}, "a list of at least one question"),
        ({"turns": ["?"]}, "valid dictionary"),
        ({**GOOD_CASE, "turns": [{"question": "?"}]}, "question: Extra inputs"),
        ({**GOOD_CASE, "question": "\ud800"}, "question: "),
        ({**GOOD_CASE, "id": " "}, "id: "),
        ({**GOOD_CASE, "corpus": "../made"}, "corpus: "),
        ({**GOOD_CASE, "category": "facts"}, "unknown category 'facts'"),
        ({"id": "i", "group": "g", "language": "en", "corpus": "made", "question": "?"}, "category: Field required"),
        ({**GOOD_CASE, "must_not_contain": [""]}, "must_not_contain.0: "),
        ({**GOOD_CASE, "gold": []}, "gold is an empty list"),
        ({**GOOD_CASE, **GOLD}, "needs accepted forms"),
        ({**GOOD_CASE, **GOLD, "accept": {"en": []}}, "accept.en: "),
        ({**GOOD_CASE, **GOLD, "accept": {"en": [" "]}}, "accept.en.0"),
        ({**GOOD_CASE, **GOLD, "accept": {"en": [[]]}}, "accept.en.0"),
    ],
)
def test_a_bad_case_is_listed_with_file_and_line(
    tmp_path: Path, corpora: Corpora, line: bytes | dict[str, object], problem: str
) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_bytes(b"\n" + (line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n")
    with pytest.raises(CasesError, match=re.escape(problem)) as told:
        find_cases([path], corpora)
    assert str(told.value).startswith(f"{path}:2: ") and len(str(told.value).splitlines()) == 1


def test_a_line_separator_in_a_question_does_not_end_its_line(tmp_path: Path, corpora: Corpora) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(json.dumps({**GOOD_CASE, "question": "a\u2028b"}, ensure_ascii=False), encoding="utf-8-sig")
    assert find_cases([path], corpora)[0].asks[0].question == "a\u2028b"


# --- the command ---------------------------------------------------------------------------------------------------


def command(*given: object) -> Result:
    return CliRunner().invoke(main, ["eval", "run", *map(str, given)])


def test_the_command_runs_goes_on_and_holds_limits(tmp_path: Path, corpora: Corpora) -> None:
    cases = written(CASES, tmp_path / "cases.jsonl")
    given = ("--cases", cases, "--corpora", corpora.folder, "--output", tmp_path / "run", "--limit", 3)
    done = command(*given, "--workers", 2)
    assert done.exit_code == 0 and done.stdout.startswith("accuracy ")
    kept = (tmp_path / "run" / RECORDS).read_bytes()
    assert command(*given, "--min", "accuracy=1.1").exit_code == 1
    assert command(*given, "--max", "injected=0").exit_code == 3  # nothing to measure
    assert (tmp_path / "run" / RECORDS).read_bytes() == kept


def test_a_question_that_is_too_long_could_not_be_measured(tmp_path: Path, corpora: Corpora) -> None:
    cases = tmp_path / "cases.jsonl"
    cases.write_text(json.dumps({**GOOD_CASE, "question": "why " * 1_000}))
    done = command("--cases", cases, "--corpora", corpora.folder, "--output", tmp_path / "run")
    assert done.exit_code == 3 and "assistant: i failed: QuestionError" in done.stderr


def test_what_is_given_wrongly_is_told(tmp_path: Path, corpora: Corpora) -> None:
    cases, elsewhere = written(CASES, tmp_path / "cases.jsonl"), tmp_path / "elsewhere.jsonl"
    elsewhere.write_text(json.dumps({**GOOD_CASE, "corpus": "elsewhere"}))
    empty = tmp_path / "empty.jsonl"
    empty.touch()
    (corpora.folder / "bad").mkdir()
    (corpora.folder / "bad" / "a.txt").write_bytes(b"\xff")
    bad = tmp_path / "bad.jsonl"
    bad.write_text(json.dumps({**GOOD_CASE, "corpus": "bad"}))
    for given, problem in (
        ((cases, "--corpus", "article"), "no case has that corpus and language; there are made en"),
        (
            (elsewhere,),
            f"no sources of the corpus elsewhere in {corpora.folder / 'elsewhere'}; put them there or give --corpora",
        ),
        ((empty,), f"no cases in {empty}; give others with --cases"),
        ((tmp_path / "nowhere",), f"there is no {tmp_path / 'nowhere'}; give files or folders of cases with --cases"),
        ((bad,), "the corpus bad: a.txt: is not UTF-8"),
    ):
        done = command("--cases", *given, "--corpora", corpora.folder, "--output", tmp_path / "run")
        assert done.exit_code == 2 and done.stderr.startswith(f"assistant: {problem}"), done.output
        assert len(done.stderr.splitlines()) == 1


def test_cases_that_cannot_be_read_or_are_there_twice_are_all_told(tmp_path: Path) -> None:
    cases = written(CASES[:2], tmp_path / "cases.jsonl")
    with pytest.raises(CasesError) as told:
        load_cases([tmp_path, cases, cases])
    assert str(told.value).splitlines() == [
        f"{tmp_path} cannot be read: Is a directory",
        f"{cases}:1: the id c1 occurs twice",
        f"{cases}:2: the id c2 occurs twice",
    ]


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGKILL])
def test_a_stopped_command_goes_on(tmp_path: Path, corpora: Corpora, stop: signal.Signals) -> None:
    many = tuple(each.model_copy(update={"id": f"{each.id}-{n}"}) for n in range(25) for each in CASES)
    given = [
        "--cases", str(written(many, tmp_path / "cases.jsonl")), "--corpora", str(corpora.folder),
        "--output", str(tmp_path / "run"),
    ]  # fmt: skip
    heeded = signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background is started without
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "assistant", "eval", "run", *given], stderr=subprocess.PIPE, text=True
        )
    finally:
        signal.signal(signal.SIGINT, heeded)
    deadline = time.monotonic() + 60
    while not (tmp_path / "run" / RECORDS).exists() or (tmp_path / "run" / RECORDS).read_bytes().count(b"\n") < 3:
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.01)
    process.send_signal(stop)
    _, said = process.communicate()
    assert 0 < read_run(tmp_path / "run").missing < len(many)
    if stop == signal.SIGINT:
        assert process.returncode == 3
        assert said.splitlines()[-1] == "assistant: stopped; the same command goes on where it was"
    assert command(*given).exit_code == 0
    assert read_run(tmp_path / "run").missing == 0


def test_two_runs_do_not_write_one_folder(tmp_path: Path, corpora: Corpora) -> None:
    from filelock import FileLock

    (tmp_path / "run").mkdir()
    with FileLock(tmp_path / "run" / ".lock"), pytest.raises(UsageError, match="being written by another run"):
        start(tmp_path / "run", corpora)
