"""How sure a figure is: intervals by the bootstrap over groups, and McNemar's test for pairs.

A question and its translations stand or fall together, so what is drawn again and again is the group, not the question
(cluster bootstrap: Field and Welsh 2007; for evaluations: Miller 2024, "Adding Error Bars to Evals").
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Weights = NDArray[np.float64]

DRAWS = 2_000
SEED = 20190219


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its 95 % interval. `count`: on how many questions it rests."""

    value: float
    low: float
    high: float
    count: int


def draws(clusters: Sequence[str], count: int = DRAWS, seed: int = SEED) -> Weights:
    """How often each observation is in each bootstrap sample: count x observations.

    The clusters are drawn with replacement, as many as there are. The same clusters give the same draws.
    """
    names, member = np.unique(np.array(clusters, dtype=str), return_inverse=True)
    generator = np.random.default_rng(seed)
    drawn = generator.multinomial(len(names), np.full(len(names), 1 / len(names)), size=count)
    return np.asarray(drawn[:, member], dtype=np.float64)


def interval(value: float, samples: Sequence[float], count: int) -> Interval:
    """The percentile interval of bootstrap estimates; samples in which nothing could be measured (NaN) are left out."""
    known = np.array(samples, dtype=float)
    known = known[~np.isnan(known)]
    low, high = np.quantile(known, [0.025, 0.975]) if known.size else (math.nan, math.nan)
    return Interval(value, float(low), float(high), count)


def mcnemar(only_a: int, only_b: int) -> float:
    """The two-sided exact p-value (0..1) of McNemar's test.

    `only_a` and `only_b` count the pairs that are right in one run only; the others say nothing about a difference.
    """
    flips = only_a + only_b
    if not flips:
        return 1.0
    tail = sum(math.comb(flips, k) for k in range(min(only_a, only_b) + 1)) / 2**flips
    return min(1.0, 2.0 * float(tail))
