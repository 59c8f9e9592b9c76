"""Pure-ASGI middleware that guards the server: who may ask, and how much a body may hold."""

from __future__ import annotations

import asyncio
import re

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.index.uploads.formats import too_large
from assistant.interfaces.problems import Problem, problem_of

MAX_BODY_BYTES = 256 * 1024
MAX_BODY_SECONDS = 30.0
"""For the whole of a body: a client that has gone silent would else hold its connection for ever."""
_DISCARDED = 16 * 1024 * 1024  # bytes of a refused body that are read and thrown away

_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
_HOST = re.compile(r"(?P<name>\[[0-9a-fA-F:.]+\]|[^:\[\]]+)(?::\d{1,5})?")


class Origins:
    """Refuses what a web page of another site could make a browser send: cross-site requests show in Origin.

    On loopback, where nothing but the browser stands before the server, also DNS rebinding, which shows in Host.
    `allowed` are the origins of other sites that may ask.
    """

    def __init__(self, app: ASGIApp, *, loopback: bool = True, allowed: tuple[str, ...] = ()) -> None:
        self._app = app
        self._loopback = loopback
        self._allowed = frozenset(allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        problem = self._problem(scope)
        if problem is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await problem.response(scope=scope)(scope, receive, send)

    def _problem(self, scope: Scope) -> Problem | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        name = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
        if name is None or (self._loopback and name["name"].lower() not in _HOSTS):
            where = "this server answers on localhost only: use http://127.0.0.1 and its port" if self._loopback else ""
            return Problem.of("host", where)
        own = {f"{'https' if scope['scheme'] in ('https', 'wss') else 'http'}://{hosts[0]}".lower()}
        if not self._loopback:
            own.add(f"https://{hosts[0]}".lower())  # a proxy before it may speak TLS for it
        if any(origin.lower() not in own | self._allowed for origin in headers.getlist("origin")):
            return Problem.of("origin", "requests from other sites are refused")
        return None


class BodyLimit:
    """Refuses bodies over a number of bytes, whether they declare their length or not, and those that do not come.

    `files`: where files are sent, of which the one who reads them refuses the rest, and how large they may be.
    """

    def __init__(
        self,
        app: ASGIApp,
        limit: int = MAX_BODY_BYTES,
        seconds: float = MAX_BODY_SECONDS,
        files: tuple[str, int] | None = None,
    ) -> None:
        self._app = app
        self._limit = limit
        self._seconds = seconds
        self._detail = f"the body is larger than {limit // 1024} KB"
        self._files = files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._files and scope["method"] == "POST" and scope["path"] == self._files[0]:
            declared = Headers(scope=scope).get("content-length", "")
            if declared.isdecimal() and int(declared) > self._files[1]:
                # With a connection that is closed, so that the rest of the file is not sent for nothing.
                await problem_of(too_large()).response({"connection": "close"}, scope=scope)(scope, receive, send)
            else:
                await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > self._limit:
            # A connection closed while a client still sends loses the answer; a body of moderate size may arrive.
            headers = {"connection": "close"} if int(declared) > _DISCARDED else None
            await Problem.of("too-large", self._detail).response(headers, scope=scope)(scope, receive, send)
            return
        taken, whole = 0, False
        end = asyncio.get_running_loop().time() + self._seconds

        async def counted() -> Message:
            nonlocal taken, whole
            if whole:  # what comes after the body is that the client leaves, whenever that is
                return await receive()
            try:
                async with asyncio.timeout_at(end):
                    message = await receive()
            except TimeoutError:
                late = f"the body did not come within {self._seconds:g} s: send it again"
                raise HTTPException(408, late, {"connection": "close"}) from None
            whole = not message.get("more_body", False)
            taken += len(message.get("body", b""))
            if taken > self._limit:
                raise HTTPException(413, self._detail)  # FastAPI lets this class through while it reads a body
            return message

        await self._app(scope, counted, send)
