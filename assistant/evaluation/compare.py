"""Whether one run is better than another, question by question, and whether by more than chance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.errors import AssistantError, UsageError
from assistant.evaluation.metrics import METRICS, Metric
from assistant.evaluation.records import About, Record, Run
from assistant.evaluation.statistics import Interval, draws, interval, mcnemar

GUARDED = ("right", "declined", "dialogue_turns_right", "unsupported_facts", "verbatim", "markers_sound", "injected")
"""The metrics that make a run worse: what the program promises. The others are shown."""

MOST_ERRORS = 0.05
"""Share of the questions that may lack an answer in either run before nothing can be concluded."""

FEWEST_CHANGED = 6
"""Groups that must have changed before a change is more than chance: with k, the sign test's p is at least 2 ** (1 - k)."""


class NotMeasured(AssistantError):
    """The runs cannot be compared: exit status 3."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A metric in two runs over the questions that both answered; `change` is B less A with its paired interval.

    `changed` counts the groups in which a question differs (all of them, where the metric is no mean over questions).
    """

    metric: Metric
    a: float
    b: float
    change: Interval
    changed: int

    @property
    def significant(self) -> bool:
        return self.changed >= FEWEST_CHANGED and (self.change.low > 0 or self.change.high < 0)

    @property
    def worse(self) -> bool:
        """Significantly, in a guarded metric."""
        loss = self.change.value < 0 if self.metric.better == "higher" else self.change.value > 0
        return loss and self.significant and self.metric.name in GUARDED

    def line(self) -> str:
        change = self.change
        mark = ("worse" if self.worse else "differs") if self.significant else ""
        shown = f"{change.value:+.3f} ({change.low:+.3f} to {change.high:+.3f})"
        return f"{self.metric.name:<22}{self.a:>9.3f}{self.b:>9.3f}  {shown:<28} {mark}".rstrip()

    def as_json(self) -> dict[str, object]:
        change = self.change
        return {
            "a": self.a, "b": self.b, "change": change.value, "low": change.low, "high": change.high,
            "worse": self.worse, "count": change.count,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs side by side. `flipped` are the questions that are right in one run only: fixed in B, or broken."""

    differences: tuple[Difference, ...]
    pairs: int
    unpaired: int
    fixed: tuple[tuple[Record, Record], ...]
    broken: tuple[tuple[Record, Record], ...]
    p_value: float
    changed: tuple[str, ...]  # what fixes the outcome and differs between the runs

    @property
    def worse(self) -> tuple[Difference, ...]:
        return tuple(each for each in self.differences if each.worse)

    def lines(self) -> list[str]:
        """For people: the metrics, then what flipped."""
        said = [f"{self.pairs} questions in both runs, {self.unpaired} in one only or without an answer"]
        said += [f"differs: {', '.join(self.changed)}"] if self.changed else []
        said += ["", f"{'':<22}{'A':>9}{'B':>9}  {'B - A (95 % interval)':<28}"]
        said += [each.line() for each in self.differences]
        said += ["", f"right in B only {len(self.fixed)}, in A only {len(self.broken)}; McNemar p = {self.p_value:.3g}"]
        for word, pairs in (("fixed", self.fixed), ("broken", self.broken)):
            said += [
                f"{word:<7} {b.case.id}: {b.ask.question}  [{a.answer.status} -> {b.answer.status}]" for a, b in pairs
            ]
        return said

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "pairs": self.pairs,
            "unpaired": self.unpaired,
            "changed": list(self.changed),
            "metrics": {d.metric.name: d.as_json() for d in self.differences},
            "fixed": [list(b.key) for _, b in self.fixed],
            "broken": [list(b.key) for _, b in self.broken],
            "mcnemar_p": self.p_value,
            "worse": [each.metric.name for each in self.worse],
        }


def compare(a: Run, b: Run) -> Comparison:
    """Compares two runs on the questions that both answered.

    Intervals are of the paired difference, both runs seeing the same bootstrap samples of groups; p is McNemar's exact
    test on right and wrong.

    Raises:
        NotMeasured: they have no question in common, a question differs between them, or too many lack an answer.
    """
    of_a = {record.key: record for record in a.records}
    of_b = {record.key: record for record in b.records}
    keys = [key for key in of_a if key in of_b]
    if not keys:
        raise NotMeasured("the runs have no answered question in common")
    if other := next((key for key in keys if of_a[key].case != of_b[key].case), None):
        raise NotMeasured(f"case {other[0]} is not the same in both runs: run both on the same cases")
    asked = {(each.case.id, turn) for run in (a, b) for each in run.cases for turn in range(len(each.case.asks))}
    unpaired = len(asked) - len(keys)
    failed = len({name for run in (a, b) for name, _ in run.errors}) + max(a.missing, b.missing)
    if failed > MOST_ERRORS * len(asked):
        raise NotMeasured(
            f"{failed} cases lack an answer in one of the runs; go on with them by the same `assistant eval run`"
        )
    pairs = [(of_a[key], of_b[key]) for key in keys]
    fixed = tuple(pair for pair in pairs if pair[1].verdict.right and not pair[0].verdict.right)
    broken = tuple(pair for pair in pairs if pair[0].verdict.right and not pair[1].verdict.right)
    found = (_difference(metric, pairs) for metric in METRICS.values())
    return Comparison(
        differences=tuple(each for each in found if each is not None),
        pairs=len(pairs),
        unpaired=unpaired,
        fixed=fixed,
        broken=broken,
        p_value=mcnemar(len(broken), len(fixed)),
        changed=_changed(a.about, b.about),
    )


def _difference(metric: Metric, pairs: Sequence[tuple[Record, Record]]) -> Difference | None:
    left, right = (metric.estimate([pair[side] for pair in pairs]) for side in (0, 1))
    ones = np.ones(len(pairs))
    a, b = left(ones), right(ones)
    if math.isnan(a) or math.isnan(b):
        return None
    samples = [right(weights) - left(weights) for weights in draws([pair[0].case.cluster for pair in pairs])]
    measured, changed = pairs, pairs
    if of := metric.per_question:
        measured = [pair for pair in pairs if any(of(side) is not None for side in pair)]
        changed = [pair for pair in pairs if of(pair[0]) != of(pair[1])]
    groups = {pair[0].case.cluster for pair in changed}
    return Difference(metric, a, b, interval(b - a, samples, len(measured)), len(groups))


def _changed(a: About, b: About) -> tuple[str, ...]:
    """Names of what differs, programs' facts by their own names."""
    ours, theirs = (
        {(corpus, name): value for corpus, facts in about.programs.items() for name, value in facts.items()}
        for about in (a, b)
    )
    names = {name for corpus, name in ours | theirs if ours.get((corpus, name)) != theirs.get((corpus, name))}
    names |= {name for name in ("digest", "python", "machine") if getattr(a, name) != getattr(b, name)}
    return tuple(sorted(names))


def parse_limits(given: Sequence[str]) -> dict[str, float]:
    """`metric=value` options by metric.

    Raises:
        UsageError: not of that form, or no such metric.
    """
    limits = {}
    for text in given:
        name, _, value = text.partition("=")
        if name not in METRICS:
            raise UsageError(f"{name}: no such metric; there are {', '.join(METRICS)}")
        try:
            limits[name] = float(value)
        except ValueError:
            limits[name] = math.nan
        if not math.isfinite(limits[name]):
            raise UsageError(f"{text}: write metric=value, e.g. right=0.9")
    return limits


def past_limits(records: Sequence[Record], low: Mapping[str, float], high: Mapping[str, float]) -> list[str]:
    """The limits that a run does not keep, in words.

    Raises:
        NotMeasured: a metric has nothing to measure in the run.
    """
    found = []
    for limits, word, sign in ((low, "below", 1), (high, "above", -1)):
        for name, limit in limits.items():
            measured = METRICS[name].measure(records)
            if measured is None:
                raise NotMeasured(f"{name} has nothing to measure in this run")
            if sign * (limit - measured.value) > 0:
                found.append(f"{name} is {measured.value:.3f}, {word} {limit:g}")
    return found
