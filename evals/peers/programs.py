"""The programs that can be evaluated side by side on the same cases, by name.

A peer's framework is imported when it is opened: LlamaIndex and Haystack are only where `make bench` installs them.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from assistant.evaluation.program import Opener, Ours, Program
from assistant.models.chat import EMBEDDED


def _langchain(seeds: Path, data: Path) -> Program:
    from langchain_tutorial import open_program

    return open_program(seeds, data)


def _llamaindex(seeds: Path, data: Path) -> Program:
    from llamaindex_tutorial import open_program

    return open_program(seeds, data)


def _haystack(seeds: Path, data: Path) -> Program:
    from haystack_tutorial import open_program

    return open_program(seeds, data)


PROGRAMS: dict[str, Opener] = {
    "assistant": Ours,
    "embedded": partial(Ours, model=EMBEDDED),
    "langchain": _langchain,
    "llamaindex": _llamaindex,
    "haystack": _haystack,
}
