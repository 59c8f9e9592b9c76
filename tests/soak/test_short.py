"""A little of each part of the soak: enough to see that the promises hold, and that the soak itself works."""

from __future__ import annotations

from pathlib import Path

import pytest

from .__main__ import SCENARIOS
from .trial import Trial

SHORT = {
    "ingest-killed": 1, "slack-killed": 1, "damaged": 5, "half-copied": 1, "questions": 12, "batch-lines": 60, "sources": 15,
    "bodies": 30, "server-killed": 1,
}  # fmt: skip
"""How often. The others take long whatever the number, and are for `make soak`; their parts have tests of their own."""


@pytest.mark.parametrize("name", SHORT)
def test_a_little_of(name: str, tmp_path: Path) -> None:
    scenario, _ = SCENARIOS[name]
    trial = scenario(tmp_path, SHORT[name])
    assert (trial.wrong, trial.tried >= SHORT[name]) == ([], True)


def test_every_scenario_says_what_has_to_hold() -> None:
    assert all(scenario.__doc__ for scenario, _ in SCENARIOS.values())
    assert SHORT.keys() < SCENARIOS.keys()


def test_what_did_not_hold_is_shown() -> None:
    trial = Trial(tried=3)
    trial.hold([], "one is more than two")
    trial.none_of(["it is gone"], "the file")
    assert trial.row("name", 1.0).splitlines()[0].split()[:5] == ["name", "3", "tried", "2", "WRONG"]
    assert "the file: it is gone" in trial.row("name", 1.0)
    assert "NOT TRIED" in Trial().row("name", 1.0)
