"""A chat request in OpenAI's shape as a question with its history."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import ConfigDict, Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator, field_validator

from assistant.interfaces.bodies import Body
from assistant.interfaces.reply import without_tail
from assistant.types import LANGUAGE_TAG, Turn

MAX_MESSAGES = 1_000
MAX_TURNS = 50
"""Of the conversation, from its end; the chain reads fewer still. A long conversation is no error."""


class ContentPart(Body):
    """A part of a message. Only text can be read."""

    model_config = ConfigDict(extra="ignore")

    type: str = Field(examples=["text"])
    text: str | None = None


def _in_one_line(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    try:
        return validate(value)
    except ValidationError:
        raise ValueError('not a text, nor a list of parts such as {"type": "text", "text": "..."}') from None


class ChatMessage(Body):
    """A message. Those of user and assistant are read; system, developer, tool and others are accepted."""

    model_config = ConfigDict(extra="ignore")

    role: str = Field(examples=["user"])
    content: Annotated[str | list[ContentPart] | None, WrapValidator(_in_one_line)] = None

    @property
    def text(self) -> str:
        """The text of the content."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.text is not None)
        return self.content or ""

    @property
    def unreadable(self) -> str | None:
        """The type of a part that is no text."""
        parts = self.content if isinstance(self.content, list) else []
        return next((part.type for part in parts if part.type not in ("text", "input_text", "refusal")), None)


class StreamOptions(Body):
    """What a stream holds beside the answer."""

    model_config = ConfigDict(extra="ignore")

    include_usage: bool | None = None


class ChatRequest(Body):
    """OpenAI's request for a chat completion. Fields that are not listed are accepted and change nothing."""

    model_config = ConfigDict(extra="ignore")

    model: str | None = Field(default=None, description="any: there is one, and the response names it")
    messages: list[ChatMessage] = Field(min_length=1, max_length=MAX_MESSAGES, description="the last user message asks")
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    language: str | None = Field(
        default=None,
        pattern=LANGUAGE_TAG,
        max_length=35,
        description="BCP 47: of the answer's own words; identified from the question when missing",
    )

    @field_validator("messages")
    @classmethod
    def _ask(cls, messages: list[ChatMessage]) -> list[ChatMessage]:
        asking = next((message for message in reversed(messages) if message.role == "user"), None)
        if asking is None:
            raise ValueError("no message has the role user, so nothing is asked")
        if asking.unreadable is not None:
            kind = re.sub(r"[^\w.-]", "", asking.unreadable)[:40]
            raise ValueError(f"the question has a part of type {kind}; only text can be read")
        return messages


def conversation(request: ChatRequest) -> tuple[str, tuple[Turn, ...]]:
    """The question and what was said before it, without the source lists that earlier answers ended with."""
    place = max(place for place, message in enumerate(request.messages) if message.role == "user")
    turns = []
    for message in request.messages[:place]:
        if message.role == "user" and message.text.strip():
            turns.append(Turn(role="user", content=message.text))
        elif message.role == "assistant" and message.text.strip():
            turns.append(Turn(role="assistant", content=without_tail(message.text)))
    return request.messages[place].text, tuple(turns[-MAX_TURNS:])
