from __future__ import annotations

import math

import numpy as np
import pytest

from assistant.evaluation.statistics import draws, interval, mcnemar


def test_a_group_is_drawn_as_one() -> None:
    drawn = draws(["a", "a", "b", "c", "c"], count=200)
    assert drawn.shape == (200, 5)
    assert (drawn[:, 0] == drawn[:, 1]).all() and (drawn[:, 3] == drawn[:, 4]).all()
    assert (drawn[:, [0, 2, 3]].sum(axis=1) == 3).all()
    assert (drawn == draws(["a", "a", "b", "c", "c"], count=200)).all()


def test_groups_widen_the_interval() -> None:
    """50 groups of 4 equal outcomes know as much as 50 outcomes, not as 200."""
    values = np.repeat(np.arange(50) % 2, 4).astype(float)

    def width(clusters: list[str]) -> float:
        found = interval(0.5, list(draws(clusters) @ values / draws(clusters).sum(axis=1)), 200)
        return found.high - found.low

    alone, grouped = width([str(n) for n in range(200)]), width([str(n // 4) for n in range(200)])
    assert alone == pytest.approx(2 * 1.96 * math.sqrt(0.25 / 200), rel=0.1)
    assert grouped == pytest.approx(2 * 1.96 * math.sqrt(0.25 / 50), rel=0.1)


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    generator = np.random.default_rng(7)
    covered = 0
    for _ in range(200):
        values = generator.random(100) < 0.8
        drawn = draws([str(n) for n in range(100)], count=400)
        found = interval(values.mean(), list(drawn @ values / 100), 100)
        covered += found.low <= 0.8 <= found.high
    assert covered / 200 >= 0.88


def test_samples_with_nothing_to_measure_are_left_out() -> None:
    found = interval(1.0, [math.nan, 1.0, 1.0], 3)
    assert (found.low, found.high) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("only_a", "only_b", "p"), [(0, 0, 1.0), (5, 5, 1.0), (0, 5, 0.0625), (1, 9, 22 / 1024), (9, 1, 22 / 1024)]
)
def test_mcnemars_exact_test(only_a: int, only_b: int, p: float) -> None:
    assert mcnemar(only_a, only_b) == pytest.approx(p)
