"""Answerable: can the passages found answer the question? A small calibrated model over evidence that can be named.

Logistic regression over the evidence that `features` gives; its weights and threshold come from `calibration`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from assistant.steps import evidence
from assistant.steps.calibration import Calibration
from assistant.text.tokens import Token
from assistant.types import Check, Judgement, Retrieval, Status

NUMERIC = frozenset({"number", "ordinal", "month", "year"})


def answerable(retrieval: Retrieval, calibrated: Calibration) -> Judgement:
    """Judges a retrieval: answered, or not in the sources, with the evidence in words."""
    if not retrieval.passages:
        return Judgement("not_in_sources", 0.0, tuple(Check("absent", "missing", t.text) for t in retrieval.absent))
    probability = calibrated.probability(features(retrieval, calibrated.similarity))
    status: Status = "answered" if probability >= calibrated.threshold else "not_in_sources"
    return Judgement(status, probability, (*_checks(retrieval), Check("probability", "found", f"{probability:.2f}")))


def features(retrieval: Retrieval, similarity: Mapping[str, float]) -> dict[str, float]:
    """The evidence by name, about 0..1 each.

    `absent`: no candidate holds the word; `far`: some candidate does, but not the best one nor the sentences beside it.
    """
    question, best = retrieval.question, retrieval.passages[0]
    tokens, weights = question.content, retrieval.weights
    absent = frozenset(retrieval.absent)
    held = evidence.bag_of(best)
    around = [held, *(evidence.bag_of(best, text) for text in (best.before, best.after) if text)]
    far = frozenset(token for token, strength in zip(tokens, best.near, strict=True) if not strength) - absent
    level = similarity.get(question.language.split("-")[0], similarity["other"])

    def count(tokens: frozenset[Token], kinds: frozenset[str]) -> float:
        return float(sum(token.kind in kinds for token in tokens))

    def share(fits: Callable[[Token], bool]) -> float:
        return evidence.share(weights, [float(fits(token)) for token in tokens])

    return {
        "similarity": 10 * (max(p.similarity for p in retrieval.passages) - level),
        "held": evidence.share(weights, best.held),
        "near": evidence.share(weights, best.near),
        "absent_names": count(absent, frozenset({"name"})),
        "absent_numbers": count(absent, NUMERIC),
        "absent_known": share(lambda t: t in absent and t.kind == "word" and bool(t.concepts)),
        "absent_unknown": share(lambda t: t in absent and t.kind == "word" and not t.concepts),
        "far_names": count(far, frozenset({"name"})),
        "far_numbers": count(far, NUMERIC),
        "far_words": share(lambda t: t in far and t.kind == "word"),
        "kind_missing": float(not evidence.has_kind(question.asks, held)),
        "kind_far": float(not any(evidence.has_kind(question.asks, one) for one in around)),
        "few_words": float(len(tokens) < 2),
        "unasked": float(not question.spans),
    }


def _checks(retrieval: Retrieval) -> tuple[Check, ...]:
    question, best = retrieval.question, retrieval.passages[0]
    found = ", ".join(token.text for token, held in zip(question.content, best.held, strict=True) if held)
    checks = [Check("absent", "missing", token.text) for token in retrieval.absent]
    if found:
        checks.append(Check("coverage", "found", found))
    if not evidence.has_kind(question.asks, evidence.bag_of(best)):
        checks.append(Check("answer_type", "missing", question.asks))
    checks.append(Check("similarity", "found", f"{best.similarity:.2f}"))
    return tuple(checks)
