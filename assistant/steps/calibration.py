"""The numbers that decide, and where they come from: `calibration.json`, made by `python -m assistant.evaluation.calibrate`."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights by the name of their feature; the names are those that `rank` and `answerable` give.

    `threshold` (0..1) is the probability from which a question is answered. `learned` are the texts (SHA-256) of which the
    network that reads has learned many questions: the article. What it reads in others is believed less, by `unlearned` (log odds,
    negative).
    """

    ranking: Mapping[str, float]
    answering: Mapping[str, float]
    bias: float
    threshold: float
    learned: frozenset[str]
    unlearned: float

    def probability(self, values: Mapping[str, float], text: str) -> float:
        """The calibrated probability (0..1) that passages with this evidence, the best of them from this text, answer.

        Raises:
            KeyError: a feature without a weight.
        """
        bias = self.bias + (0.0 if _digest(text) in self.learned else self.unlearned)
        return 1.0 / (1.0 + math.exp(-bias - sum(self.answering[name] * value for name, value in values.items())))


@lru_cache(maxsize=32)
def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def calibration() -> Calibration:
    """The calibration that ships with the program."""
    found = json.loads(files(__package__).joinpath("calibration.json").read_text(encoding="utf-8"))
    numbers = {name: found[name] for name in Calibration.__dataclass_fields__}
    return Calibration(**numbers | {"learned": frozenset(found["learned"])})
