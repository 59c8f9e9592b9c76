"""The command line as people and scripts meet it: a process with arguments, streams and an exit status."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from filelock import FileLock

from assistant import __version__
from assistant.evaluation.scoring import broken_invariants
from assistant.index.sources import read_source, scan
from assistant.types import Answer

ROOT = Path(__file__).parents[1]
PROGRAM = (str(Path(sys.executable).with_name("assistant")),)
MODULE = (sys.executable, "-m", "assistant")
QUESTION = "Who chaired the meeting?"
CHAIR = "Jose Tavares"
ASIDE = "The harbour council of Tarvic met in Oslo on 3 May 2021 and elected Maren Oskvist its president.\n"


@dataclass(frozen=True, slots=True)
class Done:
    """What a command left."""

    status: int
    out: str
    err: str

    @property
    def told(self) -> list[str]:
        """The lines on stderr without the program's name, which each of them has; none is a traceback."""
        lines = self.err.splitlines()
        assert [line for line in lines if not line.startswith("assistant: ")] == []
        return [line.removeprefix("assistant: ") for line in lines]


class Home:
    """A folder that people work in: `seeds`, the index in `.assistant`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seeds = path / "seeds"
        self.index = path / ".assistant" / "index"

    def start(self, *arguments: str | bytes, program: tuple[str, ...] = PROGRAM) -> subprocess.Popen[bytes]:
        settings = ("ASSISTANT_", "OPENAI_", "CHROMA_", "LANGSMITH_", "LANGCHAIN_", "REDIS_")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(settings)}
        return subprocess.Popen(
            [*program, *arguments],
            cwd=self.path,
            env={**environment, "PYTHONUTF8": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, *arguments: str | bytes, given: bytes = b"", program: tuple[str, ...] = PROGRAM) -> Done:
        process = self.start(*arguments, program=program)
        return finished(process, given)

    @property
    def snapshot(self) -> Path:
        return self.index / (self.index / "CURRENT").read_text().strip()


def finished(process: subprocess.Popen[bytes], given: bytes = b"") -> Done:
    try:
        out, err = process.communicate(given, timeout=90)
    finally:
        process.kill()
    return Done(process.returncode, out.decode(), err.decode())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The article, ingested. Not to be changed."""
    home = Home(tmp_path_factory.mktemp("made"))
    shutil.copytree(ROOT / "seeds", home.seeds)
    assert home.run("ingest").status == 0
    return home


@pytest.fixture
def home(made: Home, tmp_path: Path) -> Home:
    """The article, ingested; to be changed."""
    shutil.copytree(made.path, tmp_path / "home")
    return Home(tmp_path / "home")


@pytest.fixture
def bare(tmp_path: Path) -> Home:
    """The article, not ingested."""
    home = Home(tmp_path)
    shutil.copytree(ROOT / "seeds", home.seeds)
    return home


# --- ask -----------------------------------------------------------------------------------------------------------


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


# --- batches -------------------------------------------------------------------------------------------------------

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


# --- ingest and doctor ---------------------------------------------------------------------------------------------


def test_ingest_says_what_it_did(bare: Home) -> None:
    assert bare.run("ingest").out.startswith("1 added, 0 changed, 0 removed, 0 unchanged; ")
    assert bare.run("ingest") == Done(0, "0 added, 0 changed, 0 removed, 1 unchanged; 0 texts embedded\n", "")


def test_ingest_with_a_bad_source_takes_the_others_and_fails(home: Home) -> None:
    (home.seeds / "aside.txt").write_text(ASIDE)
    (home.seeds / "bad.txt").write_bytes(b"caf\xe9 in Kuta")
    done = home.run("ingest")
    assert (done.status, done.told) == (
        1,
        ["left out bad.txt: is not UTF-8 (byte 0xE9 at offset 3); save it as UTF-8"],
    )
    assert done.out.startswith("1 added, 0 changed, 0 removed, 1 unchanged; ")
    asked = home.run("ask", "Who is president of the Tarvic harbour council?")
    assert (asked.status, asked.err) == (0, "")
    assert "Maren Oskvist" in asked.out


def test_ingest_lets_go_of_most_sources_only_when_told(home: Home) -> None:
    (home.seeds / "aside.txt").write_text(ASIDE)
    (home.seeds / "asean-russia-som-2019.txt").unlink()
    refused = home.run("ingest")
    assert (refused.status, refused.out) == (1, "")
    assert len(refused.told) == 1
    assert "--prune" in refused.told[0]
    assert home.run("ingest", "--prune").out.startswith("1 added, 0 changed, 1 removed, 0 unchanged; ")


def test_two_ingests_at_once_leave_a_good_index(bare: Home) -> None:
    done = [finished(process) for process in (bare.start("ingest"), bare.start("ingest"))]
    assert 0 in [each.status for each in done]
    for each in done:
        busy = [line for line in each.told if "another process is writing the index" in line]
        assert (each.status, len(busy)) in [(0, 0), (1, 1)]
    assert bare.run("ingest").out.startswith("0 added, 0 changed, 0 removed, 1 unchanged; ")
    assert CHAIR in bare.run("ask", QUESTION).out


def test_doctor_says_where_each_setting_comes_from(made: Home) -> None:
    done = made.run("doctor", "--data", ".assistant")
    assert (done.status, done.err) == (0, "")
    assert [line.split()[-1] for line in done.out.splitlines() if "ASSISTANT_DATA" in line] == ["(option)"]
    assert "BAD" not in done.out
    assert "1 sources" in done.out


def test_doctor_masks_secrets(home: Home) -> None:
    (home.path / ".env").write_text("OPENAI_API_KEY=sk-very-secret\nOPENAI_BASE_URL=http://me:hush@127.0.0.1:1/v1\n")
    done = home.run("doctor")
    assert "sk-very" not in done.out + done.err and "hush" not in done.out + done.err
    assert "********  (.env)" in done.out and "http://********@127.0.0.1:1/v1" in done.out


def test_doctor_tells_of_keys_and_rates_without_the_keys(home: Home) -> None:
    settings = ["ASSISTANT_API_KEYS=ana:9f86d081884c7d659a2feaa0c55ad015,ben:hush", "ASSISTANT_RATE_LIMIT=60/minute"]
    (home.path / ".env").write_text("\n".join(settings))
    done = home.run("doctor")
    assert (done.status, done.err) == (0, "")
    assert "9f86d" not in done.out and "hush" not in done.out
    assert "ok   of ana, ben" in done.out and "that of ben is short" in done.out
    assert "60/minute for each key or address, counted by each server" in done.out
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    (home.path / ".env").write_text("\n".join([*settings, f"REDIS_URL=redis://me:pass@127.0.0.1:{port}/0"]))
    done = home.run("doctor")
    assert (done.status, done.err) == (1, "")
    assert f"BAD  Redis on 127.0.0.1:{port} does not answer" in done.out and "pass@" not in done.out


def test_doctor_tells_of_seeds_that_changed_and_of_articles_added(home: Home) -> None:
    (home.seeds / "new.txt").write_text("Budi came.")
    (home.path / ".env").write_text("ASSISTANT_UPLOADS=true")
    done = home.run("doctor", "--call")
    assert (done.status, done.err) == (0, "")
    assert "index      ok   older than the seeds: the next ask, serve or ingest brings it up to date" in done.out
    assert "articles can be added and removed on the page" in done.out
    assert "call       ok   no language model is configured: nothing was called" in done.out


def test_doctor_finds_what_is_bad(home: Home) -> None:
    (home.seeds / "bad.txt").write_bytes(b"\xff")
    shutil.rmtree(home.index)
    done = home.run("doctor")
    assert (done.status, done.err) == (1, "")
    assert [line.split()[0] for line in done.out.splitlines() if " BAD " in line] == ["seeds", "index"]


def test_a_chroma_server_that_is_not_there(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = f"127.0.0.1:{taken.getsockname()[1]}"
    (home.path / ".env").write_text(f"CHROMA_URL=http://me:pass@{where}")
    done = home.run("doctor")
    assert (done.status, done.err) == (1, "")
    assert [line.split()[0] for line in done.out.splitlines() if " BAD " in line] == ["chroma", "index"]
    assert f"chroma     BAD  the Chroma server {where} cannot be reached" in done.out and "pass@" not in done.out
    done = home.run("ask", QUESTION)
    assert (done.status, done.out, len(done.told)) == (1, "", 1)
    assert f"the Chroma server {where} cannot be reached" in done.told[0]


# --- used wrongly --------------------------------------------------------------------------------------------------


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


# --- the work fails ------------------------------------------------------------------------------------------------


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


def change_schema(home: Home) -> str:
    manifest = home.snapshot / "manifest.json"
    fields = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**fields, "schema": fields["schema"] + 1}))
    return "made by another version of this program"


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


# --- the work can be done although the index cannot be brought up to date ----------------------------------------------


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


# --- serve ---------------------------------------------------------------------------------------------------------


def test_a_port_in_use_is_one_line(made: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = made.run("serve", "--port", str(port))
    assert (done.status, done.out, done.told) == (1, "", [f"port {port} is in use: give --port"])


def test_a_host_that_needs_keys_is_refused_before_anything_is_made(bare: Home) -> None:
    done = bare.run("serve", "--host", "0.0.0.0")
    assert (done.status, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert "set ASSISTANT_API_KEYS" in done.err and not bare.index.exists()


def test_serve_answers_from_the_index_that_it_has(home: Home) -> None:
    shutil.rmtree(home.seeds)
    process = home.start("serve", "--port", "0")
    try:
        assert process.stderr is not None
        said = [process.stderr.readline().decode() for _ in range(3)]
        assert said[1] == "assistant: answering from the index as it was\n"
        assert said[2].startswith("Ready on http://127.0.0.1:")
        url = said[2].split()[2]
        answer = httpx.post(f"{url}/v1/ask", json={"question": QUESTION}, timeout=30).json()
        assert answer["status"] == "answered"
        process.send_signal(signal.SIGTERM)
    finally:
        done = finished(process)
    assert (done.status, done.out) == (0, "")
    assert [json.loads(line)["event"] for line in done.err.splitlines()] == ["answer", "request"]
    assert QUESTION not in done.err


def test_a_batch_never_writes_over_its_questions(made: Home) -> None:
    questions = made.path / "both.jsonl"
    questions.write_text('{"question": "Who chaired the meeting?"}\n', encoding="utf-8")
    done = made.run("ask", "--batch", str(questions), "--output", str(questions))
    assert (done.status, len(done.told)) == (2, 1)
    assert questions.read_text(encoding="utf-8") == '{"question": "Who chaired the meeting?"}\n'


# --- what the machine refuses ----------------------------------------------------------------------------------------


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
