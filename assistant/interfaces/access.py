"""Who may ask: pure-ASGI middleware that asks for an API key, as a Bearer token or in the cookie that /login gives."""

from __future__ import annotations

import hashlib
import hmac
import html
import re
import time
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.errors import RateLimited
from assistant.interfaces.problems import Problem, headers_of, problem_of
from assistant.interfaces.rates import Rates
from assistant.interfaces.record import client_of

COOKIE = "assistant_session"
SESSION_SECONDS = 7 * 24 * 3600

_OPEN = frozenset({"/healthz", "/readyz", "/login"})
_BEARER = re.compile(r"bearer +(?P<key>\S+) *", re.IGNORECASE)
_AGAIN = '<!doctype html><meta charset="utf-8"><title>…</title><meta http-equiv="refresh" content="0; url={url}">'


class Keys:
    """The API keys by the names of their holders."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        self._keys = dict(keys)

    def __bool__(self) -> bool:
        return bool(self._keys)

    def holder(self, key: str) -> str | None:
        """Whose key it is. Takes the same time whichever it is, and whether or not there is one."""
        given, found = _digest(key), None
        for name, known in self._keys.items():
            if hmac.compare_digest(given, _digest(known)):
                found = name
        return found

    def session(self, name: str) -> str:
        """A cookie's value for the holder of a key. It holds no key, ends by itself, and with its key."""
        until = int(time.time()) + SESSION_SECONDS
        return f"{name}|{until}|{self._signed(name, until)}"

    def session_holder(self, value: str) -> str | None:
        """Whose session a cookie's value is."""
        name, _, rest = value.partition("|")
        until, _, signature = rest.partition("|")
        if name not in self._keys or not (until.isascii() and until.isdecimal() and len(until) < 12):
            return None
        good = hmac.compare_digest(signature.encode(), self._signed(name, int(until)).encode())
        return name if good and int(until) > time.time() else None

    def _signed(self, name: str, until: int) -> str:
        return hmac.digest(self._keys[name].encode(), f"session|{name}|{until}".encode(), "sha256").hex()


class KeyNeeded:
    """Lets through who has a key, to every path but those that monitors and the login need; tells the others so.

    Keys that are not known count for their address, so that guessing has the rate of asking.
    """

    def __init__(self, app: ASGIApp, keys: Keys, rates: Rates) -> None:
        self._app = app
        self._keys = keys
        self._rates = rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        holder = self._holder(headers)
        if holder is not None:
            scope.setdefault("state", {})["client"] = holder
        if holder is not None or scope["path"] in _OPEN:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await (await self._refused(scope, headers))(scope, receive, send)

    def _holder(self, headers: Headers) -> str | None:
        if (authorization := headers.get("authorization")) is not None:
            bearer = _BEARER.fullmatch(authorization)
            return self._keys.holder(bearer["key"]) if bearer else None
        try:
            cookies = SimpleCookie(headers.get("cookie", ""))
        except CookieError:
            return None
        return self._keys.session_holder(cookies[COOKIE].value) if COOKIE in cookies else None

    async def _refused(self, scope: Scope, headers: Headers) -> Response:
        if "authorization" in headers:
            try:
                await self._rates.admit(client_of(HTTPConnection(scope)))
            except RateLimited as exc:
                return problem_of(exc).response(headers_of(exc), scope=scope)
        return self._refusal(scope, headers)

    def _refusal(self, scope: Scope, headers: Headers) -> Response:
        if scope["path"] == "/" and scope["method"] in ("GET", "HEAD") and "authorization" not in headers:
            query = scope["query_string"].decode("latin-1")
            page = f"/?{query}" if query else "/"
            if headers.get("sec-fetch-site") == "cross-site":
                # A Strict cookie does not come with a link from another site; it does when this page loads itself again.
                return HTMLResponse(_AGAIN.format(url=html.escape(page)))
            return RedirectResponse(f"/login?next={quote(page)}", 303)
        given = "authorization" in headers
        detail = (
            "this API key is not known"
            if given
            else "an API key is needed: send Authorization: Bearer and the key, or open /login in a browser"
        )
        return Problem.of("key", detail).response({"www-authenticate": 'Bearer realm="assistant"'}, scope=scope)


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
