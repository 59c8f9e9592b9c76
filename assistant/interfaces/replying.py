"""A question of the page, followed through the chain: each event gives the reply as it then stands."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import replace

from pydantic import ValidationError

from assistant.errors import AnswerTimeout, AssistantError, RateLimited, Refused
from assistant.interfaces.desk import Desk
from assistant.interfaces.markup import Reply
from assistant.interfaces.rates import Rates
from assistant.messages import Catalogue
from assistant.types import (
    AnswerEvent,
    Event,
    Notice,
    NoticeEvent,
    ProgressEvent,
    Question,
    SentenceEvent,
    SourcesEvent,
    Turn,
)

_log = logging.getLogger(__name__)


class Replies:
    """Asks at the desk, within the limits of each client."""

    def __init__(self, desk: Desk, rates: Rates) -> None:
        self._desk = desk
        self._rates = rates

    async def to(
        self,
        shown: Reply,
        question: str,
        history: tuple[Turn, ...],
        *,
        client: str,
        words: Catalogue,
        stop: asyncio.Event,
    ) -> AsyncGenerator[Reply, None]:
        """The states of the reply `shown`; the last one has an answer, a failure, or the notice that it was stopped."""
        try:
            await self._rates.admit(client)
            asked = Question(question=question, history=history, explain=True)
            async with aclosing(_until(stop, self._desk.events(asked, client))) as events:
                async for event in events:
                    shown = _after(shown, event, words)
                    yield shown
        except Refused as exc:
            shown = replace(shown, progress="", failure=_refusal(exc, words))
        except (AssistantError, ValidationError) as exc:
            told = str(exc) if isinstance(exc, AssistantError) else words.text("page.failed")
            shown = replace(shown, progress="", failure=told)
        except Exception:
            _log.exception("the page could not answer")
            shown = replace(shown, progress="", failure=words.text("page.failed"))
        if stop.is_set() and shown.answer is None:
            notice = Notice(code="stopped", message=words.text("page.stopped"))
            shown = replace(shown, progress="", notices=(*shown.notices, notice))
        yield shown


def _after(shown: Reply, event: Event, words: Catalogue) -> Reply:
    match event:
        case ProgressEvent(step=step):
            return replace(shown, progress=words.text(f"page.progress_{step}"))
        case SourcesEvent():
            return shown
        case SentenceEvent(text=text, citations=citations):
            return replace(shown, text=shown.text + text, citations=shown.citations + citations)
        case NoticeEvent(notice=notice):
            return replace(shown, notices=(*shown.notices, notice))
        case AnswerEvent(answer=answer):
            return Reply.whole(shown.number, answer)


def _refusal(exc: Refused, words: Catalogue) -> str:
    match exc:
        case RateLimited():
            return words.text("page.limited", seconds=exc.retry_after or 1)
        case AnswerTimeout():
            return words.text("page.late")
        case _:
            return words.text("page.busy")


async def _until(stop: asyncio.Event, events: AsyncIterator[Event]) -> AsyncGenerator[Event, None]:
    """The events until the last one or until `stop` is set, which also ends the work on the next one."""
    stopped = asyncio.ensure_future(stop.wait())
    try:
        while True:
            following = asyncio.ensure_future(_next(events))
            try:
                await asyncio.wait((stopped, following), return_when=asyncio.FIRST_COMPLETED)
            finally:
                if not following.done():
                    following.cancel()
                    await asyncio.wait((following,))
            event = None if following.cancelled() else following.result()
            if event is None or stop.is_set():
                return
            yield event
    finally:
        stopped.cancel()
        if isinstance(events, AsyncGenerator):
            await events.aclose()


async def _next(events: AsyncIterator[Event]) -> Event | None:
    return await anext(events, None)
