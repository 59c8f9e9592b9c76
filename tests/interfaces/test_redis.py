"""Rates that servers share through a real `redis-server` on loopback, which goes and comes back."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.errors import RateLimited
from assistant.interfaces import rates
from assistant.interfaces.rates import Rates, redis_answers
from assistant.settings import load_settings
from tools.redis_server import find


class Redis:
    """A server of its own, at an address that stays the same; nothing is kept on the disk."""

    def __init__(self, program: str, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._command = [program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while not asyncio.run(redis_answers(self.url)):
            assert time.monotonic() < deadline and self.process.poll() is None
            time.sleep(0.02)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait(10)

    def held(self) -> None:
        """It takes connections, and says nothing."""
        self.process.send_signal(signal.SIGSTOP)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    program = find()
    if program is None:
        reason = "no redis-server: run python tools/redis_server.py, which says why"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    server = Redis(program, tmp_path)
    yield server
    server.stop()


async def admitted(counting: Rates, times: int, client: str = "ana") -> int:
    """How many of so many requests of a client are let through."""
    through = 0
    for _ in range(times):
        try:
            await counting.admit(client)
            through += 1
        except RateLimited:
            pass
    return through


def test_processes_count_together(redis: Redis) -> None:
    async def work() -> list[int]:
        one, other = (Rates(load_settings(rate_limit="3/minute", redis_url=redis.url)) for _ in range(2))
        try:
            return [await admitted(one, 2), await admitted(other, 3), await admitted(one, 2, "ben")]
        finally:
            await one.close()
            await other.close()

    assert asyncio.run(work()) == [2, 1, 2]


@pytest.mark.parametrize("away", [Redis.stop, Redis.held])
def test_while_redis_is_away_each_counts_and_says_so_once(
    redis: Redis, away: object, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(rates, "_PAUSE", 0.1)
    monkeypatch.setattr(rates, "_PATIENCE", 0.3)
    caplog.set_level(logging.INFO, logger=rates.__name__)

    async def work() -> list[int]:
        counting = Rates(load_settings(rate_limit="3/minute", redis_url=redis.url))
        found = [await admitted(counting, 1)]
        if away is Redis.stop:
            redis.stop()
        else:
            redis.held()
        for _ in range(2):
            found.append(await admitted(counting, 2))
            await asyncio.sleep(0.15)  # so that Redis is asked again
        if away is Redis.stop:
            await asyncio.to_thread(redis.start)
        else:
            redis.process.send_signal(signal.SIGCONT)
        await asyncio.sleep(0.15)
        found.append(await admitted(counting, 3))
        await counting.close()
        return found

    begun = time.monotonic()
    # A Redis that was stopped has forgotten; one that was held has counted one, and what it was asked while it was held.
    *before, after = asyncio.run(work())
    assert before == [1, 2, 1]
    assert after == 3 if away is Redis.stop else after < 3
    assert time.monotonic() - begun < 10
    said = [record.getMessage() for record in caplog.records if record.name == rates.__name__]
    assert said == ["Redis cannot be reached: this process counts by itself until it can", "Redis counts again"]
