"""How often one client may ask: the limits of `ASSISTANT_RATE_LIMIT`, counted in memory or in Redis."""

from __future__ import annotations

import logging
import math
import time
from importlib.util import find_spec

import limits
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.errors import RateLimited, SettingsError
from assistant.interfaces.problems import headers_of, problem_of
from assistant.interfaces.record import client_of
from assistant.settings import Settings

_log = logging.getLogger(__name__)

_PATIENCE = 1.0  # seconds for Redis to answer
_PAUSE = 10.0  # seconds before a Redis that did not is asked again


class Rates:
    """The limits; without any, everybody may ask as often as they like.

    While Redis cannot be reached, this process counts by itself.

    Raises:
        SettingsError: REDIS_URL is set, and the package for it is not installed.
    """

    def __init__(self, settings: Settings) -> None:
        self._items = limits.parse_many(settings.rate_limit) if settings.rate_limit else []
        self._alone = MovingWindowRateLimiter(MemoryStorage())
        self._redis: RedisStorage | None = None
        self._shared: MovingWindowRateLimiter | None = None
        self._shared_from = 0.0
        self._is_away = False
        if self._items and settings.redis_url:
            self._redis = redis_storage(settings.redis_url.get_secret_value())
            self._shared = MovingWindowRateLimiter(self._redis)

    async def admit(self, client: str) -> None:
        """Counts a request of a client. Raises RateLimited if it is one too many."""
        if not self._items:
            return
        if self._shared is not None and time.monotonic() >= self._shared_from:
            try:
                await self._hit(self._shared, client)
            except StorageError as exc:
                self._shared_from = time.monotonic() + _PAUSE
                if not self._is_away:
                    _log.warning("Redis cannot be reached: this process counts by itself until it can", exc_info=exc)
                self._is_away = True
            except RateLimited:
                self._back()
                raise
            else:
                self._back()
                return
        await self._hit(self._alone, client)

    def _back(self) -> None:
        if self._is_away:
            _log.info("Redis counts again")
        self._is_away = False

    async def _hit(self, limiter: MovingWindowRateLimiter, client: str) -> None:
        for item in self._items:
            if await limiter.hit(item, client):
                continue
            reset = (await limiter.get_window_stats(item, client)).reset_time
            wait = max(1, math.ceil(reset - time.time()))
            if limiter is self._alone and wait > item.get_expiry() + 1:
                # The clock was set back, and what was counted seems to be yet to come. (Redis lets it go by its own clock.)
                await limiter.clear(item, client)
                await limiter.hit(item, client)
            else:
                raise RateLimited(f"more than {item}: ask again in {wait} s", retry_after=wait)

    async def close(self) -> None:
        """Ends the connections to Redis."""
        if self._redis is not None:
            await _close(self._redis)


class RateLimit:
    """Pure-ASGI middleware that counts what comes to the API and the login; the page counts its questions itself."""

    def __init__(self, app: ASGIApp, rates: Rates) -> None:
        self._app = app
        self._rates = rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _is_counted(scope):
            try:
                await self._rates.admit(client_of(HTTPConnection(scope)))
            except RateLimited as exc:
                await problem_of(exc).response(headers_of(exc), scope=scope)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def redis_storage(url: str) -> RedisStorage:
    """Redis as `limits` knows it.

    Raises:
        SettingsError: the package for it is not installed.
    """
    if find_spec("redis") is None:
        raise SettingsError('REDIS_URL needs the package redis: pip install "meeting-assistant[redis]"')
    return RedisStorage(
        f"async+{url}",
        implementation="redispy",
        wrap_exceptions=True,
        socket_timeout=_PATIENCE,
        socket_connect_timeout=_PATIENCE,
    )


async def redis_answers(url: str) -> bool:
    """Whether a Redis can be reached. Raises SettingsError as `redis_storage` does."""
    storage = redis_storage(url)
    try:
        return await storage.check()
    except StorageError:
        return False
    finally:
        await _close(storage)


async def _close(storage: RedisStorage) -> None:
    await storage.bridge.storage.aclose()  # type: ignore[attr-defined]  # limits has no way of its own


def _is_counted(scope: Scope) -> bool:
    path: str = scope["path"]
    return path.startswith("/v1/") or (path == "/login" and scope["method"] == "POST")
