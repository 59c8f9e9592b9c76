"""A run as one self-contained HTML page that works offline."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from assistant.evaluation.facts import unsupported
from assistant.evaluation.metrics import METRICS, selective, steps_ms
from assistant.evaluation.records import Record, Run
from assistant.evaluation.statistics import Interval

TABLED = ("accuracy", "right", "declined", "recall_at_3", "citation_recall", "language_match")
"""The metrics of the tables by corpus, language and category."""

WIDTH, HEIGHT = 640, 260
"""Of a plot, in user units; the margins are within."""
LEFT, BOTTOM, TOP, RIGHT = 48, 34, 10, 12


@dataclass(frozen=True, slots=True)
class Row:
    """A stratum of the questions with its metrics; None where there is nothing to measure."""

    name: str
    count: int
    cells: tuple[Interval | None, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A step's median and 95th percentile in milliseconds, and where its bars end."""

    name: str
    median: float
    p95: float
    y: int
    median_x: float
    p95_x: float


def html(run: Run) -> str:
    """The page. Everything from cases, answers and sources is escaped."""
    records = run.records
    environment = Environment(
        loader=PackageLoader("assistant.evaluation"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["cell"] = cell
    environment.filters["path"] = path
    environment.filters["place"] = place
    wrong = [record for record in records if not record.verdict.right]
    return environment.get_template("report.html.jinja").render(
        run=run,
        name=run.folder.resolve().name,
        records=records,
        metrics=[(metric, metric.measure(records)) for metric in METRICS.values()],
        tabled=[METRICS[name] for name in TABLED],
        strata=[
            ("corpus", rows(records, lambda r: r.case.corpus)),
            ("language", rows(records, lambda r: r.case.language)),
            ("category", rows(records, lambda r: r.category)),
        ],
        curve=risk_coverage(records),
        bars=latency_bars(records),
        failures=sorted(wrong, key=lambda r: (r.case.corpus, r.verdict.problem, r.case.language)),
        unsupported=unsupported,
        plot={
            "width": WIDTH,
            "height": HEIGHT,
            "left": LEFT,
            "bottom": HEIGHT - BOTTOM,
            "top": TOP,
            "right": WIDTH - RIGHT,
        },
    )


def cell(found: Interval | None) -> str:
    """An interval for people: "0.912 (0.88–0.94)"; a dash where nothing was measured."""
    if found is None:
        return "–"
    digits = 3 if abs(found.value) < 10 else 1
    return f"{found.value:.{digits}f} ({found.low:.{digits - 1}f}–{found.high:.{digits - 1}f})"


def rows(records: Sequence[Record], stratum: Callable[[Record], str]) -> list[Row]:
    """A row for each stratum, by name."""
    found = []
    for name, group in groupby(sorted(records, key=stratum), key=stratum):
        members = list(group)
        found.append(Row(name, len(members), tuple(METRICS[metric].measure(members) for metric in TABLED)))
    return found


def risk_coverage(records: Sequence[Record]) -> list[tuple[float, float]]:
    """Points (coverage, risk), both 0..1, one for each threshold, the highest first; empty where there are no scores."""
    _, wrong, last = selective(records)
    failed = np.cumsum(wrong)
    return [((at + 1) / len(wrong), float(failed[at]) / (at + 1)) for at in np.unique(last).tolist()]


def place(point: tuple[float, float]) -> tuple[float, float]:
    """A point of the unit square in a plot's units, y upwards."""
    x, y = point
    return round(LEFT + x * (WIDTH - LEFT - RIGHT), 1), round(HEIGHT - BOTTOM - y * (HEIGHT - BOTTOM - TOP), 1)


def path(points: Iterable[tuple[float, float]]) -> str:
    """The points of the unit square as an SVG path."""
    return "M" + " L".join(f"{x},{y}" for x, y in map(place, points))


def latency_bars(records: Sequence[Record]) -> list[Bar]:
    """The steps of the answers with their latencies, on one scale."""
    steps = steps_ms(records)
    longest = max((p95 for _, p95 in steps.values()), default=0.0) or 1.0
    return [
        Bar(name, median, p95, TOP + 26 * at, 400 * median / longest, 400 * p95 / longest)
        for at, (name, (median, p95)) in enumerate(steps.items())
    ]
