"""The heart: the way of a question from asked to answered, as one stream of events that every interface renders.

condense -> retrieve -> answerable -> generate -> verify -> compose

A reader does the last but one three: the language model's where one is configured, and the embedded one whenever that
fails or nothing it wrote can be verified, unless a sentence has been shown.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from assistant.aio import LoopThread, at_once, has_loop
from assistant.errors import LLMUnavailable
from assistant.messages import catalogue
from assistant.steps.answerable import answerable
from assistant.steps.calibration import Calibration
from assistant.steps.compose import Composer
from assistant.steps.condense import condense
from assistant.steps.disagree import disagreement
from assistant.steps.explain import explain, fault, refusal, small_talk
from assistant.steps.read import Asked, EmbeddedReader, Finding, Reader
from assistant.steps.retrieve import Retriever
from assistant.steps.speakers import closest
from assistant.steps.suggest import follow_ups
from assistant.text.questions import Analysis
from assistant.text.smalltalk import intent
from assistant.types import (
    Answer,
    AnswerEvent,
    Check,
    Event,
    Judgement,
    ProgressEvent,
    Question,
    Retrieval,
    SourcesEvent,
    Status,
)

RELATED = 3
"""Closest passages that go with a refusal."""


class AnswerChain:
    """Answers questions from the index; `assistant.langchain.AnswerRunnable` is the same as a LangChain Runnable.

    Raises (when asked):
        QuestionError: the question cannot be worked on.
        IndexUnusable: there is no index, or it cannot be read.
    """

    def __init__(
        self, retrieve: Retriever, calibration: Calibration, *, llm: Reader | None = None, workers: int = 4
    ) -> None:
        self.retrieve = retrieve
        self._readers: tuple[Reader, ...] = (llm, EmbeddedReader()) if llm else (EmbeddedReader(),)
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
        retrieval = await self._retrieved(asked)
        clock.lap("retrieve")

        yield ProgressEvent("answerable")
        judgement = answerable(retrieval, self._calibration)
        composer = Composer({passage.source.source_id: passage.source for passage in retrieval.passages})
        about = Asked(question, retrieval, judgement, words, question.language or asked.language)
        outcome = _Outcome(judgement)
        async for event in self._read(about, composer, outcome, clock):
            yield event
        status = outcome.status(composer)
        if status == "not_in_sources":
            yield composer.say(refusal(retrieval, judgement.checks, words))
        if status != "answered":
            composer.related = composer.passages(closest(retrieval, judgement.checks)[:RELATED])
        if status == "partial" and not composer.notices:
            yield composer.notice("draft_partial", words.text("notice.draft_partial"))
        if (other := disagreement(retrieval)) and composer.cites(other):
            yield composer.notice("sources_differ", words.text("notice.sources_differ"))
        composer.follow_ups = follow_ups(question, retrieval, composer.citations, words)
        said = explain((*outcome.judgement.checks, *outcome.problems), words)
        answer = composer.answer(question, asked, words.language, status, said, clock.timings())
        yield AnswerEvent(answer, retrieval.passages, outcome.judgement.score)

    async def _retrieved(self, asked: Analysis) -> Retrieval:
        """Retrieves in a thread of the pool, so that an event loop is not held up; where none runs, at once."""
        if not has_loop():
            return self.retrieve(asked)
        return await asyncio.get_running_loop().run_in_executor(self._pool, self.retrieve, asked)

    async def _read(self, about: Asked, composer: Composer, outcome: _Outcome, clock: _Clock) -> AsyncIterator[Event]:
        """Judges, writes and verifies with one reader, and with the next one where nothing has come of it."""
        passages = about.retrieval.passages
        for reader in self._readers if passages else self._readers[-1:]:
            reading = reader.open(about)
            composer.reader, outcome.dropped, judged = reader.name, False, 0.0
            try:
                outcome.judgement = await reading.judge()
                clock.lap("answerable", verify=reading.verifying)
                judged = reading.verifying
                if outcome.judgement.status != "answered":
                    return
                if not outcome.announced:
                    yield SourcesEvent(composer.passages(passages))
                    outcome.announced = True
                for step in ("generate", "verify"):
                    yield ProgressEvent(step)
                async for found in reading.sentences():
                    outcome.add(found)
                    if found.draft is not None:
                        yield composer.add(found.draft, passages)
            except LLMUnavailable as exc:
                outcome.dropped = bool(composer.citations)
                yield composer.notice(*fault(exc, about.words, begun=outcome.dropped))
            else:
                if not composer.citations and reader is not self._readers[-1]:
                    yield composer.notice("draft_unverified", about.words.text("notice.draft_unverified"))
            finally:
                await reading.close()
                clock.lap("generate", verify=reading.verifying - judged)
                composer.spent(reading.usage)
            if composer.citations:
                return

    def invoke(self, asked: Question | str) -> Answer:
        """The whole Answer; also from within a running event loop."""
        return self.trace(asked).answer

    async def ainvoke(self, asked: Question | str) -> Answer:
        """The whole Answer."""
        return (await self._last(asked)).answer

    def trace(self, asked: Question | str) -> AnswerEvent:
        """The whole Answer with the passages and the score that it was decided by."""
        is_quoting = len(self._readers) == 1  # it waits for no server
        return at_once(self._last(asked)) if is_quoting and not has_loop() else self._loop.run(self._last(asked))

    async def _last(self, asked: Question | str) -> AnswerEvent:
        events = [each async for each in self.events(Question(question=asked) if isinstance(asked, str) else asked)]
        last = events[-1]
        assert isinstance(last, AnswerEvent)
        return last


@dataclass
class _Outcome:
    """What the readers have come to. `announced`: the sources have been shown."""

    judgement: Judgement
    problems: tuple[Check, ...] = ()
    dropped: bool = False
    announced: bool = False

    def add(self, found: Finding) -> None:
        self.problems += found.problems
        self.dropped |= found.draft is None

    def status(self, composer: Composer) -> Status:
        return "not_in_sources" if not composer.citations else "partial" if self.dropped else "answered"


class _Clock:
    """How long each step took, in milliseconds."""

    def __init__(self) -> None:
        self._begun = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, step: str, **within: float) -> None:
        """Ends a step; `within` are seconds of it that belong to other steps."""
        now = time.perf_counter()
        took = now - self._last - sum(within.values())
        for name, seconds in {step: took, **within}.items():
            self._laps[name] = self._laps.get(name, 0.0) + seconds * 1000
        self._last = now

    def timings(self) -> dict[str, float]:
        total = (time.perf_counter() - self._begun) * 1000
        return {step: round(ms, 2) for step, ms in {**self._laps, "total": total}.items()}
