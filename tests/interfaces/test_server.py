"""Starting and stopping the server as a process does."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from assistant.errors import AssistantError, UsageError
from assistant.interfaces.server import serve

from .fakes import ARTICLE, FakeAssistant

PROGRAM = """
from tests.interfaces.fakes import ARTICLE, FakeAssistant
from assistant.interfaces.server import serve
serve(FakeAssistant(ARTICLE), "127.0.0.1", 0)
print("ended well")
"""


@contextmanager
def _running() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
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


def test_a_port_in_use_is_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AssistantError) as caught:
            serve(FakeAssistant(ARTICLE), "127.0.0.1", port)
    assert str(caught.value) == f"port {port} is in use: give --port"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.1", "example.org"])
def test_another_host_than_loopback_is_refused(host: str) -> None:
    with pytest.raises(UsageError, match="API keys"):
        serve(FakeAssistant(ARTICLE), host, 0)


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
