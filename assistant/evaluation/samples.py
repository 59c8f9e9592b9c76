"""Questions with what is retrieved for them, to fit and to measure by: those of evaluation cases and of IDK-MRC."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.app import build
from assistant.evaluation.cases import TALK, Ask, Case
from assistant.evaluation.runs import Corpora
from assistant.models import graph
from assistant.models.interaction import log_odds
from assistant.settings import load_settings
from assistant.steps import rank
from assistant.steps.condense import condense
from assistant.steps.retrieve import Retriever
from assistant.text.markdown import quotation
from assistant.text.questions import Analysis
from assistant.types import Passage, Question, Turn

Array = NDArray[np.float64]

FOLDS = 5
IDK, PARAGRAPHS = "idk-mrc", 700
SEED = 20190219


@dataclass(frozen=True, slots=True)
class Sample:
    """A question with its candidates; `right` marks those that hold a gold span, `cluster` is what a fold never splits."""

    corpus: str
    cluster: str
    language: str
    answerable: bool
    asked: Question
    question: Analysis
    weights: tuple[float, ...]
    candidates: tuple[Passage, ...]  # each read together with the question
    rows: Array  # candidates x ranking features
    right: NDArray[np.bool_]


def collect(cases: Sequence[Case], corpora: Corpora, folder: Path | None = None) -> list[Sample]:
    """The questions of the cases with what is retrieved for them; those of a dialogue after the gold spans before.

    The network that ships has learned from the cases. With a folder (`evals/fit_interaction.py --folds`) each is read by one
    that has not: that of its fold.
    """
    networks = [graph.load(folder / fold_file(fold)) for fold in range(FOLDS)] if folder else []
    samples: list[Sample] = []
    for corpus in sorted({case.corpus for case in cases}):
        with _retriever(corpora.of(corpus)) as retrieve:
            for case in cases:
                if case.corpus == corpus:
                    network = networks[fold_of(case.cluster)] if networks else None
                    samples += _samples(replace(retrieve, read=partial(log_odds, network=network)), case)
    return samples


def fold_file(fold: int) -> str:
    """The name of the network that has learned from all cases but those of a fold."""
    return f"without-{fold}.onnx"


def _samples(retrieve: Retriever, case: Case) -> Iterator[Sample]:
    history: tuple[Turn, ...] = ()
    for ask in case.asks:
        if (ask.category or case.category) not in TALK:
            question = Question(question=ask.question, history=history)
            holds = partial(_holds_gold, ask)
            yield _sample(retrieve, question, case.corpus, case.cluster, case.language, ask.answerable, holds)
        said = " ".join(f"{quotation(gold.text)} [1]" for gold in ask.gold or ())
        history += (Turn(role="user", content=ask.question), Turn(role="assistant", content=said))


def collect_idk_mrc(path: Path) -> list[Sample]:
    """The questions on `PARAGRAPHS` paragraphs of IDK-MRC, drawn with `SEED`; answers at a wrong offset are left out."""
    paragraphs = json.loads(path.read_text(encoding="utf-8"))
    drawn = np.random.default_rng(SEED).permutation(len(paragraphs))[:PARAGRAPHS]
    samples = []
    with tempfile.TemporaryDirectory() as folder:
        for at in drawn:
            Path(folder, f"{at}.txt").write_text(paragraphs[at]["context"], encoding="utf-8", newline="")
        with _retriever(Path(folder)) as retrieve:
            for at in drawn:
                context, name = paragraphs[at]["context"], f"{at}.txt"
                for asked in paragraphs[at]["qas"]:
                    answer = asked["answers"][0] if not asked["is_impossible"] else None
                    start = answer["answer_start"] if answer else 0
                    end = start + len(answer["text"]) if answer else 0
                    if answer and context[start:end] != answer["text"]:
                        continue

                    def holds(passage: Passage, name: str = name, start: int = start, end: int = end) -> bool:
                        return passage.source.source_id == name and passage.start <= start < end <= passage.end

                    cluster = f"{IDK}/{at}"
                    question = Question(question=asked["question"])
                    samples.append(_sample(retrieve, question, IDK, cluster, "id", answer is not None, holds))
    return samples


@contextmanager
def _retriever(seeds: Path) -> Iterator[Retriever]:
    with tempfile.TemporaryDirectory() as data:
        assistant = build(load_settings(seeds=seeds, data=Path(data), model="embedded"))
        assistant.ingest()
        yield assistant.chain.retrieve
        assistant.live.close()


def _sample(
    retrieve: Retriever,
    asked: Question,
    corpus: str,
    cluster: str,
    language: str,
    answerable: bool,
    holds: Callable[[Passage], bool],
) -> Sample:
    question = condense(asked)
    question, weights, candidates = retrieve.candidates(question)
    rows = rank.features(question, weights, candidates)
    return Sample(
        corpus, cluster, language, answerable, asked, question, weights, tuple(candidates),
        np.array([list(row.values()) for row in rows]),
        np.array([answerable and holds(candidate) for candidate in candidates], dtype=bool),
    )  # fmt: skip


def _holds_gold(ask: Ask, passage: Passage) -> bool:
    return any(gold.source_id == passage.source.source_id and gold.text in passage.text for gold in ask.gold or ())


def fold_of(cluster: str) -> int:
    """The fold (0..`FOLDS` - 1) of a group, whatever others there are."""
    return int.from_bytes(hashlib.sha256(cluster.encode()).digest()[:8], "big") % FOLDS


def folds(samples: Sequence[Sample]) -> NDArray[np.int_]:
    """The fold of each sample; a group is in one fold."""
    return np.array([fold_of(sample.cluster) for sample in samples])
