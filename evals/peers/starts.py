"""How soon: a page that is ready, and the first answer of a command."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median

from figures import Goal, Part, Times, in_turn, of_pairs
from processes import SEEDS, assistant, free_port, of_children, peer, run, serving

READY_LIMIT = COLD_LIMIT = 0.8
"""The project's goals, as shares of the time that the other program takes."""

NAMES = ("assistant", "langchain", "llamaindex", "haystack")


def ready(ours: Path, peers: Path, folder: Path, rounds: int) -> Part:
    """From the start of a process to its page."""

    commands = {
        "assistant serve": lambda port: assistant("serve", ours, "--port", port),
        "gr.ChatInterface": lambda port: peer("plain_page.py", str(peers), port),
    }
    times: Times = {name: [] for name in commands}
    processor: Times = {name: [] for name in commands}
    for number in range(rounds):
        for name in list(commands)[:: 1 if number % 2 else -1]:
            port, before = free_port(), of_children()
            with serving(commands[name](str(port)), port, folder) as took:
                times[name].append(took)
            processor[name].append((of_children() - before) * 1000)
    ratio = of_pairs(processor["assistant serve"], processor["gr.ChatInterface"])
    return Part(
        "Start-up to the page",
        "Seconds from the start of a process to the page being served, with an index that is there. Beside a plain "
        f"`gr.ChatInterface` over the retrieval of LangChain's tutorial; {rounds} pairs. {_PROCESSOR}",
        _HEADER,
        _rows(times, processor),
        (Goal("start-up to the page, by a plain gr.ChatInterface's", ratio, READY_LIMIT),),
    )


def cold(ours: Path, peers: Path, folder: Path, rounds: int, questions: list[str]) -> Part:
    """A question asked of a new process, with an index that is there."""
    programs = {
        "assistant ask": lambda question: run([*assistant("ask", ours), question], folder),
        "LangChain": lambda question: run(peer("langchain_tutorial.py", "ask", "--data", str(peers), question), folder),
    }
    asked = [questions[at % len(questions)] for at in range(rounds)]
    in_turn(programs, asked[:1])  # warms the disk's cache
    times, processor = in_turn(programs, asked, time.perf_counter, of_children)
    ratio = of_pairs(processor["assistant ask"], processor["LangChain"])
    return Part(
        "A command from its start to its end",
        "Seconds of a whole process that is asked one question, with an index that is there: a verified answer, and "
        f"the passages that LangChain's tutorial finds. {rounds} pairs. {_PROCESSOR}",
        _HEADER,
        _rows(times, processor),
        (Goal("cold `assistant ask`, by LangChain's cold retrieval", ratio, COLD_LIMIT),),
    )


def from_nothing(folder: Path, rounds: int) -> Part:
    """The first answer where there is no index yet."""
    programs = {name: lambda _, name=name: run(peer("quality.py", "--once", name), folder) for name in NAMES}
    times, processor = in_turn(programs, range(rounds), time.perf_counter, of_children)
    return Part(
        "From nothing to the first answer",
        f"Seconds of a process that indexes `{SEEDS.name}/` and answers one question; {rounds} rounds. A tutorial "
        "without a model answers with the passages found.",
        _HEADER,
        _rows(times, processor),
    )


_HEADER = ("s", "least", "median", "processor, least", "processor, median")
_PROCESSOR = "The goal compares the processor's time of pairs, which other programs disturb least."


def _rows(times: Times, processor: Times) -> list[tuple[str, ...]]:
    return [
        (name, *(f"{kind(each) / 1000:.2f}" for each in (times[name], processor[name]) for kind in (min, median)))
        for name in times
    ]
