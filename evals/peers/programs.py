"""The programs that can be evaluated side by side on the same cases, by name.

A peer's framework is imported when it is opened: LlamaIndex and Haystack are only where `make bench` installs them.
"""

from __future__ import annotations

from pathlib import Path

from assistant.evaluation.program import Opener, Ours, Program


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
    "langchain": _langchain,
    "llamaindex": _llamaindex,
    "haystack": _haystack,
}
