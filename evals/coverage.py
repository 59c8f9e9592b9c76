"""Risk and coverage on text that the assistant was not made for: what is kept where so much is declined.

    python evals/coverage.py --idk-mrc valid.json

IDK-MRC (Putri and Oh 2022), its paragraphs in one index; questions whose answer stands at another offset than they say are
left out. With the numbers that ship, the threshold alone is moved. Prints a Markdown table: for each share of the
unanswerable questions declined, the share of the answerable that is answered, and that is answered with the right sentence
among the first two; intervals are 95 %, by bootstrap over paragraphs.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.evaluation.calibrate import auc, cited, retrieval
from assistant.evaluation.samples import collect_idk_mrc
from assistant.evaluation.statistics import draws, interval
from assistant.steps.answerable import features
from assistant.steps.calibration import calibration

DECLINED = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)


def _mean(hits: NDArray[np.bool_], drawn: NDArray[np.float64]) -> str:
    found = interval(float(hits.mean()), list(drawn @ hits / drawn.sum(axis=1)), len(hits))
    return f"{found.value:.0%} ({found.low:.0%}–{found.high:.0%})"


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="What is kept where so much is declined.")
    parser.add_argument("--idk-mrc", type=Path, required=True, help="valid.json of IDK-MRC")
    path: Path = parser.parse_args().idk_mrc
    if not path.is_file():
        print(f"{path} is not there: --idk-mrc takes the file valid.json of IDK-MRC", file=sys.stderr)
        return 2
    numbers = calibration()
    weights = np.array(list(numbers.ranking.values()))
    samples = collect_idk_mrc(path)
    found = [retrieval(sample, weights) for sample in samples]
    chance = np.array([numbers.probability(features(each), each.passages[0].source.text) for each in found])
    right = np.array([cited(sample, each, 2) for sample, each in zip(samples, found, strict=True)])
    answerable = np.array([sample.answerable for sample in samples])
    drawn = draws([sample.cluster for sample in samples if sample.answerable])
    print(
        f"{answerable.sum():,} answerable and {(~answerable).sum():,} unanswerable questions on "
        f"{len({sample.cluster for sample in samples})} paragraphs; AUC {auc(chance[answerable], chance[~answerable]):.3f}.\n"
    )
    print("| unanswerable declined | answerable answered | with the right sentence in two |")
    print("|---:|---:|---:|")
    for share in DECLINED:
        kept = chance >= np.quantile(chance[~answerable], share)
        row = [_mean(hits[answerable], drawn) for hits in (kept, kept & right)]
        print(f"| {share:.0%} | {row[0]} | {row[1]} |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
