"""A circuit breaker: after some failures in a row a server is left alone for a while, so that it costs nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

FAILURES = 3
"""Failures in a row that open the circuit."""
PAUSE = 30.0
"""Seconds for which it stays open; then one call is let through to see."""


class Breaker:
    """Thread-safe. `clock` tells seconds, monotonically."""

    def __init__(
        self, failures: int = FAILURES, pause: float = PAUSE, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit, self._pause, self._clock = failures, pause, clock
        self._lock = threading.Lock()
        self._failed = 0
        self._until = 0.0
        self.reason = ""

    def paused(self) -> float:
        """Seconds for which nothing should be asked, 0 when a call may be made (which is then the one that tries)."""
        with self._lock:
            if self._failed < self._limit:
                return 0.0
            left = self._until - self._clock()
            if left <= 0:
                self._until = self._clock() + self._pause  # the others wait for what this call finds
                return 0.0
            return left

    def succeeded(self) -> None:
        with self._lock:
            self._failed = 0

    def failed(self, reason: str) -> None:
        with self._lock:
            self._failed += 1
            self.reason = reason
            if self._failed >= self._limit:
                self._until = self._clock() + self._pause
