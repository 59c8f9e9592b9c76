"""Keeps the page's stream of events open, so that no question is lost between two of them."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_STREAM = "/gradio_api/queue/data"
_CLOSE = b'"msg":"close_stream"'


class SteadyStream:
    """Gradio whose event stream ends only when the browser leaves.

    Gradio 6.31 closes a session's stream whenever no event is pending, and the browser opens another for its next
    event. A question sent while the closing is on its way is answered into no stream: the page shows nothing (2 of 48
    questions asked right after the page had loaded). So the closing is kept from the browser, and the same response
    goes on with what Gradio would have sent in the next stream.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != _STREAM:
            await self._app(scope, receive, send)
            return
        part = _Part(send)
        await self._app(scope, receive, part)
        while part.closing:
            part = _Part(send, begun=True)
            await self._app(scope, receive, part)


class _Part:
    """Sends one of Gradio's streams as a part of a longer one."""

    def __init__(self, send: Send, *, begun: bool = False) -> None:
        self._send = send
        self._begun = begun
        self.closing = False  # Gradio has said that it closes the stream

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if not self._begun:
                await self._send(message)
            return
        if _CLOSE in message.get("body", b""):
            self.closing = True
        elif not self.closing:  # after the closing there is only the end of the response
            await self._send(message)
