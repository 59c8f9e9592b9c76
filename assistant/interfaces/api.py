"""The HTTP API: ask, sources, health. It parses requests, calls the application and renders what comes back."""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Annotated, Any

from fastapi import Body, FastAPI, Header, HTTPException, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sse_starlette import ServerSentEvent
from starlette.concurrency import run_in_threadpool

from assistant.errors import Stopping
from assistant.interfaces import examples
from assistant.interfaces.bodies import Body as JsonBody
from assistant.interfaces.bodies import Health, plain
from assistant.interfaces.described import SourceInfo, SourceList, SourceText
from assistant.interfaces.desk import Desk
from assistant.interfaces.openapi import failures
from assistant.interfaces.ports import Application
from assistant.interfaces.problems import Problem
from assistant.interfaces.record import client_of
from assistant.interfaces.streaming import EVENT_SCHEMA, compact, streamed
from assistant.messages import catalogue
from assistant.types import (
    LANGUAGE_TAG,
    MAX_QUESTION_CHARS,
    Answer,
    AnswerEvent,
    Event,
    NoticeEvent,
    ProgressEvent,
    Question,
    SentenceEvent,
    SourcesEvent,
    Turn,
)

_EVENT_STREAM = "text/event-stream"


class AskRequest(JsonBody):
    """A question."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(json_schema_extra={"minLength": 1, "maxLength": MAX_QUESTION_CHARS})  # the chain checks it
    history: tuple[Turn, ...] = Field(
        default=(), max_length=200, description="the conversation so far, oldest first: context, never evidence"
    )
    language: str | None = Field(
        default=None,
        pattern=LANGUAGE_TAG,
        max_length=35,
        description="BCP 47: of the answer's own words; identified from the question when missing",
    )
    stream: bool = Field(default=False, description="server-sent events instead of one Answer")
    explain: bool = Field(default=False, description="fills `explanation` of the Answer")
    request_id: str | None = Field(default=None, max_length=200, description="returned in the Answer")


class ExampleList(BaseModel):
    """Questions that the sources answer."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"language": "en", "questions": ["Who chaired the meeting?"]}]}
    )

    language: str = Field(description="BCP 47: of the questions; English where the one asked for has no words here")
    questions: tuple[str, ...]


def add_api(app: FastAPI, assistant: Application, desk: Desk) -> None:
    """Adds the routes of the API for an assistant."""

    @app.post(
        "/v1/ask",
        summary="Ask a question",
        response_model=Answer,
        responses={
            200: {
                "description": "The Answer, or with `stream` or `Accept: text/event-stream` the events `progress`, "
                "`sources`, `sentence`, `notice`, `answer` (last) or `error` (a Problem; last)",
                "content": {
                    "application/json": {"example": examples.ANSWER},
                    _EVENT_STREAM: {"schema": EVENT_SCHEMA, "example": examples.STREAM},
                },
            },
            **failures(400, 408, 413, 415, 422, 503, 504),
        },
    )
    async def ask(
        request: Request,
        body: Annotated[AskRequest, Body(openapi_examples=examples.ASK)],
        x_request_id: Annotated[str | None, Header(description="returned in the Answer if the body has none")] = None,
    ) -> Any:
        given = request.scope["state"]["given_request_id"] if x_request_id is not None else None
        question = Question(
            question=body.question,
            history=body.history,
            language=body.language,
            explain=body.explain,
            request_id=body.request_id if body.request_id is not None else given,
        )
        if not body.stream and _EVENT_STREAM not in request.headers.get("accept", "").lower():
            return await desk.answer(question, client_of(request), request.is_disconnected)
        await run_in_threadpool(assistant.ready)
        return await streamed(desk.events(question, client_of(request), request.is_disconnected), _events, _failed)

    @app.get("/v1/sources", summary="The sources", responses=failures("index-unusable", "index-unreachable"))
    def sources() -> SourceList:
        found = sorted(assistant.sources().values(), key=lambda source: source.source_id)
        return SourceList(sources=tuple(SourceInfo.of(source) for source in found))

    @app.get(
        "/v1/sources/{source_id:path}",
        summary="A source and its text",
        responses=failures("not-found", "index-unusable", "index-unreachable"),
    )
    def source(source_id: str) -> SourceText:
        found = assistant.sources().get(unicodedata.normalize("NFC", source_id))
        if found is None:
            raise HTTPException(404, f"there is no source {source_id}: GET /v1/sources lists them")
        return SourceText.whole(found)

    @app.get(
        "/v1/examples",
        summary="Questions to begin with",
        responses=failures("fields", "index-unusable", "index-unreachable"),
    )
    def example_questions(
        language: Annotated[str, Query(pattern=LANGUAGE_TAG, max_length=35, description="BCP 47")] = "en",
    ) -> ExampleList:
        assistant.ready()
        spoken = catalogue(language).language
        return ExampleList(language=spoken, questions=assistant.example_questions(spoken))

    @app.head("/healthz", include_in_schema=False)
    @app.get("/healthz", summary="Is the server alive?", responses=failures())
    async def healthz() -> Health:
        return Health(status="ok")

    @app.head("/readyz", include_in_schema=False)
    @app.get("/readyz", summary="Can it answer?", responses=failures("index-unusable", "index-unreachable", "stopping"))
    def readyz() -> Health:
        if desk.stopping:
            raise Stopping("the server is about to stop")
        assistant.ready()
        return Health(status="ready")


async def _events(events: AsyncIterator[Event]) -> AsyncGenerator[ServerSentEvent, None]:
    async for event in events:
        yield _rendered(event)


def _rendered(event: Event) -> ServerSentEvent:
    match event:
        case ProgressEvent(step=step):
            return _event("progress", compact({"step": step}))
        case SourcesEvent(passages=passages):
            return _event("sources", compact({"passages": [plain(p) for p in passages]}))
        case SentenceEvent(text=text, citations=citations):
            return _event("sentence", compact({"text": text, "citations": [plain(each) for each in citations]}))
        case NoticeEvent(notice=notice):
            return _event("notice", notice.model_dump_json())
        case AnswerEvent(answer=answer):
            return _event("answer", answer.model_dump_json())


def _failed(problem: Problem) -> ServerSentEvent:
    return _event("error", problem.json_text())


def _event(name: str, data: str) -> ServerSentEvent:
    return ServerSentEvent(data, event=name, sep="\n")
