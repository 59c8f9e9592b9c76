"""Answerable: can the passages found answer the question? A small calibrated model over evidence that can be named.

Logistic regression over the features of `features`; weights, means and the threshold are in `calibration.json` with the
command and the data that made them (`python -m assistant.evaluation.calibrate`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from assistant.steps import evidence
from assistant.types import Check, Judgement, Retrieval


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights of the evidence, by feature name; `threshold` (0..1) is the probability from which a question is answered."""

    bias: float
    weights: Mapping[str, float]
    threshold: float
    similarity: Mapping[str, float]  # mean similarity of the best passage, by the question's language

    def probability(self, values: Mapping[str, float]) -> float:
        """The calibrated probability (0..1) that the passages answer."""
        return 1.0 / (1.0 + math.exp(-self.bias - sum(self.weights[name] * value for name, value in values.items())))


@cache
def calibration() -> Calibration:
    """The calibration that ships with the program."""
    found = json.loads(files(__package__).joinpath("calibration.json").read_text(encoding="utf-8"))
    return Calibration(found["bias"], found["weights"], found["threshold"], found["similarity"])


def answerable(retrieval: Retrieval, calibrated: Calibration) -> Judgement:
    """Judges a retrieval: answered, or not in the sources, with the evidence in words."""
    if not retrieval.passages:
        return Judgement("not_in_sources", 0.0, tuple(Check("absent", "missing", t.text) for t in retrieval.absent))
    probability = calibrated.probability(features(retrieval, calibrated.similarity))
    status = "answered" if probability >= calibrated.threshold else "not_in_sources"
    return Judgement(status, probability, (*_checks(retrieval), Check("probability", "found", f"{probability:.2f}")))


def features(retrieval: Retrieval, similarity: Mapping[str, float]) -> dict[str, float]:
    """The evidence by name, each about 0..1; the question and its best passages in, numbers out."""
    question, best = retrieval.question, retrieval.passages[0]
    language = question.language.split("-")[0]
    own = evidence.bag_of(best)
    pairs = list(zip(question.content, retrieval.weights, strict=True))
    whole = sum(weight for _, weight in pairs) or 1.0
    absent = set(retrieval.absent)

    def share(wanted: list[float]) -> float:
        return sum(wanted) / whole

    near = [own, *(evidence.bag_of(best, text) for text in (best.before, best.after) if text)]
    missing_near = [(t, w) for t, w in pairs if all(evidence.match(t, one) == 0 for one in near)]
    known = lambda t: bool(t.concepts)  # noqa: E731
    return {
        "similarity": 10 * (max(p.similarity for p in retrieval.passages) - similarity.get(language, similarity["other"])),
        "lexical": best.lexical,
        "near": best.near,
        "absent_names": float(sum(t.kind == "name" for t in absent)),
        "absent_years": float(sum(t.kind == "year" for t in absent)),
        "absent_numbers": float(sum(t.kind in ("number", "ordinal", "month") for t in absent)),
        "absent_known": share([w for t, w in pairs if t in absent and t.kind == "word" and known(t)]),
        "absent_unknown": share([w for t, w in pairs if t in absent and t.kind == "word" and not known(t)]),
        "far_names": float(sum(t.kind == "name" and t not in absent for t, _ in missing_near)),
        "far_numbers": float(sum(t.kind in ("number", "ordinal", "month", "year") and t not in absent for t, _ in missing_near)),
        "far_words": share([w for t, w in missing_near if t not in absent and t.kind == "word"]),
        "kind_missing": float(not evidence.has_kind(question.asks, own)),
        "kind_far": float(not any(evidence.has_kind(question.asks, one) for one in near)),
        "few_words": float(len(question.content) < 2),
        "no_question_word": float(not question.spans),
    }


def _checks(retrieval: Retrieval) -> tuple[Check, ...]:
    question, best = retrieval.question, retrieval.passages[0]
    own = evidence.bag_of(best)
    found = ", ".join(token.text for token in question.content if evidence.match(token, own))
    checks = [Check("absent", "missing", token.text) for token in retrieval.absent]
    if found:
        checks.append(Check("coverage", "found", found))
    if not evidence.has_kind(question.asks, own):
        checks.append(Check("answer_type", "missing", question.asks))
    checks.append(Check("similarity", "found", f"{best.similarity:.2f}"))
    return tuple(checks)

