"""A connection to the server as uvicorn has it, which does not wait for ever for a client that is silent."""

from __future__ import annotations

import asyncio
import resource
import sys
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 30.0
"""For the head of a request, from its first byte or the opening of the connection: browsers open some in advance."""

_SPARED = 128
"""File descriptors that connections leave to the rest of the program: the index, uploads, the language model."""


class Connection(H11Protocol):
    """One client's connection. Its head may be 64 KB long (h11's limit; httptools, uvicorn's other parser, has none).

    uvicorn waits without end for a head, so that a client that sends a byte now and then holds a connection, and a
    thousand of them hold the server.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._head: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > most_connections():
            transport.close()
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._wait_for_head()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._stop_waiting()  # until the next request begins, uvicorn's own limit holds

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait_for_head(self) -> None:
        """Begins to wait for a request, unless there is one, or is waited for already."""
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
        elif self._head is None and not self.transport.is_closing():
            self._head = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None


def most_connections() -> int:
    """How many connections there may be at once, by the file descriptors that the process may have."""
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if allowed == resource.RLIM_INFINITY:
        return sys.maxsize
    return max(allowed - _SPARED, allowed // 2)
