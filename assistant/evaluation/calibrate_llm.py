"""Fits the numbers in `steps/llm_calibration.json` to the article's cases, read with the language model of ASSISTANT_MODEL.

    python -m assistant.evaluation.calibrate_llm --idk-mrc train.json --folds DIR            # prints what it would write
    python -m assistant.evaluation.calibrate_llm --idk-mrc train.json --folds DIR --write

Logistic regression on what `steps.llm.weigh` gives: the log odds of the embedded evidence and of the model's P(yes), and
what became of its draft. The embedded evidence is that of `calibrate`, out of fold (and with its `--folds`), as it will be on
new questions, and so are the figures printed. Questions within dialogues are left out: what the model is shown of those
depends on what it answered before. `--limit` asks only so many, spread over the cases (600 took half an hour of a small model on two
cores), `--cases` those of other files or folders.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.app import build, llm_reader
from assistant.evaluation.calibrate import DECLINED, auc, fit_answering, named, out_of_fold, threshold_for
from assistant.evaluation.runs import Corpora, find_cases, spread
from assistant.evaluation.samples import FOLDS, Array, collect, collect_idk_mrc
from assistant.messages import catalogue
from assistant.settings import load_settings
from assistant.steps.llm import LLMCalibration, LLMReader, LLMReading
from assistant.steps.read import Asked
from assistant.types import Judgement

EXPECTED = {"embedded": 1.0, "yes": 0.3, "word": 0.8, "declined": -0.3, "unsupported": -0.2}
"""What each evidence is expected to weigh before any case is seen."""
L2 = 0.2
"""Of 0.002, 0.02 and 0.2 this keeps most out of fold: where all evidence is strong, weights grow without bound."""
OUTPUT = Path(__file__).parents[1] / "steps" / "llm_calibration.json"


async def read(reader: LLMReader, asked: Sequence[Asked]) -> list[dict[str, float]]:
    """The evidence of each question, one after the other: a server on this machine has one place. Its connections are
    closed in the end."""
    found = []
    try:
        for each in asked:
            reading = reader.open(each)
            assert isinstance(reading, LLMReading)
            try:
                await reading.judge()
            finally:
                await reading.close()
            found.append(dict(reading.evidence))
    finally:
        await reader.chat.close()
    return found


def fit(
    values: Array, answerable: NDArray[np.bool_], fold: NDArray[np.int_], names: Sequence[str]
) -> tuple[Array, Array]:
    """The weights (names, then the bias), and the probability of each question by those of the other folds."""
    counts = np.ones(len(values))
    chance = np.zeros(len(values))
    for k in range(FOLDS):
        weights = fit_answering(values[fold != k], answerable[fold != k], counts[fold != k], names, EXPECTED, L2)
        chance[fold == k] = 1 / (1 + np.exp(-(values[fold == k] @ weights[:-1] + weights[-1])))
    return fit_answering(values, answerable, counts, names, EXPECTED, L2), chance


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Fit steps/llm_calibration.json to the article's cases.")
    parser.add_argument("--root", type=Path, default=Path(), help="the repository")
    parser.add_argument("--cases", type=Path, nargs="*", help="files or folders of cases (default evals/cases)")
    parser.add_argument("--limit", type=int, help="only that many questions, spread over the cases")
    parser.add_argument("--idk-mrc", type=Path, required=True, help="train.json of IDK-MRC")
    parser.add_argument(
        "--folds", type=Path, metavar="DIR", help="networks that have not learned from the cases they read"
    )
    parser.add_argument("--write", action="store_true", help="write the file instead of only measuring")
    options = parser.parse_args()
    settings = load_settings()
    assistant = build(settings)
    if assistant.chat is None:
        parser.error("ASSISTANT_MODEL names no language model")
    corpora = Corpora(options.root / "seeds", options.root / "evals" / "corpora")
    samples = collect_idk_mrc(options.idk_mrc) + collect(
        find_cases([options.root / "evals" / "cases"], corpora), corpora, options.folds
    )
    tried = out_of_fold(samples)
    single = [
        case
        for case in find_cases(options.cases or [options.root / "evals" / "cases"], corpora)
        if case.corpus == "article" and len(case.asks) == 1
    ]
    wanted = {case.asks[0].question for case in spread(single, options.limit or len(single))}
    chosen = [
        n
        for n, sample in enumerate(samples)
        if sample.corpus == "article" and not sample.asked.history and sample.asked.question in wanted
    ]
    reader = llm_reader(assistant.chat, assistant.embeddings, settings, LLMCalibration(EXPECTED, 0.0, 0.0))
    asked = [
        Asked(
            samples[n].asked,
            tried.retrievals[n],
            Judgement("answered", float(min(tried.chance[n], 1 - 1e-6)), ()),
            catalogue(samples[n].question.language),
            samples[n].question.language,
        )
        for n in chosen
    ]
    rows = asyncio.run(read(reader, asked))
    names = list(EXPECTED)
    values = np.array([[row[name] for name in names] for row in rows])
    answerable = np.array([samples[n].answerable for n in chosen])
    weights, chance = fit(values, answerable, tried.fold[chosen], names)
    threshold = threshold_for(chance[~answerable])
    kept = float((chance[answerable] >= threshold).mean())
    embedded = tried.chance[chosen]
    alone = float((embedded[answerable] >= threshold_for(embedded[~answerable])).mean())
    measured = (
        f"{answerable.sum()} answerable, kept {kept:.2f} (embedded evidence alone {alone:.2f}); {(~answerable).sum()} "
        f"unanswerable, declined {DECLINED:.2f}; AUC {auc(chance[answerable], chance[~answerable]):.3f} "
        f"(embedded evidence alone {auc(embedded[answerable], embedded[~answerable]):.3f})"
    )
    print(measured)
    found = {
        "source": f"evals/cases ({len(chosen)} questions), read with {settings.model}; {dt.date.today()}",
        "command": "python -m assistant.evaluation.calibrate_llm --idk-mrc train.json --folds DIR --write"
        + (f" --limit {options.limit}" if options.limit else ""),
        "weights": named(names, weights[:-1]),
        "bias": round(float(weights[-1]), 4),
        "threshold": math.floor(threshold * 1000) / 1000,
        "measured": measured,
    }
    print(json.dumps(found, indent=1))
    if options.write:
        OUTPUT.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
