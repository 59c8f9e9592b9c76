"""What the interfaces need of the application, so that they depend on its shape and not on how it is built."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
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
