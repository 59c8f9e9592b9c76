"""What the server keeps of a page: its conversation, and how that goes into the browser and comes back from it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError

from assistant.interfaces import markup
from assistant.types import Answer, Turn

MAX_TURNS = 20
"""Of the conversation that go with a question; the chain uses the last few."""
MAX_KEPT = 120_000
"""Characters of answers that the browser keeps. They come back in one request, which must stay below `guard`'s limit."""

_PATIENCE = 3  # seconds for the opening of the page to come before a question is answered without what the browser kept

_KEPT = TypeAdapter(tuple[Answer, ...])


@dataclass
class Exchange:
    """A question, its reply as shown, and the answer once it is whole."""

    number: int  # never used again within a conversation, so that the ids of its quotes are unique
    question: str
    html: str = ""
    answer: Answer | None = None


@dataclass
class Conversation:
    """The exchanges of a page; `busy` while an answer is coming, which `stop` ends."""

    exchanges: list[Exchange] = field(default_factory=list)
    begun: int = 0
    restored: int = 0
    language: str = "en"  # of the page
    busy: bool = False
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)  # what the browser kept has been taken up

    @property
    def asked(self) -> bool:
        """Whether anything was asked since the page was opened."""
        return self.begun > self.restored

    async def until_open(self) -> None:
        """Waits for the page's opening: Gradio begins what waits in its queue in no order, a question perhaps first."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                await self.opened.wait()

    def begin(self, question: str) -> Exchange:
        """A new exchange at the end."""
        self.begun += 1
        exchange = Exchange(self.begun, question)
        self.exchanges.append(exchange)
        return exchange

    def take_back(self) -> str:
        """Removes the last exchange; its question, "" if there is none."""
        return self.exchanges.pop().question if self.exchanges else ""

    def clear(self) -> None:
        """Ends the answer that is coming, and forgets all exchanges."""
        self.stop.set()
        self.stop = asyncio.Event()
        self.exchanges.clear()
        self.busy = False

    def messages(self) -> list[dict[str, str]]:
        """All of it as the chat shows it."""
        return [
            {"role": role, "content": content}
            for exchange in self.exchanges
            for role, content in (("user", markup.asked(exchange.question)), ("assistant", exchange.html))
        ]

    def history(self) -> tuple[Turn, ...]:
        """What goes with the next question."""
        turns = [
            turn
            for exchange in self.exchanges
            if exchange.answer is not None
            for turn in (
                Turn(role="user", content=exchange.question),
                Turn(role="assistant", content=exchange.answer.answer),
            )
        ]
        return tuple(turns[-MAX_TURNS:])

    def kept(self) -> list[dict[str, Any]]:
        """The newest answers, as the browser keeps them."""
        kept: list[dict[str, Any]] = []
        room = MAX_KEPT
        for exchange in reversed(self.exchanges):
            if exchange.answer is not None:
                room -= len(exchange.answer.model_dump_json())
                if room < 0:
                    break
                kept.insert(0, exchange.answer.model_dump(mode="json"))
        return kept

    def restore(self, kept: object, render: Callable[[int, Answer], str]) -> None:
        """Takes up, once, what a browser kept, before what was asked already. Of what no program of this kind kept, nothing
        is taken."""
        if self.opened.is_set():
            return
        self.opened.set()
        try:
            answers = _KEPT.validate_python(kept)
            restored = [
                Exchange(number, answer.question, render(number, answer), answer)
                for number, answer in enumerate(answers, start=self.begun + 1)
            ]
        except (ValidationError, ValueError):  # kept by another version, or written by hand
            return
        self.exchanges[:0] = restored
        self.begun += len(restored)
        self.restored = len(restored)
