"""How long something takes, of the clock and of the processor."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Time:
    """Milliseconds of the clock and of the processor."""

    clock: float = 0.0
    processor: float = 0.0

    @classmethod
    def now(cls) -> Time:
        return cls(time.perf_counter() * 1000, time.process_time() * 1000)

    @classmethod
    def of_thread(cls) -> Time:
        """The processor's of this thread alone."""
        return cls(time.perf_counter() * 1000, time.thread_time() * 1000)

    def __sub__(self, other: Time) -> Time:
        return Time(self.clock - other.clock, self.processor - other.processor)

    @classmethod
    def least(cls, times: Iterable[Time]) -> Time:
        """The least of the clock, and of the processor."""
        every = list(times)
        return cls(min(each.clock for each in every), min(each.processor for each in every))
