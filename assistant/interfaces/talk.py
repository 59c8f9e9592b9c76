"""What the server keeps of a page: its conversation, and how that goes into the browser and comes back from it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError

from assistant.interfaces import markup
from assistant.types import Answer, Turn

MAX_TURNS = 20
"""Of the conversation that go with a question; the chain uses the last few."""
MAX_KEPT = 120_000
"""Characters of answers that the browser keeps. They come back in one request, which must stay below `guard`'s limit."""

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

    @property
    def asked(self) -> bool:
        """Whether anything was asked since the page was opened."""
        return self.begun > self.restored

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
        """Takes up what a browser kept. Of what no program of this kind kept, nothing is taken."""
        try:
            answers = _KEPT.validate_python(kept)
            exchanges = [
                Exchange(number, answer.question, render(number, answer), answer)
                for number, answer in enumerate(answers, start=1)
            ]
        except (ValidationError, ValueError):  # kept by another version, or written by hand
            return
        self.exchanges = exchanges
        self.begun = self.restored = len(exchanges)
