"""Keys of connections that are no requests; by itself, because a browser's loop runs beside the other tests of access."""

from __future__ import annotations

import asyncio

import pytest
from starlette.types import Message, Receive, Scope, Send

from assistant.interfaces.access import KeyNeeded, Keys
from assistant.interfaces.rates import Rates
from assistant.interfaces.record import client_of
from assistant.settings import load_settings

from .conftest import ANA

CLOSED = {"type": "websocket.close", "code": 1008}


@pytest.mark.parametrize(
    ("headers", "sent"),
    [([], [CLOSED]), ([(b"authorization", f"Bearer {ANA}".encode())], []), ([(b"cookie", b"a\x01=b; x")], [CLOSED])],
)
def test_a_websocket_needs_a_key_too(headers: list[tuple[bytes, bytes]], sent: list[Message]) -> None:
    opened: list[str] = []
    told: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        opened.append(scope["path"])

    async def receive() -> Message:
        raise AssertionError("nothing is read")

    async def send(message: Message) -> None:
        told.append(message)

    guarded = KeyNeeded(app, Keys({"ana": ANA}), Rates(load_settings()))
    asyncio.run(guarded({"type": "websocket", "path": "/", "headers": headers}, receive, send))
    assert (told, opened) == (sent, [] if sent else ["/"])


def test_who_asks_without_a_connection_is_not_known() -> None:
    assert client_of(None) == "unknown"
