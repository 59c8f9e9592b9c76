"""The heart: the way of a question from asked to answered, as one stream of events that every interface renders.

condense -> retrieve -> answerable -> generate -> verify -> compose
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

from assistant.aio import LoopThread
from assistant.messages import catalogue
from assistant.steps.answerable import answerable
from assistant.steps.calibration import Calibration
from assistant.steps.compose import Composer
from assistant.steps.condense import condense
from assistant.steps.explain import explain, refusal, small_talk
from assistant.steps.generate import generate
from assistant.steps.retrieve import Retriever
from assistant.steps.verify import verify
from assistant.text.smalltalk import intent
from assistant.types import Answer, AnswerEvent, Check, Event, ProgressEvent, Question, SourcesEvent, Status

RELATED = 3
"""Closest passages that go with a refusal."""


class AnswerChain:
    """Answers questions from the index; `assistant.langchain.AnswerRunnable` is the same as a LangChain Runnable.

    Raises (when asked):
        QuestionError: the question cannot be worked on.
        IndexUnusable: there is no index, or it cannot be read.
    """

    def __init__(self, retrieve: Retriever, calibration: Calibration, *, workers: int = 4) -> None:
        self.retrieve = retrieve
        self._calibration = calibration
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="retrieve")
        self._loop = LoopThread("answer-chain")

    async def events(self, question: Question) -> AsyncIterator[Event]:
        """The events of one question, the whole Answer last."""
        clock = _Clock()
        yield ProgressEvent("condense")
        asked = condense(question)
        words = catalogue(question.language or asked.language)
        clock.lap("condense")
        if talk := intent(asked.text, asked.language):
            composer = Composer({})
            yield composer.say(small_talk(talk, words, self.retrieve.titles() if talk == "documents" else ()))
            said = explain([Check("small_talk", "found", talk)], words)
            yield AnswerEvent(composer.answer(question, asked, words.language, "conversational", said, clock.timings()))
            return

        yield ProgressEvent("retrieve")
        retrieval = await asyncio.get_running_loop().run_in_executor(self._pool, self.retrieve, asked)
        clock.lap("retrieve")

        yield ProgressEvent("answerable")
        judgement = answerable(retrieval, self._calibration)
        checks = judgement.checks
        clock.lap("answerable")

        composer = Composer({passage.source.source_id: passage.source for passage in retrieval.passages})
        if judgement.status == "answered":
            yield SourcesEvent(composer.passages(retrieval.passages))
            yield ProgressEvent("generate")
            drafts = generate(retrieval, words)
            clock.lap("generate")
            yield ProgressEvent("verify")
            for draft in drafts:
                problems = verify(draft, composer.sources, words.language)
                if not problems:
                    yield composer.add(draft, retrieval.passages)
                checks += problems
            clock.lap("verify")
        if not composer.citations:
            yield composer.say(refusal(retrieval, words))
            composer.related = composer.passages(retrieval.passages[:RELATED])
        status: Status = "answered" if composer.citations else "not_in_sources"
        answer = composer.answer(question, asked, words.language, status, explain(checks, words), clock.timings())
        yield AnswerEvent(answer, retrieval.passages, judgement.score)

    def invoke(self, asked: Question | str) -> Answer:
        """The whole Answer; also from within a running event loop."""
        return self._loop.run(self.ainvoke(asked))

    async def ainvoke(self, asked: Question | str) -> Answer:
        """The whole Answer."""
        return (await self._last(asked)).answer

    def trace(self, asked: Question | str) -> AnswerEvent:
        """The whole Answer with the passages and the score that it was decided by."""
        return self._loop.run(self._last(asked))

    async def _last(self, asked: Question | str) -> AnswerEvent:
        async for event in self.events(Question(question=asked) if isinstance(asked, str) else asked):
            if isinstance(event, AnswerEvent):
                return event
        raise AssertionError("the chain ended without an answer")


class _Clock:
    """How long each step took, in milliseconds."""

    def __init__(self) -> None:
        self._begun = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, step: str) -> None:
        now = time.perf_counter()
        self._laps[step] = (now - self._last) * 1000
        self._last = now

    def timings(self) -> dict[str, float]:
        total = (time.perf_counter() - self._begun) * 1000
        return {step: round(ms, 2) for step, ms in {**self._laps, "total": total}.items()}
