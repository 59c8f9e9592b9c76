"""Clients that are silent, slow or endless, before they have asked anything."""

from __future__ import annotations

import resource
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from assistant.interfaces import connections

from .conftest import Served
from .fakes import ARTICLE, FakeAssistant

HEAD = "GET /healthz HTTP/1.1\r\nHost: {}\r\n"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A server that waits half a second for a head."""
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.5)
    with Served(FakeAssistant(ARTICLE)) as server:
        yield server


@contextmanager
def connected(server: Served) -> Iterator[socket.socket]:
    host, _, port = server.host.partition(":")
    with socket.create_connection((host, int(port)), timeout=5) as client:
        yield client


def answered(client: socket.socket) -> bool:
    """Whether /healthz answers, head and body, before the connection ends."""
    got = b""
    while not got.endswith(b'{"status":"ok"}') and (piece := client.recv(4096)):
        got += piece
    return got.endswith(b'{"status":"ok"}')


@pytest.mark.parametrize("begun", [b"", b"GET /hea", b"GET /healthz HTTP/1.1\r\nX-A: "])
def test_a_head_that_does_not_come_ends_its_connection(impatient: Served, begun: bytes) -> None:
    with connected(impatient) as client:
        client.sendall(begun)
        assert client.recv(100) == b""


def test_a_byte_now_and_then_does_not_keep_a_connection(impatient: Served) -> None:
    with connected(impatient) as client:
        client.settimeout(0.05)
        begun = time.monotonic()
        for byte in HEAD.encode():
            client.sendall(bytes([byte]))
            try:
                assert client.recv(100) == b""
                break
            except TimeoutError:  # still open
                assert time.monotonic() - begun < 2
        assert time.monotonic() - begun >= 0.4


def test_a_head_after_an_answer_has_its_time_too(impatient: Served) -> None:
    whole = HEAD.format(impatient.host).encode() + b"\r\n"
    with connected(impatient) as client:
        for _ in range(2):
            client.sendall(whole)
            assert answered(client)
            time.sleep(0.7)  # idle, which it may be for longer
        client.sendall(whole[:20])
        assert client.recv(100) == b""


def test_an_answer_may_take_longer_than_a_head(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.5)
    with Served(FakeAssistant(ARTICLE, pause=0.6)) as server:
        answer = httpx.post(f"{server.url}/v1/ask", json={"question": "Trade?"}, timeout=20)
    assert answer.status_code == 200


def test_a_head_without_end_is_refused(impatient: Served) -> None:
    with connected(impatient) as client:
        client.sendall(HEAD.format(impatient.host).encode() + b"X-Long: " + b"a" * 60_000)
        client.sendall(b"a" * 60_000)
        assert client.recv(100).startswith(b"HTTP/1.1 400 ")


def test_connections_leave_descriptors_to_the_rest(impatient: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "most_connections", lambda: 2)
    with connected(impatient) as first, connected(impatient) as second, connected(impatient) as third:
        assert third.recv(100) == b""
        second.sendall(HEAD.format(impatient.host).encode() + b"\r\n")
        assert answered(second)
        assert first.recv(100) == b""  # in its time


@pytest.mark.parametrize(("allowed", "most"), [(1024, 896), (200, 100), (-1, 2**31)])
def test_how_many_connections_there_may_be(monkeypatch: pytest.MonkeyPatch, allowed: int, most: int) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (allowed, allowed))
    assert connections.most_connections() >= most
    assert allowed < 0 or connections.most_connections() == most
