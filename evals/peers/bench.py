"""How fast the assistant is beside the tutorials of LangChain, LlamaIndex and Haystack, on the same embedder in one run.

    make bench    # or: PYTHONPATH=. .venv-bench/bin/python evals/peers/bench.py [--output FILE] [--plot FILE] [--quick]

Programs take turns, and swap who goes first, so that whatever else the machine does meets all alike. The tutorials write
no answer, so that every ratio is in their favour.

Exit status: 0; 1 a goal is not reached (with `--check`); 2 used wrongly; 3 could not be measured.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import answers
import overhead
import plots
import serving
import starts
import writing
from figures import NotMeasured, Part, table
from processes import SEEDS, assistant, peer, run

from assistant.errors import AssistantError
from assistant.evaluation.documents import busy, document

ROUNDS, QUESTIONS, SECONDS = 5, 200, 5.0
QUICK = 3, 120, 3.0
"""The same for a look: few rounds, whose figures say little."""

# Settings that would change what is measured.
_FOREIGN = ("ASSISTANT_", "OPENAI_", "LANGSMITH_", "LANGCHAIN_", "CHROMA_")


def main() -> int:
    parser = argparse.ArgumentParser(description="The assistant's speed beside the tutorials' programs.")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the tables there too, as Markdown")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="write a picture there, as SVG")
    parser.add_argument("--quick", action="store_true", help="a look in two minutes: few rounds")
    parser.add_argument("--check", action="store_true", help="fail where a goal is not reached")
    args = parser.parse_args()
    for name in [name for name in os.environ if name.startswith(_FOREIGN)]:
        del os.environ[name]

    parts: list[Part] = []
    before = busy()
    try:
        with tempfile.TemporaryDirectory(prefix="assistant-bench-") as folder:
            for part in _parts(Path(folder), args.plot, *(QUICK if args.quick else (ROUNDS, QUESTIONS, SECONDS))):
                print(part.markdown(), flush=True)
                parts.append(part)
    except (NotMeasured, AssistantError) as exc:
        print(f"bench: {exc}", file=sys.stderr)
        return 3

    goals = [goal for part in parts for goal in part.goals]
    text = "\n".join([_goals(parts), *(part.markdown() for part in parts)])
    print(_goals(parts))
    if args.output:
        state = f"Load averages of 1 and 5 minutes: {before} at the beginning, {busy()} at the end.\n\n"
        args.output.write_text(document("Speed", ["make", "bench"], state + text), encoding="utf-8")
    return 1 if args.check and not all(goal.is_reached for goal in goals) else 0


def _parts(folder: Path, plot: Path | None, rounds: int, questions: int, seconds: float) -> Iterator[Part]:
    ours, peers = folder / "ours", folder / "peers"
    run(assistant("ingest", ours), folder)
    run(peer("langchain_tutorial.py", "index", "--seeds", str(SEEDS), "--data", str(peers)), folder)
    asked = answers.questions()
    yield starts.ready(ours, peers, folder, rounds)
    yield starts.cold(ours, peers, folder, rounds, asked[:rounds])
    yield starts.from_nothing(folder, max(1, rounds // 2))
    new, again, times = answers.answers(ours, folder, asked[:questions])
    yield new
    yield again
    http, rates = serving.throughput(ours, folder, asked, seconds)
    yield http
    yield writing.writing(folder / "writing")
    yield overhead.overhead(ours)
    if plot:
        plots.speed(plot, times, rates, serving.CLIENTS)


def _goals(parts: list[Part]) -> str:
    rows = [goal.row() for part in parts for goal in part.goals]
    return f"## Goals\n\n{table(('', 'measured', 'goal', 'reached'), rows)}\n"


if __name__ == "__main__":
    sys.exit(main())
