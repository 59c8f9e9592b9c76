"""What the measurements share: programs in turn, and tables and goals in Markdown."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

Times = dict[str, list[float]]
"""Milliseconds by the name of what took them, in the order of the rounds."""

Clock = Callable[[], float]
"""Seconds: of the wall (`time.perf_counter`), or of the processor, all threads together (`time.process_time`)."""


class NotMeasured(Exception):
    """A program under measurement did not do its work; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What the project wants of a figure: at most `limit`, or at least it."""

    name: str
    measured: float
    limit: float
    unit: str = ""
    at_least: bool = False

    @property
    def is_reached(self) -> bool:
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    def row(self) -> tuple[str, ...]:
        sign = "≥" if self.at_least else "≤"
        reached = "yes" if self.is_reached else "**no**"
        return self.name, f"{self.measured:.2f}{self.unit}", f"{sign} {self.limit:g}{self.unit}", reached


@dataclass(frozen=True, slots=True)
class Part:
    """A measurement: its title, how it was made, its table, and the goals that it tells of."""

    title: str
    how: str
    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    goals: tuple[Goal, ...] = ()

    def markdown(self) -> str:
        return f"## {self.title}\n\n{self.how}\n\n{table(self.header, self.rows)}\n"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, all columns but the first to the right."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(each)} |" for each in lines)


def in_turn(programs: Mapping[str, Callable[[T], object]], asked: Sequence[T], *clocks: Clock) -> tuple[Times, ...]:
    """How long each program takes for each thing asked, by each clock: all for one before the next, another one first each
    time, so that whatever else the machine does meets all alike."""
    times: tuple[Times, ...] = tuple({name: [] for name in programs} for _ in clocks)
    names = list(programs)
    for number, each in enumerate(asked):
        first = number % len(names)
        for name in (*names[first:], *names[:first]):
            begun = [clock() for clock in clocks]
            programs[name](each)
            for found, clock, before in zip(times, clocks, begun, strict=True):
                found[name].append((clock() - before) * 1000)
    return times


def p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]


def of_pairs(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the ratios within the pairs, ours by theirs: below 1, ours is faster."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
