"""The assistant and the tutorials' programs on the same cases: how right, how honest, how fast.

    python evals/peers/quality.py [--cases evals/held-out] [--corpus article] [--limit N] [--output DIR] [--programs NAME ...]

Prints a Markdown table; the runs stay in the output folder for `assistant eval compare` and `report`. Start-up is a
process from nothing to its first answer, the index made on the way; the median of three.

With a language model (ASSISTANT_MODEL, OPENAI_BASE_URL) "assistant" and the tutorials write with it, "embedded" is the
assistant without it:

    python evals/peers/quality.py --programs assistant embedded langchain --output runs/model

Exit status: 0; 2 used wrongly; 3 a program, or a question by it, could not be measured: the rest is in the table.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from programs import PROGRAMS

from assistant.errors import AssistantError
from assistant.evaluation.cases import TALK, Case
from assistant.evaluation.metrics import METRICS
from assistant.evaluation.records import Run
from assistant.evaluation.runs import Corpora, find_cases, run, spread
from assistant.types import Question

ROOT = Path(__file__).resolve().parents[2]
CORPORA = Corpora(ROOT / "seeds", ROOT / "evals" / "corpora")
SHOWN = {
    "right": "answerable: right", "declined": "unanswerable: declined", "accuracy": "all: right outcome",
    "citation_precision": "citations that hold the answer", "unsupported_facts": "unsupported facts an answer",
    "latency_p50_ms": "median, ms", "latency_p95_ms": "p95, ms",
}  # fmt: skip
STARTS = 3
QUESTION = "Who chaired the meeting?"


def main() -> int:
    parser = argparse.ArgumentParser(description="The assistant beside the tutorials' programs, on the same cases.")
    parser.add_argument(
        "--cases", type=Path, default=ROOT / "evals" / "cases", help="folder or file of the cases (default evals/cases)"
    )
    parser.add_argument("--corpus", default="article", help="the corpus of the cases (default article)")
    parser.add_argument("--limit", type=int, help="only that many cases, spread over the whole")
    parser.add_argument("--output", type=Path, help="folder of the runs (default: a temporary one)")
    parser.add_argument("--programs", nargs="+", choices=PROGRAMS, metavar="NAME", help=f"of {', '.join(PROGRAMS)}")
    parser.add_argument("--once", choices=PROGRAMS, help=argparse.SUPPRESS)  # a start-up, in a process of its own
    args = parser.parse_args()
    if args.once:
        _once(args.once, CORPORA.of(args.corpus))
        return 0
    if args.limit is not None and args.limit < 1:
        parser.error("--limit must be at least 1")
    try:
        every = find_cases([args.cases], CORPORA)
    except AssistantError as exc:
        parser.error(str(exc))
    cases = [case for case in every if case.corpus == args.corpus and case.category not in TALK and len(case.asks) == 1]
    if not cases:
        parser.error(f"no cases of the corpus {args.corpus}; there are {', '.join(sorted({c.corpus for c in every}))}")
    with tempfile.TemporaryDirectory(prefix="assistant-bench-") as folder:
        names = args.programs or [name for name in PROGRAMS if name != "embedded"]
        return _measure(spread(cases, args.limit or len(cases)), args.output or Path(folder), names)


def _measure(cases: Sequence[Case], output: Path, names: Sequence[str]) -> int:
    runs: dict[str, Run] = {}
    starts: dict[str, float] = {}
    whole = True
    for name in names:
        try:
            runs[name] = run(cases, output / name, corpora=CORPORA, opener=PROGRAMS[name])
            starts[name] = start_up(name, cases[0].corpus)
        except (AssistantError, subprocess.SubprocessError) as exc:
            runs.pop(name, None)
            whole = False
            print(f"bench: {name}: {_reason(exc)}", file=sys.stderr)
            continue
        if errors := runs[name].errors:
            whole = False
            print(f"bench: {name}: {len(errors)} questions failed, the first: {errors[0][1]}", file=sys.stderr)
    print(table(runs, starts))
    return 0 if whole else 3


def _reason(exc: Exception) -> str:
    said = exc.stderr.strip().splitlines() if isinstance(exc, subprocess.CalledProcessError) else []
    return said[-1] if said else str(exc)


def start_up(name: str, corpus: str) -> float:
    """Seconds of a process from nothing to its first answer: the median of `STARTS`."""
    times = []
    for _ in range(STARTS):
        begun = time.perf_counter()
        subprocess.run(
            [sys.executable, __file__, "--once", name, "--corpus", corpus],
            check=True, capture_output=True, text=True, encoding="utf-8", timeout=300,
        )  # fmt: skip
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def table(runs: dict[str, Run], starts: dict[str, float]) -> str:
    """The programs side by side, in Markdown, with 95 % intervals where the figure is a share."""
    lines = [f"| | {' | '.join(runs)} |", f"|---|{'---|' * len(runs)}"]
    for metric, label in SHOWN.items():
        cells = []
        for each in runs.values():
            found = METRICS[metric].measure(each.records)
            if found is None:
                cells.append("–")
            elif metric.startswith("latency"):
                cells.append(f"{found.value:.0f}")
            elif metric == "unsupported_facts":
                cells.append(f"{found.value:.2f}")
            else:
                cells.append(f"{found.value:.0%} ({found.low:.0%}–{found.high:.0%})".replace("%", " %"))
        lines.append(f"| {label} | {' | '.join(cells)} |")
    lines.append(f"| start-up with an empty index, s | {' | '.join(f'{starts[name]:.1f}' for name in runs)} |")
    return "\n".join(lines)


def _once(name: str, seeds: Path) -> None:
    with tempfile.TemporaryDirectory() as data:
        program = PROGRAMS[name](seeds, Path(data))
        program.ask(Question(question=QUESTION))
        program.close()


if __name__ == "__main__":
    sys.exit(main())
