"""Running asynchronous code from synchronous callers, also those inside a running event loop."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from typing import Any, TypeVar

T = TypeVar("T")

_END = object()


def has_loop() -> bool:
    """Whether an event loop runs in this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that waits for nothing where no loop runs, in this thread: handing it to a loop in another
    one costs four changes of threads, each of which waits for its turn on a busy machine."""
    try:
        work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    work.close()
    raise AssertionError("the coroutine waits for something")


class LoopThread:
    """An event loop in a daemon thread of its own, started at the first use."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine, or its exception."""
        return asyncio.run_coroutine_threadsafe(work, self._started()).result()

    def iterate(self, items: AsyncIterator[T]) -> Iterator[T]:
        """The items of an asynchronous iterator as they come; leaving early cancels it."""
        ready: queue.SimpleQueue[Any] = queue.SimpleQueue()

        async def pump() -> None:
            try:
                async for item in items:
                    ready.put(item)
            except Exception as exc:  # handed to the caller's thread, which raises it
                ready.put(exc)
            finally:
                ready.put(_END)

        pumping = asyncio.run_coroutine_threadsafe(pump(), self._started())
        try:
            while (item := ready.get()) is not _END:
                if isinstance(item, Exception):
                    raise item
                yield item
        finally:
            pumping.cancel()

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name=self._name, daemon=True).start()
            return self._loop
