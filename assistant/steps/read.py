"""Readers: what turns a retrieval into verified sentences. The embedded one quotes; `llm` has the one that writes."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from assistant.messages import Catalogue
from assistant.steps.generate import generate
from assistant.steps.verify import verify
from assistant.types import Check, DraftSentence, Judgement, Question, Retrieval, Usage


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader is given: `judgement` is that of the embedded evidence, `language` (BCP 47) that of the answer."""

    question: Question
    retrieval: Retrieval
    judgement: Judgement
    words: Catalogue
    language: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A verified sentence, or None for one that was dropped, and what spoke against it."""

    draft: DraftSentence | None
    problems: tuple[Check, ...] = ()


class Reading(Protocol):
    """One question being read. To be closed whatever happens.

    `usage` and `verifying` (seconds) are what it has cost so far.
    """

    @property
    def usage(self) -> Usage: ...

    @property
    def verifying(self) -> float: ...

    async def judge(self) -> Judgement:
        """Whether the passages can answer; raises LLMUnavailable."""
        ...

    def sentences(self) -> AsyncIterator[Finding]:
        """The sentences in order, as they come; raises LLMUnavailable."""
        ...

    async def close(self) -> None: ...


class Reader(Protocol):
    """`name` is what an Answer says that it was written by."""

    @property
    def name(self) -> str: ...

    def open(self, asked: Asked) -> Reading:
        """Begins to read, in a running event loop."""
        ...


class EmbeddedReader:
    """Quotes the sentences that answer; nothing leaves the machine."""

    name = "embedded"

    def open(self, asked: Asked) -> Reading:
        return _Quoting(asked)


class _Quoting:
    usage = Usage()

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self.verifying = 0.0

    async def judge(self) -> Judgement:
        return self._asked.judgement

    async def sentences(self) -> AsyncIterator[Finding]:
        sources = {p.source.source_id: p.source for p in self._asked.retrieval.passages}
        for draft in generate(self._asked.retrieval, self._asked.words):
            begun = time.perf_counter()
            problems = verify(draft, sources, self._asked.words.language)
            self.verifying += time.perf_counter() - begun
            yield Finding(None if problems else draft, problems)

    async def close(self) -> None:
        pass
