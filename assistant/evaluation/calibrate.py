"""Fits the numbers in `steps/calibration.json` to the evaluation cases.

    python -m assistant.evaluation.calibrate --idk-mrc train.json            # prints what it would write, cross-validated
    python -m assistant.evaluation.calibrate --idk-mrc train.json --folds DIR --write

`--folds` has the networks that `evals/fit_interaction.py` made for this: the one that ships has learned from the cases, so what it
tells of them is no measure of what it tells of new questions, and each case is read by one that has not.

`--idk-mrc` is the training split of IDK-MRC (Putri and Oh 2022, github.com/rifkiaputri/IDK-MRC; derived from TyDi QA, CC
BY-SA): `PARAGRAPHS` of its Indonesian Wikipedia paragraphs in one index, with their questions, half of them unanswerable
near misses. They count `IDK_WEIGHT` each, so that what is learned is not the manner of our own few texts.

Ranking: a softmax over each question's candidates, the gold sentences being the right ones (ListNet, Cao et al. 2007).
Answering: logistic regression on the evidence for the passages so ranked; the rankings used for it are out of fold,
so that the evidence looks as it will on new questions. Folds are drawn by group: a question and its translations are
never on both sides. The threshold is where, out of fold, `DECLINED` of the article's unanswerable questions are declined; for other
texts the bias is less by as much as it takes to decline `DECLINED_UNLEARNED` of theirs.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from assistant.evaluation.runs import Corpora, find_cases
from assistant.evaluation.samples import FOLDS, IDK, Array, Sample, collect, collect_idk_mrc, folds
from assistant.steps import rank
from assistant.steps.answerable import features
from assistant.steps.retrieve import absent
from assistant.types import Retrieval

L2_RANKING = 1e-3
L2_ANSWERING = 5e-4
"""With 5e-4 and 1e-4 as many are kept where as many are declined; 2e-3 kept fewer with the network of an earlier fit."""
STEPS, RATE = 600, 0.1
EXPECTED = {
    "held": 1.0, "near": 1.0,
    "absent_countries": -2.0, "absent_names": -2.0, "absent_numbers": -2.0,
    "absent_actors": -1.0, "absent_things": -1.0, "absent_attributes": -1.2, "absent_events": -1.0, "absent_others": -0.4,
    "absent_focus": -1.0, "absent_unknown": -0.2, "absent_unknown_here": -0.5,
    "far_countries": -1.0, "far_names": -0.5, "far_speakers": -0.1, "far_numbers": -0.5, "far_words": -0.2, "far_events": -0.5,
    "kind_missing": -1.0, "kind_far": -1.5, "kind_far_exact": -1.0, "far_focus": -0.5, "unbound": -1.0, "uncounted": -1.5,
    "contradicted": -3.0, "another_date": -1.5, "another_title": -2.0,
    "order_missing": -1.5, "superlative_missing": -0.7, "negation_missing": -2.0, "own_view": -3.0,
    "read": 0.4, "nothing": -1.0, "length": 0.0, "unasked": 0.0,
}  # fmt: skip
"""What each evidence is expected to weigh before any case is seen; 0: either way."""
DECLINED = 0.84
"""Of the article's unanswerable questions. Out of fold as many of the answerable ones are then answered with the right sentence."""
DECLINED_UNLEARNED = 0.70
"""Of the unanswerable questions on other texts. With the article's bias it would be 0.64: what the network reads in a text of which
it has learned few questions is less sure than it looks."""
IDK_WEIGHT = 0.25
"""With half of a sample's weight more is kept of IDK-MRC (area under the curve 0.777, not 0.773) and less of the article
(0.936, not 0.938)."""
OUTPUT = Path(__file__).parents[1] / "steps" / "calibration.json"


def importance(samples: Sequence[Sample]) -> Array:
    """How much each sample counts."""
    return np.array([IDK_WEIGHT if sample.corpus == IDK else 1.0 for sample in samples])


# --- fitting -------------------------------------------------------------------------------------------------------


def fit_ranking(samples: Sequence[Sample]) -> Array:
    """The weights (features) that make the gold candidates most probable; each corpus counts as much as any other, or they would be
    the article's alone."""
    used = [sample for sample in samples if sample.right.any() and not sample.right.all()]
    corpora = Counter(sample.corpus for sample in used)
    counts = np.array([1 / corpora[sample.corpus] for sample in used]) / len(corpora)
    longest = max(len(sample.right) for sample in used)
    rows = np.zeros((len(used), longest, used[0].rows.shape[1]))
    right = np.zeros((len(used), longest), dtype=bool)
    real = np.zeros((len(used), longest), dtype=bool)
    for at, sample in enumerate(used):
        rows[at, : len(sample.right)] = sample.rows
        right[at, : len(sample.right)] = sample.right
        real[at, : len(sample.right)] = True

    def gradient(weights: Array) -> Array:
        scores = np.where(real, rows @ weights, -np.inf)
        chance = np.exp(scores - scores.max(axis=1, keepdims=True))
        chance /= chance.sum(axis=1, keepdims=True)
        gold = np.where(right, chance, 0.0)
        gold /= gold.sum(axis=1, keepdims=True)
        slope: Array = np.einsum("ncf,nc,n->f", rows, chance - gold, counts) + 2 * L2_RANKING * weights
        return slope

    return _descend(gradient, rows.shape[2])


def fit_answering(
    values: Array,
    labels: NDArray[np.bool_],
    counts: Array,
    names: Sequence[str],
    expectations: Mapping[str, float] = MappingProxyType(EXPECTED),
    pull: float = L2_ANSWERING,
) -> Array:
    """The weights (features, then the bias) of a logistic regression; samples count as given, both classes the same.

    The ridge, as strong as `pull`, draws each weight towards what is expected of it, and no weight takes the other sign:
    evidence against an answer never speaks for it, however few cases show it.
    """
    inputs = np.hstack([values, np.ones((len(values), 1))])
    balance = counts * np.where(labels, 0.5 / counts[labels].sum(), 0.5 / counts[~labels].sum())
    expected = np.array([expectations[name] for name in names] + [0.0])
    ridge = np.append(np.full(len(names), pull), 0.0)
    low = np.append(np.where(expected[:-1] > 0, 0.0, -np.inf), -np.inf)
    high = np.append(np.where(expected[:-1] < 0, 0.0, np.inf), np.inf)

    def gradient(weights: Array) -> Array:
        chance = 1 / (1 + np.exp(-inputs @ weights))
        slope: Array = inputs.T @ (balance * (chance - labels)) + 2 * ridge * (weights - expected)
        return slope

    return _descend(gradient, inputs.shape[1], low, high)


def _descend(
    gradient: Callable[[Array], Array], size: int, low: Array | float = -np.inf, high: Array | float = np.inf
) -> Array:
    """Adam (Kingma and Ba 2015) on a convex function within bounds: deterministic, from zero."""
    weights, first, second = np.zeros(size), np.zeros(size), np.zeros(size)
    for step in range(1, STEPS + 1):
        slope = gradient(weights)
        first = 0.9 * first + 0.1 * slope
        second = 0.999 * second + 0.001 * slope**2
        weights = weights - RATE * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
        weights = np.clip(weights, low, high)
    return weights


# --- the whole -----------------------------------------------------------------------------------------------------


def retrieval(sample: Sample, weights: Array) -> Retrieval:
    """The retrieval of a sample under ranking weights."""
    scored = [
        replace(passage, score=float(row @ weights))
        for passage, row in zip(sample.candidates, sample.rows, strict=True)
    ]
    ranked = sorted(scored, key=lambda passage: (-passage.score, passage.number))[:12]
    read = rank.to_read(ranked)
    best = rank.reordered((*ranked[:read], *(replace(passage, answers=None) for passage in ranked[read:])))
    return Retrieval(sample.question, best, sample.weights, absent(sample.question, scored))


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """What samples look like to weights that were fitted without them: `chance` (samples) is the probability that the
    sources answer, `evidence` (samples x features) what it rests on, `hit` and `hit2` whether gold is first, or in two."""

    fold: NDArray[np.int_]
    retrievals: list[Retrieval]
    names: list[str]
    evidence: Array
    hit: NDArray[np.bool_]
    hit2: NDArray[np.bool_]
    chance: Array


def out_of_fold(samples: Sequence[Sample]) -> OutOfFold:
    """Ranking and answering of every sample by weights fitted on the other folds."""
    fold = folds(samples)
    ranking = [fit_ranking([s for s, f in zip(samples, fold, strict=True) if f != k]) for k in range(FOLDS)]
    retrievals = [retrieval(sample, ranking[f]) for sample, f in zip(samples, fold, strict=True)]
    rows = [features(found) for found in retrievals]
    names = list(rows[0])
    evidence = np.array([list(row.values()) for row in rows])
    hit = np.array([cited(sample, found, 1) for sample, found in zip(samples, retrievals, strict=True)])
    hit2 = np.array([cited(sample, found, 2) for sample, found in zip(samples, retrievals, strict=True)])
    teach, answerable = teaching(samples, hit2), np.array([sample.answerable for sample in samples])
    counts = importance(samples)
    chance = np.zeros(len(samples))
    for k in range(FOLDS):
        used = teach & (fold != k)
        weights = fit_answering(evidence[used], answerable[used], counts[used], names)
        chance[fold == k] = 1 / (1 + np.exp(-(evidence[fold == k] @ weights[:-1] + weights[-1])))
    return OutOfFold(fold, retrievals, names, evidence, hit, hit2, chance)


def teaching(samples: Sequence[Sample], hit2: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The samples to learn answering from: an answerable one whose passages are wrong teaches nothing about it."""
    answerable = np.array([sample.answerable for sample in samples], dtype=bool)
    taught: NDArray[np.bool_] = hit2 | ~answerable
    return taught


COMMAND = "python -m assistant.evaluation.calibrate --idk-mrc train.json --folds DIR --write"


def calibrate(samples: Sequence[Sample]) -> tuple[dict[str, object], list[str]]:
    """The contents of calibration.json, and what was measured out of fold, in words."""
    ranking_names = list(rank.features(samples[0].question, samples[0].weights, samples[0].candidates[:1])[0])
    tried = out_of_fold(samples)
    answerable = np.array([sample.answerable for sample in samples])
    teach, counts = teaching(samples, tried.hit2), importance(samples)
    shipped = np.array([sample.corpus == "article" for sample in samples])
    threshold = threshold_for(tried.chance[~answerable & shipped])
    others = threshold_for(tried.chance[~answerable & ~shipped], DECLINED_UNLEARNED)
    unlearned = min(0.0, float(log_odds(threshold) - log_odds(others)))
    chance = np.where(shipped, tried.chance, 1 / (1 + np.exp(-log_odds(tried.chance) - unlearned)))
    learned = {passage.source.text for sample in samples if sample.corpus == "article" for passage in sample.candidates}
    final = fit_answering(tried.evidence[teach], answerable[teach], counts[teach], tried.names)
    ranking = fit_ranking(samples)
    own = sum(sample.corpus != IDK for sample in samples)
    report = _measured(samples, chance, answerable, tried.hit, tried.hit2, threshold)
    return {
        "source": f"evals/cases ({own} questions), {len(samples) - own} of the training split of IDK-MRC; {dt.date.today()}",
        "command": COMMAND,
        "ranking": named(ranking_names, ranking),
        "answering": named(tried.names, final[:-1]),
        "bias": round(float(final[-1]), 4),
        "threshold": round(threshold, 3),
        "learned": sorted(hashlib.sha256(text.encode()).hexdigest() for text in learned),
        "unlearned": round(unlearned, 4),
        "measured": report,
    }, report


def log_odds(chance: Array | float) -> Array:
    """Of probabilities (0..1), which are bounded by a millionth."""
    bounded = np.clip(chance, 1e-6, 1 - 1e-6)
    odds: Array = np.log(bounded / (1 - bounded))
    return odds


def threshold_for(unanswerable: Array, declined: float = DECLINED) -> float:
    """The probability below which that share of the unanswerable questions are."""
    return float(np.quantile(unanswerable, declined))


def cited(sample: Sample, found: Retrieval, top: int) -> bool:
    right = {candidate.number for candidate, good in zip(sample.candidates, sample.right, strict=True) if good}
    return any(passage.number in right for passage in found.passages[:top])


def named(names: Sequence[str], values: Array) -> Mapping[str, float]:
    return {name: round(float(value), 4) for name, value in zip(names, values, strict=True)}


def _measured(
    samples: Sequence[Sample],
    chance: Array,
    answerable: NDArray[np.bool_],
    hit: NDArray[np.bool_],
    hit2: NDArray[np.bool_],
    threshold: float,
) -> list[str]:
    lines = []
    for name, member in _strata(samples):
        yes, no = member & answerable, member & ~answerable
        if yes.sum() < 5 or no.sum() < 5:
            continue
        lines.append(
            f"{name}: {yes.sum()} answerable, gold first {hit[yes].mean():.2f}, in two {hit2[yes].mean():.2f}, "
            f"kept {(chance[yes] >= threshold).mean():.2f}, kept and in two {(hit2[yes] & (chance[yes] >= threshold)).mean():.2f}; "
            f"{no.sum()} unanswerable, declined {(chance[no] < threshold).mean():.2f}; AUC {auc(chance[yes], chance[no]):.3f}"
        )
    return lines


def _strata(samples: Sequence[Sample]) -> list[tuple[str, NDArray[np.bool_]]]:
    corpora = sorted({sample.corpus for sample in samples})
    found = [("all", np.ones(len(samples), dtype=bool))]
    found += [(corpus, np.array([s.corpus == corpus for s in samples])) for corpus in corpora]
    languages = sorted({sample.language for sample in samples})
    found += [
        (f"article {lang}", np.array([s.corpus == "article" and s.language == lang for s in samples]))
        for lang in languages
    ]
    return found


def auc(positive: Array, negative: Array) -> float:
    """The chance (0..1) that a positive scores above a negative, ties counting half (Mann-Whitney)."""
    above = (positive[:, None] > negative[None, :]).mean()
    return float(above + 0.5 * (positive[:, None] == negative[None, :]).mean())


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Fit steps/calibration.json to the evaluation cases.")
    parser.add_argument("--root", type=Path, default=Path(), help="the repository")
    parser.add_argument("--idk-mrc", type=Path, required=True, help="train.json of IDK-MRC")
    parser.add_argument(
        "--folds", type=Path, metavar="DIR", help="networks that have not learned from the cases they read"
    )
    parser.add_argument("--write", action="store_true", help="write the file instead of only measuring")
    options = parser.parse_args()
    if options.write and not options.folds:
        parser.error("--write needs --folds: the network that ships has learned from the cases")
    corpora = Corpora(options.root / "seeds", options.root / "evals" / "corpora")
    samples = collect_idk_mrc(options.idk_mrc) + collect(
        find_cases([options.root / "evals" / "cases"], corpora), corpora, options.folds
    )
    found, report = calibrate(samples)
    print("\n".join(report))
    if options.write:
        OUTPUT.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
