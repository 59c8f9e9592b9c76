"""The numbers that decide, and where they come from: `calibration.json`, made by `python -m assistant.evaluation.calibrate`."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights by the name of their feature; the names are those that `rank` and `answerable` give.

    `threshold` (0..1) is the probability from which a question is answered.
    """

    ranking: Mapping[str, float]
    answering: Mapping[str, float]
    bias: float
    threshold: float

    def probability(self, values: Mapping[str, float]) -> float:
        """The calibrated probability (0..1) that the passages answer.

        Raises:
            KeyError: a feature without a weight.
        """
        return 1.0 / (1.0 + math.exp(-self.bias - sum(self.answering[name] * value for name, value in values.items())))


@cache
def calibration() -> Calibration:
    """The calibration that ships with the program."""
    found = json.loads(files(__package__).joinpath("calibration.json").read_text(encoding="utf-8"))
    return Calibration(**{name: found[name] for name in Calibration.__dataclass_fields__})
