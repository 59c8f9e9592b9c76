"""The page's streams: open as long as the page is, and no longer than the server."""

from __future__ import annotations

import asyncio

from starlette.datastructures import QueryParams
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_STREAM = "/gradio_api/queue/data"
_HEARTBEAT = "/gradio_api/heartbeat/"
_CLOSE = b'"msg":"close_stream"'


class SteadyStream:
    """Gradio whose event stream ends only when the browser leaves or the server closes (`closing` is set).

    Gradio 6.31 closes a session's stream whenever no event is pending, and the browser opens another for its next
    event. A question sent while the closing is on its way is answered into no stream: the page shows nothing (2 of 48
    questions asked right after the page had loaded). So the closing is kept from the browser, and the same response
    goes on with what Gradio would have sent in the next stream.

    Gradio's page also holds a second connection, the heartbeat, by which the server learns that it was closed. A browser
    opens six to a server, so that the fourth tab would load for ever. The browser's heartbeat therefore ends at once, and
    Gradio gets one from here that lasts as long as the stream.
    """

    def __init__(self, app: ASGIApp, closing: asyncio.Event) -> None:
        self._app = app
        self._closing = closing
        self._beating: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else ""
        if path.startswith(_HEARTBEAT):
            await Response(media_type="text/event-stream")(scope, receive, send)
            return
        if path != _STREAM:
            await self._app(scope, receive, send)
            return
        left = asyncio.Event()
        beating = asyncio.create_task(self._beat(scope, left))
        self._beating.add(beating)
        beating.add_done_callback(self._beating.discard)
        try:
            await self._stream(scope, receive, send)
        finally:
            left.set()

    async def _beat(self, scope: Scope, left: asyncio.Event) -> None:
        """Gradio's heartbeat of a stream's session, until the browser has left."""
        session = QueryParams(scope["query_string"]).get("session_hash", "")
        path = f"{_HEARTBEAT}{session}"
        begun = False

        async def receive() -> Message:
            nonlocal begun
            if not begun:
                begun = True
                return {"type": "http.request", "body": b"", "more_body": False}
            await left.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            pass

        await self._app({**scope, "path": path, "raw_path": path.encode(), "query_string": b""}, receive, send)

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        receive = self._until_closing(receive)
        part = _Part(send)
        await self._app(scope, receive, part)
        while part.closing:
            part = _Part(send, begun=True)
            await self._app(scope, receive, part)
        if part.begun and not part.ended and self._closing.is_set():  # Gradio ended as if the browser had left
            await send({"type": "http.response.body", "body": b""})

    def _until_closing(self, receive: Receive) -> Receive:
        async def received() -> Message:
            if self._closing.is_set():
                return {"type": "http.disconnect"}
            message = asyncio.ensure_future(receive())
            closing = asyncio.ensure_future(self._closing.wait())
            try:
                await asyncio.wait((message, closing), return_when=asyncio.FIRST_COMPLETED)
                return message.result() if message.done() else {"type": "http.disconnect"}
            finally:
                message.cancel()
                closing.cancel()

        return received


class _Part:
    """Sends one of Gradio's streams as a part of a longer one."""

    def __init__(self, send: Send, *, begun: bool = False) -> None:
        self._send = send
        self.begun = begun
        self.ended = False
        self.closing = False  # Gradio has said that it closes the stream

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if not self.begun:
                await self._send(message)
            self.begun = True
        elif _CLOSE in message.get("body", b""):
            self.closing = True
        elif not self.closing:  # after the closing there is only the end of the response
            self.ended = not message.get("more_body", False)
            await self._send(message)
