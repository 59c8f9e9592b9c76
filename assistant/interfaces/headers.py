"""The headers that tell a browser what the page may load and do, added by a pure-ASGI middleware."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SCRIPT = re.compile(rb"<script(?=[\s>])")

HARDENING: Mapping[str, str] = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "DENY",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
"""Headers of every response. Beside them every response has a Content-Security-Policy."""

# Measured with Gradio 6.31: the page works with no console error; it sets styles itself, hence 'unsafe-inline' there.
_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'self'; frame-ancestors 'none'; "
    "form-action {forms}"
)


class SecurityHeaders:
    """Adds the security headers, and to HTML pages the nonce that lets their own scripts run."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["path"] == "/":
            # The nonce goes into the page's text, so it must arrive here uncompressed (Gradio compresses with Brotli).
            scope = {**scope, "headers": [(k, v) for k, v in scope["headers"] if k != b"accept-encoding"]}
        await self._app(scope, receive, _Sender(send, login=scope["path"] == "/login"))


class _Sender:
    def __init__(self, send: Send, *, login: bool) -> None:
        self._send = send
        self._login = login  # the one page with a form
        self._nonce = secrets.token_urlsafe(16)
        self._held: Message | None = None  # the start of an HTML page whose body is still coming
        self._page = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(HARDENING)
            forms = "'none'"
            if self._login:
                forms = "'self'"
                headers["referrer-policy"] = "same-origin"  # without a referrer a form's Origin is "null"
            headers["content-security-policy"] = _POLICY.format(nonce=self._nonce, forms=forms)
            if headers.get("content-type", "").startswith("text/html"):
                self._held = message
                return
        elif self._held is not None and message["type"] == "http.response.body":
            self._page += message.get("body", b"")
            if message.get("more_body", False):
                return
            start, self._held = self._held, None
            body = _SCRIPT.sub(f'<script nonce="{self._nonce}"'.encode(), bytes(self._page))
            headers = MutableHeaders(scope=start)
            headers["cache-control"] = "no-store"  # a cached page would keep its old nonce
            del headers["content-length"]
            if body:  # the answer to a HEAD has none
                headers["content-length"] = str(len(body))
            await self._send(start)
            message = {**message, "body": body}
        await self._send(message)
