"""Starting and stopping the server as a process does."""

from __future__ import annotations

import json
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from assistant.errors import AssistantError, UsageError
from assistant.interfaces.server import listening, serve

from .conftest import ANA, KEYS
from .fakes import ARTICLE, FakeAssistant

PROGRAM = """
import json, sys
from tests.interfaces.fakes import ARTICLE, FakeAssistant
from assistant.interfaces.server import listening, serve
host, settings = json.loads(sys.argv[1])
serve(FakeAssistant(ARTICLE, **settings), host, 0)
print("ended well")
"""


@contextmanager
def _running(host: str = "127.0.0.1", **settings: Any) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, json.dumps([host, settings])],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    line = process.stderr.readline()
    assert "embedded" in line and ".assistant" in line
    return line.split("Ready on ")[1].split()[0]


def logged(err: str) -> list[str]:
    """What the log tells of: each line is a JSON object, and none holds a word of question or answer."""
    assert "Trade" not in err and "perdagangan" not in err
    return [str(json.loads(line)["event"]) for line in err.splitlines()]


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_and_stops_gracefully(end: signal.Signals) -> None:
    with _running() as process:
        assert httpx.get(f"{_address(process)}/healthz").status_code == 200
        process.send_signal(end)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, "ended well\n", "")


def test_it_says_where_a_language_model_is_without_credentials() -> None:
    with _running(model="openai:any", openai_base_url="http://me:hush@127.0.0.1:9/v1") as process:
        assert process.stderr is not None
        line = process.stderr.readline()
    assert "reader: openai:any on 127.0.0.1:9," in line and "hush" not in line


def test_a_response_does_not_wait_for_an_acknowledgement() -> None:
    """Without TCP_NODELAY each takes 40 ms more."""
    with _running() as process, httpx.Client(base_url=_address(process)) as client:
        took = []
        for _ in range(40):
            begun = time.perf_counter()
            client.get("/healthz")
            took.append(time.perf_counter() - begun)
    assert statistics.median(took) < 0.03


def test_an_idle_connection_outlives_those_of_the_clients() -> None:
    """httpx gives up one that was idle for 5 s: a server that does so too closes some just when a question is sent."""
    limits = httpx.Limits(keepalive_expiry=60)
    with _running() as process, httpx.Client(base_url=_address(process), limits=limits) as client:
        ports = set()
        for pause in (5.5, 0):
            with client.stream("GET", "/healthz") as response:
                response.read()
                ports.add(response.extensions["network_stream"].get_extra_info("client_addr"))
            time.sleep(pause)
    assert len(ports) == 1


def test_a_port_in_use_is_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AssistantError) as caught:
            serve(FakeAssistant(ARTICLE), "127.0.0.1", port)
    assert str(caught.value) == f"port {port} is in use: give --port"


@pytest.mark.parametrize(("host", "port", "reason"), [("127.0.0.1", 70_000, "not a port"), ("192.0.2.1", 0, "")])
def test_where_it_cannot_listen_is_one_clear_line(host: str, port: int, reason: str) -> None:
    with pytest.raises(AssistantError) as caught:
        listening(host, port)
    assert re.fullmatch(
        rf"cannot listen on {host}, port {port} \({reason or '.+'}\): give --host or --port", str(caught.value)
    )


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.1", "example.org"])
def test_another_host_than_loopback_is_refused_without_keys(host: str) -> None:
    with pytest.raises(UsageError, match="API keys: set ASSISTANT_API_KEYS"):
        serve(FakeAssistant(ARTICLE), host, 0)


def test_another_host_than_loopback_is_served_with_keys() -> None:
    with _running("0.0.0.0", api_keys=KEYS) as process:
        url = _address(process).replace("0.0.0.0", "127.0.0.1")
        named = {"Host": "assistant.example"}
        assert httpx.get(f"{url}/healthz", headers=named).status_code == 200
        assert httpx.get(f"{url}/v1/sources", headers=named).status_code == 401
        allowed = {**named, "Authorization": f"Bearer {ANA}"}
        assert httpx.get(f"{url}/v1/sources", headers=allowed).status_code == 200
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (0, "ended well\n")
    assert ANA not in err and set(logged(err)) == {"request"}


def test_a_fault_of_the_page_is_logged_without_texts() -> None:
    with _running() as process, httpx.Client(base_url=_address(process)) as client:
        asked = {"data": ["Trade?"], "fn_index": 1, "session_hash": "s"}  # a function that takes one input more
        assert client.post("/gradio_api/queue/join", json=asked).status_code == 200
        assert client.get("/healthz").status_code == 200  # on the same connection, which stays open
        lines: list[dict[str, Any]] = []
        assert process.stderr is not None
        while not lines or "error" not in lines[-1] or lines[-1]["error"] != "ValueError":
            line = process.stderr.readline()
            assert "Trade" not in line
            lines.append(json.loads(line))
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
    logged(err)
    assert not any("uvicorn" in str(line.get("logger")) for line in lines)
    assert lines[-1]["event"] == "printed by a library"
    assert any("process_events" in place for place in lines[-1]["places"])


def test_what_runs_is_finished_and_the_rest_refused() -> None:
    with _running(pause=1.0, concurrency=2) as process, ThreadPoolExecutor(4) as pool:
        url = _address(process)

        def ask(stream: bool) -> httpx.Response:
            return httpx.post(f"{url}/v1/ask", json={"question": "Trade", "stream": stream}, timeout=20)

        running = [pool.submit(ask, stream) for stream in (False, True)]
        time.sleep(0.5)
        waiting = pool.submit(ask, False)
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        refused = waiting.result()
        assert (refused.status_code, refused.json()["type"]) == (503, "urn:meeting-assistant:problem:stopping")
        late = ask(False)
        assert (late.status_code, late.json()["type"]) == (503, "urn:meeting-assistant:problem:stopping")
        assert late.headers["retry-after"] == "1"
        chat = httpx.post(f"{url}/v1/chat/completions", json={"messages": [{"role": "user", "content": "Trade"}]})
        assert (chat.status_code, chat.json()["error"]["code"]) == (503, "stopping")
        assert httpx.get(f"{url}/readyz").status_code == 503
        assert httpx.get(f"{url}/healthz").status_code == 200
        whole, streamed = (each.result() for each in running)
        assert whole.status_code == 200 and whole.json()["status"] == "answered"
        assert "event: answer" in streamed.text
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out) == (0, "ended well\n")
    assert set(logged(err)) == {"request", "answer"}


def test_a_page_s_answer_is_finished_too(browser: Browser) -> None:
    with _running(pause=1.0) as process:
        page = browser.new_page()
        page.goto(f"{_address(process)}/?q=Trade")
        page.wait_for_selector("#chat a.cite")  # of the first sentence
        process.send_signal(signal.SIGTERM)
        expect(page.locator("#chat .card")).to_have_count(2)
        out, _ = process.communicate(timeout=10)
        page.close()
    assert (process.returncode, out) == (0, "ended well\n")


def test_a_second_signal_ends_it_at_once() -> None:
    with _running() as process, ThreadPoolExecutor(1) as pool:
        url = _address(process)
        running = pool.submit(httpx.post, f"{url}/v1/ask", json={"question": "Trade, slow"}, timeout=20)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=10)
        assert running.exception() is not None or running.result().status_code >= 500
    assert (process.returncode, out) == (0, "ended well\n")


def test_it_stops_promptly_while_a_page_is_open(browser: Browser) -> None:
    with _running() as process:
        page = browser.new_page()
        page.goto(f"{_address(process)}/?q=Trade")
        page.wait_for_selector("#chat a.cite")
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=4)  # less than the grace that answers in progress have
        page.close()
    assert (process.returncode, out) == (0, "ended well\n")
    assert "answer" in logged(err)
