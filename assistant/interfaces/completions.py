"""The OpenAI-compatible routes: chat completions, plain and streaming, and the list of models, which has one."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Annotated, Any

from fastapi import Body, FastAPI, Request
from sse_starlette import ServerSentEvent
from starlette.concurrency import run_in_threadpool

from assistant.errors import AssistantError
from assistant.interfaces import examples
from assistant.interfaces.chat_request import ChatRequest, conversation
from assistant.interfaces.desk import Desk
from assistant.interfaces.openapi import failures
from assistant.interfaces.ports import Application
from assistant.interfaces.problems import OpenAIError, Problem
from assistant.interfaces.record import client_of
from assistant.interfaces.reply import ChatReply
from assistant.interfaces.streaming import EVENT_SCHEMA, compact, streamed
from assistant.types import Answer, AnswerEvent, Event, Question, SentenceEvent, Source

MODEL = "meeting-assistant"
_CREATED = 1_790_000_000  # of the model, which OpenAI's clients want to know: any time will do


def add_completions(app: FastAPI, assistant: Application, desk: Desk) -> None:
    """Adds OpenAI's routes for an assistant."""

    @app.post(
        "/v1/chat/completions",
        summary="Ask as OpenAI's clients do",
        description="The last user message is the question, the messages before it are the conversation. System "
        "messages, sampling parameters, tools and unknown fields are accepted and change nothing.",
        response_model=None,
        responses={
            200: {
                "description": "A chat completion, or with `stream` its chunks and `data: [DONE]`; what goes wrong in "
                'the middle of a stream is its last event, `data: {"error": {...}}`',
                "content": {
                    "application/json": {"schema": {"type": "object"}, "example": examples.COMPLETION},
                    "text/event-stream": {"schema": EVENT_SCHEMA, "example": examples.CHUNKS},
                },
            },
            **failures(400, 408, 413, 415, 503, 504, openai=True),
        },
    )
    async def complete(request: Request, body: Annotated[ChatRequest, Body(openapi_examples=examples.CHAT)]) -> Any:
        asked, history = conversation(body)
        question = Question(
            question=asked,
            history=history,
            language=body.language,
            request_id=request.scope["state"]["given_request_id"],
        )
        completion = _Completion(assistant, str(request.base_url))
        if not body.stream:
            return completion.whole(await desk.answer(question, client_of(request), request.is_disconnected))
        await run_in_threadpool(assistant.ready)
        options = body.stream_options
        usage = bool(options and options.include_usage)

        def render(events: AsyncIterator[Event]) -> AsyncGenerator[ServerSentEvent, None]:
            return completion.chunks(events, usage=usage)

        return await streamed(desk.events(question, client_of(request), request.is_disconnected), render, _failed)

    @app.get(
        "/v1/models",
        summary="The model, as OpenAI's clients ask for it",
        responses={200: {"content": {"application/json": {"example": examples.MODELS}}}, **failures(openai=True)},
    )
    async def models() -> dict[str, Any]:
        return {"object": "list", "data": [_model()]}

    @app.get(
        "/v1/models/{model:path}",
        summary="One model",
        responses={
            200: {"content": {"application/json": {"example": examples.MODELS["data"][0]}}},
            **failures("model", openai=True),
        },
    )
    async def model(request: Request, model: str) -> Any:
        if model != MODEL:
            return Problem.of("model", f"there is no such model: GET /v1/models lists {MODEL}").response(
                scope=request.scope
            )
        return _model()


def _model() -> dict[str, Any]:
    return {"id": MODEL, "object": "model", "created": _CREATED, "owned_by": MODEL}


class _Completion:
    """One chat completion, whole or in chunks."""

    def __init__(self, assistant: Application, base_url: str) -> None:
        self._assistant = assistant
        self._base_url = base_url
        self._id = f"chatcmpl-{uuid.uuid4().hex}"
        self._created = int(time.time())

    def whole(self, answer: Answer) -> dict[str, Any]:
        reply = self._reply(answer)
        message = {"role": "assistant", "content": reply.content, "refusal": None, **reply.evidence()}
        return {
            **self._head("chat.completion"),
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
            "usage": reply.usage(),
        }

    async def chunks(self, events: AsyncIterator[Event], *, usage: bool) -> AsyncGenerator[ServerSentEvent, None]:
        """The role, the verified sentences, the sources, the end, and with `usage` what it took."""
        last: dict[str, Any] = {"usage": None} if usage else {}
        yield self._chunk({"role": "assistant", "content": ""}, **last)
        async for event in events:
            if isinstance(event, SentenceEvent):
                yield self._chunk({"content": event.text}, **last)
            elif isinstance(event, AnswerEvent):
                reply = self._reply(event.answer)
                yield self._chunk({"content": reply.tail, **reply.evidence()}, **last)
                yield self._chunk({}, finish="stop", **last)
                if usage:
                    head = self._head("chat.completion.chunk")
                    yield _data(compact({**head, "choices": [], "usage": reply.usage()}))
        yield _data("[DONE]")

    def _reply(self, answer: Answer) -> ChatReply:
        return ChatReply(answer, self._sources(), self._base_url)

    def _sources(self) -> dict[str, Source]:
        try:
            return dict(self._assistant.sources())
        except AssistantError:  # the index went away meanwhile: the citations then lead to this server
            return {}

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": self._id, "object": kind, "created": self._created, "model": MODEL}

    def _chunk(self, delta: dict[str, Any], *, finish: str | None = None, **more: Any) -> ServerSentEvent:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _data(compact({**self._head("chat.completion.chunk"), "choices": [choice], **more}))


def _failed(problem: Problem) -> ServerSentEvent:
    told: OpenAIError = problem.openai()
    return _data(told.model_dump_json())


def _data(text: str) -> ServerSentEvent:
    return ServerSentEvent(text, sep="\n")
