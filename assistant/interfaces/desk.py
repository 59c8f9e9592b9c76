"""Where every question comes in: so many are worked on at once, so many wait, each for so long.

What the routes and the page have in common is here: the places, the queue, the time that an answer may take, the
metrics and the log's line of each answer, and the end of it all when the server stops.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

from assistant.errors import AnswerTimeout, AssistantError, Overloaded, Stopping
from assistant.interfaces.metrics import Metrics
from assistant.interfaces.ports import Application
from assistant.interfaces.problems import problem_of
from assistant.types import Answer, AnswerEvent, Event, Question

_log = logging.getLogger("assistant.answers")

Gone = Callable[[], Awaitable[bool]]
"""Whether the client has left."""

_SHARE = 0.1  # of the newest answer in the average time of one
_LONGEST_WAIT = 30  # seconds that `Retry-After` asks for at most


class Desk:
    """The questions of a server.

    Raises (when asked):
        Overloaded: all places are taken and the queue is full, or its wait was too long.
        Stopping: the server is about to end.
        AnswerTimeout: the answer took too long.
        AssistantError: as the chain does.
    """

    def __init__(self, assistant: Application, metrics: Metrics) -> None:
        settings = assistant.settings
        self._chain = assistant.chain
        self._metrics = metrics
        self._places = settings.concurrency
        self._queue = settings.queue
        self._seconds = settings.timeout
        self._log_questions = settings.log_questions
        self._working = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._average = 0.05
        self.stopping = False

    @property
    def working(self) -> int:
        """Questions that are being answered."""
        return self._working

    @property
    def seconds(self) -> float:
        """The time that an answer may take, its wait included."""
        return self._seconds

    def stop(self) -> None:
        """Takes no question any more, also none of those that wait; what is being answered goes on."""
        self.stopping = True
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_exception(_stopping())

    async def answer(self, question: Question, client: str = "", gone: Gone | None = None) -> Answer:
        """The whole Answer."""
        async with aclosing(self.events(question, client, gone)) as events:
            async for event in events:
                if isinstance(event, AnswerEvent):
                    return event.answer
        raise AssertionError("the chain ended without an answer")

    async def events(
        self, question: Question, client: str = "", gone: Gone | None = None
    ) -> AsyncGenerator[Event, None]:
        """The chain's events of a question; `client` is for the log.

        `gone` is asked after a wait: a client that has left, as those do that ask again, costs no work.
        """
        begun = time.perf_counter()
        deadline = asyncio.get_running_loop().time() + self._seconds
        outcome, answer = "left", None
        try:
            waited = await self._enter(deadline)
            try:
                if waited and gone is not None and await gone():
                    raise self._overloaded()
                async with aclosing(self._within(deadline, question)) as events:
                    async for event in events:
                        if isinstance(event, AnswerEvent):
                            outcome, answer = event.answer.status, event.answer
                        yield event
            finally:
                self._leave()
        except Exception as exc:
            outcome = problem_of(exc).kind.name if isinstance(exc, AssistantError) else "unexpected"
            raise
        finally:
            self._record(question, client, outcome, answer, time.perf_counter() - begun)

    async def _within(self, deadline: float, question: Question) -> AsyncGenerator[Event, None]:
        events = self._chain.events(question)
        try:
            while True:
                try:
                    # Around each step, not around all: a time-out may not strike while the generator is suspended.
                    async with asyncio.timeout_at(deadline) as limit:
                        event = await anext(events, None)
                except TimeoutError:
                    if limit.expired():
                        raise AnswerTimeout(f"the answer took longer than {self._seconds:g} s: ask again") from None
                    raise
                if event is None:
                    return
                yield event
        finally:
            if isinstance(events, AsyncGenerator):
                await events.aclose()

    async def _enter(self, deadline: float) -> bool:
        """Takes a place; whether there was a wait for it."""
        if self.stopping:
            raise _stopping()
        if self._working >= self._places:
            await self._wait(deadline)
            return True
        self._working += 1
        self._metrics.working.set(self._working)
        return False

    async def _wait(self, deadline: float) -> None:
        if len(self._waiting) >= self._queue:
            raise self._overloaded()
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        self._metrics.waiting.set(len(self._waiting))
        try:
            async with asyncio.timeout_at(deadline):
                await place
        except BaseException as exc:
            if place.done() and not place.cancelled() and place.exception() is None:
                self._leave()  # the place came at the same moment
            elif place in self._waiting:
                self._waiting.remove(place)
            if isinstance(exc, TimeoutError):
                raise self._overloaded() from None
            raise
        finally:
            self._metrics.waiting.set(len(self._waiting))

    def _leave(self) -> None:
        """Gives a place to the next that waits."""
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                return
        self._working -= 1
        self._metrics.working.set(self._working)

    def _overloaded(self) -> Overloaded:
        wait = math.ceil(self._average * (len(self._waiting) + 1) / self._places)
        return Overloaded("too many questions at once: ask again in a moment", retry_after=min(wait, _LONGEST_WAIT))

    def _record(self, question: Question, client: str, outcome: str, answer: Answer | None, seconds: float) -> None:
        if answer is None:
            self._metrics.failure(outcome)
        else:
            self._metrics.answer(answer)
            self._average += _SHARE * (seconds - self._average)
        fields: dict[str, object] = {"outcome": outcome, "client": client, "ms": round(seconds * 1000, 1)}
        if answer is not None:
            fields |= {"answer_id": answer.id, "reader": answer.reader, "language": answer.language}
        if self._log_questions:
            fields["question"] = question.question
        _log.info("answer", extra={"fields": fields})


def _stopping() -> Stopping:
    return Stopping("the server is about to stop: ask again in a moment", retry_after=1)
