"""Pure-ASGI middleware around everything: gives each request its id, its line in the log and its place in the metrics."""

from __future__ import annotations

import logging
import re
import time
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.interfaces import logs
from assistant.interfaces.metrics import Metrics, route_of
from assistant.interfaces.problems import problem_of

_log = logging.getLogger("assistant.requests")

MAX_ID = 200
_UNSAFE = re.compile(r"[^\x20-\x7e]")
_QUIET = frozenset({"page", "/static", "/healthz", "/readyz", "/metrics", "other"})
"""Routes of which only failures are logged."""


class Record:
    """Accepts or makes the request's id, echoes it as `X-Request-ID`, logs and counts the response."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()
        given = _UNSAFE.sub("", Headers(scope=scope).get("x-request-id", "")).strip()[:MAX_ID].strip()
        identity = given or uuid.uuid4().hex
        state = scope.setdefault("state", {})
        state |= {"given_request_id": given or None, "request_id": identity}
        token = logs.request_id.set(identity)
        status, ended = 0, False

        async def sent(message: Message) -> None:
            nonlocal status, ended
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["x-request-id"] = identity
            await send(message)
            ended = message["type"] == "http.response.body" and not message.get("more_body", False)

        try:
            await self._app(scope, receive, sent)
        except Exception as exc:
            problem = problem_of(exc)  # which logs it, beside the request's id
            if status and not ended:  # too late for another response: the server cuts this one off
                raise
            if not status:  # else Gradio has answered it, and raised it again for the log
                await problem.response(scope=scope)(scope, receive, sent)
        finally:
            seconds = time.perf_counter() - begun
            self._metrics.request(scope["path"], scope["method"], status, seconds)
            if route_of(scope["path"]) not in _QUIET or status >= 500:
                self._line(scope, status, seconds)
            logs.request_id.reset(token)

    def _line(self, scope: Scope, status: int, seconds: float) -> None:
        fields = {
            "method": scope["method"],
            "route": route_of(scope["path"]),
            "status": status,
            "ms": round(seconds * 1000, 1),
            "client": client_of(HTTPConnection(scope)),
        }
        _log.info("request", extra={"fields": fields})


def client_of(request: HTTPConnection | None) -> str:
    """Who asks: the name of the key, or else the address."""
    if request is None:
        return "unknown"
    named = request.scope.get("state", {}).get("client")
    return str(named) if named else request.client.host if request.client else "unknown"
