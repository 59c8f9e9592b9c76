"""What the interfaces need of the application, so that they depend on its shape and not on how it is built."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Protocol

from assistant.settings import Settings
from assistant.types import Answer, Event, Question, Source


class Chain(Protocol):
    """The heart (`assistant.chain.AnswerChain`).

    Raises:
        QuestionError: the question cannot be worked on.
        IndexUnusable: there is no index.
        AssistantError: otherwise.
    """

    def events(self, question: Question) -> AsyncIterator[Event]:
        """The events of one question, an AnswerEvent last."""
        ...

    async def ainvoke(self, question: Question, /) -> Answer:
        """The whole Answer."""
        ...


class Application(Protocol):
    """The assistant, put together (`assistant.app.Assistant`)."""

    @property
    def chain(self) -> Chain: ...

    @property
    def settings(self) -> Settings: ...

    def sources(self) -> Mapping[str, Source]:
        """The sources of the index in use, by id. Raises IndexUnusable."""
        ...

    def ready(self) -> None:
        """Raises IndexUnusable if no question could be answered now."""
        ...

    def example_questions(self, language: str) -> tuple[str, ...]:
        """Questions in a BCP 47 language that the sources answer."""
        ...

    def add(
        self,
        file: Path,
        name: str,
        *,
        title: str | None = None,
        date: dt.date | None = None,
        progress: Callable[[str, int, int], None] | None = None,
    ) -> Source:
        """Adds the article in a file (errors and `progress` as of `assistant.app.Assistant.add`)."""
        ...

    def remove(self, source_id: str) -> bool:
        """Removes an article that was added, and tells whether it was there (errors as of `Assistant.remove`)."""
        ...
