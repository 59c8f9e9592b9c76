"""The server is started and ended."""

from __future__ import annotations

import json
import shutil
import signal
import socket

import httpx

from .conftest import QUESTION, Home, finished


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
