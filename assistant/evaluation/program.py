"""What can be evaluated: anything that answers a question about a folder of sources with an Answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from assistant.app import Assistant, build
from assistant.settings import load_settings
from assistant.types import Answer, Question, Span


@dataclass(frozen=True, slots=True)
class Reply:
    """An Answer with what it was decided by.

    `retrieved` are the places that were found, best first, () where nothing was looked up; `score` is comparable within
    one program only, higher where it is surer that the sources answer, None where the program has no such score.
    """

    answer: Answer
    retrieved: tuple[Span, ...] = ()
    score: float | None = None


class Program(Protocol):
    """A program under evaluation, opened on one corpus; `ask` is called from several threads where the run says so."""

    def ask(self, question: Question) -> Reply:
        """The answer to a question and its history; raises whatever goes wrong, which is recorded as an error."""

    def about(self) -> Mapping[str, str]:
        """What fixes the outcome: versions, model, snapshot, prompts, weights..., by name."""

    def close(self) -> None:
        """Lets go of what `Opener` opened."""


Opener = Callable[[Path, Path], Program]
"""Opens a program on a folder of sources (first) with its own data in an empty or earlier used folder (second)."""


class Ours:
    """The assistant itself, as its settings have it, or with another `model` than theirs."""

    def __init__(self, seeds: Path, data: Path, model: str | None = None) -> None:
        given = {} if model is None else {"model": model}
        self._assistant: Assistant = build(load_settings(seeds=seeds, data=data, **given))
        self._assistant.ingest()

    def ask(self, question: Question) -> Reply:
        traced = self._assistant.chain.trace(question)
        return Reply(traced.answer, tuple(passage.span for passage in traced.retrieved), traced.score)

    def about(self) -> Mapping[str, str]:
        sources = self._assistant.sources()
        return {
            "program": f"meeting-assistant {version('meeting-assistant')}",
            "code": code_fingerprint(),
            "reader": self._assistant.settings.model,
            "embeddings": self._assistant.embedder,
            "sources": _digest(f"{name} {source.sha256}".encode() for name, source in sorted(sources.items())),
        }

    def close(self) -> None:
        self._assistant.live.close()


def code_fingerprint() -> str:
    """The same for the same code, weights, words and prompts, whatever the version says: interfaces and evaluation aside."""
    package = Path(__file__).parents[1]
    files = sorted(
        path
        for path in package.rglob("*")
        if path.is_file()
        and path.suffix in (".py", ".json", ".toml", ".tsv", ".md")
        and path.relative_to(package).parts[0] not in ("interfaces", "evaluation")
    )
    return _digest(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes() for path in files)


def _digest(parts: Iterable[bytes]) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(hashlib.sha256(part).digest())
    return found.hexdigest()[:16]
